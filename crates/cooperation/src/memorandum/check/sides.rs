//! Both sides can do what the memorandum says: parties, organs, offences, versions fit together.

use std::collections::BTreeSet;

use jiff::tz::TimeZone;

use super::Annexes;
use crate::memorandum::{Fault, Memorandum, Offence};

/// The faults between Parties, organs, acts, offences and versions.
pub(super) fn check(memorandum: &Memorandum, annexes: &Annexes) -> Vec<Fault> {
    let mut faults = head(memorandum, annexes);
    faults.extend(parties(memorandum, annexes));
    faults.extend(certifiers(memorandum, annexes));
    faults.extend(versions(memorandum, annexes));
    faults.extend(
        memorandum
            .offences
            .iter()
            .flat_map(|offence| listed(memorandum, annexes, offence)),
    );
    faults.extend(
        memorandum
            .excluded
            .iter()
            .flat_map(|offence| excluded(memorandum, annexes, offence)),
    );
    faults.extend(acts(memorandum, annexes));
    faults.extend(tables(memorandum, annexes));
    faults
}

/// The head names all Parties and has a text in each of its languages.
fn head(memorandum: &Memorandum, annexes: &Annexes) -> Vec<Fault> {
    let head = &memorandum.head;
    let mut faults = Vec::new();
    if head.parties.len() < 2 {
        faults.push(annexes.fault_at(
            "memorandum",
            "parties",
            "a memorandum has two Parties or more",
        ));
    }
    for party in memorandum
        .parties
        .iter()
        .filter(|party| !head.parties.contains(&party.id))
    {
        faults.push(annexes.fault(
            "party",
            &party.id,
            "id",
            "the head does not name it among the Parties",
        ));
    }
    let languages: BTreeSet<&str> = memorandum.languages().collect();
    for language in languages
        .iter()
        .filter(|language| !head.texts.contains_key(**language))
    {
        faults.push(annexes.fault_at("memorandum", "texts", format!("no text in “{language}”")));
    }
    for language in head
        .texts
        .keys()
        .filter(|language| !languages.contains(language.as_str()))
    {
        faults.push(annexes.fault_at(
            "memorandum",
            "texts",
            format!("“{language}” is neither authentic nor courtesy"),
        ));
    }
    faults
}

/// Each Party has a known legal time, and its doors are its own organs.
fn parties(memorandum: &Memorandum, annexes: &Annexes) -> Vec<Fault> {
    let mut faults = Vec::new();
    for party in memorandum.parties.iter() {
        if TimeZone::get(&party.time_zone).is_err() {
            faults.push(annexes.fault(
                "party",
                &party.id,
                "time_zone",
                format!("no time zone “{}”", party.time_zone),
            ));
        }
        let foreign = |organ: &str| {
            memorandum
                .organs
                .get(organ)
                .is_some_and(|organ| organ.party != party.id)
        };
        for (key, organ) in std::iter::once(("contact_point", &party.contact_point))
            .chain(party.alert_to.iter().map(|organ| ("alert_to", organ)))
        {
            if foreign(organ) {
                faults.push(annexes.fault(
                    "party",
                    &party.id,
                    key,
                    format!("{organ} is an organ of another Party"),
                ));
            }
        }
    }
    faults
}

/// Each precondition is certified on each side, by an organ of that side.
fn certifiers(memorandum: &Memorandum, annexes: &Annexes) -> Vec<Fault> {
    let mut faults = Vec::new();
    for precondition in memorandum.preconditions.iter() {
        for party in memorandum.parties.iter() {
            let named = precondition.certifier.get(&party.id);
            let what = match named.map(|organ| memorandum.organs.get(organ)) {
                // An organ that does not exist is a fault of its own.
                Some(None) => continue,
                Some(Some(organ)) if organ.party == party.id => continue,
                Some(Some(organ)) => format!(
                    "{} is an organ of another Party than {}",
                    organ.id, party.id
                ),
                None => format!("nobody certifies it for {}", party.id),
            };
            faults.push(annexes.fault("precondition", &precondition.id, "certifier", what));
        }
    }
    faults
}

/// Versions stand in the order in which they took effect; the head states the last.
fn versions(memorandum: &Memorandum, annexes: &Annexes) -> Vec<Fault> {
    let versions: Vec<_> = memorandum.versions.iter().collect();
    let late = versions
        .windows(2)
        .filter(|pair| pair[1].in_force_from <= pair[0].in_force_from);
    let mut faults: Vec<Fault> = late
        .map(|pair| {
            annexes.fault(
                "version",
                &pair[1].id,
                "in_force_from",
                format!("not after {}", pair[0].id),
            )
        })
        .collect();
    if versions
        .last()
        .is_none_or(|last| last.id != memorandum.head.version)
    {
        faults.push(annexes.fault_at(
            "memorandum",
            "version",
            "the head states another version than the last row of [[version]]",
        ));
    }
    faults
}

/// The sides of an offence are Parties.
fn strangers<'m>(
    memorandum: &Memorandum,
    annexes: &Annexes,
    table: &str,
    offence: &'m Offence,
) -> Vec<Fault> {
    let stranger = |party: &&'m String| !memorandum.parties.has(party);
    let sides = offence.sides.keys().filter(stranger);
    sides
        .map(|party| annexes.fault(table, &offence.id, party, format!("“{party}” is no Party")))
        .collect()
}

/// An offence of the list is punishable everywhere and reaches the threshold of its area (6.2).
fn listed(memorandum: &Memorandum, annexes: &Annexes, offence: &Offence) -> Vec<Fault> {
    let fault = |key: &str, what: String| annexes.fault("offence", &offence.id, key, what);
    let mut faults = strangers(memorandum, annexes, "offence", offence);
    let lacking: Vec<&str> = memorandum
        .parties
        .iter()
        .map(|party| party.id.as_str())
        .filter(|party| !offence.sides.contains_key(*party))
        .collect();
    if !lacking.is_empty() {
        faults.push(fault(
            "id",
            format!("not punishable in {}", lacking.join(", ")),
        ));
    }
    if offence.dual != lacking.is_empty() {
        faults.push(fault(
            "dual",
            format!(
                "dual says {}, the sides say {}",
                offence.dual,
                lacking.is_empty()
            ),
        ));
    }
    let Some(area) = &offence.area else {
        faults.push(fault("id", "no “area”".to_owned()));
        return faults;
    };
    let Some(least) = memorandum.threshold.get(area) else {
        faults.push(fault("area", format!("no threshold for “{area}”")));
        return faults;
    };
    for (party, _) in offence
        .sides
        .iter()
        .filter(|(_, side)| side.max_years < *least)
    {
        faults.push(fault(
            party,
            format!("below the threshold of {least} years for {area}"),
        ));
    }
    faults
}

/// The reason that refuses an excluded offence fits its sides: want of dual criminality, or something else.
fn excluded(memorandum: &Memorandum, annexes: &Annexes, offence: &Offence) -> Vec<Fault> {
    let mut faults = strangers(memorandum, annexes, "excluded", offence);
    let Some(reason) = &offence.reason else {
        faults.push(annexes.fault("excluded", &offence.id, "id", "no “reason”"));
        return faults;
    };
    let everywhere = memorandum
        .parties
        .iter()
        .all(|party| offence.sides.contains_key(&party.id));
    let not_dual = reason == "not_punishable_in_both";
    let limit = reason == "absolute_limit";
    if everywhere && not_dual || !everywhere && !not_dual && !limit {
        faults.push(annexes.fault(
            "excluded",
            &offence.id,
            "reason",
            format!("“{reason}” does not fit its sides"),
        ));
    }
    faults
}

/// Each act can be sent by an organ of each Party; who may send it may also be addressed with it (4.2).
fn acts(memorandum: &Memorandum, annexes: &Annexes) -> Vec<Fault> {
    let mut faults = Vec::new();
    for act in memorandum.acts.iter() {
        for party in memorandum.parties.iter() {
            let mut organs = memorandum
                .organs
                .iter()
                .filter(|organ| organ.party == party.id);
            if !organs.any(|organ| organ.groups.contains(&act.group)) {
                let what = format!("no organ of {} may send it", party.id);
                faults.push(annexes.fault("act", &act.id, "group", what));
            }
        }
    }
    faults
}

/// Each statistical table is broken down by the period that it covers.
fn tables(memorandum: &Memorandum, annexes: &Annexes) -> Vec<Fault> {
    let mut faults: Vec<Fault> = memorandum
        .tables
        .iter()
        .filter(|table| !table.dimensions.contains(&table.every))
        .map(|table| {
            annexes.fault(
                "table",
                &table.id,
                "dimensions",
                format!("“{}” is not among the dimensions", table.every),
            )
        })
        .collect();
    if !memorandum.tables.is_empty() && memorandum.cell.is_none() {
        faults.push(annexes.fault_at("table", "", "statistical tables need [cell]"));
    }
    faults
}
