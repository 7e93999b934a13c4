//! From whom and to whom: only organs that the memorandum lets send and receive the act.

use std::io::{BufRead, Write};

use entente_cooperation::memorandum::{ActLine, Memorandum};

use super::{
    super::{
        dialogue::{Dialogue, Prompt, Stopped},
        words::Words,
    },
    Desk, is_addressed,
};

/// The organ it comes from and the organ it goes to, asked where there is more than one.
pub(super) fn ask<R: BufRead, W: Write>(
    dialogue: &mut Dialogue<'_, R, W>,
    memorandum: &Memorandum,
    words: &Words,
    line: &ActLine,
    desk: &Desk,
) -> Result<(String, Option<String>), Stopped> {
    let from = match &desk.from {
        Some(from) => from.clone(),
        None => organ(
            dialogue,
            memorandum,
            words,
            &senders(memorandum, line, desk),
            "from",
        )?,
    };
    let to = match &desk.to {
        Some(to) => Some(to.clone()),
        None if !is_addressed(line.behaviour) => None,
        None => Some(organ(
            dialogue,
            memorandum,
            words,
            &addressees(memorandum, line, desk),
            "to",
        )?),
    };
    Ok((from, to))
}

/// One organ: the only one there is, or the one chosen.
fn organ<R: BufRead, W: Write>(
    dialogue: &mut Dialogue<'_, R, W>,
    memorandum: &Memorandum,
    words: &Words,
    organs: &[String],
    title: &str,
) -> Result<String, Stopped> {
    if let [only] = organs {
        return Ok(only.clone());
    }
    let label = |id: &String| {
        let row = memorandum.organs.get(id);
        row.map_or_else(String::new, |row| words.label(&row.label).to_owned())
    };
    let prompt = Prompt {
        title: words.say(title),
        hint: words.say("choose-one"),
        choices: organs.iter().map(|id| (id.clone(), label(id))).collect(),
        needed: true,
        ..Prompt::default()
    };
    Ok(dialogue.choose(&prompt)?.unwrap_or_default())
}

/// The officer's organs that may send this act; all of them if none may, so that the refusal names the rule.
fn senders(memorandum: &Memorandum, line: &ActLine, desk: &Desk) -> Vec<String> {
    let may = |id: &&String| {
        memorandum
            .organs
            .get(id)
            .is_some_and(|organ| organ.groups.contains(&line.group))
    };
    let able: Vec<String> = desk.organs.iter().filter(may).cloned().collect();
    if able.is_empty() {
        desk.organs.clone()
    } else {
        able
    }
}

/// The organs of other Parties that may be addressed; all of theirs if none may.
fn addressees(memorandum: &Memorandum, line: &ActLine, desk: &Desk) -> Vec<String> {
    let theirs = || {
        memorandum
            .organs
            .iter()
            .filter(|organ| organ.party != desk.party)
    };
    let able: Vec<String> = theirs()
        .filter(|organ| organ.groups.contains(&line.group) || organ.receives.contains(&line.group))
        .map(|organ| organ.id.clone())
        .collect();
    if able.is_empty() {
        return theirs().map(|organ| organ.id.clone()).collect();
    }
    able
}
