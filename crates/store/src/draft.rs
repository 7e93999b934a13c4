//! Drafts that were sent, by their digest: so that the same draft sent twice is noticed.
//!
//! The digest goes when the content goes: of what is erased, nobody can try out what it said.

use crate::{
    Bytes32, Store, StoreError,
    sql::{Transaction, values},
};

/// What became of a draft that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SentDraft {
    /// It was released: the message id.
    Released(Bytes32),
    /// It is held at home: its number there.
    Held(i64),
}

impl Store {
    /// What became of the draft of this digest when it was last sent; none if it was not, or if its content is erased.
    pub fn sent_draft(&self, digest: &Bytes32) -> Result<Option<SentDraft>, StoreError> {
        self.read(|transaction| {
            let found = transaction.one(
                "select message, held from draft where digest = $1 limit 1",
                &values![digest],
                |row| Ok((row.get::<Option<Bytes32>>(0)?, row.get::<Option<i64>>(1)?)),
            )?;
            Ok(found.and_then(|(message, held)| match (message, held) {
                (Some(message), _) => Some(SentDraft::Released(message)),
                (None, held) => held.map(SentDraft::Held),
            }))
        })
    }
}

/// Notes what became of a draft. Sent once more, the last time counts.
pub(crate) fn note(
    transaction: &Transaction<'_>,
    digest: &Bytes32,
    sent: SentDraft,
) -> Result<(), StoreError> {
    let (message, held) = match sent {
        SentDraft::Released(message) => (Some(message), None),
        SentDraft::Held(held) => (None, Some(held)),
    };
    transaction.run(
        "insert into draft (digest, message, held) values ($1, $2, $3)
         on conflict (digest) do update set message = excluded.message, held = excluded.held",
        &values![digest, &message, held],
    )?;
    Ok(())
}

/// Forgets the draft of a held act that is no longer held.
pub(crate) fn forget_held(transaction: &Transaction<'_>, held: i64) -> Result<(), StoreError> {
    transaction.run("delete from draft where held = $1", &values![held])?;
    Ok(())
}

/// Forgets the draft of an act whose content is erased.
pub(crate) fn forget(transaction: &Transaction<'_>, message: &Bytes32) -> Result<(), StoreError> {
    transaction.run("delete from draft where message = $1", &values![message])?;
    Ok(())
}
