//! A draft as the file that an officer reads and edits: every slot of the act with its words, filled or waiting.

use std::fmt::Write;

use super::{
    Draft,
    question::{Question, questions},
    read::Section,
};
use crate::{
    memorandum::Memorandum,
    value::{Slots, Value},
};

impl Draft {
    /// The draft file, with the words of each slot as comments in `language`.
    ///
    /// [`Draft::parse`] reads it as the same draft, save for files that are already attached: those are named by their digest.
    pub fn write(&self, memorandum: &Memorandum, language: &str) -> String {
        let mut out = String::new();
        if let Some(line) = memorandum.acts.get(&self.act.kind) {
            let _ = writeln!(
                out,
                "# {} ({})",
                memorandum.label("act", &line.id, language),
                line.article
            );
        }
        let _ = writeln!(out, "act = {}", text(&self.act.kind));
        let _ = writeln!(out, "from = {}", text(&self.act.from));
        if let Some(to) = &self.act.to {
            let _ = writeln!(out, "to = {}", text(to));
        }
        let asked = questions(memorandum, &self.act.kind, language);
        for section in [Section::Slots, Section::Declared, Section::Home] {
            self.write_section(&mut out, memorandum, section, &asked);
        }
        out
    }

    fn write_section(
        &self,
        out: &mut String,
        memorandum: &Memorandum,
        section: Section,
        asked: &[Question],
    ) {
        let asked: Vec<&Question> = asked
            .iter()
            .filter(|question| question.section == section)
            .collect();
        let others: Vec<&String> = self
            .act
            .slots
            .keys()
            .filter(|id| Section::of(memorandum, id) == Some(section))
            .filter(|id| !asked.iter().any(|question| question.slot == **id))
            .collect();
        if asked.is_empty() && others.is_empty() {
            return;
        }
        let _ = writeln!(out, "\n[{}]", section.as_str());
        let (mut tables, mut plain) = (String::new(), String::new());
        for question in asked {
            let comment = comment(question);
            match self.act.slots.get(&question.slot) {
                Some(value) if is_rows(value) => {
                    self.write_rows(&mut tables, section, &question.slot, value, &comment)
                }
                Some(value) => {
                    let _ = writeln!(plain, "{comment}{} = {}", question.slot, self.inline(value));
                }
                None => {
                    let _ = writeln!(plain, "{comment}# {} =", question.slot);
                }
            }
        }
        for id in others {
            match &self.act.slots[id] {
                value if is_rows(value) => self.write_rows(&mut tables, section, id, value, ""),
                value => {
                    let _ = writeln!(plain, "{id} = {}", self.inline(value));
                }
            }
        }
        out.push_str(&plain);
        out.push_str(&tables);
    }

    /// Facts, questions, cells: one table each.
    fn write_rows(
        &self,
        out: &mut String,
        section: Section,
        id: &str,
        value: &Value,
        comment: &str,
    ) {
        let _ = write!(out, "\n{comment}");
        for item in value.items() {
            let _ = writeln!(out, "[[{}.{id}]]", section.as_str());
            if let Value::Record(members) = item {
                self.write_members(out, members);
            }
        }
    }

    fn write_members(&self, out: &mut String, members: &Slots) {
        let first = ["id", "category"]
            .into_iter()
            .filter_map(|name| members.get_key_value(name));
        let rest = members
            .iter()
            .filter(|(name, _)| !["id", "category"].contains(&name.as_str()));
        for (name, value) in first.chain(rest) {
            let _ = writeln!(out, "{name} = {}", self.inline(value));
        }
    }

    fn inline(&self, value: &Value) -> String {
        match value {
            Value::Empty => "\"\"".into(),
            Value::Bool(flag) => flag.to_string(),
            Value::Number(number) => number.to_string(),
            Value::Text(digest) if self.file_named(digest).is_some() => {
                format!(
                    "{{ file = {} }}",
                    text(self.file_named(digest).unwrap_or_default())
                )
            }
            Value::Text(words) => text(words),
            Value::Date(day) => day.to_string(),
            Value::Instant(at) => at.to_string(),
            Value::List(items) => {
                format!(
                    "[{}]",
                    items
                        .iter()
                        .map(|item| self.inline(item))
                        .collect::<Vec<_>>()
                        .join(", ")
                )
            }
            Value::Record(members) => {
                let members = members
                    .iter()
                    .map(|(name, value)| format!("{name} = {}", self.inline(value)));
                format!("{{ {} }}", members.collect::<Vec<_>>().join(", "))
            }
        }
    }

    /// The name of the file that a text in a slot stands for.
    fn file_named(&self, digest: &str) -> Option<&str> {
        let wanted = self
            .wanted
            .iter()
            .find(|(stand_in, _)| stand_in.to_string() == digest);
        wanted.map(|(_, (_, name))| name.as_str())
    }
}

/// A list of records, which is written as one table each.
fn is_rows(value: &Value) -> bool {
    !value.items().is_empty()
        && value
            .items()
            .iter()
            .all(|item| matches!(item, Value::Record(_)))
}

fn comment(question: &Question) -> String {
    let owed = if question.mandatory { " *" } else { "" };
    let mut out = format!("# {}{owed} ({})\n", question.label, question.article);
    if let Some(help) = &question.help {
        for line in help.lines() {
            let _ = writeln!(out, "#   {line}");
        }
    }
    if (1..=12).contains(&question.choices.len()) {
        let choices = question
            .choices
            .iter()
            .map(|choice| format!("{} ({})", choice.id, choice.label));
        let _ = writeln!(out, "#   {}", choices.collect::<Vec<_>>().join(" · "));
    }
    out
}

/// A text as a TOML basic string.
fn text(words: &str) -> String {
    toml::Value::String(words.to_owned()).to_string()
}
