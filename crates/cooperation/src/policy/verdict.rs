//! The verdict: the first rule in the order decides, over the act and everything in it.

use std::collections::{BTreeMap, HashMap};

use super::{
    Policy,
    ask::{Answer, Findings},
    facts::{Fact, in_words},
    rule::{Force, Rule, reason},
    schema::{HANDING_OVER, READING, UNKNOWN_ACT, USING, USING_A_FACT, item_of},
};
use crate::{
    act::{Act, Moment},
    case::State,
    derived::{Finding, Item, View},
    judgement::{Decision, DerivedFact, FactJudgement, Judgement, Labels, Paragraph, Reason},
    memorandum::Memorandum,
};

/// Why an act that no rule knows is refused (Annex 8).
const ACT_UNKNOWN: &str = "act_unknown";

/// What was heard of an act or a deed and of everything in it.
struct Hearing<'p, 'a> {
    whole: Answer<'p>,
    findings: Findings<'a>,
    items: Vec<(&'a str, Answer<'p>)>,
    /// Whether every rule that stands in the way is shown, and not only those with the reason that decides.
    shows_all: bool,
}

impl Policy {
    /// Judges an act on the side and at the moment given.
    ///
    /// The first rule in the order decides. Nothing is permitted unless a rule permits it. A rule that cannot be evaluated is
    /// named in [`Judgement::broken`], and permits nothing: what a prohibition forbids all the same is refused, else the
    /// decision is [`Decision::Broken`].
    pub fn judge(
        &self,
        memorandum: &Memorandum,
        state: &State,
        act: &Act,
        moment: &Moment,
    ) -> Judgement {
        let line = memorandum.acts.get(&act.kind);
        let view = View {
            memorandum,
            state,
            act,
            line,
            moment,
            item: None,
        };
        let action = line.map_or(UNKNOWN_ACT, |line| line.id.as_str());
        let items = line.map(|line| (item_of(&line.id), Item::all(&view)));
        let heard = self.hear(&[action], items, &view, false);
        self.verdict(memorandum, &heard)
    }

    /// Judges a deed at home: reading, handing over, using. `deed.kind` names the event; `None` if it is none of these.
    pub fn judge_event(
        &self,
        memorandum: &Memorandum,
        state: &State,
        deed: &Act,
        moment: &Moment,
    ) -> Option<Judgement> {
        let mut actions = match deed.kind.as_str() {
            "read" => vec![READING],
            "handover" => vec![HANDING_OVER],
            _ => Vec::new(),
        };
        let view = View {
            memorandum,
            state,
            act: deed,
            line: None,
            moment,
            item: None,
        };
        let mut items = None;
        if deed.filled("use").is_some() {
            actions.push(USING);
            items = Some((USING_A_FACT.to_owned(), used(deed)));
        }
        (!actions.is_empty()).then(|| {
            let heard = self.hear(&actions, items, &view, true);
            self.verdict(memorandum, &heard)
        })
    }

    /// Asks about the whole under every action it is, then about each thing in it.
    fn hear<'a>(
        &'a self,
        actions: &[&str],
        items: Option<(String, Vec<Item<'a>>)>,
        view: &View<'a>,
        shows_all: bool,
    ) -> Hearing<'a, 'a> {
        let mut whole = Answer {
            permitted: true,
            ..Answer::default()
        };
        let mut findings = Findings::new();
        for action in actions {
            let Some(slice) = self.slice(action, view) else {
                whole.permitted = false;
                continue;
            };
            let found = self.findings(slice, view, |_| true);
            let answer = self.ask(slice, view, &found);
            whole.permitted &= answer.permitted;
            whole.against.extend(answer.against);
            whole.says.extend(answer.says);
            whole.broken.extend(answer.broken);
            findings.extend(found);
        }
        let items = items
            .map(|(action, items)| self.hear_items(&action, items, view))
            .unwrap_or_default();
        Hearing {
            whole,
            findings,
            items,
            shows_all,
        }
    }

    /// Asks about each thing in an act. What is alike in everything the rules read is asked once.
    fn hear_items<'a>(
        &'a self,
        action: &str,
        items: Vec<Item<'a>>,
        view: &View<'a>,
    ) -> Vec<(&'a str, Answer<'a>)> {
        let Some(slice) = self
            .slice(action, view)
            .filter(|slice| !slice.decide.is_empty())
        else {
            return Vec::new();
        };
        let common = self.findings(slice, view, |fact| !fact.is_of_items());
        let mut asked: HashMap<Vec<Finding<'a>>, usize> = HashMap::new();
        let mut heard: Vec<(&'a str, Answer<'a>)> = Vec::new();
        for item in items {
            let view = View {
                item: Some(item),
                ..*view
            };
            let own = self.findings(slice, &view, Fact::is_of_items);
            let alike: Vec<Finding<'a>> = own.values().cloned().collect();
            let answer = match asked.get(&alike) {
                Some(&first) => heard[first].1.again(),
                None => {
                    let mut findings = common.clone();
                    findings.extend(own);
                    asked.insert(alike, heard.len());
                    self.ask(slice, &view, &findings)
                }
            };
            heard.push((item.id, answer));
        }
        heard
    }

    /// The judgement of what was heard.
    fn verdict(&self, memorandum: &Memorandum, heard: &Hearing<'_, '_>) -> Judgement {
        let items = heard.items.iter().map(|(_, answer)| answer);
        let answers = std::iter::once(&heard.whole).chain(items);
        let broken: Vec<String> = answers
            .clone()
            .flat_map(|answer| answer.broken.clone())
            .collect();
        let mut judgement = if answers.clone().all(|answer| answer.permitted) {
            self.permit(heard)
        } else if broken.is_empty() || answers.clone().any(is_forbidden) {
            self.refusal(memorandum, heard)
        } else {
            undecided()
        };
        judgement.broken = broken;
        judgement
    }

    /// Permitted: the permits that hold, and what speaks beside them.
    fn permit(&self, heard: &Hearing<'_, '_>) -> Judgement {
        let says = in_order(heard.whole.says.iter().copied());
        let clarify = says.iter().find(|rule| rule.force == Force::Clarify);
        Judgement {
            decision: if clarify.is_some() {
                Decision::Clarify
            } else {
                Decision::Permit
            },
            paragraphs: paragraphs(&says),
            reason: None,
            hint: None,
            missing: clarify.map(|rule| missing(rule, heard)).unwrap_or_default(),
            facts: Vec::new(),
            because: sentences(&says),
            derived: self.derived(&says, heard),
            broken: Vec::new(),
        }
    }

    /// Refused: the first rule in the order, and those that say the same.
    fn refusal(&self, memorandum: &Memorandum, heard: &Hearing<'_, '_>) -> Judgement {
        let items = heard
            .items
            .iter()
            .flat_map(|(_, answer)| answer.against.iter());
        let against = in_order(heard.whole.against.iter().chain(items).copied());
        let Some(first) = against.first() else {
            return no_permit(memorandum);
        };
        let same: Vec<&Rule> = against
            .iter()
            .copied()
            .filter(|rule| heard.shows_all || rule.reason == first.reason)
            .collect();
        let mut shown = paragraphs(&same);
        let ground = first
            .reason
            .as_ref()
            .and_then(|reason| memorandum.grounds.get(reason.id()));
        if let Some(ground) = ground
            .map(|ground| Paragraph(ground.article.clone()))
            .filter(|own| !shown.contains(own))
        {
            shown.push(ground);
        }
        Judgement {
            decision: Decision::Refuse,
            paragraphs: shown,
            reason: first.reason.clone(),
            hint: self.hint(first, heard),
            missing: missing(first, heard),
            facts: heard
                .items
                .iter()
                .filter_map(|(id, answer)| fact(id, answer))
                .collect(),
            because: sentences(&against),
            derived: self.derived(&against, heard),
            broken: Vec::new(),
        }
    }

    /// The slot to look at: the one the rule names, or the first that is missing.
    fn hint(&self, rule: &Rule, heard: &Hearing<'_, '_>) -> Option<String> {
        let slots = super::vocabulary::Kind::Words("slot".to_owned());
        let first = || {
            let listed = self.facts.get(rule.missing.as_deref()?)?;
            (listed.kind == slots).then(|| missing(rule, heard).into_iter().next())?
        };
        rule.hint.clone().or_else(first)
    }

    /// The facts that these rules read, as far as they are about the whole.
    fn derived(&self, rules: &[&Rule], heard: &Hearing<'_, '_>) -> Vec<DerivedFact> {
        let mut found = BTreeMap::new();
        for name in rules.iter().flat_map(|rule| rule.reads.facts()) {
            if let (Some(fact), Some(finding)) = (self.facts.get(name), heard.findings.get(name)) {
                found.insert(
                    name,
                    DerivedFact {
                        name: name.to_owned(),
                        label: fact.label.clone(),
                        value: in_words(finding),
                        paragraph: fact.paragraph.clone(),
                    },
                );
            }
        }
        found.into_values().collect()
    }
}

impl Answer<'_> {
    /// The same answer for something alike.
    fn again(&self) -> Self {
        Self {
            permitted: self.permitted,
            against: self.against.clone(),
            says: self.says.clone(),
            broken: self.broken.clone(),
        }
    }
}

/// The facts that a use concerns.
fn used(deed: &Act) -> Vec<Item<'_>> {
    let named = deed.items("facts_concerned").iter();
    let named = named.filter_map(|value| {
        Some(Item {
            id: value.as_text()?,
            slot: "facts_concerned",
            value,
        })
    });
    let held = deed.items("facts").iter().filter_map(|value| {
        Some(Item {
            id: value.member("id")?.as_text()?,
            slot: "facts",
            value,
        })
    });
    if deed.filled("facts_concerned").is_some() {
        named.collect()
    } else {
        held.collect()
    }
}

/// The judgement of one thing in an act that has a fault of its own.
fn fact(id: &str, answer: &Answer<'_>) -> Option<FactJudgement> {
    let against = in_order(answer.against.iter().copied());
    let first = against.first()?;
    Some(FactJudgement {
        id: id.to_owned(),
        paragraphs: paragraphs(&against),
        reason: first.reason.clone()?,
        because: sentences(&against),
    })
}

/// Whether a prohibition holds: nothing else can lift it.
fn is_forbidden(answer: &Answer<'_>) -> bool {
    let mut against = answer.against.iter();
    against.any(|rule| rule.force == Force::Forbid)
}

/// Nobody can say: a rule could not be evaluated, and no prohibition holds.
fn undecided() -> Judgement {
    Judgement {
        decision: Decision::Broken,
        paragraphs: Vec::new(),
        reason: None,
        hint: None,
        missing: Vec::new(),
        facts: Vec::new(),
        because: Vec::new(),
        derived: Vec::new(),
        broken: Vec::new(),
    }
}

/// No rule permits it, and none says what it lacks: the act is not one of this memorandum.
fn no_permit(memorandum: &Memorandum) -> Judgement {
    let row = memorandum.impediments.get(ACT_UNKNOWN);
    Judgement {
        decision: Decision::Refuse,
        paragraphs: row
            .map(|row| Paragraph(row.article.clone()))
            .into_iter()
            .collect(),
        reason: reason(memorandum, ACT_UNKNOWN)
            .or_else(|| Some(Reason::Impediment(ACT_UNKNOWN.to_owned()))),
        hint: None,
        missing: Vec::new(),
        facts: Vec::new(),
        because: row.map(|row| row.label.clone()).into_iter().collect(),
        derived: Vec::new(),
        broken: Vec::new(),
    }
}

/// Rules in the order in which they decide or are shown, each once.
fn in_order<'p>(rules: impl Iterator<Item = &'p Rule>) -> Vec<&'p Rule> {
    let mut rules: Vec<&Rule> = rules.collect();
    rules.sort_by_key(|rule| (rule.order, &rule.place, &rule.id));
    rules.dedup_by_key(|rule| &rule.id);
    rules
}

/// Their paragraphs, each once.
fn paragraphs(rules: &[&Rule]) -> Vec<Paragraph> {
    let mut paragraphs: Vec<Paragraph> = Vec::new();
    for paragraph in rules.iter().flat_map(|rule| &rule.paragraphs) {
        if !paragraphs.contains(paragraph) {
            paragraphs.push(paragraph.clone());
        }
    }
    paragraphs
}

/// Their sentences.
fn sentences(rules: &[&Rule]) -> Vec<Labels> {
    rules.iter().map(|rule| rule.sentence.clone()).collect()
}

/// What the rule found missing.
fn missing(rule: &Rule, heard: &Hearing<'_, '_>) -> Vec<String> {
    match rule
        .missing
        .as_deref()
        .and_then(|name| heard.findings.get(name))
    {
        Some(Finding::Words(words)) => words.iter().map(|word| (*word).to_owned()).collect(),
        _ => Vec::new(),
    }
}
