//! `/v1/partners/{partner}/reopening`: people have spoken, and a link that stood still goes on.

use axum::{
    Extension, Json,
    extract::{Path, State},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Shell, asked::Form, problem::Problem, shell::apart, token::Asker};

/// Why the link may go on.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reopening {
    reason: String,
}

/// `POST /v1/partners/{partner}/reopening`
pub async fn reopen(
    State(shell): State<Shell>,
    Extension(asker): Extension<Asker>,
    Path(partner): Path<String>,
    Form(Reopening { reason }): Form<Reopening>,
) -> Result<Json<Value>, Problem> {
    apart(move || {
        if reason.trim().is_empty() {
            return Err(Problem::malformed("a link is reopened for a reason")
                .at("reason")
                .what_to_do("say what people found out and agreed"));
        }
        let link = shell.node.link(&partner).ok_or_else(|| {
            Problem::absent(format!("no partner `{partner}` was accepted"))
                .what_to_do("`GET /v1/status` names the partners")
        })?;
        let reopened = shell.node.reopen(&link, asker.officer(), &reason);
        let reopened = reopened.map_err(|fault| {
            Problem::broken("the link was not reopened").detail(fault.to_string())
        })?;
        if !reopened {
            return Err(Problem::conflict("nothing stands in the way on this link")
                .what_to_do("`entente doctor` says how it stands"));
        }
        Ok(shell.answer(json!({ "partner": partner, "reopened": true })))
    })
    .await
}
