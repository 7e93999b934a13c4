//! `roster.toml`: the officers who act through this node, and the order in which duty falls to them.

use std::{fs, path::Path};

use serde::Deserialize;
use thiserror::Error;

/// The officers of one node, in the order in which duty falls to them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roster(Vec<Officer>);

/// A person, or a system of ours, that acts through this node.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Officer {
    /// Identifier, as it stands in the acts: `officer_1`.
    pub id: String,
    /// The name shown at home; it never crosses.
    pub name: String,
    /// A person decides; a machine only prepares (article 22.3).
    #[serde(default = "yes")]
    pub person: bool,
    /// The organs in whose name the officer acts.
    pub organs: Vec<String>,
    /// Functions of Annex 1 that the officer holds.
    #[serde(default)]
    pub functions: Vec<String>,
    /// The step of the roster (article 15.4) on which the officer stands, if any.
    #[serde(default)]
    pub step: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    officer: Vec<Officer>,
}

/// Why a roster cannot be used.
#[derive(Debug, Error)]
pub enum BadRoster {
    /// It cannot be read.
    #[error("`{0}` cannot be read")]
    Unreadable(String, #[source] std::io::Error),
    /// It says something that is no roster.
    #[error("`{0}` is not understood")]
    Malformed(String, #[source] Box<toml::de::Error>),
    /// Two officers share an identifier.
    #[error("officer `{0}` stands twice in the roster")]
    Twice(String),
    /// Nobody stands in it.
    #[error("nobody stands in the roster")]
    Empty,
}

impl Officer {
    /// Whether the officer acts for this organ.
    pub fn acts_for(&self, organ: &str) -> bool {
        self.organs.iter().any(|own| own == organ)
    }
}

impl Roster {
    /// Reads the roster of a data folder.
    pub fn read(path: &Path) -> Result<Self, BadRoster> {
        let shown = || path.display().to_string();
        let text = fs::read_to_string(path).map_err(|e| BadRoster::Unreadable(shown(), e))?;
        let file: File =
            toml::from_str(&text).map_err(|e| BadRoster::Malformed(shown(), Box::new(e)))?;
        Self::of(file.officer)
    }

    /// A roster of these officers, first on duty first.
    pub fn of(officers: Vec<Officer>) -> Result<Self, BadRoster> {
        if officers.is_empty() {
            return Err(BadRoster::Empty);
        }
        for (place, officer) in officers.iter().enumerate() {
            if officers[..place].iter().any(|other| other.id == officer.id) {
                return Err(BadRoster::Twice(officer.id.clone()));
            }
        }
        Ok(Self(officers))
    }

    /// The officer of this identifier.
    pub fn officer(&self, id: &str) -> Option<&Officer> {
        self.0.iter().find(|officer| officer.id == id)
    }

    /// Whether this is a person of the roster. A machine prepares; it does not decide and does not read (22.1, 25.1).
    pub fn is_person(&self, id: &str) -> bool {
        self.officer(id).is_some_and(|officer| officer.person)
    }

    /// The persons who may act for an organ, first on duty first.
    pub fn on_duty<'r>(&'r self, organ: &'r str) -> impl Iterator<Item = &'r Officer> {
        let may = move |officer: &&Officer| officer.person && officer.acts_for(organ);
        self.0.iter().filter(may)
    }

    /// The officers, first on duty first.
    pub fn iter(&self) -> std::slice::Iter<'_, Officer> {
        self.0.iter()
    }
}

fn yes() -> bool {
    true
}

/// The roster that `entente init` leaves: two invented persons and one system, to be replaced by real ones.
///
/// `functions` are those of Annex 1; both persons hold them all, so that a first exchange needs no edit.
pub fn first_roster(organs: &[&str], functions: &[&str], step: Option<&str>) -> String {
    let organs = quoted(organs);
    let functions = quoted(functions);
    let step = step.map_or(String::new(), |step| format!("step = \"{step}\"\n"));
    format!(
        r#"# The officers who act through this node, first on duty first. Read once, when the node starts.
#   id         what stands in the acts; the name stays at home
#   person     true decides; a machine (false) prepares and is never the author of an act
#   organs     in whose name the officer acts and whose acts are shown to it, from Annex 1; a system of several lists them all
#   functions  functions of Annex 1 that the officer holds
#   step       the step of the roster, if any
# Two invented persons and one system stand here. Replace them.

[[officer]]
id = "officer_1"
name = "First Officer"
person = true
organs = [{organs}]
functions = [{functions}]
{step}
[[officer]]
id = "officer_2"
name = "Second Officer"
person = true
organs = [{organs}]
functions = [{functions}]

[[officer]]
id = "system_1"
name = "Case system"
person = false
organs = [{organs}]
"#
    )
}

fn quoted(ids: &[&str]) -> String {
    let quoted: Vec<String> = ids.iter().map(|id| format!("\"{id}\"")).collect();
    quoted.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_roster_is_read_back() {
        let file: File = toml::from_str(&first_roster(&["a", "b"], &["f"], Some("s"))).unwrap();
        let roster = Roster::of(file.officer).unwrap();
        assert!(roster.officer("officer_1").unwrap().person);
        assert!(!roster.officer("system_1").unwrap().person);
        assert_eq!(roster.iter().count(), 3);
    }

    #[test]
    fn an_officer_stands_once() {
        let one = Officer {
            id: "o".to_owned(),
            name: "O".to_owned(),
            person: true,
            organs: vec![],
            functions: vec![],
            step: None,
        };
        assert!(matches!(
            Roster::of(vec![one.clone(), one]),
            Err(BadRoster::Twice(_))
        ));
    }
}
