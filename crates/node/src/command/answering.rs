//! `entente reply`, `refuse`, `clarify`, `alert`, `ack`, `consent`, `recall`, `register`: a draft begun from the act it answers.
//!
//! The act is found by its behaviour, never by its name: what it is called is the memorandum's affair. What follows from the act
//! answered is filled in, the rest is asked, and the draft is sent.

use std::path::PathBuf;

use clap::Args;
use entente_cooperation::{
    body::kind::Kind,
    case::word::slot,
    draft::{Draft as Form, questions},
    memorandum::{ActLine, Behaviour, Memorandum},
};
use serde_json::Value;

use super::{
    Caller,
    answer::{Answer, Failure},
    client::encoded,
    dialogue::Part,
    draft::{self, Desk, Then},
    memorandum as agreement, send,
    show::printable,
    words::Words,
};

/// The behaviours of `entente reply`.
pub const REPLY: &[Behaviour] = &[
    Behaviour::Answers,
    Behaviour::ConfirmsIdentity,
    Behaviour::Matches,
    Behaviour::Discloses,
];
/// The behaviours of `entente clarify`: asking for clarification, or supplying what was asked for.
pub const CLARIFY: &[Behaviour] = &[Behaviour::Clarifies, Behaviour::Completes];
/// The behaviours of `entente consent`: deciding on a consent that was sought, seeking one, revoking one.
pub const CONSENT: &[Behaviour] = &[
    Behaviour::Consents,
    Behaviour::SeeksConsent,
    Behaviour::Revokes,
];

/// An act begun from another one.
#[derive(Debug, Args)]
pub struct Answering {
    /// The reference of the act that it answers or follows.
    #[arg(value_name = "REFERENCE")]
    reference: Option<String>,
    /// A slot that is known already, as `slot=value`; may be given several times.
    #[arg(long, value_name = "SLOT=VALUE")]
    set: Vec<String>,
    /// The act itself, where more than one would do.
    #[arg(long, value_name = "ACT")]
    act: Option<String>,
    /// Only write the draft to this file; nothing is sent.
    #[arg(long, value_name = "FILE")]
    draft: Option<PathBuf>,
    /// Send without showing the act and asking first. Without it, a script answers the last question with yes.
    #[arg(long, conflicts_with = "draft")]
    yes: bool,
}

impl Answering {
    /// Begins the act that has one of these behaviours, asks what is missing, and sends it.
    pub fn run(self, caller: &Caller, behaviours: &[Behaviour]) -> Result<Answer, Failure> {
        let config = caller.config()?;
        let memorandum = agreement::of_folder(&caller.folder())?;
        let words = Words::of(&caller.language());
        let answered = self.answered(caller)?;
        let line = self.line(&memorandum, &words, behaviours, answered.as_ref())?;
        let mut desk = Desk::of(caller, &config)?;
        if let Some(answered) = &answered {
            follow(&mut desk, &memorandum, line, answered);
            desk.parts = parts(&memorandum, &words, answered);
            concerns_something(&memorandum, line, answered, &desk.parts)?;
        }
        for pair in &self.set {
            desk.filled
                .push(known(&memorandum, &words, line, &desk.parts, pair)?);
        }
        let path = match &self.draft {
            Some(path) => path.clone(),
            None => draft::new_path(&caller.folder(), &line.id)?,
        };
        let then = match (&self.draft, self.yes) {
            (Some(_), _) => Then::Keep,
            (None, true) => Then::Send,
            (None, false) => Then::Ask,
        };
        let written = draft::write(&memorandum, &words, line, &desk, &path, then)?;
        if written.send {
            return send::release(caller, &path, false);
        }
        Ok(written.answer)
    }

    /// The act that is answered, with its content. Reading it stands in the journal.
    fn answered(&self, caller: &Caller) -> Result<Option<Value>, Failure> {
        let Some(reference) = &self.reference else {
            return Ok(None);
        };
        let path = format!("/v1/acts/{}?why=answering", encoded(reference));
        Ok(Some(caller.node()?.get(&path)?.json))
    }

    /// The line of Annex 3 with one of these behaviours: one that may refer to the act answered, before one that stands alone.
    fn line<'m>(
        &self,
        memorandum: &'m Memorandum,
        words: &Words,
        behaviours: &[Behaviour],
        answered: Option<&Value>,
    ) -> Result<&'m ActLine, Failure> {
        if let Some(act) = &self.act {
            return draft::act_of(memorandum, act);
        }
        let kind = answered.and_then(|act| act["act"].as_str());
        let behaves = |line: &&ActLine| behaviours.contains(&line.behaviour);
        let fits = |line: &&ActLine| match (&line.answers, kind) {
            (Some(answers), Some(kind)) => answers.has(kind),
            (answers, None) => answers.is_none(),
            (None, Some(_)) => false,
        };
        let lines = || memorandum.acts.iter().filter(behaves);
        let mut found: Vec<&ActLine> = lines().filter(fits).collect();
        if found.is_empty() && kind.is_some() {
            // An act of its own that follows another one, as a recall follows what was given.
            found = lines().filter(|line| line.answers.is_none()).collect();
        }
        match found[..] {
            [only] => Ok(only),
            [] => Err(nothing_fits(memorandum, words, kind, lines())),
            _ => Err(Failure::misused("more than one act would do").hint(format!(
                "name one with --act: {}",
                found
                    .iter()
                    .map(|line| line.id.as_str())
                    .collect::<Vec<_>>()
                    .join(", ")
            ))),
        }
    }
}

fn nothing_fits<'m>(
    memorandum: &Memorandum,
    words: &Words,
    kind: Option<&str>,
    lines: impl Iterator<Item = &'m ActLine>,
) -> Failure {
    let known: Vec<String> = lines
        .flat_map(|line| line.answers.iter().flat_map(|answers| answers.iter()))
        .map(String::clone)
        .collect();
    match kind {
        Some(kind) => {
            let label = memorandum
                .acts
                .get(kind)
                .map_or(kind, |line| words.label(&line.label));
            let answers = |line: &&ActLine| line.answers.as_ref().is_some_and(|to| to.has(kind));
            let would: Vec<&str> = memorandum
                .acts
                .iter()
                .filter(answers)
                .map(|line| line.id.as_str())
                .collect();
            let hint = match would[..] {
                [] => format!("no act does; this one answers: {}", known.join(", ")),
                _ => format!(
                    "these do: {}; `entente draft ACT --answers REFERENCE` writes one, and this one answers: {}",
                    would.join(", "),
                    known.join(", ")
                ),
            };
            Failure::misused(format!(
                "nothing of this kind answers “{label}” under this memorandum"
            ))
            .hint(hint)
        }
        None => Failure::misused("the reference of the act to answer is missing")
            .hint("`entente inbox` lists the references"),
    }
}

/// What follows from the act answered: the addresses turned round, and every slot of an identifier that both carry.
fn follow(desk: &mut Desk, memorandum: &Memorandum, line: &ActLine, answered: &Value) {
    let sent = answered["direction"] == "sent";
    let (ours, theirs) = if sent { ("from", "to") } else { ("to", "from") };
    // An organ that may not send or be addressed this act is not proposed: another one is asked for.
    let takes = |organ: &str| {
        let row = memorandum.organs.get(organ);
        row.is_some_and(|row| {
            row.groups.contains(&line.group) || row.receives.contains(&line.group)
        })
    };
    desk.from = answered[ours]
        .as_str()
        .map(str::to_owned)
        .filter(|organ| desk.organs.contains(organ) && takes(organ));
    desk.to = answered[theirs]
        .as_str()
        .map(str::to_owned)
        .filter(|organ| takes(organ));
    if line.answers.is_some() {
        desk.filled
            .push(("in_reply_to".to_owned(), reference_of(answered)));
    }
    let slots = &answered["content"]["slots"];
    for id in memorandum.common.iter().chain(&line.needs) {
        let follows = match Kind::of(memorandum, id) {
            Some(Kind::OneOf(list)) => !is_own(memorandum, &list),
            Some(Kind::Identifier) => true,
            _ => false,
        };
        if let (true, Some(value)) = (follows, slots[id].as_str()) {
            desk.filled.push((id.clone(), value.to_owned()));
        }
    }
}

/// The reference of an act as it stands in it, not as it is shown.
fn reference_of(act: &Value) -> String {
    act["reference"].as_str().unwrap_or_default().to_owned()
}

/// A list whose value is each author's own: the organ that signs, the language that is written.
fn is_own(memorandum: &Memorandum, list: &str) -> bool {
    list == "organ"
        || memorandum
            .words
            .get(list)
            .is_some_and(|_| list == "language")
}

/// The facts and questions of the act answered, and the facts that it concerns.
fn parts(memorandum: &Memorandum, words: &Words, answered: &Value) -> Vec<Part> {
    let slots = answered["content"]["slots"]
        .as_object()
        .into_iter()
        .flatten();
    let mut parts: Vec<Part> = Vec::new();
    for (slot, value) in slots {
        let kind = Kind::of(memorandum, slot);
        for item in value.as_array().into_iter().flatten() {
            let id = match kind {
                Some(Kind::Parts) => item.as_str(),
                Some(Kind::Facts | Kind::Questions) => item["id"].as_str(),
                _ => None,
            };
            let category = item["category"].as_str();
            let label = category.and_then(|category| memorandum.categories.get(category));
            let label = label.map_or("", |row| words.label(&row.label));
            parts.extend(id.map(|id| Part {
                id: id.to_owned(),
                label: label.to_owned(),
                asked: kind == Some(Kind::Questions),
            }));
        }
    }
    parts
}

/// Fails if the act to begin concerns facts and the act that it follows holds none. What is erased is not known, and an alert is
/// one fact by itself (25.1).
fn concerns_something(
    memorandum: &Memorandum,
    line: &ActLine,
    answered: &Value,
    parts: &[Part],
) -> Result<(), Failure> {
    let concerns = line.needs.iter().any(|need| need == slot::FACTS_CONCERNED);
    let kind = answered["act"].as_str();
    let followed = kind.and_then(|kind| memorandum.acts.get(kind));
    let alerts = followed.is_some_and(|line| line.behaviour == Behaviour::Alerts);
    let known = !answered["content"].is_null() && !alerts;
    if !concerns || !known || parts.iter().any(|part| !part.asked) {
        return Ok(());
    }
    let reference = printable(&answered["reference"]);
    Err(
        Failure::misused(format!("{reference} gives no fact that could be meant"))
            .hint("name the act that gave the facts; `entente case --act REFERENCE` shows what an act holds"),
    )
}

/// A slot that `--set` fills, tried before anything is asked: the act must have it, and the value must fit.
fn known(
    memorandum: &Memorandum,
    words: &Words,
    line: &ActLine,
    parts: &[Part],
    pair: &str,
) -> Result<(String, String), Failure> {
    let (slot, value) = pair_of(pair)?;
    let asked = questions(memorandum, &line.id, words.language());
    let base = slot.split('.').next().unwrap_or_default();
    if !asked.iter().any(|question| question.slot == base) {
        let slots: Vec<&str> = asked
            .iter()
            .map(|question| question.slot.as_str())
            .collect();
        return Err(
            Failure::misused(format!("--set {pair}: `{}` has no slot `{base}`", line.id))
                .hint(format!("its slots are: {}", slots.join(", "))),
        );
    }
    let tried = Form::new(&line.id, "", None).answer(memorandum, &slot, &value);
    tried.map_err(|fault| {
        Failure::misused(format!("--set {pair}: {fault}")).hint(
            "`entente schema` says what each slot takes; nothing was asked and nothing was sent",
        )
    })?;
    let is_part = |id: &str| parts.iter().any(|part| part.id == id);
    let mut ids = value.split([',', ';', ' ']).filter(|id| !id.is_empty());
    if let (Some(Kind::Parts), Some(other)) = (
        Kind::of(memorandum, &slot).filter(|_| !parts.is_empty()),
        ids.find(|id| !is_part(id)),
    ) {
        let held: Vec<&str> = parts.iter().map(|part| part.id.as_str()).collect();
        return Err(
            Failure::misused(format!("--set {pair}: the act answered has no `{other}`"))
                .hint(format!("it has: {}", held.join(", "))),
        );
    }
    Ok((slot, value))
}

fn pair_of(pair: &str) -> Result<(String, String), Failure> {
    pair.split_once('=')
        .map(|(slot, value)| (slot.trim().to_owned(), value.trim().to_owned()))
        .ok_or_else(|| {
            Failure::misused(format!("`{pair}` is no slot=value")).hint("write --set slot=value")
        })
}
