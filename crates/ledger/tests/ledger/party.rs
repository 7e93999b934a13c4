//! An invented Party with its keys, and logs of invented entries.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair, ML_DSA_44_SIGNING, PqdsaKeyPair};
use entente_ledger::cosignature::{self, SIGNATURE_LEN};
use entente_ledger::name::log_key_name;
use entente_ledger::notice::{Identity, Introduction, PublicKeys, Who};
use entente_ledger::{
    Entry, Frontier, Head, Id, KeyKind, LogKeys, Note, Origin, SignatureLine, SignedHead,
    VerifierKey, sha256,
};
use jiff::Timestamp;

/// The memorandum under which the invented Parties exchange.
pub(crate) const MEMORANDUM: &str = "aurelia_borealis";

/// One pair of keys, from a seed.
pub(crate) struct Pair {
    ed25519: Ed25519KeyPair,
    ml_dsa_44: PqdsaKeyPair,
}

impl Pair {
    fn of(seed: u8) -> Self {
        let seed = [seed; 32];
        Self {
            ed25519: Ed25519KeyPair::from_seed_unchecked(&seed).unwrap(),
            ml_dsa_44: PqdsaKeyPair::from_seed(&ML_DSA_44_SIGNING, &seed).unwrap(),
        }
    }

    pub(crate) fn ed25519(&self, message: &[u8]) -> Vec<u8> {
        self.ed25519.sign(message).as_ref().to_vec()
    }

    pub(crate) fn ml_dsa_44(&self, message: &[u8]) -> Vec<u8> {
        let mut signature = vec![0; SIGNATURE_LEN];
        self.ml_dsa_44.sign(message, &mut signature).unwrap();
        signature
    }

    fn public(&self) -> (&[u8], &[u8]) {
        let (ed25519, ml_dsa_44) = (self.ed25519.public_key(), self.ml_dsa_44.public_key());
        (ed25519.as_ref(), ml_dsa_44.as_ref())
    }
}

/// A Party: its name, its log key, its identity key.
pub(crate) struct Party {
    pub(crate) id: Id,
    pub(crate) log: Pair,
    pub(crate) identity: Pair,
}

impl Party {
    /// The Party `aurelia`.
    pub(crate) fn aurelia() -> Self {
        Self::new("aurelia", 1)
    }

    /// The Party `borealis`.
    pub(crate) fn borealis() -> Self {
        Self::new("borealis", 101)
    }

    fn new(id: &str, seed: u8) -> Self {
        Self {
            id: id.parse().unwrap(),
            log: Pair::of(seed),
            identity: Pair::of(seed + 1),
        }
    }

    /// The keys of the log that this Party keeps for `partner`.
    pub(crate) fn keys_for(&self, partner: &Self) -> LogKeys {
        let memorandum = memorandum();
        let name = log_key_name(&memorandum, &self.id);
        let key = |kind, public| VerifierKey::new(&name, kind, public).unwrap();
        let (ed25519, ml_dsa_44) = self.log.public();
        LogKeys::new(
            Origin::new(&memorandum, &self.id, &partner.id),
            key(KeyKind::Ed25519, ed25519),
            key(KeyKind::MlDsa44Cosignature, ml_dsa_44),
        )
        .unwrap()
    }

    /// `head` signed with both log keys at `at`.
    pub(crate) fn sign(&self, head: Head, keys: &LogKeys, at: Timestamp) -> SignedHead {
        let ed25519 = self.log.ed25519(head.text().as_bytes());
        let message = cosignature::message(keys.ml_dsa_44(), at, &head);
        let ml_dsa_44 = self.log.ml_dsa_44(&message);
        head.signed(keys, at, &ed25519, &ml_dsa_44)
    }

    /// The signed head over `entries` of the log for `partner`.
    pub(crate) fn head_over(&self, entries: &[Entry], partner: &Self, at: Timestamp) -> SignedHead {
        let keys = self.keys_for(partner);
        let mut frontier = Frontier::new();
        frontier.extend(entries);
        self.sign(Head::of(keys.origin(), &frontier), &keys, at)
    }

    /// This Party's cosignature line for a head of its partner.
    pub(crate) fn cosign(&self, head: &Head, partner: &Self, at: Timestamp) -> SignatureLine {
        let key = self.keys_for(partner).ml_dsa_44().clone();
        let signature = self.log.ml_dsa_44(&cosignature::message(&key, at, head));
        cosignature::line(&key, at, &signature)
    }

    /// The identity as verifiers know it.
    pub(crate) fn identity_keys(&self) -> Identity {
        let (ed25519, ml_dsa_44) = self.identity.public();
        Identity::new(&self.id, ed25519, ml_dsa_44).unwrap()
    }

    /// `note` with both lines of the identity.
    pub(crate) fn sign_text(&self, text: &str) -> Note {
        let (ed25519, ml_dsa_44) = (
            self.identity.ed25519(text.as_bytes()),
            self.identity.ml_dsa_44(text.as_bytes()),
        );
        let note = Note::new(text).unwrap();
        self.identity_keys().sign(note, &ed25519, &ml_dsa_44)
    }

    /// The introduction, unsigned.
    pub(crate) fn introduction(&self) -> Introduction {
        let who = Who {
            party: self.id.clone(),
            memorandum: memorandum(),
            demo: false,
            address: Some("node.aurelia.example:7443".parse().unwrap()),
        };
        let keys = PublicKeys {
            identity: self.identity.public(),
            log: self.log.public(),
            seal: "age1pq1exampleexampleexample",
            transport: [7; 32],
        };
        Introduction::new(who, &keys, at(0)).unwrap()
    }
}

/// The memorandum's identifier.
pub(crate) fn memorandum() -> Id {
    MEMORANDUM.parse().unwrap()
}

/// `second` seconds after the beginning of 2026.
pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_767_225_600 + second).unwrap()
}

/// `count` invented entries.
pub(crate) fn entries(count: u64) -> Vec<Entry> {
    (0..count)
        .map(|index| Entry::new(sha256(&index.to_be_bytes())))
        .collect()
}
