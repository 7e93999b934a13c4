//! Where partners are heard: TLS that knows them by their keys, bounded requests, budgets; three paths and nothing else.

use std::{io, sync::Arc, time::Duration};

use http_body_util::{BodyExt, Full, Limited};
use hyper::{
    Method, Request, Response, StatusCode,
    body::{Bytes, Incoming},
    header::CONTENT_TYPE,
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde::Serialize;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    task::{self, JoinSet},
    time::timeout,
};
use tokio_rustls::TlsAcceptor;

use super::{
    budget::{Budgets, Lane, Limits, RESERVED_MAX_BYTES},
    dated,
    handshakes::Handshakes,
    parcel::{PARCEL_MAX_BYTES, Parcel},
    problem::Problem,
    tls,
};
use crate::{fault::ReceiveFault, node::Node};

/// How long a handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(3);
/// How long the head of a request may take, the wait for the next request included.
const HEAD: Duration = Duration::from_secs(120);
/// How long a body may take.
const BODY: Duration = Duration::from_secs(60);
/// Handshakes at the same time, of whomever; then the oldest gives way.
const HANDSHAKES: usize = 64;

/// Hears partners until `stop` says so; answers that are being made are finished.
pub async fn serve(
    node: Arc<Node>,
    listener: TcpListener,
    limits: Limits,
    mut stop: watch::Receiver<bool>,
) -> Result<(), rustls::Error> {
    let config = tls::server(&node)?;
    // Handshakes take half of what there is at most, so that the oldest gives way before a newer one must wait outside.
    let handshakes = HANDSHAKES.min(limits.all_connections / 2).max(1);
    let door = Arc::new(Door {
        acceptor: TlsAcceptor::from(Arc::new(config)),
        budgets: Budgets::new(limits),
        handshakes: Handshakes::at_most(handshakes),
        node,
    });
    let places = Arc::new(Semaphore::new(limits.all_connections));
    let mut connections = JoinSet::new();
    while !*stop.borrow() {
        tokio::select! {
            accepted = accept(&listener, &places) => match accepted {
                Ok((stream, place)) => {
                    let heard = hear(Arc::clone(&door), stream, stop.clone());
                    connections.spawn(async move {
                        heard.await;
                        drop(place);
                    });
                }
                Err(error) => {
                    tracing::warn!(%error, "a connection was not accepted");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            },
            Some(_) = connections.join_next() => {}
            _ = stop.changed() => {}
        }
    }
    while connections.join_next().await.is_some() {}
    Ok(())
}

/// The next connection, once there is a place for it; until then it waits with the system, and takes no descriptor of ours.
async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> io::Result<(TcpStream, OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await;
    let place = place.map_err(io::Error::other)?;
    let (stream, _) = listener.accept().await?;
    Ok((stream, place))
}

struct Door {
    acceptor: TlsAcceptor,
    budgets: Budgets,
    handshakes: Handshakes,
    node: Arc<Node>,
}

/// One connection, from the handshake to its end.
async fn hear(door: Arc<Door>, stream: TcpStream, mut stop: watch::Receiver<bool>) {
    let _ = stream.set_nodelay(true);
    let place = door.handshakes.begin();
    let handshake = door.acceptor.accept(door.node.traffic.counted(stream));
    let secured = tokio::select! {
        secured = timeout(HANDSHAKE, handshake) => secured,
        () = place.given_up() => {
            tracing::debug!("a handshake gave way to a newer one");
            return;
        }
    };
    let Ok(Ok(secured)) = secured else {
        tracing::debug!("a handshake failed");
        return;
    };
    drop(place);
    let certificates = secured.get_ref().1.peer_certificates();
    let pin = certificates.and_then(|all| tls::pin_of(all.first()?).ok());
    let Some(pin) = pin else {
        return;
    };
    let Some(party) = door.node.party_of(&pin) else {
        return;
    };
    let budget = door.budgets.of(&party);
    let Some(_connection) = budget.connection() else {
        tracing::warn!(%party, "too many connections of one partner");
        return;
    };
    let service = service_fn(|request| {
        let (door, party) = (Arc::clone(&door), party.clone());
        async move {
            // A key that was revoked meanwhile is a stranger's, on a connection that stands as on a new one.
            if door.node.party_of(&pin).as_ref() != Some(&party) {
                return Ok::<_, std::convert::Infallible>(problem_of(&Problem::Stranger));
            }
            Ok(answer(&door, &party, request).await)
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_buf_size(64 * 1024)
        .serve_connection(TokioIo::new(secured), service);
    tokio::pin!(connection);
    tokio::select! {
        _ = connection.as_mut() => {}
        _ = stop.changed() => {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    }
}

/// One answer, dated by our clock; what the request says of the partner's is noted.
async fn answer(door: &Door, party: &str, request: Request<Incoming>) -> Response<Full<Bytes>> {
    let now = door.node.clock.now();
    let dated = dated::stated(request.headers());
    door.node.heard.answered(party, now, now, dated);
    let mut response = answer_to(door, party, request).await;
    dated::state(response.headers_mut(), door.node.clock.now());
    response
}

/// The table of contents.
async fn answer_to(door: &Door, party: &str, request: Request<Incoming>) -> Response<Full<Bytes>> {
    let query = request.uri().query().unwrap_or_default().to_owned();
    let answered = match (request.method(), request.uri().path()) {
        (&Method::POST, "/entente/v1/parcel") => parcel(door, party, &query, request).await,
        (&Method::GET, "/entente/v1/mirror") => mirror(door, party, &query).await,
        (&Method::GET, "/entente/v1/entries") => entries(door, party, &query).await,
        _ => return plain(StatusCode::NOT_FOUND, Bytes::new()),
    };
    match answered {
        Ok(bytes) => plain(StatusCode::OK, bytes),
        Err(problem) => problem_of(&problem),
    }
}

async fn parcel(
    door: &Door,
    party: &str,
    query: &str,
    request: Request<Incoming>,
) -> Result<Bytes, Problem> {
    let (lane, most) = match member(query, "lane") {
        Some("reserved") => (Lane::Reserved, RESERVED_MAX_BYTES),
        _ => (Lane::Ordinary, PARCEL_MAX_BYTES),
    };
    let budget = door.budgets.of(party);
    let _flight = budget
        .flight(lane)
        .ok_or(Problem::Busy { retry_after_s: 1 })?;
    let body = timeout(BODY, Limited::new(request.into_body(), most).collect()).await;
    let body = body.map_err(|_| Problem::malformed("the body took too long"))?;
    let body = body
        .map_err(|error| Problem::malformed(error.to_string()))?
        .to_bytes();
    if !budget.spend(lane, body.len(), door.node.clock.now()) {
        return Err(Problem::Busy { retry_after_s: 60 });
    }
    let party = party.to_owned();
    blocking(door, move |node| {
        let parcel = Parcel::read(&body).map_err(|fault| Problem::malformed(fault.to_string()))?;
        Ok(Bytes::from(node.receive(&party, &parcel)?.write()))
    })
    .await
}

async fn mirror(door: &Door, party: &str, query: &str) -> Result<Bytes, Problem> {
    let link = member(query, "link").unwrap_or_default().to_owned();
    let party = party.to_owned();
    blocking(door, move |node| {
        Ok(json(&node.mirrored_for(&party, &link)?))
    })
    .await
}

async fn entries(door: &Door, party: &str, query: &str) -> Result<Bytes, Problem> {
    let link = member(query, "link").unwrap_or_default().to_owned();
    let from = member(query, "from").and_then(|from| from.parse().ok());
    let from = from.ok_or_else(|| Problem::malformed("`from` is a position"))?;
    let party = party.to_owned();
    blocking(door, move |node| {
        Ok(json(&node.entries_for(&party, &link, from)?))
    })
    .await
}

/// Runs what blocks apart from the threads that serve; what it fails with is written down here and told to the partner as
/// far as it concerns it.
async fn blocking(
    door: &Door,
    run: impl FnOnce(&Node) -> Result<Bytes, ReceiveFault> + Send + 'static,
) -> Result<Bytes, Problem> {
    let node = Arc::clone(&door.node);
    let done = task::spawn_blocking(move || run(&node)).await;
    let fault = match done {
        Ok(Ok(bytes)) => return Ok(bytes),
        Ok(Err(fault)) => fault,
        Err(_) => return Err(Problem::Busy { retry_after_s: 30 }),
    };
    match &fault {
        ReceiveFault::Problem(problem) => tracing::info!(%problem, "a parcel was not taken"),
        ReceiveFault::Desk(fault) => tracing::error!(%fault, "a parcel could not be taken"),
    }
    Err(fault.told())
}

fn plain(status: StatusCode, bytes: Bytes) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(bytes));
    *response.status_mut() = status;
    let kind = hyper::header::HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

fn problem_of(problem: &Problem) -> Response<Full<Bytes>> {
    let status = StatusCode::from_u16(problem.status()).unwrap_or(StatusCode::BAD_REQUEST);
    let mut response = plain(status, Bytes::from(problem.write()));
    let kind = hyper::header::HeaderValue::from_static("application/problem+json");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

fn json(value: &impl Serialize) -> Bytes {
    // Only numbers and text: it cannot fail.
    Bytes::from(serde_json::to_vec(value).unwrap_or_default())
}

/// A member of a query. Identifiers and numbers need no escape.
fn member<'q>(query: &'q str, name: &str) -> Option<&'q str> {
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs
        .into_iter()
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}
