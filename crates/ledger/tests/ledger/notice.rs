//! Introductions, key notices and the phrase.

use entente_ledger::Introduction;
use entente_ledger::note::NoteFault;
use entente_ledger::notice::introduction::Address;
use entente_ledger::notice::{KeyNotice, KeyRing, KeyUse, NoticeFault, Use, phrase};

use crate::party::{Party, at, memorandum};

#[test]
fn an_introduction_is_read_from_its_file_and_gives_the_keys_of_the_log() {
    let (aurelia, borealis) = (Party::aurelia(), Party::borealis());
    let introduction = aurelia.introduction();
    let file = aurelia.sign_text(&introduction.text()).to_string();
    let read = Introduction::verify(&file).unwrap();
    assert_eq!(read, introduction);
    assert_eq!(read.log_keys(&borealis.id), aurelia.keys_for(&borealis));
    assert_eq!(read.issued(), at(0));
}

#[test]
fn an_introduction_needs_both_lines_of_the_identity_that_it_states() {
    let (aurelia, borealis) = (Party::aurelia(), Party::borealis());
    let text = aurelia.introduction().text();
    let by_another = borealis.sign_text(&text).to_string();
    assert_eq!(
        Introduction::verify(&by_another),
        Err(NoticeFault::Note(NoteFault::Unsigned(
            "entente/aurelia".into()
        )))
    );
    let file = aurelia.sign_text(&text).to_string();
    let one_line = &file[..file.trim_end().rfind('\n').unwrap() + 1];
    assert!(Introduction::verify(one_line).is_err());
}

#[test]
fn every_line_of_an_introduction_is_in_its_place_or_it_is_refused() {
    let aurelia = Party::aurelia();
    let text = aurelia.introduction().text();
    let lines: Vec<&str> = text.lines().collect();
    let read = |lines: &[&str]| format!("{}\n", lines.join("\n")).parse::<Introduction>();
    assert!(read(&lines).is_ok());
    assert!(text.trim_end().parse::<Introduction>().is_err());
    for left_out in 0..lines.len() {
        let mut fewer = lines.clone();
        fewer.remove(left_out);
        assert!(read(&fewer).is_err(), "without `{}`", lines[left_out]);
    }
    let more = [lines.clone(), vec!["more yes"]].concat();
    assert_eq!(read(&more), Err(NoticeFault::More));
    let wrong = [
        ("party aurelia", "party Aurelia", "party"),
        ("party aurelia", "party borealis", "identity-ed25519"),
        ("demo no", "demo maybe", "demo"),
        (":7443", ":07443", "address"),
        (":7443", ":70000", "address"),
        ("seal age1pq1", "seal age1", "seal"),
        ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00.0Z", "issued"),
        (
            "2026-01-01T00:00:00Z",
            "2026-01-01T01:00:00+01:00",
            "issued",
        ),
        ("transport 07", "transport 0G", "transport"),
    ];
    for (right, other, line) in wrong {
        let text = text.replace(right, other);
        assert_eq!(
            text.parse::<Introduction>(),
            Err(NoticeFault::Line(line)),
            "{other}"
        );
    }
}

#[test]
fn an_address_is_a_host_and_a_port() {
    for right in ["a:1", "node.example:65535", "[::1]:7443", "127.0.0.1:1"] {
        assert!(right.parse::<Address>().is_ok(), "{right}");
    }
    for wrong in [
        "",
        "a",
        "a:",
        ":1",
        "a b:1",
        "a:65536",
        "[::1:1",
        "a:+1",
        "http://a:1",
    ] {
        assert!(wrong.parse::<Address>().is_err(), "{wrong}");
    }
}

#[test]
fn both_sides_compute_one_phrase_of_sixteen_words_and_any_change_gives_another() {
    let one = Party::aurelia().introduction().text();
    let other = Party::borealis().introduction().text();
    let spoken = phrase(&one, &other);
    assert_eq!(spoken, phrase(&other, &one));
    assert_eq!(spoken.split(' ').count(), 16);
    assert_ne!(spoken, phrase(&one, &other.replace("demo no", "demo yes")));
    assert_eq!(
        phrase("a", "b"),
        "jupiter barrel yoga estate fiction mirror gymnast domino bison ivory needle python \
         alfa engine crystal museum"
    );
}

#[test]
fn the_words_are_256_short_and_far_apart() {
    let words: Vec<&str> = include_str!("../../src/notice/words.txt").lines().collect();
    assert_eq!(words.len(), 256);
    for (place, word) in words.iter().enumerate() {
        assert!(
            (3..=8).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_lowercase())
        );
        for other in &words[place + 1..] {
            assert!(word < other && distance(word, other) > 2, "{word} {other}");
        }
    }
}

/// How many letters must be changed, added or taken away to make one word of the other.
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (line, a) in one.bytes().enumerate() {
        let mut next = vec![line + 1];
        for (place, b) in other.bytes().enumerate() {
            let change = row[place] + usize::from(a != b);
            next.push(change.min(row[place + 1] + 1).min(next[place] + 1));
        }
        row = next;
    }
    row[other.len()]
}

fn notice(key: KeyUse) -> KeyNotice {
    let who = (Party::aurelia().id, memorandum(), 2);
    KeyNotice::new(who, key, (at(10), at(20)), at(1)).unwrap()
}

#[test]
fn a_key_notice_is_read_again_for_each_use() {
    let aurelia = Party::aurelia();
    let keys = aurelia.keys_for(&Party::borealis());
    let uses = [
        KeyUse::Log {
            ed25519: keys.ed25519().clone(),
            ml_dsa_44: keys.ml_dsa_44().clone(),
        },
        KeyUse::Seal("age1pq1example".into()),
        KeyUse::Transport([3; 32]),
    ];
    for key in uses {
        let notice = notice(key);
        let file = aurelia.sign_text(&notice.text()).to_string();
        let read = KeyNotice::verify(&file, &aurelia.identity_keys()).unwrap();
        assert_eq!(read, notice);
        assert!(!read.is_valid_at(at(9)) && read.is_valid_at(at(10)));
        assert!(read.is_valid_at(at(19)) && !read.is_valid_at(at(20)));
    }
}

#[test]
fn a_key_notice_of_another_party_or_with_a_validity_that_ends_first_is_refused() {
    let borealis = Party::borealis();
    let text = notice(KeyUse::Transport([3; 32])).text();
    let file = borealis.sign_text(&text).to_string();
    assert_eq!(
        KeyNotice::verify(&file, &borealis.identity_keys()),
        Err(NoticeFault::Foreign("aurelia".into()))
    );
    let who = (Party::aurelia().id, memorandum(), 2);
    let backwards = KeyNotice::new(who, KeyUse::Transport([3; 32]), (at(20), at(10)), at(1));
    assert_eq!(backwards, Err(NoticeFault::Validity));
}

fn numbered(number: u64, key: KeyUse, from: i64, until: i64) -> String {
    let who = (Party::aurelia().id, memorandum(), number);
    let notice = KeyNotice::new(who, key, (at(from), at(until)), at(1)).unwrap();
    Party::aurelia().sign_text(&notice.text()).to_string()
}

#[test]
fn a_ring_says_which_key_serves_when() {
    let mut ring = KeyRing::of(&Party::aurelia().introduction());
    let (old, new) = ([7; 32], [8; 32]);
    assert!(ring.knows_transport(&old, at(1_000_000)));
    let first = numbered(1, KeyUse::Transport(new), 10, 100);
    assert_eq!(ring.learn(&first), Ok(true));
    let second = numbered(2, KeyUse::Transport(old), 0, 20);
    assert_eq!(ring.learn(&second), Ok(true));
    assert!(ring.knows_transport(&old, at(19)) && !ring.knows_transport(&old, at(20)));
    assert!(!ring.knows_transport(&new, at(9)) && ring.knows_transport(&new, at(99)));
    let serving = ring.serving(Use::Transport, at(15));
    assert_eq!(serving[0].key, KeyUse::Transport(new));
    assert_eq!(serving.len(), 2);
}

#[test]
fn a_notice_held_already_changes_nothing_and_another_number_than_the_next_is_refused() {
    let mut ring = KeyRing::of(&Party::aurelia().introduction());
    let first = numbered(1, KeyUse::Transport([8; 32]), 10, 100);
    let number = |stated, next| Err(NoticeFault::Number { stated, next });
    let second = numbered(2, KeyUse::Transport([8; 32]), 10, 50);
    assert_eq!(ring.learn(&second), number(2, 1));
    assert_eq!(ring.learn(&first), Ok(true));
    assert_eq!(ring.learn(&second), Ok(true));
    let before = ring.clone();
    assert_eq!(ring.learn(&first), Ok(false));
    let lower = numbered(1, KeyUse::Transport([9; 32]), 10, 100);
    assert_eq!(ring.learn(&lower), number(1, 3));
    assert_eq!(ring, before);
}

#[test]
fn a_ring_refuses_a_notice_of_a_stranger_and_one_of_another_party() {
    let mut ring = KeyRing::of(&Party::borealis().introduction());
    let theirs = numbered(1, KeyUse::Transport([8; 32]), 10, 100);
    assert!(matches!(ring.learn(&theirs), Err(NoticeFault::Note(_))));
    let mut ring = KeyRing::of(&Party::aurelia().introduction());
    let who = (Party::aurelia().id, memorandum(), 1);
    let text = KeyNotice::new(who, KeyUse::Transport([8; 32]), (at(1), at(9)), at(1)).unwrap();
    let forged = Party::borealis().sign_text(&text.text()).to_string();
    assert!(matches!(ring.learn(&forged), Err(NoticeFault::Note(_))));
    let elsewhere = (Party::aurelia().id, "other_memorandum".parse().unwrap(), 1);
    let notice = KeyNotice::new(elsewhere, KeyUse::Transport([8; 32]), (at(1), at(9)), at(1));
    let note = Party::aurelia().sign_text(&notice.unwrap().text());
    let refused = ring.learn(&note.to_string());
    assert!(matches!(refused, Err(NoticeFault::Foreign(_))));
}
