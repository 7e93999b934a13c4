//! A judgement as an officer reads it: may it cross, under which article, which fact may not, what would make it permitted.

use entente_cooperation::{
    act::Act,
    fact::Fact,
    judgement::{Decision, FactJudgement, Judgement, Labels, Reason},
};
use serde_json::{Value, json};

use super::view::View;

impl View<'_> {
    /// The judgement of an act, each fact with its own verdict.
    pub fn verdict(&self, act: &Act, judgement: &Judgement) -> Value {
        let facts = self.facts(act, judgement);
        let stopped = facts.iter().filter(|fact| fact["crosses"] == false).count();
        let missing = judgement
            .missing
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
            "missing": missing.collect::<Vec<_>>(),
            "because": self.sentences(&judgement.because),
            "facts": facts, "facts_stopped": stopped,
            "derived": derived.collect::<Vec<_>>(), "not_evaluated": judgement.broken,
        })
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
