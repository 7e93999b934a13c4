//! An act arriving: [`Arrived`] → [`Proven`] → [`Opened`] → [`Filed`], refused, or [`Unreadable`]. Every one is receipted.
//!
//! ```compile_fail
//! // What was not proven against the mirror cannot be opened.
//! use entente_cooperation::{incoming::{Arrived, Opened}, memorandum::Memorandum};
//! fn skip(arrived: Arrived, identity: &entente_seal::Identity, memorandum: &Memorandum) -> Opened {
//!     arrived.open(identity, memorandum, "b").ok().unwrap()
//! }
//! ```
//!
//! ```compile_fail
//! // What was not judged cannot be filed: its members are private.
//! use entente_cooperation::{body::Body, incoming::Filed};
//! fn forge(body: Body) -> Filed {
//!     Filed { body }
//! }
//! ```

use entente_ledger::{Entry, Opening};
use entente_seal::{FileKey, Identity, WrapKey, WrappedKey};
use jiff::Timestamp;

use crate::{
    act::{Moment, Side},
    body::{
        Body,
        size_class::LARGEST_BYTES,
        strict::{Defect, Malformed},
    },
    case::State,
    digest::{ActId, Digest, MessageId},
    judgement::{Answer, Decision, Judgement, Reason},
    memorandum::Memorandum,
    policy::Policy,
    receipt::{ActRecord, ClockTerm, Outcome, ReceiptRecord},
};

/// The ground that answers the partner when an absolute limit is crossed (Annex 8).
pub(crate) const ABSOLUTE_LIMIT: &str = "absolute_limit";

/// An act as a parcel of an authenticated partner brings it: bounded bytes, nothing checked.
#[derive(Clone, Debug)]
pub struct Arrived {
    from_party: String,
    index: u64,
    opening: Opening,
    sealed: Vec<u8>,
}

/// An act that stands in its sender's log as our mirror holds it.
#[derive(Clone, Debug)]
pub struct Proven {
    from_party: String,
    index: u64,
    entry: Entry,
    opening: Opening,
    record: ActRecord,
    sealed: Vec<u8>,
}

/// An act that was opened and read.
pub struct Opened {
    proven: Proven,
    body: Body,
    file_key: FileKey,
}

/// An act that is kept: permitted, or permitted with a clarification owed.
pub struct Filed {
    opened: Opened,
    judgement: Judgement,
}

/// An act that is refused on receipt. The body of a crossed red line is not kept.
pub struct Refused {
    opened: Opened,
    judgement: Judgement,
}

/// An act whose bytes or body cannot be read. It is receipted: the fault is attributable.
#[derive(Debug)]
pub struct Unreadable {
    proven: Proven,
    why: Illegible,
}

/// Why an act could not be read.
#[derive(Debug, thiserror::Error)]
pub enum Illegible {
    /// The sealed file.
    #[error("the sealed bytes")]
    Sealed(#[source] entente_seal::Unreadable),
    /// The body.
    #[error("the body")]
    Body(#[source] Malformed),
}

/// What policy made of an opened act.
pub enum Judged {
    /// Kept.
    Filed(Filed),
    /// Not admitted.
    Refused(Refused),
    /// Nobody can say, for rules of ours could not be evaluated: no receipt is given, the partner tries again.
    Broken(Box<Judgement>),
}

/// An act that was filed under an act id, as it is kept.
#[derive(Clone, Copy, Debug)]
pub struct First<'a> {
    /// Its receipt.
    pub receipt: &'a ReceiptRecord,
    /// Its body; none once it is erased.
    pub body: Option<&'a Body>,
}

/// When and under what an act was received: what its receipt states beside the act.
#[derive(Clone, Debug)]
pub struct Reception {
    /// The instant of receipt.
    pub received_at: Timestamp,
    /// The digest of the memorandum by which it was judged (6.3).
    pub memorandum_judged: Digest,
    /// The version of our time zone data.
    pub time_zone_data: String,
    /// The clocks that the receipt starts.
    pub clocks: Vec<ClockTerm>,
}

impl Arrived {
    /// An act from a parcel of the Party `from_party`, which its transport key named.
    pub fn new(
        from_party: impl Into<String>,
        index: u64,
        opening: Opening,
        sealed: Vec<u8>,
    ) -> Self {
        Self {
            from_party: from_party.into(),
            index,
            opening,
            sealed,
        }
    }

    /// The index that it claims in the sender's log.
    pub fn index(&self) -> u64 {
        self.index
    }

    /// The message id of its bytes.
    pub fn message(&self) -> MessageId {
        MessageId::of(&self.sealed)
    }

    /// The act proven by `held`, the entry of our mirror at its index after the mirror was extended and its root compared with
    /// the signed head.
    ///
    /// Fails if the mirror holds no such entry, if the opening does not open it, if the record is not strict, is of another link, or
    /// names other bytes. That is the sender's fault. Source: docs/PROTOCOL.md, section 5.
    pub fn prove(self, held: Option<&Entry>, link: &str) -> Result<Proven, Malformed> {
        let entry = held
            .copied()
            .ok_or_else(|| Defect::Contradicts("the log has no entry at the index").at("/index"))?;
        if !self.opening.opens(&entry) {
            return Err(Defect::Contradicts("the opening does not open the entry").at("/record"));
        }
        let record = ActRecord::read(self.opening.record())?;
        if record.link != link {
            return Err(Defect::Contradicts("the record is of another link").at("/link"));
        }
        if record.message != self.message() {
            return Err(Defect::Contradicts("the record names other sealed bytes").at("/message"));
        }
        let Self {
            from_party,
            index,
            opening,
            sealed,
        } = self;
        Ok(Proven {
            from_party,
            index,
            entry,
            opening,
            record,
            sealed,
        })
    }
}

impl Proven {
    /// The act opened and read under `memorandum`, the version that its record names.
    ///
    /// `own_party` is the Party of this node. Fails with what is receipted as unreadable.
    pub fn open(
        self,
        identity: &Identity,
        memorandum: &Memorandum,
        own_party: &str,
    ) -> Result<Opened, Box<Unreadable>> {
        let opened = match entente_seal::open(identity, &self.sealed, LARGEST_BYTES as u64) {
            Ok(opened) => opened,
            Err(why) => {
                return Err(Box::new(Unreadable {
                    proven: self,
                    why: Illegible::Sealed(why),
                }));
            }
        };
        let body =
            Body::read(memorandum, &opened.plaintext).and_then(|body| self.agrees(body, own_party));
        match body {
            Ok(body) => Ok(Opened {
                proven: self,
                body,
                file_key: opened.file_key,
            }),
            Err(why) => Err(Box::new(Unreadable {
                proven: self,
                why: Illegible::Body(why),
            })),
        }
    }

    /// The body, if it says what the record says, from whom the parcel came, and to whom it was brought.
    fn agrees(&self, body: Body, own_party: &str) -> Result<Body, Malformed> {
        let envelope = body.envelope();
        let record = &self.record;
        let checks = [
            (
                envelope.from_party == self.from_party,
                "/from_party",
                "another Party brought it",
            ),
            (
                envelope.to_party == own_party,
                "/to_party",
                "it is addressed to another Party",
            ),
            (
                envelope.link == record.link,
                "/link",
                "the record says another link",
            ),
            (
                envelope.released_at == record.released_at,
                "/released_at",
                "the record says another instant",
            ),
            (
                envelope.memorandum == record.memorandum,
                "/memorandum",
                "the record says another memorandum",
            ),
        ];
        match checks.into_iter().find(|(holds, ..)| !holds) {
            None => Ok(body),
            Some((_, pointer, words)) => Err(Defect::Contradicts(words).at(pointer)),
        }
    }

    /// The record.
    pub fn record(&self) -> &ActRecord {
        &self.record
    }

    /// The message id; asked first for the receipt that may stand already.
    pub fn message(&self) -> MessageId {
        self.record.message
    }

    /// The entry in the sender's log.
    pub fn entry(&self) -> &Entry {
        &self.entry
    }

    /// The index of that entry.
    pub fn index(&self) -> u64 {
        self.index
    }

    /// The opening of that entry.
    pub fn opening(&self) -> &Opening {
        &self.opening
    }

    /// The sealed bytes.
    pub fn sealed(&self) -> &[u8] {
        &self.sealed
    }

    /// What a receipt says of it in any case.
    fn receipt(&self, reception: Reception) -> ReceiptRecord {
        ReceiptRecord {
            link: self.record.link.clone(),
            message: self.record.message,
            entry: self.entry,
            index: self.index,
            act: None,
            outcome: Outcome::Unreadable,
            ground: None,
            articles: Vec::new(),
            received_at: reception.received_at,
            memorandum_released: self.record.memorandum,
            memorandum_judged: reception.memorandum_judged,
            time_zone_data: reception.time_zone_data,
            clocks: reception.clocks,
        }
    }
}

impl Opened {
    /// The receipt of an act that is `first` sealed again: what was stated then, about these bytes (7.4). It is not judged anew.
    ///
    /// Fails if it is another act under the same id, or if nothing is left of the first to compare it with: then the body
    /// contradicts the log, and is receipted as unreadable. Source: decision 100.
    pub fn repeats(
        self,
        first: First<'_>,
        received_at: Timestamp,
    ) -> Result<(Self, ReceiptRecord), Box<Unreadable>> {
        if !first.body.is_some_and(|body| self.body.says_the_same(body)) {
            let fault = Defect::Contradicts("the act id is that of another act").at("/act_id");
            return Err(Box::new(Unreadable {
                proven: self.proven,
                why: Illegible::Body(fault),
            }));
        }
        let receipt = ReceiptRecord {
            message: self.proven.message(),
            entry: self.proven.entry,
            index: self.proven.index,
            received_at,
            memorandum_released: self.proven.record.memorandum,
            ..first.receipt.clone()
        };
        Ok((self, receipt))
    }

    /// The act judged on the recipient's side at the instant of receipt, with the facts that travelled and no others.
    pub fn judge(
        self,
        policy: &Policy,
        memorandum: &Memorandum,
        state: &State,
        received_at: Timestamp,
    ) -> Judged {
        let released_at = Some(self.body.envelope().released_at);
        let moment = Moment {
            at: received_at,
            released_at,
            side: Side::Recipient,
        };
        let judgement = policy.judge(memorandum, state, self.body.act(), &moment);
        match judgement.answer() {
            Answer::Permitted | Answer::Clarify => Judged::Filed(Filed {
                opened: self,
                judgement,
            }),
            Answer::Refused(_) => Judged::Refused(Refused {
                opened: self,
                judgement,
            }),
            Answer::Broken(_) => Judged::Broken(Box::new(judgement)),
        }
    }

    /// The body.
    pub fn body(&self) -> &Body {
        &self.body
    }

    /// What was proven of it.
    pub fn proven(&self) -> &Proven {
        &self.proven
    }

    /// The act id inside the body.
    pub fn act_id(&self) -> ActId {
        self.body.envelope().act_id
    }

    fn receipt(
        &self,
        outcome: Outcome,
        judgement: &Judgement,
        reception: Reception,
    ) -> ReceiptRecord {
        ReceiptRecord {
            act: Some(self.act_id()),
            outcome,
            ground: judgement
                .reason
                .as_ref()
                .filter(|_| outcome == Outcome::Refused)
                .and_then(ground),
            articles: judgement
                .paragraphs
                .iter()
                .map(ToString::to_string)
                .collect(),
            ..self.proven.receipt(reception)
        }
    }
}

/// The ground that the partner is told. An impediment is told to the own officer only (Annex 8).
fn ground(reason: &Reason) -> Option<String> {
    match reason {
        Reason::Ground(id) => Some(id.clone()),
        Reason::Limit(_) => Some(ABSOLUTE_LIMIT.to_owned()),
        Reason::Impediment(_) => None,
    }
}

impl Filed {
    /// Its receipt.
    pub fn receipt(&self, reception: Reception) -> ReceiptRecord {
        let outcome = if self.judgement.decision == Decision::Clarify {
            Outcome::Clarify
        } else {
            Outcome::Filed
        };
        self.opened.receipt(outcome, &self.judgement, reception)
    }

    /// The act as it was opened.
    pub fn opened(&self) -> &Opened {
        &self.opened
    }

    /// The judgement.
    pub fn judgement(&self) -> &Judgement {
        &self.judgement
    }

    /// The file key, wrapped for rest.
    pub fn wrap(&self, key: &WrapKey) -> WrappedKey {
        key.wrap(&self.opened.file_key, &self.opened.proven.message())
    }
}

impl Refused {
    /// Its receipt, with the ground that answers the partner. A refused act starts no clock: `reception.clocks` is left out.
    pub fn receipt(&self, reception: Reception) -> ReceiptRecord {
        let reception = Reception {
            clocks: Vec::new(),
            ..reception
        };
        self.opened
            .receipt(Outcome::Refused, &self.judgement, reception)
    }

    /// The act as it was opened.
    pub fn opened(&self) -> &Opened {
        &self.opened
    }

    /// The judgement.
    pub fn judgement(&self) -> &Judgement {
        &self.judgement
    }

    /// The file key wrapped for rest; nothing if an absolute limit was crossed, since that body is not kept.
    pub fn wrap(&self, key: &WrapKey) -> Option<WrappedKey> {
        let kept = !matches!(self.judgement.reason, Some(Reason::Limit(_)));
        kept.then(|| key.wrap(&self.opened.file_key, &self.opened.proven.message()))
    }
}

impl Unreadable {
    /// Its receipt. It starts no clock, and was judged by nobody: the memorandum named is the one by which it was read.
    pub fn receipt(&self, reception: Reception) -> ReceiptRecord {
        self.proven.receipt(Reception {
            clocks: Vec::new(),
            ..reception
        })
    }

    /// What was proven of it.
    pub fn proven(&self) -> &Proven {
        &self.proven
    }

    /// Why it could not be read.
    pub fn why(&self) -> &Illegible {
        &self.why
    }
}
