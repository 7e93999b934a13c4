//! What the engine reads when an act behaves as it declares: slots, words and marks that must be there.

use super::Annexes;
use crate::{
    case::word::{effect, mark, slot},
    memorandum::{ActLine, Behaviour, Fault, Memorandum, Standing, Table, table::Row},
};

/// The ground that answers the partner when an absolute limit is crossed.
const ABSOLUTE_LIMIT: &str = "absolute_limit";

/// The impediment of an act that no line describes.
const ACT_UNKNOWN: &str = "act_unknown";

/// The slots without which an act of a behaviour means nothing.
const fn slots_of(behaviour: Behaviour) -> &'static [&'static str] {
    match behaviour {
        Behaviour::Asks => &[slot::QUESTIONS],
        Behaviour::Answers | Behaviour::Informs | Behaviour::Discloses => &[slot::FACTS],
        Behaviour::SeeksConsent => &[slot::FACTS_CONCERNED, slot::PURPOSE, slot::UNTIL],
        Behaviour::Consents => &[
            slot::FACTS_CONCERNED,
            slot::CONSENT_OUTCOME,
            slot::PURPOSE,
            slot::UNTIL,
        ],
        Behaviour::Shares => &[slot::FACTS_CONCERNED, slot::PURPOSE, slot::THIRD_RECIPIENT],
        Behaviour::Restricts => &[slot::FACTS_CONCERNED, slot::HANDLING_CODES],
        Behaviour::Corrects => &[slot::FACTS_CONCERNED, slot::CORRECTED_FACTS],
        Behaviour::Revokes
        | Behaviour::Recalls
        | Behaviour::Doubts
        | Behaviour::Admits
        | Behaviour::Certifies
        | Behaviour::DemandsErasure => &[slot::FACTS_CONCERNED],
        Behaviour::ConfirmsIdentity => &[slot::IDENTITY_OUTCOME],
        Behaviour::Tabulates => &[
            slot::TABLE,
            slot::REFERENCE_PERIOD,
            slot::NATIONALS,
            slot::CELLS,
        ],
        Behaviour::RaisesQuota => &[slot::QUOTA, slot::NEW_LIMIT],
        Behaviour::Stops | Behaviour::Releases => &[slot::STOP_SCOPE],
        Behaviour::Disputes => &[slot::ARTICLE_CONCERNED],
        Behaviour::Suspends | Behaviour::Resumes => &[slot::CHAPTERS],
        Behaviour::Amends => &[
            slot::ANNEX,
            slot::CHANGES,
            slot::NEW_VERSION,
            slot::IN_FORCE_ON,
        ],
        Behaviour::AmendsJointly => &[slot::CHANGES, slot::NEW_VERSION, slot::IN_FORCE_ON],
        Behaviour::Registers => &[slot::ACT_REFERENCE, slot::MADE_AT],
        Behaviour::ConfirmsRegistration => &[slot::ACT_REFERENCE, slot::OUTCOME],
        _ => &[],
    }
}

/// Whether an act of a behaviour must say which act it answers.
const fn must_answer(behaviour: Behaviour) -> bool {
    matches!(
        behaviour,
        Behaviour::Answers
            | Behaviour::Refuses
            | Behaviour::Defers
            | Behaviour::Extends
            | Behaviour::Clarifies
            | Behaviour::Completes
            | Behaviour::Lapses
            | Behaviour::Acknowledges
            | Behaviour::Matches
            | Behaviour::Discloses
            | Behaviour::Consents
            | Behaviour::Revokes
            | Behaviour::Certifies
            | Behaviour::ConfirmsIdentity
            | Behaviour::Withdraws
            | Behaviour::NotifiesJourney
            | Behaviour::Releases
            | Behaviour::Settles
            | Behaviour::Resumes
            | Behaviour::ConfirmsRegistration
    )
}

/// The mark that the machine puts on when there are acts of a behaviour.
const fn mark_of(behaviour: Behaviour) -> Option<&'static str> {
    match behaviour {
        Behaviour::Answers | Behaviour::Informs => Some(mark::QUARANTINED),
        Behaviour::Matches => Some(mark::POSSIBLE_MATCH),
        Behaviour::Recalls | Behaviour::Corrects | Behaviour::DemandsErasure => {
            Some(mark::USE_CEASED)
        }
        Behaviour::Suspends => Some(mark::FROZEN),
        _ => None,
    }
}

/// The effects of the engine, each with words in Annex 0.
const EFFECTS: [&str; 16] = [
    effect::START,
    effect::SUSPEND,
    effect::RESUME,
    effect::REPLACE,
    effect::EXTEND,
    effect::STOP,
    effect::MARK,
    effect::COPY,
    effect::NOTIFY,
    effect::ESCALATE,
    effect::SILENCE,
    effect::WITHDRAW,
    effect::CEASE_USE,
    effect::ERASE,
    effect::FLAG,
    effect::HAND_OVER,
];

/// What a judgement can be.
const DECISIONS: [&str; 3] = ["permit", "refuse", "clarify"];

/// The faults of acts that lack what their behaviour reads, and of words that the engine speaks and the annexes lack.
pub(super) fn check(memorandum: &Memorandum, annexes: &Annexes) -> Vec<Fault> {
    let mut faults: Vec<Fault> = memorandum
        .acts
        .iter()
        .flat_map(|act| lacking(memorandum, annexes, act))
        .collect();
    faults.extend(unspoken(annexes, "effect", &memorandum.effects, &EFFECTS));
    faults.extend(unspoken(
        annexes,
        "decision",
        &memorandum.decisions,
        &DECISIONS,
    ));
    faults.extend(unspoken(
        annexes,
        "state",
        &memorandum.states,
        &Standing::IDS,
    ));
    faults.extend(unspoken(
        annexes,
        "impediment",
        &memorandum.impediments,
        &[ACT_UNKNOWN],
    ));
    if !memorandum.limits.is_empty() {
        faults.extend(unspoken(
            annexes,
            "refusal_ground",
            &memorandum.grounds,
            &[ABSOLUTE_LIMIT],
        ));
    }
    faults
}

fn lacking(memorandum: &Memorandum, annexes: &Annexes, act: &ActLine) -> Vec<Fault> {
    let own = || act.needs.iter().chain(&act.may);
    // A slot that does not exist is named by itself: it may be the one that is lacking, misspelt.
    let misspelt = own().any(|slot| !memorandum.slots.has(slot));
    let slots = slots_of(act.behaviour).iter();
    let slots = slots.filter(|slot| !misspelt && !own().any(|other| other == **slot));
    let behaviour = |what: String| annexes.fault("act", &act.id, "behaviour", what);
    let mut faults: Vec<Fault> = slots
        .map(|slot| {
            behaviour(format!(
                "its behaviour reads the slot “{slot}”, which it lacks"
            ))
        })
        .collect();
    if must_answer(act.behaviour) && act.answers.is_none() {
        faults.push(behaviour(
            "its behaviour answers an act: say which in “answers”".to_owned(),
        ));
    }
    if act.behaviour == Behaviour::Withdraws && memorandum.withdrawal_at_utc.is_none() {
        faults.push(behaviour(
            "its behaviour withdraws: [withdrawal_batch] is missing".to_owned(),
        ));
    }
    if let Some(mark) = mark_of(act.behaviour).filter(|mark| !memorandum.marks.has(mark)) {
        faults.push(behaviour(format!(
            "its behaviour puts on the mark “{mark}”, which no row describes"
        )));
    }
    faults
}

/// Words that the engine speaks and that have no row.
fn unspoken<T: Row>(annexes: &Annexes, table: &str, rows: &Table<T>, words: &[&str]) -> Vec<Fault> {
    let missing = words.iter().filter(|word| !rows.has(word));
    missing
        .map(|word| {
            annexes.fault_at(
                table,
                "",
                format!("no row [[{table}]] for “{word}”, which the engine says"),
            )
        })
        .collect()
}
