//! The tree against RFC 6962 word for word.

use entente_ledger::tile::{WIDTH, tiles_of};
use entente_ledger::tree::{TreeError, is_consistent, root_by_inclusion, root_of, tree_of};
use entente_ledger::{Frontier, Hash};
use proptest::prelude::*;

use crate::naive;
use crate::party::entries;

#[test]
fn every_root_of_a_growing_log_is_that_of_the_rfc() {
    let all = entries(300);
    let mut frontier = Frontier::new();
    for size in 0..all.len() {
        assert_eq!(frontier.root(), naive::mth(&all[..size]), "size {size}");
        assert_eq!(frontier.size(), size as u64);
        frontier.push(&all[size]);
    }
}

#[test]
fn every_proof_of_small_trees_is_that_of_the_rfc_and_verifies() {
    let all = entries(70);
    for size in 1..=all.len() {
        let log = &all[..size];
        let mut tree = tree_of(log);
        let root = naive::mth(log);
        assert_eq!(tree.root(), Ok(root));
        for index in 0..size {
            let proof = tree.inclusion(index as u64).unwrap();
            assert_eq!(proof, naive::path(index, log), "entry {index} of {size}");
            let leaf = Hash::leaf(&log[index]);
            let found = root_by_inclusion(leaf, index as u64, size as u64, &proof);
            assert_eq!(found, Some(root));
        }
        for earlier in 1..=size {
            let proof = tree.consistency(earlier as u64).unwrap();
            assert_eq!(proof, naive::proof(earlier, log), "{earlier} in {size}");
            let first = (earlier as u64, naive::mth(&log[..earlier]));
            assert!(is_consistent(first, (size as u64, root), &proof));
        }
    }
}

#[test]
fn nothing_is_proved_of_what_is_not_there() {
    let mut tree = tree_of(&entries(5));
    let outside = |asked| Err(TreeError::Outside { asked, size: 5 });
    assert_eq!(tree.inclusion(5), outside(5));
    assert_eq!(tree.consistency(6), outside(6));
    assert_eq!(tree.consistency(0), Ok(Vec::new()));
    assert_eq!(tree_of(&[]).root(), Ok(Hash::empty()));
    assert_eq!(root_by_inclusion(Hash::empty(), 0, 0, &[]), None);
}

#[test]
fn a_proof_reads_few_tiles_of_a_large_tree() {
    let all = entries(70_000);
    let mut frontier = Frontier::new();
    let full = frontier.extend(&all);
    let mut read = 0;
    let mut tree = entente_ledger::tree::Tree::new(70_000, |tile| {
        read += 1;
        let (start, width) = ((tile.index() * WIDTH) as usize, usize::from(tile.width()));
        let hashes: Vec<Hash> = match tile.level() {
            0 => all[start..start + width].iter().map(Hash::leaf).collect(),
            level => full
                .iter()
                .filter(|kept| kept.level == level)
                .map(|kept| kept.hash)
                .skip(start)
                .take(width)
                .collect(),
        };
        Ok::<_, ()>(hashes)
    });
    let proof = tree.inclusion(12_345).unwrap();
    assert!(tree.consistency(54_321).is_ok());
    let leaf = Hash::leaf(&all[12_345]);
    assert_eq!(
        root_by_inclusion(leaf, 12_345, 70_000, &proof),
        Some(frontier.root())
    );
    assert!(read <= 8, "{read} tiles were read");
}

#[test]
fn a_short_tile_is_named_and_nothing_panics() {
    let mut tree = entente_ledger::tree::Tree::new(300, |_| Ok::<_, ()>(Vec::new()));
    assert_eq!(
        tree.inclusion(0),
        Err(TreeError::ShortTile("tile/0/001.p/44".into()))
    );
}

#[test]
fn the_tiles_of_a_tree_of_70000_are_those_that_the_specification_counts() {
    let tiles: Vec<_> = tiles_of(70_000).collect();
    let count = |level, full: bool| {
        tiles
            .iter()
            .filter(|tile| tile.level() == level && (tile.width() == 256) == full)
            .count()
    };
    assert_eq!((count(0, true), count(0, false)), (273, 1));
    assert_eq!((count(1, true), count(1, false)), (1, 1));
    assert_eq!((count(2, true), count(2, false)), (0, 1));
    let paths: Vec<String> = tiles.iter().map(|tile| tile.path()).collect();
    for path in ["tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1"] {
        assert!(paths.contains(&path.into()), "{path}");
    }
    assert_eq!(
        tiles_of(256 * 1_234_068).nth(1_234_067).unwrap().path(),
        "tile/0/x001/x234/067"
    );
}

proptest! {
    #[test]
    fn proofs_between_any_two_sizes_hold(size in 1_u64..3000, a in any::<u64>(), b in any::<u64>()) {
        let all = entries(size);
        let (index, earlier) = (a % size, b % size + 1);
        let mut tree = tree_of(&all);
        let root = root_of(&all);
        prop_assert_eq!(tree.root(), Ok(root));
        let proof = tree.inclusion(index).unwrap();
        let leaf = Hash::leaf(&all[index as usize]);
        prop_assert_eq!(root_by_inclusion(leaf, index, size, &proof), Some(root));
        let proof = tree.consistency(earlier).unwrap();
        let first = (earlier, root_of(&all[..earlier as usize]));
        prop_assert!(is_consistent(first, (size, root), &proof));
    }

    #[test]
    fn a_changed_proof_proves_nothing(size in 2_u64..600, a in any::<u64>(), flip in any::<u8>()) {
        let all = entries(size);
        let index = a % size;
        let mut tree = tree_of(&all);
        let root = root_of(&all);
        let leaf = Hash::leaf(&all[index as usize]);
        let right = tree.inclusion(index).unwrap();
        let mut wrong = right.clone();
        let place = usize::from(flip) % wrong.len();
        wrong[place] = Hash::leaf(&all[index as usize]);
        prop_assert_ne!(root_by_inclusion(leaf, index, size, &wrong), Some(root));
        prop_assert_ne!(root_by_inclusion(leaf, index, size, &right[1..]), Some(root));
        let longer = [right.clone(), vec![root]].concat();
        prop_assert_eq!(root_by_inclusion(leaf, index, size, &longer), None);
        let other = (index + 1) % size;
        prop_assert_ne!(root_by_inclusion(leaf, other, size, &right), Some(root));
    }

    #[test]
    fn a_consistency_proof_of_another_history_fails(size in 2_u64..400, a in any::<u64>(), b in any::<u64>()) {
        let all = entries(size);
        let earlier = a % (size - 1) + 1;
        let mut other = all[..earlier as usize].to_vec();
        other[(b % earlier) as usize] = entries(size + 1)[size as usize];
        let proof = tree_of(&all).consistency(earlier).unwrap();
        let first = (earlier, root_of(&other));
        prop_assert!(!is_consistent(first, (size, root_of(&all)), &proof));
    }

    #[test]
    fn a_frontier_comes_back_from_its_bytes(size in 0_u64..2000) {
        let mut frontier = Frontier::new();
        frontier.extend(&entries(size));
        let bytes = frontier.to_bytes();
        prop_assert_eq!(Frontier::from_bytes(&bytes), Some(frontier));
        prop_assert_eq!(Frontier::from_bytes(&bytes[1..]), None);
    }

    #[test]
    fn verifying_any_bytes_never_panics(
        index in any::<u64>(), size in any::<u64>(), earlier in any::<u64>(),
        hashes in prop::collection::vec(any::<[u8; 32]>(), 0..70),
    ) {
        let proof: Vec<Hash> = hashes.into_iter().map(Hash::new).collect();
        let _ = root_by_inclusion(Hash::empty(), index, size, &proof);
        prop_assert!(!is_consistent((earlier.max(1), Hash::empty()), (size, Hash::new([1; 32])), &proof));
    }
}
