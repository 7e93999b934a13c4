//! The scripted day: who acts when, and what must come of it. Data of `demo/day.toml`, read once.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The day that ships with the binary.
const SHIPPED: &str = include_str!("../../../../demo/day.toml");

/// The whole day.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Day {
    /// The two sides, the first named first on the page.
    pub side: Vec<Side>,
    /// Who works there.
    pub officer: Vec<Officer>,
    /// What happens, in order.
    pub step: Vec<Step>,
}

/// One side.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Side {
    /// The Party.
    pub party: String,
    /// Legal time of its capital, an IANA name.
    pub time_zone: String,
    /// Its capital, by language.
    pub city: BTreeMap<String, String>,
}

/// An invented officer.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Officer {
    /// Identifier in the roster.
    pub id: String,
    /// The Party whose node knows the officer.
    pub node: String,
    /// Name.
    pub name: String,
    /// Organs the officer acts for.
    pub organs: Vec<String>,
}

/// What somebody does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Doing {
    /// Judges a draft at the desk; nothing leaves.
    Draft,
    /// Sends it.
    Send,
    /// Names the responsible officer and the deputy.
    Take,
    /// Nothing: the machines act alone.
    Wait,
}

/// One step of the day.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// When, with the offset of the place.
    pub at: toml::value::Datetime,
    /// Whose node.
    pub node: String,
    /// Who.
    pub officer: Option<String>,
    /// What.
    #[serde(rename = "do")]
    pub doing: Doing,
    /// In one line.
    pub says: String,
    /// The case that is taken over.
    pub case: Option<String>,
    /// Its responsible officer.
    pub responsible: Option<String>,
    /// The deputy.
    pub deputy: Option<String>,
    /// The draft, in the shape of a draft file.
    pub draft: Option<toml::Table>,
    /// What must come of it.
    pub expect: Expect,
}

/// What must come of a step.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// `permit`, `refuse`, `clarify`.
    pub decision: Option<String>,
    /// Ground, impediment or limit of a refusal.
    pub reason: Option<String>,
    /// How many facts may not cross.
    pub facts_refused: Option<usize>,
    /// Of how many.
    pub facts_total: Option<usize>,
    /// A clock that must start, or whose end `due` is.
    pub clock: Option<String>,
    /// When a clock of the case must end.
    pub due: Option<toml::value::Datetime>,
    /// What must be set going.
    pub effect: Option<String>,
    /// A clock that must have run out.
    pub lapsed: Option<String>,
}

impl Day {
    /// The shipped day.
    ///
    /// # Errors
    /// When its file does not read; a test keeps that from happening.
    pub fn shipped() -> Result<Day, toml::de::Error> {
        toml::from_str(SHIPPED)
    }
}

impl Step {
    /// The instant, UTC.
    pub fn instant(&self) -> Timestamp {
        instant(&self.at)
    }
}

/// An instant of the file, UTC. The file writes every one with its offset; a test reads them all.
pub fn instant(written: &toml::value::Datetime) -> Timestamp {
    written
        .to_string()
        .parse()
        .expect("an instant with its offset")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_day_reads_and_runs_forward() {
        let day = Day::shipped().unwrap();
        let instants: Vec<Timestamp> = day.step.iter().map(Step::instant).collect();
        assert!(instants.windows(2).all(|pair| pair[0] <= pair[1]));
        for step in &day.step {
            let _ = step.expect.due.as_ref().map(instant);
            assert!(day.side.iter().any(|side| side.party == step.node));
        }
        assert!(
            day.side
                .iter()
                .all(|side| jiff::tz::TimeZone::get(&side.time_zone).is_ok())
        );
    }
}
