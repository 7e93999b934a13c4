//! A node at work: its door to the partner, its door to our own tools, and what is due, until it is told to stop.

use std::{io, sync::Arc};

use thiserror::Error;
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    sync::watch,
};

use crate::{
    api::{self, door::Heard, token::Token},
    config::Config,
    folder::Folder,
    node::Node,
    peer::{budget::Limits, server},
    work,
};

/// Why a node cannot be at work. Our own operator acts.
#[derive(Debug, Error)]
pub enum ServeFault {
    /// The address for partners cannot be taken.
    #[error("the address {0} cannot be taken")]
    Peer(std::net::SocketAddr, #[source] io::Error),
    /// The place of the API cannot be taken.
    #[error("the place of the API cannot be taken")]
    Api(#[source] io::Error),
    /// The token cannot be read.
    #[error("the token cannot be read")]
    Token(#[source] io::Error),
    /// The transport key cannot be used.
    #[error("the transport key cannot be used")]
    Transport(#[from] rustls::Error),
}

/// The doors of a node, taken: from here on it can be reached.
pub struct Doors {
    peer: Option<TcpListener>,
    api: Heard,
    token: Token,
}

impl Doors {
    /// Takes both doors of a data folder.
    pub async fn take(folder: &Folder, config: &Config) -> Result<Self, ServeFault> {
        let peer = match config.peer.listen {
            Some(address) => Some(
                TcpListener::bind(address)
                    .await
                    .map_err(|e| ServeFault::Peer(address, e))?,
            ),
            None => None,
        };
        Ok(Self {
            peer,
            api: Heard::at(folder, config.api.listen)
                .await
                .map_err(ServeFault::Api)?,
            token: Token::read(&folder.token()).map_err(ServeFault::Token)?,
        })
    }

    /// Where they are, in words for our operator.
    pub fn places(&self) -> String {
        let peer = self
            .peer
            .as_ref()
            .and_then(|listener| listener.local_addr().ok());
        let peer = peer.map_or_else(
            || "dials out only".to_owned(),
            |at| format!("heard by partners on {at}"),
        );
        format!("{peer}, by our own tools on {}", self.api.address())
    }
}

/// Works until `stop` is true, then lets what has begun end.
pub async fn serve(
    node: Arc<Node>,
    config: Arc<Config>,
    folder: &Folder,
    doors: Doors,
    stop: watch::Receiver<bool>,
) -> Result<(), ServeFault> {
    let routes = api::routes(api::Shell::new(Arc::clone(&node), config, doors.token));
    let working = tokio::spawn(work::run(Arc::clone(&node), stop.clone()));
    let heard = doors.peer.map(|listener| {
        tokio::spawn(server::serve(
            Arc::clone(&node),
            listener,
            Limits::default(),
            stop.clone(),
        ))
    });
    let asked = doors
        .api
        .serve(routes, stopped(stop.clone()))
        .await
        .map_err(ServeFault::Api);
    if let Some(heard) = heard
        && let Ok(heard) = heard.await
    {
        heard?;
    }
    // The work ends by itself once told to; a panic of its task is in the log already.
    let _ = working.await;
    api::door::leave(folder);
    asked
}

async fn stopped(mut stop: watch::Receiver<bool>) {
    // If whoever could stop us is gone, we stop.
    let _ = stop.wait_for(|stop| *stop).await;
}

/// Tells a node to stop on SIGTERM, SIGINT or Ctrl-C.
pub fn on_signal() -> io::Result<watch::Receiver<bool>> {
    let (tell, stop) = watch::channel(false);
    let (mut end, mut interrupt) = (
        signal(SignalKind::terminate())?,
        signal(SignalKind::interrupt())?,
    );
    tokio::spawn(async move {
        tokio::select! {
            _ = end.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping: what has begun is finished first");
        let _ = tell.send(true);
    });
    Ok(stop)
}
