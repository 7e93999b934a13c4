//! Senders at the same time, each with one connection that is kept: a draft goes in, its verified receipt comes back.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::Value;
use tokio::task::JoinSet;

use crate::command::{answer::Failure, client::Running};

/// Where drafts are handed in: the answer comes with the receipt.
const PATH: &str = "/v1/acts?wait=PT60S";

/// One message that was receipted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipted {
    /// Its message id.
    pub message: String,
    /// From handing the draft in to the answer that its receipt is verified and stored.
    pub took: Duration,
}

/// What came of a load.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// All messages.
    pub receipted: Vec<Receipted>,
    /// From the first handed in to the last receipt.
    pub took: Duration,
}

/// Hands all drafts in by `concurrency` senders. Each hands in its next one when it has the receipt of the one before.
///
/// # Errors
/// With the first message that was refused or got no receipt in time.
pub fn send(node: &Running, drafts: Vec<Value>, concurrency: usize) -> Result<Sent, Failure> {
    let drafts: Vec<Vec<u8>> = drafts
        .iter()
        .map(|draft| draft.to_string().into_bytes())
        .collect();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .map_err(|e| Failure::broken("the senders cannot start").because(&e))?;
    runtime.block_on(send_all(node, Arc::new(drafts), concurrency))
}

async fn send_all(
    node: &Running,
    drafts: Arc<Vec<Vec<u8>>>,
    concurrency: usize,
) -> Result<Sent, Failure> {
    let next = Arc::new(AtomicUsize::new(0));
    let mut conversations = Vec::new();
    for _ in 0..concurrency {
        conversations.push(node.converse().await?);
    }
    let begun = Instant::now();
    let mut senders = JoinSet::new();
    for mut conversation in conversations {
        let (drafts, next) = (Arc::clone(&drafts), Arc::clone(&next));
        senders.spawn(async move {
            let mut receipted = Vec::new();
            while let Some(draft) = drafts.get(next.fetch_add(1, Ordering::Relaxed)) {
                let handed_in = Instant::now();
                let said = conversation.post(PATH, draft.clone()).await?;
                receipted.push(Receipted {
                    message: filed(&said.json)?,
                    took: handed_in.elapsed(),
                });
            }
            Ok::<_, Failure>(receipted)
        });
    }
    let mut receipted = Vec::with_capacity(drafts.len());
    while let Some(sender) = senders.join_next().await {
        let all = sender.map_err(|e| Failure::broken("a sender stumbled").because(&e))?;
        receipted.extend(all?);
    }
    Ok(Sent {
        receipted,
        took: begun.elapsed(),
    })
}

/// The message id of an act that was filed by the partner.
fn filed(said: &Value) -> Result<String, Failure> {
    let message = said["message"]
        .as_str()
        .filter(|_| said["receipt"]["outcome"] == "filed");
    let message = message
        .ok_or_else(|| Failure::broken(format!("a message was not filed in time: {said}")))?;
    Ok(message.to_owned())
}
