//! A partner that signs well and keeps to no rule of its log: what it sends is answered, and never jams the link.

use entente_cooperation::{
    act::Act,
    body::{Body, Envelope},
    digest::{ActId, Digest, MessageId},
    receipt::{ActRecord, Outcome, ReceiptRecord},
    value::Value,
};
use entente_ledger::{Entry, Frontier, Head, Opening, Salt, cosignature};
use entente_node::{
    fault::ReceiveFault,
    peer::{
        parcel::{CarriedAct, Parcel},
        problem::Problem,
    },
};
use entente_seal::{SigningKey, seal};
use jiff::SignedDuration;

use crate::{
    acts::{self, Ends},
    world::{World, shipped, start},
};

/// The first side of a world, without its node: its keys, and the log that it makes up.
struct Dishonest<'w> {
    world: &'w World,
    log: SigningKey,
    entries: Vec<Entry>,
}

impl<'w> Dishonest<'w> {
    fn in_place_of(world: &'w World) -> Self {
        let (log, ..) = world.sides[0].keys().apart();
        Self {
            world,
            log,
            entries: Vec::new(),
        }
    }

    /// An act under an id and a reference of its own choosing, sealed anew each time.
    fn act(&mut self, text: &str, id: u8, reference: &str) -> CarriedAct {
        let link = self.world.sides[0].link();
        let agreement = self.world.node(0).agreement();
        let mut act: Act = self.world.draft(text).act().clone();
        let signed = [
            ("reference", reference),
            ("author", "signed:officer_1"),
            (
                "memorandum_version",
                agreement.memorandum.head.version.as_str(),
            ),
        ];
        for (slot, value) in signed {
            act.slots
                .insert(slot.to_owned(), Value::Text(value.to_owned()));
        }
        let envelope = Envelope {
            act_id: ActId::from_bytes([id; 16]),
            link: link.memorandum.clone(),
            from_party: link.own.clone(),
            to_party: link.partner.clone(),
            released_at: start(),
            memorandum: agreement.digest,
            supersedes: None,
        };
        let body = Body::new(&agreement.memorandum, envelope, &act, vec![]).unwrap();
        let sealed = seal(&link.recipient(start()).unwrap(), &body.write().unwrap()).bytes;
        let record = ActRecord {
            link: link.memorandum.clone(),
            message: MessageId::of(&sealed),
            released_at: start(),
            memorandum: agreement.digest,
        };
        let salt = Salt::new(*Digest::of(&sealed).as_bytes());
        let opening = Opening::new(salt, record.write());
        self.entries.push(opening.entry());
        CarriedAct {
            index: self.entries.len() as u64 - 1,
            salt,
            record: opening.record().to_owned(),
            sealed,
        }
    }

    /// A parcel that brings the whole log anew, its head signed by both keys.
    fn parcel(&self, acts: Vec<CarriedAct>) -> Parcel {
        let link = self.world.sides[0].link();
        let mut frontier = Frontier::new();
        frontier.extend(&self.entries);
        let (keys, head) = (
            link.our_keys(),
            Head::of(link.our_keys().origin(), &frontier),
        );
        let ed25519 = self.log.sign_ed25519(head.text().as_bytes());
        let message = cosignature::message(keys.ml_dsa_44(), start(), &head);
        let ml_dsa_44 = self.log.sign_mldsa44(&message);
        let signed = head.signed(keys, start(), &ed25519, &ml_dsa_44[..]);
        Parcel {
            base: 0,
            entries: self.entries.clone(),
            head: Some(signed.note().to_owned()),
            acts,
            ..self.world.dispatch(0).parcel
        }
    }

    fn sends(&self, acts: Vec<CarriedAct>) -> Result<Vec<ReceiptRecord>, ReceiveFault> {
        let party = self.world.sides[0].party;
        let answer = self.world.node(1).receive(party, &self.parcel(acts))?;
        let records = answer.receipts.iter();
        Ok(records
            .map(|r| ReceiptRecord::read(&r.record).unwrap())
            .collect())
    }
}

const CASE: &str = "BE-2026-000417";

#[test]
fn another_act_under_an_id_that_was_filed_is_not_receipted_as_filed() {
    let world = World::new(&shipped(), 41);
    let mut partner = Dishonest::in_place_of(&world);
    let first = partner.act(&acts::request(Ends::of(0), CASE), 7, "BE-2026-000417/1");
    assert_eq!(
        partner.sends(vec![first]).unwrap()[0].outcome,
        Outcome::Filed
    );

    let fishing = partner.act(&acts::fishing(Ends::of(0), CASE), 7, "BE-2026-000417/1");
    let receipt = &partner.sends(vec![fishing]).unwrap()[0];
    assert_eq!((receipt.outcome, receipt.act), (Outcome::Unreadable, None));
    assert!(receipt.clocks.is_empty());
}

#[test]
fn the_same_act_sealed_twice_in_one_parcel_is_filed_once() {
    let world = World::new(&shipped(), 42);
    let mut partner = Dishonest::in_place_of(&world);
    let request = acts::request(Ends::of(0), CASE);
    let twice: Vec<_> = (0..2)
        .map(|_| partner.act(&request, 7, "BE-2026-000417/1"))
        .collect();
    let receipts = partner.sends(twice).unwrap();
    assert_eq!(receipts[0].outcome, Outcome::Filed);
    assert_eq!(receipts[1].outcome, Outcome::Filed);
    assert_eq!(receipts[0].clocks, receipts[1].clocks);

    let (node, link) = (world.node(1), world.sides[1].link());
    let lines = node.store.inbox(link.id, None, 10).unwrap();
    assert_eq!(lines[0].repeats, Some(lines[1].message));
    assert!(node.store.body(&lines[1].message).unwrap().is_some());
    assert!(node.store.body(&lines[0].message).unwrap().is_none());
}

#[test]
fn a_log_that_holds_an_entry_twice_is_refused_and_the_next_parcel_is_taken() {
    let world = World::new(&shipped(), 43);
    let mut partner = Dishonest::in_place_of(&world);
    let act = partner.act(&acts::request(Ends::of(0), CASE), 7, "BE-2026-000417/1");
    let doubled = |told: ReceiveFault| match told.told() {
        Problem::Malformed { detail } => assert!(detail.contains("twice"), "{detail}"),
        other => panic!("{other}"),
    };
    // Within one parcel, and beside what is held already.
    partner.entries.push(partner.entries[0]);
    doubled(partner.sends(vec![act.clone()]).unwrap_err());
    partner.entries.pop();
    assert_eq!(partner.sends(vec![act]).unwrap()[0].outcome, Outcome::Filed);
    partner.entries.push(partner.entries[0]);
    doubled(partner.sends(vec![]).unwrap_err());
    partner.entries.pop();
    let next = partner.act(
        &acts::request(Ends::of(0), "BE-2026-000418"),
        8,
        "BE-2026-000418/1",
    );
    assert_eq!(
        partner.sends(vec![next]).unwrap()[0].outcome,
        Outcome::Filed
    );
}

#[test]
fn a_receipt_from_before_the_act_left_the_house_is_contested() {
    let world = World::new(&shipped(), 1);
    let link = world.sides[0].link();
    let draft = world.draft(&acts::request(Ends::of(0), "BE-2026-000417"));
    world
        .node(0)
        .release(&link, "officer_1", draft, None)
        .unwrap();
    // For five days the partner could not be reached; the receipt says that it had the act at the hour of its release.
    let first = world.dispatch(0).first;
    assert_eq!(first.len(), 1);
    let late = world.node(0).clock.now() + SignedDuration::from_hours(120);
    world.node(0).clock.drive(late).unwrap();
    world.node(0).handed(&link, &first).unwrap();
    // The answer is lost; what is handed over again keeps its first instant.
    let again = late + SignedDuration::from_hours(1);
    world.node(0).clock.drive(again).unwrap();
    world.hand_over(0);
    let line = world
        .node(0)
        .store
        .outbox(link.id, None, 1)
        .unwrap()
        .remove(0);
    assert_eq!(line.handed_at, Some(late));
    assert!(line.received_at.unwrap() < late - SignedDuration::from_hours(119));
    let contested = line.contested.unwrap();
    assert!(contested.contains("is stated; we sent at"), "{contested}");
}
