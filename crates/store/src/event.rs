//! What changed the state of a link, in order: the state is always the fold of these rows.

use jiff::Timestamp;

use crate::{
    Bytes32, LinkId, Store, StoreError,
    sql::{Row, Transaction, values},
};

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// An act of ours was released.
    Released,
    /// The receipt of an act of ours came.
    Receipted,
    /// An act of the partner was received.
    Received,
    /// A clock ran out.
    Expired,
}

/// One event. What an act says is not in it: that lies sealed, and is opened again to fold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// What happened.
    pub kind: EventKind,
    /// When.
    pub at: Timestamp,
    /// The message; none for a clock.
    pub message: Option<Bytes32>,
    /// What the flow needs to fold it again, as strict JSON without personal data.
    pub detail: Option<String>,
}

impl EventKind {
    const fn word(self) -> &'static str {
        match self {
            EventKind::Released => "released",
            EventKind::Receipted => "receipted",
            EventKind::Received => "received",
            EventKind::Expired => "expired",
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        [
            EventKind::Released,
            EventKind::Receipted,
            EventKind::Received,
            EventKind::Expired,
        ]
        .into_iter()
        .find(|kind| kind.word() == word)
    }
}

impl Store {
    /// At most `limit` events from `from` on, in order.
    pub fn events(&self, link: LinkId, from: u64, limit: u64) -> Result<Vec<Event>, StoreError> {
        self.read(|transaction| {
            transaction.all(
                "select kind, at_ns, message, detail from event where link = $1 and sequence >= $2
                 order by sequence limit $3",
                &values![link.0, from, limit],
                event,
            )
        })
    }
}

/// Appends events; the first must have the sequence `base`.
pub(crate) fn append(
    transaction: &Transaction<'_>,
    link: LinkId,
    base: u64,
    events: &[Event],
) -> Result<(), StoreError> {
    let mut next = transaction.count(
        "select coalesce(max(sequence), -1) + 1 from event where link = $1",
        &values![link.0],
    )?;
    if next != base {
        return Err(StoreError::Moved("event"));
    }
    for event in events {
        transaction.run(
            "insert into event (link, sequence, kind, at_ns, message, detail) values ($1, $2, $3, $4, $5, $6)",
            &values![link.0, next, event.kind.word(), event.at, &event.message, &event.detail],
        )?;
        next += 1;
    }
    Ok(())
}

fn event(row: &Row<'_>) -> Result<Event, StoreError> {
    Ok(Event {
        kind: row.word(0, EventKind::from_word)?,
        at: row.instant(1)?,
        message: row.get(2)?,
        detail: row.get(3)?,
    })
}
