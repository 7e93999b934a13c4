//! A key of ours is changed: a new one is made beside it, and notices signed by our identity say what serves until when.
//!
//! The identity key is used where the operator has it and never reaches the running node, which only gets the signed notices.

use entente_ledger::{
    KeyNotice, KeyRing,
    notice::{KeyUse, Span, Use},
};
use entente_seal::SigningKey;
use jiff::{SignedDuration, Timestamp};

use crate::{
    folder::Folder,
    keys::{self, BadKeys},
};

/// A new key serves so long.
pub const LIFE: SignedDuration = SignedDuration::from_hours(24 * 730);
/// From so long before the end of a key on, people are told to make a new one.
pub const WARNING: SignedDuration = SignedDuration::from_hours(24 * 60);
/// The key before it serves on so long beside it, unless the operator says otherwise.
pub const OVERLAP: SignedDuration = SignedDuration::from_hours(24 * 30);

/// Who changes a key, on what, and when.
pub struct Change<'a> {
    /// The data folder, in whose `keys` the new key is made.
    pub folder: &'a Folder,
    /// Our keys so far.
    pub ring: &'a KeyRing,
    /// The identity key, which signs.
    pub identity: &'a SigningKey,
    /// What the key serves for.
    pub what: Use,
    /// When the notices are issued.
    pub issued: Timestamp,
}

impl Change<'_> {
    /// A new key from `from` on; those before it serve on for `overlap`. Yields the notices, in their order.
    pub fn rotate(&self, from: Timestamp, overlap: SignedDuration) -> Result<Vec<String>, BadKeys> {
        let end = later(from, overlap);
        self.changed(from, |span| {
            (span.until > end).then_some(end.max(span.from))
        })
    }

    /// Every key that there has been ended at `since`: what it signs or opens after that counts no more. A new one serves from
    /// the same instant on. Yields the notices, in their order.
    pub fn revoke(&self, since: Timestamp) -> Result<Vec<String>, BadKeys> {
        self.changed(since, |span| {
            (span.until > since).then_some(since.max(span.from))
        })
    }

    fn changed(
        &self,
        from: Timestamp,
        end: impl Fn(&Span) -> Option<Timestamp>,
    ) -> Result<Vec<String>, BadKeys> {
        let before = self.ring.spans().iter();
        let before: Vec<_> = before
            .filter(|span| span.key.kind() == self.what)
            .filter_map(|span| Some((span.key.clone(), (span.from, end(span)?))))
            .collect();
        let (party, memorandum) = (self.ring.party(), self.ring.memorandum());
        let new = keys::make(self.folder, self.what, party, memorandum)?;
        // The new key first: whoever has only read so far is not left without a key.
        let all = [(new, (from, later(from.max(self.issued), LIFE)))]
            .into_iter()
            .chain(before);
        (self.ring.next()..)
            .zip(all)
            .map(|(number, (key, times))| self.notice(number, key, times))
            .collect()
    }

    fn notice(
        &self,
        number: u64,
        key: KeyUse,
        times: (Timestamp, Timestamp),
    ) -> Result<String, BadKeys> {
        let bad = |e: &dyn std::fmt::Display| BadKeys::Introduction(e.to_string());
        let who = (
            self.ring.party().clone(),
            self.ring.memorandum().clone(),
            number,
        );
        let notice = KeyNotice::new(who, key, times, self.issued).map_err(|e| bad(&e))?;
        let text = notice.text();
        let note = notice.signed(
            self.ring.identity(),
            &self.identity.sign_ed25519(text.as_bytes()),
            &self.identity.sign_mldsa44(text.as_bytes())[..],
        );
        Ok(note.map_err(|e| bad(&e))?.to_string())
    }
}

fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}
