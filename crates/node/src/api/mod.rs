//! The API of the node, `/v1`: the table of contents is [`routes`].
//!
//! Heard on a socket of the data folder or on loopback, never beyond; every route needs the token. Described by
//! `docs/openapi.json`, which is also served. National systems and the command line are its clients.

use axum::{
    Router, middleware,
    routing::{get, post},
};

pub mod act;
pub mod asked;
pub mod case;
pub mod clock;
pub mod doctor;
pub mod document;
pub mod door;
pub mod draft;
pub mod keys;
pub mod ledger;
pub mod lists;
pub mod memorandum;
pub mod metrics;
pub mod partner;
pub mod patience;
pub mod problem;
pub mod proof;
pub mod shell;
pub mod status;
pub mod token;
pub mod verdict;
pub mod view;

use problem::Problem;
pub use shell::Shell;

/// The header that names the officer who acts; without it, the officer of the settings acts.
pub const OFFICER: &str = "entente-officer";

/// The largest request that is read: a draft with its files.
pub const REQUEST_MAX_BYTES: usize = 8 * 1024 * 1024;

/// Every path, with its methods, as the document lists them.
pub const PATHS: [(&str, &[&str]); 25] = [
    ("/v1/openapi.json", &["get"]),
    ("/v1/status", &["get"]),
    ("/v1/metrics", &["get"]),
    ("/v1/doctor", &["get"]),
    ("/v1/clock", &["get", "post"]),
    ("/v1/memorandum", &["get"]),
    ("/v1/schema", &["get"]),
    ("/v1/judgements", &["post"]),
    ("/v1/acts", &["post"]),
    ("/v1/acts/{name}", &["get"]),
    ("/v1/acts/{name}/proof", &["get"]),
    ("/v1/acts/{name}/revelation", &["post"]),
    ("/v1/outbox", &["get"]),
    ("/v1/inbox", &["get"]),
    ("/v1/cases", &["get"]),
    ("/v1/cases/{case}", &["get"]),
    ("/v1/cases/{case}/owner", &["post"]),
    ("/v1/cases/{case}/closing", &["post"]),
    ("/v1/partners/{partner}/reopening", &["post"]),
    ("/v1/partners/{partner}/notices", &["post"]),
    ("/v1/keys", &["get"]),
    ("/v1/keys/notices", &["post"]),
    ("/v1/ledgers", &["get"]),
    ("/v1/ledgers/{partner}/{whose}", &["get"]),
    ("/v1/ledgers/{partner}/{whose}/entries", &["get"]),
];

/// Every route, each behind the token.
pub fn routes(shell: Shell) -> Router {
    Router::new()
        .route("/v1/openapi.json", get(document::show))
        .route("/v1/status", get(status::show))
        .route("/v1/metrics", get(metrics::show))
        .route("/v1/doctor", get(doctor::show))
        .route("/v1/clock", get(clock::show).post(clock::drive))
        .route("/v1/memorandum", get(memorandum::show))
        .route("/v1/schema", get(memorandum::schema))
        .route("/v1/judgements", post(act::judge))
        .route("/v1/acts", post(act::release))
        .route("/v1/acts/{name}", get(act::show))
        .route("/v1/acts/{name}/proof", get(proof::show))
        .route("/v1/acts/{name}/revelation", post(proof::reveal))
        .route("/v1/outbox", get(lists::outbox))
        .route("/v1/inbox", get(lists::inbox))
        .route("/v1/cases", get(case::list))
        .route("/v1/cases/{case}", get(case::show))
        .route("/v1/cases/{case}/owner", post(case::take))
        .route("/v1/cases/{case}/closing", post(case::close))
        .route("/v1/partners/{partner}/reopening", post(partner::reopen))
        .route("/v1/partners/{partner}/notices", post(keys::accept))
        .route("/v1/keys", get(keys::show))
        .route("/v1/keys/notices", post(keys::announce))
        .route("/v1/ledgers", get(ledger::check))
        .route("/v1/ledgers/{partner}/{whose}", get(ledger::show))
        .route(
            "/v1/ledgers/{partner}/{whose}/entries",
            get(ledger::entries),
        )
        .fallback(unknown)
        .method_not_allowed_fallback(async || Problem::method())
        .layer(axum::extract::DefaultBodyLimit::max(REQUEST_MAX_BYTES))
        .layer(middleware::from_fn_with_state(shell.clone(), token::check))
        .with_state(shell)
}

async fn unknown() -> Problem {
    Problem::absent("there is no such path").what_to_do("`GET /v1/openapi.json` lists every path")
}
