//! `entente why`, `entente send`, and what answers an act

use crate::{
    snapshot::{assert_same, settled},
    world::{World, alone, entente, unheard, world},
};

/// A world of its own in which one fact was given.
fn with_a_fact_given() -> World {
    let world = alone();
    let trend = entente(
        world.path(),
        &["draft", "strategic_information", "--dir", "be"],
        include_str!("strategic.answers"),
    );
    world.does(&["send", trend.out.trim(), "--dir", "be"]);
    world
}

fn draft(name: &str, change: impl Fn(String) -> String) -> String {
    let world = world();
    let written = std::fs::read_to_string(world.path().join("request.toml")).unwrap();
    std::fs::write(world.path().join(name), change(written)).unwrap();
    name.to_owned()
}

#[test]
fn why_says_what_may_cross_and_under_which_article() {
    let world = world();
    let permitted = draft("permitted.toml", |text| text.replace("000417", "000900"));
    let left = world.run(&["why", &permitted, "--dir", "be"]);
    assert_same("why-permitted.txt", &left.text());
}

#[test]
fn why_says_what_would_make_it_permitted_in_the_officers_language() {
    let world = world();
    let refused = draft("unlisted.toml", |text| {
        text.replace("000417", "000901")
            .replace("structured_group = true", "structured_group = false")
    });
    for language in ["en", "fr", "nl", "ar"] {
        let left = world.run(&["why", &refused, "--dir", "be", "--language", language]);
        assert_same(&format!("why-refused-{language}.txt"), &left.text());
    }
}

#[test]
fn a_refusal_at_our_own_desk_leaves_nothing_and_ends_with_one() {
    let world = world();
    let fishing = draft("fishing.toml", |text| {
        text.replace("000417", "000902").replace(
            "subject_defined_by_group = false",
            "subject_defined_by_group = true",
        )
    });
    let left = world.run(&["send", &fishing, "--dir", "be"]);
    assert_same("send-refused.txt", &left.text());
    assert_eq!(left.code, 1);
    let json = world.run(&["send", &fishing, "--dir", "be", "--json"]);
    assert_same("send-refused.json", &settled(&json.out, world.path()));
}

#[test]
fn what_an_answer_takes_from_the_act_it_answers_is_not_asked() {
    let world = world();
    let arguments = [
        "refuse",
        "BE-2026-000417/1",
        "--dir",
        "ma",
        "--set",
        "refusal_ground=not_held",
        "--set",
        "scope=q2",
        "--draft",
        "refusal.toml",
    ];
    let left = entente(world.path(), &arguments, "fr\n.\n");
    assert_same("refuse-draft.txt", &settled(&left.text(), world.path()));
    let written = std::fs::read_to_string(world.path().join("refusal.toml")).unwrap();
    let written: Vec<&str> = written
        .lines()
        .filter(|line| !line.starts_with('#'))
        .collect();
    assert_same("refuse-draft.toml", &(written.join("\n") + "\n"));
}

#[test]
fn without_a_node_the_command_says_how_to_start_one() {
    let dir = tempfile::tempdir().unwrap();
    let nowhere = entente(dir.path(), &["outbox"], "");
    let memorandum = crate::world::shipped().display().to_string();
    entente(
        dir.path(),
        &["init", "be", "--party", "be", "--memorandum", &memorandum],
        "",
    );
    let stopped = entente(dir.path(), &["outbox", "--dir", "be"], "");
    let unsigned = entente(dir.path(), &["serve", "--dir", "be"], "");
    let all = [nowhere.text(), stopped.text(), unsigned.text()].concat();
    assert_same("no-node.txt", &settled(&all, dir.path()));
}

#[test]
fn a_draft_that_was_sent_is_not_sent_twice_whatever_its_comments() {
    let world = world();
    let commented = draft("commented.toml", |text| format!("# once more\n{text}"));
    let again = world.run(&["send", &commented, "--dir", "be"]);
    assert_same("send-twice.txt", &settled(&again.text(), world.path()));
    assert_eq!(again.code, 1);
}

#[test]
fn what_is_held_until_the_partner_is_heard_is_seen_and_not_doubled() {
    let world = unheard();
    world.drafts_a_request();
    let sent = world.run(&["send", "request.toml", "--dir", "be"]);
    let outbox = world.run(&["outbox", "--dir", "be"]);
    let twice = world.run(&["send", "request.toml", "--dir", "be"]);
    let all = [sent.text(), outbox.text(), twice.text()].concat();
    assert_same("send-held.txt", &settled(&all, world.path()));
    let doctor = world.does(&["doctor", "--dir", "be"]);
    assert!(
        doctor.contains("1 acts are held: nothing is signed before the partner"),
        "{doctor}"
    );
    let meant = world.run(&["send", "request.toml", "--dir", "be", "--again"]);
    assert_eq!(meant.code, 0, "{}", meant.text());
    let outbox = world.does(&["outbox", "--dir", "be", "--state", "held"]);
    assert_eq!(outbox.matches("held").count(), 2, "{outbox}");
}

#[test]
fn a_recall_names_facts_that_there_are_and_is_shown_before_it_is_sent() {
    let world = with_a_fact_given();
    let none = world.run(&["recall", "BE-2026-000417/1", "--dir", "be"]);
    let recall = ["recall", "BE-2026-000001/1", "--dir", "be"];
    let nothing = entente(world.path(), &recall, "ma_dgsn\nfr\nf9\n");
    let set = world.run(&[&recall[..], &["--set", "facts_concerned=f9"]].concat());
    let declined = entente(world.path(), &recall, "ma_dgsn\nfr\nf1\nperhaps\nno\n");
    let all = [none.text(), nothing.text(), set.text(), declined.text()].concat();
    assert_same("recall-nothing.txt", &settled(&all, world.path()));
    // A draft that was edited by hand does not get past the node either.
    let path = declined.out.trim();
    let written = std::fs::read_to_string(world.path().join(path)).unwrap();
    std::fs::write(world.path().join(path), written.replace("f1", "f9")).unwrap();
    for command in ["why", "send"] {
        let left = world.run(&[command, path, "--dir", "be"]);
        assert_eq!(left.code, 2, "{}", left.text());
        assert!(left.err.contains("these are there: f1"), "{}", left.text());
    }
    assert!(!world.does(&["outbox", "--dir", "be"]).contains("Recall"));
}

#[test]
fn what_is_set_wrongly_is_told_before_anything_is_asked() {
    let world = world();
    let mut all = String::new();
    for set in ["foo=bar", "refusal_ground=becuase", "bulk"] {
        let left = world.run(&[
            "refuse",
            "BE-2026-000417/1",
            "--dir",
            "ma",
            "--set",
            set,
            "--draft",
            "never.toml",
        ]);
        assert_eq!(left.code, 2, "{}", left.text());
        all.push_str(&left.text());
    }
    assert_same("set-wrongly.txt", &all);
    assert!(!world.path().join("never.toml").exists());
}

#[test]
fn whoever_is_not_competent_is_told_who_is() {
    let world = world();
    let foreign = draft("foreign.toml", |text| {
        text.replace("000417", "000907")
            .replace("area = \"organised_crime\"", "area = \"migration_flows\"")
    });
    let left = world.run(&["why", &foreign, "--dir", "be"]);
    assert_same("why-not-competent.txt", &left.text());
    let undeclared = draft("undeclared.toml", |text| {
        text.replace("000417", "000908")
            .replace("bulk = false\n", "")
    });
    let left = world.run(&["why", &undeclared, "--dir", "be"]);
    assert_same("why-undeclared.txt", &left.text());
}

#[test]
fn what_is_misused_says_so_in_words_for_a_person() {
    let world = world();
    std::fs::write(world.path().join("no-draft.txt"), "Dear colleague,\n").unwrap();
    let asked: [&[&str]; 9] = [
        &["outbox", "--dir", "be", "--as", "nobody"],
        &["draft", "--dir", "be", "--as", "nobody"],
        &["inbox", "--dir", "be", "--language", "de"],
        &["why", "no-draft.txt", "--dir", "be"],
        &["case", "BE-2026-999998", "--dir", "be"],
        &[
            "memorandum",
            "sign",
            "--dir",
            "ma",
            "--with",
            "be/introduction.note",
        ],
        &["memorandum", "check", "--dir", "nowhere"],
        &["outbox", "--dir", "be", "--sate", "held", "--json"],
        &[
            "take",
            "BE-2026-999998",
            "--deputy",
            "officer_1",
            "--as",
            "officer_2",
            "--dir",
            "be",
        ],
    ];
    let mut all = String::new();
    for arguments in asked {
        let left = world.run(arguments);
        assert_eq!(left.code, 2, "{arguments:?}\n{}", left.text());
        all.push_str(&left.text());
    }
    assert_same("misused.txt", &settled(&all, world.path()));
}

#[test]
fn what_answers_no_such_act_is_told_which_acts_would() {
    let world = world();
    let left = world.run(&["ack", "BE-2026-000417/1", "--dir", "ma"]);
    assert_eq!(left.code, 2, "{}", left.text());
    assert!(left.text().contains("these do: "), "{}", left.text());
    assert!(left.text().contains("information_reply"), "{}", left.text());
}
