//! One act through every stage, on both sides, and back: what each stage refuses, and what its receipt says.

use std::{path::Path, sync::LazyLock};

use entente_cooperation::{
    body::{Body, Envelope},
    case::State,
    digest::{ActId, Digest, MessageId},
    draft::{Draft, Signing},
    incoming::{Arrived, Filed, Judged, Opened, Proven, Reception, Refused},
    judgement::Reason,
    memorandum::{Memorandum, read::files_of},
    outgoing::{Basis, Entered, Held, Released},
    policy::Policy,
    receipt::{ActRecord, ClockTerm, Outcome, ReceiptRecord, Sent},
};
use entente_ledger::{Entry, Opening, Salt};
use entente_seal::{Epoch, Identity, WrapKey, open_with};
use jiff::Timestamp;

struct World {
    memorandum: Memorandum,
    policy: Policy,
    state: State,
    partner: Identity,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../memorandum"));
    let files = files_of(folder).unwrap();
    let memorandum = Memorandum::read_files(&files).unwrap();
    World {
        policy: Policy::compile(&memorandum, &files).unwrap_or_else(|faults| panic!("{faults:?}")),
        state: State::new(&memorandum),
        memorandum,
        partner: Identity::from_seed(&[5; 32]),
    }
});

const REQUEST: &str = r#"
act = "information_request"
from = "be_federal_police"
to = "ma_dgsn"

[slots]
case = "BE-2026-000417"
purpose = "investigate_organised_crime"
legal_basis = "convention_2014"
language = "fr"
area = "organised_crime"
offence = "drug_trafficking"
facts_summary = "Trois transports saisis."
subject = { kind = "person", given_names = "Rachid", family_name = "Lamkaddem", birth_date = 1984-05-04 }
person_status = "suspect"
link = "Loue l'entrepôt."
holding_reason = "Résidence connue à Nador."
questions = [{ id = "q1", category = "vehicles" }]
handling_codes = ["H0"]

[declared]
mentions_international_protection = false
source_is_asylum_file = false
aims_at_death_penalty = false
real_risk_of_ill_treatment = false
obtained_by_ill_treatment = false
no_individual_link = false
subject_defined_by_group = false
bulk = false
aims_at_opinion_or_activity = false
structured_group = true

[home]
marks = []
"#;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn draft(text: &str) -> Draft {
    let signing = Signing {
        author: "signed:officer_1",
        reference: "BE-2026-000417/1",
        version: "2016-1",
    };
    Draft::parse(text, &WORLD.memorandum)
        .unwrap_or_else(|faults| panic!("{faults:?}"))
        .signed(&WORLD.memorandum, &signing)
}

fn envelope() -> Envelope {
    Envelope {
        act_id: ActId::from_bytes([9; 16]),
        link: WORLD.memorandum.head.id.clone(),
        from_party: "be".into(),
        to_party: "ma".into(),
        released_at: at("2026-03-18T10:00:00Z"),
        memorandum: Digest::of(b"2016-1"),
        supersedes: None,
    }
}

fn basis(events: u64) -> Basis {
    Basis {
        memorandum: Digest::of(b"2016-1"),
        events,
    }
}

fn released() -> Released {
    let cleared = draft(REQUEST).clear(
        &WORLD.policy,
        &WORLD.memorandum,
        &WORLD.state,
        envelope(),
        basis(3),
    );
    let sealed = cleared.unwrap().seal(&WORLD.partner.recipient()).unwrap();
    let entered = Entered {
        index: 7,
        salt: Salt::new([4; 32]),
    };
    sealed.release(entered, &basis(3)).ok().unwrap()
}

fn arrived(released: &Released) -> Arrived {
    Arrived::new(
        "be",
        released.index(),
        released.opening().clone(),
        released.sealed().to_vec(),
    )
}

fn proven(released: &Released) -> Proven {
    arrived(released)
        .prove(Some(&released.opening().entry()), &WORLD.memorandum.head.id)
        .unwrap()
}

fn opened(released: &Released) -> Opened {
    proven(released)
        .open(&WORLD.partner, &WORLD.memorandum, "ma")
        .unwrap()
}

fn judged(opened: Opened, state: &State) -> Judged {
    opened.judge(
        &WORLD.policy,
        &WORLD.memorandum,
        state,
        at("2026-03-18T10:00:01Z"),
    )
}

fn filed(released: &Released) -> Filed {
    match judged(opened(released), &WORLD.state) {
        Judged::Filed(filed) => filed,
        Judged::Refused(refused) => panic!("{:?}", refused.judgement()),
        Judged::Broken(judgement) => panic!("{judgement:?}"),
    }
}

fn reception(clocks: Vec<ClockTerm>) -> Reception {
    Reception {
        received_at: at("2026-03-18T10:00:01Z"),
        memorandum_judged: Digest::of(b"2016-1"),
        time_zone_data: "2026a".into(),
        clocks,
    }
}

fn clock() -> ClockTerm {
    ClockTerm {
        clock: "reply_ordinary".into(),
        debtor: "ma".into(),
        start: at("2026-03-18T10:00:01Z"),
        due: at("2026-03-25T23:00:00Z"),
    }
}

fn sent(released: &Released) -> Sent {
    Sent {
        link: WORLD.memorandum.head.id.clone(),
        message: released.message(),
        act_id: released.body().envelope().act_id,
        entry: released.opening().entry(),
        index: released.index(),
        memorandum: Digest::of(b"2016-1"),
        sent_at: at("2026-03-18T10:00:00.5Z"),
        answered_at: at("2026-03-18T10:00:02Z"),
    }
}

#[test]
fn an_act_is_filed_and_its_receipt_settles_it() {
    let released = released();
    let filed = filed(&released);
    assert_eq!(filed.opened().body(), released.body());
    let text = filed.receipt(reception(vec![clock()])).write();
    let verified = ReceiptRecord::read(&text)
        .unwrap()
        .verify(&sent(&released), &[clock()], "2026a")
        .unwrap();
    assert_eq!(verified.objections(), []);
    assert_eq!(verified.record().outcome, Outcome::Filed);
    assert_eq!(verified.record().articles[0], "10.1");
}

#[test]
fn what_is_known_at_home_is_judged_and_never_travels() {
    let released = released();
    assert!(released.act().slots.contains_key("marks"));
    assert!(!released.body().act().slots.contains_key("marks"));
}

#[test]
fn both_sides_keep_the_file_key_under_wrap() {
    let (released, wrap) = (released(), WrapKey::from_seed(Epoch(1), &[8; 32]));
    let ours = wrap
        .unwrap(&released.wrap(&wrap), &released.message())
        .unwrap();
    let theirs = wrap
        .unwrap(&filed(&released).wrap(&wrap), &released.message())
        .unwrap();
    let plaintext = released.body().write().unwrap();
    assert_eq!(open_with(&ours, released.sealed()), Ok(plaintext.clone()));
    assert_eq!(open_with(&theirs, released.sealed()), Ok(plaintext));
}

#[test]
fn a_refusal_at_the_desk_gives_the_draft_back_with_its_article() {
    let text = REQUEST.replace("bulk = false", "bulk = true");
    let held = draft(&text).clear(
        &WORLD.policy,
        &WORLD.memorandum,
        &WORLD.state,
        envelope(),
        basis(3),
    );
    let Err(Held::Refused(back, judgement)) = held else {
        panic!("it is a red line")
    };
    assert_eq!(*back, draft(&text));
    assert!(matches!(judgement.reason, Some(Reason::Limit(_))));
    assert_eq!(judgement.paragraphs[0].0, "23.1");
}

#[test]
fn what_the_judgement_rested_on_moved_and_the_draft_comes_back() {
    let cleared = draft(REQUEST)
        .clear(
            &WORLD.policy,
            &WORLD.memorandum,
            &WORLD.state,
            envelope(),
            basis(3),
        )
        .unwrap();
    let sealed = cleared.seal(&WORLD.partner.recipient()).unwrap();
    let moved = sealed
        .release(
            Entered {
                index: 7,
                salt: Salt::new([4; 32]),
            },
            &basis(4),
        )
        .err()
        .unwrap();
    assert_eq!(*moved.0, draft(REQUEST));
}

#[test]
fn what_the_log_does_not_hold_is_not_opened() {
    let (released, link) = (released(), WORLD.memorandum.head.id.as_str());
    let entry = released.opening().entry();
    let words = |arrived: Arrived, held: Option<&Entry>, link: &str| {
        arrived.prove(held, link).unwrap_err().to_string()
    };
    assert!(words(arrived(&released), None, link).contains("no entry at the index"));
    assert!(
        words(arrived(&released), Some(&Entry::new([1; 32])), link)
            .contains("does not open the entry")
    );
    assert!(words(arrived(&released), Some(&entry), "other").contains("another link"));
    let mut bytes = released.sealed().to_vec();
    *bytes.last_mut().unwrap() ^= 1;
    let altered = Arrived::new("be", 7, released.opening().clone(), bytes);
    assert!(words(altered, Some(&entry), link).contains("other sealed bytes"));
    let record = Opening::new(Salt::new([4; 32]), "{}");
    let odd = Arrived::new("be", 7, record.clone(), released.sealed().to_vec());
    assert!(words(odd, Some(&record.entry()), link).starts_with("at `/v`"));
}

#[test]
fn what_was_sealed_for_another_or_says_another_sender_is_unreadable_and_receipted() {
    let released = released();
    let stranger = proven(&released)
        .open(&Identity::from_seed(&[6; 32]), &WORLD.memorandum, "ma")
        .err()
        .unwrap();
    let receipt = stranger.receipt(reception(vec![clock()]));
    assert_eq!(
        (receipt.outcome, receipt.act, receipt.clocks.len()),
        (Outcome::Unreadable, None, 0)
    );
    let verified = ReceiptRecord::read(&receipt.write())
        .unwrap()
        .verify(&sent(&released), &[], "2026a")
        .unwrap();
    assert_eq!(verified.objections(), []);
    let entry = released.opening().entry();
    let brought = Arrived::new(
        "ma",
        7,
        released.opening().clone(),
        released.sealed().to_vec(),
    );
    let brought = brought
        .prove(Some(&entry), &WORLD.memorandum.head.id)
        .unwrap();
    let why = brought
        .open(&WORLD.partner, &WORLD.memorandum, "ma")
        .err()
        .unwrap();
    assert!(format!("{:?}", why.why()).contains("another Party brought it"));
}

/// What a node that judges nothing could send.
fn unjudged(text: &str) -> Opened {
    let body = Body::new(&WORLD.memorandum, envelope(), draft(text).act(), Vec::new()).unwrap();
    let sealed = entente_seal::seal(&WORLD.partner.recipient(), &body.write().unwrap());
    let record = ActRecord {
        link: WORLD.memorandum.head.id.clone(),
        message: sealed.message_id(),
        released_at: envelope().released_at,
        memorandum: envelope().memorandum,
    };
    let opening = Opening::new(Salt::new([4; 32]), record.write());
    let proven = Arrived::new("be", 7, opening.clone(), sealed.bytes)
        .prove(Some(&opening.entry()), &record.link)
        .unwrap();
    proven
        .open(&WORLD.partner, &WORLD.memorandum, "ma")
        .unwrap()
}

fn refused(opened: Opened, state: &State) -> Refused {
    match judged(opened, state) {
        Judged::Refused(refused) => refused,
        Judged::Filed(_) | Judged::Broken(_) => panic!("it must be refused"),
    }
}

#[test]
fn a_crossed_limit_is_answered_with_its_ground_and_its_body_is_not_kept() {
    let refused = refused(
        unjudged(&REQUEST.replace("bulk = false", "bulk = true")),
        &WORLD.state,
    );
    let receipt = refused.receipt(reception(vec![clock()]));
    assert_eq!(receipt.ground.as_deref(), Some("absolute_limit"));
    assert_eq!(receipt.articles[0], "23.1");
    assert!(receipt.clocks.is_empty(), "a refused act starts no clock");
    assert!(
        refused
            .wrap(&WrapKey::from_seed(Epoch(1), &[8; 32]))
            .is_none()
    );
}

#[test]
fn a_ground_is_told_and_an_impediment_is_not() {
    let unlisted = unjudged(&REQUEST.replace("drug_trafficking", "irregular_stay"));
    let receipt = refused(unlisted, &WORLD.state).receipt(reception(Vec::new()));
    assert_eq!(receipt.ground.as_deref(), Some("offence_not_listed"));
    let ended = State {
        ends_at: Some(at("2026-01-01T00:00:00Z")),
        ..State::new(&WORLD.memorandum)
    };
    let refused = refused(opened(&released()), &ended);
    assert!(
        matches!(refused.judgement().reason, Some(Reason::Impediment(_))),
        "{:?}",
        refused.judgement().reason
    );
    let receipt = refused.receipt(reception(Vec::new()));
    assert_eq!(
        (receipt.outcome, receipt.ground.as_deref()),
        (Outcome::Refused, None)
    );
    assert!(!receipt.articles.is_empty());
    assert!(
        refused
            .wrap(&WrapKey::from_seed(Epoch(1), &[8; 32]))
            .is_some()
    );
}

#[test]
fn the_same_act_sealed_twice_is_two_messages_of_one_act() {
    let (first, second) = (released(), released());
    assert_ne!(first.message(), second.message());
    assert_eq!(
        first.body().envelope().act_id,
        second.body().envelope().act_id
    );
    assert_eq!(first.message(), MessageId::of(first.sealed()));
}
