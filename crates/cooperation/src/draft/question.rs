//! What an officer is asked for an act, slot by slot, in the officer's language.

use super::read::Section;
use crate::{
    body::{
        kind::{Kind, Shape},
        slots::{FACT_CAVEATS, category_kind, of_act},
        vocabulary::Vocabulary,
    },
    judgement::Labels,
    memorandum::{ActLine, Memorandum},
    print::Printer,
};

/// One thing that is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Where the answer goes: a slot or an engine fact; a member's name within a record, a fact or a cell.
    pub slot: String,
    /// The section of the draft file.
    pub section: Section,
    /// Its words.
    pub label: String,
    /// What to write, where the memorandum says more.
    pub help: Option<String>,
    /// The paragraph it rests on; empty for a member.
    pub article: String,
    /// How it is answered.
    pub answer: Answer,
    /// What may be chosen, in the order of the annex; empty where nothing is chosen.
    pub choices: Vec<Choice>,
    /// Whether the act does not leave without it (7.1, 23.4).
    pub mandatory: bool,
}

/// One choice of a closed list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What is written.
    pub id: String,
    /// Its words.
    pub label: String,
}

/// How a question is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Yes or no, without a default: a declaration is signed.
    YesOrNo,
    /// One of the choices.
    One,
    /// Several of the choices.
    Several,
    /// One line of text; the type says of which form.
    Line(Kind),
    /// Text of any length.
    Text,
    /// An integer.
    Number,
    /// A number and a unit, as `48000 EUR`.
    Measure,
    /// A day: `2026-03-01`.
    Day,
    /// An instant with its offset: `2026-03-01T10:00+01:00`.
    Instant,
    /// The name of a file.
    File,
    /// Several lines: references of facts, signatures, items of a list.
    Lines(Kind),
    /// Members, each asked for itself.
    Members(Vec<Question>),
    /// Items, each with these members; for facts the members depend on the category ([`members_of_fact`]).
    Items(Vec<Question>),
}

/// The questions of an act: its mandatory slots, its declarations, its optional slots, then what is known at home only.
///
/// What the node fills in itself (addresses, article, version, author, reference) is not asked. Empty if the memorandum has no such
/// act. Words that are missing in `language` come in the first language that has them.
pub fn questions(memorandum: &Memorandum, act: &str, language: &str) -> Vec<Question> {
    let Some(line) = memorandum.acts.get(act) else {
        return Vec::new();
    };
    let asking = Asking {
        memorandum,
        language,
    };
    let mut asked: Vec<Question> = owed(memorandum, line)
        .iter()
        .filter_map(|slot| asking.slot(slot, true))
        .collect();
    asked.extend(tests(memorandum, line).filter_map(|test| asking.slot(test, true)));
    asked.extend(
        optional(memorandum, line)
            .iter()
            .filter_map(|slot| asking.slot(slot, false)),
    );
    if memorandum.gated.iter().any(|gated| gated == act) {
        let at_home = memorandum
            .engine_facts
            .iter()
            .filter(|fact| fact.kind == "record");
        let asked_at_home = at_home.filter(|fact| {
            Section::of(memorandum, &fact.id) == Some(Section::Home) && fact.absent == "unmet"
        });
        asked.extend(asked_at_home.filter_map(|fact| asking.certificates(&fact.id)));
    }
    let mut seen = std::collections::BTreeSet::new();
    asked.retain(|question| seen.insert(question.slot.clone()));
    asked
}

/// Slots that the node fills in: [`super::Draft::signed`].
const FILLED_IN: [&str; 6] = [
    "sender",
    "recipient",
    "article",
    "memorandum_version",
    "author",
    "reference",
];

fn owed(memorandum: &Memorandum, line: &ActLine) -> Vec<String> {
    let reply = line.answers.is_some().then(|| "in_reply_to".to_owned());
    let common = memorandum
        .common
        .iter()
        .filter(|slot| !FILLED_IN.contains(&slot.as_str()))
        .cloned();
    reply
        .into_iter()
        .chain(common)
        .chain(line.needs.iter().cloned())
        .collect()
}

/// The tests of the absolute limits that the act declares (23.4).
fn tests<'m>(memorandum: &'m Memorandum, line: &'m ActLine) -> impl Iterator<Item = &'m str> {
    let limits = line
        .declares
        .iter()
        .filter_map(|limit| memorandum.limits.get(limit));
    limits.flat_map(|limit| limit.tests.iter().map(String::as_str))
}

/// What may be added: the act's own, what accompanies codes and personal acts, and declarations that are no test of a limit.
fn optional(memorandum: &Memorandum, line: &ActLine) -> Vec<String> {
    let own = of_act(memorandum, &line.id, &Default::default());
    let mut slots: Vec<String> = line.may.clone();
    slots.extend(
        own.iter()
            .filter(|id| memorandum.slots.has(id) && !memorandum.common.contains(*id))
            .cloned(),
    );
    if line.personal || !line.declares.is_empty() {
        let declared = memorandum
            .engine_facts
            .iter()
            .filter(|fact| fact.declared && fact.absent != "refuse");
        slots.extend(declared.map(|fact| fact.id.clone()));
    }
    slots
}

/// The members of a fact of this category: its fields, the note, and caveats of its own. None is mandatory by itself; a fact without
/// any field is no fact (21.1).
pub fn members_of_fact(memorandum: &Memorandum, category: &str, language: &str) -> Vec<Question> {
    let asking = Asking {
        memorandum,
        language,
    };
    let fields = memorandum.fields.get(category).into_iter().flatten();
    let mut members: Vec<Question> = fields
        .filter_map(|field| {
            Some(asking.question(
                &field.id,
                Kind::of_field(field)?,
                asking.words(&field.label),
            ))
        })
        .collect();
    members.push(asking.note());
    members.extend(
        FACT_CAVEATS
            .iter()
            .filter_map(|caveat| asking.slot(caveat, false)),
    );
    members
}

struct Asking<'m> {
    memorandum: &'m Memorandum,
    language: &'m str,
}

impl<'m> Asking<'m> {
    /// What labels say in the officer's language.
    fn words<'l>(&self, labels: &'l Labels) -> &'l str {
        self.memorandum
            .said(labels, self.language)
            .unwrap_or_default()
    }

    /// The question for a slot or an engine fact; `None` if the memorandum has neither.
    fn slot(&self, id: &str, mandatory: bool) -> Option<Question> {
        let kind = Kind::of(self.memorandum, id)?;
        let (label, help, article) = match self.memorandum.slots.get(id) {
            Some(slot) => (&slot.label, &slot.help, &slot.article),
            None => {
                let fact = self.memorandum.engine_facts.get(id)?;
                (&fact.label, &fact.help, &fact.article)
            }
        };
        let question = self.question(id, kind, self.words(label));
        Some(Question {
            section: Section::of(self.memorandum, id)?,
            help: help.as_ref().map(|help| self.words(help).to_owned()),
            article: article.clone(),
            mandatory,
            ..question
        })
    }

    fn question(&self, slot: &str, kind: Kind, label: &str) -> Question {
        Question {
            slot: slot.to_owned(),
            section: Section::Slots,
            label: label.to_owned(),
            help: None,
            article: String::new(),
            choices: self.choices(&kind),
            answer: self.answer(kind),
            mandatory: false,
        }
    }

    fn choices(&self, kind: &Kind) -> Vec<Choice> {
        let list = match kind {
            Kind::OneOf(list)
            | Kind::SeveralOf(list)
            | Kind::CountryOr(list)
            | Kind::Scope(list) => list.as_str(),
            _ => return Vec::new(),
        };
        let entries =
            Vocabulary::find(self.memorandum, list).map(|vocabulary| vocabulary.choices());
        let choice = |(id, label): (&str, &Labels)| Choice {
            id: id.to_owned(),
            label: self.words(label).to_owned(),
        };
        entries
            .unwrap_or_default()
            .into_iter()
            .map(choice)
            .collect()
    }

    fn answer(&self, kind: Kind) -> Answer {
        match kind {
            Kind::Bool => Answer::YesOrNo,
            Kind::OneOf(_) => Answer::One,
            Kind::SeveralOf(_) => Answer::Several,
            Kind::Text => Answer::Text,
            Kind::Number => Answer::Number,
            Kind::Measure => Answer::Measure,
            Kind::Date => Answer::Day,
            Kind::Instant => Answer::Instant,
            Kind::Attachment => Answer::File,
            Kind::Parts | Kind::Signatures => Answer::Lines(kind),
            Kind::Each(item) => match *item {
                Kind::Record(shape) => Answer::Items(self.members(&shape)),
                item => Answer::Lines(item),
            },
            Kind::Record(shape) => Answer::Members(self.members(&shape)),
            Kind::Facts => Answer::Items(vec![self.category(true)]),
            Kind::Questions => Answer::Items(vec![self.category(false), self.note()]),
            Kind::Cells => Answer::Items(self.cell()),
            kind => Answer::Line(kind),
        }
    }

    fn members(&self, shape: &Shape) -> Vec<Question> {
        let member = |(name, kind): (&String, &Kind)| {
            self.question(name, kind.clone(), &self.member_label(name))
        };
        shape.members.iter().map(member).collect()
    }

    /// A member's words.
    fn member_label(&self, name: &str) -> String {
        Printer {
            memorandum: self.memorandum,
            language: self.language,
        }
        .member(name)
    }

    fn category(&self, mandatory: bool) -> Question {
        let open = |choice: &Choice| {
            self.memorandum
                .categories
                .get(&choice.id)
                .is_some_and(|row| row.class != "closed")
        };
        let label = self.member_label("category");
        let mut question = self.question("category", category_kind(), &label);
        question.choices.retain(open);
        Question {
            mandatory,
            ..question
        }
    }

    fn note(&self) -> Question {
        self.question("note", Kind::Text, &self.member_label("note"))
    }

    fn cell(&self) -> Vec<Question> {
        let dimensions = self.memorandum.dimensions.iter();
        let dimension =
            dimensions.map(|row| self.question(&row.id, Kind::Identifier, self.words(&row.label)));
        let keys = self.memorandum.cell.iter().flat_map(|cell| &cell.keys);
        let key = keys.map(|key| {
            let kind = if key == "count" {
                Kind::Number
            } else {
                Kind::Bool
            };
            self.question(key, kind, &self.member_label(key))
        });
        dimension.chain(key).collect()
    }

    /// The certificates of the gate, one for each condition: who signed, and when (28.1).
    fn certificates(&self, id: &str) -> Option<Question> {
        let conditions = self.memorandum.preconditions.iter().map(|condition| {
            let signed = [
                ("signed_by", Kind::OneOf("organ".into())),
                ("on", Kind::Date),
            ];
            let members = signed
                .map(|(name, kind)| self.question(name, kind, &self.member_label(name)))
                .into();
            let question = self.question(&condition.id, Kind::Text, self.words(&condition.label));
            Question {
                answer: Answer::Members(members),
                article: condition.article.clone(),
                mandatory: condition.applies_to == "all",
                ..question
            }
        });
        let conditions = conditions.collect();
        Some(Question {
            answer: Answer::Members(conditions),
            ..self.slot(id, true)?
        })
    }
}
