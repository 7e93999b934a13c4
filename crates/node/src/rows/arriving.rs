//! An act that arrives: its receipt, its row.

use entente_cooperation::{
    act::{Act, Side},
    body::Body as ReadBody,
    case::{self, Received, word::slot},
    clock::time_zone_data_version,
    digest::{ActId, MessageId},
    incoming::{self, Filed, Opened, Proven, Reception, Refused, Unreadable},
    judgement::Decision,
    receipt::{ClockTerm, ReceiptRecord},
};
use entente_ledger::{Opening, hex};
use entente_store::{self as store, Body, InboxLine, JournalLine, Store, StoreError};
use jiff::Timestamp;

use super::outcome;
use crate::{
    desk::{DeskFault, Shelf},
    fault::with_cause,
    journal::{Kind, Line},
    link::{Growing, Link},
    node::Node,
    peer::parcel::{CarriedReceipt, kept},
};

/// The ground that answers where a ground of its own would reveal something (13.4).
const FORMULA: &str = "not_communicable";

/// An act that is receipted, before its receipt has a position.
pub struct Admitted {
    line: InboxLine,
    opening: Opening,
    body: Option<Body>,
}

/// An act that was filed, as later ones under its act id are compared with it.
#[derive(Clone, Debug)]
pub struct First {
    /// Its receipt.
    pub receipt: ReceiptRecord,
    /// Its body; none once it is erased.
    pub body: Option<ReadBody>,
}

/// The receipt that a message got, from the store or from this very transaction.
pub fn receipt_given(
    store: &Store,
    link: &Link,
    growing: &Growing,
    acts: &[store::Filed],
    message: &MessageId,
) -> Result<Option<CarriedReceipt>, StoreError> {
    let same = |filed: &&store::Filed| filed.line.message == *message.as_bytes();
    if let Some(filed) = acts.iter().find(same) {
        let index = filed.line.receipt_position;
        return Ok(growing
            .opening(index)
            .map(|opening| CarriedReceipt::at(index, &opening)));
    }
    let Some(line) = store.receipt_for(link.id, message.as_bytes())? else {
        return Ok(None);
    };
    let index = line.receipt_position;
    let entry = store.own_entry(link.id, index)?;
    let (salt, record) = entry
        .and_then(|entry| entry.opening)
        .ok_or(StoreError::Unreadable("receipt"))?;
    let opening = Opening::new(entente_ledger::Salt::new(salt), record);
    Ok(Some(CarriedReceipt::at(index, &opening)))
}

/// The act that was filed first under an act id, in this very transaction or before it.
pub fn filed_first(
    shelf: &Shelf<'_>,
    filed: &[First],
    act_id: ActId,
) -> Result<Option<First>, DeskFault> {
    let same = |first: &&First| first.receipt.act == Some(act_id);
    if let Some(first) = filed.iter().find(same) {
        return Ok(Some(first.clone()));
    }
    let (store, link) = (shelf.store, shelf.link.id);
    let Some(line) = store.filed_first(link, &act_id.to_string())? else {
        return Ok(None);
    };
    let entry = store.own_entry(link, line.receipt_position)?;
    let text = entry
        .and_then(|entry| entry.opening)
        .map(|(_, record)| record);
    let receipt = text.and_then(|text| ReceiptRecord::read(&text).ok());
    Ok(Some(First {
        receipt: receipt.ok_or(StoreError::Unreadable("receipt"))?,
        body: shelf.body(&line.message, &line.memorandum)?,
    }))
}

/// The receipt and the row of the same act sealed again, which gets what was stated first; or of another act that took its id.
pub fn repeated(
    shelf: &Shelf<'_>,
    opened: Opened,
    first: &First,
    at: Timestamp,
) -> (ReceiptRecord, Admitted) {
    let known = incoming::First {
        receipt: &first.receipt,
        body: first.body.as_ref(),
    };
    match opened.repeats(known, at) {
        Ok((opened, record)) => {
            let act = Some(opened.body().act());
            let mut admitted = admitted(shelf, opened.proven(), &record, act, None);
            admitted.line.repeats = Some(*first.receipt.message.as_bytes());
            (record, admitted)
        }
        Err(other) => unreadable(shelf, &other, at),
    }
}

/// An act received, as an event.
pub fn received(filed: &Filed, at: Timestamp) -> Received {
    let outcome = match filed.judgement().decision {
        Decision::Clarify => case::Outcome::Clarify,
        _ => case::Outcome::Filed,
    };
    let body = filed.opened().body();
    Received {
        message: filed.opened().proven().message().to_string(),
        act: body.act().clone(),
        released_at: body.envelope().released_at,
        received_at: Some(at),
        side: Side::Recipient,
        outcome,
    }
}

/// A refused act, as an event: it leaves nothing behind, save who must be told.
pub fn turned_away(refused: &Refused, at: Timestamp) -> Received {
    let body = refused.opened().body();
    // A judgement that refuses states its reason.
    let reason = refused.judgement().reason.clone();
    Received {
        message: refused.opened().proven().message().to_string(),
        act: body.act().clone(),
        released_at: body.envelope().released_at,
        received_at: Some(at),
        side: Side::Recipient,
        outcome: reason.map_or(case::Outcome::Filed, case::Outcome::Refused),
    }
}

/// The receipt and the row of a filed act.
pub fn filed(
    shelf: &Shelf<'_>,
    filed: &Filed,
    at: Timestamp,
    clocks: Vec<ClockTerm>,
) -> Result<(ReceiptRecord, Admitted), DeskFault> {
    let record = filed.receipt(reception(shelf, at, clocks));
    let wrapped = filed.wrap(&*shelf.wraps.current(at)?);
    let (proven, act) = (filed.opened().proven(), filed.opened().body().act());
    let wrapped = Some(wrapped.as_bytes().to_vec());
    let admitted = admitted(shelf, proven, &record, Some(act), wrapped);
    Ok((record, admitted))
}

/// The receipt and the row of a refused act. The partner is told a ground of the closed list; what is an impediment here is
/// told to our own officers only, and answered with the formula (13.4).
pub fn refused(
    shelf: &Shelf<'_>,
    refused: &Refused,
    at: Timestamp,
) -> Result<(ReceiptRecord, Admitted), DeskFault> {
    let mut record = refused.receipt(reception(shelf, at, Vec::new()));
    let formula = shelf.agreement.memorandum.grounds.get(FORMULA);
    if let (None, Some(formula)) = (&record.ground, formula) {
        record.ground = Some(formula.id.clone());
        record.articles = vec![formula.article.clone()];
    }
    let wrapped = refused.wrap(&*shelf.wraps.current(at)?);
    let (proven, act) = (refused.opened().proven(), refused.opened().body().act());
    let wrapped = wrapped.map(|key| key.as_bytes().to_vec());
    let mut admitted = admitted(shelf, proven, &record, Some(act), wrapped);
    let reason = refused.judgement().reason.as_ref();
    admitted.line.reason = reason.map(|reason| reason.id().to_owned());
    Ok((record, admitted))
}

/// The receipt and the row of an act that cannot be read: the fault is attributable.
pub fn unreadable(
    shelf: &Shelf<'_>,
    unreadable: &Unreadable,
    at: Timestamp,
) -> (ReceiptRecord, Admitted) {
    let record = unreadable.receipt(reception(shelf, at, Vec::new()));
    let mut admitted = admitted(shelf, unreadable.proven(), &record, None, None);
    admitted.line.reason = Some(kept(&with_cause(unreadable.why())));
    (record, admitted)
}

fn reception(shelf: &Shelf<'_>, at: Timestamp, clocks: Vec<ClockTerm>) -> Reception {
    Reception {
        received_at: at,
        memorandum_judged: shelf.agreement.digest,
        time_zone_data: time_zone_data_version().to_owned(),
        clocks,
    }
}

fn admitted(
    shelf: &Shelf<'_>,
    proven: &Proven,
    record: &ReceiptRecord,
    act: Option<&Act>,
    wrapped: Option<Vec<u8>>,
) -> Admitted {
    let text = |name| act.and_then(|act| act.text(name)).map(str::to_owned);
    let line = InboxLine {
        message: *record.message.as_bytes(),
        position: record.index,
        receipt_position: 0,
        act_id: record.act.map(|id| id.to_string()),
        act: act.map(|act| act.kind.clone()),
        from_organ: act.map(|act| act.from.clone()),
        to_organ: act.and_then(|act| act.to.clone()),
        reference: text(slot::REFERENCE),
        case_ref: text(slot::CASE),
        in_reply_to: text(slot::IN_REPLY_TO),
        stands: act.is_some_and(|act| shelf.stands(act)),
        released_at: Some(proven.record().released_at),
        received_at: record.received_at,
        memorandum: record.memorandum_released.to_string(),
        size_bytes: proven.sealed().len() as u64,
        outcome: outcome(record.outcome),
        ground: record.ground.clone(),
        reason: None,
        repeats: None,
        contested: None,
        owner: None,
        deputy: None,
        taken_at: None,
        remains: None,
    };
    let body = wrapped.map(|wrapped| Body {
        sealed: proven.sealed().to_vec(),
        wrapped,
    });
    Admitted {
        line,
        opening: proven.opening().clone(),
        body,
    }
}

impl Admitted {
    /// The row, once its receipt has a position in our log.
    pub fn receipted_at(self, position: u64) -> store::Filed {
        store::Filed {
            line: InboxLine {
                receipt_position: position,
                ..self.line
            },
            opening: (
                *self.opening.salt().as_bytes(),
                self.opening.record().to_owned(),
            ),
            body: self.body,
        }
    }

    /// The journal's line for the receipt.
    pub fn noted(&self, node: &Node, link: &Link) -> JournalLine {
        let message = hex::hex(&self.line.message);
        let line = Line::new(Kind::Received, self.line.received_at)
            .on(link.id)
            .about(self.line.reference.as_deref().unwrap_or(&message))
            .with("message", &message)
            .with("outcome", self.line.outcome.word());
        let line = match &self.line.reason {
            Some(reason) => line.with("reason", reason),
            None => line,
        };
        line.commit(&node.chance)
    }
}
