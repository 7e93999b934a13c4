//! A draft: an act as an officer writes it, not yet judged, seen by nobody.
//!
//! It is a TOML file ([`read`], [`write`]) or grows answer by answer ([`question`], [`answer`]). A draft may be incomplete: which
//! slots are owed is the memorandum's to say (7.1), when the draft is judged.

pub mod answer;
pub mod question;
pub mod read;
pub mod wire;
pub mod write;

use std::{collections::BTreeMap, fmt};

pub use question::{Answer, Choice, Question, questions};

use crate::{
    act::Act,
    body::attachment::{Attachment, CannotTravel},
    digest::Digest,
    memorandum::Memorandum,
    value::Value,
};

/// An act being written: its slots, declarations and facts known at home, and the files that it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    act: Act,
    attachments: Vec<Attachment>,
    /// Files that are named and not here yet: what stands for each in its slot, the slot, the name.
    wanted: BTreeMap<Digest, (String, String)>,
}

/// What is wrong in a draft: where, what, and what would mend it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DraftFault {
    /// The line of the draft file, from 1; 0 for an answer that was typed.
    pub line: usize,
    /// The slot, where one is meant: `facts`, or `facts/0/birth_date` within it.
    pub slot: Option<String>,
    /// What is wrong.
    pub what: String,
    /// What would mend it.
    pub remedy: Option<String>,
}

/// What the node adds to a draft before it is judged: who signs it, and its name.
#[derive(Clone, Debug)]
pub struct Signing<'a> {
    /// The officer who signs: `signed:` and who.
    pub author: &'a str,
    /// The reference that it gets: its case, a slash, a number; an act outside any case has the node's own series.
    pub reference: &'a str,
    /// The version of the memorandum in force.
    pub version: &'a str,
}

impl Draft {
    /// An empty draft of an act.
    pub fn new(kind: &str, from: &str, to: Option<&str>) -> Self {
        let act = Act {
            kind: kind.into(),
            from: from.into(),
            to: to.map(str::to_owned),
            slots: BTreeMap::new(),
        };
        Self::of(act, Vec::new())
    }

    /// A draft of this act with these files.
    pub fn of(act: Act, attachments: Vec<Attachment>) -> Self {
        Self {
            act,
            attachments,
            wanted: BTreeMap::new(),
        }
    }

    /// The act as it stands.
    pub fn act(&self) -> &Act {
        &self.act
    }

    /// The files that are here.
    pub fn attachments(&self) -> &[Attachment] {
        &self.attachments
    }

    /// The files that are named and not here yet: slot and name.
    pub fn wanted(&self) -> impl Iterator<Item = (&str, &str)> {
        self.wanted
            .values()
            .map(|(slot, name)| (slot.as_str(), name.as_str()))
    }

    /// Adds the content of a file that the draft names, wherever it names it.
    ///
    /// Fails if the file cannot travel. A name that the draft does not name changes nothing.
    pub fn attach(&mut self, name: &str, content: &[u8]) -> Result<(), CannotTravel> {
        let named: Vec<(Digest, String)> = self
            .wanted
            .iter()
            .filter(|(_, (_, wanted))| wanted == name)
            .map(|(stand_in, (slot, _))| (*stand_in, slot.clone()))
            .collect();
        for (stand_in, slot) in named {
            let attachment = Attachment::new(&slot, name, content.to_vec())?;
            if let Some(value) = self.act.slots.get_mut(&slot) {
                replace(
                    value,
                    &stand_in.to_string(),
                    &attachment.sha256().to_string(),
                );
            }
            let twice = self
                .attachments
                .iter()
                .any(|other| other.slot() == slot && other.sha256() == attachment.sha256());
            if !twice {
                self.attachments.push(attachment);
            }
            self.wanted.remove(&stand_in);
        }
        Ok(())
    }

    /// The draft with the slots that every act carries and that the officer does not type; what was typed stays.
    ///
    /// The addresses, the article that the act rests on, the version, the author, the reference. Source: Annex 3, `common`.
    pub fn signed(mut self, memorandum: &Memorandum, signing: &Signing<'_>) -> Self {
        let article = memorandum
            .acts
            .get(&self.act.kind)
            .map(|line| line.article.clone());
        let filled = [
            ("sender", Some(self.act.from.clone())),
            ("recipient", self.act.to.clone()),
            ("article", article),
            ("memorandum_version", Some(signing.version.to_owned())),
            ("author", Some(signing.author.to_owned())),
            ("reference", Some(signing.reference.to_owned())),
        ];
        for (slot, text) in filled {
            let common = memorandum.common.iter().any(|id| id == slot);
            if let (true, Some(text), None) = (common, text, self.act.filled(slot)) {
                self.act.slots.insert(slot.to_owned(), Value::Text(text));
            }
        }
        self
    }

    /// The act alone.
    pub fn into_act(self) -> Act {
        self.act
    }
}

/// Puts one text in the place of another, at any depth.
fn replace(value: &mut Value, old: &str, new: &str) {
    match value {
        Value::Text(text) if text == old => new.clone_into(text),
        Value::List(items) => items.iter_mut().for_each(|item| replace(item, old, new)),
        Value::Record(members) => members
            .values_mut()
            .for_each(|member| replace(member, old, new)),
        _ => {}
    }
}

impl DraftFault {
    fn new(line: usize, what: impl Into<String>) -> Self {
        Self {
            line,
            slot: None,
            what: what.into(),
            remedy: None,
        }
    }

    fn of_slot(mut self, slot: &str) -> Self {
        self.slot = Some(slot.to_owned());
        self
    }

    fn with_remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }
}

impl fmt::Display for DraftFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line > 0 {
            write!(f, "line {}: ", self.line)?;
        }
        if let Some(slot) = &self.slot {
            write!(f, "`{slot}`: ")?;
        }
        f.write_str(&self.what)?;
        self.remedy
            .as_ref()
            .map_or(Ok(()), |remedy| write!(f, "; {remedy}"))
    }
}
