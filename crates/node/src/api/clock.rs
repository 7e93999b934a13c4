//! `/v1/clock`: what time it is for the node, and the driven clock of a demonstration.

use axum::{Json, extract::State};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Shell, asked::Form, problem::Problem};

/// Where to drive the clock: to an instant, or by so long.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drive {
    to: Option<Timestamp>,
    by: Option<SignedDuration>,
}

/// `GET /v1/clock`
pub async fn show(State(shell): State<Shell>) -> Json<Value> {
    shell.answer(json!({ "driven": shell.node.clock.is_driven() }))
}

/// `POST /v1/clock`
pub async fn drive(
    State(shell): State<Shell>,
    Form(drive): Form<Drive>,
) -> Result<Json<Value>, Problem> {
    let to = match (drive.to, drive.by) {
        (Some(to), None) => Some(to),
        (None, Some(by)) => shell.node.clock.now().checked_add(by).ok(),
        _ => None,
    };
    let to = to.ok_or_else(|| {
        Problem::malformed("the clock is driven `to` an instant or `by` a duration").what_to_do(
            "send one of them, as {\"to\":\"2026-03-01T10:00:00Z\"} or {\"by\":\"PT8H\"}",
        )
    })?;
    let done = shell.node.drive(to).map_err(|e| {
        Problem::conflict("the clock was not moved")
            .detail(e.to_string())
            .what_to_do("only the clock of a demonstration is driven, and only forward")
    })?;
    // Whatever fell due by then has been done at once.
    done.map_err(|fault| {
        Problem::broken("what fell due could not be done").detail(fault.to_string())
    })?;
    Ok(shell.answer(json!({ "driven": true })))
}
