//! `/v1/cases`: what belongs together, who answers for it, how it ended.

use axum::{
    Json,
    extract::{Path, State},
};
use entente_store::{ClockLine, InboxLine, OutboxLine};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Shell,
    asked::Sought,
    lists::replies,
    problem::Problem,
    shell::{Language, apart, view},
};
use crate::link::Link;

/// Which cases.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Which {
    /// Closed ones too.
    #[serde(default)]
    all: bool,
    /// At most so many; 500 at most.
    limit: Option<u64>,
}

/// `GET /v1/cases`
pub async fn list(
    State(shell): State<Shell>,
    language: Language,
    Sought(which): Sought<Which>,
) -> Result<Json<Value>, Problem> {
    apart(move || {
        let agreement = shell.node.agreement();
        let view = view(&agreement, &language);
        let limit = which.limit.unwrap_or(50).clamp(1, 500);
        let mut items = Vec::new();
        for link in shell.node.links() {
            let cases = shell
                .node
                .store
                .cases(link.id, which.all, limit)
                .map_err(unreadable)?;
            items.extend(cases.iter().map(|case| view.case(case)));
        }
        Ok(shell.answer(json!({ "items": items })))
    })
    .await
}

/// `GET /v1/cases/{case}`: its acts in order, its clocks, who answers for it. Without content.
pub async fn show(
    State(shell): State<Shell>,
    language: Language,
    Path(case): Path<String>,
) -> Result<Json<Value>, Problem> {
    apart(move || {
        for link in shell.node.links() {
            if let Some(members) = on_link(&shell, &link, &language, &case)? {
                return Ok(shell.answer(members));
            }
        }
        Err(unknown(&case))
    })
    .await
}

fn on_link(
    shell: &Shell,
    link: &Link,
    language: &Language,
    case: &str,
) -> Result<Option<Value>, Problem> {
    let (store, agreement) = (&shell.node.store, shell.node.agreement());
    let Some(line) = store.case(link.id, case).map_err(unreadable)? else {
        return Ok(None);
    };
    let view = view(&agreement, language);
    let sent = store.outbox_of_case(link.id, case).map_err(unreadable)?;
    let received = store.inbox_of_case(link.id, case).map_err(unreadable)?;
    let clocks = store.clocks_of_case(link.id, case).map_err(unreadable)?;
    let mut acts: Vec<(Timestamp, Value)> = Vec::new();
    for line in &sent {
        acts.push((line.released_at, of_ours(shell, link, language, line)?));
    }
    acts.extend(
        received
            .iter()
            .map(|line| (line.received_at, of_theirs(&view, line, &clocks))),
    );
    acts.sort_by_key(|(at, _)| *at);
    let mut members = view.case(&line);
    members["partner"] = json!(link.partner);
    members["acts"] = acts.into_iter().map(|(_, act)| act).collect();
    members["clocks"] = clocks.iter().map(|clock| view.clock(clock)).collect();
    Ok(Some(members))
}

fn of_ours(
    shell: &Shell,
    link: &Link,
    language: &Language,
    line: &OutboxLine,
) -> Result<Value, Problem> {
    let agreement = shell.node.agreement();
    let mut act = view(&agreement, language).sent(line, &replies(shell, link, line)?);
    act["direction"] = json!("sent");
    Ok(act)
}

fn of_theirs(view: &super::view::View<'_>, line: &InboxLine, clocks: &[ClockLine]) -> Value {
    let own: Vec<ClockLine> = clocks
        .iter()
        .filter(|clock| line.reference.as_ref() == Some(&clock.of_reference))
        .cloned()
        .collect();
    let mut act = view.received(line, &own);
    act["direction"] = json!("received");
    act
}

fn unknown(case: &str) -> Problem {
    Problem::absent(format!("no case `{case}` was opened here"))
        .what_to_do("`GET /v1/cases`, or `entente case` without a number, lists them")
}

fn unreadable(error: entente_store::StoreError) -> Problem {
    Problem::broken("the database cannot be read").detail(error.to_string())
}
