//! The keys of one Party over time: those of its introduction, and what its notices say of them and of later ones.

use jiff::Timestamp;

use super::{Identity, Introduction, KeyNotice, KeyUse, NoticeFault};
use crate::head::LogKeys;
use crate::key::VerifierKey;
use crate::name::{Id, Origin};
use crate::note::{Note, SignatureLine};

/// What a key serves for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Use {
    /// Signs heads, and cosigns the partner's.
    Log,
    /// Opens bodies sealed for its Party.
    Seal,
    /// TLS.
    Transport,
}

impl Use {
    /// The word of a notice.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Use::Log => "log",
            Use::Seal => "seal",
            Use::Transport => "transport",
        }
    }
}

impl KeyUse {
    /// What the key serves for.
    #[must_use]
    pub const fn kind(&self) -> Use {
        match self {
            KeyUse::Log { .. } => Use::Log,
            KeyUse::Seal(_) => Use::Seal,
            KeyUse::Transport(_) => Use::Transport,
        }
    }
}

/// A key and the time in which it serves: from its first instant up to, not including, its last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// The key.
    pub key: KeyUse,
    /// The first instant; 1970 for a key of the introduction that no notice names.
    pub from: Timestamp,
    /// The end; the last instant that can be written for one that has none.
    pub until: Timestamp,
    /// The number of the notice that says so; 0 for the introduction.
    pub number: u64,
}

impl Span {
    /// Whether the key serves at `instant`.
    #[must_use]
    pub fn serves(&self, instant: Timestamp) -> bool {
        self.from <= instant && instant < self.until
    }

    /// Whether the key has an end.
    #[must_use]
    pub fn ends(&self) -> bool {
        self.until < Timestamp::MAX
    }
}

/// The keys of a Party under one memorandum, with the time of each: the fold of its notices, in the order of their numbers,
/// over its introduction.
///
/// Every holder has the same series: the numbers count from 1 without a gap, so what arrives by hand and what arrives in the
/// log cannot differ. Source: PROTOCOL section 3.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRing {
    identity: Identity,
    party: Id,
    memorandum: Id,
    notices: Vec<(KeyNotice, String)>,
    spans: Vec<Span>,
}

impl KeyRing {
    /// The keys of an introduction, before any notice.
    #[must_use]
    pub fn of(introduction: &Introduction) -> Self {
        let who = introduction.who();
        let log = introduction.log_keys(&who.party);
        let keys = [
            KeyUse::Log {
                ed25519: log.ed25519().clone(),
                ml_dsa_44: log.ml_dsa_44().clone(),
            },
            KeyUse::Seal(introduction.seal().to_owned()),
            KeyUse::Transport(*introduction.transport()),
        ];
        let span = |key| Span {
            key,
            from: Timestamp::UNIX_EPOCH,
            until: Timestamp::MAX,
            number: 0,
        };
        Self {
            identity: introduction.identity().clone(),
            party: who.party.clone(),
            memorandum: who.memorandum.clone(),
            notices: Vec::new(),
            spans: keys.into_iter().map(span).collect(),
        }
    }

    /// Learns a notice, once the identity's two lines are right. False if it is held already: then nothing changes.
    ///
    /// # Errors
    /// It is not signed by this identity, is of another Party or memorandum, or has another number than the next.
    pub fn learn(&mut self, note: &str) -> Result<bool, NoticeFault> {
        let notice = KeyNotice::verify(note, &self.identity)?;
        if *notice.party() != self.party || *notice.memorandum() != self.memorandum {
            return Err(NoticeFault::Foreign(format!(
                "{} under {}",
                notice.party(),
                notice.memorandum()
            )));
        }
        let (stated, next) = (notice.number(), self.next());
        if self.notices.iter().any(|(held, _)| *held == notice) {
            return Ok(false);
        }
        if stated != next {
            return Err(NoticeFault::Number { stated, next });
        }
        self.spans.retain(|span| span.key != *notice.key());
        self.spans.push(Span {
            key: notice.key().clone(),
            from: notice.from(),
            until: notice.until(),
            number: stated,
        });
        self.notices.push((notice, note.to_owned()));
        Ok(true)
    }

    /// The number of the next notice.
    #[must_use]
    pub fn next(&self) -> u64 {
        self.notices.len() as u64 + 1
    }

    /// The Party.
    #[must_use]
    pub const fn party(&self) -> &Id {
        &self.party
    }

    /// The memorandum.
    #[must_use]
    pub const fn memorandum(&self) -> &Id {
        &self.memorandum
    }

    /// The identity that signs the notices.
    #[must_use]
    pub const fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The notices in the order of their numbers, each with its file.
    pub fn notices(&self) -> impl Iterator<Item = (&KeyNotice, &str)> {
        self.notices
            .iter()
            .map(|(notice, note)| (notice, note.as_str()))
    }

    /// Every key that there has been, with its time.
    #[must_use]
    pub fn spans(&self) -> &[Span] {
        &self.spans
    }

    /// The keys of a use that serve at `instant`, the one that began last first.
    #[must_use]
    pub fn serving(&self, what: Use, instant: Timestamp) -> Vec<&Span> {
        let mut serving: Vec<&Span> = self
            .spans
            .iter()
            .filter(|span| span.key.kind() == what && span.serves(instant))
            .collect();
        serving.sort_by_key(|span| std::cmp::Reverse((span.from, span.number)));
        serving
    }

    /// The log keys with which this Party signs at `instant` its log for `partner`; none if none serves.
    #[must_use]
    pub fn log_at(&self, partner: &Id, instant: Timestamp) -> Option<(LogKeys, &Span)> {
        let span = *self.serving(Use::Log, instant).first()?;
        Some((self.log_keys(partner, span)?, span))
    }

    /// The log keys of a span, for the log that this Party keeps for `partner`.
    #[must_use]
    pub fn log_keys(&self, partner: &Id, span: &Span) -> Option<LogKeys> {
        let KeyUse::Log { ed25519, ml_dsa_44 } = &span.key else {
            return None;
        };
        let origin = Origin::new(&self.memorandum, &self.party, partner);
        Some(LogKeys::of_one_party(
            origin,
            ed25519.clone(),
            ml_dsa_44.clone(),
        ))
    }

    /// Whose log keys have both their lines in `note`, right or wrong; none if no key of the ring has.
    #[must_use]
    pub fn signer(&self, note: &str, partner: &Id) -> Option<(LogKeys, &Span)> {
        let note = Note::parse(note).ok()?;
        let signs = |key: &VerifierKey| note.lines_of(key).next().is_some();
        self.spans.iter().find_map(|span| {
            let keys = self.log_keys(partner, span)?;
            (signs(keys.ed25519()) && signs(keys.ml_dsa_44())).then_some((keys, span))
        })
    }

    /// The log key whose cosignature `line` is, right or wrong; none if it is of no key of the ring.
    #[must_use]
    pub fn cosigner(&self, line: &SignatureLine) -> Option<(&VerifierKey, &Span)> {
        self.spans.iter().find_map(|span| match &span.key {
            KeyUse::Log { ml_dsa_44, .. } if line.is_of(ml_dsa_44) => Some((ml_dsa_44, span)),
            _ => None,
        })
    }

    /// The recipient for which bodies are sealed at `instant`; none if no seal key serves.
    #[must_use]
    pub fn seal_at(&self, instant: Timestamp) -> Option<&str> {
        match &self.serving(Use::Seal, instant).first()?.key {
            KeyUse::Seal(recipient) => Some(recipient),
            _ => None,
        }
    }

    /// Whether a transport key with this digest serves at `instant`.
    #[must_use]
    pub fn knows_transport(&self, digest: &[u8; 32], instant: Timestamp) -> bool {
        self.spans
            .iter()
            .any(|span| span.key == KeyUse::Transport(*digest) && span.serves(instant))
    }
}
