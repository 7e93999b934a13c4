//! The rows of the annexes, one type per table, one file per annex of the model memorandum.

use jiff::civil::Date;
use serde::{Deserialize, Deserializer, de::Error};

mod acts;
mod caveats;
mod clocks;
mod consultation;
mod limits;
mod offences;
mod organs;
mod persons;
mod purposes;
mod readmission;
mod refusals;
mod statistics;
mod whole;

pub use acts::*;
pub use caveats::*;
pub use clocks::*;
pub use consultation::*;
pub use limits::*;
pub use offences::*;
pub use organs::*;
pub use persons::*;
pub use purposes::*;
pub use readmission::*;
pub use refusals::*;
pub use statistics::*;
pub use whole::*;

/// A TOML local date as a calendar day.
fn day<'de, D: Deserializer<'de>>(from: D) -> Result<Date, D::Error> {
    let stamp = toml::value::Datetime::deserialize(from)?;
    let (Some(date), None, None) = (stamp.date, stamp.time, stamp.offset) else {
        return Err(D::Error::custom(format!("{stamp} is no calendar day")));
    };
    let (Ok(year), Ok(month), Ok(day)) = (
        date.year.try_into(),
        date.month.try_into(),
        date.day.try_into(),
    ) else {
        return Err(D::Error::custom(format!("{date} is no calendar day")));
    };
    Date::new(year, month, day).map_err(D::Error::custom)
}

/// One or several identifiers: `answers = "x"` and `answers = ["x", "y"]` mean alike.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum OneOrMany {
    /// One.
    One(String),
    /// Several.
    Many(Vec<String>),
}

impl OneOrMany {
    /// The identifiers.
    pub fn iter(&self) -> std::slice::Iter<'_, String> {
        match self {
            OneOrMany::One(id) => std::slice::from_ref(id).iter(),
            OneOrMany::Many(ids) => ids.iter(),
        }
    }

    /// Whether this identifier is among them.
    pub fn has(&self, id: &str) -> bool {
        self.iter().any(|other| other == id)
    }
}
