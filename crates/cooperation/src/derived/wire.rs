//! What the form of the act itself says: group, addressee, version, reference, slots, declarations, legal basis.

use jiff::civil::Date;

use super::{Finding, View};
use crate::{act::Act, clock::day_starts_utc, memorandum::Behaviour, value::Value};

/// The group of the act, by which organs are competent for it.
pub(super) fn group<'a>(view: &View<'a>) -> Finding<'a> {
    Finding::Word(view.line.map(|line| line.group.as_str()))
}

/// The act is an alert, and addressed to one of the doors at which the Party receives alerts.
pub(super) fn alert_door<'a>(view: &View<'a>) -> Finding<'a> {
    let door = || {
        let party = view.receiving_party()?;
        Some(party.alert_to.contains(view.act.to.as_ref()?))
    };
    Finding::Truth(view.does(Behaviour::Alerts) && door().unwrap_or(false))
}

/// The version that the act names was in force at some time up to now.
pub(super) fn version_in_force<'a>(view: &View<'a>) -> Finding<'a> {
    let Some(named) = view.text("memorandum_version") else {
        return Finding::Truth(true);
    };
    let begun = |from: Date| view.moment.at >= day_starts_utc(from);
    let signed = view
        .memorandum
        .versions
        .iter()
        .any(|version| version.id == named && begun(version.in_force_from));
    let amended = view
        .state
        .versions
        .iter()
        .any(|version| version.id == named && begun(version.from));
    Finding::Truth(signed || amended)
}

/// The same act with the same content was received before.
pub(super) fn repeat<'a>(view: &View<'a>) -> Finding<'a> {
    Finding::Truth(earlier(view).is_some_and(|first| same_content(view, first)))
}

/// Another act with this reference was received before, or the reference is not the sender's to give.
pub(super) fn reference_reused<'a>(view: &View<'a>) -> Finding<'a> {
    let other = earlier(view).is_some_and(|first| !same_content(view, first));
    Finding::Truth(other || is_the_other_sides(view))
}

/// Whether a reference is of the other side: an act of the other side bears it, receipted or not, or its number is not of the
/// sender's turn. In a worked case, which looks at both nodes together, numbers have no turns.
fn is_the_other_sides(view: &View<'_>) -> bool {
    let Some(reference) = view.text("reference") else {
        return false;
    };
    let sender = view.sending_party().map(|party| party.id.as_str());
    let party_of = |organ: &str| Some(view.memorandum.party_of(organ)?.id.as_str());
    let known = view.state.known.get(reference);
    let ours = known.is_some_and(|known| party_of(&known.from) != sender);
    ours || sender.is_some_and(|sender| !view.state.may_give(view.memorandum, sender, reference))
}

/// The act first received with this reference. The sender's node receives nothing, so it knows of none.
fn earlier<'a>(view: &View<'a>) -> Option<&'a Act> {
    if !view.at_recipient() {
        return None;
    }
    view.state.seen.get(view.text("reference")?)
}

/// Whether two acts say the same on the wire; what one node alone knows is no content.
fn same_content(view: &View<'_>, first: &Act) -> bool {
    let on_wire = |slot: &&String| {
        view.memorandum
            .engine_facts
            .get(slot)
            .is_none_or(|fact| fact.known_to.iter().any(|knower| knower == "wire"))
    };
    let same = |slot: &String| view.act.slots.get(slot) == first.slots.get(slot);
    view.act.kind == first.kind
        && view.act.from == first.from
        && view.act.to == first.to
        && view.act.slots.keys().filter(on_wire).all(same)
        && first.slots.keys().filter(on_wire).all(same)
}

/// The slots that are filled.
pub(super) fn filled<'a>(view: &View<'a>) -> Finding<'a> {
    let filled = view
        .act
        .slots
        .iter()
        .filter(|(slot, value)| value.is_filled() && view.memorandum.slots.has(slot));
    Finding::Words(filled.map(|(slot, _)| slot.as_str()).collect())
}

/// The mandatory slots that are empty, in the order of Annex 3. What the envelope itself carries is not asked again.
pub(super) fn empty_slots<'a>(view: &View<'a>) -> Finding<'a> {
    let Some(line) = view.line else {
        return Finding::Words(Vec::new());
    };
    let common = view
        .memorandum
        .common
        .iter()
        .filter(|slot| !ENVELOPE.contains(&slot.as_str()));
    let answered = line.answers.as_ref().map(|_| "in_reply_to");
    let owed = line
        .needs
        .iter()
        .chain(common)
        .map(String::as_str)
        .chain(answered);
    Finding::Words(owed.filter(|slot| !view.has(slot)).collect())
}

/// Slots that the envelope and the judgement fill: who sends, to whom, under which article.
const ENVELOPE: [&str; 3] = ["sender", "recipient", "article"];

/// The tests of the limits which the act declares that nobody answered yes or no.
pub(super) fn undeclared<'a>(view: &View<'a>) -> Finding<'a> {
    let declares = view.line.map_or(&[][..], |line| line.declares.as_slice());
    let tests = view
        .memorandum
        .limits
        .iter()
        .filter(|limit| declares.contains(&limit.id))
        .flat_map(|limit| limit.tests.iter());
    let open = tests.filter(|test| view.act.slots.get(*test).and_then(Value::as_bool).is_none());
    Finding::Words(open.map(String::as_str).collect())
}

/// Personal data are in it: the act is personal, or an officer said so, or nobody answered where the question stands.
pub(super) fn personal<'a>(view: &View<'a>) -> Finding<'a> {
    let Some(line) = view.line else {
        return Finding::Truth(true);
    };
    let answered = view.act.slots.get("personal_data").and_then(Value::as_bool);
    Finding::Truth(line.personal || answered.unwrap_or_else(|| asked_whether_personal(view)))
}

/// Whether an officer is asked if the act holds personal data: acts that declare, and tables.
pub(super) fn asked_whether_personal(view: &View<'_>) -> bool {
    view.line
        .is_some_and(|line| !line.declares.is_empty() || line.behaviour == Behaviour::Tabulates)
}

/// The legal basis carries this act.
pub(super) fn basis_carries_act<'a>(view: &View<'a>) -> Finding<'a> {
    let basis = view
        .text("legal_basis")
        .and_then(|basis| view.memorandum.legal_bases.get(basis));
    Finding::Truth(basis.is_some_and(|basis| {
        basis
            .only_acts
            .as_ref()
            .is_none_or(|acts| acts.contains(&view.act.kind))
    }))
}
