//! Signed notes: the examples of the specification, strictness, and heads.

use entente_ledger::head::HeadFault;
use entente_ledger::key::BadKey;
use entente_ledger::note::NoteFault;
use entente_ledger::{
    Cosignature, Frontier, Head, KeyKind, LogKeys, Note, Origin, SignatureLine, SignedHead,
    VerifierKey,
};
use proptest::prelude::*;

use crate::party::{Party, at, entries};

const SPEC_KEY: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
const SPEC_NOTE: &str = "This is an example message.

\u{2014} example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
";

#[test]
fn the_example_of_the_specification_verifies() {
    let key: VerifierKey = SPEC_KEY.parse().unwrap();
    assert_eq!(key.kind(), KeyKind::Ed25519);
    assert_eq!(key.to_string(), SPEC_KEY);
    let note = Note::parse(SPEC_NOTE).unwrap();
    assert_eq!(note.text(), "This is an example message.\n");
    assert_eq!(note.require(&key), Ok(()));
    assert_eq!(note.to_string(), SPEC_NOTE);
}

#[test]
fn a_changed_text_is_refused() {
    let key: VerifierKey = SPEC_KEY.parse().unwrap();
    let note = Note::parse(&SPEC_NOTE.replace("example message", "other message")).unwrap();
    assert_eq!(
        note.require(&key),
        Err(NoteFault::Wrong("example.com/foo".into()))
    );
}

#[test]
fn lines_of_unknown_keys_are_ignored_even_with_a_known_name() {
    let key: VerifierKey = SPEC_KEY.parse().unwrap();
    let stranger = VerifierKey::new("example.com/foo", KeyKind::Ed25519, &[9; 32]).unwrap();
    let line = SignatureLine::new(&stranger, &[0; 64]);
    let note = Note::parse(SPEC_NOTE).unwrap().with(line);
    assert_eq!(note.require(&key), Ok(()));
    assert_eq!(
        note.require(&stranger),
        Err(NoteFault::Wrong("example.com/foo".into()))
    );
}

#[test]
fn one_wrong_line_of_a_known_key_spoils_the_right_one() {
    let key: VerifierKey = SPEC_KEY.parse().unwrap();
    let note = Note::parse(SPEC_NOTE)
        .unwrap()
        .with(SignatureLine::new(&key, &[0; 64]));
    assert!(matches!(note.require(&key), Err(NoteFault::Wrong(_))));
}

#[test]
fn a_text_may_have_blank_lines_and_the_last_one_separates() {
    let text = "one\n\ntwo\n\nthree\n";
    let note = Party::aurelia().sign_text(text);
    let read = Note::parse(&note.to_string()).unwrap();
    assert_eq!(read.text(), text);
    assert_eq!(Party::aurelia().identity_keys().require(&read), Ok(()));
}

#[test]
fn a_verifier_key_is_read_in_one_way_only() {
    let right = Party::aurelia().identity_keys().ml_dsa_44().to_string();
    assert_eq!(right.parse::<VerifierKey>().unwrap().to_string(), right);
    let wrong = |text: &str| text.parse::<VerifierKey>().unwrap_err();
    assert_eq!(wrong("name"), BadKey::Form);
    assert_eq!(
        wrong("+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"),
        BadKey::Name(String::new())
    );
    assert_eq!(wrong(&SPEC_KEY.replace("530d903a", "530d903b")), BadKey::Id);
    assert_eq!(
        wrong(&SPEC_KEY.replace("530d903a", "530D903A")),
        BadKey::Form
    );
    assert_eq!(wrong("a+00000000+BQ=="), BadKey::Kind);
    assert_eq!(
        wrong("a+00000000+AQ=="),
        BadKey::Length {
            found: 0,
            expected: 32
        }
    );
}

#[test]
fn a_head_needs_both_lines() {
    let (aurelia, borealis) = (Party::aurelia(), Party::borealis());
    let keys = aurelia.keys_for(&borealis);
    let head = aurelia.head_over(&entries(3), &borealis, at(5));
    let read = SignedHead::verify(head.note(), &keys).unwrap();
    assert_eq!(read, head);
    assert_eq!((read.size(), read.signed_at()), (3, at(5)));

    let lines: Vec<&str> = head.note().lines().collect();
    let without = |line: usize| {
        let kept = (0..lines.len()).filter(|index| *index != line);
        kept.map(|index| format!("{}\n", lines[index]))
            .collect::<String>()
    };
    assert!(matches!(
        SignedHead::verify(&without(4), &keys),
        Err(HeadFault::Note(NoteFault::Unsigned(_)))
    ));
    assert!(matches!(
        SignedHead::verify(&without(5), &keys),
        Err(HeadFault::Cosignature(_))
    ));
}

#[test]
fn a_head_of_the_partners_log_is_no_head_of_ours() {
    let (aurelia, borealis) = (Party::aurelia(), Party::borealis());
    let theirs = borealis.head_over(&entries(3), &aurelia, at(5));
    let keys = aurelia.keys_for(&borealis);
    assert!(matches!(
        SignedHead::verify(theirs.note(), &keys),
        Err(HeadFault::Origin(_))
    ));
}

#[test]
fn a_log_is_signed_by_the_keys_of_the_party_that_keeps_it() {
    let (aurelia, borealis) = (Party::aurelia(), Party::borealis());
    let ours = aurelia.keys_for(&borealis);
    let theirs = borealis.keys_for(&aurelia);
    let keys = |ed25519: &VerifierKey, ml_dsa_44: &VerifierKey| {
        LogKeys::new(ours.origin().clone(), ed25519.clone(), ml_dsa_44.clone())
    };
    assert!(keys(ours.ed25519(), ours.ml_dsa_44()).is_ok());
    assert!(keys(theirs.ed25519(), theirs.ml_dsa_44()).is_err());
    assert!(keys(ours.ed25519(), theirs.ml_dsa_44()).is_err());
    assert!(keys(ours.ml_dsa_44(), ours.ed25519()).is_err());
}

#[test]
fn an_origin_is_read_in_one_way_only() {
    let right: Origin = "entente/m/a/b".parse().unwrap();
    assert_eq!((right.own().as_str(), right.partner().as_str()), ("a", "b"));
    for wrong in [
        "entente/m/a",
        "entente/m/a/b/c",
        "entente/m/a/",
        "tratado/m/a/b",
        "entente/M/a/b",
    ] {
        assert!(wrong.parse::<Origin>().is_err(), "{wrong}");
    }
}

#[test]
fn a_cosignature_binds_cosigner_time_log_size_and_root() {
    let (aurelia, borealis) = (Party::aurelia(), Party::borealis());
    let head = aurelia.head_over(&entries(3), &borealis, at(5));
    let line = borealis.cosign(head.head(), &aurelia, at(9));
    let key = borealis.keys_for(&aurelia).ml_dsa_44().clone();
    let found = Cosignature::verify(&line, head.head(), &key).unwrap();
    assert_eq!(found.at(), at(9));
    assert!(found.clone().within(&(at(0)..=at(9))).is_ok());
    assert!(found.within(&(at(10)..=at(20))).is_err());

    let origin = aurelia.keys_for(&borealis).origin().clone();
    let mut frontier = Frontier::new();
    frontier.extend(&entries(4));
    let other = Head::of(&origin, &frontier);
    assert!(Cosignature::verify(&line, &other, &key).is_err());
    let own = aurelia.keys_for(&borealis).ml_dsa_44().clone();
    assert!(Cosignature::verify(&line, head.head(), &own).is_err());

    let mut later = line.signature().to_vec();
    later[7] ^= 1;
    let later = SignatureLine::new(&key, &later);
    assert!(Cosignature::verify(&later, head.head(), &key).is_err());
}

#[test]
fn a_head_with_the_partners_cosignature_is_still_the_same_head() {
    let (aurelia, borealis) = (Party::aurelia(), Party::borealis());
    let head = aurelia.head_over(&entries(3), &borealis, at(5));
    let note = head.note_with(&borealis.cosign(head.head(), &aurelia, at(9)));
    let read = SignedHead::verify(&note, &aurelia.keys_for(&borealis)).unwrap();
    assert_eq!(read.head(), head.head());
    let key = borealis.keys_for(&aurelia).ml_dsa_44().clone();
    let found = Cosignature::find(&Note::parse(&note).unwrap(), read.head(), &key);
    assert_eq!(found.unwrap().at(), at(9));
}

proptest! {
    #[test]
    fn what_is_read_is_written_again_byte_for_byte(text in "[ -~\u{e9}\n]{0,200}\n\n(\u{2014} [a-z/.]{1,20} [A-Za-z0-9+/]{8}\n){0,4}") {
        if let Ok(note) = Note::parse(&text) {
            prop_assert_eq!(note.to_string(), text);
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,300}|[\n\u{2014} a-z0-9+/=]{0,300}") {
        let _ = Note::parse(&text);
        let _ = text.parse::<Head>();
        let _ = text.parse::<VerifierKey>();
        let _ = text.parse::<SignatureLine>();
    }

    #[test]
    fn a_checkpoint_has_one_way_of_writing(text in "[a-z/]{1,9}\n0?[0-9]{1,21}\n[A-Za-z0-9+/]{43}=\n") {
        if let Ok(head) = text.parse::<Head>() {
            prop_assert_eq!(head.text(), text);
        }
    }
}
