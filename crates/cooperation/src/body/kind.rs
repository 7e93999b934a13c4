//! The types of Annexes 3 and 6: what a slot, a declaration, a field or a member may hold.

use std::{collections::BTreeMap, fmt, str::FromStr};

use crate::memorandum::{Field, Memorandum, Slot};

/// A type, as Annex 3 (slots, engine facts) and Annex 6 (fields) write it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `id:x`, `code:x`: one identifier of the list x.
    OneOf(String),
    /// `ids:x`: several.
    SeveralOf(String),
    /// `id:version`, `version`: the name of a version, which may be one that an act brings.
    Version,
    /// `identifier`: a number given by an organ, one line.
    Identifier,
    /// `name`: as written, in its script, one line.
    Name,
    /// `place`: one line.
    Place,
    /// `country`: ISO 3166-1 alpha-2.
    Country,
    /// `country_or:x`: a country or an identifier of the list x.
    CountryOr(String),
    /// `scope:x`: a word of the list x, a colon, an identifier.
    Scope(String),
    /// `act_ref`: the reference of an act.
    ActReference,
    /// `article`: `20.3`.
    Article,
    /// `period`: `2026` or `2026-Q2`.
    Period,
    /// `parts`: identifiers of questions (q1) or facts (f1).
    Parts,
    /// `facts`.
    Facts,
    /// `questions`.
    Questions,
    /// `cells`.
    Cells,
    /// `record` with its shape.
    Record(Shape),
    /// A record that is an array.
    Each(Box<Kind>),
    /// `date`.
    Date,
    /// `partial_date`: a year, a month or a day.
    PartialDate,
    /// `instant`.
    Instant,
    /// `number`: an integer.
    Number,
    /// `measure`: `{number, unit}`.
    Measure,
    /// `signature`: `signed:` and who.
    Signature,
    /// `signatures`.
    Signatures,
    /// `attachment`: the SHA-256 of a file that travels in the body.
    Attachment,
    /// `text`: free text, which never decides (7.2).
    Text,
    /// `bool`.
    Bool,
}

/// The members of a record; each may be left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shape {
    /// Each member with its type.
    pub members: BTreeMap<String, Kind>,
}

/// A word that is no type of Annex 3 or 6.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no type of a slot or a field")]
pub struct NoSuchKind(pub String);

impl FromStr for Kind {
    type Err = NoSuchKind;

    fn from_str(word: &str) -> Result<Self, NoSuchKind> {
        if let Some((kind, list)) = word.split_once(':') {
            let list = list.to_owned();
            return match kind {
                "id" | "code" if list == "version" => Ok(Kind::Version),
                "id" | "code" => Ok(Kind::OneOf(list)),
                "ids" => Ok(Kind::SeveralOf(list)),
                "scope" => Ok(Kind::Scope(list)),
                "country_or" => Ok(Kind::CountryOr(list)),
                _ => Err(NoSuchKind(word.to_owned())),
            };
        }
        Kind::plain(word).ok_or_else(|| NoSuchKind(word.to_owned()))
    }
}

impl Kind {
    fn plain(word: &str) -> Option<Kind> {
        Some(match word {
            "version" => Kind::Version,
            "identifier" => Kind::Identifier,
            "name" => Kind::Name,
            "place" => Kind::Place,
            "country" => Kind::Country,
            "act_ref" => Kind::ActReference,
            "article" => Kind::Article,
            "period" => Kind::Period,
            "parts" => Kind::Parts,
            "facts" => Kind::Facts,
            "questions" => Kind::Questions,
            "cells" => Kind::Cells,
            "record" => Kind::Record(Shape::default()),
            "date" => Kind::Date,
            "partial_date" => Kind::PartialDate,
            "instant" => Kind::Instant,
            "number" => Kind::Number,
            "measure" => Kind::Measure,
            "signature" => Kind::Signature,
            "signatures" => Kind::Signatures,
            "attachment" => Kind::Attachment,
            "text" => Kind::Text,
            "bool" => Kind::Bool,
            _ => return None,
        })
    }

    /// The type of a slot or an engine fact; `None` if the memorandum has neither.
    pub fn of(memorandum: &Memorandum, id: &str) -> Option<Kind> {
        if let Some(slot) = memorandum.slots.get(id) {
            return Kind::of_slot(memorandum, slot).ok();
        }
        memorandum.engine_facts.get(id)?.kind.parse().ok()
    }

    /// The type of a slot, with its shape.
    ///
    /// Fails with the word that is no type. Source: Annex 3, "shape of a record".
    pub fn of_slot(memorandum: &Memorandum, slot: &Slot) -> Result<Kind, NoSuchKind> {
        let kind: Kind = slot.kind.parse()?;
        let Kind::Record(_) = kind else {
            return Ok(kind);
        };
        let shape = Kind::Record(Shape::of(memorandum, slot)?);
        Ok(match slot.each.as_deref() {
            None => shape,
            Some("record") => Kind::Each(Box::new(shape)),
            Some(item) => Kind::Each(Box::new(item.parse()?)),
        })
    }

    /// The type of a field of Annex 6.
    pub fn of_field(field: &Field) -> Option<Kind> {
        field.kind.parse().ok()
    }

    /// The type of the field `id`: that of the category if it has such a field, else that of the first category that has.
    ///
    /// A fact with a field of another category is no fact (`fact_malformed`), but it must be readable to be refused.
    pub fn of_fact_field(memorandum: &Memorandum, category: &str, id: &str) -> Option<Kind> {
        let own = memorandum.fields.get(category).into_iter();
        let others = memorandum
            .categories
            .iter()
            .filter_map(|row| memorandum.fields.get(&row.id));
        own.chain(others)
            .flatten()
            .find(|field| field.id == id)
            .and_then(Kind::of_field)
    }

    /// What to write, in words for an officer's clerk or a partner's operator.
    pub fn expected(&self) -> String {
        match self {
            Kind::OneOf(list) => format!("an identifier of the list `{list}`"),
            Kind::SeveralOf(list) => format!("an array of identifiers of the list `{list}`"),
            Kind::Version => "the name of a version".into(),
            Kind::Identifier | Kind::Name | Kind::Place => "one line of text".into(),
            Kind::Country => "a country as two capital letters".into(),
            Kind::CountryOr(list) => {
                format!("a country as two capital letters, or an identifier of the list `{list}`")
            }
            Kind::Scope(list) => format!("a word of the list `{list}`, a colon, an identifier"),
            Kind::ActReference => "the reference of an act: its case, a slash, a number".into(),
            Kind::Article => "the number of an article, or of an article and its paragraph with a full stop between".into(),
            Kind::Period => "a year or a quarter: `2026` or `2026-Q2`".into(),
            Kind::Parts => "an array of the ids of questions or facts: `q1`, `f1`".into(),
            Kind::Facts => "an array of facts".into(),
            Kind::Questions => "an array of questions".into(),
            Kind::Cells => "an array of cells".into(),
            Kind::Record(_) => "an object".into(),
            Kind::Each(_) => "an array".into(),
            Kind::Date => "a day".into(),
            Kind::PartialDate => "a year, a month or a day: `1984`, `1984-05`, `1984-05-04`".into(),
            Kind::Instant => "an instant of universal time".into(),
            Kind::Number => "an integer".into(),
            Kind::Measure => "a measure: number and unit".into(),
            Kind::Signature => "a signature: `signed:` and who".into(),
            Kind::Signatures => "an array of signatures".into(),
            Kind::Attachment => "the SHA-256 of an attachment".into(),
            Kind::Text => "text".into(),
            Kind::Bool => "`true` or `false`".into(),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.expected())
    }
}

impl Shape {
    fn of(memorandum: &Memorandum, slot: &Slot) -> Result<Shape, NoSuchKind> {
        let mut members = BTreeMap::new();
        for (name, kind) in &slot.holds {
            members.insert(name.clone(), kind.parse()?);
        }
        let category = slot
            .fields_of
            .as_ref()
            .and_then(|category| memorandum.fields.get(category));
        for field in category.into_iter().flatten() {
            members.insert(field.id.clone(), field.kind.parse()?);
        }
        Ok(Shape { members })
    }
}
