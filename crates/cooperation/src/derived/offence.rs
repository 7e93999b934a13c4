//! The offence, in the version of the list that judges the act.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{Finding, View};
use crate::memorandum::{Offence, OffenceSide};

/// What an offence is in each law, by Party.
type Sides = BTreeMap<String, OffenceSide>;

/// Why the offence is named only to be refused.
pub(super) fn excluded_for<'a>(view: &View<'a>) -> Finding<'a> {
    let row = view
        .text("offence")
        .and_then(|offence| view.memorandum.excluded.get(offence));
    Finding::Word(row.and_then(|row| row.reason.as_deref()))
}

/// The offence is on the list.
pub(super) fn listed<'a>(view: &View<'a>) -> Finding<'a> {
    Finding::Truth(row(view).is_some())
}

/// The area of the offence.
pub(super) fn area<'a>(view: &View<'a>) -> Finding<'a> {
    Finding::Word(row(view).and_then(|row| row.area.as_deref()))
}

/// The offence counts only as the activity of a structured group.
pub(super) fn group_needed<'a>(view: &View<'a>) -> Finding<'a> {
    Finding::Truth(row(view).is_some_and(|row| row.group_needed))
}

/// The offence is punishable in the law of every Party; a penalty of 0 years is none.
pub(super) fn punishable_in_both<'a>(view: &View<'a>) -> Finding<'a> {
    let everywhere = sides(view, view.version_at()).is_some_and(|sides| {
        view.memorandum
            .parties
            .iter()
            .all(|party| sides.get(&party.id).is_some_and(|side| side.max_years > 0))
    });
    Finding::Truth(everywhere)
}

/// The least of the maximum penalties, years; 0 if it is no offence somewhere.
pub(super) fn least_penalty<'a>(view: &View<'a>) -> Finding<'a> {
    let sides = sides(view, view.version_at()).unwrap_or_default();
    let years = |party: &str| sides.get(party).map_or(0, |side| side.max_years);
    let least = view
        .memorandum
        .parties
        .iter()
        .map(|party| years(&party.id))
        .min();
    Finding::Number(least.unwrap_or(0))
}

/// The penalty that the area of the offence asks for, years.
pub(super) fn least_required<'a>(view: &View<'a>) -> Finding<'a> {
    let required = row(view)
        .and_then(|row| row.area.as_ref())
        .and_then(|area| view.memorandum.threshold.get(area));
    Finding::Number(required.copied().unwrap_or(0))
}

/// The law of the receiving Party provides death for it, now or when the act was sent: the more protective counts.
pub(super) fn death_at_recipient<'a>(view: &View<'a>) -> Finding<'a> {
    let Some(party) = view.receiving_party() else {
        return Finding::Truth(false);
    };
    let death = |at: Timestamp| {
        sides(view, at).is_some_and(|sides| sides.get(&party.id).is_some_and(|side| side.death))
    };
    Finding::Truth(death(view.sent_at()) || death(view.moment.at))
}

/// The version that judges states the offence otherwise than the list as signed.
pub(super) fn amended<'a>(view: &View<'a>) -> Finding<'a> {
    let changed = || {
        let row = row(view)?;
        Some(sides(view, view.version_at())? != row.sides)
    };
    Finding::Truth(changed().unwrap_or(false))
}

/// The row of the list.
fn row<'a>(view: &View<'a>) -> Option<&'a Offence> {
    view.memorandum.offences.get(view.text("offence")?)
}

/// What the offence is in each law under the version in force at an instant.
fn sides(view: &View<'_>, at: Timestamp) -> Option<Sides> {
    let offence = view.text("offence")?;
    let amended = view
        .memorandum
        .offence_at(offence, &view.state.versions, at)?;
    Some(amended.sides)
}
