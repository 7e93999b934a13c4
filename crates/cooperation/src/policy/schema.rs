//! The Cedar schema of a memorandum: its acts are the actions, its organs principals and resources, its facts the context.

use std::collections::BTreeSet;

use cedar_policy::{EntityUid, Schema};

use super::{
    facts::{Fact, Facts},
    vocabulary::{Vocabulary, uid},
};
use crate::{
    derived::About,
    memorandum::{Fault, Memorandum},
};

/// The group of all acts.
pub(crate) const AN_ACT: &str = "an act";
/// The group of what is in acts.
pub(crate) const AN_ITEM: &str = "an item";
/// The group of deeds at home.
pub(crate) const AT_HOME: &str = "at home";
/// An act that the memorandum does not know. It can be refused, never permitted.
pub(crate) const UNKNOWN_ACT: &str = "an unknown act";
/// Reading what was received.
pub(crate) const READING: &str = "reading";
/// Handing a received act over to another officer.
pub(crate) const HANDING_OVER: &str = "handing over";
/// Using what was received.
pub(crate) const USING: &str = "using";
/// The use of one fact that was received.
pub(crate) const USING_A_FACT: &str = "using a fact";

/// An action: what it is about, and the groups it stands in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Action {
    /// Its name in the rules.
    pub(crate) name: String,
    /// What it is about.
    pub(crate) about: About,
}

impl Action {
    fn new(name: impl Into<String>, about: About) -> Self {
        Self {
            name: name.into(),
            about,
        }
    }

    /// The group it stands in; an unknown act stands in none, so that only what is said of everything concerns it.
    pub(crate) fn group(&self) -> Option<&'static str> {
        match self.about {
            About::Act if self.name == UNKNOWN_ACT => None,
            About::Act => Some(AN_ACT),
            About::Item => Some(AN_ITEM),
            About::Home | About::Held => Some(AT_HOME),
        }
    }

    /// Its declaration, as Cedar writes a schema.
    fn declaration(&self) -> String {
        let within = self.group().map(|group| format!(" in [{group:?}]"));
        format!("action {:?}{}", self.name, within.unwrap_or_default())
    }

    /// Its entity.
    pub(crate) fn uid(&self) -> EntityUid {
        uid("Action", &self.name)
    }
}

/// The action of what is in an act.
pub(crate) fn item_of(act: &str) -> String {
    format!("{act}, item")
}

/// Every action of the memorandum.
pub(crate) fn actions(memorandum: &Memorandum) -> BTreeSet<Action> {
    let acts = memorandum.acts.iter().flat_map(|line| {
        [
            Action::new(&line.id, About::Act),
            Action::new(item_of(&line.id), About::Item),
        ]
    });
    acts.chain([
        Action::new(UNKNOWN_ACT, About::Act),
        Action::new(READING, About::Home),
        Action::new(HANDING_OVER, About::Home),
        Action::new(USING, About::Home),
        Action::new(USING_A_FACT, About::Held),
    ])
    .collect()
}

/// The schema, as Cedar writes it.
pub(crate) fn text(vocabulary: &Vocabulary, facts: &Facts, actions: &BTreeSet<Action>) -> String {
    let mut text = preamble(vocabulary);
    for (about, name) in [
        (About::Act, "OfAct"),
        (About::Item, "OfItem"),
        (About::Home, "AtHome"),
        (About::Held, "OfHeld"),
    ] {
        let record = facts.record(about, &|_| true);
        text.push_str(&format!("type {name} = {record};\n"));
        for action in actions.iter().filter(|action| action.about == about) {
            text.push_str(&format!("{} {};\n", action.declaration(), applies_to(name)));
        }
    }
    text
}

/// The schema of one action alone, with only these facts: what a solver must hold in mind to prove something of it.
pub(crate) fn text_of_one(
    vocabulary: &Vocabulary,
    facts: &Facts,
    actions: &BTreeSet<Action>,
    one: &Action,
    wanted: &dyn Fn(&Fact) -> bool,
) -> String {
    let mut text = preamble(vocabulary);
    for action in actions {
        text.push_str(&action.declaration());
        if action == one {
            text.push(' ');
            text.push_str(&applies_to(&facts.record(one.about, wanted)));
        }
        text.push_str(";\n");
    }
    text
}

/// The lists and the groups of actions.
fn preamble(vocabulary: &Vocabulary) -> String {
    let groups = [AN_ACT, AN_ITEM, AT_HOME].map(|group| format!("action {group:?};\n"));
    vocabulary.declarations() + &groups.concat()
}

/// Whom an action is between, and what is known of it.
fn applies_to(context: &str) -> String {
    format!("appliesTo {{ principal: [Organ], resource: [Organ], context: {context} }}")
}

/// The schema, read. Fails if the lists of the annexes make none.
pub(crate) fn read(text: &str) -> Result<Schema, Fault> {
    Schema::from_cedarschema_str(text)
        .map(|(schema, _)| schema)
        .map_err(|error| Fault::new("annex", 0, format!("the annexes make no schema: {error}")))
}
