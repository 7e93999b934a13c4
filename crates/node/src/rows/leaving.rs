//! An act that leaves: its reference, its row.

use entente_cooperation::{
    act::{Act, Side},
    case::{self, Event, Received, word::slot},
    memorandum::Behaviour,
    outgoing::Released,
    reference::next_number,
};
use entente_ledger::hex;
use entente_store::{self as store, Body, Bytes32, JournalLine, OutboxLine, StoreError};
use jiff::{Timestamp, tz::TimeZone};

use super::{Sent, articles};
use crate::{
    desk::{DeskFault, Shelf},
    journal::{Kind, Line},
    link::Link,
    node::Node,
};

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
    let next = next_number(&shelf.agreement.memorandum, &shelf.link.own, last);
    Ok(format!("{series}/{}", next.unwrap_or(last)))
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
        handed_at: None,
        kept_back_at: None,
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
