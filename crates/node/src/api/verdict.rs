//! A judgement as an officer reads it: may it cross, under which article, which fact may not, what would make it permitted.

use std::collections::BTreeSet;

use entente_cooperation::{
    act::Act,
    draft::{
        fitting::{self, WouldDo},
        questions,
        read::Section,
    },
    fact::Fact,
    judgement::{Decision, FactJudgement, Judgement, Labels, Reason},
};
use serde_json::{Value, json};

use super::view::View;

/// The slots of the addresses, at which a judgement points if an organ is not competent.
const SENDER: &str = "sender";
const RECIPIENT: &str = "recipient";

impl View<'_> {
    /// The judgement of an act, each fact with its own verdict.
    pub fn verdict(&self, act: &Act, judgement: &Judgement) -> Value {
        let facts = self.facts(act, judgement);
        let stopped = facts.iter().filter(|fact| fact["crosses"] == false).count();
        let mut missing = judgement.missing.clone();
        if judgement.decision == Decision::Refuse {
            missing.extend(self.undeclared(act));
        }
        let mut seen = BTreeSet::new();
        missing.retain(|id| seen.insert(id.clone()));
        let missing = missing
            .iter()
            .map(|id| json!({ "id": id, "label": self.name(id) }));
        let derived = judgement.derived.iter().map(
            |fact| json!({ "name": fact.name, "value": fact.value, "article": fact.paragraph.0 }),
        );
        let decision = decision_word(judgement.decision);
        let label = self
            .memorandum
            .decisions
            .get(decision)
            .map(|row| &row.label);
        json!({
            "decision": decision, "decision_label": self.words(decision, label),
            "act": act.kind, "act_label": self.act(&act.kind),
            "articles": judgement.paragraphs.iter().map(|paragraph| &paragraph.0).collect::<Vec<_>>(),
            "refusal": judgement.reason.as_ref().map(|reason| self.reason(reason)),
            "look_at": judgement.hint.as_ref().map(|id| json!({ "id": id, "label": self.name(id) })),
            "missing": missing.collect::<Vec<_>>(), "would_do": self.would_do(act, judgement),
            "because": self.sentences(&judgement.because),
            "facts": facts, "facts_stopped": stopped,
            "derived": derived.collect::<Vec<_>>(), "not_evaluated": judgement.broken,
        })
    }

    /// The declarations that the act owes and does not make: what is left open counts against crossing (23.4).
    fn undeclared(&self, act: &Act) -> Vec<String> {
        let asked = questions(self.memorandum, &act.kind, self.language).into_iter();
        let open = asked.filter(|question| {
            question.mandatory
                && question.section == Section::Declared
                && act.filled(&question.slot).is_none()
        });
        open.map(|question| question.slot).collect()
    }

    /// Which organs and areas would do in the place of the address that the judgement points at (4.2).
    fn would_do(&self, act: &Act, judgement: &Judgement) -> Value {
        let found = match judgement.hint.as_deref() {
            Some(slot @ (SENDER | RECIPIENT)) => {
                fitting::would_do(self.memorandum, act, slot == SENDER)
            }
            _ => WouldDo::default(),
        };
        let organs = found
            .organs
            .iter()
            .map(|id| json!({ "id": id, "label": self.organ(id) }));
        let areas = found.areas.iter().map(|id| {
            let label = self.memorandum.areas.get(id).map(|row| &row.label);
            json!({ "id": id, "label": self.words(id, label) })
        });
        json!({ "organs": organs.collect::<Vec<_>>(), "areas": areas.collect::<Vec<_>>() })
    }

    /// Every fact of the act, and whatever else was judged by an id of its own.
    fn facts(&self, act: &Act, judgement: &Judgement) -> Vec<Value> {
        let facts = Fact::all(self.memorandum, act);
        let mut shown: Vec<Value> = facts
            .iter()
            .map(|fact| {
                let found = judgement.facts.iter().find(|judged| judged.id == fact.id());
                self.fact(fact.id(), Some(fact.category()), found)
            })
            .collect();
        let others = judgement
            .facts
            .iter()
            .filter(|judged| !facts.iter().any(|fact| fact.id() == judged.id));
        shown.extend(others.map(|judged| self.fact(&judged.id, None, Some(judged))));
        shown
    }

    fn fact(&self, id: &str, category: Option<&str>, judged: Option<&FactJudgement>) -> Value {
        let label = category.map(|category| {
            self.words(
                category,
                self.memorandum
                    .categories
                    .get(category)
                    .map(|row| &row.label),
            )
        });
        let articles = judged.map(|judged| {
            judged
                .paragraphs
                .iter()
                .map(|p| p.0.clone())
                .collect::<Vec<_>>()
        });
        json!({
            "id": id, "category": category, "category_label": label, "crosses": judged.is_none(),
            "articles": articles.unwrap_or_default(),
            "refusal": judged.map(|judged| self.reason(&judged.reason)),
            "because": judged.map(|judged| self.sentences(&judged.because)).unwrap_or_default(),
        })
    }

    /// A reason with its words: a ground answers the partner, an impediment stays with our officer.
    fn reason(&self, reason: &Reason) -> Value {
        let memorandum = self.memorandum;
        let (kind, labels) = match reason {
            Reason::Ground(id) => ("ground", memorandum.grounds.get(id).map(|row| &row.label)),
            Reason::Impediment(id) => (
                "impediment",
                memorandum.impediments.get(id).map(|row| &row.label),
            ),
            Reason::Limit(id) => ("limit", memorandum.limits.get(id).map(|row| &row.label)),
        };
        json!({ "kind": kind, "id": reason.id(), "label": self.words(reason.id(), labels) })
    }

    fn sentences(&self, because: &[Labels]) -> Vec<String> {
        let sentences = because.iter().map(|labels| self.words("", Some(labels)));
        sentences.filter(|sentence| !sentence.is_empty()).collect()
    }

    /// The words of a slot or an engine fact.
    fn name(&self, id: &str) -> String {
        let slot = self.memorandum.slots.get(id).map(|row| &row.label);
        let fact = || self.memorandum.engine_facts.get(id).map(|row| &row.label);
        self.words(id, slot.or_else(fact))
    }
}

/// The word of a decision, as Annex 0 has it.
pub const fn decision_word(decision: Decision) -> &'static str {
    match decision {
        Decision::Permit => "permit",
        Decision::Refuse => "refuse",
        Decision::Clarify => "clarify",
        Decision::Broken => "broken",
    }
}
