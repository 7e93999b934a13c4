//! May this act, this fact cross, and under which paragraph: Cedar decides, nothing else.
//!
//! [`Policy::compile`] makes the rules of a memorandum into one small policy set for each act and side;
//! [`Policy::judge`] asks it. What stands in the way or speaks is put in order by [`verdict`](self).

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use cedar_policy::{Entities, Schema};

use crate::{
    act::Side,
    memorandum::{Fault, Files, Memorandum, read::sheets},
};

mod ask;
mod check;
mod facts;
#[cfg(test)]
mod mutation;
mod reads;
mod row;
mod rule;
mod schema;
mod slice;
mod table;
mod verdict;
mod vocabulary;
mod written;

pub use rule::{Force, Place, Rule};

/// What the proof of the red lines needs of the rules.
pub(crate) mod internal {
    pub(crate) use super::{
        reads::Reads,
        schema::{Action, read as read_schema, text_of_one as schema_of_one},
        vocabulary::{ANSWERS, Kind, Vocabulary, type_name, uid},
    };
}

use facts::{FILE, Facts};
use schema::Action;
use slice::Slice;
use vocabulary::Vocabulary;
use written::Written;

/// The rules of one memorandum, compiled.
pub struct Policy {
    pub(crate) vocabulary: Vocabulary,
    pub(crate) facts: Facts,
    pub(crate) schema: Schema,
    schema_text: String,
    entities: Entities,
    pub(crate) actions: BTreeSet<Action>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) regions: Vec<Written>,
    pub(crate) slices: BTreeMap<(String, Side), Slice>,
}

impl Policy {
    /// Compiles the rules in these files. Fails with every fault, each at its file and line.
    ///
    /// Rules are validated strictly against the schema of the annexes; a warning is a fault.
    pub fn compile(memorandum: &Memorandum, files: &Files) -> Result<Self, Vec<Fault>> {
        let vocabulary = Vocabulary::new(memorandum)?;
        let sheets = sheets(files, "rules/")?;
        let list = sheets.iter().find(|sheet| sheet.file == FILE);
        let facts = Facts::read(memorandum, &vocabulary, list)?;
        let actions = schema::actions(memorandum);
        let schema_text = schema::text(&vocabulary, &facts, &actions);
        let schema = schema::read(&schema_text).map_err(|fault| vec![fault])?;
        let entities = vocabulary.entities(&schema).map_err(|fault| vec![fault])?;
        let compiler = table::Compiler {
            memorandum,
            actions: &actions,
            spares_repeats: facts.get("repeat").is_some(),
        };
        let tables = compiler.tables(&sheets);
        let mut faults = tables.faults;
        let mut rules = tables.rules;
        let (written, more) = prohibitions(memorandum, files, &actions);
        rules.extend(written);
        faults.extend(more);
        let regions = written::read(files, written::REGIONS).unwrap_or_else(|more| {
            faults.extend(more);
            Vec::new()
        });
        let checked = check::Check {
            memorandum,
            vocabulary: &vocabulary,
            facts: &facts,
            schema: &schema,
            actions: &actions,
        };
        faults.extend(checked.faults(&rules, &regions));
        // What is missing can be said only of rules that are all sound.
        if faults.is_empty() {
            faults.extend(checked.gaps(&rules, &regions));
            faults.extend(check::uncovered(memorandum, &rules, &tables.procedural));
        }
        if !faults.is_empty() {
            faults.sort();
            return Err(faults);
        }
        let slices = slice::slices(&actions, &rules, &facts);
        Ok(Self {
            vocabulary,
            facts,
            schema,
            schema_text,
            entities,
            actions,
            rules,
            regions,
            slices,
        })
    }

    /// Every rule, in the order of the files.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The schema, as Cedar writes it.
    pub fn schema_text(&self) -> &str {
        &self.schema_text
    }
}

/// The prohibitions and red lines written by hand, and what is wrong with others.
fn prohibitions(
    memorandum: &Memorandum,
    files: &Files,
    actions: &BTreeSet<Action>,
) -> (Vec<Rule>, Vec<Fault>) {
    let (mut rules, mut faults) = (Vec::new(), Vec::new());
    let written = written::read(files, written::POLICIES).unwrap_or_else(|more| {
        faults = more;
        Vec::new()
    });
    for written in written {
        match written.prohibition(memorandum, actions) {
            Ok(rule) => rules.push(rule),
            Err(fault) => faults.push(fault),
        }
    }
    (rules, faults)
}

impl fmt::Debug for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Policy of {} rules", self.rules.len())
    }
}
