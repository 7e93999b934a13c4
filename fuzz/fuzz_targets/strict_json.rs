//! Strict JSON: what is read is written so that it is read the same.
#![no_main]

use entente_cooperation::body::strict;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(json) = strict::read(bytes) {
        assert_eq!(strict::read(json.write().as_bytes()), Ok(json));
    }
});
