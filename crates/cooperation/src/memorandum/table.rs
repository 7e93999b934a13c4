//! A table of an annex: rows in the order of the file, found by identifier.

use std::collections::BTreeMap;

use super::annex::ListWord;
use crate::judgement::Labels;

/// A row that has an identifier, unique within its table.
pub trait Row {
    /// The identifier.
    fn id(&self) -> &str;

    /// The words people see.
    fn label(&self) -> &Labels;
}

/// A table seen only as a closed list: identifiers and their words.
pub trait List {
    /// The words for an identifier; `None` if the table lacks it.
    fn words(&self, id: &str) -> Option<&Labels>;

    /// Every identifier with its words, in the order of the file.
    fn choices(&self) -> Vec<(&str, &Labels)>;
}

impl<T: Row> List for Table<T> {
    fn words(&self, id: &str) -> Option<&Labels> {
        self.get(id).map(Row::label)
    }

    fn choices(&self) -> Vec<(&str, &Labels)> {
        self.iter().map(|row| (row.id(), row.label())).collect()
    }
}

impl List for Vec<ListWord> {
    fn words(&self, id: &str) -> Option<&Labels> {
        self.iter()
            .find(|word| word.id == id)
            .map(|word| &word.label)
    }

    fn choices(&self) -> Vec<(&str, &Labels)> {
        self.iter()
            .map(|word| (word.id.as_str(), &word.label))
            .collect()
    }
}

/// Rows in the order of the file, found by identifier.
#[derive(Clone, Debug)]
pub struct Table<T> {
    rows: Vec<T>,
    by_id: BTreeMap<String, usize>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            by_id: BTreeMap::new(),
        }
    }
}

impl<T: Row> Table<T> {
    /// The table of these rows. Fails with the identifier that stands twice.
    pub fn new(rows: Vec<T>) -> Result<Self, String> {
        let mut table = Self::default();
        rows.into_iter().try_for_each(|row| table.push(row))?;
        Ok(table)
    }

    /// Adds a row at the end. Fails with its identifier if it stands there already.
    pub fn push(&mut self, row: T) -> Result<(), String> {
        if self.has(row.id()) {
            return Err(row.id().to_owned());
        }
        self.by_id.insert(row.id().to_owned(), self.rows.len());
        self.rows.push(row);
        Ok(())
    }

    /// The row with this identifier.
    pub fn get(&self, id: &str) -> Option<&T> {
        self.by_id.get(id).map(|&index| &self.rows[index])
    }

    /// The same, to change. Its identifier stays.
    pub(crate) fn get_mut(&mut self, id: &str) -> Option<&mut T> {
        self.by_id.get(id).map(|&index| &mut self.rows[index])
    }

    /// Whether there is a row with this identifier.
    pub fn has(&self, id: &str) -> bool {
        self.by_id.contains_key(id)
    }

    /// The rows in the order of the file.
    pub fn iter(&self) -> std::slice::Iter<'_, T> {
        self.rows.iter()
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether the table is empty.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}
