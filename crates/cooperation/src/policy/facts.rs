//! What the rules of a memorandum may read: its slots, its engine facts, and the derived facts that it names.

use std::collections::BTreeMap;

use cedar_policy::RestrictedExpression;
use serde::Deserialize;

use super::vocabulary::{Kind, Vocabulary};
use crate::{
    act::Side,
    derived::{About, Derived, FACTS, Finding, Shape, VERSION, View, derived},
    judgement::{Labels, Paragraph},
    memorandum::{
        Fault, Memorandum,
        fault::did_you_mean,
        sheet::{Node, Sheet},
    },
    value::Value,
};

/// Where the rules file names the derived facts.
pub(crate) const FILE: &str = "rules/facts.toml";

/// How a fact is found.
#[derive(Clone, Copy)]
enum Source {
    /// In the slot of its name.
    Slot,
    /// By a derivation of the closed list.
    Derived(&'static Derived),
}

/// A fact that rules may read.
#[derive(Clone)]
pub(crate) struct Fact {
    /// Its name in the rules.
    pub(crate) name: String,
    /// Its type.
    pub(crate) kind: Kind,
    /// The only side that knows it; none = both.
    pub(crate) side: Option<Side>,
    /// The paragraph it rests on.
    pub(crate) paragraph: Paragraph,
    /// What it is, for people.
    pub(crate) label: Labels,
    source: Source,
}

/// The facts of one memorandum, by name.
pub(crate) struct Facts {
    facts: BTreeMap<String, Fact>,
}

/// A row of `rules/facts.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    id: String,
    article: String,
    label: Labels,
}

impl Facts {
    /// The facts that this memorandum offers to its rules. Fails where it names one that nobody derives.
    pub(crate) fn read(
        memorandum: &Memorandum,
        vocabulary: &Vocabulary,
        sheet: Option<&Sheet<'_>>,
    ) -> Result<Self, Vec<Fault>> {
        let mut facts = slots(memorandum, vocabulary);
        let mut faults = Vec::new();
        match sheet {
            Some(sheet) => named(sheet, vocabulary, &mut facts, &mut faults),
            None => faults.push(Fault::new(
                FILE,
                0,
                "no list of the facts that rules may read",
            )),
        }
        if faults.is_empty() {
            Ok(Self { facts })
        } else {
            Err(faults)
        }
    }

    /// The fact of this name.
    pub(crate) fn get(&self, name: &str) -> Option<&Fact> {
        self.facts.get(name)
    }

    /// All facts, by name.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Fact> {
        self.facts.values()
    }

    /// The same facts, one of them never found: no, nothing, zero.
    #[cfg(test)]
    pub(crate) fn without(&self, name: &str) -> Option<Self> {
        let mut facts = self.facts.clone();
        let fact = facts.get_mut(name)?;
        let Source::Derived(entry) = fact.source else {
            return None;
        };
        let find: for<'a> fn(&View<'a>) -> Finding<'a> = match entry.shape {
            Shape::Truth => |_| Finding::Truth(false),
            Shape::Number => |_| Finding::Number(0),
            Shape::Word(_) => |_| Finding::Word(None),
            Shape::Words(_) => |_| Finding::Words(Vec::new()),
        };
        fact.source = Source::Derived(Box::leak(Box::new(Derived { find, ..*entry })));
        Some(Self { facts })
    }

    /// A name that resembles a misspelt one, as a question.
    pub(crate) fn near(&self, misspelt: &str) -> Option<String> {
        did_you_mean(misspelt, self.facts.keys().map(String::as_str))
    }

    /// The context type of what is judged, as Cedar writes a schema: of the facts that `wanted` chooses.
    pub(crate) fn record(&self, about: About, wanted: &dyn Fn(&Fact) -> bool) -> String {
        let members: Vec<String> = self
            .iter()
            .filter(|fact| fact.is_about(about) && wanted(fact))
            .map(|fact| match fact.kind {
                Kind::Number if matches!(fact.source, Source::Slot) => {
                    format!("  {}?: Long", fact.name)
                }
                _ => format!("  {}: {}", fact.name, fact.kind.cedar()),
            })
            .collect();
        format!("{{\n{}\n}}", members.join(",\n"))
    }
}

impl Fact {
    /// Whether it is known of what is judged.
    pub(crate) fn is_about(&self, about: About) -> bool {
        match self.source {
            Source::Slot => true,
            Source::Derived(entry) => entry.about.contains(&about),
        }
    }

    /// Whether it changes from one fact within an act to the next.
    pub(crate) fn is_of_items(&self) -> bool {
        !self.is_about(About::Act)
            && (self.is_about(About::Item) || self.is_about(About::Held))
            && !self.is_about(About::Home)
    }

    /// Whether this node knows it.
    pub(crate) fn known_at(&self, side: Option<Side>) -> bool {
        self.side.is_none() || self.side == side
    }

    /// What it holds.
    pub(crate) fn find<'a>(&'a self, view: &View<'a>) -> Finding<'a> {
        match self.source {
            Source::Derived(entry) => (entry.find)(view),
            Source::Slot => self.stated(view.act.filled(&self.name)),
        }
    }

    /// What its slot holds.
    fn stated<'a>(&self, value: Option<&'a Value>) -> Finding<'a> {
        let text = value.and_then(Value::as_text);
        match &self.kind {
            Kind::Words(_) => Finding::Words(match value {
                Some(value) => value.texts().collect(),
                None => Vec::new(),
            }),
            Kind::Number => value
                .and_then(Value::as_number)
                .map_or(Finding::Word(None), Finding::Number),
            Kind::Answer | Kind::Truth => match value.and_then(Value::as_bool) {
                Some(answer) => Finding::Truth(answer),
                None => Finding::Word(None),
            },
            Kind::Word(_) => Finding::Word(text),
        }
    }

    /// What it holds, as Cedar reads it; `None` for a number that is not stated.
    pub(crate) fn expression(
        &self,
        vocabulary: &Vocabulary,
        finding: &Finding<'_>,
    ) -> Option<RestrictedExpression> {
        let one =
            |list: &str, id| RestrictedExpression::new_entity_uid(vocabulary.entity(list, id));
        Some(match (&self.kind, finding) {
            (Kind::Answer, Finding::Truth(answer)) => {
                one("answer", Some(if *answer { "yes" } else { "no" }))
            }
            (Kind::Answer, _) => one("answer", Some("missing")),
            (_, Finding::Truth(truth)) => RestrictedExpression::new_bool(*truth),
            (_, Finding::Number(number)) => RestrictedExpression::new_long(*number),
            (Kind::Word(list), Finding::Word(word)) => one(list, *word),
            (Kind::Words(list), Finding::Words(words)) => {
                let known = words.iter().filter_map(|word| vocabulary.known(list, word));
                RestrictedExpression::new_set(known.map(RestrictedExpression::new_entity_uid))
            }
            _ => return None,
        })
    }
}

/// What a fact holds, in words.
pub(crate) fn in_words(finding: &Finding<'_>) -> String {
    match finding {
        Finding::Truth(true) => "yes".to_owned(),
        Finding::Truth(false) => "no".to_owned(),
        Finding::Number(number) => number.to_string(),
        Finding::Word(word) => word.unwrap_or("–").to_owned(),
        Finding::Words(words) if words.is_empty() => "–".to_owned(),
        Finding::Words(words) => words.join(", "),
    }
}

/// Slots and engine facts whose type rules can read: words of lists, yes or no, whole numbers.
fn slots(memorandum: &Memorandum, vocabulary: &Vocabulary) -> BTreeMap<String, Fact> {
    let slots = memorandum
        .slots
        .iter()
        .map(|slot| (&slot.id, &slot.kind, &slot.article, &slot.label, None));
    let engine = memorandum.engine_facts.iter().map(|fact| {
        let side = match fact.known_to.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            ["sender"] => Some(Side::Sender),
            ["recipient"] => Some(Side::Recipient),
            _ => None,
        };
        (&fact.id, &fact.kind, &fact.article, &fact.label, side)
    });
    slots
        .chain(engine)
        .filter_map(|(id, kind, article, label, side)| {
            Some(Fact {
                name: id.clone(),
                kind: slot_kind(kind, vocabulary)?,
                side,
                paragraph: Paragraph(article.clone()),
                label: label.clone(),
                source: Source::Slot,
            })
        })
        .map(|fact| (fact.name.clone(), fact))
        .collect()
}

/// The type of a slot for rules; `None` where rules only ask whether it is filled.
fn slot_kind(kind: &str, vocabulary: &Vocabulary) -> Option<Kind> {
    let known = |list: &str| vocabulary.has_list(list);
    match kind.split_once(':') {
        Some(("id", list)) if known(list) => Some(Kind::Word(list.to_owned())),
        Some(("ids", list)) if known(list) => Some(Kind::Words(list.to_owned())),
        None if kind == "bool" => Some(Kind::Answer),
        None if kind == "number" => Some(Kind::Number),
        _ => None,
    }
}

/// Adds the derived facts that the memorandum names, each with its paragraph.
fn named(
    sheet: &Sheet<'_>,
    vocabulary: &Vocabulary,
    facts: &mut BTreeMap<String, Fact>,
    faults: &mut Vec<Fault>,
) {
    let version = sheet
        .get("version")
        .and_then(|node| node.read::<i64>().ok());
    if version != Some(VERSION) {
        let what =
            format!("the rules were written against another list of derived facts than {VERSION}");
        faults.push(Fault::new(sheet.file, 1, what));
    }
    for node in sheet.get("fact").into_iter().flat_map(Node::items) {
        match row(node, vocabulary) {
            Ok(fact) => {
                let name = fact.name.clone();
                if facts.insert(name.clone(), fact).is_some() {
                    faults.push(node.fault(format!("{name} is a slot or stands twice")));
                }
            }
            Err(fault) => faults.push(fault),
        }
    }
}

/// One derived fact as the memorandum names it.
fn row(node: Node<'_, '_>, vocabulary: &Vocabulary) -> Result<Fact, Fault> {
    let named: Named = node.read()?;
    let Some(entry) = derived(&named.id) else {
        let mut fault = node.fault(format!("{}: nobody derives this fact", named.id));
        fault.remedy = did_you_mean(&named.id, FACTS.iter().map(|fact| fact.name));
        return Err(fault);
    };
    let kind = match entry.shape {
        Shape::Truth => Kind::Truth,
        Shape::Number => Kind::Number,
        Shape::Word(list) => Kind::Word(list.to_owned()),
        Shape::Words(list) => Kind::Words(list.to_owned()),
    };
    if let Kind::Word(list) | Kind::Words(list) = &kind
        && !vocabulary.has_list(list)
    {
        return Err(node.fault(format!("{}: the annexes hold no list “{list}”", named.id)));
    }
    Ok(Fact {
        name: named.id,
        kind,
        side: entry.side,
        paragraph: Paragraph(named.article),
        label: named.label,
        source: Source::Derived(entry),
    })
}
