//! The closed lists that values come from, and the words that people see for each identifier.

use crate::{
    judgement::Labels,
    memorandum::{Memorandum, table::List},
};

/// A list or table that `id:x`, `ids:x`, `code:x` and `country_or:x` name, found in a memorandum.
#[derive(Clone)]
pub struct Vocabulary<'m> {
    tables: Vec<&'m dyn List>,
}

impl<'m> Vocabulary<'m> {
    /// The list with this name; `None` if the memorandum has none.
    ///
    /// What is named only so that it can be refused belongs to its list (6.2, 29.4): the rule answers, not the reader.
    pub fn find(memorandum: &'m Memorandum, name: &str) -> Option<Self> {
        let also = match name {
            "offence" => "excluded",
            "table" => "closed_table",
            "slot" => "engine_fact",
            _ => "",
        };
        let tables = [memorandum.list(name)?]
            .into_iter()
            .chain(memorandum.list(also));
        Some(Self {
            tables: tables.collect(),
        })
    }

    /// Whether the list holds this identifier.
    pub fn has(&self, id: &str) -> bool {
        self.label(id).is_some()
    }

    /// The words for an identifier.
    pub fn label(&self, id: &str) -> Option<&'m Labels> {
        self.tables.iter().find_map(|table| table.words(id))
    }

    /// Every identifier with its words, in the order of the annex.
    pub fn choices(&self) -> Vec<(&'m str, &'m Labels)> {
        self.tables
            .iter()
            .flat_map(|table| table.choices())
            .collect()
    }
}
