//! The rules of one act on one side: what is asked when it is judged.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use cedar_policy::{EntityUid, Policy as CedarPolicy, PolicyId, PolicySet};

use super::{
    facts::Facts,
    rule::{Force, Rule},
    schema::Action,
};
use crate::act::Side;

/// The rules of one action on one side.
#[derive(Debug)]
pub(crate) struct Slice {
    /// The action.
    pub(crate) action: EntityUid,
    /// Permits and prohibitions: the decision.
    pub(crate) decide: PolicySet,
    /// The conditions of the permits, one by one: what the nearest permit lacks.
    pub(crate) conditions: PolicySet,
    /// What speaks beside a permit, on a condition.
    pub(crate) speak: PolicySet,
    /// What speaks beside every permit.
    pub(crate) always: Vec<usize>,
    /// The rule of each policy.
    pub(crate) rules: HashMap<PolicyId, usize>,
    /// The conditions of each permit.
    pub(crate) permits: BTreeMap<usize, Vec<usize>>,
    /// The names of the facts that the rules read, in order.
    pub(crate) reads: Vec<String>,
}

/// The slice of every action and side.
pub(crate) fn slices(
    actions: &BTreeSet<Action>,
    rules: &[Rule],
    facts: &Facts,
) -> BTreeMap<(String, Side), Slice> {
    let policies: Vec<CedarPolicy> = rules.iter().map(|rule| within(&rule.policy)).collect();
    let mut slices = BTreeMap::new();
    for action in actions {
        for side in [Side::Sender, Side::Recipient] {
            slices.insert(
                (action.name.clone(), side),
                slice(action, side, rules, &policies, facts),
            );
        }
    }
    slices
}

/// The slice of one action on one side.
fn slice(
    action: &Action,
    side: Side,
    rules: &[Rule],
    policies: &[CedarPolicy],
    facts: &Facts,
) -> Slice {
    let mut slice = Slice {
        action: action.uid(),
        decide: PolicySet::new(),
        conditions: PolicySet::new(),
        speak: PolicySet::new(),
        always: Vec::new(),
        rules: HashMap::new(),
        permits: BTreeMap::new(),
        reads: Vec::new(),
    };
    let mut reads = BTreeSet::new();
    let own = |rule: &&Rule| rule.scope.contains(action) && rule.runs_at(side);
    for (index, rule) in rules.iter().enumerate().filter(|(_, rule)| own(rule)) {
        let set = match rule.force {
            Force::Mention if !rule.policy.has_non_scope_constraint() => {
                slice.always.push(index);
                continue;
            }
            Force::Permit | Force::Forbid => &mut slice.decide,
            Force::Condition => &mut slice.conditions,
            Force::Mention | Force::Clarify => &mut slice.speak,
        };
        // Identifiers are unique, checked before; a policy that cannot be added would be a rule lost.
        set.add(policies[index].clone()).expect("a rule of its own");
        slice.rules.insert(rule.policy.id().clone(), index);
        let read = rule.reads.facts().chain(rule.missing.as_deref());
        reads.extend(read.map(str::to_owned));
        match rule.force {
            Force::Permit => drop(slice.permits.entry(index).or_default()),
            Force::Condition => permit_of(rules, rule, index, &mut slice.permits),
            _ => {}
        }
    }
    slice.reads = reads
        .into_iter()
        .filter(|name| facts.get(name).is_some())
        .collect();
    slice
}

/// A policy as it stands in a slice: its scope is met there, so it is not asked for again.
fn within(policy: &CedarPolicy) -> CedarPolicy {
    let anywhere = || {
        let mut json = policy.to_json().ok()?;
        json["action"] = serde_json::json!({ "op": "All" });
        CedarPolicy::from_json(Some(policy.id().clone()), json).ok()
    };
    anywhere().unwrap_or_else(|| policy.clone())
}

/// Notes a condition under its permit.
fn permit_of(
    rules: &[Rule],
    condition: &Rule,
    index: usize,
    permits: &mut BTreeMap<usize, Vec<usize>>,
) {
    let permit = rules
        .iter()
        .position(|rule| rule.force == Force::Permit && Some(&rule.id) == condition.of.as_ref());
    if let Some(permit) = permit {
        permits.entry(permit).or_default().push(index);
    }
}
