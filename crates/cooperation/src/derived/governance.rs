//! Notices, amendments, signatures, suspensions, orders of oversight.

use super::{Finding, View};
use crate::{
    clock::Period,
    memorandum::{Behaviour, ClockKind, OneOrMany},
};

/// The day that the act fixes comes before the shortest notice has run, in the legal time of the Party addressed.
pub(super) fn notice_short<'a>(view: &View<'a>) -> Finding<'a> {
    let short = || {
        let fixed = fixed_day(view)?;
        let notice = view.memorandum.clocks.iter().find(|clock| {
            clock.kind == ClockKind::Earliest
                && clock
                    .of
                    .as_ref()
                    .is_some_and(|acts: &OneOrMany| acts.has(&view.act.kind))
        })?;
        let Period::Days(days) = notice.period else {
            return None;
        };
        let today = view.today(view.receiving_party()?)?;
        let last = today.checked_add(jiff::Span::new().days(days)).ok()?;
        // The last day of a period belongs to it (11.3), save where the act may fix that very day (6.4).
        Some(fixed < last || notice.ends_on.is_none() && fixed == last)
    };
    Finding::Truth(short().unwrap_or(false))
}

/// The day that an amendment or a convening fixes.
fn fixed_day(view: &View<'_>) -> Option<jiff::civil::Date> {
    let slot = match view.line?.behaviour {
        Behaviour::Amends => "in_force_on",
        Behaviour::Convenes => "meeting_on",
        _ => return None,
    };
    view.act.filled(slot)?.as_date()
}

/// A change concerns what another Party states about its law.
pub(super) fn foreign_column<'a>(view: &View<'a>) -> Finding<'a> {
    let own = view.sender().map(|organ| organ.party.as_str());
    let column = |change: &'a str| change.split('.').nth(1);
    Finding::Truth(view.texts("changes").any(|change| column(change) != own))
}

/// A change deletes a mention of the death penalty.
pub(super) fn deletes_death_mention<'a>(view: &View<'a>) -> Finding<'a> {
    Finding::Truth(
        view.texts("changes")
            .any(|change| change.contains(".death = false")),
    )
}

/// A change concerns a statistical threshold.
pub(super) fn touches_minimum<'a>(view: &View<'a>) -> Finding<'a> {
    Finding::Truth(
        view.texts("changes")
            .any(|change| change.starts_with("minimum.")),
    )
}

/// Organs of every Party signed.
pub(super) fn signed_by_all<'a>(view: &View<'a>) -> Finding<'a> {
    let signed: Vec<&str> = view
        .texts("signatures")
        .filter_map(|signature| signature.strip_prefix("signed:"))
        .filter_map(|organ| view.memorandum.party_of(organ))
        .map(|party| party.id.as_str())
        .collect();
    Finding::Truth(
        view.memorandum
            .parties
            .iter()
            .all(|party| signed.contains(&party.id.as_str())),
    )
}

/// The chapters named that cannot be suspended.
pub(super) fn unsuspendable<'a>(view: &View<'a>) -> Finding<'a> {
    let suspendable = |chapter: &&'a str| {
        view.memorandum
            .chapters
            .get(chapter)
            .is_some_and(|row| row.suspendable)
    };
    Finding::Words(
        view.texts("chapters")
            .filter(|chapter| !suspendable(chapter))
            .collect(),
    )
}

/// The order concerns an organ or a case in which no organ that the authority oversees takes part.
pub(super) fn beyond_oversight<'a>(view: &View<'a>) -> Finding<'a> {
    let Some((kind, what)) = view
        .text("stop_scope")
        .and_then(|scope| scope.split_once(':'))
    else {
        return Finding::Truth(false);
    };
    let overseen = |organ: &str| {
        let (Some(authority), Some(organ)) = (view.sender(), view.memorandum.organs.get(organ))
        else {
            return false;
        };
        organ.party == authority.party && authority.oversees.contains(&organ.role)
    };
    let beyond = match kind {
        "organ" => !overseen(what),
        "case" => view.state.case_organs.get(what).is_some_and(|organs| {
            !organs.is_empty() && !organs.iter().any(|organ| overseen(organ))
        }),
        _ => false,
    };
    Finding::Truth(beyond)
}

/// The stop was ordered by this authority and stands.
pub(super) fn own_stop<'a>(view: &View<'a>) -> Finding<'a> {
    Finding::Truth(view.text("stop_scope").is_some_and(|scope| {
        let order = (scope.to_owned(), view.act.from.clone());
        view.state.stops.contains(&order)
    }))
}
