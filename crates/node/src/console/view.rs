//! What the pages print. They decide nothing: everything here was said by a node or stands in the memorandum.

use askama::Template;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use super::words::Words;

/// What stands around every page.
pub struct Frame<'a> {
    /// The words.
    pub words: &'a Words,
    /// Which page this is: `day`, `ledgers`, `act`, `unshown`.
    pub at: &'static str,
    /// The path of this page, without its language.
    pub path: String,
    /// The name of the memorandum.
    pub label: String,
    /// Its version, and since when it is in force.
    pub memorandum: String,
    /// The day it is for the nodes.
    pub day: String,
    /// The hour in both capitals.
    pub both: String,
    /// The sides.
    pub sides: Vec<Place>,
}

impl Frame<'_> {
    /// The languages of the pages, each by its own short name.
    pub fn languages(&self) -> [(&'static str, &'static str); 4] {
        [("fr", "FR"), ("nl", "NL"), ("ar", "ع"), ("en", "EN")]
    }
}

/// A side: its Party and its capital.
pub struct Place {
    /// The Party.
    pub party: String,
    /// The capital, in the language of the page.
    pub city: String,
}

/// Both sides beside each other.
#[derive(Template)]
#[template(path = "day.html")]
pub struct DayPage<'a> {
    /// The frame.
    pub frame: Frame<'a>,
    /// What the exported ledgers showed.
    pub verified: Shown,
    /// The two sides.
    pub sides: Vec<SideView>,
}

/// What the exported ledgers showed.
pub struct Shown {
    /// Whether they agree.
    pub holds: bool,
    /// In words.
    pub lines: Vec<String>,
}

/// What one side sees.
pub struct SideView {
    /// The Party.
    pub party: String,
    /// Its capital.
    pub city: String,
    /// The other capital.
    pub other: String,
    /// What is owed, least time left first.
    pub due: Vec<DueView>,
    /// Its acts, newest first.
    pub acts: Vec<ActLine>,
    /// What was stopped at its desk.
    pub desk: Vec<StopView>,
}

/// A clock that runs.
pub struct DueView {
    /// How long is left.
    pub left: String,
    /// `late`, `soon`, `pause`, `info`.
    pub state: &'static str,
    /// What is owed.
    pub label: String,
    /// The case.
    pub case: String,
    /// The article.
    pub article: String,
    /// When it ends, in both capitals.
    pub due: String,
    /// Whether we owe it.
    pub ours: bool,
}

/// One act of a list.
pub struct ActLine {
    /// Its reference.
    pub reference: String,
    /// The reference as a part of a path.
    pub path: String,
    /// What it is.
    pub label: String,
    /// When.
    pub when: String,
    /// Whether we sent it.
    pub ours: bool,
    /// The article it rests on.
    pub article: String,
    /// Who has it, what was silent.
    pub notes: Vec<String>,
    /// The receipt, in words.
    pub receipt: String,
    /// `ok`, `wait`, `refused`.
    pub receipt_state: &'static str,
    /// The first digits of its message.
    pub fingerprint: String,
}

/// What was stopped at a desk.
pub struct StopView {
    /// What it is.
    pub label: String,
    /// The reference it would have had.
    pub reference: String,
    /// The articles that forbid it.
    pub articles: Vec<String>,
    /// Why, and what would make it permitted.
    pub because: Vec<String>,
}

/// Both ledgers.
#[derive(Template)]
#[template(path = "ledgers.html")]
pub struct LedgersPage<'a> {
    /// The frame.
    pub frame: Frame<'a>,
    /// The ledgers.
    pub ledgers: Vec<LedgerView>,
    /// The command that verifies the exported files.
    pub command: String,
}

/// One ledger.
pub struct LedgerView {
    /// Whose.
    pub party: String,
    /// The capital.
    pub city: String,
    /// How many entries.
    pub size: String,
    /// Its root.
    pub root: String,
    /// Whether it agrees with its mirror.
    pub holds: bool,
    /// In words.
    pub verdict: String,
    /// Who signed, and what.
    pub signatures: Vec<(String, String)>,
    /// The entries, newest first.
    pub entries: Vec<EntryView>,
}

/// One entry.
pub struct EntryView {
    /// Its number.
    pub index: u64,
    /// What it is.
    pub kind: String,
    /// The act it belongs to.
    pub reference: String,
    /// As a part of a path; empty without one.
    pub path: String,
    /// When.
    pub when: String,
    /// Its first digits.
    pub fingerprint: String,
}

/// One act with its proof.
#[derive(Template)]
#[template(path = "act.html")]
pub struct ActPage<'a> {
    /// The frame.
    pub frame: Frame<'a>,
    /// The act.
    pub act: ActView,
}

/// One act, whole.
pub struct ActView {
    /// Its reference.
    pub reference: String,
    /// As a part of a path.
    pub path: String,
    /// What it is.
    pub label: String,
    /// Whether its content was erased.
    pub erased: bool,
    /// What it says: the act, then each fact with its caveats.
    pub groups: Vec<Group>,
    /// Permitted, refused, clarify: in words.
    pub verdict: String,
    /// The article it rests on.
    pub article: String,
    /// Where it stands.
    pub state: Vec<(String, String)>,
    /// Its clocks.
    pub clocks: Vec<ClockView>,
    /// The files of its proof.
    pub proofs: Vec<&'static str>,
}

/// Lines under one heading: the act itself, or one fact.
pub struct Group {
    /// What the lines are about.
    pub heading: String,
    /// Codes, grade, restrictions: what restricts a fact stands beside it.
    pub caveats: Vec<String>,
    /// Each slot or field with its value.
    pub lines: Vec<(String, String)>,
    /// Free text that accompanies and never decides, under its name.
    pub notes: Vec<(String, String)>,
}

/// A clock that an act started.
pub struct ClockView {
    /// What is owed.
    pub label: String,
    /// The article.
    pub article: String,
    /// When it ends, in both capitals.
    pub due: String,
    /// Whether it runs, stands still, or how it ended.
    pub state: String,
}

/// What stands in the place of a page that cannot be shown.
#[derive(Template)]
#[template(path = "unshown.html")]
pub struct UnshownPage<'a> {
    /// The frame.
    pub frame: Frame<'a>,
    /// What happened, in a few words.
    pub title: String,
    /// What happened.
    pub what: String,
    /// What to do.
    pub to_do: String,
    /// The command to do it with; empty if none is needed.
    pub command: String,
    /// What was answered instead, in English; empty if nothing was.
    pub said: String,
    /// Whether the page can be there the next time.
    pub again: bool,
}

/// How long is left, in the units of a language: `2 d 22 h`, `1 h 12`.
pub fn left(gap: SignedDuration, language: &str) -> String {
    let minutes = gap.as_secs().abs() / 60;
    let (days, hours, rest) = (minutes / 1440, minutes / 60 % 24, minutes % 60);
    let [day, hour, minute] = match language {
        "fr" => [" j", " h", ""],
        "nl" => [" d", " u", ""],
        "ar" => [" ي", " س", " د"],
        _ => [" d", " h", ""],
    };
    match days {
        0 => format!("{hours}{hour} {rest:02}{minute}"),
        _ => format!("{days}{day} {hours:02}{hour}"),
    }
}

/// A day: `Fri 22 Apr 2016`, `ven. 22 avr. 2016`, `الجمعة 22 أبريل 2016`.
pub fn day(at: Timestamp, zone: &TimeZone, language: &str) -> String {
    let local = at.to_zoned_datetime(zone.clone());
    let weekday = usize::try_from(local.weekday().to_monday_zero_offset()).unwrap_or(0);
    let month = usize::try_from(local.month() - 1).unwrap_or(0);
    format!(
        "{} {} {} {}",
        nth(WEEKDAYS[place(language)], weekday),
        local.day(),
        nth(MONTHS[place(language)], month),
        local.year()
    )
}

/// An hour: `14:32`, `14 h 32`, `14.32 uur`.
pub fn hour(at: Timestamp, zone: &TimeZone, language: &str) -> String {
    let local = at.to_zoned_datetime(zone.clone());
    let (hour, minute) = (local.hour(), local.minute());
    match language {
        "fr" => format!("{hour} h {minute:02}"),
        "nl" => format!("{hour}.{minute:02} uur"),
        _ => format!("{hour:02}:{minute:02}"),
    }
}

/// An article: `Art. 9 §2`, `art. 9, § 2`, `المادة 9، الفقرة 2`.
pub fn article(paragraph: &str, language: &str) -> String {
    let (article, rest) = paragraph.split_once('.').unwrap_or((paragraph, ""));
    match (language, rest) {
        ("ar", "") => format!("المادة {article}"),
        ("ar", rest) => format!("المادة {article}، الفقرة {rest}"),
        ("fr", "") => format!("art. {article}"),
        ("fr", rest) => format!("art. {article}, § {rest}"),
        (_, "") => format!("Art. {article}"),
        (_, rest) => format!("Art. {article} §{rest}"),
    }
}

fn nth(words: &'static str, place: usize) -> &'static str {
    words.split(' ').nth(place).unwrap_or_default()
}

fn place(language: &str) -> usize {
    ["fr", "nl", "ar"]
        .iter()
        .position(|known| *known == language)
        .unwrap_or(3)
}

const WEEKDAYS: [&str; 4] = [
    "lun. mar. mer. jeu. ven. sam. dim.",
    "ma di wo do vr za zo",
    "الاثنين الثلاثاء الأربعاء الخميس الجمعة السبت الأحد",
    "Mon Tue Wed Thu Fri Sat Sun",
];

const MONTHS: [&str; 4] = [
    "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.",
    "jan feb mrt apr mei jun jul aug sep okt nov dec",
    "يناير فبراير مارس أبريل ماي يونيو يوليوز غشت شتنبر أكتوبر نونبر دجنبر",
    "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_hours_and_articles_read_as_each_language_writes_them() {
        let at: Timestamp = "2016-08-03T12:10:00Z".parse().unwrap();
        let zone = TimeZone::get("Europe/Brussels").unwrap();
        assert_eq!(day(at, &zone, "fr"), "mer. 3 août 2016");
        assert_eq!(day(at, &zone, "ar"), "الأربعاء 3 غشت 2016");
        assert_eq!(hour(at, &zone, "fr"), "14 h 10");
        assert_eq!(hour(at, &zone, "nl"), "14.10 uur");
        assert_eq!(article("9.2", "en"), "Art. 9 §2");
        assert_eq!(article("9.2", "ar"), "المادة 9، الفقرة 2");
    }

    #[test]
    fn what_is_left_shows_days_and_hours_or_hours_and_minutes() {
        assert_eq!(
            left(SignedDuration::from_mins(2 * 1440 + 22 * 60), "en"),
            "2 d 22 h"
        );
        assert_eq!(left(SignedDuration::from_mins(-41), "en"), "0 h 41");
        assert_eq!(left(SignedDuration::from_mins(72), "nl"), "1 u 12");
    }
}
