//! Stages as rows, and rows as what the stages ask for. Nothing is decided here.

use entente_cooperation::{
    act::{Act, Side},
    body::Body as ReadBody,
    case::{self, Event, Received, word::slot},
    clock::time_zone_data_version,
    digest::{ActId, MessageId},
    incoming::{self, Filed, Opened, Proven, Reception, Refused, Unreadable},
    judgement::{Decision, Judgement},
    memorandum::Behaviour,
    outgoing::Released,
    receipt::{self, ClockTerm, ReceiptRecord, TakenRecord, Verified},
};
use entente_ledger::{Entry, Opening, hex};
use entente_store::{
    self as store, Body, Bytes32, InboxLine, JournalLine, OutboxLine, Settled, Store, StoreError,
    TakenOver,
};
use jiff::{Timestamp, tz::TimeZone};

use crate::{
    desk::{self, Desk, DeskFault, Shelf},
    fault::ReceiveFault,
    journal::{Kind, Line},
    link::{Growing, Link},
    node::Node,
    peer::{
        parcel::{CarriedReceipt, Parcel},
        problem::Problem,
    },
};

/// The ground that answers where a ground of its own would reveal something (13.4).
const FORMULA: &str = "not_communicable";

/// An act that was released: what the officer is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The message id, hexadecimal.
    pub message: String,
    /// Its reference.
    pub reference: Option<String>,
    /// When it was released.
    pub released_at: Timestamp,
    /// Its entry in our log.
    pub index: u64,
    /// The deciding paragraphs, in order.
    pub articles: Vec<String>,
}

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

// ── Leaving ──

/// How an officer signs: `signed:` and the identifier.
pub fn signature(officer: &str) -> String {
    format!("signed:{officer}")
}

/// The reference that an act gets: its case, a slash, a number. An act outside any case has the series of its Party and year.
///
/// The first Party of the memorandum takes the numbers 1, 3, 5 …, the second 2, 4, 6 …: so two nodes never give one reference
/// twice. A number is taken only when the act is released, so that refusals at home leave no gap that the partner would see.
pub fn reference(
    shelf: &Shelf<'_>,
    act: &Act,
    pending: &[Event],
    now: Timestamp,
) -> Result<String, StoreError> {
    let series = match act.text(slot::CASE) {
        Some(case) => case.to_owned(),
        None => {
            let year = TimeZone::UTC.to_datetime(now).year();
            format!("{}-{year}-000000", shelf.link.own.to_uppercase())
        }
    };
    let number = |reference: &str| -> Option<u64> {
        reference
            .strip_prefix(&series)?
            .strip_prefix('/')?
            .parse()
            .ok()
    };
    let waiting = pending.iter().filter_map(|event| match event {
        Event::Act(received) => number(received.act.text(slot::REFERENCE)?),
        Event::Home(_) | Event::Expired(_) => None,
    });
    let last = shelf.store.last_in_series(shelf.link.id, &series)?;
    let last = last.into_iter().chain(waiting).max().unwrap_or(0);
    let parties = &shelf.agreement.memorandum.head.parties;
    let step = parties.len().max(1) as u64;
    let place = parties.iter().position(|party| *party == shelf.link.own);
    let first = place.unwrap_or(0) as u64 + 1;
    let next = (first..)
        .step_by(step as usize)
        .find(|number| *number > last);
    Ok(format!("{series}/{}", next.unwrap_or(first)))
}

/// An act of ours that awaits its receipt, as an event.
pub fn awaiting(released: &Released) -> Received {
    Received {
        message: released.message().to_string(),
        act: released.body().act().clone(),
        released_at: released.body().envelope().released_at,
        received_at: None,
        side: Side::Sender,
        outcome: case::Outcome::Filed,
    }
}

/// The row of an act that is released now.
pub fn released(
    shelf: &Shelf<'_>,
    released: &Released,
    officer: &str,
    held: Option<i64>,
    draft: Bytes32,
    now: Timestamp,
) -> Result<store::Released, DeskFault> {
    let (act, envelope) = (released.body().act(), released.body().envelope());
    let behaviour = shelf
        .agreement
        .memorandum
        .acts
        .get(&act.kind)
        .map(|line| line.behaviour);
    let key = shelf.wraps.current(now)?;
    let text = |name| act.text(name).map(str::to_owned);
    let line = OutboxLine {
        message: *released.message().as_bytes(),
        position: released.index(),
        act_id: envelope.act_id.to_string(),
        act: act.kind.clone(),
        from_organ: act.from.clone(),
        to_organ: act.to.clone(),
        reference: text(slot::REFERENCE),
        case_ref: text(slot::CASE),
        in_reply_to: text(slot::IN_REPLY_TO),
        stands: shelf.stands(act),
        released_by: officer.to_owned(),
        released_at: envelope.released_at,
        memorandum: envelope.memorandum.to_string(),
        lane: behaviour.map_or(1, lane),
        size_bytes: released.sealed().len() as u64,
        attempts: 0,
        next_attempt_at: now,
        fault: None,
        outcome: None,
        ground: None,
        received_at: None,
        receipt_position: None,
        settled_at: None,
        contested: None,
        taken: None,
    };
    let body = Body {
        sealed: released.sealed().to_vec(),
        wrapped: released.wrap(&key).as_bytes().to_vec(),
    };
    Ok(store::Released {
        line,
        body,
        held,
        draft,
    })
}

/// The lane of an act: 0 leaves first, and has a budget of its own at the partner.
pub const fn lane(behaviour: Behaviour) -> u32 {
    match behaviour {
        Behaviour::Alerts
        | Behaviour::Acknowledges
        | Behaviour::Recalls
        | Behaviour::Stops
        | Behaviour::DemandsErasure => 0,
        _ => 1,
    }
}

/// What the officer is told.
pub fn sent(released: &Released) -> Sent {
    Sent {
        message: released.message().to_string(),
        reference: released
            .body()
            .act()
            .text(slot::REFERENCE)
            .map(str::to_owned),
        released_at: released.body().envelope().released_at,
        index: released.index(),
        articles: articles(released.judgement()),
    }
}

/// The deciding paragraphs, in order.
pub fn articles(judgement: &Judgement) -> Vec<String> {
    judgement
        .paragraphs
        .iter()
        .map(ToString::to_string)
        .collect()
}

/// The journal's line for a release.
pub fn noted_release(node: &Node, link: &Link, row: &store::Released) -> JournalLine {
    let message = hex::hex(&row.line.message);
    Line::new(Kind::Released, row.line.released_at)
        .by(&row.line.released_by)
        .on(link.id)
        .about(row.line.reference.as_deref().unwrap_or(&message))
        .with("message", &message)
        .with("act", &row.line.act)
        .commit(&node.chance)
}

// ── Arriving ──

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
    admitted.line.reason = Some(words_of(unreadable.why()));
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

/// A fault with its cause, in one line.
fn words_of(error: &dyn std::error::Error) -> String {
    let source = error.source().map(|source| format!(": {source}"));
    format!("{error}{}", source.unwrap_or_default())
}

// ── Coming back ──

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
    Ok(receipt::Sent {
        link: link.memorandum.clone(),
        message: MessageId::from(line.message),
        act_id,
        entry: Entry::new(entry.entry),
        index: line.position,
        memorandum: memorandum.map_err(|_| StoreError::Unreadable("digest"))?,
        // A lost answer makes us send again, and the first receipt counts: it cannot be earlier than the release.
        sent_at: line
            .released_at
            .checked_sub(skew)
            .unwrap_or(line.released_at),
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

const fn outcome(outcome: receipt::Outcome) -> store::Outcome {
    match outcome {
        receipt::Outcome::Filed => store::Outcome::Filed,
        receipt::Outcome::Clarify => store::Outcome::Clarify,
        receipt::Outcome::Refused => store::Outcome::Refused,
        receipt::Outcome::Unreadable => store::Outcome::Unreadable,
    }
}
