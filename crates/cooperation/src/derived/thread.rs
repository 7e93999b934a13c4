//! What went before in the thread: clarifications, extensions, expiry, confirmation, preconditions, quotas.

use jiff::civil::Date;

use super::{Finding, View, person::is_minor};
use crate::{
    case::KnownAct,
    clock::{LegalTime, Period},
    memorandum::{Behaviour, OnExpiry, Precondition, Quota},
    value::Value,
};

/// The requests for clarification made so far: what the node was told, else what it counted.
pub(super) fn clarifications<'a>(view: &View<'a>) -> Finding<'a> {
    let told = view
        .act
        .filled("previous_clarifications")
        .and_then(Value::as_number);
    let counted = || {
        view.request()
            .map_or(0, |request| i64::from(request.clarifications))
    };
    Finding::Number(told.unwrap_or_else(counted))
}

/// The time within which this act could be done has run out: its clock is one that ends in the loss of the act.
pub(super) fn window_closed<'a>(view: &View<'a>) -> Finding<'a> {
    let closed = || {
        let request = view.request()?;
        let window = view.memorandum.clocks.iter().find(|clock| {
            clock.on_expiry == OnExpiry::EndOfValidity && clock.ends_with.contains(&view.act.kind)
        })?;
        let legal: LegalTime = view.sending_party()?.time_zone.parse().ok()?;
        Some(view.moment.at > window.period.end(request.received_at, &legal))
    };
    Finding::Truth(closed().unwrap_or(false))
}

/// The one extension was used.
pub(super) fn extension_used<'a>(view: &View<'a>) -> Finding<'a> {
    Finding::Truth(view.request().is_some_and(|request| request.extended))
}

/// The time limit for the answer has expired. A suspended one stands where it stood when it was suspended.
pub(super) fn expired<'a>(view: &View<'a>) -> Finding<'a> {
    Finding::Truth(view.request_clock().is_some_and(|clock| {
        let reached = clock
            .paused_since
            .map_or(view.moment.at, |since| since.min(view.moment.at));
        reached >= clock.due
    }))
}

/// A ground invoked is one that must be reasoned.
pub(super) fn reasons_owed<'a>(view: &View<'a>) -> Finding<'a> {
    let mut grounds = view
        .texts("refusal_ground")
        .filter_map(|ground| view.memorandum.grounds.get(ground));
    Finding::Truth(grounds.any(|ground| ground.detail))
}

/// The act may only follow a confirmed identity.
pub(super) fn confirmation_needed<'a>(view: &View<'a>) -> Finding<'a> {
    Finding::Truth(view.memorandum.after_confirmation.contains(&view.act.kind))
}

/// The reply it refers to confirms the identity.
pub(super) fn identity_confirmed<'a>(view: &View<'a>) -> Finding<'a> {
    Finding::Truth(
        view.text("in_reply_to")
            .is_some_and(|reply| view.state.confirmed.contains(reply)),
    )
}

/// The request of the case was withdrawn from the Party that the act comes from, which does not ask why (28.4).
pub(super) fn withdrawn_from_sender<'a>(view: &View<'a>) -> Finding<'a> {
    let withdrawn = || {
        let (case, party) = (view.text("case")?, view.sending_party()?);
        let withdraws = |known: &KnownAct| {
            let line = view.memorandum.acts.get(&known.kind);
            let to = known
                .to
                .as_deref()
                .and_then(|to| view.memorandum.party_of(to));
            line.is_some_and(|line| line.behaviour == Behaviour::Withdraws)
                && to.is_some_and(|to| to.id == party.id)
        };
        let mut known = view.state.known.values();
        Some(known.any(|known| known.case.as_deref() == Some(case) && withdraws(known)))
    };
    Finding::Truth(withdrawn().unwrap_or(false))
}

/// The preconditions of a gated act for which no valid certificate lies at home.
pub(super) fn unmet_conditions<'a>(view: &View<'a>) -> Finding<'a> {
    if !view.memorandum.gated.contains(&view.act.kind) {
        return Finding::Words(Vec::new());
    }
    let asked = view
        .memorandum
        .preconditions
        .iter()
        .filter(|condition| condition.applies_to == "all" || is_minor(view));
    let unmet = asked.filter(|condition| certified(view, condition).is_none());
    Finding::Words(unmet.map(|condition| condition.id.as_str()).collect())
}

/// The day of a certificate that holds: by the competent authority, and not older than its validity.
fn certified(view: &View<'_>, condition: &Precondition) -> Option<Date> {
    let party = view.sending_party()?;
    let paper = view.act.filled("certificates")?.member(&condition.id)?;
    let by = paper.member("signed_by")?.as_text()?;
    let on = paper.member("on")?.as_date()?;
    let life = view.memorandum.clocks.get(&condition.valid)?;
    let Period::Days(days) = life.period else {
        return None;
    };
    let last = on.checked_add(jiff::Span::new().days(days)).ok()?;
    let today = view.today(party)?;
    (condition.certifier.get(&party.id)? == by && on <= today && today <= last).then_some(on)
}

/// The quotas that are used up.
pub(super) fn quotas_full<'a>(view: &View<'a>) -> Finding<'a> {
    let quotas = view
        .memorandum
        .quotas
        .iter()
        .filter(|quota| quota.act == view.act.kind);
    let at = view.moment.at;
    let used = |quota: &Quota| view.state.quota_used(view.memorandum, quota, view.act, at);
    let full = quotas.filter(|quota| used(quota) >= view.state.quota_limit(quota, at));
    Finding::Words(full.map(|quota| quota.id.as_str()).collect())
}
