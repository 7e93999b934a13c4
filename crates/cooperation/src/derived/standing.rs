//! Whether the act may be done at all just now: ended, suspended, stopped, contested.

use super::{Finding, View};
use crate::memorandum::{ActLine, Chapter};

/// The memorandum has ended.
pub(super) fn ended<'a>(view: &View<'a>) -> Finding<'a> {
    Finding::Truth(view.state.ends_at.is_some_and(|end| view.moment.at >= end))
}

/// The act is admitted after the end.
pub(super) fn winding_up<'a>(view: &View<'a>) -> Finding<'a> {
    Finding::Truth(view.memorandum.winding_up.contains(&view.act.kind))
}

/// The chapter of the act is suspended.
pub(super) fn chapter_suspended<'a>(view: &View<'a>) -> Finding<'a> {
    Finding::Truth(chapter(view).is_some_and(|chapter| view.state.suspended.contains(&chapter.id)))
}

/// The suspension mentions the alerts.
pub(super) fn alerts_suspended<'a>(view: &View<'a>) -> Finding<'a> {
    Finding::Truth(view.state.alerts_suspended)
}

/// A stop in force covers the act, its case, one of its organs or its chapter.
pub(super) fn stopped<'a>(view: &View<'a>) -> Finding<'a> {
    let covers = |scope: &str| {
        let Some((kind, what)) = scope.split_once(':') else {
            return false;
        };
        match kind {
            "case" => view.text("case") == Some(what),
            "organ" => view.act.from == what || view.act.to.as_deref() == Some(what),
            "chapter" => chapter(view).is_some_and(|chapter| chapter.id == what),
            "act" => ["reference", "in_reply_to"]
                .iter()
                .any(|slot| view.text(slot) == Some(what)),
            _ => false,
        }
    };
    Finding::Truth(view.state.stops.iter().any(|(scope, _)| covers(scope)))
}

/// A dispute that stands contests the act, what it answers or rests on, or the acts of its article in its case.
pub(super) fn contested<'a>(view: &View<'a>) -> Finding<'a> {
    let Some(line) = view.line else {
        return Finding::Truth(false);
    };
    let touches = |contested: &str| {
        ["reference", "in_reply_to", "consent"]
            .iter()
            .any(|slot| view.text(slot) == Some(contested))
    };
    Finding::Truth(view.state.disputes.values().any(|dispute| {
        dispute.act.as_deref().is_some_and(touches)
            || dispute.case.is_some()
                && dispute.case.as_deref() == view.text("case")
                && article_of(&dispute.article) == article_of(&line.article)
    }))
}

/// The act is an act of protection.
pub(super) fn protective<'a>(view: &View<'a>) -> Finding<'a> {
    Finding::Truth(view.line.is_some_and(|line| is_protective(view, line)))
}

/// Whether the list of acts of protection names the act, always or for what its slots hold.
pub(super) fn is_protective(view: &View<'_>, line: &ActLine) -> bool {
    let protective = &view.memorandum.protective;
    protective.acts.contains(&line.id)
        || protective.when.get(&line.id).is_some_and(|wanted| {
            wanted
                .iter()
                .all(|(slot, value)| view.text(slot) == Some(value))
        })
}

/// The chapter of the act.
fn chapter<'a>(view: &View<'a>) -> Option<&'a Chapter> {
    view.memorandum.chapter_of(&view.line?.article)
}

/// The article of a paragraph: `12` of `12.1`.
fn article_of(paragraph: &str) -> &str {
    paragraph
        .split_once('.')
        .map_or(paragraph, |(article, _)| article)
}
