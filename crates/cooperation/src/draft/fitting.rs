//! Which choices of a closed list may cross at all, given what an act says already: only these are offered to an officer.
//!
//! It offers and decides nothing: a draft that says otherwise is judged like any other, and the judgement names its article.

use crate::{
    act::Act,
    body::kind::Kind,
    memorandum::{ActLine, Memorandum},
};

/// The lists whose choices hang on the organs and on each other (Annexes 1, 2 and 5).
const AREA: &str = "area";
const PURPOSE: &str = "purpose";
const LEGAL_BASIS: &str = "legal_basis";
const OFFENCE: &str = "offence";

/// Whether a choice of the list in `slot` fits what the act says already.
///
/// An area is one of both organs (4.2); a purpose exists in such an area and is carried by the legal basis (17.2); a basis carries
/// the act (2.2); an offence is listed in the area (6.1); of a list that several slots share, a slot takes the words of its paragraph.
pub fn fits(memorandum: &Memorandum, act: &Act, slot: &str, choice: &str) -> bool {
    let Some(Kind::OneOf(list)) = Kind::of(memorandum, slot) else {
        return true;
    };
    let areas = areas(memorandum, act);
    let meets = |own: &[String]| own.iter().any(|area| areas.contains(area));
    match list.as_str() {
        AREA => {
            let purpose = act
                .text(PURPOSE)
                .and_then(|purpose| memorandum.purposes.get(purpose));
            let has = |own: &[String]| own.iter().any(|area| area == choice);
            areas.iter().any(|area| area == choice)
                && purpose.is_none_or(|purpose| has(&purpose.areas))
        }
        PURPOSE => memorandum.purposes.get(choice).is_none_or(|purpose| {
            let basis = act.text(LEGAL_BASIS);
            let carries = |basis: &str| purpose.legal_bases.iter().any(|own| own == basis);
            meets(&purpose.areas) && basis.is_none_or(carries)
        }),
        LEGAL_BASIS => memorandum.legal_bases.get(choice).is_none_or(|basis| {
            let personal = memorandum
                .acts
                .get(&act.kind)
                .is_some_and(|line| line.personal);
            let only = basis.only_acts.as_ref();
            meets(&basis.areas)
                && (basis.personal_data || !personal)
                && only.is_none_or(|acts| acts.contains(&act.kind))
        }),
        OFFENCE => memorandum.offences.get(choice).is_some_and(|offence| {
            let area = offence.area.as_ref();
            area.is_none_or(|area| areas.contains(area))
        }),
        list => is_own_word(memorandum, slot, list, choice),
    }
}

/// Whether a word of a list that several slots share is one of this slot's own: it rests on the same paragraph. Where no word does,
/// all are.
fn is_own_word(memorandum: &Memorandum, slot: &str, list: &str, choice: &str) -> bool {
    let (Some(slot), Some(words)) = (memorandum.slots.get(slot), memorandum.words.get(list)) else {
        return true;
    };
    let mut own = words
        .iter()
        .filter(|word| word.article == slot.article)
        .peekable();
    own.peek().is_none() || own.any(|word| word.id == choice)
}

/// The areas in which the act may stand: the one that it names, else those that its organs have in common.
fn areas(memorandum: &Memorandum, act: &Act) -> Vec<String> {
    if let Some(area) = act.text(AREA) {
        return vec![area.to_owned()];
    }
    let of = |organ: &str| {
        let row = memorandum.organs.get(organ);
        row.map_or(Vec::new(), |row| row.areas.clone())
    };
    let mut areas = of(&act.from);
    if let Some(to) = &act.to {
        let theirs = of(to);
        areas.retain(|area| theirs.contains(area));
    }
    areas
}

/// What would do where an organ is not competent (4.2): other organs of its Party, and areas that it has itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WouldDo {
    /// The organs, in the order of Annex 1.
    pub organs: Vec<String>,
    /// The areas, in the order of the organ's line.
    pub areas: Vec<String>,
}

/// Which organ could stand in the place of the sender, or of the recipient, of an act in its area; and in which areas both could.
pub fn would_do(memorandum: &Memorandum, act: &Act, sender: bool) -> WouldDo {
    let named = if sender {
        Some(&act.from)
    } else {
        act.to.as_ref()
    };
    let (Some(line), Some(organ)) = (
        memorandum.acts.get(&act.kind),
        named.and_then(|organ| memorandum.organs.get(organ)),
    ) else {
        return WouldDo::default();
    };
    let area = act.text(AREA);
    let competent = |organ: &str| {
        memorandum.organs.get(organ).is_some_and(|organ| {
            takes(organ, line, sender)
                && area.is_none_or(|area| organ.areas.iter().any(|own| own == area))
        })
    };
    let ours = memorandum
        .organs
        .iter()
        .filter(|other| other.party == organ.party && other.id != organ.id);
    let organs = ours
        .filter(|other| competent(&other.id))
        .map(|other| other.id.clone())
        .collect();
    let areas = match (area, takes(organ, line, sender)) {
        (Some(area), true) => {
            let unnamed = Act {
                slots: [].into(),
                ..act.clone()
            };
            let mut common = self::areas(memorandum, &unnamed);
            common.retain(|other| other != area);
            common
        }
        _ => Vec::new(),
    };
    WouldDo { organs, areas }
}

/// Whether an organ may send acts of this group, or be addressed them.
fn takes(organ: &crate::memorandum::Organ, line: &ActLine, sender: bool) -> bool {
    organ.groups.contains(&line.group) || !sender && organ.receives.contains(&line.group)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::value::Value;

    fn memorandum() -> Memorandum {
        Memorandum::read(Path::new(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../memorandum"
        )))
        .unwrap()
    }

    fn strategic(from: &str, said: &[(&str, &str)]) -> Act {
        let said = said
            .iter()
            .map(|(slot, text)| ((*slot).to_owned(), Value::Text((*text).to_owned())));
        Act {
            kind: "strategic_information".to_owned(),
            from: from.to_owned(),
            to: Some("ma_dgsn".to_owned()),
            slots: said.collect(),
        }
    }

    #[test]
    fn only_areas_and_purposes_of_both_organs_are_offered() {
        let memorandum = memorandum();
        let act = strategic("be_federal_police", &[("legal_basis", "memorandum_only")]);
        let fits = |slot: &str, choice: &str| fits(&memorandum, &act, slot, choice);
        assert!(fits("area", "organised_crime"));
        assert!(!fits("area", "migration_flows"));
        assert!(fits("purpose", "strategic_analysis"));
        assert!(!fits("purpose", "investigate_organised_crime"), "no basis");
        assert!(!fits("purpose", "identify_for_return"), "no area");
    }

    #[test]
    fn a_decision_on_a_consent_is_one_of_the_three_that_the_paragraph_knows() {
        let memorandum = memorandum();
        let act = Act {
            kind: "consent_decision".to_owned(),
            ..strategic("be_federal_police", &[])
        };
        let words = memorandum.words["outcome"].iter();
        let fitting = words.filter(|word| fits(&memorandum, &act, "consent_outcome", &word.id));
        let fitting: Vec<&str> = fitting.map(|word| word.id.as_str()).collect();
        assert_eq!(fitting, ["granted", "partly_granted", "denied"]);
    }

    #[test]
    fn whoever_is_not_competent_is_told_which_organ_and_which_area_would_do() {
        let memorandum = memorandum();
        let act = strategic("be_federal_police", &[("area", "migration_flows")]);
        let found = would_do(&memorandum, &act, true);
        assert!(found.organs.contains(&"be_immigration".to_owned()));
        assert!(!found.organs.contains(&"be_justice".to_owned()));
        assert_eq!(found.areas, ["terrorism", "organised_crime"]);
    }
}
