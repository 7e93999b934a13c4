//! The check of a whole log finds each fault, and says it in words.

use entente_ledger::check::{Findings, Log, check, compare};
use entente_ledger::{Entry, LogKeys, Opening, Salt};

use crate::party::{Party, at};

struct Case {
    keys: LogKeys,
    partner: entente_ledger::VerifierKey,
    entries: Vec<Entry>,
    openings: Vec<(u64, Opening)>,
    heads: Vec<String>,
}

impl Case {
    /// A log of six records with heads of sizes 2, 4 and 6, the second of them cosigned.
    fn right() -> Self {
        let (aurelia, borealis) = (Party::aurelia(), Party::borealis());
        let opening = |index: u64| {
            let salt = Salt::new([index as u8; 32]);
            (index, Opening::new(salt, format!("record {index}")))
        };
        let openings: Vec<_> = (0..6).map(opening).collect();
        let entries: Vec<Entry> = openings
            .iter()
            .map(|(_, opening)| opening.entry())
            .collect();
        let mut heads = Vec::new();
        for size in [2, 4, 6] {
            let head = aurelia.head_over(&entries[..size], &borealis, at(size as i64));
            let line = borealis.cosign(head.head(), &aurelia, at(size as i64 + 1));
            heads.push(match size {
                4 => head.note_with(&line),
                _ => head.note().into(),
            });
        }
        Self {
            keys: aurelia.keys_for(&borealis),
            partner: borealis.keys_for(&aurelia).ml_dsa_44().clone(),
            entries,
            openings,
            heads,
        }
    }

    fn check(&self) -> Findings {
        check(&Log {
            keys: &self.keys,
            partner: Some(&self.partner),
            entries: &self.entries,
            openings: &self.openings,
            heads: &self.heads,
        })
    }

    fn faults(&self) -> Vec<String> {
        self.check()
            .faults
            .iter()
            .map(ToString::to_string)
            .collect()
    }
}

#[test]
fn a_right_log_has_no_fault_and_says_how_far_it_reaches() {
    let found = Case::right().check();
    assert_eq!(found.faults, []);
    assert_eq!((found.covered, found.cosigned, found.opened), (6, 4, 6));
}

#[test]
fn erased_openings_are_no_fault() {
    let mut case = Case::right();
    case.openings.remove(3);
    assert_eq!(case.faults(), Vec::<String>::new());
}

#[test]
fn each_fault_is_named() {
    let mut case = Case::right();
    case.openings[3].1 = Opening::new(Salt::new([3; 32]), "another record");
    assert_eq!(case.faults(), ["entry 3 does not match its opening"]);

    let mut case = Case::right();
    case.openings[3].0 = 17;
    assert_eq!(case.faults(), ["there is an opening but no entry 17"]);

    let mut case = Case::right();
    case.openings.clear();
    case.entries[3] = Entry::new([9; 32]);
    assert_eq!(
        case.faults(),
        [
            "the root of the head of size 4 is not that of the entries",
            "the root of the head of size 6 is not that of the entries",
            "there are 6 entries, but no head beyond size 2",
        ]
    );

    let mut case = Case::right();
    case.openings.truncate(5);
    case.entries.truncate(5);
    assert_eq!(
        case.faults(),
        [
            "the head of size 6 is signed, but there are 5 entries",
            "there are 5 entries, but no head beyond size 4",
        ]
    );
}

#[test]
fn heads_of_strangers_and_back_dated_heads_are_named() {
    let (aurelia, borealis) = (Party::aurelia(), Party::borealis());
    let mut case = Case::right();
    let foreign = borealis.head_over(&case.entries, &aurelia, at(9));
    case.heads.push(foreign.note().into());
    let origin = "entente/aurelia_borealis/borealis/aurelia";
    assert_eq!(
        case.faults(),
        [format!("head number 4: the head is of the log `{origin}`")]
    );

    let mut case = Case::right();
    case.heads[2] = aurelia
        .head_over(&case.entries, &borealis, at(1))
        .note()
        .into();
    assert_eq!(
        case.faults(),
        ["the head of size 6 was signed before the smaller one of size 4"]
    );

    let mut case = Case::right();
    case.heads[1] = case.heads[1].replace(
        &case.heads[1].lines().nth(6).unwrap().to_owned(),
        &borealis
            .cosign(
                aurelia.head_over(&case.entries, &borealis, at(1)).head(),
                &aurelia,
                at(5),
            )
            .to_string(),
    );
    assert_eq!(
        case.faults(),
        ["the head of size 4: the cosignature of `entente/aurelia_borealis/borealis` is wrong"]
    );
}

#[test]
fn two_copies_are_compared_entry_by_entry() {
    let entries = Case::right().entries;
    assert_eq!(compare(&entries, &entries[..4]), None);
    let mut other = entries.clone();
    other[2] = Entry::new([9; 32]);
    assert_eq!(
        compare(&entries, &other).unwrap().to_string(),
        "the two copies differ at entry 2"
    );
}
