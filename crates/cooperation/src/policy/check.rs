//! What is wrong with rules before they serve: unknown facts, wrong sides, missing words, paragraphs without a rule.

use std::collections::BTreeSet;

use cedar_policy::{PolicySet, Schema, ValidationMode, Validator};

use super::{
    facts::Facts,
    reads::Reads,
    rule::{Force, Place, Rule},
    schema::Action,
    vocabulary::Vocabulary,
    written::Written,
};
use crate::{
    derived::About,
    judgement::Paragraph,
    memorandum::{Fault, Memorandum, fault::did_you_mean},
};

/// What rules are checked against.
pub(crate) struct Check<'c> {
    /// The agreement.
    pub(crate) memorandum: &'c Memorandum,
    /// Its lists.
    pub(crate) vocabulary: &'c Vocabulary,
    /// Its facts.
    pub(crate) facts: &'c Facts,
    /// Its schema.
    pub(crate) schema: &'c Schema,
    /// Its actions.
    pub(crate) actions: &'c BTreeSet<Action>,
}

impl Check<'_> {
    /// What is wrong with each of these rules and regions.
    pub(crate) fn faults(&self, rules: &[Rule], regions: &[Written]) -> Vec<Fault> {
        let mut faults: Vec<Fault> = rules.iter().flat_map(|rule| self.rule(rule)).collect();
        for region in regions {
            let fault = |what| region.fault(format!("{}: {what}", region.policy.id()));
            faults.extend(self.unknown(&Reads::of(&region.policy), fault));
        }
        faults
    }

    /// What sound rules lack together: strict types, names of their own, a permit for every act.
    pub(crate) fn gaps(&self, rules: &[Rule], regions: &[Written]) -> Vec<Fault> {
        let mut faults = self.invalid(rules, regions);
        faults.extend(self.unpermitted(rules));
        faults
    }

    /// What is wrong with one rule.
    fn rule(&self, rule: &Rule) -> Vec<Fault> {
        let mut faults = self.unknown(&rule.reads, |what| rule.fault(what));
        faults.extend(self.wrong_side(rule));
        faults.extend(self.speechless(rule));
        faults.extend(self.loose(rule));
        faults
    }

    /// Facts that nobody derives, and words of lists that do not exist.
    fn unknown(&self, reads: &Reads, fault: impl Fn(String) -> Fault) -> Vec<Fault> {
        let facts = reads.facts().filter(|name| self.facts.get(name).is_none());
        let facts = facts.map(|name| Fault {
            remedy: self.facts.near(name),
            ..fault(format!("reads “{name}”, which nobody derives"))
        });
        let strangers = reads
            .literals
            .iter()
            .filter(|(kind, id)| kind != "Action" && !self.vocabulary.holds(kind, id));
        let literals = strangers.map(|(kind, id)| {
            let list = self.vocabulary.list_of_type(kind);
            let known = list
                .map(|list| self.vocabulary.ids(list))
                .unwrap_or_default();
            Fault {
                remedy: did_you_mean(id, known),
                ..fault(format!("names “{id}”, which no list {kind} holds"))
            }
        });
        facts.chain(literals).collect()
    }

    /// One-sided facts read where they are not known.
    fn wrong_side(&self, rule: &Rule) -> Option<Fault> {
        if rule
            .scope
            .iter()
            .all(|action| matches!(action.about, About::Home | About::Held))
        {
            return None;
        }
        let mut facts = rule.reads.facts().filter_map(|name| self.facts.get(name));
        let fact = facts.find(|fact| !fact.known_at(rule.side))?;
        let side = if fact.side == Some(crate::act::Side::Sender) {
            "sender"
        } else {
            "recipient"
        };
        Some(rule.fault(format!(
            "reads “{}”, which only the {side} knows: say side = \"{side}\"",
            fact.name
        )))
    }

    /// A language in which nothing is said.
    fn speechless(&self, rule: &Rule) -> Option<Fault> {
        if rule.force == Force::Permit {
            return None; // the paragraph itself says what it permits
        }
        let head = &self.memorandum.head;
        let missing: Vec<&str> = head
            .authentic
            .iter()
            .chain(&head.courtesy)
            .map(String::as_str)
            .filter(|language| {
                rule.sentence
                    .get(*language)
                    .is_none_or(|text| text.trim().is_empty())
            })
            .collect();
        (!missing.is_empty()).then(|| rule.fault(format!("no sentence in {}", missing.join(", "))))
    }

    /// Paragraphs, slots and facts beside the policy that do not exist.
    fn loose(&self, rule: &Rule) -> Vec<Fault> {
        let text = self.memorandum.authentic_text().map(|(_, text)| text);
        let said =
            |paragraph: &Paragraph| text.is_some_and(|text| text.paragraph(&paragraph.0).is_some());
        let articles = rule.paragraphs.iter().filter(|paragraph| !said(paragraph));
        let mut faults: Vec<Fault> = articles
            .map(|paragraph| rule.fault(format!("no paragraph {paragraph}")))
            .collect();
        if let Some(hint) = rule
            .hint
            .as_ref()
            .filter(|hint| !self.memorandum.slots.has(hint))
        {
            faults.push(rule.fault(format!("the hint “{hint}” is no slot")));
        }
        if let Some(missing) = rule
            .missing
            .as_ref()
            .filter(|name| self.facts.get(name).is_none())
        {
            faults.push(rule.fault(format!("“{missing}” is no fact that lists what is missing")));
        }
        faults
    }

    /// What Cedar's strict validation finds; a warning counts.
    fn invalid(&self, rules: &[Rule], regions: &[Written]) -> Vec<Fault> {
        let mut set = PolicySet::new();
        let policies = rules
            .iter()
            .map(|rule| &rule.policy)
            .chain(regions.iter().map(|region| &region.policy));
        let mut faults = Vec::new();
        for policy in policies {
            if set.add(policy.clone()).is_err() {
                faults.push(Fault::new(
                    "rules",
                    0,
                    format!("two rules are called “{}”", policy.id()),
                ));
            }
        }
        let place = |id: &cedar_policy::PolicyId, what: String| {
            let rule = rules.iter().find(|rule| rule.policy.id() == id);
            let region = regions.iter().find(|region| region.policy.id() == id);
            match (rule, region) {
                (Some(rule), _) => rule.fault(what),
                (_, Some(region)) => region.fault(what),
                _ => Fault::new("rules", 0, what),
            }
        };
        let result = Validator::new(self.schema.clone()).validate(&set, ValidationMode::Strict);
        faults.extend(
            result
                .validation_errors()
                .map(|error| place(error.policy_id(), error.to_string())),
        );
        faults.extend(
            result
                .validation_warnings()
                .map(|warning| place(warning.policy_id(), warning.to_string())),
        );
        faults
    }

    /// Acts that no rule permits.
    fn unpermitted(&self, rules: &[Rule]) -> Vec<Fault> {
        let permitted = |action: &&Action| {
            rules
                .iter()
                .any(|rule| rule.force == Force::Permit && rule.scope.contains(action))
        };
        let acts = self
            .actions
            .iter()
            .filter(|action| self.memorandum.acts.has(&action.name));
        acts.filter(|action| !permitted(action))
            .map(|action| Fault::new("rules", 0, format!("no rule permits {}", action.name)))
            .collect()
    }
}

/// Paragraphs of the text beside which neither a rule nor a mark stands.
pub(crate) fn uncovered(
    memorandum: &Memorandum,
    rules: &[Rule],
    procedural: &[(Paragraph, Place)],
) -> Vec<Fault> {
    let ruled: BTreeSet<&Paragraph> = rules.iter().flat_map(|rule| &rule.paragraphs).collect();
    let marked: BTreeSet<&Paragraph> = procedural.iter().map(|(paragraph, _)| paragraph).collect();
    let said = paragraphs(memorandum);
    let open = said
        .iter()
        .filter(|(paragraph, _)| !ruled.contains(paragraph) && !marked.contains(paragraph));
    let open = open.map(|(paragraph, place)| {
        Fault::new(
            &place.file,
            place.line,
            format!("{paragraph} has neither a rule nor the mark “procedural”"),
        )
    });
    let both = procedural
        .iter()
        .filter(|(paragraph, _)| ruled.contains(paragraph));
    let both = both.map(|(paragraph, place)| {
        Fault::new(
            &place.file,
            place.line,
            format!("{paragraph} is marked procedural, but a rule stands beside it"),
        )
    });
    let unsaid = |paragraph: &Paragraph| said.iter().all(|(own, _)| own != paragraph);
    let strangers = procedural.iter().filter(|(paragraph, _)| unsaid(paragraph));
    let strangers = strangers.map(|(paragraph, place)| {
        Fault::new(
            &place.file,
            place.line,
            format!("{paragraph} is no paragraph of the text"),
        )
    });
    open.chain(both).chain(strangers).collect()
}

/// The paragraphs of the first authentic text, each with its place.
fn paragraphs(memorandum: &Memorandum) -> Vec<(Paragraph, Place)> {
    let Some((language, text)) = memorandum.authentic_text() else {
        return Vec::new();
    };
    let file = memorandum.text_file(language);
    let articles = text.articles.iter();
    let passages = articles.flat_map(|(number, article)| {
        (1..)
            .zip(&article.paragraphs)
            .map(move |(paragraph, passage)| (format!("{number}.{paragraph}"), passage.line))
    });
    passages
        .map(|(paragraph, line)| {
            (
                Paragraph(paragraph),
                Place {
                    file: file.clone(),
                    line,
                },
            )
        })
        .collect()
}
