//! The phrase that two operators compare by voice after they exchanged introductions.

use std::num::NonZeroU32;

use aws_lc_rs::pbkdf2::{PBKDF2_HMAC_SHA256, derive};

const WORDS: &str = include_str!("words.txt");

/// How many words a phrase has.
pub const PHRASE_WORDS: usize = 16;

/// A million rounds make each guess cost what a million guesses would.
const ROUNDS: NonZeroU32 = NonZeroU32::new(1 << 20).unwrap();

/// The sixteen words of two introductions, the same on both sides whoever computes them.
///
/// Who can swap both files searches for two of its own that give both sides one phrase: with `n`
/// bits that takes 2^(n/2) guesses. Six words of plain SHA-256 would fall in seconds, twelve words
/// at 2^20 rounds (2^69 hashes) to a State; sixteen take 2^85. Takes about half a second.
/// Source: PROTOCOL section 3, decisions 0057, 0113.
#[must_use]
pub fn phrase(one: &str, other: &str) -> String {
    let (lower, higher) = if one <= other {
        (one, other)
    } else {
        (other, one)
    };
    let texts = [lower.as_bytes(), &[0], higher.as_bytes()].concat();
    let mut bytes = [0; PHRASE_WORDS];
    derive(
        PBKDF2_HMAC_SHA256,
        ROUNDS,
        b"entente/phrase/v1",
        &texts,
        &mut bytes,
    );
    let words: Vec<&str> = WORDS.lines().collect();
    bytes.map(|byte| words[usize::from(byte)]).join(" ")
}
