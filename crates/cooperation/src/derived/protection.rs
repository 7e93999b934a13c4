//! Whose information it is, what marks and consents say.

use std::collections::BTreeSet;

use super::{Finding, View};
use crate::{
    clock::LegalTime,
    memorandum::{Behaviour, ClockKind, OneOrMany},
    value::Value,
};

/// The information was first provided by the Party that acts.
pub(super) fn own_information<'a>(view: &View<'a>) -> Finding<'a> {
    let own = view.sender().map(|organ| organ.party.as_str());
    Finding::Truth(
        view.text("originator")
            .is_none_or(|party| Some(party) == own),
    )
}

/// The grade stated for the whole act has both halves: source and information.
pub(super) fn grade_complete<'a>(view: &View<'a>) -> Finding<'a> {
    Finding::Truth(view.act.filled("grade").is_some_and(is_complete))
}

/// Whether a grade has both halves.
pub(super) fn is_complete(grade: &Value) -> bool {
    ["source", "information"]
        .iter()
        .all(|half| grade.member(half).is_some_and(Value::is_filled))
}

/// The marks that bar the use in hand: a use at home, or the sharing that the act is.
///
/// Those that are stated; and of a sharing, those on the facts as this node holds them: whoever passes a fact on states no
/// recall that came after the consent.
pub(super) fn barred_by<'a>(view: &View<'a>) -> Finding<'a> {
    let sharing = view.does(Behaviour::Shares).then_some("sharing");
    let Some(use_in_hand) = sharing.or_else(|| view.text("use")) else {
        return Finding::Words(Vec::new());
    };
    let holds = |list: &[String]| list.iter().any(|word| word == use_in_hand);
    let case = view.text("case").unwrap_or_default();
    let shared = view.texts("facts_concerned").filter(|_| sharing.is_some());
    let held = shared.filter_map(|fact| {
        let key = (case.to_owned(), fact.to_owned());
        view.state.facts.get(&key)
    });
    let held = held.flat_map(|fact| fact.marks.iter().map(String::as_str));
    let marks: BTreeSet<&str> = view.texts("marks").chain(held).collect();
    let marks = marks
        .into_iter()
        .filter_map(|mark| view.memorandum.marks.get(mark))
        .filter(|mark| holds(&mark.forbids) && !holds(&mark.allows));
    Finding::Words(marks.map(|mark| mark.id.as_str()).collect())
}

/// Consents in force cover every fact, for this recipient, purpose and case.
pub(super) fn consent_covers<'a>(view: &View<'a>) -> Finding<'a> {
    let live = view.state.consents.values().filter(|consent| {
        consent.to.as_deref() == view.text("third_recipient")
            && Some(consent.purpose.as_str()) == view.text("purpose")
            && Some(consent.case.as_str()) == view.text("case")
            && view.moment.at < consent.until
    });
    let covered: BTreeSet<&str> = live
        .flat_map(|consent| consent.facts.iter().map(String::as_str))
        .collect();
    Finding::Truth(
        view.texts("facts_concerned")
            .all(|fact| covered.contains(fact)),
    )
}

/// The consent names a day beyond the longest validity, and is cut to it.
pub(super) fn consent_cut<'a>(view: &View<'a>) -> Finding<'a> {
    let beyond = || {
        let until = view.act.filled("until")?.as_date()?;
        let life = view.memorandum.clocks.iter().find(|clock| {
            clock.kind == ClockKind::Validity
                && clock
                    .of
                    .as_ref()
                    .is_some_and(|acts: &OneOrMany| acts.has(&view.act.kind))
        })?;
        let legal: LegalTime = view.sending_party()?.time_zone.parse().ok()?;
        Some(legal.midnight_after(until) > life.period.end(view.moment.at, &legal))
    };
    Finding::Truth(view.does(Behaviour::Consents) && beyond().unwrap_or(false))
}

/// The proof names every holder that is known.
pub(super) fn holders_covered<'a>(view: &View<'a>) -> Finding<'a> {
    let named: Vec<&str> = view.texts("holders").collect();
    let shared = view.texts("facts_concerned").flat_map(|fact| {
        let key = (
            view.text("case").unwrap_or_default().to_owned(),
            fact.to_owned(),
        );
        let held = view.state.facts.get(&key);
        held.into_iter()
            .flat_map(|held| held.holders.iter().map(String::as_str))
    });
    let mut known = view.texts("known_holders").chain(shared);
    Finding::Truth(known.all(|holder| named.contains(&holder)))
}
