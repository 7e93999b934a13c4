//! Heads of our log and cosignatures of the partner's. Only what stands in the store is signed.

use entente_ledger::{Hash, Head, SignatureLine, SignedHead, cosignature};
use entente_store::{self as store, Store, StoreError};
use jiff::Timestamp;

use super::{Link, Standing, Turn};
use crate::keychain::Signer;

impl Link {
    /// A head of our log over what follows `base`, signed, with at most `most` entries after it; none while the log is empty
    /// or while we may not sign.
    ///
    /// Only what stands in the store is signed: the head was committed before this is called.
    pub fn head_from(
        &self,
        store: &Store,
        turn: &mut Turn,
        signer: Option<&Signer>,
        base: u64,
        most: u64,
    ) -> Result<Option<SignedHead>, StoreError> {
        let newest = turn.head.filter(|_| turn.standing() == Standing::Open);
        let (Some(newest), Some(signer)) = (newest, signer) else {
            return Ok(None);
        };
        let row = if newest.size - base.min(newest.size) > most {
            store.head_within(self.id, base + most)?
        } else {
            Some(newest)
        };
        let Some(row) = row.filter(|row| row.size >= base) else {
            return Ok(None);
        };
        let known = turn
            .signed
            .take()
            .filter(|(by, signed)| signed.size() == row.size && by == signer.keys.ed25519());
        let signed = known.map_or_else(|| sign(signer, row), |(_, signed)| signed);
        turn.signed = Some((signer.keys.ed25519().clone(), signed.clone()));
        Ok(Some(signed))
    }

    /// Our cosignature line of the partner's newest head, and its size.
    pub fn cosign(&self, turn: &mut Turn, signer: &Signer) -> Option<(String, u64)> {
        let allowed = turn.standing() == Standing::Open;
        let head = turn.mirror.head().filter(|_| allowed)?;
        let line = cosign(signer, head.head(), turn.mirror_at?);
        let size = head.size();
        turn.cosigned = size;
        Some((line.to_string(), size))
    }
}

/// Our cosignature line of a head of the partner that came at an instant.
pub fn cosign(signer: &Signer, head: &Head, at: Timestamp) -> SignatureLine {
    let (key, at) = (signer.keys.ml_dsa_44(), signer.at(at));
    let message = cosignature::message(key, at, head);
    cosignature::line(key, at, &signer.key.sign_mldsa44(&message)[..])
}

/// Our head of a stored row with both its signatures. Only what stands in the store is signed.
pub fn sign(signer: &Signer, row: store::Head) -> SignedHead {
    let (keys, log, at) = (&signer.keys, &signer.key, signer.at(row.at));
    let head = Head::new(keys.origin(), row.size, Hash::new(row.root));
    let ed25519 = log.sign_ed25519(head.text().as_bytes());
    let message = cosignature::message(keys.ml_dsa_44(), at, &head);
    let ml_dsa_44 = log.sign_mldsa44(&message);
    head.signed(keys, at, &ed25519, &ml_dsa_44[..])
}
