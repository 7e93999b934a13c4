//! A head and a cosignature line of a stranger, against keys that are ours: nothing is believed, nothing panics.
#![no_main]

use std::sync::LazyLock;

use entente_ledger::{Cosignature, Entry, Frontier, Head, Introduction, LogKeys, Mirror, SignedHead, SignatureLine};
use libfuzzer_sys::fuzz_target;

/// The keys of the first introduction among the vectors: heads signed by them serve as seeds.
static KEYS: LazyLock<LogKeys> = LazyLock::new(|| {
    let vector = include_str!("../../crates/ledger/vectors/introduction/right");
    let (_, note) = vector.split_once("\n\n").expect("a head and a note");
    let introduction = Introduction::verify(note).expect("the vector is an introduction");
    introduction.log_keys(&"bb".parse().expect("an identifier"))
});

fuzz_target!(|text: &str| {
    if let Ok(signed) = SignedHead::verify(text, &KEYS) {
        assert_eq!(signed.note(), text);
    }
    let mirror = Mirror::restore(Frontier::new(), None, 0).expect("an empty mirror");
    let entries: [Entry; 0] = [];
    let _ = mirror.extend(0, &entries, text, &KEYS, |_| Ok::<_, std::convert::Infallible>(Vec::new()));
    let Some((head, line)) = text.split_once("\n\n") else {
        return;
    };
    if let (Ok(head), Ok(line)) = (format!("{head}\n").parse::<Head>(), line.parse::<SignatureLine>()) {
        let _ = Cosignature::verify(&line, &head, KEYS.ml_dsa_44());
    }
});
