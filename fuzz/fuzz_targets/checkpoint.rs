//! A stranger's checkpoint and log name: each is written in one way, or refused.
#![no_main]

use entente_ledger::{Head, Origin};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(head) = text.parse::<Head>() {
        assert_eq!(head.text(), text);
    }
    if let Ok(origin) = text.parse::<Origin>() {
        assert_eq!(origin.as_str(), text);
    }
});
