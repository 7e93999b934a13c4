//! The body of an act: what is sealed, and what is read again at the other end.
//!
//! [`Body::new`] → [`Body::write`] → sealed … opened → [`Body::read`]. Bytes that were received are kept; nothing is ever written
//! anew. Source: docs/PROTOCOL.md, section 7.

pub mod attachment;
pub mod defect;
pub mod form;
pub mod kind;
pub mod members;
pub mod schema;
pub mod size_class;
pub mod slots;
pub mod strict;
pub mod vocabulary;

use std::collections::BTreeSet;

use jiff::Timestamp;

use self::{
    attachment::Attachment,
    form::is_word,
    slots::SlotReader,
    strict::{Defect, Json, Malformed, Members, below},
};
use crate::{
    act::Act,
    case::word::slot,
    digest::{ActId, Digest, MessageId},
    memorandum::Memorandum,
};

/// An act as it travels: who, to whom, when, under which memorandum, with its slots and attachments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body {
    envelope: Envelope,
    act: Act,
    attachments: Vec<Attachment>,
}

/// What a body says beside its act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// The id of the act; it stays when the act is sealed again.
    pub act_id: ActId,
    /// The memorandum's identifier.
    pub link: String,
    /// The Party that sends.
    pub from_party: String,
    /// The Party that receives.
    pub to_party: String,
    /// The instant of release.
    pub released_at: Timestamp,
    /// The digest of the memorandum in force at the sender.
    pub memorandum: Digest,
    /// The message in whose place this one comes.
    pub supersedes: Option<MessageId>,
}

impl Body {
    /// The body of this act, without what is known to the sender only and without what is empty.
    ///
    /// Fails with what the partner would find wrong in it: a value of another type, a slot that the act does not have, an attachment
    /// that no slot names, more than the largest size class.
    pub fn new(
        memorandum: &Memorandum,
        envelope: Envelope,
        act: &Act,
        attachments: Vec<Attachment>,
    ) -> Result<Self, Malformed> {
        let slots = slots::travelling(memorandum, &act.slots);
        let body = Self {
            envelope,
            act: Act {
                slots,
                ..act.clone()
            },
            attachments,
        };
        // Whatever we would not read ourselves is not written: one reader is the whole definition.
        match Self::read(memorandum, &body.write()?)? {
            read if read == body => Ok(body),
            _ => Err(Defect::Contradicts("it would be read otherwise than it was meant").at("")),
        }
    }

    /// The bytes to seal: the object in the one order of its members, padded to its size class.
    ///
    /// Fails with `too_large` only.
    pub fn write(&self) -> Result<Vec<u8>, Malformed> {
        size_class::pad(self.to_json().write())
    }

    /// Reads the bytes that were opened.
    ///
    /// Fails with the first thing that is not as section 7 says; that is the partner's fault. Never panics.
    pub fn read(memorandum: &Memorandum, bytes: &[u8]) -> Result<Self, Malformed> {
        let mut members = Members::of(strict::read(size_class::unpad(bytes)?)?, "")?;
        members.exactly("v", &Json::Integer(1))?;
        let envelope = Envelope::read(&mut members)?;
        let (kind, from) = (word(&mut members, "act")?, word(&mut members, "from")?);
        let to = match members.text_or_null("to")? {
            Some(to) if !is_word(&to) => {
                return Err(Defect::Expected("an identifier".into()).at("/to"));
            }
            to => to,
        };
        let mut reader = SlotReader::new(memorandum);
        let slots = reader.slots(&kind, members.take("slots")?, "/slots")?;
        let attachments = read_attachments(members.array("attachments")?, &reader.attachments)?;
        members.close()?;
        let body = Self {
            envelope,
            act: Act {
                kind,
                from,
                to,
                slots,
            },
            attachments,
        };
        body.check_parties(memorandum)?;
        Ok(body)
    }

    /// An organ that the memorandum knows speaks for its own Party, and the slots that repeat the addresses say the same.
    fn check_parties(&self, memorandum: &Memorandum) -> Result<(), Malformed> {
        if self.envelope.link != memorandum.head.id {
            return Err(Defect::Contradicts("the link is another").at("/link"));
        }
        let other = |organ: &str, party: &str| {
            memorandum
                .organs
                .get(organ)
                .is_some_and(|row| row.party != party)
        };
        if other(&self.act.from, &self.envelope.from_party) {
            return Err(Defect::Contradicts("the organ is of another Party").at("/from"));
        }
        if self
            .act
            .to
            .as_ref()
            .is_some_and(|to| other(to, &self.envelope.to_party))
        {
            return Err(Defect::Contradicts("the organ is of another Party").at("/to"));
        }
        for (slot, said) in [
            ("sender", Some(&self.act.from)),
            ("recipient", self.act.to.as_ref()),
        ] {
            if self
                .act
                .text(slot)
                .is_some_and(|organ| Some(organ) != said.map(String::as_str))
            {
                return Err(Defect::Contradicts("the address is another").at(below("/slots", slot)));
            }
        }
        Ok(())
    }

    /// Whether two bodies are one act, sealed twice: only the instant, the version and what is superseded may differ.
    pub(crate) fn says_the_same(&self, other: &Self) -> bool {
        let (ours, theirs) = (&self.envelope, &other.envelope);
        let content = |body: &Self| {
            let mut act = body.act.clone();
            act.slots.remove(slot::MEMORANDUM_VERSION);
            act
        };
        ours.act_id == theirs.act_id
            && ours.link == theirs.link
            && ours.from_party == theirs.from_party
            && ours.to_party == theirs.to_party
            && content(self) == content(other)
            && self.attachments == other.attachments
    }

    fn to_json(&self) -> Json {
        let envelope = &self.envelope;
        Json::object([
            ("v", Json::Integer(1)),
            ("act_id", Json::text(envelope.act_id)),
            ("link", Json::text(&envelope.link)),
            ("from_party", Json::text(&envelope.from_party)),
            ("to_party", Json::text(&envelope.to_party)),
            ("act", Json::text(&self.act.kind)),
            ("from", Json::text(&self.act.from)),
            ("to", Json::text_or_null(self.act.to.as_ref())),
            ("released_at", Json::text(envelope.released_at)),
            ("memorandum", Json::text(envelope.memorandum)),
            ("supersedes", Json::text_or_null(envelope.supersedes)),
            ("slots", slots::write(&self.act.slots)),
            (
                "attachments",
                Json::Array(self.attachments.iter().map(Attachment::write).collect()),
            ),
        ])
    }

    /// What it says beside its act.
    pub fn envelope(&self) -> &Envelope {
        &self.envelope
    }

    /// The act as it travels: without facts known to one node only.
    pub fn act(&self) -> &Act {
        &self.act
    }

    /// The files that travel in it.
    pub fn attachments(&self) -> &[Attachment] {
        &self.attachments
    }
}

impl Envelope {
    fn read(members: &mut Members) -> Result<Self, Malformed> {
        let supersedes = match members.text_or_null("supersedes")? {
            None => None,
            Some(text) => Some(
                text.parse()
                    .map_err(|_| Defect::Expected(HEX_64.into()).at("/supersedes"))?,
            ),
        };
        Ok(Self {
            act_id: members.parsed("act_id", "32 lower-case hexadecimal digits")?,
            link: word(members, "link")?,
            from_party: word(members, "from_party")?,
            to_party: word(members, "to_party")?,
            released_at: members.instant("released_at")?,
            memorandum: members.parsed("memorandum", HEX_64)?,
            supersedes,
        })
    }
}

/// What a digest must look like, in words.
const HEX_64: &str = "64 lower-case hexadecimal digits";

fn word(members: &mut Members, name: &str) -> Result<String, Malformed> {
    let text = members.text(name)?;
    if is_word(&text) {
        Ok(text)
    } else {
        Err(Defect::Expected("an identifier".into()).at(members.at(name)))
    }
}

/// The attachments, each named by the slot that it says, none named that is not there.
fn read_attachments(
    items: Vec<Json>,
    named: &BTreeSet<(String, Digest)>,
) -> Result<Vec<Attachment>, Malformed> {
    let (mut attachments, mut there) = (Vec::new(), BTreeSet::new());
    for (index, json) in items.into_iter().enumerate() {
        let pointer = below("/attachments", index);
        let attachment = Attachment::read(json, &pointer)?;
        let name = (attachment.slot().to_owned(), *attachment.sha256());
        if !named.contains(&name) {
            return Err(Defect::Contradicts("no slot names the attachment").at(pointer));
        }
        if !there.insert(name) {
            return Err(Defect::Duplicate.at(pointer));
        }
        attachments.push(attachment);
    }
    match named.difference(&there).next() {
        None => Ok(attachments),
        Some((slot, _)) => {
            Err(Defect::Contradicts("the attachment is not in the body").at(below("/slots", slot)))
        }
    }
}
