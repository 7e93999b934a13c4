//! One row of a rule table as it is written, and the acts or deeds it is about.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::{
    schema::{Action, item_of},
    vocabulary::type_name,
};
use crate::{
    act::Side,
    derived::About,
    judgement::Labels,
    memorandum::{ActLine, Fault, Memorandum, OneOrMany, fault::did_you_mean, sheet::Node},
};

/// One row of a table.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Row {
    pub(super) paragraph: OneOrMany,
    pub(super) order: Option<i64>,
    pub(super) acts: Option<OneOrMany>,
    pub(super) group: Option<String>,
    pub(super) behaviour: Option<OneOrMany>,
    pub(super) needs: Option<String>,
    pub(super) takes: Option<String>,
    pub(super) personal: Option<bool>,
    pub(super) list: Option<String>,
    pub(super) each: Option<Each>,
    pub(super) deeds: Option<OneOrMany>,
    pub(super) side: Option<SideWord>,
    #[serde(rename = "if")]
    pub(super) holds: Option<String>,
    pub(super) when: Option<String>,
    #[serde(default)]
    pub(super) always: bool,
    pub(super) lacks: Option<String>,
    pub(super) hint: Option<String>,
    pub(super) missing: Option<String>,
    #[serde(default)]
    pub(super) sentence: Labels,
}

/// A paragraph that needs no rule.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Procedural {
    pub(super) paragraph: String,
    #[serde(rename = "why")]
    pub(super) _why: String,
}

/// What a rule judges one by one.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Each {
    Item,
}

/// A side, as tables write it.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum SideWord {
    Sender,
    Recipient,
}

impl From<SideWord> for Side {
    fn from(word: SideWord) -> Self {
        match word {
            SideWord::Sender => Side::Sender,
            SideWord::Recipient => Side::Recipient,
        }
    }
}

impl Row {
    /// The actions that a row is about.
    pub(super) fn scope(
        &self,
        memorandum: &Memorandum,
        actions: &BTreeSet<Action>,
        node: Node<'_, '_>,
    ) -> Result<BTreeSet<Action>, Fault> {
        if let Some(deeds) = &self.deeds {
            return deeds
                .iter()
                .map(|deed| deed_named(deed, actions, node))
                .collect();
        }
        let unknown = |what: &str, id: &str| node.fault(format!("no {what} “{id}” in the annexes"));
        if let Some(id) = self
            .acts
            .iter()
            .flat_map(OneOrMany::iter)
            .find(|id| !memorandum.acts.has(id))
        {
            let near = memorandum.acts.iter().map(|line| line.id.as_str());
            return Err(Fault {
                remedy: did_you_mean(id, near),
                ..unknown("act", id)
            });
        }
        if let Some(group) = self.group.as_ref().filter(|id| !memorandum.groups.has(id)) {
            return Err(unknown("group", group));
        }
        if let Some(slot) = [&self.needs, &self.takes]
            .into_iter()
            .flatten()
            .find(|id| !memorandum.slots.has(id))
        {
            return Err(unknown("slot", slot));
        }
        let chosen = memorandum
            .acts
            .iter()
            .filter(|line| self.chooses(memorandum, line));
        let scope: BTreeSet<Action> = chosen.map(|line| self.action(&line.id)).collect();
        if scope.is_empty() {
            return Err(node.fault("no act of the annexes is meant"));
        }
        Ok(scope)
    }

    /// Whether a row is about this act.
    fn chooses(&self, memorandum: &Memorandum, line: &ActLine) -> bool {
        let list = |name: &str| match name {
            "gated" => memorandum.gated.contains(&line.id),
            "after_confirmation" => memorandum.after_confirmation.contains(&line.id),
            _ => false,
        };
        let behaviour = format!("{:?}", line.behaviour);
        let does = |word: &OneOrMany| word.iter().any(|word| type_name(word) == behaviour);
        self.acts.as_ref().is_none_or(|acts| acts.has(&line.id))
            && self.group.as_ref().is_none_or(|group| *group == line.group)
            && self.behaviour.as_ref().is_none_or(does)
            && self
                .needs
                .as_ref()
                .is_none_or(|slot| line.needs.contains(slot))
            && self
                .takes
                .as_ref()
                .is_none_or(|slot| line.needs.contains(slot) || line.may.contains(slot))
            && self
                .personal
                .is_none_or(|personal| personal == line.personal)
            && self.list.as_deref().is_none_or(list)
    }

    /// Its action for an act: the act, or what is in it.
    fn action(&self, act: &str) -> Action {
        match self.each {
            Some(Each::Item) => Action {
                name: item_of(act),
                about: About::Item,
            },
            None => Action {
                name: act.to_owned(),
                about: About::Act,
            },
        }
    }
}

/// A deed at home.
fn deed_named(name: &str, actions: &BTreeSet<Action>, node: Node<'_, '_>) -> Result<Action, Fault> {
    let home = |action: &&Action| matches!(action.about, About::Home | About::Held);
    let known = actions.iter().filter(home);
    known
        .clone()
        .find(|action| action.name == name)
        .cloned()
        .ok_or_else(|| {
            let fault = node.fault(format!("no deed “{name}”"));
            let near = did_you_mean(name, known.map(|action| action.name.as_str()));
            Fault {
                remedy: near,
                ..fault
            }
        })
}
