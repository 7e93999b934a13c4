//! The closed list of facts that Rust derives for the rules. Cedar alone says permit or refuse; these are what it reads.
//!
//! A memorandum names the paragraph each of them rests on in `rules/facts.toml`, and thereby which of them its rules may
//! read. A rule that reads anything else does not compile.

use crate::act::Side;

mod governance;
mod home;
mod item;
mod offence;
mod person;
mod protection;
mod restriction;
mod standing;
mod statistics;
mod thread;
mod view;
mod wire;

pub use item::{FACT_MEMBERS, Item};
pub use view::View;

/// The version of the list. A memorandum states the version its rules were written against (`rules/facts.toml`).
pub const VERSION: i64 = 1;

/// The word by which every list says that nothing is stated. No row of an annex may bear it.
pub const NONE: &str = "none";

/// What a derived fact holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Finding<'a> {
    /// Yes or no.
    Truth(bool),
    /// A whole number.
    Number(i64),
    /// One identifier of a list, or none.
    Word(Option<&'a str>),
    /// Identifiers of a list, in the order of the act or the annex.
    Words(Vec<&'a str>),
}

/// The type of a derived fact; lists are named as the slot types of Annex 3 name them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Yes or no.
    Truth,
    /// A whole number.
    Number,
    /// One identifier of this list, or none.
    Word(&'static str),
    /// Identifiers of this list.
    Words(&'static str),
}

/// What a fact is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum About {
    /// An act, known or not.
    Act,
    /// One fact, question or described person or thing within an act.
    Item,
    /// Something done at home: reading, handing over, using.
    Home,
    /// One fact that is used at home.
    Held,
}

/// One entry of the closed list.
pub struct Derived {
    /// Its name in the rules.
    pub name: &'static str,
    /// Its type.
    pub shape: Shape,
    /// What it is about.
    pub about: &'static [About],
    /// The only side that knows it; none = both.
    pub side: Option<Side>,
    /// How it is found.
    pub find: for<'a> fn(&View<'a>) -> Finding<'a>,
}

/// Everything judged.
const ALL: &[About] = &[About::Act, About::Item, About::Home, About::Held];
/// Acts, and what is in them.
const ACT: &[About] = &[About::Act, About::Item];
/// What is in an act.
const ITEM: &[About] = &[About::Item];
/// Deeds at home.
const HOME: &[About] = &[About::Home, About::Held];
/// Facts used at home.
const HELD: &[About] = &[About::Held];

/// An entry known to both sides.
const fn both(
    name: &'static str,
    shape: Shape,
    about: &'static [About],
    find: for<'a> fn(&View<'a>) -> Finding<'a>,
) -> Derived {
    Derived {
        name,
        shape,
        about,
        side: None,
        find,
    }
}

/// An entry that one side alone knows.
const fn only(
    side: Side,
    name: &'static str,
    shape: Shape,
    find: for<'a> fn(&View<'a>) -> Finding<'a>,
) -> Derived {
    Derived {
        name,
        shape,
        about: ACT,
        side: Some(side),
        find,
    }
}

use Shape::{Number, Truth, Word, Words};

/// The closed list.
pub const FACTS: &[Derived] = &[
    both("ended", Truth, ACT, standing::ended),
    both("winding_up", Truth, ACT, standing::winding_up),
    both("chapter_suspended", Truth, ACT, standing::chapter_suspended),
    both("alerts_suspended", Truth, ACT, standing::alerts_suspended),
    both("stopped", Truth, ACT, standing::stopped),
    both("contested", Truth, ACT, standing::contested),
    both("protective", Truth, ACT, standing::protective),
    both("group", Word("group"), ACT, wire::group),
    both("alert_door", Truth, ACT, wire::alert_door),
    both("version_in_force", Truth, ACT, wire::version_in_force),
    both("repeat", Truth, ACT, wire::repeat),
    both("reference_reused", Truth, ACT, wire::reference_reused),
    both("filled", Words("slot"), ALL, wire::filled),
    both("empty_slots", Words("slot"), ACT, wire::empty_slots),
    both("undeclared", Words("engine_fact"), ACT, wire::undeclared),
    both("personal", Truth, ACT, wire::personal),
    both("basis_carries_act", Truth, ACT, wire::basis_carries_act),
    both(
        "excluded_for",
        Word("refusal_ground"),
        ACT,
        offence::excluded_for,
    ),
    both("offence_listed", Truth, ACT, offence::listed),
    both("offence_area", Word("area"), ACT, offence::area),
    both("group_needed", Truth, ACT, offence::group_needed),
    both(
        "punishable_in_both",
        Truth,
        ACT,
        offence::punishable_in_both,
    ),
    both("least_penalty", Number, ACT, offence::least_penalty),
    both("least_required", Number, ACT, offence::least_required),
    both(
        "death_at_recipient",
        Truth,
        ACT,
        offence::death_at_recipient,
    ),
    both("offence_amended", Truth, ACT, offence::amended),
    both("minor", Truth, ACT, person::minor),
    both("minor_purpose", Truth, ACT, person::minor_purpose),
    both("minor_area", Truth, ACT, person::minor_area),
    both("minor_elsewhere", Truth, ACT, person::minor_elsewhere),
    both("special_data", Truth, ACT, person::special_data),
    both(
        "categories",
        Words("data_category"),
        ACT,
        person::categories,
    ),
    both("second_is_author", Truth, ACT, person::second_is_author),
    both(
        "circumstances_missing",
        Words("custody_circumstance"),
        ACT,
        person::circumstances_missing,
    ),
    both("grade_complete", Truth, ACT, protection::grade_complete),
    both("own_information", Truth, ACT, protection::own_information),
    both("restrictions_valued", Truth, ACT, restriction::valued),
    both("sharing_closed", Truth, ACT, restriction::sharing_closed),
    both("barred_by", Words("mark"), ALL, protection::barred_by),
    both("consent_covers", Truth, ACT, protection::consent_covers),
    both("consent_cut", Truth, ACT, protection::consent_cut),
    only(
        Side::Sender,
        "holders_covered",
        Truth,
        protection::holders_covered,
    ),
    both("clarifications", Number, ACT, thread::clarifications),
    both("window_closed", Truth, ACT, thread::window_closed),
    both("extension_used", Truth, ACT, thread::extension_used),
    both("expired", Truth, ACT, thread::expired),
    both("reasons_owed", Truth, ACT, thread::reasons_owed),
    both(
        "confirmation_needed",
        Truth,
        ACT,
        thread::confirmation_needed,
    ),
    both("identity_confirmed", Truth, ACT, thread::identity_confirmed),
    both(
        "withdrawn_from_sender",
        Truth,
        ACT,
        thread::withdrawn_from_sender,
    ),
    only(
        Side::Sender,
        "unmet_conditions",
        Words("precondition"),
        thread::unmet_conditions,
    ),
    both("quotas_full", Words("quota"), ACT, thread::quotas_full),
    both("notice_short", Truth, ACT, governance::notice_short),
    both("foreign_column", Truth, ACT, governance::foreign_column),
    both(
        "deletes_death_mention",
        Truth,
        ACT,
        governance::deletes_death_mention,
    ),
    both("touches_minimum", Truth, ACT, governance::touches_minimum),
    both("signed_by_all", Truth, ACT, governance::signed_by_all),
    both(
        "unsuspendable",
        Words("chapter"),
        ACT,
        governance::unsuspendable,
    ),
    both("beyond_oversight", Truth, ACT, governance::beyond_oversight),
    both("own_stop", Truth, ACT, governance::own_stop),
    both("table_closed", Truth, ACT, statistics::table_closed),
    both(
        "cell_below_minimum",
        Truth,
        ACT,
        statistics::cell_below_minimum,
    ),
    both(
        "hidden_cell_deducible",
        Truth,
        ACT,
        statistics::hidden_cell_deducible,
    ),
    both("releases_unsafe", Truth, ACT, statistics::releases_unsafe),
    both("item_slot", Word("slot"), ITEM, item::slot),
    both("item_category", Word("data_category"), ITEM, item::category),
    both("item_well_formed", Truth, ITEM, item::well_formed),
    both("item_in_core", Truth, ITEM, item::in_core),
    both("item_codes", Words("handling_code"), ITEM, item::codes),
    both("item_restricted", Truth, ITEM, item::restricted),
    both(
        "item_restrictions_valued",
        Truth,
        ITEM,
        restriction::item_valued,
    ),
    both("item_graded", Truth, ITEM, item::graded),
    both("item_own", Truth, ITEM, item::own),
    both("reader_responsible", Truth, HOME, home::reader_responsible),
    both("handover_signers", Number, HOME, home::handover_signers),
    both("held_other_use", Truth, HELD, home::other_use),
    both("held_use_consented", Truth, HELD, home::use_consented),
    both("held_code_forbids", Truth, HELD, home::code_forbids),
    both("held_caveat_lost", Truth, HELD, home::caveat_lost),
    both("held_embargoed", Truth, HELD, restriction::embargoed),
    both("held_expired", Truth, HELD, restriction::expired),
    both("reader_named", Truth, HOME, restriction::reader_named),
    both("reading_closed", Truth, HOME, restriction::reading_closed),
];

/// The entry of this name.
pub fn derived(name: &str) -> Option<&'static Derived> {
    FACTS.iter().find(|fact| fact.name == name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_entry_has_its_own_name() {
        let names: BTreeSet<&str> = FACTS.iter().map(|fact| fact.name).collect();
        assert_eq!(names.len(), FACTS.len());
    }
}
