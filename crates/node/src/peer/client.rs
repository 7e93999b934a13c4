//! Calling the partner: one connection that is kept, bounded answers, bounded waits.

use std::{sync::Arc, time::Duration};

use entente_cooperation::body::strict::{self, Json, Malformed, Members};
use entente_ledger::Entry;
use http_body_util::{BodyExt, Full, Limited};
use hyper::{
    Request, Response, StatusCode,
    body::{Bytes, Incoming},
    client::conn::http1::{self, SendRequest},
    header::{CONTENT_TYPE, HOST},
};
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use rustls::{ClientConfig, pki_types::ServerName};
use serde::Serialize;
use tokio::{net::TcpStream, sync::Mutex, time::timeout};
use tokio_rustls::TlsConnector;

use super::{
    budget::Lane,
    dated,
    parcel::{PARCEL_MAX_BYTES, Parcel, VERSION, kept},
    problem::Problem,
    tls::{self, Pin},
    traffic::Traffic,
};
use crate::node::Node;

/// How long a connection may take to stand.
const CONNECT: Duration = Duration::from_secs(10);
/// How long an answer may take.
const ANSWER: Duration = Duration::from_secs(60);

/// What the partner mirrors of our log (PROTOCOL section 8).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Mirrored {
    /// The version of the protocol.
    pub v: u32,
    /// The memorandum.
    pub link: String,
    /// How many entries.
    pub size: u64,
    /// Our newest head that the partner mirrored.
    pub head: Option<String>,
}

/// Entries of our own log that the partner gives back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Returned {
    /// The version of the protocol.
    pub v: u32,
    /// The position of the first.
    pub from: u64,
    /// The entries, 32 bytes each, in Base64.
    pub entries: String,
}

/// Why a call brought no answer that can be used. Nothing is lost: the call is made again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallFault {
    /// The partner gives no address: it dials out, and polls.
    #[error("the partner only dials out; it fetches when it calls")]
    NoAddress,
    /// Nobody answers there.
    #[error("`{0}` cannot be reached: {1}")]
    Unreachable(String, String),
    /// Somebody answers there who is not the partner, or who does not know us.
    #[error("`{0}` is not the partner, or does not know us: {1}")]
    Handshake(String, String),
    /// It took too long.
    #[error("the partner did not answer in time")]
    Late,
    /// The connection broke off.
    #[error("the connection broke off: {0}")]
    BrokenOff(String),
    /// The partner did not take it, and said why.
    #[error(transparent)]
    Problem(#[from] Problem),
    /// The answer is not what the protocol says. The fault is the partner's.
    #[error("the partner's answer is not understood: {0}")]
    NotUnderstood(String),
    /// Our own node could not do its part; the partner is at no fault. Our operator acts.
    #[error("our own node failed: {0}")]
    Own(String),
}

/// An answer, and the date that it bears.
struct Answered {
    dated: Option<Timestamp>,
    bytes: Bytes,
}

/// How to call one partner.
pub struct Caller {
    address: Option<String>,
    connector: TlsConnector,
    traffic: Arc<Traffic>,
    connection: Mutex<Option<Connection>>,
    dates: Option<Dates>,
}

/// A connection that is kept, and the key of who answers there.
struct Connection {
    sender: SendRequest<Full<Bytes>>,
    pin: Option<Pin>,
}

/// Where the dates of answers go, and the clock that dates our requests.
struct Dates {
    node: Arc<Node>,
    partner: String,
}

impl Caller {
    /// A caller of the partner at `address`, whose key the configuration pins.
    pub fn new(address: Option<String>, config: ClientConfig) -> Self {
        Self {
            address,
            traffic: Arc::default(),
            connector: TlsConnector::from(Arc::new(config)),
            connection: Mutex::default(),
            dates: None,
        }
    }

    /// The same, for this partner of `node`: bytes are counted there, requests are dated by its clock, and what answers tell is noted there.
    pub fn of(self, node: Arc<Node>, partner: &str) -> Self {
        let partner = partner.to_owned();
        Self {
            traffic: Arc::clone(&node.traffic),
            dates: Some(Dates { node, partner }),
            ..self
        }
    }

    /// Whether there is an address to call.
    pub fn can_call(&self) -> bool {
        self.address.is_some()
    }

    /// Makes a connection stand, so that what is handed over next leaves at once.
    pub async fn stand(&self) -> Result<(), CallFault> {
        let stands = self.standing().await;
        if let (Err(fault), Some(Dates { node, partner })) = (&stands, &self.dates) {
            node.heard.failed(partner, fault.to_string());
        }
        stands
    }

    async fn standing(&self) -> Result<(), CallFault> {
        let address = self.address.as_deref().ok_or(CallFault::NoAddress)?;
        let mut connection = self.connection.lock().await;
        let stands = |kept: &Connection| kept.sender.is_ready() && self.still_knows(kept);
        if connection.as_ref().is_some_and(stands) {
            return Ok(());
        }
        let mut made = self.connect(address).await?;
        let ready = timeout(CONNECT, made.sender.ready()).await;
        ready.map_err(|_| CallFault::Late)?.map_err(broken_off)?;
        *connection = Some(made);
        Ok(())
    }

    /// Hands a parcel over and brings the answer back.
    pub async fn parcel(&self, parcel: &Parcel, lane: Lane) -> Result<Parcel, CallFault> {
        let path = match lane {
            Lane::Ordinary => "/entente/v1/parcel",
            Lane::Reserved => "/entente/v1/parcel?lane=reserved",
        };
        let request = Request::post(path).header(CONTENT_TYPE, "application/json");
        let answer = self.call(request, parcel.write().into()).await?;
        Parcel::read(&answer).map_err(not_understood)
    }

    /// Asks what the partner mirrors of our log.
    pub async fn mirrored(&self, link: &str) -> Result<Mirrored, CallFault> {
        let request = Request::get(format!("/entente/v1/mirror?link={link}"));
        Mirrored::read(&self.call(request, Bytes::new()).await?).map_err(not_understood)
    }

    /// Fetches entries of our own log from the partner's mirror.
    pub async fn returned(&self, link: &str, from: u64) -> Result<Vec<Entry>, CallFault> {
        let request = Request::get(format!("/entente/v1/entries?link={link}&from={from}"));
        let returned = Returned::read(&self.call(request, Bytes::new()).await?);
        let returned = returned.map_err(not_understood)?;
        let entries = Entry::many_from_base64(&returned.entries).filter(|_| returned.from == from);
        entries.ok_or_else(|| CallFault::NotUnderstood("no whole entries from there on".to_owned()))
    }

    /// One call; what its answer tells of the partner is noted.
    async fn call(
        &self,
        request: hyper::http::request::Builder,
        body: Bytes,
    ) -> Result<Bytes, CallFault> {
        let Some(Dates { node, partner }) = &self.dates else {
            return self.called(request, body).await.map(|answer| answer.bytes);
        };
        let asked_at = node.clock.now();
        let answered = self.called(request, body).await;
        let now = node.clock.now();
        match answered {
            Ok(Answered { dated, bytes }) => {
                node.heard.answered(partner, asked_at, now, dated);
                Ok(bytes)
            }
            Err(fault) => {
                match &fault {
                    CallFault::Problem(_) => node.heard.answered(partner, asked_at, now, None),
                    fault => node.heard.failed(partner, fault.to_string()),
                }
                Err(fault)
            }
        }
    }

    async fn called(
        &self,
        request: hyper::http::request::Builder,
        body: Bytes,
    ) -> Result<Answered, CallFault> {
        let address = self.address.as_deref().ok_or(CallFault::NoAddress)?;
        let mut request = request
            .header(HOST, address)
            .body(Full::new(body))
            .map_err(|error| CallFault::NotUnderstood(error.to_string()))?;
        if let Some(Dates { node, .. }) = &self.dates {
            dated::state(request.headers_mut(), node.clock.now());
        }
        let mut connection = self.connection.lock().await;
        let mut kept = match connection.take() {
            Some(kept) if kept.sender.is_ready() && self.still_knows(&kept) => kept,
            _ => self.connect(address).await?,
        };
        let answer = timeout(ANSWER, answer_of(&mut kept.sender, request)).await;
        let (status, answered) = answer.map_err(|_| CallFault::Late)??;
        *connection = Some(kept);
        if status == StatusCode::OK {
            return Ok(answered);
        }
        Err(CallFault::Problem(
            Problem::read(&answered.bytes).map_err(not_understood)?,
        ))
    }

    /// Whether the key of who answers there serves still.
    fn still_knows(&self, kept: &Connection) -> bool {
        let Some(Dates { node, partner }) = &self.dates else {
            return true;
        };
        let party = kept.pin.and_then(|pin| node.party_of(&pin));
        party.as_ref() == Some(partner)
    }

    async fn connect(&self, address: &str) -> Result<Connection, CallFault> {
        let unreachable =
            |error: std::io::Error| CallFault::Unreachable(address.to_owned(), error.to_string());
        let stream = timeout(CONNECT, TcpStream::connect(address)).await;
        let stream = stream.map_err(|_| CallFault::Late)?.map_err(unreachable)?;
        stream.set_nodelay(true).map_err(unreachable)?;
        // The name counts for nothing: the key is pinned.
        let name = ServerName::try_from("entente.invalid")
            .map_err(|error| CallFault::NotUnderstood(error.to_string()))?;
        let secured = timeout(
            CONNECT,
            self.connector.connect(name, self.traffic.counted(stream)),
        )
        .await;
        let secured = secured
            .map_err(|_| CallFault::Late)?
            .map_err(|error| CallFault::Handshake(address.to_owned(), error.to_string()))?;
        let certificates = secured.get_ref().1.peer_certificates();
        let pin = certificates.and_then(|all| tls::pin_of(all.first()?).ok());
        let made = http1::handshake(TokioIo::new(secured)).await;
        let (sender, driver) = made.map_err(broken_off)?;
        tokio::spawn(driver);
        Ok(Connection { sender, pin })
    }
}

async fn answer_of(
    sender: &mut SendRequest<Full<Bytes>>,
    request: Request<Full<Bytes>>,
) -> Result<(StatusCode, Answered), CallFault> {
    sender.ready().await.map_err(broken_off)?;
    let answer: Response<Incoming> = sender.send_request(request).await.map_err(broken_off)?;
    let (status, dated) = (answer.status(), dated::stated(answer.headers()));
    let body = Limited::new(answer.into_body(), PARCEL_MAX_BYTES)
        .collect()
        .await;
    let body = body.map_err(|error| CallFault::BrokenOff(error.to_string()))?;
    let bytes = body.to_bytes();
    Ok((status, Answered { dated, bytes }))
}

fn broken_off(error: hyper::Error) -> CallFault {
    CallFault::BrokenOff(error.to_string())
}

fn not_understood(fault: Malformed) -> CallFault {
    CallFault::NotUnderstood(kept(&fault.to_string()))
}

impl Mirrored {
    /// Reads an answer by the strict rules of section 7.
    pub fn read(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut members = Members::of(strict::read(bytes)?, "")?;
        members.exactly("v", &Json::Integer(VERSION.into()))?;
        let mirrored = Self {
            v: VERSION,
            link: members.text("link")?,
            size: members.count("size")?,
            head: members.text_or_null("head")?,
        };
        members.close()?;
        Ok(mirrored)
    }
}

impl Returned {
    /// Reads an answer by the strict rules of section 7.
    pub fn read(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut members = Members::of(strict::read(bytes)?, "")?;
        members.exactly("v", &Json::Integer(VERSION.into()))?;
        let returned = Self {
            v: VERSION,
            from: members.count("from")?,
            entries: members.text("entries")?,
        };
        members.close()?;
        Ok(returned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_vector_of_an_answer_is_read_or_refused_as_it_says() {
        let read = [
            crate::peer::vectors::check("mirrored", |bytes| Mirrored::read(bytes).map(drop)),
            crate::peer::vectors::check("returned", |bytes| Returned::read(bytes).map(drop)),
        ];
        assert!(read.iter().all(|read| *read > 3), "{read:?} vectors");
    }
}
