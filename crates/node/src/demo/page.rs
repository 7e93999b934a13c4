//! The local page: what each side sees, both ledgers, every act with its proof. Read from the nodes at each look.

use std::{collections::BTreeMap, convert::Infallible, net::TcpListener, path::PathBuf, sync::Arc};

use askama::Template;
use axum::{
    Router,
    extract::{FromRequestParts, Path, State, rejection::PathRejection},
    http::{StatusCode, header, request::Parts},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use serde_json::Value;

use super::{
    evidence,
    evidence::Verified,
    play::Told,
    script::Day,
    side::{Look, unshown::Unshown},
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
    /// The memorandum as a node showed it when the day was over, by language.
    pub memorandum: BTreeMap<&'static str, Value>,
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
    let words = Words::all();
    let first = &stage.sides[0];
    let memorandum = words.keys().map(|language| {
        let shown = first.get_in(language, "/v1/memorandum")?;
        Ok((*language, shown))
    });
    let memorandum = memorandum.collect::<Result<_, Failure>>()?;
    let shows = Arc::new(Shows {
        day,
        stage,
        told,
        verified,
        words,
        memorandum,
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
        .fallback(no_page)
        .with_state(shows)
}

async fn day_page(State(shows): State<Arc<Shows>>, asked: Asked) -> Response {
    shown(shows, asked, |look| {
        let page = DayPage {
            frame: look.frame("day", "/"),
            verified: look.verified(),
            sides: look.sides()?,
        };
        printed(&page)
    })
    .await
}

async fn ledgers_page(State(shows): State<Arc<Shows>>, asked: Asked) -> Response {
    shown(shows, asked, |look| {
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
    asked: Asked,
    named: Result<Path<(String, String)>, PathRejection>,
) -> Response {
    shown(shows, asked, move |look| {
        let Path((_, name)) = named.map_err(|_| Unshown::NoPage)?;
        let page = ActPage {
            frame: look.frame("act", &format!("/act/{}", super::watch::escaped(&name))),
            act: look.act(&name)?,
        };
        printed(&page)
    })
    .await
}

async fn no_page(State(shows): State<Arc<Shows>>, asked: Asked) -> Response {
    answered(shows, asked, |_| Err(Unshown::NoPage)).await
}

fn printed(page: &impl Template) -> Result<Response, Unshown> {
    Ok(console::page(StatusCode::OK, rendered(page)?))
}

fn rendered(page: &impl Template) -> Result<String, Failure> {
    page.render()
        .map_err(|error| Failure::broken("the page cannot be printed").because(&error))
}

/// A page whose address begins with its language.
async fn shown(
    shows: Arc<Shows>,
    asked: Asked,
    print: impl FnOnce(&Look<'_>) -> Result<Response, Unshown> + Send + 'static,
) -> Response {
    let spoken = asked.spoken;
    answered(shows, asked, move |look| {
        if spoken {
            print(look)
        } else {
            Err(Unshown::NoPage)
        }
    })
    .await
}

/// Reads from the nodes on a thread that may block, and prints the page, or the one that says why it cannot be shown.
async fn answered(
    shows: Arc<Shows>,
    asked: Asked,
    print: impl FnOnce(&Look<'_>) -> Result<Response, Unshown> + Send + 'static,
) -> Response {
    let printed = tokio::task::spawn_blocking(move || {
        let look = Look::at(&shows, &shows.words[asked.language]);
        print(&look).or_else(|why| {
            let why = why.explained(&shows.stage);
            let page = look.unshown(&asked.path, &why);
            Ok::<_, Failure>(console::page(why.status(), rendered(&page)?))
        })
    });
    match printed.await {
        Ok(Ok(response)) => response,
        _ => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// One file of the proof of an act, as `ledger proof` writes it.
async fn proof_file(
    State(shows): State<Arc<Shows>>,
    asked: Asked,
    named: Result<Path<(String, String)>, PathRejection>,
) -> Response {
    answered(shows, asked, move |look| {
        let Path((name, file)) = named.map_err(|_| Unshown::NoPage)?;
        let known = PROOF.iter().find(|known| **known == file);
        let known = known.ok_or(Unshown::NoPage)?;
        let stage = &look.shows.stage;
        let folder: PathBuf = stage
            .dir
            .join("proof")
            .join(super::watch::escaped(&name).replace('%', "_"));
        if !folder.join(known).is_file() {
            let side = super::side::holder(stage, &name).ok_or(Unshown::NoAct)?;
            evidence::proof(side, &name, &folder.display().to_string())?;
        }
        let bytes = std::fs::read(folder.join(known)).map_err(|error| {
            Failure::broken("the file of the proof cannot be read").because(&error)
        })?;
        let kind = [(header::CONTENT_TYPE, "application/octet-stream")];
        Ok((kind, bytes).into_response())
    })
    .await
}

/// Who looks: in which language, at which page.
struct Asked {
    language: &'static str,
    /// Whether the address names the language.
    spoken: bool,
    /// The address without its language.
    path: String,
}

impl FromRequestParts<Arc<Shows>> for Asked {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, shows: &Arc<Shows>) -> Result<Self, Infallible> {
        let path = parts.uri.path();
        let known = |code: &str| shows.words.keys().find(|known| **known == code).copied();
        let first = path.split('/').nth(1).unwrap_or_default();
        if let Some(language) = known(first) {
            let path = &path[1 + first.len()..];
            return Ok(Self {
                language,
                spoken: true,
                path: if path.is_empty() { "/" } else { path }.to_owned(),
            });
        }
        // The address names no language: the first that the reader prefers and a catalogue speaks.
        let wanted = parts.headers.get(header::ACCEPT_LANGUAGE);
        let wanted = wanted.and_then(|wanted| wanted.to_str().ok());
        let mut codes = wanted.unwrap_or_default().split(',');
        let wanted = codes.find_map(|code| known(code.trim().split([';', '-']).next()?));
        Ok(Self {
            language: wanted.unwrap_or("en"),
            spoken: false,
            path: path.to_owned(),
        })
    }
}

/// Whether an answer says that an act was sent by the side that answered.
pub fn is_sent(act: &Value) -> bool {
    act["direction"] == "sent"
}
