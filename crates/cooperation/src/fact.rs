//! One typed fact with its caveats, read in any language.
//!
//! A caveat travels inside the fact it restricts: what a fact does not carry of its own is that of its act (Annex 3). There is one
//! way to show a fact, [`Fact::lines`], and it shows every caveat; no view takes fields alone.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::{
    act::Act,
    body::{attachment::Attachment, kind::Kind, slots::fact_member},
    memorandum::Memorandum,
    print::{Line, Printer, Role},
    value::{Slots, Value},
};

/// A fact of an act: fields of one category, a note, and what may be done with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    id: String,
    category: String,
    fields: Vec<(String, Value)>,
    note: Option<String>,
    caveats: Caveats,
    files: BTreeMap<String, String>,
}

/// What restricts a fact, and what it is worth.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Caveats {
    /// Handling codes, cumulative (18.1).
    pub handling_codes: Vec<String>,
    /// Restrictions under the code that names them (18.1).
    pub restriction: Vec<String>,
    /// The values of these restrictions, each under the identifier of its own (Annex 7).
    pub values: Slots,
    /// Grade of the source and of the information, the originator's (19.1, 19.2).
    pub grade: BTreeMap<String, Value>,
    /// Established, assessed … (19.4).
    pub fact_kind: Option<String>,
    /// When it is erased (25.4).
    pub erase_on: Option<Date>,
    /// The Party that first provided it (19.2).
    pub originator: Option<String>,
    /// The status of the person it concerns (21.1).
    pub person_status: Option<String>,
    /// Marks that this node put on it (Annex 7); they never travel.
    pub marks: Vec<String>,
}

impl Fact {
    /// Every fact of an act, of whichever slot, in order.
    pub fn all(memorandum: &Memorandum, act: &Act) -> Vec<Fact> {
        let slots = act
            .slots
            .keys()
            .filter(|id| Kind::of(memorandum, id) == Some(Kind::Facts));
        slots
            .flat_map(|id| Self::all_of_slot(memorandum, act, id))
            .collect()
    }

    /// The facts of one slot, in order.
    pub fn all_of_slot(memorandum: &Memorandum, act: &Act, slot: &str) -> Vec<Fact> {
        let facts = act.items(slot).iter().filter_map(|item| match item {
            Value::Record(members) => Some(members),
            _ => None,
        });
        facts
            .map(|members| Self::of(memorandum, act, members))
            .collect()
    }

    fn of(memorandum: &Memorandum, act: &Act, members: &Slots) -> Fact {
        let text = |name: &str| {
            members
                .get(name)
                .and_then(Value::as_text)
                .map(str::to_owned)
        };
        let category = text("category").unwrap_or_default();
        let in_order = memorandum
            .fields
            .get(&category)
            .into_iter()
            .flatten()
            .map(|field| field.id.as_str());
        let mut names: Vec<&str> = in_order
            .filter(|name| members.contains_key(*name))
            .collect();
        // A field of another category makes it no fact, and it is shown all the same.
        let others = members
            .keys()
            .map(String::as_str)
            .filter(|name| !is_beside_fields(name) && !names.contains(name));
        names.extend(others.collect::<Vec<_>>());
        Fact {
            id: text("id").unwrap_or_default(),
            fields: names
                .into_iter()
                .map(|name| (name.to_owned(), members[name].clone()))
                .collect(),
            note: text("note"),
            caveats: Caveats::of(memorandum, act, members),
            category,
            files: BTreeMap::new(),
        }
    }

    /// The fact with the names of the files that its body carries.
    #[must_use]
    pub fn with_files(mut self, attachments: &[Attachment]) -> Self {
        self.files = attachments
            .iter()
            .map(|file| (file.sha256().to_string(), file.name().to_string()))
            .collect();
        self
    }

    /// The fact with the marks that this node put on it, and with codes and restrictions that its originator added later, and
    /// the values of these, the strictest of each as the fold holds them (18.2, 18.4). Nothing is ever taken off here.
    #[must_use]
    pub fn with_more<'a>(
        mut self,
        marks: impl IntoIterator<Item = &'a String>,
        codes: impl IntoIterator<Item = &'a String>,
        restriction: impl IntoIterator<Item = &'a String>,
        values: &Slots,
    ) -> Self {
        add(&mut self.caveats.marks, marks);
        add(&mut self.caveats.handling_codes, codes);
        add(&mut self.caveats.restriction, restriction);
        let values = values.iter();
        let values = values.map(|(id, value)| (id.clone(), value.clone()));
        self.caveats.values.extend(values);
        self
    }

    /// `f3`.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its category.
    pub fn category(&self) -> &str {
        &self.category
    }

    /// Its caveats.
    pub fn caveats(&self) -> &Caveats {
        &self.caveats
    }

    /// All that is to be shown of it: category, fields, caveats, note, in the reader's language.
    pub fn lines(&self, printer: &Printer<'_>) -> Vec<Line> {
        let mut lines = vec![Line {
            role: Role::Heading,
            label: self.id.clone(),
            text: printer.word("data_category", &self.category),
        }];
        lines.extend(
            self.fields
                .iter()
                .map(|(name, value)| self.field(printer, name, value)),
        );
        lines.extend(self.caveats.lines(printer));
        lines.extend(self.note.iter().map(|note| Line {
            role: Role::Note,
            label: printer.member("note"),
            text: note.clone(),
        }));
        lines
    }

    fn field(&self, printer: &Printer<'_>, name: &str, value: &Value) -> Line {
        let kind = fact_member(printer.memorandum, &self.category, name).unwrap_or(Kind::Text);
        let text = match value.as_text().and_then(|digest| self.files.get(digest)) {
            Some(file) => file.clone(),
            None => printer.value(&kind, value),
        };
        Line {
            role: Role::Field,
            label: printer.field(&self.category, name),
            text,
        }
    }
}

fn add<'a>(to: &mut Vec<String>, more: impl IntoIterator<Item = &'a String>) {
    for id in more {
        if !to.contains(id) {
            to.push(id.clone());
        }
    }
}

fn is_beside_fields(name: &str) -> bool {
    ["id", "category", "note"].contains(&name) || crate::body::slots::FACT_CAVEATS.contains(&name)
}

impl Caveats {
    /// Those of the fact; where it has none of its own, those of its act (Annex 3).
    fn of(memorandum: &Memorandum, act: &Act, own: &Slots) -> Self {
        let value = |name: &str| own.get(name).or_else(|| act.filled(name));
        let texts = |name: &str| {
            value(name).map_or(Vec::new(), |value| {
                value.texts().map(str::to_owned).collect()
            })
        };
        let text = |name: &str| value(name).and_then(Value::as_text).map(str::to_owned);
        let sender = memorandum
            .organs
            .get(&act.from)
            .map(|organ| organ.party.clone());
        Self {
            handling_codes: texts("handling_codes"),
            restriction: texts("restriction"),
            values: match value("restriction_values") {
                Some(Value::Record(values)) => values.clone(),
                _ => Slots::new(),
            },
            grade: match value("grade") {
                Some(Value::Record(grade)) => grade.clone(),
                _ => BTreeMap::new(),
            },
            fact_kind: text("fact_kind"),
            erase_on: value("erase_on").and_then(Value::as_date),
            originator: text("originator").or(sender),
            person_status: act.text("person_status").map(str::to_owned),
            marks: Vec::new(),
        }
    }

    /// One line for each caveat, code and words together: a bare code is misread.
    pub fn lines(&self, printer: &Printer<'_>) -> Vec<Line> {
        let line = |name: &str, text: String| Line {
            role: Role::Caveat,
            label: printer.name_of(name),
            text,
        };
        let coded = |list: &str, id: &String| format!("{id} {}", printer.word(list, id));
        let mut lines: Vec<Line> = Vec::new();
        lines.extend(
            self.marks
                .iter()
                .map(|id| line("marks", printer.word("mark", id))),
        );
        lines.extend(
            self.handling_codes
                .iter()
                .map(|id| line("handling_codes", coded("handling_code", id))),
        );
        let restricted = self.restriction.iter();
        lines.extend(restricted.map(|id| line("restriction", self.restriction(printer, id))));
        lines.extend(self.grade_line(printer));
        let kind = |name: &str| Kind::of(printer.memorandum, name).unwrap_or(Kind::Text);
        let worded = |name: &str, id: &String| {
            line(name, printer.value(&kind(name), &Value::Text(id.clone())))
        };
        lines.extend(self.fact_kind.iter().map(|id| worded("fact_kind", id)));
        lines.extend(
            self.person_status
                .iter()
                .map(|id| worded("person_status", id)),
        );
        lines.extend(self.originator.iter().map(|id| worded("originator", id)));
        let erased = |day| line("erase_on", printer.value(&Kind::Date, &Value::Date(day)));
        lines.extend(self.erase_on.map(erased));
        lines
    }

    /// A restriction in words, with its value.
    fn restriction(&self, printer: &Printer<'_>, id: &str) -> String {
        let word = printer.word("restriction", id);
        let Some(Kind::Record(shape)) = Kind::of(printer.memorandum, "restriction_values") else {
            return word;
        };
        match (shape.members.get(id), self.values.get(id)) {
            (Some(kind), Some(value)) => format!("{word}: {}", printer.value(kind, value)),
            _ => word,
        }
    }

    /// The grade as its members, source first, each code with its words.
    fn grade_line(&self, printer: &Printer<'_>) -> Option<Line> {
        let Some(Kind::Record(shape)) = Kind::of(printer.memorandum, "grade") else {
            return None;
        };
        let graded =
            self.grade
                .iter()
                .rev()
                .filter_map(|(name, id)| match (shape.members.get(name), id) {
                    (Some(Kind::OneOf(list)), Value::Text(id)) => {
                        Some(format!("{id} {}", printer.word(list, id)))
                    }
                    _ => None,
                });
        let text = graded.collect::<Vec<_>>().join(" · ");
        (!text.is_empty()).then(|| Line {
            role: Role::Caveat,
            label: printer.name_of("grade"),
            text,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::{draft::Draft, print::isolated};

    const DRAFT: &str = r#"
act = "spontaneous_information"
from = "be_federal_police"
to = "ma_dgsn"

[slots]
handling_codes = ["H0", "H1"]
grade = { source = "B", information = "2" }
fact_kind = "established"
person_status = "suspect"
erase_on = 2027-03-01

[[slots.facts]]
id = "f1"
category = "names_and_birth"
given_names = "Rachid"
family_name = "Lamkaddem"
birth_date = "1984-05"
birth_place = "Nador"
sex = "m"
note = "Nom selon le passeport."

[[slots.facts]]
id = "f2"
category = "finances"
account = "BE00 0000 0000 0002"
amount = { number = 48000, unit = "EUR" }
on = 2025-11-14
handling_codes = ["H3"]
restriction = ["no_action_without_agreement", "named_officers_only", "embargo_until"]
restriction_values = { named_officers_only = ["signed:officer_4", "signed:ma_dgsn"], embargo_until = 2026-05-01T08:00:00+02:00 }
originator = "ma"
"#;

    fn memorandum() -> Memorandum {
        Memorandum::read(Path::new(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../memorandum"
        )))
        .unwrap()
    }

    fn printed(memorandum: &Memorandum, language: &str) -> Vec<String> {
        let draft = Draft::parse(DRAFT, memorandum).unwrap();
        let printer = Printer {
            memorandum,
            language,
        };
        let facts = Fact::all(memorandum, draft.act());
        facts
            .iter()
            .flat_map(|fact| fact.lines(&printer))
            .map(|line| format!("{:?} {}: {}", line.role, line.label, line.text))
            .collect()
    }

    #[test]
    fn a_fact_entered_in_french_is_read_in_arabic() {
        let lines = printed(&memorandum(), "ar").join("\n");
        for expected in [
            "Heading f1: الأسماء وتاريخ ومكان الازدياد",
            "Field الاسم العائلي: Lamkaddem",
            "Field تاريخ الازدياد: ماي 1984",
            "Field الجنس: ذكر",
            "Caveat رموز التداول: H1 ليس أمام القضاء دون إذن",
            "Field المبلغ والعملة: 48\u{202f}000 EUR",
            "Field تاريخ العملية: الجمعة 14 نونبر 2025",
        ] {
            assert!(lines.contains(expected), "{expected}\n{lines}");
        }
        assert!(
            lines.contains("Nom selon le passeport."),
            "a note stays as it was written"
        );
    }

    #[test]
    fn a_caveat_of_its_own_stands_in_the_place_of_that_of_the_act() {
        let lines = printed(&memorandum(), "en");
        let at = lines
            .iter()
            .position(|line| line.starts_with("Heading f2"))
            .unwrap();
        let second = lines[at..].join("\n");
        assert!(
            second.contains("H3 Other restriction") && !second.contains("H1 "),
            "{second}"
        );
        assert!(second.contains("No action without agreement"), "{second}");
        assert!(
            second.contains("B Mostly reliable · 2 Known directly to the source"),
            "{second}"
        );
        assert!(
            second.contains("Originating Party: Morocco") || second.contains("Morocco"),
            "{second}"
        );
        assert!(second.contains("Mon 1 Mar 2027"), "{second}");
    }

    #[test]
    fn no_caveat_is_dropped_in_any_language() {
        let memorandum = memorandum();
        let caveats = |language: &str| {
            printed(&memorandum, language)
                .iter()
                .filter(|line| line.starts_with("Caveat"))
                .count()
        };
        // Codes, grade, kind, status, originator, erasure; the second has three restrictions and one code less.
        for language in ["fr", "nl", "ar", "en", "xx"] {
            assert_eq!(caveats(language), 7 + 9, "{language}");
        }
    }

    #[test]
    fn a_restriction_is_shown_with_its_value_in_every_language() {
        let memorandum = memorandum();
        for (language, named, embargo) in [
            (
                "fr",
                "Agents nommés uniquement: officer_4 · ",
                "Pas d’usage avant la date: ",
            ),
            (
                "nl",
                "Enkel bij naam genoemde ambtenaren: officer_4 · ",
                "Geen gebruik vóór de datum: ",
            ),
            (
                "ar",
                "لموظفين معينين بالاسم فقط: officer_4 · ",
                "لا استعمال قبل التاريخ: ",
            ),
            (
                "en",
                "Named officers only: officer_4 · ",
                "No use before the date: Fri 1 May 2026",
            ),
        ] {
            let lines = printed(&memorandum, language).join("\n");
            assert!(lines.contains(named) && lines.contains(embargo), "{lines}");
            assert!(lines.contains("2026"), "{lines}");
        }
    }

    #[test]
    fn marks_and_later_codes_are_added_and_never_replace() {
        let memorandum = memorandum();
        let draft = Draft::parse(DRAFT, &memorandum).unwrap();
        let fact = Fact::all(&memorandum, draft.act()).remove(0);
        let more = fact.with_more(
            &["quarantined".to_owned()],
            &["H2".to_owned(), "H1".to_owned()],
            &["expires_on".to_owned()],
            &[(
                "expires_on".to_owned(),
                Value::Date(jiff::civil::date(2026, 12, 31)),
            )]
            .into(),
        );
        assert_eq!(more.caveats().handling_codes, ["H0", "H1", "H2"]);
        let printer = Printer {
            memorandum: &memorandum,
            language: "en",
        };
        assert!(
            more.lines(&printer)
                .iter()
                .any(|line| line.text == "In quarantine")
        );
        let lines = more.lines(&printer);
        let texts: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
        assert!(
            texts.contains(&"Erase on the date: Thu 31 Dec 2026"),
            "{texts:?}"
        );
    }

    #[test]
    fn what_a_person_wrote_stands_in_isolates_in_plain_text() {
        let line = Line {
            role: Role::Field,
            label: "الاسم العائلي".into(),
            text: "Lamkaddem".into(),
        };
        assert_eq!(
            line.plain(),
            format!("الاسم العائلي: {}", isolated("Lamkaddem"))
        );
    }
}
