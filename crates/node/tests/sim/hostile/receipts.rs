//! What it answers: receipts that lie about their instant, are for something else, or stand nowhere.

use entente_cooperation::{digest::MessageId, receipt::Outcome};
use entente_node::{
    fault::ReceiveFault,
    peer::{
        budget::Lane,
        client::CallFault,
        parcel::{CarriedReceipt, Objection, Parcel},
        problem::Problem,
    },
    post::Dispatch,
};
use entente_store::OutboxLine;
use jiff::SignedDuration;

use super::partner::Partner;
use crate::{
    acts::{self, Ends},
    world::start,
};

/// The node has sent a request to the partner that is played.
struct Asked {
    partner: Partner,
    dispatch: Dispatch,
}

impl Asked {
    fn new(seed: u64) -> Self {
        let partner = Partner::new(seed);
        // The partner states its mirror; from then on the node signs.
        partner.hand(&partner.parcel(0, vec![])).unwrap();
        let (node, link) = (partner.node(), partner.link());
        let draft = acts::request(Ends::of(1), "MA-2026-000417");
        let draft = entente_cooperation::draft::Draft::parse(&draft, &partner.agreement.memorandum);
        node.release(&link, "officer_1", draft.unwrap(), None)
            .unwrap_or_else(|fault| panic!("{fault:?}"));
        let dispatch = node.dispatch(&link, Lane::Ordinary, vec![], false).unwrap();
        assert_eq!(dispatch.parcel.acts.len(), 1);
        Self { partner, dispatch }
    }

    /// The node settles an answer with these receipts.
    fn settle(&self, receipts: Vec<CarriedReceipt>) -> Result<(), ReceiveFault> {
        let answer = Parcel {
            receipts,
            ..self.partner.parcel(0, vec![])
        };
        let answer = Parcel::read(&answer.write()).unwrap();
        let (node, link) = (self.partner.node(), self.partner.link());
        node.settle(&link, &self.dispatch, &answer).map(drop)
    }

    fn row(&self) -> OutboxLine {
        let (node, link) = (self.partner.node(), self.partner.link());
        node.store.outbox(link.id, None, 1).unwrap().remove(0)
    }

    /// The row waits as before, and is tried again.
    #[track_caller]
    fn still_waits(&self) {
        let row = self.row();
        assert_eq!((row.outcome, row.received_at), (None, None));
        let (node, link) = (self.partner.node(), self.partner.link());
        let now = node.clock.now();
        assert_eq!(node.store.waiting(link.id, now, 10).unwrap().len(), 1);
    }
}

#[track_caller]
fn is_malformed(settled: Result<(), ReceiveFault>, why: &str) {
    match settled {
        Err(ReceiveFault::Problem(Problem::Malformed { detail })) => {
            assert!(detail.contains(why), "{detail}");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_receipt_that_lies_about_its_instant_delivers_and_is_contested() {
    for (seed, hours) in [(300, -3), (301, 3)] {
        let mut asked = Asked::new(seed);
        let act = asked.dispatch.parcel.acts[0].clone();
        let at = start() + SignedDuration::from_hours(hours);
        let record = asked.partner.receipt(&act, at);
        let carried = asked.partner.carry_receipt(&record);
        asked.settle(vec![carried]).unwrap();
        let row = asked.row();
        assert_eq!(row.outcome, Some(entente_store::Outcome::Filed));
        assert!(row.contested.is_some(), "{row:?}");
        assert!(
            asked
                .partner
                .noted("settled")
                .unwrap()
                .contains("objections")
        );
        // The partner is told what we contest, with the next parcel.
        let (node, link) = (asked.partner.node(), asked.partner.link());
        let next = node.dispatch(&link, Lane::Ordinary, vec![], false).unwrap();
        let message = MessageId::of(&act.sealed).to_string();
        let told: Vec<&Objection> = next.parcel.objections.iter().collect();
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].message, message);
    }
}

#[test]
fn a_receipt_for_something_else_is_refused_and_the_act_still_waits() {
    let mut asked = Asked::new(302);
    let act = asked.dispatch.parcel.acts[0].clone();
    let right = asked.partner.receipt(&act, start());
    let mut wrong = Vec::new();
    for (record, why) in [
        (
            entente_cooperation::receipt::ReceiptRecord {
                message: MessageId::of(b"nothing that was sent"),
                ..right.clone()
            },
            "never sent",
        ),
        (
            entente_cooperation::receipt::ReceiptRecord {
                index: 77,
                ..right.clone()
            },
            "another entry",
        ),
        (
            entente_cooperation::receipt::ReceiptRecord {
                act: Some(entente_cooperation::digest::ActId::from_bytes([9; 16])),
                ..right.clone()
            },
            "another act",
        ),
        (
            entente_cooperation::receipt::ReceiptRecord {
                link: "be_ma_2017".to_owned(),
                ..right.clone()
            },
            "another link",
        ),
        (
            entente_cooperation::receipt::ReceiptRecord {
                memorandum_released: "7".repeat(64).parse().unwrap(),
                ..right.clone()
            },
            "another memorandum",
        ),
    ] {
        wrong.push((asked.partner.carry_receipt(&record), why));
    }
    for (carried, why) in wrong {
        is_malformed(asked.settle(vec![carried]), why);
        asked.still_waits();
    }
    // After all that, the right one still settles it.
    let carried = asked.partner.carry_receipt(&right);
    asked.settle(vec![carried]).unwrap();
    assert_eq!(asked.row().outcome, Some(entente_store::Outcome::Filed));
}

#[test]
fn a_receipt_that_stands_in_no_log_proves_nothing() {
    let mut asked = Asked::new(303);
    let act = asked.dispatch.parcel.acts[0].clone();
    let record = asked.partner.receipt(&act, start());
    let mut carried = asked.partner.carry_receipt(&record);
    carried.record = carried.record.replace("\"filed\"", "\"clarify\"");
    is_malformed(asked.settle(vec![carried]), "does not stand");
    asked.still_waits();
}

#[test]
fn a_second_receipt_never_changes_the_first() {
    let mut asked = Asked::new(304);
    let act = asked.dispatch.parcel.acts[0].clone();
    let first = asked.partner.receipt(&act, start());
    let carried = asked.partner.carry_receipt(&first);
    asked.settle(vec![carried]).unwrap();
    let mut second = first;
    second.outcome = Outcome::Refused;
    second.ground = Some("not_communicable".to_owned());
    let carried = asked.partner.carry_receipt(&second);
    asked.settle(vec![carried]).unwrap();
    assert_eq!(asked.row().outcome, Some(entente_store::Outcome::Filed));
    // Both are kept, and people are told.
    let (node, link) = (asked.partner.node(), asked.partner.link());
    for position in 0..2 {
        let entry = node.store.mirror_entry(link.id, position).unwrap();
        assert!(entry.unwrap().opening.is_some());
    }
    assert!(
        asked
            .partner
            .noted("peer_fault")
            .unwrap()
            .contains("two receipts")
    );
}

#[test]
fn a_partner_that_is_busy_is_left_alone_for_as_long_as_it_asks() {
    let asked = Asked::new(305);
    let (node, link) = (asked.partner.node(), asked.partner.link());
    let busy = CallFault::Problem(Problem::Busy { retry_after_s: 600 });
    node.not_delivered(&link, &asked.dispatch, &busy).unwrap();
    let wait = asked.row().next_attempt_at.duration_since(node.clock.now());
    assert!(wait >= SignedDuration::from_secs(600), "{wait:?}");
}
