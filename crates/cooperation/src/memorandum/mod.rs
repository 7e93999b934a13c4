//! The signed memorandum as data: articles, annexes, and the rules beside the articles.
//!
//! The rows repeat the annexes of `memorandum/annex/`, table by table; their meaning stands there. Nothing here names an
//! organ, an offence, an act, a clock or a country: those are values.

use std::collections::BTreeMap;

pub mod annex;
pub mod check;
pub mod clock_line;
pub mod fault;
pub mod read;
pub(crate) mod sheet;
pub mod signature;
pub mod table;
pub mod text;
pub mod version;
mod words;

pub use annex::*;
pub use check::{Findings, check, examine};
pub use clock_line::{Clock, ClockKind, ClockStart, OnExpiry, OwedBy, Wanted};
pub use fault::Fault;
pub use read::Files;
pub use table::Table;
pub use text::{ArticleText, ChapterText, Passage, Text};
pub use version::{Held, Standing, Versions};

/// The memorandum of one version, read and checked.
#[derive(Clone, Debug)]
pub struct Memorandum {
    /// Who it is.
    pub head: Head,
    /// The articles by language.
    pub texts: BTreeMap<String, Text>,
    /// Versions, oldest first.
    pub versions: Table<Version>,
    /// Which version judges an act; none: that of its receipt (6.3).
    pub version_rule: Option<VersionRule>,
    /// States of the whole.
    pub states: Table<Word>,
    /// Areas.
    pub areas: Table<Word>,
    /// Words of the decisions.
    pub decisions: Table<Word>,
    /// Words of the effects.
    pub effects: Table<Word>,
    /// Chapters.
    pub chapters: Table<Chapter>,
    /// Articles.
    pub articles: Table<Article>,
    /// Parties.
    pub parties: Table<Party>,
    /// Roles of organs.
    pub roles: Table<Word>,
    /// Functions of persons.
    pub functions: Table<Function>,
    /// Steps of the roster, lowest first.
    pub steps: Table<Word>,
    /// Organs.
    pub organs: Table<Organ>,
    /// Offences of the list.
    pub offences: Table<Offence>,
    /// Offences named so that they can be refused.
    pub excluded: Table<Offence>,
    /// Least maximum penalty by area, years (6.2).
    pub threshold: BTreeMap<String, i64>,
    /// Groups of acts.
    pub groups: Table<Word>,
    /// Acts.
    pub acts: Table<ActLine>,
    /// Slots that every act carries.
    pub common: Vec<String>,
    /// Acts of protection.
    pub protective: Protective,
    /// Acts admitted after the end (36.3).
    pub winding_up: Vec<String>,
    /// Slots.
    pub slots: Table<Slot>,
    /// Words of closed lists, by list.
    pub words: BTreeMap<String, Vec<ListWord>>,
    /// Engine facts.
    pub engine_facts: Table<EngineFact>,
    /// Words of the members of records, facts, questions and cells.
    pub members: Table<Word>,
    /// Clocks.
    pub clocks: Table<Clock>,
    /// Periods in words.
    pub periods: Table<PeriodWords>,
    /// Words of what happens on expiry.
    pub expiries: Table<Word>,
    /// UTC time of day at which withdrawals of the day before leave (28.3).
    pub withdrawal_at_utc: Option<jiff::civil::Time>,
    /// Legal bases.
    pub legal_bases: Table<LegalBasis>,
    /// Purposes.
    pub purposes: Table<Purpose>,
    /// Statuses of persons.
    pub statuses: Table<PersonStatus>,
    /// Categories of data.
    pub categories: Table<DataCategory>,
    /// Fields of each category, in order.
    pub fields: BTreeMap<String, Vec<Field>>,
    /// Under this age a person is a minor (3.1).
    pub minor_below_age: i64,
    /// Purposes that protect a minor (21.4).
    pub minor_purposes: Vec<String>,
    /// Areas in which a minor suspect's data may move (21.4).
    pub minor_areas_if_suspect: Vec<String>,
    /// Acts to which 28.1 e applies instead.
    pub minor_other_rule: Vec<String>,
    /// What follows a confirmed match (16.5).
    pub core_data: Option<FixedSet>,
    /// What an identity request may hold (27.2).
    pub identity_file: Option<FixedSet>,
    /// Handling codes.
    pub handling_codes: Table<HandlingCode>,
    /// Restrictions under the code that names one.
    pub restrictions: Table<Restriction>,
    /// Grades of the source.
    pub source_grades: Table<Word>,
    /// Grades of the information.
    pub information_grades: Table<Word>,
    /// Marks.
    pub marks: Table<Mark>,
    /// Grounds for refusal.
    pub grounds: Table<RefusalGround>,
    /// Absolute limits, in the order of 23.1.
    pub limits: Table<AbsoluteLimit>,
    /// Impediments.
    pub impediments: Table<Word>,
    /// Quotas.
    pub quotas: Table<Quota>,
    /// Retentions.
    pub retentions: Table<Retention>,
    /// Acts behind the gate (28.1).
    pub gated: Vec<String>,
    /// Acts that need a confirmed identity (27.5).
    pub after_confirmation: Vec<String>,
    /// Preconditions.
    pub preconditions: Table<Precondition>,
    /// True reasons for a withdrawal; they stay at home.
    pub withdrawal_reasons: Table<Word>,
    /// Least count of a shown cell, by `own`, `partner`, `third` nationals (29.2).
    pub minimum: BTreeMap<String, i64>,
    /// Dimensions of tables.
    pub dimensions: Table<Word>,
    /// The shape of a cell.
    pub cell: Option<CellShape>,
    /// Tables.
    pub tables: Table<StatTable>,
    /// Tables that are closed.
    pub closed_tables: Table<ClosedTable>,
    /// Bodies of consultation.
    pub bodies: Table<Body>,
    /// Items of every agenda.
    pub agenda: Table<AgendaItem>,
    /// The dispute ladder.
    pub dispute_levels: Table<DisputeLevel>,
    /// Annex files whose figures are for illustration only.
    pub illustrative: Vec<String>,
}

impl Memorandum {
    /// The first authentic language that has a text, and the text.
    pub fn authentic_text(&self) -> Option<(&str, &Text)> {
        self.head
            .authentic
            .iter()
            .find_map(|language| Some((language.as_str(), self.texts.get(language)?)))
    }

    /// The languages of the memorandum, authentic ones first.
    pub fn languages(&self) -> impl Iterator<Item = &str> {
        self.head
            .authentic
            .iter()
            .chain(&self.head.courtesy)
            .map(String::as_str)
    }

    /// The file of the text in a language, within the folder of the memorandum.
    pub fn text_file(&self, language: &str) -> String {
        format!(
            "text/{}",
            self.head.texts.get(language).map_or("", String::as_str)
        )
    }

    /// The chapter that holds the article of an act: `chapter_of("12.1")` is the exchange chapter.
    pub fn chapter_of(&self, paragraph: &str) -> Option<&Chapter> {
        let number: u32 = paragraph.split('.').next()?.parse().ok()?;
        self.chapters
            .iter()
            .find(|chapter| (chapter.articles[0]..=chapter.articles[1]).contains(&number))
    }

    /// The Party of an organ.
    pub fn party_of(&self, organ: &str) -> Option<&Party> {
        self.parties.get(&self.organs.get(organ)?.party)
    }
}

/// The files of the memorandum shipped beside the crates.
#[cfg(test)]
pub(crate) fn shipped_files() -> Files {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../memorandum");
    read::files_of(&folder).unwrap()
}

/// The memorandum shipped beside the crates.
#[cfg(test)]
pub(crate) fn shipped() -> Memorandum {
    Memorandum::read_files(&shipped_files()).unwrap()
}
