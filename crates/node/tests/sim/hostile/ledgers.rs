//! What it signs: heads that are forged, old, rewritten, or that do not fit their entries; terms that are not ours.

use entente_cooperation::receipt::Outcome;
use entente_ledger::{Entry, SignedHead};
use entente_node::peer::problem::Problem;
use entente_seal::SigningKey;

use super::partner::Partner;

const CASE: &str = "BE-2026-000417";

/// Nothing was kept, nothing was receipted, nothing stops the link.
#[track_caller]
fn nothing_is_kept(partner: &Partner) {
    let (node, link) = (partner.node(), partner.link());
    assert!(partner.inbox().is_empty());
    assert!(node.store.mirror_head(link.id).unwrap().is_none());
    assert!(node.store.forks(link.id).unwrap().is_empty());
}

#[track_caller]
fn is_malformed(answer: Result<impl std::fmt::Debug, Problem>, why: &str) {
    match answer {
        Err(Problem::Malformed { detail }) => assert!(detail.contains(why), "{detail}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_memorandum_that_we_do_not_hold_is_named_with_ours_and_nothing_is_lost() {
    let mut partner = Partner::new(200);
    let request = partner.request(CASE);
    let carried = partner.send(&request);
    let right = partner.parcel(0, vec![carried]);
    let mut wrong = right.clone();
    wrong.memorandum = "7".repeat(64);
    let problem = partner.hand(&wrong).unwrap_err();
    let named = Problem::UnknownMemorandum {
        theirs: "7".repeat(64),
        ours: partner.agreement.digest.to_string(),
    };
    assert_eq!(problem, named);
    nothing_is_kept(&partner);
    wrong.memorandum = "no digest".to_owned();
    is_malformed(partner.hand(&wrong), "digest");
    assert_eq!(partner.hand(&right).unwrap().receipts.len(), 1);
}

#[test]
fn an_act_released_under_a_memorandum_that_we_do_not_hold_is_not_judged() {
    let mut partner = Partner::new(201);
    let request = partner.request(CASE);
    let digest = partner.agreement.digest.to_string();
    let body = partner.body(&request);
    let mut carried = partner.carry(&body);
    // The entry commits to a record that names another memorandum.
    partner.log.pop();
    carried.record = carried.record.replace(&digest, &"7".repeat(64));
    partner.log.push(carried.opening().entry());
    let problem = partner.hand(&partner.parcel(0, vec![carried])).unwrap_err();
    assert!(
        matches!(problem, Problem::UnknownMemorandum { .. }),
        "{problem:?}"
    );
    nothing_is_kept(&partner);
}

#[test]
fn another_party_another_link_and_a_node_that_is_no_demonstration_are_not_heard() {
    let mut partner = Partner::new(202);
    let request = partner.request(CASE);
    let carried = partner.send(&request);
    let right = partner.parcel(0, vec![carried]);
    let mut parcel = right.clone();
    parcel.from = "ma".to_owned();
    assert_eq!(partner.hand(&parcel).unwrap_err(), Problem::Stranger);
    let mut parcel = right.clone();
    parcel.link = "be_ma_2017".to_owned();
    assert_eq!(partner.hand(&parcel).unwrap_err(), Problem::Stranger);
    let mut parcel = right;
    parcel.demo = false;
    assert_eq!(partner.hand(&parcel).unwrap_err(), Problem::DemoMismatch);
    nothing_is_kept(&partner);
}

#[test]
fn a_forged_head_is_refused_and_nothing_is_kept() {
    let mut partner = Partner::new(203);
    let request = partner.request(CASE);
    let carried = partner.send(&request);
    let mut parcel = partner.parcel(0, vec![carried]);
    let honest = parcel.head.clone().unwrap();
    let forged = partner.head_by(&SigningKey::generate(), &partner.log);
    parcel.head = Some(forged.note().to_owned());
    is_malformed(partner.hand(&parcel), "");
    // One true signature of two is not enough.
    let (of_true, of_false) = (
        honest.lines().last().unwrap(),
        forged.note().lines().last().unwrap(),
    );
    assert_ne!(of_true, of_false);
    parcel.head = Some(honest.replace(of_true, of_false));
    is_malformed(partner.hand(&parcel), "");
    parcel.head = Some(
        honest
            .lines()
            .take(5)
            .map(|line| format!("{line}\n"))
            .collect(),
    );
    is_malformed(partner.hand(&parcel), "");
    nothing_is_kept(&partner);
}

#[test]
fn entries_that_do_not_give_the_head_are_refused_and_nothing_is_kept() {
    let mut partner = Partner::new(204);
    let request = partner.request(CASE);
    let carried = partner.send(&request);
    let right = partner.parcel(0, vec![carried]);
    let mut other = right.clone();
    other.entries = vec![Entry::new([9; 32])];
    is_malformed(partner.hand(&other), "root");
    let mut more = right.clone();
    more.entries.push(Entry::new([9; 32]));
    is_malformed(partner.hand(&more), "do not end at the head");
    let mut bare = right;
    bare.head = None;
    is_malformed(partner.hand(&bare), "without a head");
    nothing_is_kept(&partner);
}

#[test]
fn an_act_that_does_not_stand_in_its_senders_log_is_refused() {
    let mut partner = Partner::new(205);
    let request = partner.request(CASE);
    let carried = partner.send(&request);
    let mut elsewhere = carried.clone();
    elsewhere.index = 1;
    is_malformed(partner.hand(&partner.parcel(0, vec![elsewhere])), "");
    let mut another = carried.clone();
    another.sealed.push(0);
    is_malformed(partner.hand(&partner.parcel(0, vec![another])), "");
    let mut rewritten = carried;
    rewritten.record = rewritten.record.replace("2026-03-02T09", "2026-03-02T08");
    is_malformed(partner.hand(&partner.parcel(0, vec![rewritten])), "");
    nothing_is_kept(&partner);
}

#[test]
fn an_honest_old_head_is_no_alarm() {
    let mut partner = Partner::new(206);
    let request = partner.request(CASE);
    let first = partner.send(&request);
    let old = partner.parcel(0, vec![first]);
    partner.hand(&old).unwrap();
    let request = partner.request("BE-2026-000418");
    let second = partner.send(&request);
    partner.hand(&partner.parcel(1, vec![second])).unwrap();
    // A parcel that was under way for long: it is told where we stand.
    assert_eq!(partner.hand(&old).unwrap_err(), Problem::Stale { have: 2 });
    // One that begins beyond what we hold likewise.
    let request = partner.request("BE-2026-000419");
    let third = partner.send(&request);
    partner.enter("{}".to_owned());
    let beyond = partner.parcel(3, vec![]);
    assert_eq!(
        partner.hand(&beyond).unwrap_err(),
        Problem::Stale { have: 2 }
    );
    assert_eq!(partner.noted("peer_fault"), None);
    let answer = partner.hand(&partner.parcel(2, vec![third])).unwrap();
    assert_eq!(answer.receipts.len(), 1);
}

#[test]
fn a_history_that_is_rewritten_is_a_fork_whose_evidence_both_signatures_vouch_for() {
    let mut partner = Partner::new(207);
    let request = partner.request(CASE);
    assert_eq!(partner.outcome_of(&request).outcome, Outcome::Filed);
    partner.log[0] = Entry::new([9; 32]);
    partner.enter("{}".to_owned());
    let fork = Problem::Fork { index: 0 };
    assert_eq!(partner.hand(&partner.parcel(0, vec![])).unwrap_err(), fork);
    let (node, link) = (partner.node(), partner.link());
    let evidence = node.store.forks(link.id).unwrap();
    for note in [&evidence[0].held_note, &evidence[0].shown_note] {
        assert!(SignedHead::verify(note, link.their_keys()).is_ok());
    }
    assert!(
        partner
            .noted("peer_fault")
            .unwrap()
            .contains("two histories")
    );
    // The link stands still, whatever comes next.
    let next = partner.hand(&partner.parcel(0, vec![])).unwrap_err();
    assert!(matches!(next, Problem::Fork { .. }), "{next:?}");
}

#[test]
fn a_cosignature_that_does_not_fit_our_head_is_refused() {
    let mut partner = Partner::new(208);
    let request = partner.request(CASE);
    let carried = partner.send(&request);
    let mut parcel = partner.parcel(0, vec![carried]);
    let line = parcel.head.as_deref().unwrap().lines().last().unwrap();
    parcel.cosignature = Some(line.to_owned());
    parcel.cosigned = 1;
    is_malformed(partner.hand(&parcel), "cosignature");
    nothing_is_kept(&partner);
}
