//! Draft files: what is read is written so that it is read the same.
#![no_main]

use std::{path::Path, sync::LazyLock};

use entente_cooperation::{draft::Draft, memorandum::Memorandum};

static MEMORANDUM: LazyLock<Memorandum> = LazyLock::new(|| {
    Memorandum::read(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../memorandum"))).expect("the memorandum reads")
});

libfuzzer_sys::fuzz_target!(|text: &str| {
    if let Ok(draft) = Draft::parse(text, &MEMORANDUM) {
        assert_eq!(Draft::parse(&draft.write(&MEMORANDUM, "fr"), &MEMORANDUM), Ok(draft));
    }
});
