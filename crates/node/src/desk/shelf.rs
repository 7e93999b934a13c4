//! Where the desk reads: one link, under one version of the memorandum.

use std::sync::Arc;

use entente_cooperation::{
    act::{Act, Moment},
    case::{self, State},
    digest::{Digest, MessageId},
    judgement::Judgement,
};
use entente_seal::open_with;
use entente_store::{Bytes32, QuotaUse, Store};
use jiff::Timestamp;

use super::DeskFault;
use crate::{
    agreement::{Agreement, Agreements},
    link::Link,
    wraps::Wraps,
};

/// Where the desk reads: one link, under one version of the memorandum.
pub struct Shelf<'a> {
    /// The store.
    pub store: &'a Store,
    /// The wrap keys.
    pub wraps: &'a Wraps,
    /// All versions, to read what was written under another.
    pub agreements: &'a Agreements,
    /// The version by which is judged.
    pub agreement: Arc<Agreement>,
    /// The link.
    pub link: &'a Link,
}

impl Shelf<'_> {
    /// A kept body, opened; none once it is erased or if it was never kept.
    pub fn body(
        &self,
        message: &Bytes32,
        digest: &str,
    ) -> Result<Option<entente_cooperation::body::Body>, DeskFault> {
        let Some(kept) = self.store.body(message)? else {
            return Ok(None);
        };
        let id = MessageId::from(*message);
        let file_key = self.wraps.unwrap(&kept.wrapped, &id)?;
        let plaintext = open_with(&file_key, &kept.sealed).map_err(|_| DeskFault::Body(id))?;
        entente_cooperation::body::Body::read(&self.read_by(digest).memorandum, &plaintext)
            .map(Some)
            .map_err(|_| DeskFault::Body(id))
    }

    /// The version by which an act was written; that in force if we do not hold it.
    pub(super) fn read_by(&self, digest: &str) -> Arc<Agreement> {
        let digest: Option<Digest> = digest.parse().ok();
        let named = digest.and_then(|digest| self.agreements.of(&digest));
        named.unwrap_or_else(|| Arc::clone(&self.agreement))
    }

    /// Judges an act against a state.
    pub fn judge(&self, state: &State, act: &Act, moment: &Moment) -> Judgement {
        self.agreement
            .policy
            .judge(&self.agreement.memorandum, state, act, moment)
    }

    /// Whether later acts of every case are judged against this act.
    pub fn stands(&self, act: &Act) -> bool {
        let line = self.agreement.memorandum.acts.get(&act.kind);
        line.is_some_and(|line| case::stands(line.behaviour))
    }

    /// The uses of quotas by an act.
    pub fn uses(&self, act: &Act, message: &str, at: Timestamp) -> Vec<QuotaUse> {
        let Ok(message) = message.parse::<MessageId>() else {
            return Vec::new();
        };
        let counted = case::touches(&self.agreement.memorandum, act).counted;
        let used = counted.into_iter().map(|(quota, counted_for)| QuotaUse {
            quota,
            counted_for,
            at,
            message: *message.as_bytes(),
        });
        used.collect()
    }
}
