//! A stranger's proof file: written in one way, or refused; and a path of any length leads nowhere wrong.
#![no_main]

use entente_ledger::tree::{is_consistent, root_by_inclusion};
use entente_ledger::{Hash, Proof};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = std::str::from_utf8(bytes) {
        if let Ok(proof) = text.parse::<Proof>() {
            assert_eq!(proof.to_string(), text);
        }
    }
    let Some((numbers, rest)) = bytes.split_first_chunk::<16>() else { return };
    let (one, other) = numbers.split_at(8);
    let number = |bytes: &[u8]| u64::from_be_bytes(bytes.try_into().unwrap());
    let path: Vec<Hash> = rest.as_chunks::<32>().0.iter().copied().map(Hash::new).collect();
    let root = Hash::new([1; 32]);
    assert_ne!(root_by_inclusion(Hash::empty(), number(one), number(other), &path), Some(root));
    let (one, other) = ((number(one).max(1), Hash::empty()), (number(other), root));
    assert!(!is_consistent(one, other, &path));
});
