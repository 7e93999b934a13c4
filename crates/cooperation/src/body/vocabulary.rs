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
        if let Some(words) = memorandum.words.get(name) {
            return Some(Self {
                tables: vec![words],
            });
        }
        let tables: Vec<&dyn List> = match name {
            "act" => vec![&memorandum.acts],
            "agenda_item" => vec![&memorandum.agenda],
            "area" => vec![&memorandum.areas],
            "article" => vec![&memorandum.articles],
            "body" => vec![&memorandum.bodies],
            "chapter" => vec![&memorandum.chapters],
            "clock" => vec![&memorandum.clocks],
            "data_category" => vec![&memorandum.categories],
            "decision" => vec![&memorandum.decisions],
            "dimension" => vec![&memorandum.dimensions],
            "engine_fact" => vec![&memorandum.engine_facts],
            "function" => vec![&memorandum.functions],
            "group" => vec![&memorandum.groups],
            "handling_code" => vec![&memorandum.handling_codes],
            "impediment" => vec![&memorandum.impediments],
            "information_grade" => vec![&memorandum.information_grades],
            "legal_basis" => vec![&memorandum.legal_bases],
            "mark" => vec![&memorandum.marks],
            "offence" => vec![&memorandum.offences, &memorandum.excluded],
            "organ" => vec![&memorandum.organs],
            "party" => vec![&memorandum.parties],
            "person_status" => vec![&memorandum.statuses],
            "precondition" => vec![&memorandum.preconditions],
            "purpose" => vec![&memorandum.purposes],
            "quota" => vec![&memorandum.quotas],
            "refusal_ground" => vec![&memorandum.grounds],
            "restriction" => vec![&memorandum.restrictions],
            "role" => vec![&memorandum.roles],
            "slot" => vec![&memorandum.slots, &memorandum.engine_facts],
            "source_grade" => vec![&memorandum.source_grades],
            "step" => vec![&memorandum.steps],
            "table" => vec![&memorandum.tables, &memorandum.closed_tables],
            "withdrawal_reason" => vec![&memorandum.withdrawal_reasons],
            _ => return None,
        };
        Some(Self { tables })
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
