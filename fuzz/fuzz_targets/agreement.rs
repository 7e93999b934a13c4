//! The signed memorandum of a stranger, and one file of its folder: read or refused with its place.
#![no_main]

use std::{path::Path, sync::LazyLock};

use entente_cooperation::memorandum::{
    Memorandum,
    read::{Files, files_of},
    signature::Agreement,
};
use libfuzzer_sys::fuzz_target;

static FILES: LazyLock<Files> = LazyLock::new(|| {
    files_of(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../memorandum"))).expect("the memorandum is here")
});

fuzz_target!(|input: (usize, &[u8])| {
    let (which, bytes) = input;
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Ok(agreement) = text.parse::<Agreement>()
    {
        assert_eq!(agreement.to_string(), text);
    }
    let mut files = FILES.clone();
    if let Some(file) = files.values_mut().nth(which % FILES.len()) {
        *file = bytes.to_vec();
    }
    let _ = Memorandum::read_files(&files);
});
