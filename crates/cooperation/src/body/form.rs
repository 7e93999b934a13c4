//! The forms of texts: whether a text is what its type of Annex 3 or 6 asks for.

use std::ops::RangeInclusive;

use jiff::civil::Date;

use super::{kind::Kind, strict::Defect, vocabulary::Vocabulary};
use crate::{digest::Digest, memorandum::Memorandum};

/// The longest line: a name, a place, an identifier, a reference. Characters.
pub const LINE_MAX_CHARS: usize = 1000;

/// Whether the text has the form of its type, and, where the type names a list, stands in it.
pub fn check_form(memorandum: &Memorandum, kind: &Kind, text: &str) -> Result<(), Defect> {
    let listed = |list: &str, id: &str| match Vocabulary::find(memorandum, list) {
        Some(vocabulary) if vocabulary.has(id) => Ok(()),
        _ => Err(Defect::Unlisted(list.to_owned())),
    };
    let form = match kind {
        Kind::OneOf(list) => return listed(list, text),
        Kind::CountryOr(list) => {
            return if is_country(text) {
                Ok(())
            } else {
                listed(list, text)
            };
        }
        Kind::Scope(list) => {
            let (word, target) = text.split_once(':').unwrap_or((text, ""));
            listed(list, word)?;
            is_line(target)
        }
        Kind::Country => is_country(text),
        Kind::Version => is_word(text),
        Kind::Identifier | Kind::Name | Kind::Place => is_line(text),
        Kind::ActReference => is_act_reference(text),
        Kind::Article => is_article(text),
        Kind::Period => is_period(text),
        Kind::PartialDate => is_partial_date(text),
        Kind::Signature => text.strip_prefix("signed:").is_some_and(is_word),
        Kind::Attachment => text.parse::<Digest>().is_ok(),
        Kind::Text => !text.is_empty(),
        _ => false,
    };
    if form {
        Ok(())
    } else {
        Err(Defect::Expected(kind.expected()))
    }
}

/// One line: not empty, no line feed or tab, no space around it, at most [`LINE_MAX_CHARS`].
pub fn is_line(text: &str) -> bool {
    !text.is_empty()
        && text.trim() == text
        && !text.contains(['\n', '\t'])
        && text.chars().count() <= LINE_MAX_CHARS
}

/// The reference of an act: visible signs of ASCII, a slash, a number without leading zeros. So no two references look alike that
/// are not the same.
fn is_act_reference(text: &str) -> bool {
    let Some((series, number)) = text.rsplit_once('/') else {
        return false;
    };
    let canonical = number
        .parse::<u64>()
        .is_ok_and(|parsed| parsed.to_string() == number);
    let visible = text.bytes().all(|byte| byte.is_ascii_graphic());
    visible && !series.is_empty() && canonical && is_line(text)
}

/// A word of an identifier: letters and digits of ASCII, `_`, `-`, `.`; at most 64.
pub fn is_word(text: &str) -> bool {
    let marks = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    (1..=64).contains(&text.len()) && text.bytes().all(marks)
}

fn is_country(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase())
}

fn is_digits(text: &str, length: RangeInclusive<usize>) -> bool {
    length.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

pub(super) fn is_part(text: &str, letters: &[char]) -> bool {
    letters.iter().any(|letter| {
        text.strip_prefix(*letter)
            .is_some_and(|number| is_digits(number, 1..=6))
    })
}

fn is_article(text: &str) -> bool {
    let (article, paragraph) = text.split_once('.').unwrap_or((text, "1"));
    is_digits(article, 1..=3) && is_digits(paragraph, 1..=3)
}

fn is_period(text: &str) -> bool {
    let (year, quarter) = text.split_once("-Q").unwrap_or((text, "1"));
    is_digits(year, 4..=4) && matches!(quarter, "1" | "2" | "3" | "4")
}

fn is_partial_date(text: &str) -> bool {
    let day = match text.len() {
        4 => format!("{text}-01-01"),
        7 => format!("{text}-01"),
        _ => text.to_owned(),
    };
    date(&day).is_some()
}

/// A day as `2026-03-01`.
pub fn date(text: &str) -> Option<Date> {
    let bytes = text.as_bytes();
    let form = bytes.len() == 10
        && bytes.iter().enumerate().all(|(at, byte)| {
            if at == 4 || at == 7 {
                *byte == b'-'
            } else {
                byte.is_ascii_digit()
            }
        });
    if form { text.parse().ok() } else { None }
}
