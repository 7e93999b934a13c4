//! Who is told: contact points, the doors of an alert, oversight authorities (5.2, 15.3, 31.1).

use std::collections::BTreeSet;

use super::word::effect;
use crate::{
    judgement::Effect,
    memorandum::{Memorandum, Organ, ToldOf},
};

/// An effect that reaches these organs; none if there is nobody to reach.
pub(super) fn reach(kind: &str, to: Vec<String>) -> Option<Effect> {
    (!to.is_empty()).then(|| Effect {
        kind: kind.to_owned(),
        to,
        ..Effect::default()
    })
}

/// Tells these organs; none if there is nobody to tell.
pub(super) fn notify(to: Vec<String>) -> Option<Effect> {
    reach(effect::NOTIFY, to)
}

/// The contact points of the Parties of these organs, each once, in this order.
pub(super) fn contact_points<'o>(
    memorandum: &Memorandum,
    organs: impl IntoIterator<Item = &'o str>,
) -> Vec<String> {
    let mut found = Vec::new();
    for organ in organs {
        if let Some(party) = memorandum.party_of(organ)
            && !found.contains(&party.contact_point)
        {
            found.push(party.contact_point.clone());
        }
    }
    found
}

/// The copy of an act exchanged directly between organs; none between the contact points themselves (5.2).
pub(super) fn copy(memorandum: &Memorandum, from: &str, to: &str) -> Option<Effect> {
    let points = contact_points(memorandum, [from, to]);
    let direct = points.iter().any(|point| point != from && point != to);
    direct.then(|| reach(effect::COPY, points)).flatten()
}

/// The oversight authorities that are told of this: those that oversee one of these organs, each of its own Party, in this area
/// if there is one (31.2).
pub(super) fn overseers<'o>(
    memorandum: &Memorandum,
    of: ToldOf,
    organs: impl IntoIterator<Item = &'o str>,
    area: Option<&str>,
) -> Vec<String> {
    let overseen: BTreeSet<(&str, &str)> = organs
        .into_iter()
        .filter_map(|organ| memorandum.organs.get(organ))
        .map(|organ| (organ.party.as_str(), organ.role.as_str()))
        .collect();
    let oversees = |authority: &Organ| {
        let roles = authority.oversees.iter();
        let mut own = roles.map(|role| (authority.party.as_str(), role.as_str()));
        own.any(|pair| overseen.contains(&pair))
    };
    let competent =
        |authority: &Organ| area.is_none_or(|area| authority.areas.iter().any(|a| a == area));
    let told = |authority: &Organ| authority.told_of.is_empty() || authority.told_of.contains(&of);
    let authorities = memorandum.organs.iter();
    authorities
        .filter(|authority| oversees(authority) && competent(authority) && told(authority))
        .map(|authority| authority.id.clone())
        .collect()
}

/// The organs that may send acts of this group.
pub(super) fn organs_of_group<'m>(
    memorandum: &'m Memorandum,
    group: &'m str,
) -> impl Iterator<Item = &'m str> {
    let organs = memorandum.organs.iter();
    organs
        .filter(move |organ| organ.groups.iter().any(|g| g == group))
        .map(|organ| organ.id.as_str())
}
