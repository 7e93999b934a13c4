//! The API of the node, `/v1`: the table of contents is [`routes`].
//!
//! Heard on a socket of the data folder or on loopback, never beyond; every route needs the token. Described by
//! `docs/openapi.json`, which is also served.

use std::sync::Arc;

use axum::{
    Router,
    http::header,
    middleware,
    response::{IntoResponse, Response},
    routing::get,
};

pub mod problem;
pub mod token;
pub mod view;

use problem::Problem;
use token::Token;

use crate::{config::Config, roster::Roster};

/// The header that names the officer who acts; without it, the officer of the settings acts.
pub const OFFICER: &str = "entente-officer";

/// The document that describes the API, as it is served and committed.
pub const DOCUMENT: &str = include_str!("../../../../docs/openapi.json");

/// What every handler sees.
#[derive(Clone)]
pub struct Shell {
    token: Token,
    config: Arc<Config>,
    roster: Arc<Roster>,
}

/// Every route, each behind the token.
pub fn routes(shell: Shell) -> Router {
    Router::new()
        .route("/v1/openapi.json", get(document))
        .fallback(unknown)
        .layer(middleware::from_fn_with_state(shell.clone(), token::check))
        .with_state(shell)
}

async fn document() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], DOCUMENT).into_response()
}

async fn unknown() -> Problem {
    Problem::absent("there is no such path").what_to_do("`GET /v1/openapi.json` lists every path")
}
