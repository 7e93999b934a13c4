//! One TOML file of a memorandum with the place of everything in it.

use std::ops::Range;

use serde::de::DeserializeOwned;
use toml::{
    Spanned,
    de::{DeTable, DeValue, Error, ValueDeserializer},
};

use super::fault::{Fault, did_you_mean};

/// A parsed TOML file that remembers its lines.
pub(crate) struct Sheet<'t> {
    /// Its path within the folder of the memorandum.
    pub(crate) file: &'t str,
    /// The byte offset at which each line starts.
    starts: Vec<usize>,
    root: DeTable<'t>,
}

/// A value of a sheet, with its place.
#[derive(Clone, Copy)]
pub(crate) struct Node<'s, 't> {
    /// The sheet it stands in.
    pub(crate) sheet: &'s Sheet<'t>,
    value: &'s Spanned<DeValue<'t>>,
}

impl<'t> Sheet<'t> {
    /// Parses one file. Fails with every place where it is not UTF-8 or not TOML.
    pub(crate) fn parse(file: &'t str, bytes: &'t [u8]) -> Result<Self, Vec<Fault>> {
        let ends = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
        let starts: Vec<usize> = std::iter::once(0)
            .chain(ends.map(|(end, _)| end + 1))
            .collect();
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                return Err(vec![Fault::new(
                    file,
                    line_at(&starts, error.valid_up_to()),
                    "not UTF-8",
                )]);
            }
        };
        let (root, errors) = DeTable::parse_recoverable(text);
        let sheet = Self {
            file,
            starts,
            root: root.into_inner(),
        };
        if errors.is_empty() {
            return Ok(sheet);
        }
        Err(errors
            .iter()
            .map(|error| sheet.fault(error.span().unwrap_or_default(), error.message()))
            .collect())
    }

    /// A fault at a place of this file.
    pub(crate) fn fault(&self, span: Range<usize>, what: impl Into<String>) -> Fault {
        Fault::new(self.file, line_at(&self.starts, span.start), what)
    }

    /// The top-level keys with their places, in the order of the file.
    pub(crate) fn keys(&self) -> Vec<(&str, usize)> {
        keys_of(self, &self.root)
    }

    /// A top-level value.
    pub(crate) fn get(&self, key: &str) -> Option<Node<'_, 't>> {
        self.root.get(key).map(|value| Node { sheet: self, value })
    }
}

impl<'s, 't> Node<'s, 't> {
    /// Its line, from 1.
    pub(crate) fn line(self) -> usize {
        line_at(&self.sheet.starts, self.value.span().start)
    }

    /// A fault here.
    pub(crate) fn fault(self, what: impl Into<String>) -> Fault {
        self.sheet.fault(self.value.span(), what)
    }

    /// A member of a table.
    pub(crate) fn get(self, key: &str) -> Option<Self> {
        let value = self.value.get_ref().as_table()?.get(key)?;
        Some(Self {
            sheet: self.sheet,
            value,
        })
    }

    /// The keys of a table with their lines, in the order of the file; none if it is no table.
    pub(crate) fn keys(self) -> Vec<(&'s str, usize)> {
        self.value
            .get_ref()
            .as_table()
            .map(|table| keys_of(self.sheet, table))
            .unwrap_or_default()
    }

    /// The items of an array; none if it is no array.
    pub(crate) fn items(self) -> impl Iterator<Item = Self> {
        let items = self
            .value
            .get_ref()
            .as_array()
            .into_iter()
            .flat_map(|array| array.iter());
        items.map(move |value| Self {
            sheet: self.sheet,
            value,
        })
    }

    /// The text, if it is one.
    pub(crate) fn text(self) -> Option<&'s str> {
        self.value.get_ref().as_str()
    }

    /// The text, or each text of an array.
    pub(crate) fn texts(self) -> Vec<(Self, &'s str)> {
        let alone = self.text().map(|text| (self, text));
        alone
            .into_iter()
            .chain(self.items().filter_map(|item| Some((item, item.text()?))))
            .collect()
    }

    /// Whether it is an array of tables.
    pub(crate) fn is_rows(self) -> bool {
        self.value.get_ref().as_array().is_some_and(|array| {
            array
                .iter()
                .next()
                .is_some_and(|row| row.get_ref().is_table())
        })
    }

    /// Whether it is a table.
    pub(crate) fn is_table(self) -> bool {
        self.value.get_ref().is_table()
    }

    /// Reads it as `T`, the keys in `without` left aside. Fails with the place of the first thing that does not fit.
    pub(crate) fn read_without<T: DeserializeOwned>(self, without: &[&str]) -> Result<T, Fault> {
        let mut value = self.value.clone();
        if let DeValue::Table(table) = value.get_mut() {
            without.iter().for_each(|key| drop(table.remove(*key)));
        }
        T::deserialize(ValueDeserializer::from(value)).map_err(|error| self.misread(&error))
    }

    /// Reads it as `T`. Fails with the place of the first thing that does not fit.
    pub(crate) fn read<T: DeserializeOwned>(self) -> Result<T, Fault> {
        self.read_without(&[])
    }

    /// The fault of a value that does not fit, in words.
    fn misread(self, error: &Error) -> Fault {
        let span = error.span().unwrap_or_else(|| self.value.span());
        let who = self
            .get("id")
            .and_then(Node::text)
            .map(|id| format!("{id}: "))
            .unwrap_or_default();
        let quoted: Vec<&str> = error.message().split('`').skip(1).step_by(2).collect();
        let (word, fault) = match (error.message(), quoted.first()) {
            (message, Some(key)) if message.starts_with("unknown field") => {
                (*key, format!("{who}unknown key “{key}”"))
            }
            (message, Some(word)) if message.starts_with("unknown variant") => {
                (*word, format!("{who}unknown word “{word}”"))
            }
            (message, Some(key)) if message.starts_with("missing field") => {
                return self.sheet.fault(span, format!("{who}no “{key}”"));
            }
            (message, _) => return self.sheet.fault(span, format!("{who}{message}")),
        };
        let fault = self.sheet.fault(span, fault);
        match did_you_mean(word, quoted[1..].iter().copied()) {
            Some(remedy) => fault.with_remedy(remedy),
            None => fault.with_remedy(format!("known are {}", quoted[1..].join(", "))),
        }
    }
}

/// The keys of a table with their lines, in the order of the file.
fn keys_of<'s>(sheet: &'s Sheet<'_>, table: &'s DeTable<'_>) -> Vec<(&'s str, usize)> {
    let mut keys: Vec<_> = table
        .keys()
        .map(|key| (key.span().start, key.get_ref().as_ref()))
        .collect();
    keys.sort_unstable();
    keys.into_iter()
        .map(|(start, key)| (key, line_at(&sheet.starts, start)))
        .collect()
}

/// The line of a byte offset, from 1.
fn line_at(starts: &[usize], offset: usize) -> usize {
    starts.partition_point(|start| *start <= offset)
}
