//! A receipt that comes back: what we know of the act it is for, and its row.

use entente_cooperation::{
    case::Received,
    digest::{ActId, MessageId},
    receipt::{self, ReceiptRecord, TakenRecord, Verified},
};
use entente_ledger::{Entry, hex};
use entente_store::{
    self as store, Bytes32, JournalLine, OutboxLine, Settled, Store, StoreError, TakenOver,
};
use jiff::Timestamp;

use super::outcome;
use crate::{
    desk::{self, Desk, DeskFault, Shelf},
    fault::ReceiveFault,
    journal::{Kind, Line},
    link::Link,
    node::Node,
    peer::{
        parcel::{CarriedReceipt, Parcel},
        problem::Problem,
    },
};

/// The act of ours with what its receipt says, as an event. None if the partner could not read it: it leaves nothing.
pub fn receipted(
    desk: &Desk,
    shelf: &Shelf<'_>,
    line: &OutboxLine,
    record: &ReceiptRecord,
) -> Result<Option<Received>, DeskFault> {
    let line = OutboxLine {
        outcome: Some(outcome(record.outcome)),
        ground: record.ground.clone(),
        received_at: Some(record.received_at),
        ..line.clone()
    };
    desk.sent(shelf, &line)
}

/// What we know of an act of ours when its receipt arrives.
pub fn sent_as(
    store: &Store,
    link: &Link,
    line: &OutboxLine,
    now: Timestamp,
) -> Result<receipt::Sent, ReceiveFault> {
    let entry = store.own_entry(link.id, line.position)?;
    let entry = entry.ok_or(StoreError::Unreadable("entry"))?;
    let act_id: ActId = line
        .act_id
        .parse()
        .map_err(|_| StoreError::Unreadable("act id"))?;
    let memorandum = line.memorandum.parse();
    let skew = desk::SKEW;
    // An instant that lies ahead of our clock was noted by a clock that was wrong: it bounds nothing.
    let handed_at = line.handed_at.filter(|at| *at <= now);
    let left_at = handed_at.unwrap_or(line.released_at);
    Ok(receipt::Sent {
        link: link.memorandum.clone(),
        message: MessageId::from(line.message),
        act_id,
        entry: Entry::new(entry.entry),
        index: line.position,
        memorandum: memorandum.map_err(|_| StoreError::Unreadable("digest"))?,
        // A lost answer makes us send again, and the first receipt counts: it cannot be earlier than the first time that the act
        // left the house.
        sent_at: left_at.checked_sub(skew).unwrap_or(left_at),
        answered_at: now.checked_add(skew).unwrap_or(now),
    })
}

/// The row of a settled receipt.
pub fn settled(carried: &CarriedReceipt, verified: &Verified) -> Settled {
    let record = verified.record();
    Settled {
        message: *record.message.as_bytes(),
        position: carried.index,
        opening: (*carried.salt.as_bytes(), carried.record.clone()),
        outcome: outcome(record.outcome),
        ground: record.ground.clone(),
        received_at: record.received_at,
        contested: contested(verified),
    }
}

/// What we contest, in words; a mere difference of time zone data is noted, not contested (11.4).
pub fn contested(verified: &Verified) -> Option<String> {
    verified.is_contested().then(|| objections_of(verified))
}

fn objections_of(verified: &Verified) -> String {
    let words: Vec<String> = verified
        .objections()
        .iter()
        .map(ToString::to_string)
        .collect();
    words.join("; ")
}

/// The journal's line for a settlement.
pub fn noted_settlement(
    node: &Node,
    link: &Link,
    line: &OutboxLine,
    verified: &Verified,
) -> JournalLine {
    let message = hex::hex(&line.message);
    Line::new(Kind::Settled, node.clock.now())
        .on(link.id)
        .about(line.reference.as_deref().unwrap_or(&message))
        .with("message", &message)
        .with("outcome", verified.record().outcome.as_str())
        .with("objections", objections_of(verified))
        .commit(&node.chance)
}

/// The journal's line for a receipt of an act that another receipt settled.
pub fn noted_other(node: &Node, link: &Link, line: &OutboxLine) -> JournalLine {
    let what = "two receipts were given for one act of ours; the first counts";
    let message = hex::hex(&line.message);
    tracing::error!(partner = %link.partner, %message, "{what}");
    Line::new(Kind::PeerFault, node.clock.now())
        .on(link.id)
        .about(line.reference.as_deref().unwrap_or(&message))
        .with("message", &message)
        .with("what", what)
        .commit(&node.chance)
}

/// The row of a second receipt.
pub fn taken(carried: &CarriedReceipt, record: &TakenRecord) -> store::Taken {
    store::Taken {
        message: *record.message.as_bytes(),
        position: carried.index,
        opening: (*carried.salt.as_bytes(), carried.record.clone()),
        over: TakenOver {
            by: record.by.clone(),
            deputy: record.deputy.clone(),
            at: record.taken_at,
        },
    }
}

/// What the partner contests in receipts of ours.
pub fn objections(parcel: &Parcel) -> Result<Vec<(Bytes32, String)>, Problem> {
    let read = parcel.objections.iter().map(|objection| {
        let message: Option<MessageId> = objection.message.parse().ok();
        let message = message.ok_or_else(|| Problem::malformed("an objection to no message"))?;
        Ok((*message.as_bytes(), objection.what.clone()))
    });
    read.collect()
}
