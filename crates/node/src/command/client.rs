//! The command line as a client of its own running node: one request, one answer.

use std::{fs, path::PathBuf};

use http_body_util::{BodyExt, Full};
use hyper::{
    Method, Request, Response,
    body::{Bytes, Incoming},
    client::conn::http1::{self, SendRequest},
    header,
};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::{TcpStream, UnixStream};

use super::answer::Failure;
use crate::folder::Folder;

/// The running node of a data folder.
#[derive(Clone, Debug)]
pub struct Running {
    folder: Folder,
    address: Address,
    token: Token,
    officer: Option<String>,
    language: String,
}

#[derive(Clone, Debug)]
enum Address {
    Socket(PathBuf),
    Loopback(String),
}

#[derive(Clone)]
struct Token(String);

/// What the node answered: its JSON, and whether it was a refusal (a "no", not a fault).
#[derive(Clone, Debug)]
pub struct Said {
    /// The members of the answer.
    pub json: Value,
    /// The node refused what was asked; `json` says on which article.
    pub refused: bool,
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token")
    }
}

impl Running {
    /// The node that runs on this folder, as the officer of that identifier.
    ///
    /// Fails with what to do if no node is set up here, or none runs.
    pub fn find(folder: &Folder, officer: Option<&str>, language: &str) -> Result<Self, Failure> {
        let written = fs::read_to_string(folder.api_address()).map_err(|_| not_running(folder))?;
        let address = match written.trim() {
            "socket" => Address::Socket(folder.socket()),
            other => Address::Loopback(other.to_owned()),
        };
        let token = fs::read_to_string(folder.token()).map_err(|error| {
            Failure::broken(format!(
                "the token `{}` cannot be read",
                folder.token().display()
            ))
            .because(&error)
            .hint("run the command as the user who set the node up")
        })?;
        Ok(Self {
            folder: folder.clone(),
            address,
            token: Token(token.trim().to_owned()),
            officer: officer.map(str::to_owned),
            language: language.to_owned(),
        })
    }

    /// Asks for what stands at `path`.
    pub fn get(&self, path: &str) -> Result<Said, Failure> {
        self.ask(Method::GET, path, None)
    }

    /// Hands in `body` at `path`.
    pub fn post(&self, path: &str, body: &Value) -> Result<Said, Failure> {
        self.ask(Method::POST, path, Some(body))
    }

    fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Said, Failure> {
        let body = body.map(|body| body.to_string().into_bytes());
        let request = self.request(method, path, body)?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|e| Failure::broken("the command cannot start").because(&e))?;
        runtime.block_on(async {
            let mut sender = self.connect().await?;
            exchange(&mut sender, request).await
        })
    }

    /// A connection that is kept, for one request after another.
    pub async fn converse(&self) -> Result<Conversation, Failure> {
        Ok(Conversation {
            node: self.clone(),
            sender: self.connect().await?,
        })
    }

    fn request(
        &self,
        method: Method,
        path: &str,
        body: Option<Vec<u8>>,
    ) -> Result<Request<Full<Bytes>>, Failure> {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "entente")
            .header(header::ACCEPT_LANGUAGE, &self.language)
            .header(header::AUTHORIZATION, format!("Bearer {}", self.token.0));
        if let Some(officer) = &self.officer {
            request = request.header(crate::api::OFFICER, officer);
        }
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        request
            .body(Full::new(Bytes::from(body.unwrap_or_default())))
            .map_err(|e| Failure::misused("the request cannot be written").because(&e))
    }

    async fn connect(&self) -> Result<SendRequest<Full<Bytes>>, Failure> {
        let silent = |_| not_running(&self.folder);
        match &self.address {
            Address::Socket(path) => {
                let stream = UnixStream::connect(path).await.map_err(silent)?;
                handshake(TokioIo::new(stream)).await
            }
            Address::Loopback(address) => {
                let stream = TcpStream::connect(address).await.map_err(silent)?;
                handshake(TokioIo::new(stream)).await
            }
        }
    }
}

/// A connection to the running node that is kept.
pub struct Conversation {
    node: Running,
    sender: SendRequest<Full<Bytes>>,
}

impl Conversation {
    /// Hands in JSON at `path`.
    pub async fn post(&mut self, path: &str, json: Vec<u8>) -> Result<Said, Failure> {
        let request = self.node.request(Method::POST, path, Some(json))?;
        exchange(&mut self.sender, request).await
    }
}

/// A text as one segment of a path or one value of a query (RFC 3986, percent-encoding).
pub fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if plain(byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

async fn handshake<S>(stream: S) -> Result<SendRequest<Full<Bytes>>, Failure>
where
    S: hyper::rt::Read + hyper::rt::Write + Unpin + Send + 'static,
{
    let (sender, connection) = http1::handshake(stream).await.map_err(broken_off)?;
    tokio::spawn(connection);
    Ok(sender)
}

async fn exchange(
    sender: &mut SendRequest<Full<Bytes>>,
    request: Request<Full<Bytes>>,
) -> Result<Said, Failure> {
    sender.ready().await.map_err(broken_off)?;
    let response = sender.send_request(request).await.map_err(broken_off)?;
    read(response).await
}

fn broken_off(error: hyper::Error) -> Failure {
    Failure::broken("the node broke off the conversation")
        .because(&error)
        .hint("look at the node's log, then try again: asking twice does no harm")
}

async fn read(response: Response<Incoming>) -> Result<Said, Failure> {
    let status = response.status();
    let collected = response.into_body().collect().await;
    let bytes = collected
        .map_err(|e| Failure::broken("the node's answer broke off").because(&e))?
        .to_bytes();
    let json = match serde_json::from_slice(&bytes) {
        Ok(json) => json,
        Err(_) => Value::String(String::from_utf8_lossy(&bytes).into_owned()),
    };
    if status.is_success() {
        return Ok(Said {
            json,
            refused: false,
        });
    }
    if json["type"] == crate::api::problem::REFUSED {
        return Ok(Said {
            json,
            refused: true,
        });
    }
    Err(told(status.as_u16(), &json))
}

fn told(status: u16, problem: &Value) -> Failure {
    let text = |member: &str| problem[member].as_str().unwrap_or_default().to_owned();
    let mut what = text("title");
    for member in ["detail", "at"] {
        let part = text(member);
        if !part.is_empty() {
            what = format!("{what}: {part}");
        }
    }
    if status == 401 {
        return Failure::broken("the token in the data folder is not that of the node that runs")
            .hint("stop the node and start it again with `entente serve`: it reads the token of its folder; if another node has its address, end that one");
    }
    if problem["at"] == crate::api::OFFICER {
        return Failure::misused(text("title")).hint(
            "name an officer of roster.toml with --as, or add the officer there and start the node again",
        );
    }
    let failure = match status {
        403 | 409 => Failure::refused(what),
        _ if status < 500 => Failure::misused(what),
        _ => Failure::broken(what),
    };
    failure.hint(text("what_to_do"))
}

fn not_running(folder: &Folder) -> Failure {
    let dir = folder.path().display();
    if folder.is_set_up() {
        return Failure::misused("the node is not running")
            .hint(format!("start it with `entente serve --dir {dir}`"));
    }
    Failure::misused(format!("no node is set up in `{dir}`")).hint(format!(
        "name its data folder with --dir or ENTENTE_DIR, or set one up with `entente init {dir} --party ID`"
    ))
}
