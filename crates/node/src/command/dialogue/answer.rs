//! From a typed line to a value, by the type of its slot.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, Write},
    path::Path,
};

use entente_cooperation::{
    body::{
        attachment::Attachment,
        kind::{Kind, Shape},
        slots::{CellMember, FACT_CAVEATS, SlotReader, cell_member, fact_member},
        strict::Json,
        vocabulary::Vocabulary,
    },
    value::Value,
};
use jiff::civil::DateTime;

use super::{Dialogue, Question, Stopped};

type Answered = Result<Option<Value>, Stopped>;

impl<R: BufRead, W: Write> Dialogue<'_, R, W> {
    /// Asks for the slot or engine fact `id` and yields its value, nothing if it is left empty.
    pub fn slot(&mut self, id: &str, kind: &Kind, question: &Question<'_>) -> Answered {
        id.clone_into(&mut self.slot);
        self.value(kind, question)
    }

    fn value(&mut self, kind: &Kind, question: &Question<'_>) -> Answered {
        match kind {
            Kind::OneOf(list) => self.one_of(list, question),
            Kind::SeveralOf(list) => self.several_of(list, question),
            Kind::CountryOr(list) => self.country_or(kind, list, question),
            Kind::Bool => self.yes_or_no(question),
            Kind::Instant => self.instant(question),
            Kind::Measure => self.measure(question),
            Kind::Attachment => self.attachment(question),
            Kind::Signature => self.signature(question),
            Kind::Record(shape) => self.record(shape, question),
            Kind::Each(item) => self.each(item, question),
            Kind::Signatures => self.each(&Kind::Signature, question),
            Kind::Parts => self.parts(question),
            Kind::Questions => self.list_of(question, Self::asked),
            Kind::Facts => self.list_of(question, Self::fact),
            Kind::Cells => self.list_of(question, Self::cell),
            plain => self.plain(plain, question),
        }
    }

    /// One line read through the type itself.
    fn plain(&mut self, kind: &Kind, question: &Question<'_>) -> Answered {
        let hint = self.words.say(hint_of(kind));
        self.ask(question, &hint, &[], |dialogue, typed| {
            let json = match kind {
                Kind::Number => typed
                    .parse()
                    .map(Json::Integer)
                    .map_err(|_| dialogue.not_understood(typed, kind))?,
                Kind::Date => Json::object([("date", Json::text(typed))]),
                _ => Json::text(typed),
            };
            dialogue.read(kind, json, typed)
        })
    }

    fn read(&self, kind: &Kind, json: Json, typed: &str) -> Result<Value, String> {
        SlotReader::new(self.memorandum)
            .value(kind, json, "")
            .map_err(|_| self.not_understood(typed, kind))
    }

    fn not_understood(&self, typed: &str, kind: &Kind) -> String {
        let expected = self.words.say(hint_of(kind));
        let places = [("typed", typed), ("expected", expected.as_str())];
        self.words.with("not-understood", &places)
    }

    fn choices(&self, list: &str) -> Vec<(String, String)> {
        let vocabulary = Vocabulary::find(self.memorandum, list);
        let choices = vocabulary.map(|v| v.choices()).unwrap_or_default();
        let words = &self.words;
        choices
            .into_iter()
            .map(|(id, labels)| (id.to_owned(), words.label(labels).to_owned()))
            .collect()
    }

    /// The identifier that a number or an identifier means.
    fn chosen(&self, choices: &[(String, String)], typed: &str) -> Result<String, String> {
        let number: Option<usize> = typed.parse().ok();
        let by_number = number.and_then(|n| choices.get(n.checked_sub(1)?));
        by_number
            .or_else(|| choices.iter().find(|(id, _)| id == typed))
            .map(|(id, _)| id.clone())
            .ok_or_else(|| self.words.with("no-such-choice", &[("typed", typed)]))
    }

    fn one_of(&mut self, list: &str, question: &Question<'_>) -> Answered {
        let choices = self.choices(list);
        let chosen = self.choose(&choices, question)?;
        Ok(chosen.map(Value::Text))
    }

    /// Asks for one of these choices, each an identifier with its words.
    pub fn choose(
        &mut self,
        choices: &[(String, String)],
        question: &Question<'_>,
    ) -> Result<Option<String>, Stopped> {
        let hint = self.words.say("choose-one");
        self.ask(question, &hint, choices, |dialogue, typed| {
            dialogue.chosen(choices, typed)
        })
    }

    fn several_of(&mut self, list: &str, question: &Question<'_>) -> Answered {
        let choices = self.choices(list);
        let hint = self.words.say("choose-several");
        self.ask(question, &hint, &choices, |dialogue, typed| {
            let chosen = split(typed).map(|one| dialogue.chosen(&choices, one).map(Value::Text));
            Ok(Value::List(chosen.collect::<Result<_, _>>()?))
        })
    }

    fn country_or(&mut self, kind: &Kind, list: &str, question: &Question<'_>) -> Answered {
        let choices = self.choices(list);
        let hint = self.words.say("type-country-or");
        self.ask(question, &hint, &choices, |dialogue, typed| {
            let chosen = dialogue.chosen(&choices, typed);
            let text = chosen.unwrap_or_else(|_| typed.to_owned());
            dialogue.read(kind, Json::text(text), typed)
        })
    }

    /// Yes or no, in the words of the language or in English. There is no default: who declares says so.
    fn yes_or_no(&mut self, question: &Question<'_>) -> Answered {
        let (yes, no) = (self.words.say("yes"), self.words.say("no"));
        let hint = self
            .words
            .with("type-yes-no", &[("yes", &yes), ("no", &no)]);
        self.ask(question, &hint, &[], |_, typed| {
            match typed.to_lowercase() {
                typed if typed == yes || typed == "yes" => Ok(Value::Bool(true)),
                typed if typed == no || typed == "no" => Ok(Value::Bool(false)),
                _ => Err(hint.clone()),
            }
        })
    }

    fn instant(&mut self, question: &Question<'_>) -> Answered {
        let hint = self.words.say(hint_of(&Kind::Instant));
        let zone = self.legal_time.clone();
        self.ask(question, &hint, &[], |dialogue, typed| {
            if let Ok(at) = typed.parse() {
                return Ok(Value::Instant(at));
            }
            let local = typed.replacen(' ', "T", 1).parse::<DateTime>();
            local
                .ok()
                .and_then(|local| local.to_zoned_datetime(zone.clone()).ok())
                .map(|zoned| Value::Instant(zoned.timestamp()))
                .ok_or_else(|| dialogue.not_understood(typed, &Kind::Instant))
        })
    }

    fn measure(&mut self, question: &Question<'_>) -> Answered {
        let hint = self.words.say(hint_of(&Kind::Measure));
        self.ask(question, &hint, &[], |dialogue, typed| {
            let wrong = || dialogue.not_understood(typed, &Kind::Measure);
            let (number, unit) = typed.split_once(' ').ok_or_else(wrong)?;
            let number = number.parse().map_err(|_| wrong())?;
            let json = Json::object([
                ("number", Json::Integer(number)),
                ("unit", Json::text(unit.trim())),
            ]);
            dialogue.read(&Kind::Measure, json, typed)
        })
    }

    /// A file by its path: it travels in the body, the slot holds its digest.
    fn attachment(&mut self, question: &Question<'_>) -> Answered {
        let hint = self.words.say(hint_of(&Kind::Attachment));
        let slot = self.slot.clone();
        self.ask(question, &hint, &[], |dialogue, typed| {
            let attachment = attachment(&slot, Path::new(typed))?;
            let digest = attachment.sha256().to_string();
            dialogue.attachments.push(attachment);
            Ok(Value::Text(digest))
        })
    }

    fn signature(&mut self, question: &Question<'_>) -> Answered {
        let hint = self.words.say(hint_of(&Kind::Signature));
        self.ask(question, &hint, &[], |dialogue, typed| {
            let who = typed.strip_prefix("signed:").unwrap_or(typed);
            dialogue.read(&Kind::Signature, Json::text(format!("signed:{who}")), typed)
        })
    }

    fn parts(&mut self, question: &Question<'_>) -> Answered {
        let hint = self.words.say(hint_of(&Kind::Parts));
        self.ask(question, &hint, &[], |dialogue, typed| {
            let parts = Json::Array(split(typed).map(Json::text).collect());
            dialogue.read(&Kind::Parts, parts, typed)
        })
    }

    /// Member by member; each may be left empty, but not all of a needed record.
    fn record(&mut self, shape: &Shape, question: &Question<'_>) -> Answered {
        loop {
            let mut record = BTreeMap::new();
            for (name, kind) in &shape.members {
                let title = format!("{} · {}", question.title, self.title_of(name, kind));
                if let Some(value) = self.value(kind, &optional(title))? {
                    record.insert(name.clone(), value);
                }
            }
            if !record.is_empty() {
                return Ok(Some(Value::Record(record)));
            }
            if !question.needed {
                return Ok(None);
            }
            let told = self.words.say("not-empty");
            self.say(&told)?;
        }
    }

    fn each(&mut self, item: &Kind, question: &Question<'_>) -> Answered {
        let title = question.title.clone();
        self.list_of(question, |dialogue, number, needed| {
            let places = [("title", title.as_str()), ("number", &number.to_string())];
            let title = dialogue.words.with("item", &places);
            dialogue.value(
                item,
                &Question {
                    needed,
                    ..optional(title)
                },
            )
        })
    }

    /// Items until one is left empty. The first of a needed list is needed.
    fn list_of(
        &mut self,
        question: &Question<'_>,
        mut item: impl FnMut(&mut Self, usize, bool) -> Answered,
    ) -> Answered {
        let mut items = Vec::new();
        while let Some(value) = item(self, items.len() + 1, question.needed && items.is_empty())? {
            items.push(value);
        }
        Ok((!items.is_empty()).then_some(Value::List(items)))
    }

    fn asked(&mut self, number: usize, needed: bool) -> Answered {
        let title = self
            .words
            .with("question", &[("number", &number.to_string())]);
        let Some(category) = self.category(&title, needed)? else {
            return Ok(None);
        };
        let id = Value::Text(format!("q{number}"));
        let mut members =
            BTreeMap::from([("id".to_owned(), id), ("category".to_owned(), category)]);
        self.note(&title, &mut members)?;
        Ok(Some(Value::Record(members)))
    }

    fn fact(&mut self, number: usize, needed: bool) -> Answered {
        let title = self.words.with("fact", &[("number", &number.to_string())]);
        let Some(category) = self.category(&title, needed)? else {
            return Ok(None);
        };
        let id = Value::Text(format!("f{number}"));
        let name = category.as_text().unwrap_or_default().to_owned();
        let mut members =
            BTreeMap::from([("id".to_owned(), id), ("category".to_owned(), category)]);
        for (field, label) in self.fields_of(&name) {
            if let Some(kind) = fact_member(self.memorandum, &name, &field)
                && let Some(value) = self.value(&kind, &optional(format!("{title} · {label}")))?
            {
                members.insert(field, value);
            }
        }
        self.note(&title, &mut members)?;
        self.caveats(&title, &name, &mut members)?;
        Ok(Some(Value::Record(members)))
    }

    fn category(&mut self, title: &str, needed: bool) -> Answered {
        let title = format!("{title} · {}", self.words.say("category"));
        self.one_of(
            "data_category",
            &Question {
                needed,
                ..optional(title)
            },
        )
    }

    fn note(&mut self, title: &str, members: &mut BTreeMap<String, Value>) -> Result<(), Stopped> {
        let title = format!("{title} · {}", self.words.say("note"));
        if let Some(note) = self.value(&Kind::Text, &optional(title))? {
            members.insert("note".to_owned(), note);
        }
        Ok(())
    }

    /// Codes, grade, restriction of this fact alone, if it has any.
    fn caveats(
        &mut self,
        title: &str,
        category: &str,
        members: &mut BTreeMap<String, Value>,
    ) -> Result<(), Stopped> {
        let own = format!("{title} · {}", self.words.say("own-caveats"));
        if self.yes_or_no(&optional(own))? != Some(Value::Bool(true)) {
            return Ok(());
        }
        for name in FACT_CAVEATS {
            let Some(kind) = fact_member(self.memorandum, category, name) else {
                continue;
            };
            let member = format!("{title} · {}", self.title_of(name, &kind));
            if let Some(value) = self.value(&kind, &optional(member))? {
                members.insert(name.to_owned(), value);
            }
        }
        Ok(())
    }

    fn cell(&mut self, number: usize, needed: bool) -> Answered {
        let memorandum = self.memorandum;
        let dimensions = memorandum.dimensions.iter().map(|row| row.id.clone());
        let keys = memorandum.cell.iter().flat_map(|cell| cell.keys.clone());
        let mut members = BTreeMap::new();
        for name in dimensions.chain(keys).collect::<Vec<_>>() {
            let kind = match cell_member(memorandum, &name) {
                Some(CellMember::Count) => Kind::Number,
                Some(CellMember::Flag) => Kind::Bool,
                _ => Kind::Identifier,
            };
            let title = format!("{number} · {}", self.title_of(&name, &kind));
            if let Some(value) = self.value(&kind, &optional(title))? {
                members.insert(name, value);
            }
        }
        if members.is_empty() && needed {
            return self.cell(number, needed);
        }
        Ok((!members.is_empty()).then_some(Value::Record(members)))
    }

    fn fields_of(&self, category: &str) -> Vec<(String, String)> {
        let fields = self.memorandum.fields.get(category).into_iter().flatten();
        fields
            .map(|field| (field.id.clone(), self.words.label(&field.label).to_owned()))
            .collect()
    }

    /// The words for a member of a record: of the slot, fact, field or dimension of that name, else of its list.
    fn title_of(&self, name: &str, kind: &Kind) -> String {
        let memorandum = self.memorandum;
        let slot = memorandum.slots.get(name).map(|row| &row.label);
        let fact = || memorandum.engine_facts.get(name).map(|row| &row.label);
        let dimension = || memorandum.dimensions.get(name).map(|row| &row.label);
        let field = || {
            let fields = memorandum.fields.values().flatten();
            fields
                .into_iter()
                .find(|field| field.id == name)
                .map(|field| &field.label)
        };
        let labels = slot.or_else(fact).or_else(field).or_else(dimension);
        if let Some(labels) = labels {
            return self.words.label(labels).to_owned();
        }
        if matches!(kind, Kind::Text) && name == "note" {
            return self.words.say("note");
        }
        name.replace('_', " ")
    }
}

fn optional(title: String) -> Question<'static> {
    Question {
        title,
        article: None,
        help: None,
        needed: false,
        default: None,
    }
}

fn split(typed: &str) -> impl Iterator<Item = &str> {
    typed
        .split(',')
        .map(str::trim)
        .filter(|one| !one.is_empty())
}

fn attachment(slot: &str, path: &Path) -> Result<Attachment, String> {
    let content = fs::read(path).map_err(|e| format!("`{}`: {e}", path.display()))?;
    let name = path
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    Attachment::new(slot, name, content).map_err(|e| e.to_string())
}

/// The phrase that says what to type for a type.
fn hint_of(kind: &Kind) -> &'static str {
    match kind {
        Kind::OneOf(_) => "choose-one",
        Kind::SeveralOf(_) => "choose-several",
        Kind::Text => "type-text",
        Kind::Name => "type-name",
        Kind::Place => "type-place",
        Kind::Identifier => "type-identifier",
        Kind::Country => "type-country",
        Kind::CountryOr(_) => "type-country-or",
        Kind::Scope(_) => "type-scope",
        Kind::ActReference => "type-reference",
        Kind::Article => "type-article",
        Kind::Period => "type-period",
        Kind::Parts => "type-parts",
        Kind::Date => "type-date",
        Kind::PartialDate => "type-partial-date",
        Kind::Instant => "type-instant",
        Kind::Number => "type-number",
        Kind::Measure => "type-measure",
        Kind::Signature | Kind::Signatures => "type-signature",
        Kind::Attachment => "type-attachment",
        Kind::Version => "type-version",
        _ => "type-line",
    }
}
