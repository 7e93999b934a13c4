//! Where the API is heard: the socket of the data folder, or loopback. Nobody else reaches it.

use std::{fs, future::Future, io, net::SocketAddr, os::unix::fs::PermissionsExt, path::Path};

use axum::Router;
use tokio::net::{TcpListener, UnixListener};

use crate::{
    config::Door,
    folder::{self, Folder},
};

/// The API's place, taken.
#[derive(Debug)]
pub enum Heard {
    /// The socket of the data folder.
    Socket(UnixListener),
    /// A loopback address.
    Loopback(TcpListener, SocketAddr),
}

impl Heard {
    /// Takes the place, and writes down where it is so that the command line finds it.
    ///
    /// Called only while this node holds the lock of the folder, so a socket that lies there is a dead node's.
    pub async fn at(folder: &Folder, door: Door) -> io::Result<Self> {
        let heard = match door {
            Door::Socket => Self::Socket(socket(&folder.socket())?),
            Door::Loopback(address) => {
                let listener = TcpListener::bind(address).await?;
                let address = listener.local_addr()?;
                Self::Loopback(listener, address)
            }
        };
        folder::replace(&folder.api_address(), heard.address().as_bytes())?;
        Ok(heard)
    }

    /// Where it is heard, in words.
    pub fn address(&self) -> String {
        match self {
            Self::Socket(_) => "socket".to_owned(),
            Self::Loopback(_, address) => address.to_string(),
        }
    }

    /// Serves until `stop`, and lets what has begun end.
    pub async fn serve(
        self,
        routes: Router,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> io::Result<()> {
        match self {
            Self::Socket(listener) => {
                axum::serve(listener, routes)
                    .with_graceful_shutdown(stop)
                    .await
            }
            Self::Loopback(listener, _) => {
                axum::serve(listener, routes)
                    .with_graceful_shutdown(stop)
                    .await
            }
        }
    }
}

fn socket(path: &Path) -> io::Result<UnixListener> {
    if path.exists() {
        fs::remove_file(path)?;
    }
    let listener = UnixListener::bind(path)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}

/// Takes away what only a running node leaves.
pub fn leave(folder: &Folder) {
    // A file that is gone already is as it should be.
    let _ = fs::remove_file(folder.api_address());
    let _ = fs::remove_file(folder.socket());
}
