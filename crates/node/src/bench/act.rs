//! Which act is sent, and with what: the first that informs and that the memorandum permits, its slots filled from its own lists.

use entente_cooperation::{
    act::{Moment, Side},
    body::{kind::Kind, slots::write},
    case::State,
    draft::{
        Answer, Draft, DraftFault, Question, Signing,
        question::{members_of_fact, questions},
        read::Section,
    },
    judgement::Decision,
    memorandum::{ActLine, Behaviour, Memorandum},
    value::Slots,
};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::agreement::Agreement;

/// What a body holds beside its slots, about: envelope, reference, author. Bytes.
const ENVELOPE_BYTES: usize = 700;

/// How large each message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// About so many bytes of body: what facts do not fill, a note does.
    pub bytes: usize,
    /// So many facts.
    pub facts: usize,
}

/// An act that may cross, without what differs from message to message: its case and its facts.
pub struct Pattern<'m> {
    memorandum: &'m Memorandum,
    draft: Draft,
    facts: Facts,
    size: Size,
}

/// What a fact is made of.
#[derive(Clone, Debug)]
struct Facts {
    slot: String,
    category: String,
    names: Vec<String>,
}

/// What distinguishes one draft from another as far as rules look at it.
struct Choice<'m> {
    act: &'m ActLine,
    from: &'m str,
    to: &'m str,
    area: &'m str,
    purpose: &'m str,
    legal_basis: &'m str,
    offence: Option<&'m str>,
}

impl<'m> Pattern<'m> {
    /// The first act that gives facts unasked and that may cross from one Party to the other at this instant, on both sides.
    ///
    /// None if the memorandum permits none.
    pub fn permitted(
        agreement: &'m Agreement,
        [from, to]: [&str; 2],
        size: Size,
        at: Timestamp,
    ) -> Option<Self> {
        let memorandum = &agreement.memorandum;
        choices(memorandum, from, to).find_map(|choice| {
            let patterns = facts(memorandum, choice.act).into_iter();
            let drafted = patterns.filter_map(|facts| {
                let draft = choice.draft(memorandum, &facts.slot)?;
                Some(Self {
                    memorandum,
                    draft,
                    facts,
                    size,
                })
            });
            let mut drafted = drafted;
            drafted.find(|pattern| pattern.may_cross(agreement, at))
        })
    }

    /// The act's identifier.
    pub fn act(&self) -> &str {
        &self.draft.act().kind
    }

    /// Message number `number` as the API takes it, in a case of its own: no two are alike.
    ///
    /// # Errors
    /// When the memorandum does not take what was typed.
    pub fn message(&self, number: usize) -> Result<Value, DraftFault> {
        let bare = self.drafted(number, 0)?;
        let length = self.parts(&bare).to_string().len() + ENVELOPE_BYTES;
        let missing = self.size.bytes.saturating_sub(length);
        Ok(self.parts(&self.drafted(number, missing)?))
    }

    /// The case of message number `number`.
    pub fn case(&self, number: usize) -> String {
        let party = self.memorandum.head.parties[0].to_uppercase();
        format!("{party}-2030-{number:07}")
    }

    fn drafted(&self, number: usize, note_bytes: usize) -> Result<Draft, DraftFault> {
        let mut draft = self.draft.clone();
        for slot in identifiers(self.memorandum, draft.act().kind.as_str()) {
            draft.answer(self.memorandum, &slot, &self.case(number))?;
        }
        let note = format!("{number} ")
            .repeat(note_bytes / 2)
            .chars()
            .take(note_bytes)
            .collect::<String>();
        for fact in 0..self.size.facts.max(1) {
            let mut members = vec![("category".to_owned(), self.facts.category.clone())];
            let named = self.facts.names.iter();
            members.extend(named.map(|field| (field.clone(), format!("N{number:07} F{fact:03}"))));
            if fact == 0 && !note.trim().is_empty() {
                members.push(("note".to_owned(), note.trim().to_owned()));
            }
            let members: Vec<(&str, &str)> = members
                .iter()
                .map(|(name, typed)| (name.as_str(), typed.as_str()))
                .collect();
            draft.add_item(self.memorandum, &self.facts.slot, &members)?;
        }
        Ok(draft)
    }

    /// The draft in the parts that the API takes.
    fn parts(&self, draft: &Draft) -> Value {
        let act = draft.act();
        let of = |section| -> Value {
            let slots = act.slots.iter();
            let mine = slots.filter(|(id, _)| Section::of(self.memorandum, id) == Some(section));
            let mine: Slots = mine
                .map(|(id, value)| (id.clone(), value.clone()))
                .collect();
            // Strict JSON is JSON.
            serde_json::from_str(&write(&mine).write()).unwrap_or_default()
        };
        json!({
            "act": act.kind, "from": act.from, "to": act.to,
            "slots": of(Section::Slots), "declared": of(Section::Declared),
        })
    }

    fn may_cross(&self, agreement: &Agreement, at: Timestamp) -> bool {
        let Ok(draft) = self.drafted(0, 1) else {
            return false;
        };
        let reference = format!("{}/1", self.case(0));
        let signing = Signing {
            author: "signed:officer_1",
            reference: &reference,
            version: &agreement.memorandum.head.version,
        };
        let act = draft.signed(self.memorandum, &signing).into_act();
        let state = State::new(self.memorandum);
        [Side::Sender, Side::Recipient].into_iter().all(|side| {
            let moment = Moment {
                at,
                released_at: Some(at),
                side,
            };
            let judged = agreement
                .policy
                .judge(self.memorandum, &state, &act, &moment);
            judged.decision == Decision::Permit
        })
    }
}

impl<'m> Choice<'m> {
    /// The draft with every mandatory slot filled but case and facts. None if a slot cannot be filled from lists.
    fn draft(&self, memorandum: &Memorandum, facts: &str) -> Option<Draft> {
        let mut draft = Draft::new(&self.act.id, self.from, Some(self.to));
        let mandatory = questions(memorandum, &self.act.id, "en")
            .into_iter()
            .filter(|question| question.mandatory);
        for question in mandatory.filter(|question| question.slot != facts) {
            for (slot, typed) in self.answers(&question)? {
                draft.answer(memorandum, &slot, &typed).ok()?;
            }
        }
        Some(draft)
    }

    /// What is typed for one question: nothing for what differs from message to message.
    fn answers(&self, question: &Question) -> Option<Vec<(String, String)>> {
        let one = |typed: &str| Some(vec![(question.slot.clone(), typed.to_owned())]);
        match &question.answer {
            // Declarations that an act is aimed at what is forbidden.
            Answer::YesOrNo => one("no"),
            Answer::One | Answer::Several => one(self.chosen(question)?),
            Answer::Line(Kind::Identifier) => Some(Vec::new()),
            Answer::Line(_) | Answer::Text => one("bench"),
            Answer::Members(members) => {
                let each = members.iter().map(|member| {
                    let first = member.choices.first()?;
                    Some((
                        format!("{}.{}", question.slot, member.slot),
                        first.id.clone(),
                    ))
                });
                each.collect()
            }
            _ => None,
        }
    }

    fn chosen<'a>(&'a self, question: &'a Question) -> Option<&'a str> {
        let has = |id: &str| question.choices.iter().any(|choice| choice.id == id);
        let fixed = [
            Some(self.area),
            Some(self.purpose),
            Some(self.legal_basis),
            self.offence,
        ];
        let fixed = fixed.into_iter().flatten().find(|id| has(id));
        fixed.or_else(|| question.choices.first().map(|choice| choice.id.as_str()))
    }
}

/// Every choice that the lists of the memorandum leave, in their order.
fn choices<'m>(
    memorandum: &'m Memorandum,
    from: &str,
    to: &str,
) -> impl Iterator<Item = Choice<'m>> {
    let acts = memorandum
        .acts
        .iter()
        .filter(|act| act.behaviour == Behaviour::Informs);
    let (from, to) = (from.to_owned(), to.to_owned());
    acts.flat_map(move |act| {
        pairs(memorandum, act, &from, &to)
            .into_iter()
            .map(move |pair| (act, pair))
    })
    .flat_map(move |(act, pair)| subjects(memorandum, act, pair))
}

/// The organs that may send the act and be addressed, with an area that both have.
fn pairs<'m>(memorandum: &'m Memorandum, act: &ActLine, from: &str, to: &str) -> Vec<[&'m str; 3]> {
    let organs = || memorandum.organs.iter();
    let sends = organs().filter(|organ| organ.party == from && organ.groups.contains(&act.group));
    let mut pairs = Vec::new();
    for sender in sends {
        let takes = organs().filter(|organ| {
            organ.party == to
                && (organ.groups.contains(&act.group) || organ.receives.contains(&act.group))
        });
        for receiver in takes {
            let shared = memorandum.areas.iter().map(|area| &area.id);
            let shared =
                shared.filter(|area| sender.areas.contains(area) && receiver.areas.contains(area));
            pairs.extend(
                shared.map(|area| [sender.id.as_str(), receiver.id.as_str(), area.as_str()]),
            );
        }
    }
    pairs
}

/// Purposes of the area with the bases that carry them, and the offences of the area.
fn subjects<'m>(
    memorandum: &'m Memorandum,
    act: &'m ActLine,
    [from, to, area]: [&'m str; 3],
) -> Vec<Choice<'m>> {
    let purposes = memorandum
        .purposes
        .iter()
        .filter(|purpose| purpose.areas.iter().any(|own| own == area));
    let offences = memorandum
        .offences
        .iter()
        .filter(|offence| offence.area.as_deref() == Some(area));
    let offences: Vec<Option<&str>> = offences.map(|offence| Some(offence.id.as_str())).collect();
    let offences = if offences.is_empty() {
        vec![None]
    } else {
        offences
    };
    let mut choices = Vec::new();
    for purpose in purposes {
        for legal_basis in &purpose.legal_bases {
            choices.extend(offences.iter().map(|offence| Choice {
                act,
                from,
                to,
                area,
                purpose: &purpose.id,
                legal_basis,
                offence: *offence,
            }));
        }
    }
    choices
}

/// Each kind of fact that the act can carry and that has a name or a place in it.
fn facts(memorandum: &Memorandum, act: &ActLine) -> Vec<Facts> {
    let slots = act
        .needs
        .iter()
        .filter(|slot| Kind::of(memorandum, slot) == Some(Kind::Facts));
    let of_slot = |slot: &String| -> Vec<Facts> {
        let open = memorandum
            .categories
            .iter()
            .filter(|category| category.class != "closed");
        let made = open.map(|category| Facts {
            slot: slot.clone(),
            category: category.id.clone(),
            names: lines(&members_of_fact(memorandum, &category.id, "en")),
        });
        made.filter(|facts| !facts.names.is_empty()).collect()
    };
    slots.flat_map(of_slot).collect()
}

fn lines(members: &[Question]) -> Vec<String> {
    let free = |member: &&Question| {
        matches!(
            member.answer,
            Answer::Line(Kind::Name | Kind::Place | Kind::Identifier)
        )
    };
    members
        .iter()
        .filter(free)
        .map(|member| member.slot.clone())
        .collect()
}

/// The mandatory slots that hold a number given by an organ: the case.
fn identifiers(memorandum: &Memorandum, act: &str) -> Vec<String> {
    let asked = questions(memorandum, act, "en").into_iter();
    let numbers = asked.filter(|question| {
        question.mandatory && matches!(question.answer, Answer::Line(Kind::Identifier))
    });
    numbers.map(|question| question.slot).collect()
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, path::Path};

    use entente_cooperation::memorandum::read::files_of;

    use super::*;

    fn agreement(folder: &str) -> Agreement {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../..")
            .join(folder);
        Agreement::of(&files_of(&dir).unwrap()).unwrap_or_else(|faults| panic!("{faults:#?}"))
    }

    #[test]
    fn each_memorandum_has_an_act_that_informs_and_no_two_messages_are_alike() {
        let at = "2026-05-04T10:00:00Z".parse().unwrap();
        for folder in ["memorandum", "tests/second/memorandum"] {
            let agreement = agreement(folder);
            let parties = &agreement.memorandum.head.parties;
            let size = Size {
                bytes: 2048,
                facts: 5,
            };
            let pattern = Pattern::permitted(&agreement, [&parties[0], &parties[1]], size, at);
            let pattern = pattern.unwrap_or_else(|| panic!("{folder} permits none"));
            let messages: BTreeSet<String> = (0..50)
                .map(|number| pattern.message(number).unwrap().to_string())
                .collect();
            assert_eq!(messages.len(), 50);
            let draft = pattern.message(7).unwrap();
            assert_eq!(
                draft["slots"][&pattern.facts.slot].as_array().map(Vec::len),
                Some(5)
            );
            let length = draft.to_string().len();
            assert!((1200..2048).contains(&length), "{length}");
        }
    }

    #[test]
    fn a_memorandum_that_permits_none_has_none() {
        let agreement = agreement("memorandum");
        let at = "2026-05-04T10:00:00Z".parse().unwrap();
        let size = Size { bytes: 0, facts: 1 };
        let party = &agreement.memorandum.head.parties[0];
        assert!(Pattern::permitted(&agreement, [party, "nobody"], size, at).is_none());
    }
}
