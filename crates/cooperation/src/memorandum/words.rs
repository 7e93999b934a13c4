//! The words that people see for an identifier, in the language they ask for or the nearest there is.

use super::{Memorandum, table::List};
use crate::judgement::Labels;

impl Memorandum {
    /// The words for the identifier `id` of a table or a list of words, in `language`.
    ///
    /// Failing that language, in the first authentic one that has words, then in any; failing all, the identifier itself.
    /// A field is named with its category: table `field`, identifier `vehicles.plate`.
    pub fn label<'a>(&'a self, table: &str, id: &'a str, language: &str) -> &'a str {
        self.labels(table, id)
            .and_then(|labels| self.said(labels, language))
            .unwrap_or(id)
    }

    /// The words for an identifier in every language; `None` if the table lacks it, or there is no such table.
    pub fn labels(&self, table: &str, id: &str) -> Option<&Labels> {
        if table == "field" {
            let (category, id) = id.split_once('.')?;
            let field = self
                .fields
                .get(category)?
                .iter()
                .find(|field| field.id == id)?;
            return Some(&field.label);
        }
        self.list(table)?.words(id)
    }

    /// What these labels say in `language`, or in the first authentic language that has words, or in any.
    pub fn said<'l>(&self, labels: &'l Labels, language: &str) -> Option<&'l str> {
        let authentic = self
            .head
            .authentic
            .iter()
            .find_map(|language| labels.get(language));
        labels
            .get(language)
            .or(authentic)
            .or_else(|| labels.values().next())
            .map(String::as_str)
    }

    /// A table, or a list of words, seen as a closed list; `None` if the memorandum has none of this name.
    ///
    /// Tables bear the names that the annexes give them.
    pub fn list(&self, name: &str) -> Option<&dyn List> {
        let organisation = self.list_of_organisation(name);
        let organisation = organisation.or_else(|| self.list_of_acts(name));
        let list = organisation
            .or_else(|| self.list_of_facts(name))
            .or_else(|| self.list_of_limits(name));
        list.or_else(|| self.words.get(name).map(|words| words as &dyn List))
    }

    /// Annexes 0 to 2: the whole, who takes part, for what.
    fn list_of_organisation(&self, name: &str) -> Option<&dyn List> {
        Some(match name {
            "version" => &self.versions,
            "state" => &self.states,
            "area" => &self.areas,
            "decision" => &self.decisions,
            "effect" => &self.effects,
            "chapter" => &self.chapters,
            "article" => &self.articles,
            "party" => &self.parties,
            "role" => &self.roles,
            "function" => &self.functions,
            "step" => &self.steps,
            "organ" => &self.organs,
            "offence" => &self.offences,
            "excluded" => &self.excluded,
            _ => return None,
        })
    }

    /// Annexes 3 to 5: acts, slots, clocks, purposes.
    fn list_of_acts(&self, name: &str) -> Option<&dyn List> {
        Some(match name {
            "group" => &self.groups,
            "act" => &self.acts,
            "slot" => &self.slots,
            "engine_fact" => &self.engine_facts,
            "member" => &self.members,
            "clock" => &self.clocks,
            "period" => &self.periods,
            "on_expiry" => &self.expiries,
            "legal_basis" => &self.legal_bases,
            "purpose" => &self.purposes,
            _ => return None,
        })
    }

    /// Annexes 6 to 8: persons, data, caveats, refusals.
    fn list_of_facts(&self, name: &str) -> Option<&dyn List> {
        Some(match name {
            "person_status" => &self.statuses,
            "data_category" => &self.categories,
            "handling_code" => &self.handling_codes,
            "restriction" => &self.restrictions,
            "source_grade" => &self.source_grades,
            "information_grade" => &self.information_grades,
            "mark" => &self.marks,
            "refusal_ground" => &self.grounds,
            "absolute_limit" => &self.limits,
            "impediment" => &self.impediments,
            _ => return None,
        })
    }

    /// Annexes 9 to 12: quotas, identification, statistics, consultation.
    fn list_of_limits(&self, name: &str) -> Option<&dyn List> {
        Some(match name {
            "quota" => &self.quotas,
            "retention" => &self.retentions,
            "precondition" => &self.preconditions,
            "withdrawal_reason" => &self.withdrawal_reasons,
            "dimension" => &self.dimensions,
            "table" => &self.tables,
            "closed_table" => &self.closed_tables,
            "body" => &self.bodies,
            "agenda_item" => &self.agenda,
            "dispute_level" => &self.dispute_levels,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::memorandum::shipped;

    #[test]
    fn words_fall_back_to_an_authentic_language_then_to_the_identifier() {
        let memorandum = shipped();
        assert_eq!(memorandum.label("act", "recall", "nl"), "Terugroeping");
        assert_eq!(memorandum.label("act", "recall", "de"), "Rappel");
        assert_eq!(memorandum.label("act", "recal", "nl"), "recal");
        assert_eq!(memorandum.label("nothing", "recall", "nl"), "recall");
    }

    #[test]
    fn words_of_lists_and_fields_are_found() {
        let memorandum = shipped();
        assert_eq!(
            memorandum.label("outcome", "granted", "en"),
            memorandum.words["outcome"][0].label["en"]
        );
        assert_ne!(
            memorandum.label("field", "names_and_birth.birth_date", "ar"),
            "names_and_birth.birth_date"
        );
    }

    #[test]
    fn every_table_of_the_annexes_is_a_list() {
        let files = crate::memorandum::shipped_files();
        let sheets = crate::memorandum::read::annexes(&files).unwrap();
        let annexes = crate::memorandum::check::Annexes::new(&sheets);
        let memorandum = shipped();
        for (table, row) in annexes.all_rows() {
            let id = row.get("id").and_then(|node| node.text());
            let list = row
                .get("list")
                .and_then(|node| node.text())
                .unwrap_or(table);
            if let Some(id) = id.filter(|_| !["field", "memorandum"].contains(&table)) {
                assert!(memorandum.labels(list, id).is_some(), "{list} {id}");
            }
        }
    }
}
