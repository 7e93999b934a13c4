//! One question of a draft put to the officer, and the answer handed to the draft, which reads it.

use std::{
    io::{BufRead, Write},
    path::Path,
};

use entente_cooperation::{
    body::kind::Kind,
    case::word::slot,
    draft::{
        Draft, Question,
        question::{Answer, members_of_fact},
        read::Section,
    },
};
use jiff::civil::DateTime;

use super::{Dialogue, Part, Prompt, Stopped};

/// A member of an item as it was typed.
type Typed = (String, String);

impl<R: BufRead, W: Write> Dialogue<'_, R, W> {
    /// Asks one question of a draft. `title` stands before the question's own words, `default` for an empty line.
    pub fn question(
        &mut self,
        draft: &mut Draft,
        question: &Question,
        title: &str,
        default: Option<String>,
    ) -> Result<(), Stopped> {
        self.about.clone_from(&question.help);
        match &question.answer {
            Answer::Members(members) => self.record(draft, question, members, title),
            Answer::Items(members) => self.items(draft, question, members, title),
            _ => {
                let prompt = Prompt {
                    default,
                    ..self.prompt(question, title)
                };
                self.line_of(draft, question, &question.slot, &prompt)
            }
        }
    }

    fn prompt(&self, question: &Question, title: &str) -> Prompt {
        let mut title = format!("{title}{}", self.label(question));
        if !question.article.is_empty() {
            title = format!("{title} ({})", question.article);
        }
        Prompt {
            title,
            hint: self.hint(&question.answer),
            choices: self.choices(question),
            help: question.help.clone().or_else(|| self.about.clone()),
            needed: question.mandatory,
            declared: question.section == Section::Declared,
            default: None,
        }
    }

    /// What may be chosen; for parts, those of the act answered.
    fn choices(&self, question: &Question) -> Vec<(String, String)> {
        if question.answer == Answer::Lines(Kind::Parts) {
            let fits = |part: &&Part| !part.asked || question.slot != slot::FACTS_CONCERNED;
            let parts = self.parts.iter().filter(fits);
            return parts
                .map(|part| (part.id.clone(), part.label.clone()))
                .collect();
        }
        let choices = question.choices.iter();
        choices
            .map(|choice| (choice.id.clone(), choice.label.clone()))
            .collect()
    }

    /// The words of a question; a member that no annex names has words of the command line.
    fn label(&self, question: &Question) -> String {
        if question.label != question.slot {
            return question.label.clone();
        }
        let phrase = format!("member-{}", question.slot);
        let said = self.words.say(&phrase);
        if said == phrase {
            question.label.clone()
        } else {
            said
        }
    }

    /// One line into the draft under `path`, read by the draft.
    fn line_of(
        &mut self,
        draft: &mut Draft,
        question: &Question,
        path: &str,
        prompt: &Prompt,
    ) -> Result<(), Stopped> {
        let memorandum = self.memorandum;
        self.ask(prompt, |dialogue, typed| {
            let written = dialogue.written(question, typed)?;
            let taken = draft.answer(memorandum, path, &written);
            taken.map_err(|_| dialogue.not_understood(question, typed))
        })?;
        Ok(())
    }

    /// A line as the draft takes it: numbers of choices as identifiers, a local time with its offset, a path as its file's name.
    fn written(&mut self, question: &Question, typed: &str) -> Result<String, String> {
        let choices = self.choices(question);
        match &question.answer {
            Answer::YesOrNo => self.yes_or_no(typed),
            Answer::One => self.chosen(&choices, typed),
            Answer::Several => self.all_chosen(&choices, typed, &[',', ';']),
            Answer::Lines(Kind::Parts) if !choices.is_empty() => {
                self.all_chosen(&choices, typed, &[',', ';', ' '])
            }
            Answer::Instant => Ok(self.universal(typed)),
            Answer::File => self.file(typed),
            Answer::Line(Kind::CountryOr(_) | Kind::Scope(_)) => Ok(self
                .chosen(&choices, typed)
                .unwrap_or_else(|_| typed.to_owned())),
            Answer::Line(Kind::Signature) => Ok(signed(typed)),
            Answer::Lines(Kind::Signature | Kind::Signatures) => {
                let each = typed
                    .split([',', ';', ' '])
                    .map(str::trim)
                    .filter(|one| !one.is_empty());
                Ok(each.map(signed).collect::<Vec<_>>().join(";"))
            }
            _ => Ok(typed.to_owned()),
        }
    }

    /// Several choices, as the draft takes them.
    fn all_chosen(
        &self,
        choices: &[(String, String)],
        typed: &str,
        between: &[char],
    ) -> Result<String, String> {
        let parts = typed
            .split(between)
            .map(str::trim)
            .filter(|part| !part.is_empty());
        let chosen: Result<Vec<String>, String> =
            parts.map(|part| self.chosen(choices, part)).collect();
        Ok(chosen?.join(";"))
    }

    /// Yes or no, in the words of the language or in English. There is no default: who declares says so.
    pub(super) fn yes_or_no(&self, typed: &str) -> Result<String, String> {
        let (yes, no) = (self.words.say("yes"), self.words.say("no"));
        let typed = typed.to_lowercase();
        if typed == yes || typed == "yes" {
            return Ok("yes".to_owned());
        }
        if typed == no || typed == "no" {
            return Ok("no".to_owned());
        }
        Err(self.hint(&Answer::YesOrNo))
    }

    /// A local time of our capital as an instant; anything else as it is, for the draft to judge.
    fn universal(&self, typed: &str) -> String {
        let local = typed.replacen(' ', "T", 1).parse::<DateTime>().ok();
        let local = local.filter(|_| !typed.ends_with('Z') && !typed.contains('+'));
        local
            .and_then(|local| local.to_zoned_datetime(self.legal_time.clone()).ok())
            .map_or_else(|| typed.to_owned(), |zoned| zoned.timestamp().to_string())
    }

    fn file(&mut self, typed: &str) -> Result<String, String> {
        let path = Path::new(typed);
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        if !path.is_file() || name.is_empty() {
            return Err(self.words.with("no-such-file", &[("typed", typed)]));
        }
        self.files.insert(name.to_owned(), path.to_owned());
        Ok(name.to_owned())
    }

    fn not_understood(&self, question: &Question, typed: &str) -> String {
        let expected = self.hint(&question.answer);
        self.words.with(
            "not-understood",
            &[("typed", typed), ("expected", &expected)],
        )
    }

    /// Member by member under the slot; of a needed record at least one is filled.
    fn record(
        &mut self,
        draft: &mut Draft,
        question: &Question,
        members: &[Question],
        title: &str,
    ) -> Result<(), Stopped> {
        let under = format!("{title}{} · ", self.label(question));
        let outer = self.enough;
        loop {
            // What is passed over within a record ends with it; a needed record that stays empty is asked again.
            self.enough = outer && !question.mandatory;
            self.members(draft, question, members, &under)?;
            self.enough = outer;
            if !question.mandatory || draft.act().filled(&question.slot).is_some() {
                return Ok(());
            }
            self.say(&self.words.say("not-empty"))?;
        }
    }

    /// Each member of a record. Of a needed record that is all choices, as a grade is, every one is needed; of another, the last if
    /// all before it were left empty.
    fn members(
        &mut self,
        draft: &mut Draft,
        record: &Question,
        members: &[Question],
        title: &str,
    ) -> Result<(), Stopped> {
        let choices = members.iter().all(|member| member.answer == Answer::One);
        for (place, member) in members.iter().enumerate() {
            let path = format!("{}.{}", record.slot, member.slot);
            if let Answer::Members(inner) = &member.answer {
                let inner_record = Question {
                    slot: path,
                    mandatory: false,
                    ..member.clone()
                };
                let under = format!("{title}{} · ", member.label);
                self.members(draft, &inner_record, inner, &under)?;
                continue;
            }
            let empty = draft.act().filled(&record.slot).is_none();
            let last = place + 1 == members.len();
            let prompt = Prompt {
                needed: record.mandatory && (choices || last && empty),
                ..self.prompt(member, title)
            };
            self.line_of(draft, member, &path, &prompt)?;
        }
        Ok(())
    }

    /// Items until one is left empty. The first of a needed list is needed.
    fn items(
        &mut self,
        draft: &mut Draft,
        question: &Question,
        members: &[Question],
        title: &str,
    ) -> Result<(), Stopped> {
        for number in 1.. {
            let title = format!("{title}{} {number} · ", question.label);
            let needed = question.mandatory && number == 1;
            let outer = self.enough;
            let item = self.item(draft, &question.slot, members, &title, needed)?;
            // What is passed over within an item ends with it.
            self.enough = outer;
            let [_, ..] = &item[..] else {
                return Ok(());
            };
            let typed: Vec<(&str, &str)> =
                item.iter().map(|(n, t)| (n.as_str(), t.as_str())).collect();
            if let Err(fault) = draft.add_item(self.memorandum, &question.slot, &typed) {
                self.say(&fault.to_string())?;
            }
        }
        Ok(())
    }

    /// The members of one item; none if its first member is left empty.
    fn item(
        &mut self,
        draft: &Draft,
        slot: &str,
        members: &[Question],
        title: &str,
        needed: bool,
    ) -> Result<Vec<Typed>, Stopped> {
        let mut item: Vec<Typed> = Vec::new();
        let mut asked = members.to_vec();
        let mut place = 0;
        while let Some(member) = asked.get(place).cloned() {
            let first = place == 0;
            place += 1;
            let answered = self.member(draft, slot, &member, title, &item, needed && first)?;
            let Some(typed) = answered else {
                if first {
                    return Ok(item);
                }
                continue;
            };
            item.push((member.slot.clone(), typed.clone()));
            // The fields of a fact follow from its category.
            if first && asked.len() == 1 {
                asked.extend(members_of_fact(
                    self.memorandum,
                    &typed,
                    self.words.language(),
                ));
            }
        }
        Ok(item)
    }

    /// One member, tried on a copy of the draft so that a fault is told at once.
    fn member(
        &mut self,
        draft: &Draft,
        slot: &str,
        member: &Question,
        title: &str,
        before: &[Typed],
        needed: bool,
    ) -> Result<Option<String>, Stopped> {
        if let Answer::Members(_) = member.answer {
            return Ok(None);
        }
        let memorandum = self.memorandum;
        let prompt = Prompt {
            needed,
            ..self.prompt(member, title)
        };
        self.ask(&prompt, |dialogue, typed| {
            let written = dialogue.written(member, typed)?;
            let mut all: Vec<(&str, &str)> = before
                .iter()
                .map(|(n, t)| (n.as_str(), t.as_str()))
                .collect();
            all.push((&member.slot, &written));
            let tried = draft.clone().add_item(memorandum, slot, &all);
            tried.map_err(|_| dialogue.not_understood(member, typed))?;
            Ok(written)
        })
    }

    /// What to type, in the officer's language.
    fn hint(&self, answer: &Answer) -> String {
        let (yes, no) = (self.words.say("yes"), self.words.say("no"));
        match answer {
            Answer::YesOrNo => self
                .words
                .with("type-yes-no", &[("yes", &yes), ("no", &no)]),
            Answer::One => self.words.say("choose-one"),
            Answer::Several => self.words.say("choose-several"),
            Answer::Text => self.words.say("type-text"),
            Answer::Number => self.words.say("type-number"),
            Answer::Measure => self.words.say("type-measure"),
            Answer::Day => self.words.say("type-date"),
            Answer::Instant => self.words.say("type-instant"),
            Answer::File => self.words.say("type-attachment"),
            Answer::Lines(Kind::Parts) if self.parts.is_empty() => self.words.say("type-parts"),
            Answer::Lines(Kind::Parts) => self.words.say("choose-several"),
            Answer::Lines(_) => self.words.say("type-several-lines"),
            Answer::Line(kind) => self.words.say(hint_of(kind)),
            Answer::Members(_) | Answer::Items(_) => String::new(),
        }
    }
}

fn signed(typed: &str) -> String {
    format!("signed:{}", typed.strip_prefix("signed:").unwrap_or(typed))
}

fn hint_of(kind: &Kind) -> &'static str {
    match kind {
        Kind::Name => "type-name",
        Kind::Place => "type-place",
        Kind::Identifier => "type-identifier",
        Kind::Country => "type-country",
        Kind::CountryOr(_) => "type-country-or",
        Kind::Scope(_) => "type-scope",
        Kind::ActReference => "type-reference",
        Kind::Article => "type-article",
        Kind::Period => "type-period",
        Kind::PartialDate => "type-partial-date",
        Kind::Signature => "type-signature",
        Kind::Version => "type-version",
        _ => "type-line",
    }
}
