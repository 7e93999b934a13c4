//! Bodies under the model memorandum: what is read can be written, and is read the same.
#![no_main]

use std::{path::Path, sync::LazyLock};

use entente_cooperation::{
    body::{Body, size_class},
    memorandum::Memorandum,
};

static MEMORANDUM: LazyLock<Memorandum> = LazyLock::new(|| {
    Memorandum::read(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../memorandum"))).expect("the memorandum reads")
});

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    // The fuzzer need not find the padding: it is added to whatever is text.
    let padded = std::str::from_utf8(bytes).ok().and_then(|text| size_class::pad(text.trim_end_matches(' ').to_owned()).ok());
    if let Ok(body) = Body::read(&MEMORANDUM, padded.as_deref().unwrap_or(bytes)) {
        let again = Body::new(&MEMORANDUM, body.envelope().clone(), body.act(), body.attachments().to_vec());
        assert_eq!(again, Ok(body));
    }
});
