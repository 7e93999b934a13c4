//! The local page: what each side sees, both ledgers, every act with its proof. Read from the nodes at each look.

use std::{collections::BTreeMap, net::TcpListener, path::PathBuf, sync::Arc};

use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use serde_json::Value;

use super::{
    evidence,
    evidence::Verified,
    play::Told,
    script::Day,
    side::Look,
    stage::Stage,
    story::{self, Line},
    tell::Form,
};
use crate::{
    command::answer::Failure,
    console::{
        self,
        view::{ActPage, DayPage, LedgersPage},
        words::Words,
    },
};

/// What the page reads from.
pub struct Shows {
    /// The scripted day.
    pub day: Day,
    /// The two nodes.
    pub stage: Stage,
    /// What was told.
    pub told: Told,
    /// What the exported files showed.
    pub verified: Verified,
    /// The catalogues.
    pub words: BTreeMap<&'static str, Words>,
}

/// The files of a proof that may be taken away.
pub const PROOF: [&str; 6] = [
    "sent.tlog-proof",
    "sent.entry",
    "sent.opening",
    "receipt.tlog-proof",
    "receipt.entry",
    "receipt.opening",
];

/// Shows the page until Ctrl-C.
///
/// # Errors
/// When it cannot be shown.
pub fn serve(
    listener: TcpListener,
    day: Day,
    stage: Stage,
    told: Told,
    verified: Verified,
    form: Form,
) -> Result<(), Failure> {
    let shows = Arc::new(Shows {
        day,
        stage,
        told,
        verified,
        words: Words::all(),
    });
    let broken =
        |error: std::io::Error| Failure::broken("the page cannot be shown").because(&error);
    let runtime = tokio::runtime::Runtime::new().map_err(broken)?;
    runtime.block_on(async {
        listener.set_nonblocking(true).map_err(broken)?;
        let listener = tokio::net::TcpListener::from_std(listener).map_err(broken)?;
        let address = listener.local_addr().map_err(broken)?;
        let address = format!("http://{address}/");
        form.tell(&shows.day, &Line::Page(story::Page { address }));
        axum::serve(listener, routes(shows))
            .with_graceful_shutdown(ended())
            .await
            .map_err(broken)
    })
}

/// Until Ctrl-C, or until the process is asked to end: both nodes are stopped with it.
async fn ended() {
    use tokio::signal::unix::{SignalKind, signal};
    // Without signals to listen for, the page is shown until the process is ended from outside.
    let Ok(mut asked) = signal(SignalKind::terminate()) else {
        let _ = tokio::signal::ctrl_c().await;
        return;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = asked.recv() => {}
    }
}

fn routes(shows: Arc<Shows>) -> Router {
    Router::new()
        .route("/", get(|| async { Redirect::temporary("/en/") }))
        .route("/{language}/", get(day_page))
        .route("/{language}/ledgers", get(ledgers_page))
        .route("/{language}/act/{name}", get(act_page))
        .route("/proof/{name}/{file}", get(proof_file))
        .merge(console::assets())
        .fallback(|| async { StatusCode::NOT_FOUND })
        .with_state(shows)
}

async fn day_page(State(shows): State<Arc<Shows>>, Path(language): Path<String>) -> Response {
    shown(shows, language, |look| {
        let page = DayPage {
            frame: look.frame("day", "/"),
            verified: look.verified(),
            sides: look.sides()?,
        };
        printed(&page)
    })
    .await
}

async fn ledgers_page(State(shows): State<Arc<Shows>>, Path(language): Path<String>) -> Response {
    shown(shows, language, |look| {
        let page = LedgersPage {
            frame: look.frame("ledgers", "/ledgers"),
            ledgers: look.ledgers()?,
            command: look.shows.verified.command.clone(),
        };
        printed(&page)
    })
    .await
}

async fn act_page(
    State(shows): State<Arc<Shows>>,
    Path((language, name)): Path<(String, String)>,
) -> Response {
    shown(shows, language, move |look| {
        let page = ActPage {
            frame: look.frame("act", &format!("/act/{}", super::watch::escaped(&name))),
            act: look.act(&name)?,
        };
        printed(&page)
    })
    .await
}

fn printed(page: &impl Template) -> Result<String, Failure> {
    page.render()
        .map_err(|error| Failure::broken("the page cannot be printed").because(&error))
}

/// Reads from the nodes on a thread that may block, and prints the page or what went wrong.
async fn shown(
    shows: Arc<Shows>,
    language: String,
    print: impl FnOnce(&Look<'_>) -> Result<String, Failure> + Send + 'static,
) -> Response {
    let printed = tokio::task::spawn_blocking(move || {
        let Some(words) = shows.words.get(language.as_str()) else {
            return Ok(None);
        };
        let look = Look::at(&shows, words)?;
        print(&look).map(Some)
    });
    match printed.await {
        Ok(Ok(Some(html))) => console::page(html),
        Ok(Ok(None)) => StatusCode::NOT_FOUND.into_response(),
        Ok(Err(failure)) => (StatusCode::BAD_GATEWAY, failure.to_string()).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// One file of the proof of an act, as `ledger proof` writes it.
async fn proof_file(
    State(shows): State<Arc<Shows>>,
    Path((name, file)): Path<(String, String)>,
) -> Response {
    let read = tokio::task::spawn_blocking(move || {
        let known = PROOF.iter().find(|known| **known == file)?;
        let folder: PathBuf = shows
            .stage
            .dir
            .join("proof")
            .join(super::watch::escaped(&name).replace('%', "_"));
        if !folder.join(known).is_file() {
            let side = super::side::holder(&shows.stage, &name)?;
            evidence::proof(side, &name, &folder.display().to_string()).ok()?;
        }
        std::fs::read(folder.join(known)).ok()
    });
    match read.await {
        Ok(Some(bytes)) => {
            ([(header::CONTENT_TYPE, "application/octet-stream")], bytes).into_response()
        }
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Whether an answer says that an act was sent by the side that answered.
pub fn is_sent(act: &Value) -> bool {
    act["direction"] == "sent"
}
