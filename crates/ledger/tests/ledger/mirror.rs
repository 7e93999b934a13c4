//! A mirror grows with its partner's log, and tells a mistake from a second history.

use std::convert::Infallible;
use std::ops::Range;

use entente_ledger::mirror::Extended;
use entente_ledger::{Entry, Extension, LogKeys, Mirror, SignedHead};
use proptest::prelude::*;

use crate::party::{Party, at, entries};

/// Borealis' mirror of the log of Aurelia, with the entries that its store holds.
struct Holder {
    aurelia: Party,
    borealis: Party,
    keys: LogKeys,
    mirror: Mirror,
    held: Vec<Entry>,
}

impl Holder {
    fn new() -> Self {
        let (aurelia, borealis) = (Party::aurelia(), Party::borealis());
        Self {
            keys: aurelia.keys_for(&borealis),
            aurelia,
            borealis,
            mirror: Mirror::empty(),
            held: Vec::new(),
        }
    }

    fn with(count: u64) -> Self {
        let mut holder = Self::new();
        let log = entries(count);
        assert!(matches!(
            holder.offer(0, &log, &log),
            Extension::Extended(_)
        ));
        holder
    }

    fn head(&self, log: &[Entry]) -> SignedHead {
        self.aurelia
            .head_over(log, &self.borealis, at(log.len() as i64))
    }

    /// Offers entries from `base` of `sent` under a head over `signed`, and stores what is taken.
    fn offer(&mut self, base: u64, sent: &[Entry], signed: &[Entry]) -> Extension {
        let head = self.head(signed);
        let held = |range: Range<u64>| {
            Ok::<_, Infallible>(self.held[range.start as usize..range.end as usize].to_vec())
        };
        let Ok(extension) =
            self.mirror
                .extend(base, &sent[base as usize..], head.note(), &self.keys, held);
        if let Extension::Extended(Extended {
            mirror, from, new, ..
        }) = &extension
        {
            assert_eq!(*from, self.held.len() as u64);
            self.held.extend(new);
            self.mirror = mirror.clone();
        }
        extension
    }
}

fn changed(log: &[Entry], index: usize) -> Vec<Entry> {
    let mut log = log.to_vec();
    log[index] = Entry::new([0xee; 32]);
    log
}

#[test]
fn a_mirror_takes_what_is_new_and_waits_to_cosign_it() {
    let mut holder = Holder::with(3);
    assert_eq!(holder.mirror.to_cosign().unwrap().size(), 3);
    holder.mirror = holder.mirror.clone().after_cosigning();
    assert_eq!(holder.mirror.to_cosign(), None);
    let log = entries(5);
    assert!(matches!(
        holder.offer(3, &log, &log),
        Extension::Extended(_)
    ));
    assert_eq!(holder.mirror.to_cosign().unwrap().size(), 5);
    assert_eq!(holder.mirror.cosigned(), 3);
}

#[test]
fn a_repetition_changes_nothing() {
    let mut holder = Holder::with(5);
    let log = entries(5);
    let before = holder.mirror.clone();
    for base in 0..=5 {
        let Extension::Extended(extended) = holder.offer(base, &log, &log) else {
            panic!("from {base}");
        };
        assert!(extended.new.is_empty());
        assert_eq!(extended.mirror.frontier(), before.frontier());
    }
}

#[test]
fn a_gap_and_an_old_head_are_stale_and_no_alarm() {
    let mut holder = Holder::with(5);
    let log = entries(9);
    assert_eq!(holder.offer(7, &log, &log), Extension::Stale { have: 5 });
    assert_eq!(
        holder.offer(0, &log[..4], &log[..4]),
        Extension::Stale { have: 5 }
    );
    assert_eq!(
        holder.offer(4, &log[..4], &log[..4]),
        Extension::Stale { have: 5 }
    );
}

#[test]
fn a_rewritten_entry_under_a_signed_head_is_a_fork_at_its_index() {
    let mut holder = Holder::with(5);
    let other = changed(&entries(7), 3);
    for size in [4, 5, 7] {
        let Extension::Fork { index, head } = holder.offer(0, &other[..size], &other[..size])
        else {
            panic!("size {size}");
        };
        assert_eq!((index, head.size()), (3, size as u64));
    }
    assert_eq!(holder.mirror.size(), 5);
}

#[test]
fn another_root_for_a_size_that_is_held_is_a_fork_though_no_entry_was_shown() {
    let mut holder = Holder::with(5);
    let other = changed(&entries(5), 3);
    assert!(matches!(
        holder.offer(5, &other, &other),
        Extension::Fork { index: 5, .. }
    ));
    assert!(matches!(
        holder.offer(4, &other[..4], &other[..4]),
        Extension::Fork { index: 4, .. }
    ));
}

#[test]
fn new_entries_over_a_rewritten_past_do_not_fit_and_from_the_start_they_show_the_fork() {
    let mut holder = Holder::with(5);
    let other = changed(&entries(7), 3);
    assert_eq!(holder.offer(5, &other, &other), Extension::WrongRoot);
    assert!(matches!(
        holder.offer(0, &other, &other),
        Extension::Fork { index: 3, .. }
    ));
}

#[test]
fn a_difference_that_no_head_signs_is_only_a_faulty_parcel() {
    let mut holder = Holder::with(5);
    let log = entries(7);
    assert_eq!(
        holder.offer(0, &changed(&log, 3), &log),
        Extension::WrongRoot
    );
    assert_eq!(
        holder.offer(5, &changed(&log, 6), &log),
        Extension::WrongRoot
    );
    assert_eq!(holder.mirror.size(), 5);
}

#[test]
fn a_head_must_end_where_the_entries_end_and_be_signed_by_both_keys() {
    let mut holder = Holder::with(2);
    let log = entries(5);
    assert_eq!(holder.offer(2, &log[..4], &log), Extension::WrongSize);
    let head = holder.head(&log);
    let cut = head
        .note()
        .lines()
        .take(5)
        .map(|line| format!("{line}\n"))
        .collect::<String>();
    let none = |_| Ok::<_, Infallible>(Vec::new());
    let Ok(extension) = holder.mirror.extend(2, &log[2..], &cut, &holder.keys, none);
    assert!(matches!(extension, Extension::BadSignature(_)));
    let base = u64::MAX;
    let Ok(extension) = holder
        .mirror
        .extend(base, &log, head.note(), &holder.keys, none);
    assert_eq!(extension, Extension::WrongSize);
}

#[test]
fn a_mirror_comes_back_from_its_rows_only_if_they_fit() {
    let holder = Holder::with(5);
    let (frontier, head) = (
        holder.mirror.frontier().clone(),
        holder.mirror.head().cloned(),
    );
    assert_eq!(
        Mirror::restore(frontier.clone(), head.clone(), 0).unwrap(),
        holder.mirror
    );
    assert!(Mirror::restore(frontier.clone(), None, 0).is_err());
    assert!(Mirror::restore(frontier, head.clone(), 6).is_err());
    assert!(Mirror::restore(Holder::with(4).mirror.frontier().clone(), head, 0).is_err());
    assert_eq!(
        Mirror::restore(Default::default(), None, 0).unwrap(),
        Mirror::empty()
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn however_parcels_are_cut_doubled_and_reordered_the_mirror_is_a_beginning_of_the_log(
        steps in prop::collection::vec((0_u64..40, 0_u64..40), 1..20)
    ) {
        let log = entries(40);
        let mut holder = Holder::new();
        for (one, other) in steps {
            let (base, size) = (one.min(other), one.max(other));
            let extension = holder.offer(base, &log[..size as usize], &log[..size as usize]);
            let taken = matches!(extension, Extension::Extended(_) | Extension::Stale { .. });
            prop_assert!(taken, "{extension:?}");
            prop_assert_eq!(&holder.held, &log[..holder.mirror.size() as usize]);
        }
    }
}
