//! Records: a text that is read is the one way to write it.
#![no_main]

use entente_cooperation::record::{ActRecord, JournalRecord, ReceiptRecord, TakenRecord};

libfuzzer_sys::fuzz_target!(|text: &str| {
    if let Ok(record) = ActRecord::read(text) {
        assert_eq!(record.write(), text);
    }
    if let Ok(record) = ReceiptRecord::read(text) {
        assert_eq!(record.write(), text);
    }
    if let Ok(record) = TakenRecord::read(text) {
        assert_eq!(record.write(), text);
    }
    if let Ok(record) = JournalRecord::read(text) {
        assert_eq!(record.write(), text);
    }
});
