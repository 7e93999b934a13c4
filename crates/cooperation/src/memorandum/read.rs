//! From the files of a folder to a [`Memorandum`]: every annex read, every key taken, or the faults.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::Path,
};

use jiff::civil::Time;
use serde::{Deserialize, de::DeserializeOwned};

use super::{
    Field, ListWord, Memorandum, Offence, OffenceSide, Table, Text,
    fault::{Fault, did_you_mean},
    sheet::{Node, Sheet},
    table::Row,
};

/// The files of a memorandum by path within its folder: `annex/03_acts.toml`.
pub type Files = BTreeMap<String, Vec<u8>>;

/// The folders of a memorandum. What lies beside them (scripts, notes) is no part of it.
pub const FOLDERS: [&str; 6] = ["annex", "cases", "policies", "regions", "rules", "text"];

/// The files of the folder `dir` that count, by path within it.
///
/// Fails when one cannot be read, or has a name that a listing could not hold as one line; a missing folder is empty.
pub fn files_of(dir: &Path) -> io::Result<Files> {
    let mut files = Files::new();
    for folder in FOLDERS {
        let entries = match fs::read_dir(dir.join(folder)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            entries => entries?,
        };
        for entry in entries {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if path.is_file() && !name.starts_with('.') {
                plain(&name, &path)?;
                files.insert(format!("{folder}/{name}"), fs::read(&path)?);
            }
        }
    }
    Ok(files)
}

/// Refuses a name that could not stand in a listing as one line, the same on every machine.
fn plain(name: &str, path: &Path) -> io::Result<()> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    if name.chars().all(allowed) {
        return Ok(());
    }
    let what = format!(
        "the name of {} must have letters, digits, “.”, “_” and “-” only",
        path.display()
    );
    Err(io::Error::new(io::ErrorKind::InvalidData, what))
}

/// The files of a folder of worked cases, by the path they would have in a memorandum: `cases/01.toml`.
pub fn cases_of(dir: &Path) -> io::Result<Files> {
    let mut files = Files::new();
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if let Some(name) = path
            .file_name()
            .and_then(|name| name.to_str())
            .filter(|name| name.ends_with(".toml"))
        {
            files.insert(format!("cases/{name}"), fs::read(&path)?);
        }
    }
    Ok(files)
}

impl Memorandum {
    /// Reads the memorandum in the folder `dir`. Fails with the faults of its annexes, files named from outside `dir`.
    pub fn read(dir: &Path) -> Result<Self, Vec<Fault>> {
        let folder = dir.display().to_string();
        let files =
            files_of(dir).map_err(|error| vec![Fault::new(&folder, 0, error.to_string())])?;
        let under = |faults: Vec<Fault>| {
            faults
                .into_iter()
                .map(|fault| fault.under(&folder))
                .collect()
        };
        Self::read_files(&files).map_err(under)
    }

    /// Reads the memorandum in these files. Fails with the faults of its annexes.
    ///
    /// All files in `annex/` are one document: a table stands in one of them, whichever.
    pub fn read_files(files: &Files) -> Result<Self, Vec<Fault>> {
        Self::read_sheets(&annexes(files)?, files)
    }

    /// Reads the memorandum from its parsed annexes and its texts.
    pub(crate) fn read_sheets(sheets: &[Sheet], files: &Files) -> Result<Self, Vec<Fault>> {
        let mut reader = Reader {
            sheets,
            taken: BTreeSet::new(),
            faults: Vec::new(),
        };
        let texts = reader.texts(files);
        let memorandum = reader.memorandum(texts);
        reader.leftovers();
        if reader.faults.is_empty() {
            Ok(memorandum)
        } else {
            Err(reader.faults)
        }
    }
}

/// The annexes, parsed. Fails with every place that is no TOML.
pub(crate) fn annexes(files: &Files) -> Result<Vec<Sheet<'_>>, Vec<Fault>> {
    sheets(files, "annex/")
}

/// The TOML files of a folder, parsed.
pub(crate) fn sheets<'t>(files: &'t Files, folder: &str) -> Result<Vec<Sheet<'t>>, Vec<Fault>> {
    let (mut sheets, mut faults) = (Vec::new(), Vec::new());
    for (file, bytes) in files
        .iter()
        .filter(|(file, _)| file.starts_with(folder) && file.ends_with(".toml"))
    {
        match Sheet::parse(file, bytes) {
            Ok(sheet) => sheets.push(sheet),
            Err(more) => faults.extend(more),
        }
    }
    if faults.is_empty() {
        Ok(sheets)
    } else {
        Err(faults)
    }
}

/// Takes one key after another out of the annexes, and keeps what was wrong.
struct Reader<'s, 't> {
    sheets: &'s [Sheet<'t>],
    taken: BTreeSet<&'static str>,
    faults: Vec<Fault>,
}

impl<'s, 't> Reader<'s, 't> {
    /// Every table and word. What is missing or wrong stands empty, with its fault kept.
    fn memorandum(&mut self, texts: BTreeMap<String, Text>) -> Memorandum {
        Memorandum {
            head: self.must("memorandum"),
            texts,
            versions: self.table("version"),
            version_rule: self.may("version_rule"),
            states: self.table("state"),
            areas: self.table("area"),
            decisions: self.table("decision"),
            effects: self.table("effect"),
            chapters: self.table("chapter"),
            articles: self.table("article"),
            parties: self.table("party"),
            roles: self.table("role"),
            functions: self.table("function"),
            steps: self.table("step"),
            organs: self.table("organ"),
            offences: self.offences("offence"),
            excluded: self.offences("excluded"),
            threshold: self.may("threshold").unwrap_or_default(),
            groups: self.table("group"),
            acts: self.table("act"),
            common: self.must("common"),
            protective: self.must("protective"),
            winding_up: self
                .may::<WindingUp>("winding_up")
                .map(|winding_up| winding_up.acts)
                .unwrap_or_default(),
            slots: self.table("slot"),
            words: self.words(),
            engine_facts: self.table("engine_fact"),
            members: self.table("member"),
            clocks: self.table("clock"),
            periods: self.table("period"),
            expiries: self.table("on_expiry"),
            withdrawal_at_utc: self
                .may::<WithdrawalBatch>("withdrawal_batch")
                .map(|batch| batch.at_utc),
            legal_bases: self.table("legal_basis"),
            purposes: self.table("purpose"),
            statuses: self.table("person_status"),
            categories: self.table("data_category"),
            fields: self.fields(),
            minor_below_age: self.must("minor_below_age"),
            minor_purposes: self.may("minor_purposes").unwrap_or_default(),
            minor_areas_if_suspect: self.may("minor_areas_if_suspect").unwrap_or_default(),
            minor_other_rule: self.may("minor_other_rule").unwrap_or_default(),
            core_data: self.may("core_categories"),
            identity_file: self.may("identity_file"),
            handling_codes: self.table("handling_code"),
            restrictions: self.table("restriction"),
            source_grades: self.table("source_grade"),
            information_grades: self.table("information_grade"),
            marks: self.table("mark"),
            grounds: self.table("refusal_ground"),
            limits: self.table("absolute_limit"),
            impediments: self.table("impediment"),
            quotas: self.table("quota"),
            retentions: self.table("retention"),
            gated: self.may("gated").unwrap_or_default(),
            after_confirmation: self.may("after_confirmation").unwrap_or_default(),
            preconditions: self.table("precondition"),
            withdrawal_reasons: self.table("withdrawal_reason"),
            minimum: self.may("minimum").unwrap_or_default(),
            dimensions: self.table("dimension"),
            cell: self.may("cell"),
            tables: self.table("table"),
            closed_tables: self.table("closed_table"),
            bodies: self.table("body"),
            agenda: self.table("agenda_item"),
            dispute_levels: self.table("dispute_level"),
            illustrative: self.illustrative(),
        }
    }

    /// The articles in each language that the head names.
    fn texts(&mut self, files: &Files) -> BTreeMap<String, Text> {
        let mut texts = BTreeMap::new();
        let head = self
            .sheets
            .iter()
            .find_map(|sheet| sheet.get("memorandum")?.get("texts"));
        for (language, node) in head.into_iter().flat_map(|node| {
            node.keys()
                .into_iter()
                .filter_map(move |(key, _)| Some((key, node.get(key)?)))
        }) {
            let file = format!("text/{}", node.text().unwrap_or_default());
            match files.get(&file).map(|bytes| std::str::from_utf8(bytes)) {
                None => self.faults.push(node.fault(format!("no file {file}"))),
                Some(Err(_)) => self.faults.push(Fault::new(file, 0, "not UTF-8")),
                Some(Ok(markdown)) => match Text::parse(&file, markdown) {
                    Ok(text) => drop(texts.insert(language.to_owned(), text)),
                    Err(more) => self.faults.extend(more),
                },
            }
        }
        texts
    }

    /// The value of a key; a second file that holds it is a fault.
    fn take(&mut self, key: &'static str) -> Option<Node<'s, 't>> {
        self.taken.insert(key);
        let mut nodes = self.sheets.iter().filter_map(|sheet| sheet.get(key));
        let first = nodes.next()?;
        let again =
            nodes.map(|node| node.fault(format!("{key} stands in {} already", first.sheet.file)));
        self.faults.extend(again);
        Some(first)
    }

    /// What must stand in some annex; empty when it does not, or is wrong.
    fn must<T: DeserializeOwned + Default>(&mut self, key: &'static str) -> T {
        if !self.sheets.iter().any(|sheet| sheet.get(key).is_some()) {
            self.faults
                .push(Fault::new("annex", 0, format!("no annex holds “{key}”")));
        }
        self.may(key).unwrap_or_default()
    }

    /// What may stand in some annex.
    fn may<T: DeserializeOwned>(&mut self, key: &'static str) -> Option<T> {
        let node = self.take(key)?;
        self.keep(node.read())
    }

    /// The value, or its fault kept.
    fn keep<T>(&mut self, read: Result<T, Fault>) -> Option<T> {
        read.map_err(|fault| self.faults.push(fault)).ok()
    }

    /// The rows of a table, none if no annex holds it.
    fn rows(&mut self, table: &'static str) -> Vec<Node<'s, 't>> {
        let Some(node) = self.take(table) else {
            return Vec::new();
        };
        if !node.is_rows() {
            self.faults
                .push(node.fault(format!("{table} is a table of rows: write [[{table}]]")));
        }
        node.items().collect()
    }

    /// A table of rows with unique identifiers.
    fn table<T: Row + DeserializeOwned>(&mut self, name: &'static str) -> Table<T> {
        self.table_of(name, Node::read)
    }

    /// A table whose rows are read one by one.
    fn table_of<T: Row>(
        &mut self,
        name: &'static str,
        read: impl Fn(Node<'s, 't>) -> Result<T, Fault>,
    ) -> Table<T> {
        let mut table = Table::default();
        for node in self.rows(name) {
            let Some(row) = self.keep(read(node).map_err(|fault| named(fault, name))) else {
                continue;
            };
            if let Err(id) = table.push(row) {
                self.faults
                    .push(node.fault(format!("{name} {id} stands twice")));
            }
        }
        table
    }

    /// Offences: each key that holds a table, `label` apart, is a Party's side.
    fn offences(&mut self, name: &'static str) -> Table<Offence> {
        self.table_of(name, |node| {
            let keys = node.keys();
            let sides: Vec<&str> = keys
                .iter()
                .map(|(key, _)| *key)
                .filter(|key| *key != "label" && node.get(key).is_some_and(Node::is_table))
                .collect();
            let mut offence: Offence = node.read_without(&sides)?;
            for side in sides {
                if let Some(node) = node.get(side) {
                    offence
                        .sides
                        .insert(side.to_owned(), node.read::<OffenceSide>()?);
                }
            }
            Ok(offence)
        })
    }

    /// The words of closed lists.
    fn words(&mut self) -> BTreeMap<String, Vec<ListWord>> {
        let mut words: BTreeMap<String, Vec<ListWord>> = BTreeMap::new();
        for node in self.rows("word") {
            let Some(word) = self.keep(
                node.read::<ListWord>()
                    .map_err(|fault| named(fault, "word")),
            ) else {
                continue;
            };
            let list = words.entry(word.list.clone()).or_default();
            if list.iter().any(|other| other.id == word.id) {
                self.faults
                    .push(node.fault(format!("word {} stands twice in {}", word.id, word.list)));
            }
            list.push(word);
        }
        words
    }

    /// The fields of each category.
    fn fields(&mut self) -> BTreeMap<String, Vec<Field>> {
        let mut fields: BTreeMap<String, Vec<Field>> = BTreeMap::new();
        for node in self.rows("field") {
            let Some(field) =
                self.keep(node.read::<Field>().map_err(|fault| named(fault, "field")))
            else {
                continue;
            };
            let category = fields.entry(field.category.clone()).or_default();
            if category.iter().any(|other| other.id == field.id) {
                self.faults.push(node.fault(format!(
                    "field {} stands twice in {}",
                    field.id, field.category
                )));
            }
            category.push(field);
        }
        fields
    }

    /// The annexes whose figures are for illustration: each file may say so.
    fn illustrative(&mut self) -> Vec<String> {
        self.taken.insert("illustrative");
        let says = |sheet: &&Sheet| {
            sheet
                .get("illustrative")
                .is_some_and(|node| node.read::<bool>() == Ok(true))
        };
        self.sheets
            .iter()
            .filter(says)
            .map(|sheet| sheet.file.to_owned())
            .collect()
    }

    /// A fault for every top-level key that nobody took.
    fn leftovers(&mut self) {
        for sheet in self.sheets {
            for (key, line) in sheet.keys() {
                if !self.taken.contains(key) {
                    let mut fault =
                        Fault::new(sheet.file, line, format!("unknown table or key “{key}”"));
                    fault.remedy = did_you_mean(key, self.taken.iter().copied());
                    self.faults.push(fault);
                }
            }
        }
    }
}

/// The fault with the table it stands in.
fn named(mut fault: Fault, table: &str) -> Fault {
    fault.what = format!("{table} {}", fault.what);
    fault
}

/// When the withdrawals of a day leave (28.3).
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WithdrawalBatch {
    #[serde(rename = "article")]
    _article: String,
    at_utc: Time,
    #[serde(rename = "day")]
    _day: NextDay,
}

/// The one day on which they may leave.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum NextDay {
    Next,
}

/// Acts admitted after the end.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WindingUp {
    #[serde(rename = "article")]
    _article: String,
    acts: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shipped() -> Files {
        files_of(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../memorandum")).unwrap()
    }

    fn patched(file: &str, from: &str, to: &str) -> Vec<String> {
        let mut files = shipped();
        let text = String::from_utf8(files[file].clone()).unwrap();
        assert!(text.contains(from), "{from}");
        files.insert(file.to_owned(), text.replacen(from, to, 1).into_bytes());
        Memorandum::read_files(&files)
            .unwrap_err()
            .iter()
            .map(Fault::to_string)
            .collect()
    }

    #[test]
    fn a_file_whose_name_could_forge_a_line_of_the_listing_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("annex")).unwrap();
        fs::write(folder.path().join("annex/.hidden\n"), "").unwrap();
        assert!(files_of(folder.path()).unwrap().is_empty());
        fs::write(folder.path().join("annex/a\nb.toml"), "").unwrap();
        assert_eq!(
            files_of(folder.path()).unwrap_err().kind(),
            io::ErrorKind::InvalidData
        );
    }

    #[test]
    fn the_shipped_memorandum_reads_whole() {
        let memorandum = Memorandum::read_files(&shipped()).unwrap();
        assert_eq!(
            (
                memorandum.acts.len(),
                memorandum.clocks.len(),
                memorandum.slots.len()
            ),
            (59, 53, 102)
        );
        assert_eq!(memorandum.head.signed_on, jiff::civil::date(2016, 4, 22));
        assert!(
            memorandum
                .offences
                .iter()
                .all(|offence| offence.sides.len() == 2)
        );
    }

    #[test]
    fn an_unknown_key_is_named_with_its_line() {
        let faults = patched(
            "annex/03_acts.toml",
            "\nneeds = [\"case\", \"reason\"]",
            "\nneds = [\"case\"]",
        );
        assert_eq!(faults.len(), 1, "{faults:?}");
        assert!(faults[0].starts_with("annex/03_acts.toml:"), "{faults:?}");
        assert!(
            faults[0].ends_with(
                ": act availability_declaration: unknown key “neds”; did you mean “needs”?"
            ),
            "{faults:?}"
        );
    }

    #[test]
    fn an_act_without_behaviour_is_named() {
        let faults = patched("annex/03_acts.toml", "behaviour = \"asks\"\n", "");
        assert!(
            faults[0].ends_with(": act information_request: no “behaviour”"),
            "{faults:?}"
        );
    }

    #[test]
    fn an_identifier_that_stands_twice_is_named() {
        let faults = patched(
            "annex/01_organs.toml",
            "id = \"ma_dgst\"",
            "id = \"ma_dgsn\"",
        );
        assert!(
            faults[0].ends_with(": organ ma_dgsn stands twice"),
            "{faults:?}"
        );
    }

    #[test]
    fn an_offence_side_that_is_no_side_is_named() {
        let faults = patched(
            "annex/02_offences.toml",
            "max_years = 99, death",
            "max_yeers = 99, death",
        );
        assert!(
            faults[0].contains("unknown key “max_yeers”; did you mean “max_years”?"),
            "{faults:?}"
        );
    }
}
