//! The Cedar schema of a memorandum: its acts are the actions, its organs principals and resources, its facts the context.

use std::collections::BTreeSet;

use cedar_policy::{EntityUid, Schema};

use super::{
    facts::Facts,
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
    let mut text = vocabulary.declarations();
    for group in [AN_ACT, AN_ITEM, AT_HOME] {
        text.push_str(&format!("action {group:?};\n"));
    }
    for (about, name) in [
        (About::Act, "OfAct"),
        (About::Item, "OfItem"),
        (About::Home, "AtHome"),
        (About::Held, "OfHeld"),
    ] {
        text.push_str(&format!("type {name} = {};\n", facts.record(about)));
        for action in actions.iter().filter(|action| action.about == about) {
            let within = action
                .group()
                .map(|group| format!(" in [{group:?}]"))
                .unwrap_or_default();
            text.push_str(&format!(
                "action {:?}{within} appliesTo {{ principal: [Organ], resource: [Organ], context: {name} }};\n",
                action.name,
            ));
        }
    }
    text
}

/// The schema, read. Fails if the lists of the annexes make none.
pub(crate) fn read(text: &str) -> Result<Schema, Fault> {
    Schema::from_cedarschema_str(text)
        .map(|(schema, _)| schema)
        .map_err(|error| Fault::new("annex", 0, format!("the annexes make no schema: {error}")))
}
