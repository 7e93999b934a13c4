//! What is done at home with what was received: reading, handing over, using.

use std::collections::BTreeSet;

use super::{Finding, View};
use crate::case::HeldFact;

/// The reader is the responsible officer or the deputy.
pub(super) fn reader_responsible<'a>(view: &View<'a>) -> Finding<'a> {
    let reader = view.text("reader");
    Finding::Truth(
        reader.is_some()
            && ["responsible_officer", "deputy"]
                .iter()
                .any(|slot| view.text(slot) == reader),
    )
}

/// How many different officers signed the handover.
pub(super) fn handover_signers<'a>(view: &View<'a>) -> Finding<'a> {
    let signers: BTreeSet<&str> = view.texts("handover_signatures").collect();
    Finding::Number(i64::try_from(signers.len()).unwrap_or(i64::MAX))
}

/// The use is another than that for which the fact was given: another case, or a purpose that is not compatible.
pub(super) fn other_use<'a>(view: &View<'a>) -> Finding<'a> {
    Finding::Truth(held(view).is_some_and(|(case, fact)| {
        view.text("case") != Some(case) || !compatible(view, fact.purpose.as_deref())
    }))
}

/// Whether the purpose of the use is the one given, or compatible with it.
fn compatible(view: &View<'_>, given: Option<&str>) -> bool {
    let wanted = view.text("purpose");
    given == wanted
        || given
            .and_then(|purpose| view.memorandum.purposes.get(purpose))
            .is_some_and(|purpose| {
                wanted.is_some_and(|wanted| purpose.compatible_with.iter().any(|own| own == wanted))
            })
}

/// The originating Party consented to this other use, and its consent is in force.
pub(super) fn use_consented<'a>(view: &View<'a>) -> Finding<'a> {
    let fact = view.item.map(|item| item.id).unwrap_or_default();
    Finding::Truth(view.state.consents.values().any(|consent| {
        consent.to.is_none()
            && Some(consent.case.as_str()) == view.text("case")
            && Some(consent.purpose.as_str()) == view.text("purpose")
            && consent.facts.contains(fact)
            && view.moment.at < consent.until
    }))
}

/// A handling code on the fact forbids the use.
pub(super) fn code_forbids<'a>(view: &View<'a>) -> Finding<'a> {
    let Some(use_in_hand) = view.text("use") else {
        return Finding::Truth(false);
    };
    let forbids = |code: &String| {
        view.memorandum
            .handling_codes
            .get(code)
            .is_none_or(|row| row.forbids.iter().any(|word| word == use_in_hand))
    };
    Finding::Truth(held(view).is_some_and(|(_, fact)| fact.codes.iter().any(forbids)))
}

/// A code or a restriction on the fact would be lost.
pub(super) fn caveat_lost<'a>(view: &View<'a>) -> Finding<'a> {
    let kept = |slot: &str, caveats: &BTreeSet<String>| {
        let stated: Vec<&str> = view.texts(slot).collect();
        caveats
            .iter()
            .all(|caveat| stated.contains(&caveat.as_str()))
    };
    Finding::Truth(held(view).is_some_and(|(_, fact)| {
        !kept("handling_codes", &fact.codes) || !kept("restriction", &fact.restriction)
    }))
}

/// The fact that is used and the case it was given in: in the case of the use if it is held there, else in another.
pub(super) fn held<'a>(view: &View<'a>) -> Option<(&'a str, &'a HeldFact)> {
    let id = view.item?.id;
    let case = view.text("case").unwrap_or_default();
    let here = view
        .state
        .facts
        .get_key_value(&(case.to_owned(), id.to_owned()));
    let elsewhere = || view.state.facts.iter().find(|((_, other), _)| other == id);
    let ((case, _), fact) = here.or_else(elsewhere)?;
    Some((case, fact))
}
