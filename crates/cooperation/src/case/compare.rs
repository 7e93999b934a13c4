//! One stated effect beside one found, and an effect in words.

use jiff::Timestamp;

use super::story::Member;
use crate::judgement::Effect;

/// Whether an effect has this member.
pub(super) fn member_fits(key: &str, member: &Member, effect: &Effect) -> bool {
    let text = |found: Option<&str>| found.is_some() && found == member.value.as_text();
    let instant = |found: Option<Timestamp>| found.is_some() && found == member.value.as_instant();
    let list = |found: &[String]| {
        let mut found: Vec<&str> = found.iter().map(String::as_str).collect();
        let mut wanted: Vec<&str> = member.value.texts().collect();
        found.sort_unstable();
        wanted.sort_unstable();
        found == wanted
    };
    match key {
        "id" => text(Some(&effect.kind)),
        "clock" => text(effect.clock.as_deref()),
        "debtor" => text(effect.debtor.as_deref()),
        "mark" => text(effect.mark.as_deref()),
        "step" => text(effect.step.as_deref()),
        "start" => instant(effect.start),
        "due" => instant(effect.due),
        "from" => instant(effect.from),
        "leaves_at" => instant(effect.leaves_at),
        "paused_from" => instant(effect.paused.map(|(from, _)| from)),
        "paused_to" => instant(effect.paused.map(|(_, to)| to)),
        "part" => list(&effect.part),
        _ => list(&effect.to),
    }
}

/// An effect in words, for a difference.
pub(super) fn in_words(effect: &Effect) -> String {
    let texts = [
        ("clock", &effect.clock),
        ("debtor", &effect.debtor),
        ("mark", &effect.mark),
        ("step", &effect.step),
    ];
    let instants = [
        ("start", effect.start),
        ("due", effect.due),
        ("from", effect.from),
        ("leaves_at", effect.leaves_at),
        ("paused_from", effect.paused.map(|(from, _)| from)),
        ("paused_to", effect.paused.map(|(_, to)| to)),
    ];
    let lists = [("part", &effect.part), ("to", &effect.to)];
    let mut words = vec![effect.kind.clone()];
    let texts = texts
        .into_iter()
        .filter_map(|(key, text)| text.as_ref().map(|text| (key, text)));
    words.extend(texts.map(|(key, text)| format!("{key} = {text}")));
    let instants = instants
        .into_iter()
        .filter_map(|(key, at)| at.map(|at| (key, at)));
    words.extend(instants.map(|(key, at)| format!("{key} = {at}")));
    let lists = lists.into_iter().filter(|(_, list)| !list.is_empty());
    words.extend(lists.map(|(key, list)| format!("{key} = [{}]", list.join(", "))));
    words.join(", ")
}
