//! Days, hours and numbers as each language of the readers writes them.
//!
//! English, French, Dutch and the Arabic of Morocco have their own words; any other language gets the forms of ISO 8601. Digits are
//! Western everywhere, since dossier numbers are compared across the table.

use jiff::civil::{Date, Time};

/// The words of one language, each list separated by spaces.
struct Words {
    /// Monday first.
    weekdays: &'static str,
    /// January first.
    months: &'static str,
    /// Between hour and minute.
    hour: &'static str,
    /// After the minute.
    after: &'static str,
}

const ENGLISH: Words = Words {
    weekdays: "Mon Tue Wed Thu Fri Sat Sun",
    months: "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
    hour: ":",
    after: "",
};

const FRENCH: Words = Words {
    weekdays: "lun. mar. mer. jeu. ven. sam. dim.",
    months: "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.",
    hour: " h ",
    after: "",
};

const DUTCH: Words = Words {
    weekdays: "ma di wo do vr za zo",
    months: "jan feb mrt apr mei jun jul aug sep okt nov dec",
    hour: ".",
    after: " uur",
};

const ARABIC: Words = Words {
    weekdays: "الاثنين الثلاثاء الأربعاء الخميس الجمعة السبت الأحد",
    months: "يناير فبراير مارس أبريل ماي يونيو يوليوز غشت شتنبر أكتوبر نونبر دجنبر",
    hour: ":",
    after: "",
};

fn words(language: &str) -> Option<&'static Words> {
    match language {
        "en" => Some(&ENGLISH),
        "fr" => Some(&FRENCH),
        "nl" => Some(&DUTCH),
        "ar" => Some(&ARABIC),
        _ => None,
    }
}

fn nth(list: &'static str, index: usize) -> &'static str {
    list.split(' ').nth(index).unwrap_or_default()
}

/// A day with its weekday: `Tue 24 Nov 2026`, `mar. 24 nov. 2026`, `di 24 nov 2026`.
pub fn weekday_and_day(date: Date, language: &str) -> String {
    match words(language) {
        Some(words) => {
            let weekday = nth(
                words.weekdays,
                date.weekday().to_monday_zero_offset() as usize,
            );
            format!("{weekday} {}", day(date, language))
        }
        None => date.to_string(),
    }
}

/// A day: `24 Nov 2026`.
pub fn day(date: Date, language: &str) -> String {
    match words(language) {
        Some(_) => format!("{} {}", date.day(), month(date, language)),
        None => date.to_string(),
    }
}

/// A month: `Nov 2026`.
pub fn month(date: Date, language: &str) -> String {
    match words(language) {
        Some(words) => format!(
            "{} {}",
            nth(words.months, date.month() as usize - 1),
            date.year()
        ),
        None => format!("{:04}-{:02}", date.year(), date.month()),
    }
}

/// A year, a month or a day, as much as is known; the text itself if it is none of them.
pub fn partial_day(text: &str, language: &str) -> String {
    let whole = |text: String| text.parse::<Date>().ok();
    match text.len() {
        7 => whole(format!("{text}-01")).map(|date| month(date, language)),
        10 => whole(text.to_owned()).map(|date| day(date, language)),
        _ => None,
    }
    .unwrap_or_else(|| text.to_owned())
}

/// An hour: `14:32`, `14 h 32`, `14.32 uur`.
pub fn hour(time: Time, language: &str) -> String {
    let words = words(language).unwrap_or(&ENGLISH);
    format!(
        "{:02}{}{:02}{}",
        time.hour(),
        words.hour,
        time.minute(),
        words.after
    )
}

/// A number in groups of three, parted by a narrow no-break space: `20 431`.
pub fn number(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut out = String::from(if number < 0 { "-" } else { "" });
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use jiff::civil::{date, time};

    use super::*;

    #[test]
    fn a_day_reads_as_its_reader_writes_it() {
        let day = date(2026, 11, 24);
        assert_eq!(weekday_and_day(day, "en"), "Tue 24 Nov 2026");
        assert_eq!(weekday_and_day(day, "fr"), "mar. 24 nov. 2026");
        assert_eq!(weekday_and_day(day, "nl"), "di 24 nov 2026");
        assert_eq!(weekday_and_day(day, "ar"), "الثلاثاء 24 نونبر 2026");
        assert_eq!(weekday_and_day(day, "eo"), "2026-11-24");
    }

    #[test]
    fn what_is_not_known_of_a_day_is_not_printed() {
        assert_eq!(partial_day("1984", "fr"), "1984");
        assert_eq!(partial_day("1984-05", "fr"), "mai 1984");
        assert_eq!(partial_day("1984-05-04", "ar"), "4 ماي 1984");
    }

    #[test]
    fn hours_and_numbers_keep_western_digits() {
        assert_eq!(hour(time(14, 32, 0, 0), "fr"), "14 h 32");
        assert_eq!(hour(time(14, 32, 0, 0), "nl"), "14.32 uur");
        assert_eq!(hour(time(9, 5, 0, 0), "ar"), "09:05");
        assert_eq!(number(20431), "20\u{202f}431");
        assert_eq!(number(-1_000_000), "-1\u{202f}000\u{202f}000");
        assert_eq!(number(999), "999");
    }
}
