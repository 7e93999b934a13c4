//! All annexes as one document, with the place of every row and every identifier that is defined in it.

use std::collections::BTreeMap;

use crate::memorandum::{
    Fault,
    fault::did_you_mean,
    sheet::{Node, Sheet},
};

/// The annexes of a memorandum as they are written.
pub(crate) struct Annexes<'s, 't> {
    sheets: &'s [Sheet<'t>],
    /// Identifiers by table, and by list of words.
    ids: BTreeMap<&'s str, Vec<&'s str>>,
}

impl<'s, 't> Annexes<'s, 't> {
    /// The document in these sheets.
    pub(crate) fn new(sheets: &'s [Sheet<'t>]) -> Self {
        let mut ids: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let keys = sheets
            .iter()
            .flat_map(|sheet| sheet.keys().into_iter().map(move |(key, _)| (sheet, key)));
        for (row, key) in keys
            .filter_map(|(sheet, key)| Some((sheet.get(key)?, key)))
            .flat_map(|(node, key)| node.items().map(move |row| (row, key)))
        {
            let list = row.get("list").and_then(Node::text);
            if let Some(id) = row.get("id").and_then(Node::text) {
                ids.entry(list.unwrap_or(key)).or_default().push(id);
            }
        }
        Self { sheets, ids }
    }

    /// A top-level value, whichever annex holds it.
    pub(crate) fn get(&self, key: &str) -> Option<Node<'s, 't>> {
        self.sheets.iter().find_map(|sheet| sheet.get(key))
    }

    /// The rows of a table; the table itself if it has one row only, written `[table]`.
    pub(crate) fn rows(&self, table: &str) -> Vec<Node<'s, 't>> {
        match self.get(table) {
            Some(node) if node.is_table() => vec![node],
            Some(node) => node.items().filter(|row| row.is_table()).collect(),
            None => Vec::new(),
        }
    }

    /// Every row of every table, with the table's name.
    pub(crate) fn all_rows(&self) -> Vec<(&'s str, Node<'s, 't>)> {
        let keys = self.sheets.iter().flat_map(Sheet::keys);
        keys.flat_map(|(key, _)| self.rows(key).into_iter().map(move |row| (key, row)))
            .collect()
    }

    /// The identifiers of a table or of a list of words; `None` if there is neither.
    pub(crate) fn ids(&self, table: &str) -> Option<&[&'s str]> {
        self.ids.get(table).map(Vec::as_slice)
    }

    /// The fault of a text that names no row of `table`, if it names none.
    pub(crate) fn dangling(
        &self,
        whose: &str,
        node: Node<'_, '_>,
        table: &str,
        id: &str,
    ) -> Option<Fault> {
        let ids = self.ids(table).unwrap_or_default();
        if ids.contains(&id) {
            return None;
        }
        let mut fault = node.fault(format!("{whose}: no {} “{id}”", table.replace('_', " ")));
        fault.remedy = did_you_mean(id, ids.iter().copied());
        Some(fault)
    }

    /// A fault at the row `id` of a table, at its key `key` if it has it.
    pub(crate) fn fault(&self, table: &str, id: &str, key: &str, what: impl AsRef<str>) -> Fault {
        let what = format!("{table} {id}: {}", what.as_ref());
        let is_it = |row: &Node| row.get("id").and_then(Node::text) == Some(id);
        match self.rows(table).into_iter().find(is_it) {
            Some(row) => row.get(key).unwrap_or(row).fault(what),
            None => Fault::new("annex", 0, what),
        }
    }

    /// A fault at a top-level key, or at one of its members.
    pub(crate) fn fault_at(&self, key: &str, member: &str, what: impl Into<String>) -> Fault {
        match self.get(key) {
            Some(node) => node.get(member).unwrap_or(node).fault(what),
            None => Fault::new("annex", 0, what),
        }
    }
}

/// How a row is called: `act x`, `word outcome x`, `field vehicles x`, `[protective]`.
pub(crate) fn called(table: &str, row: Node<'_, '_>) -> String {
    let text = |key| row.get(key).and_then(Node::text);
    match (text("list").or_else(|| text("category")), text("id")) {
        (Some(list), Some(id)) => format!("{table} {list} {id}"),
        (None, Some(id)) => format!("{table} {id}"),
        _ => format!("[{table}]"),
    }
}
