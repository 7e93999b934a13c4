//! How many bytes cross to and from partners, as they lie on the wire: TLS included, IP not.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Bytes sent and received since the node started, over all partners.
#[derive(Debug, Default)]
pub struct Traffic {
    sent: AtomicU64,
    received: AtomicU64,
}

impl Traffic {
    /// Bytes sent.
    pub fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// Bytes received.
    pub fn received(&self) -> u64 {
        self.received.load(Ordering::Relaxed)
    }

    /// The stream, each byte of it counted.
    pub fn counted<S>(self: &Arc<Self>, stream: S) -> Counted<S> {
        Counted {
            stream,
            traffic: Arc::clone(self),
        }
    }
}

/// A stream whose bytes are counted.
#[derive(Debug)]
pub struct Counted<S> {
    stream: S,
    traffic: Arc<Traffic>,
}

impl<S: AsyncRead + Unpin> AsyncRead for Counted<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        let new = buffer.filled().len() - before;
        self.traffic
            .received
            .fetch_add(new as u64, Ordering::Relaxed);
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Counted<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        if let Poll::Ready(Ok(new)) = written {
            self.traffic.sent.fetch_add(new as u64, Ordering::Relaxed);
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[tokio::test]
    async fn every_byte_is_counted_once_on_each_side() {
        let (near, far) = tokio::io::duplex(8);
        let (ours, theirs) = (Arc::new(Traffic::default()), Arc::new(Traffic::default()));
        let (mut near, mut far) = (ours.counted(near), theirs.counted(far));
        let sends = tokio::spawn(async move { near.write_all(&[7; 100]).await });
        let mut read = [0; 100];
        far.read_exact(&mut read).await.unwrap();
        sends.await.unwrap().unwrap();
        assert_eq!((ours.sent(), ours.received()), (100, 0));
        assert_eq!((theirs.sent(), theirs.received()), (0, 100));
    }
}
