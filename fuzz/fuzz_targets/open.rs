//! A stranger's sealed file: no bytes may panic, hang, or give more than allowed; what opens once opens by its key alone.
#![no_main]

use std::sync::LazyLock;

use entente_seal::{Identity, open, open_with};
use libfuzzer_sys::fuzz_target;

/// The identity of the vectors, so that they can serve as seeds.
static IDENTITY: LazyLock<Identity> = LazyLock::new(|| Identity::from_seed(&[42; 32]));
const MAX_BYTES: u64 = 4096;

fuzz_target!(|sealed: &[u8]| {
    let Ok(opened) = open(&IDENTITY, sealed, MAX_BYTES) else {
        return;
    };
    assert!(opened.plaintext.len() as u64 <= MAX_BYTES);
    assert!(open_with(&opened.file_key, sealed).is_ok_and(|again| again == opened.plaintext));
});
