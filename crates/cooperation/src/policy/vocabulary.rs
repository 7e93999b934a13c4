//! The closed lists of a memorandum as Cedar entities: one type for each list, one entity for each row, and “none”.

use std::collections::{BTreeMap, HashMap, HashSet};

use cedar_policy::{
    Entities, Entity, EntityId, EntityTypeName, EntityUid, RestrictedExpression, Schema,
};

use crate::{
    derived::NONE,
    memorandum::{Fault, Memorandum, Table, table::Row},
};

/// The type of something that rules read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Yes or no.
    Truth,
    /// Yes, no, or not answered.
    Answer,
    /// A whole number that may be absent.
    Number,
    /// One identifier of a list, or none.
    Word(String),
    /// Identifiers of a list.
    Words(String),
}

/// What a row says of itself under one attribute.
#[derive(Clone, Debug)]
enum Attribute {
    Truth(bool),
    Word(&'static str, String),
    Words(&'static str, Vec<String>),
}

/// The attributes of a row, by name.
type Attributes = Vec<(&'static str, Attribute)>;

/// One list.
#[derive(Debug)]
struct List {
    ids: Vec<String>,
    /// Attributes of each row; empty when the list is words only.
    rows: Vec<Attributes>,
    /// Attributes of “none”.
    none: Attributes,
}

/// The lists of one memorandum, by the name that slot types give them.
#[derive(Debug)]
pub(crate) struct Vocabulary {
    lists: BTreeMap<String, List>,
    /// The entities of each list, by identifier: looked up for every word of every act.
    uids: HashMap<String, HashMap<String, EntityUid>>,
}

/// The answers to a question that is answered yes or no.
pub(crate) const ANSWERS: [&str; 3] = ["yes", "no", "missing"];

impl Vocabulary {
    /// The lists of this memorandum. Fails where a row bears the word that says that nothing is stated.
    pub(crate) fn new(memorandum: &Memorandum) -> Result<Self, Vec<Fault>> {
        let lists = lists(memorandum);
        let faults: Vec<Fault> = lists
            .iter()
            .filter(|(_, list)| list.ids.iter().any(|id| id == NONE))
            .map(|(name, _)| {
                Fault::new(
                    "annex",
                    0,
                    format!("{name}: “{NONE}” is no identifier: it says that nothing is stated"),
                )
            })
            .collect();
        if !faults.is_empty() {
            return Err(faults);
        }
        let mut uids = HashMap::new();
        for (name, list) in &lists {
            let ids = list.ids.iter().map(String::as_str).chain([NONE]);
            uids.insert(name.clone(), uids_of(&type_name(name), ids));
        }
        uids.insert("answer".to_owned(), uids_of("Answer", ANSWERS.into_iter()));
        Ok(Self { lists, uids })
    }

    /// Whether there is a list of this name.
    pub(crate) fn has_list(&self, name: &str) -> bool {
        self.lists.contains_key(name)
    }

    /// The identifiers of a list, “none” included.
    pub(crate) fn ids(&self, name: &str) -> Vec<&str> {
        let ids = self.lists.get(name).map_or(&[][..], |list| &list.ids);
        ids.iter().map(String::as_str).chain([NONE]).collect()
    }

    /// The entity of an identifier; that of “none” for an identifier that the list does not hold.
    pub(crate) fn entity(&self, list: &str, id: Option<&str>) -> EntityUid {
        self.known(list, id.unwrap_or(NONE))
            .or_else(|| self.known(list, NONE))
            .unwrap_or_else(|| uid(&type_name(list), NONE))
    }

    /// The entity of an identifier that the list holds.
    pub(crate) fn known(&self, list: &str, id: &str) -> Option<EntityUid> {
        self.uids.get(list)?.get(id).cloned()
    }

    /// Whether an entity that a rule names exists.
    pub(crate) fn holds(&self, kind: &str, id: &str) -> bool {
        let entity = uid(kind, id);
        let mut known = self.uids.values().flat_map(HashMap::values);
        known.any(|known| *known == entity)
    }

    /// The list of a Cedar type, for words about a misspelt literal.
    pub(crate) fn list_of_type(&self, kind: &str) -> Option<&str> {
        self.lists
            .keys()
            .map(String::as_str)
            .find(|name| type_name(name) == kind)
    }

    /// The declarations of all types, as Cedar writes a schema.
    pub(crate) fn declarations(&self) -> String {
        let mut text = format!(
            "entity Answer enum [{}];\n",
            ANSWERS.map(|answer| format!("{answer:?}")).join(", ")
        );
        for (name, list) in &self.lists {
            text.push_str(&list.declaration(name));
        }
        text
    }

    /// The type of an attribute path such as `areas` of a list, if the list has that attribute.
    pub(crate) fn attribute(&self, list: &str, name: &str) -> Option<Kind> {
        let (_, attribute) = self
            .lists
            .get(list)?
            .none
            .iter()
            .find(|(own, _)| *own == name)?;
        Some(attribute.kind())
    }

    /// All rows that have attributes, as entities. Fails only if the schema and the rows disagree.
    pub(crate) fn entities(&self, schema: &Schema) -> Result<Entities, Fault> {
        let mut entities = Vec::new();
        for (name, list) in self.lists.iter().filter(|(_, list)| !list.none.is_empty()) {
            let rows = list.ids.iter().map(String::as_str).zip(&list.rows);
            for (id, attributes) in rows.chain([(NONE, &list.none)]) {
                entities.push(self.row(name, id, attributes)?);
            }
        }
        Entities::from_entities(entities, Some(schema)).map_err(|error| unfit(&error))
    }

    /// One row as an entity.
    fn row(&self, list: &str, id: &str, attributes: &Attributes) -> Result<Entity, Fault> {
        let attributes = attributes
            .iter()
            .map(|(name, attribute)| ((*name).to_owned(), self.expression(attribute)))
            .collect();
        Entity::new(self.entity(list, Some(id)), attributes, HashSet::new())
            .map_err(|error| unfit(&error))
    }

    /// An attribute as Cedar reads it.
    fn expression(&self, attribute: &Attribute) -> RestrictedExpression {
        let one = |list: &str, id: &str| {
            RestrictedExpression::new_entity_uid(self.entity(list, Some(id)))
        };
        match attribute {
            Attribute::Truth(truth) => RestrictedExpression::new_bool(*truth),
            Attribute::Word(list, id) => one(list, id),
            Attribute::Words(list, ids) => {
                RestrictedExpression::new_set(ids.iter().map(|id| one(list, id)))
            }
        }
    }
}

impl List {
    /// Its type, as Cedar writes a schema: an enumeration of words, or rows with attributes.
    fn declaration(&self, name: &str) -> String {
        let kind = type_name(name);
        if self.none.is_empty() {
            let ids = self.ids.iter().map(String::as_str).chain([NONE]);
            let words: Vec<String> = ids.map(|id| format!("{id:?}")).collect();
            return format!("entity {kind} enum [{}];\n", words.join(", "));
        }
        let attributes: Vec<String> = self
            .none
            .iter()
            .map(|(name, attribute)| format!("{name}: {}", attribute.kind().cedar()))
            .collect();
        format!("entity {kind} {{ {} }};\n", attributes.join(", "))
    }
}

impl Attribute {
    fn kind(&self) -> Kind {
        match self {
            Attribute::Truth(_) => Kind::Truth,
            Attribute::Word(list, _) => Kind::Word((*list).to_owned()),
            Attribute::Words(list, _) => Kind::Words((*list).to_owned()),
        }
    }
}

impl Kind {
    /// The type as Cedar writes it.
    pub(crate) fn cedar(&self) -> String {
        match self {
            Kind::Truth => "Bool".to_owned(),
            Kind::Answer => "Answer".to_owned(),
            Kind::Number => "Long".to_owned(),
            Kind::Word(list) => type_name(list),
            Kind::Words(list) => format!("Set<{}>", type_name(list)),
        }
    }
}

/// The Cedar type of a list: `PersonStatus` of `person_status`.
pub(crate) fn type_name(list: &str) -> String {
    list.split('_')
        .map(|word| {
            let mut letters = word.chars();
            letters
                .next()
                .map(|first| first.to_uppercase().chain(letters).collect::<String>())
                .unwrap_or_default()
        })
        .collect()
}

/// The entities of a type, by identifier.
fn uids_of<'i>(kind: &str, ids: impl Iterator<Item = &'i str>) -> HashMap<String, EntityUid> {
    ids.map(|id| (id.to_owned(), uid(kind, id))).collect()
}

/// An entity of a type. The name of the type is parsed: entities that are needed for every act are made once.
pub(crate) fn uid(kind: &str, id: &str) -> EntityUid {
    // A list's name is an identifier of the annexes; anything else was refused when the schema was read.
    let kind = kind
        .parse::<EntityTypeName>()
        .unwrap_or_else(|_| "Unnamed".parse().expect("a plain type name"));
    EntityUid::from_type_name_and_id(kind, EntityId::new(id))
}

/// Rows and schema come from the same lists; if they disagree, the memorandum cannot serve.
fn unfit(error: &dyn std::fmt::Display) -> Fault {
    Fault::new(
        "annex",
        0,
        format!("the annexes do not fit the rules: {error}"),
    )
}

/// Every list of the memorandum.
fn lists(memorandum: &Memorandum) -> BTreeMap<String, List> {
    let m = memorandum;
    let mut lists = BTreeMap::from([
        plain("area", ids(&m.areas)),
        plain("party", ids(&m.parties)),
        plain("role", ids(&m.roles)),
        plain("group", ids(&m.groups)),
        plain("slot", ids(&m.slots)),
        plain("engine_fact", ids(&m.engine_facts)),
        plain("restriction", ids(&m.restrictions)),
        plain("precondition", ids(&m.preconditions)),
        plain("withdrawal_reason", ids(&m.withdrawal_reasons)),
        plain("body", ids(&m.bodies)),
        plain(
            "data_class",
            ["ordinary", "special", "strategic", "closed"]
                .map(str::to_owned)
                .into(),
        ),
        plain(
            "offence",
            ids(&m.offences)
                .into_iter()
                .chain(ids(&m.excluded))
                .collect(),
        ),
        plain(
            "table",
            ids(&m.tables)
                .into_iter()
                .chain(ids(&m.closed_tables))
                .collect(),
        ),
        rows("organ", &m.organs, |row| {
            organ(row.map(|row| {
                (
                    row.party.as_str(),
                    row.role.as_str(),
                    [&row.areas, &row.groups, &row.receives, &row.oversees],
                )
            }))
        }),
        rows("legal_basis", &m.legal_bases, |row| {
            vec![
                ("areas", words("area", row.map(|row| &row.areas))),
                (
                    "personal_data",
                    Attribute::Truth(row.is_some_and(|row| row.personal_data)),
                ),
            ]
        }),
        rows("purpose", &m.purposes, |row| {
            vec![
                ("areas", words("area", row.map(|row| &row.areas))),
                (
                    "legal_bases",
                    words("legal_basis", row.map(|row| &row.legal_bases)),
                ),
                (
                    "compatible_with",
                    words("purpose", row.map(|row| &row.compatible_with)),
                ),
            ]
        }),
        rows("person_status", &m.statuses, |row| {
            vec![
                (
                    "protected",
                    Attribute::Truth(row.is_some_and(|row| row.protected)),
                ),
                (
                    "checkable",
                    Attribute::Truth(row.is_some_and(|row| row.checkable)),
                ),
            ]
        }),
        rows("data_category", &m.categories, |row| {
            vec![
                (
                    "class",
                    Attribute::Word(
                        "data_class",
                        row.map_or(NONE.to_owned(), |row| row.class.clone()),
                    ),
                ),
                ("roles", words("role", row.map(|row| &row.roles))),
                (
                    "any_status",
                    Attribute::Truth(row.is_none_or(|row| row.statuses.is_none())),
                ),
                (
                    "statuses",
                    words("person_status", row.and_then(|row| row.statuses.as_ref())),
                ),
            ]
        }),
        plain("handling_code", ids(&m.handling_codes)),
        plain("mark", ids(&m.marks)),
        plain("refusal_ground", ids(&m.grounds)),
        rows("quota", &m.quotas, |row| {
            vec![(
                "may_be_raised",
                Attribute::Truth(row.is_some_and(|row| row.may_be_raised)),
            )]
        }),
        plain("chapter", ids(&m.chapters)),
    ]);
    for (name, words) in &m.words {
        let ids = words.iter().map(|word| word.id.clone()).collect();
        let (name, list) = plain(name, ids);
        lists.entry(name).or_insert(list);
    }
    lists
}

/// The attributes of an organ: Party, role, and areas, groups, what it receives, whom it oversees.
fn organ(row: Option<(&str, &str, [&Vec<String>; 4])>) -> Attributes {
    let [areas, groups, receives, oversees] =
        row.map_or([None; 4], |(_, _, lists)| lists.map(Some));
    vec![
        (
            "party",
            Attribute::Word("party", row.map_or(NONE, |row| row.0).to_owned()),
        ),
        (
            "role",
            Attribute::Word("role", row.map_or(NONE, |row| row.1).to_owned()),
        ),
        ("areas", words("area", areas)),
        ("groups", words("group", groups)),
        ("receives", words("group", receives)),
        ("oversees", words("role", oversees)),
    ]
}

/// A list of words.
fn plain(name: &str, ids: Vec<String>) -> (String, List) {
    let list = List {
        rows: vec![Vec::new(); ids.len()],
        ids,
        none: Vec::new(),
    };
    (name.to_owned(), list)
}

/// A list whose rows have attributes; `None` stands for “none”.
fn rows<T: Row>(
    name: &str,
    table: &Table<T>,
    attributes: impl Fn(Option<&T>) -> Attributes,
) -> (String, List) {
    let list = List {
        ids: ids(table),
        rows: table.iter().map(|row| attributes(Some(row))).collect(),
        none: attributes(None),
    };
    (name.to_owned(), list)
}

/// The identifiers of a table.
fn ids<T: Row>(table: &Table<T>) -> Vec<String> {
    table.iter().map(|row| row.id().to_owned()).collect()
}

/// Identifiers of another list, none where the row is “none”.
fn words(list: &'static str, ids: Option<&Vec<String>>) -> Attribute {
    Attribute::Words(list, ids.cloned().unwrap_or_default())
}
