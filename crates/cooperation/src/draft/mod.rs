//! A draft: an act as an officer writes it, not yet judged, seen by nobody.
//!
//! It is a TOML file ([`read`], [`mod@write`]) or grows answer by answer ([`question`], [`answer`]). A draft may be incomplete: which
//! slots are owed is the memorandum's to say (7.1), when the draft is judged.

pub mod answer;
pub mod fitting;
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
    wanted: Wanted,
}

/// Files that are named and not here yet: what stands for each in its slot, the slot, the name.
type Wanted = BTreeMap<Digest, (String, String)>;

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
            wanted: Wanted::new(),
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

    /// The draft with the slots that every act carries and that are not the officer's to choose: the addresses, the article that
    /// the act rests on, the version, the author. What was typed there is replaced: nobody signs in another's name. A reference
    /// that was typed stays. Source: Annex 3, `common`.
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
            let typed = slot == "reference" && self.act.filled(slot).is_some();
            if let (true, Some(text), false) = (common, text, typed) {
                self.act.slots.insert(slot.to_owned(), Value::Text(text));
            }
        }
        self
    }

    /// The same, whose author is a machine: the rules know it by this fact (22.1), whatever the draft says of it.
    #[must_use]
    pub fn by_a_machine(mut self) -> Self {
        let fact = ("human_author".to_owned(), Value::Bool(false));
        self.act.slots.extend([fact]);
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

/// What is said of a file that is no TOML at all.
const NO_TOML: &str = "no TOML: ";

impl DraftFault {
    /// Whether the file is no draft at all, rather than one with faults.
    pub fn is_no_draft(&self) -> bool {
        self.what.starts_with(NO_TOML)
    }

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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    const REQUEST: &str = r#"act = "information_request"
from = "be_federal_police"
to = "ma_dgsn"

[slots]
case = "BE-2026-000417"
purpose = "investigate_organised_crime"
offence = "drug_traficking"
photograph = { file = "face.png" }
plate = "1-ABC-234"
bulk = false
subject_age = 41.5

[[slots.questions]]
id = "q1"
category = "vehicle"

[declared]
bulk = 0

[sent]
"#;

    fn memorandum() -> Memorandum {
        Memorandum::read(Path::new(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../memorandum"
        )))
        .unwrap()
    }

    #[test]
    fn every_fault_stands_at_its_line_with_what_mends_it() {
        let faults = Draft::parse(REQUEST, &memorandum()).unwrap_err();
        let words: Vec<String> = faults.iter().map(DraftFault::to_string).collect();
        let expected = [
            "line 8: `offence`: the list `offence` does not hold “drug_traficking”; did you mean “drug_trafficking”?",
            "line 9: `photograph`: the act `information_request` has no such slot; take it out",
            "line 10: `plate`: the memorandum has no such slot",
            "line 11: `bulk`: it does not stand under [slots]; put it under [declared]",
            "line 12: `subject_age`: only whole numbers are written",
            "line 16: `questions/0/category`: the list `data_category` does not hold “vehicle”; did you mean “vehicles”?",
            "line 19: `bulk`: expected `true` or `false`",
            "line 21: a draft has no `sent`",
        ];
        assert_eq!(words.len(), expected.len(), "{words:#?}");
        for (said, expected) in words.iter().zip(expected) {
            assert!(said.starts_with(expected), "{said}\n{expected}");
        }
    }

    #[test]
    fn what_is_no_toml_is_said_at_its_line() {
        let faults = Draft::parse("act = \"x\"\nfrom = \n", &memorandum()).unwrap_err();
        assert_eq!(faults[0].line, 2);
        assert!(faults[0].what.starts_with("no TOML"));
        let faults = Draft::parse("", &memorandum()).unwrap_err();
        assert_eq!(faults.len(), 2, "{faults:?}");
    }

    #[test]
    fn days_instants_and_files_may_be_written_as_people_do() {
        let memorandum = memorandum();
        let text = r#"
act = "act_registration"
from = "be_contact_point"
to = "ma_contact_point"
[slots]
act_reference = "BE-2026-000502/1"
made_at = "2026-05-05T00:15:00+01:00"
channel = "telephone"
scan = { file = "note.pdf" }
"#;
        let mut draft = Draft::parse(text, &memorandum).unwrap();
        assert_eq!(
            draft.act().slots["made_at"],
            Value::Instant("2026-05-04T23:15:00Z".parse().unwrap())
        );
        assert_eq!(draft.wanted().collect::<Vec<_>>(), [("scan", "note.pdf")]);
        assert!(
            draft
                .write(&memorandum, "en")
                .contains("scan = { file = \"note.pdf\" }")
        );
        assert_eq!(
            draft.attach("note.pdf", b"no pdf"),
            Err(CannotTravel::OtherContent)
        );
        draft.attach("note.pdf", b"%PDF-1.7 x").unwrap();
        assert_eq!(draft.wanted().count(), 0);
        let digest = Digest::of(b"%PDF-1.7 x").to_string();
        assert_eq!(draft.act().text("scan"), Some(digest.as_str()));
    }

    #[test]
    fn a_draft_grows_answer_by_answer() {
        let memorandum = memorandum();
        let mut draft = Draft::new("information_request", "be_federal_police", Some("ma_dgsn"));
        for (slot, answer) in [
            ("case", "BE-2026-000417"),
            ("offence", "Trafic de stupéfiants"),
            ("subject.family_name", "Lamkaddem"),
            ("subject.birth_date", "1984-05"),
            ("subject.kind", "شخص"),
            ("handling_codes", "H0; H1"),
            ("bulk", "non"),
            ("aims_at_death_penalty", "لا"),
        ] {
            draft
                .answer(&memorandum, slot, answer)
                .unwrap_or_else(|fault| panic!("{fault}"));
        }
        draft
            .add_item(
                &memorandum,
                "questions",
                &[("category", "Véhicules"), ("note", "Lesquels ?")],
            )
            .unwrap();
        draft
            .add_item(&memorandum, "questions", &[("category", "addresses")])
            .unwrap();
        let act = draft.act();
        assert_eq!(act.text("offence"), Some("drug_trafficking"));
        assert_eq!(act.slots["bulk"], Value::Bool(false));
        assert_eq!(act.slots["aims_at_death_penalty"], Value::Bool(false));
        assert_eq!(
            act.items("questions")[1]
                .member("id")
                .and_then(Value::as_text),
            Some("q2")
        );
        assert_eq!(
            act.slots["subject"].member("kind").and_then(Value::as_text),
            Some("person")
        );
        assert_eq!(act.items("handling_codes").len(), 2);
        let fault = draft
            .answer(&memorandum, "purpose", "investigate_organised_crim")
            .unwrap_err();
        assert_eq!(
            fault.remedy.as_deref(),
            Some("did you mean “investigate_organised_crime”?")
        );
        draft.answer(&memorandum, "case", "").unwrap();
        assert_eq!(draft.act().filled("case"), None);
    }

    #[test]
    fn what_is_asked_is_what_the_act_owes_and_declares() {
        let memorandum = memorandum();
        let asked = questions(&memorandum, "information_request", "fr");
        let owed = |slot: &str| {
            asked
                .iter()
                .find(|question| question.slot == slot)
                .map(|question| question.mandatory)
        };
        assert_eq!(owed("case"), Some(true));
        assert_eq!(owed("bulk"), Some(true), "a test of a limit has no default");
        assert_eq!(owed("urgency_ground"), Some(false));
        assert_eq!(owed("sender"), None, "the node fills it in");
        assert_eq!(owed("in_reply_to"), None);
        let purpose = asked
            .iter()
            .find(|question| question.slot == "purpose")
            .unwrap();
        assert_eq!(purpose.answer, Answer::One);
        assert!(
            purpose
                .choices
                .iter()
                .all(|choice| !choice.label.is_empty() && choice.label != choice.id)
        );
        let gate = questions(&memorandum, "identity_request", "fr");
        let certificates = gate
            .iter()
            .find(|question| question.slot == "certificates")
            .unwrap();
        assert!(
            matches!(&certificates.answer, Answer::Members(conditions) if conditions.len() == memorandum.preconditions.len())
        );
    }

    #[test]
    fn certificates_are_typed_and_stay_at_home() {
        let memorandum = memorandum();
        let mut draft = Draft::new("identity_request", "be_immigration", Some("ma_migration"));
        draft
            .answer(
                &memorandum,
                "certificates.no_protection_claim.signed_by",
                "be_protection",
            )
            .unwrap();
        draft
            .answer(
                &memorandum,
                "certificates.no_protection_claim.on",
                "2026-01-28",
            )
            .unwrap();
        let certificate = draft.act().slots["certificates"]
            .member("no_protection_claim")
            .unwrap()
            .clone();
        assert_eq!(
            certificate.member("on").and_then(Value::as_date),
            Some("2026-01-28".parse().unwrap())
        );
        assert!(
            !crate::body::slots::travelling(&memorandum, &draft.act().slots)
                .contains_key("certificates")
        );
        let read = Draft::parse(&draft.write(&memorandum, "fr"), &memorandum).unwrap();
        assert_eq!(read, draft);
    }

    #[test]
    fn the_node_fills_in_what_every_act_carries_and_nobody_signs_in_anothers_name() {
        let memorandum = memorandum();
        let mut draft = Draft::new("recall", "be_federal_police", Some("ma_dgsn"));
        draft
            .answer(&memorandum, "reference", "BE-2026-000417/9")
            .unwrap();
        draft
            .answer(&memorandum, "author", "signed:head_of_contact_point")
            .unwrap();
        let signing = Signing {
            author: "signed:officer_1",
            reference: "BE-2026-000417/10",
            version: "2016-1",
        };
        let act = draft.signed(&memorandum, &signing).into_act();
        assert_eq!(act.text("reference"), Some("BE-2026-000417/9"));
        assert_eq!(act.text("article"), Some("26.1"));
        assert_eq!(act.text("sender"), Some("be_federal_police"));
        assert_eq!(act.text("author"), Some("signed:officer_1"));
    }
}
