//! Instants as people read them: in the legal time of every Party's capital, and how long is left.

use jiff::{Timestamp, tz::TimeZone};

/// The legal times of the Parties, by the name of the city that gives each.
#[derive(Clone, Debug)]
pub struct Capitals(Vec<(String, TimeZone)>);

impl Capitals {
    /// The capitals of these IANA names, ours first. A name that the time zone data do not know is passed over.
    pub fn of<'a>(zones: impl IntoIterator<Item = &'a str>) -> Self {
        let known = zones.into_iter().filter_map(|name| {
            let zone = TimeZone::get(name).ok()?;
            let city = name.rsplit('/').next().unwrap_or(name).replace('_', " ");
            Some((city, zone))
        });
        Self(known.collect())
    }

    /// `2026-03-26 00:00 Brussels, 2026-03-25 23:00 Casablanca`; the day stands once where all share it.
    pub fn show(&self, at: Timestamp) -> String {
        let mut day = None;
        let mut parts = Vec::new();
        for (city, zone) in &self.0 {
            let local = at.to_zoned_datetime(zone.clone());
            let clock = local.strftime("%H:%M").to_string();
            if day == Some(local.date()) {
                parts.push(format!("{clock} {city}"));
            } else {
                parts.push(format!("{} {clock} {city}", local.date()));
                day = Some(local.date());
            }
        }
        if parts.is_empty() {
            return at.to_string();
        }
        parts.join(", ")
    }
}

/// How long until `due`, as `2 d 22 h`, `1 h 12 min`, `5 min`; `over by …` once it has passed.
pub fn left(due: Timestamp, now: Timestamp) -> String {
    let seconds = due.as_second() - now.as_second();
    if seconds < 0 {
        return format!("over by {}", span(-seconds));
    }
    span(seconds)
}

fn span(seconds: i64) -> String {
    let minutes = seconds / 60;
    let (days, hours, rest) = (minutes / 1440, minutes / 60 % 24, minutes % 60);
    match (days, hours) {
        (0, 0) => format!("{rest} min"),
        (0, _) => format!("{hours} h {rest} min"),
        _ => format!("{days} d {hours} h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_stands_once_where_both_capitals_share_it() {
        let capitals = Capitals::of(["Europe/Brussels", "Africa/Casablanca"]);
        let at = "2026-03-25T10:00:00Z".parse().unwrap();
        assert_eq!(
            capitals.show(at),
            "2026-03-25 11:00 Brussels, 11:00 Casablanca"
        );
        let summer = "2026-07-01T22:30:00Z".parse().unwrap();
        assert_eq!(
            capitals.show(summer),
            "2026-07-02 00:30 Brussels, 2026-07-01 23:30 Casablanca"
        );
    }

    #[test]
    fn what_is_left_is_told_in_two_units() {
        let now: Timestamp = "2026-03-25T10:00:00Z".parse().unwrap();
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        assert_eq!(left(at("2026-03-28T08:00:00Z"), now), "2 d 22 h");
        assert_eq!(left(at("2026-03-25T11:12:00Z"), now), "1 h 12 min");
        assert_eq!(left(at("2026-03-25T09:19:00Z"), now), "over by 41 min");
    }
}
