//! What the demonstration tells, one value a line: as text for people, as one JSON object for machines, both from this value.

use jiff::Timestamp;
use serde::Serialize;

use super::{
    script::{Day, Doing, Step},
    watch::Change,
};

/// One line of the story. Its kind stands under `line`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "line", rename_all = "snake_case")]
pub enum Line {
    /// First of all: who takes part, and that all of it is a demonstration.
    Opening(Opening),
    /// A side has verified the signatures of the memorandum.
    Signed(Signed),
    /// A step of the day is over.
    Step(Box<Played>),
    /// A way to cheat was tried.
    Cheat(Tried),
    /// Everything was played. Only [`Line::Page`] follows it.
    Closing(Closing),
    /// The page is shown now.
    Page(Page),
}

/// Who takes part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Opening {
    /// That this is a demonstration, and why its time is not the time of day.
    pub notice: &'static str,
    /// The sides, the first named first on the page.
    pub sides: Vec<Place>,
}

/// A side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The Party.
    pub side: String,
    /// Its capital, in English.
    pub city: String,
    /// Legal time of its capital, an IANA name.
    pub time_zone: String,
}

/// What a side verified before anything crossed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Signed {
    /// Whose copy was verified.
    pub side: String,
    /// The memorandum.
    pub memorandum: String,
    /// Its version.
    pub version: String,
    /// The digest of its files, hexadecimal.
    pub digest: String,
    /// The Parties that signed exactly these files.
    pub signed: Vec<String>,
}

/// A step of the day, as it went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Played {
    /// Its place in the day, counted from 1.
    pub step: usize,
    /// Where both driven clocks stand, UTC.
    pub at: Timestamp,
    /// The Party on whose node it happened.
    pub side: String,
    /// Who acted; none when the machines act alone.
    pub officer: Option<String>,
    /// What was done.
    pub doing: Doing,
    /// In one line.
    pub says: String,
    /// The act that was judged or sent.
    pub act: Option<PlayedAct>,
    /// Who answers for a case from now on.
    pub taken: Option<Taken>,
    /// What moved on the clocks of both sides, each with its deadline.
    pub clocks: Vec<Change>,
    /// Whether everything came as it must.
    pub held: bool,
    /// What did not, in words.
    pub faults: Vec<String>,
}

/// An act that was judged or sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PlayedAct {
    /// What it is: a line of Annex 3.
    pub act: String,
    /// The organ that sends it.
    pub from: String,
    /// The organ that it is for, if it names one.
    pub to: Option<String>,
    /// Its reference.
    pub reference: String,
    /// Whether it may cross.
    pub may_cross: bool,
    /// The articles that decided.
    pub articles: Vec<String>,
    /// Why it may not cross: ground, impediment or limit.
    pub refusal: Option<String>,
    /// The same in words.
    pub refusal_label: Option<String>,
    /// How many facts were judged; none once the act was released, since all of it may cross.
    pub facts: Option<usize>,
    /// How many of them may not cross.
    pub facts_stopped: Option<u64>,
    /// Why, in sentences.
    pub because: Vec<String>,
    /// Where it stands in its sender's ledger; none if it stayed at home.
    pub entry: Option<u64>,
    /// What came back.
    pub receipt: Option<Receipt>,
}

/// The receipt of an act.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Receipt {
    /// Where it stands in the receiver's ledger.
    pub entry: u64,
    /// When the act was received, UTC.
    pub received_at: Timestamp,
    /// `filed`, `clarify`, `refused`, `unreadable`.
    pub outcome: String,
}

/// Who answers for a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Taken {
    /// The case.
    pub case: String,
    /// Its responsible officer.
    pub responsible: String,
    /// The deputy.
    pub deputy: String,
}

/// A way to cheat, and what caught it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Tried {
    /// Its place, counted from 1.
    pub cheat: usize,
    /// The Party that cheats.
    pub side: String,
    /// What it does.
    pub tried: String,
    /// Who must catch it, by what.
    pub by: String,
    /// The line that says so; none when nothing did.
    pub caught: Option<String>,
    /// Whether it was caught.
    pub held: bool,
}

/// How it ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Closing {
    /// How many steps were played.
    pub steps: usize,
    /// How many ways to cheat were tried; none on an honest day.
    pub cheats: Option<usize>,
    /// What the exported files show, one ledger a side; empty when somebody cheated.
    pub ledgers: Vec<LedgerFiles>,
    /// Whether both ledgers agree with their mirrors; none when somebody cheated, and nothing was compared.
    pub ledgers_agree: Option<bool>,
    /// Whether everything came as it must.
    pub held: bool,
    /// What did not, in words.
    pub faults: Vec<String>,
}

/// What the files of one ledger show.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LedgerFiles {
    /// The Party whose ledger it is.
    #[serde(rename = "side")]
    pub party: String,
    /// How many entries.
    pub entries: u64,
    /// Up to which entry a head signs.
    pub signed: u64,
    /// Up to which entry the partner cosigned.
    pub cosigned: u64,
    /// What does not fit, in words: within the ledger, or between it and the mirror that the partner keeps.
    pub fault: Option<String>,
}

/// Where both sides are seen beside each other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Page {
    /// The address to open.
    pub address: String,
}

impl Opening {
    /// The opening of this day.
    pub fn of(day: &Day) -> Self {
        let sides = day.side.iter().map(|side| Place {
            side: side.party.clone(),
            city: super::tell::city(day, &side.party).to_owned(),
            time_zone: side.time_zone.clone(),
        });
        Self {
            notice: "DEMONSTRATION MODEL: a model memorandum, invented persons, driven clocks.",
            sides: sides.collect(),
        }
    }
}

impl Played {
    /// A step before anything came of it.
    pub fn begun(place: usize, step: &Step) -> Self {
        Self {
            step: place,
            at: step.instant(),
            side: step.node.clone(),
            officer: step.officer.clone(),
            doing: step.doing,
            says: step.says.clone(),
            act: None,
            taken: None,
            clocks: Vec::new(),
            held: true,
            faults: Vec::new(),
        }
    }

    /// Something did not come as it must.
    pub fn fault(&mut self, what: String) {
        self.held = false;
        self.faults.push(what);
    }
}

impl Closing {
    /// The end, with whatever did not come as it must.
    pub fn of(steps: usize, faults: Vec<String>) -> Self {
        Self {
            steps,
            cheats: None,
            ledgers: Vec::new(),
            ledgers_agree: None,
            held: faults.is_empty(),
            faults,
        }
    }
}

impl LedgerFiles {
    /// Whether the ledger is whole, signed and cosigned to its end, and equal to its mirror.
    pub fn holds(&self) -> bool {
        self.fault.is_none() && self.signed == self.entries && self.cosigned == self.entries
    }
}
