//! A stranger's introduction or key notice: each is written in one way, or refused.
#![no_main]

use entente_ledger::{Introduction, KeyNotice};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(introduction) = text.parse::<Introduction>() {
        assert_eq!(introduction.text(), text);
    }
    if let Ok(notice) = text.parse::<KeyNotice>() {
        assert_eq!(notice.text(), text);
    }
    let _ = Introduction::verify(text);
});
