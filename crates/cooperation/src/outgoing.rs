//! An act leaving: [`Draft`] → [`Cleared`] → [`Sealed`] → [`Released`]. Each is built from the one before it, and from nothing else.
//!
//! ```compile_fail
//! // What was not judged cannot be sealed.
//! use entente_cooperation::{draft::Draft, outgoing::Sealed};
//! fn skip(draft: Draft, to: &entente_seal::Recipient) -> Sealed {
//!     draft.seal(to)
//! }
//! ```
//!
//! ```compile_fail
//! // What is judged elsewhere is not cleared: a judgement can be made up, a judging cannot.
//! use entente_cooperation::{draft::Draft, judgement::Judgement, outgoing::Cleared};
//! fn made_up(draft: Draft, judgement: Judgement) -> Cleared {
//!     draft.clear(judgement).ok().unwrap()
//! }
//! ```
//!
//! ```compile_fail
//! // A row or a guess is no released act: its members are private.
//! use entente_cooperation::outgoing::Released;
//! fn forge(sealed: Vec<u8>) -> Released {
//!     Released { sealed }
//! }
//! ```
//!
//! ```compile_fail
//! // What was cleared does not leave before it is sealed.
//! use entente_cooperation::outgoing::{Basis, Cleared, Entered, Released};
//! fn skip(cleared: Cleared, entered: Entered, now: &Basis) -> Released {
//!     cleared.release(entered, now)
//! }
//! ```

use entente_ledger::{Opening, Salt};
use entente_seal::{Recipient, WrapKey, WrappedKey};

use crate::{
    act::{Act, Moment, Side},
    body::{Body, Envelope, strict::Malformed},
    case::State,
    digest::{Digest, MessageId},
    draft::Draft,
    judgement::{Answer, Judgement},
    memorandum::Memorandum,
    policy::Policy,
    receipt::ActRecord,
};

/// What a judgement rested on. If it is another at release, the act is judged again.
///
/// A state is the fold of the events of its link, so their number stands for everything that is read from it: stops, recalls,
/// versions, consents, quotas. The instant needs no place: an act is judged for the instant of release that its body states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Basis {
    /// The digest of the memorandum in force.
    pub memorandum: Digest,
    /// How many events of the link the state was folded from.
    pub events: u64,
}

/// An act that may leave: judged on this side, with its body made.
#[derive(Debug)]
pub struct Cleared {
    draft: Draft,
    body: Body,
    judgement: Judgement,
    basis: Basis,
}

/// Why a draft does not leave.
#[derive(Debug)]
pub enum Held {
    /// The memorandum refuses it; the officer reads why, with its article.
    Refused(Box<Draft>, Box<Judgement>),
    /// Rules could not be evaluated: a fault of ours, which is no refusal. The operator reads which.
    Broken(Box<Draft>, Box<Judgement>),
    /// The partner could not read it; the officer reads which slot.
    Unwritable(Box<Draft>, Malformed),
}

/// An act sealed for the partner. Nobody has seen it.
pub struct Sealed {
    cleared: Cleared,
    sealed: entente_seal::Sealed,
}

/// The entry that the store gives an act in its transaction.
#[derive(Clone, Debug)]
pub struct Entered {
    /// The index in our log.
    pub index: u64,
    /// The salt of the entry, 32 bytes of chance.
    pub salt: Salt,
}

/// An act that leaves: it stands in our log, and its row, entry and head are one transaction.
pub struct Released {
    act: Act,
    body: Body,
    judgement: Judgement,
    index: u64,
    opening: Opening,
    sealed: entente_seal::Sealed,
}

/// What the judgement rested on has changed: the draft is judged again.
pub struct Moved(pub Box<Draft>);

impl Draft {
    /// The act judged on the sender's side, for the instant of release in the envelope, and cleared to leave if it is permitted.
    ///
    /// `state` is what it is judged against, `basis` what that state was folded from. Fails with the draft and what stops it.
    pub fn clear(
        self,
        policy: &Policy,
        memorandum: &Memorandum,
        state: &State,
        envelope: Envelope,
        basis: Basis,
    ) -> Result<Cleared, Held> {
        let moment = Moment {
            at: envelope.released_at,
            released_at: None,
            side: Side::Sender,
        };
        let judgement = policy.judge(memorandum, state, self.act(), &moment);
        match judgement.answer() {
            Answer::Permitted | Answer::Clarify => {}
            Answer::Refused(_) => return Err(Held::Refused(Box::new(self), Box::new(judgement))),
            Answer::Broken(_) => return Err(Held::Broken(Box::new(self), Box::new(judgement))),
        }
        match Body::new(
            memorandum,
            envelope,
            self.act(),
            self.attachments().to_vec(),
        ) {
            Ok(body) => Ok(Cleared {
                draft: self,
                body,
                judgement,
                basis,
            }),
            Err(malformed) => Err(Held::Unwritable(Box::new(self), malformed)),
        }
    }
}

impl Cleared {
    /// The act sealed for the partner's key. Fails only if the body is larger than the largest size class.
    pub fn seal(self, to: &Recipient) -> Result<Sealed, Malformed> {
        let sealed = entente_seal::seal(to, &self.body.write()?);
        Ok(Sealed {
            cleared: self,
            sealed,
        })
    }

    /// The judgement, for the journal and the officer.
    pub fn judgement(&self) -> &Judgement {
        &self.judgement
    }

    /// The body that will be sealed.
    pub fn body(&self) -> &Body {
        &self.body
    }
}

impl Sealed {
    /// The act released under this entry, if what its judgement rested on still stands.
    ///
    /// Called by whoever holds the turn of the link, up to the transaction that writes it: until then nothing can move. A crash
    /// before that commit: nothing was released.
    pub fn release(self, entered: Entered, now: &Basis) -> Result<Released, Moved> {
        let Cleared {
            draft,
            body,
            judgement,
            basis,
        } = self.cleared;
        if basis != *now {
            return Err(Moved(Box::new(draft)));
        }
        let envelope = body.envelope();
        let record = ActRecord {
            link: envelope.link.clone(),
            message: self.sealed.message_id(),
            released_at: envelope.released_at,
            memorandum: envelope.memorandum,
        };
        let opening = Opening::new(entered.salt, record.write());
        Ok(Released {
            act: draft.into_act(),
            body,
            judgement,
            index: entered.index,
            opening,
            sealed: self.sealed,
        })
    }

    /// The message id that it will have.
    pub fn message(&self) -> MessageId {
        self.sealed.message_id()
    }
}

impl Released {
    /// The act with what our node alone knows of it, as it was judged.
    pub fn act(&self) -> &Act {
        &self.act
    }

    /// The body as it was sealed.
    pub fn body(&self) -> &Body {
        &self.body
    }

    /// The judgement under which it left.
    pub fn judgement(&self) -> &Judgement {
        &self.judgement
    }

    /// The index of its entry in our log.
    pub fn index(&self) -> u64 {
        self.index
    }

    /// The opening of its entry; the record is an [`ActRecord`].
    pub fn opening(&self) -> &Opening {
        &self.opening
    }

    /// The message id.
    pub fn message(&self) -> MessageId {
        self.sealed.message_id()
    }

    /// The sealed bytes.
    pub fn sealed(&self) -> &[u8] {
        &self.sealed.bytes
    }

    /// The file key, wrapped for rest. Whoever destroys the wrap destroys our own way into the content.
    pub fn wrap(&self, key: &WrapKey) -> WrappedKey {
        key.wrap(&self.sealed.file_key, &self.sealed.message_id())
    }
}
