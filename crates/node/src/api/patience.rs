//! `wait=PT10S`: the answer comes when the receipt is here, or when the time is over, whichever is first.

use std::time::Duration;

use entente_ledger::hex::unhex;
use entente_store::{Bytes32, OutboxLine};
use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Shell, problem::Problem, shell::apart, view::standing};

/// The longest wait.
const WAIT_MAX: Duration = Duration::from_secs(60);

/// How a draft is sent: how long whoever asks waits for a receipt, and whether it was sent before on purpose.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Patience {
    /// ISO 8601: `PT10S`; none for no wait, a minute at most.
    wait: Option<SignedDuration>,
    /// Send it although the same draft was sent before.
    #[serde(default)]
    pub(super) again: bool,
}

impl Patience {
    fn at_most(&self) -> Option<Duration> {
        let wait = Duration::try_from(self.wait?).ok()?;
        Some(wait.min(WAIT_MAX))
    }

    /// How a released act stands once its receipt is verified and stored. None without a wait, and none when the time is over:
    /// then nothing is known yet, and the act is tried again as always.
    pub(super) async fn receipt_of(
        &self,
        shell: &Shell,
        message: &str,
    ) -> Result<Option<Value>, Problem> {
        let (Some(wait), Some(message)) = (self.at_most(), unhex::<32>(message)) else {
            return Ok(None);
        };
        // First the wait begins, then one looks: a receipt that comes in between is not missed.
        let mut waiting = shell.node.awaited.begin(message);
        let settled = look(shell, message).await?;
        if settled.is_none() && waiting.at_most(wait).await {
            return look(shell, message).await;
        }
        Ok(settled)
    }
}

/// State and receipt of a released act, if its receipt is here.
async fn look(shell: &Shell, message: Bytes32) -> Result<Option<Value>, Problem> {
    let shell = shell.clone();
    apart(move || {
        for link in shell.node.links() {
            let line = shell.node.store.outbox_of(link.id, &message);
            let line = line.map_err(|_| Problem::broken("the database cannot be read"))?;
            if let Some(line) = line {
                return Ok(receipt(&line));
            }
        }
        Ok(None)
    })
    .await
}

fn receipt(line: &OutboxLine) -> Option<Value> {
    let outcome = line.outcome?;
    Some(json!({
        "state": standing(line, &[]).word(),
        "receipt": {
            "outcome": outcome.word(), "received_at": line.received_at, "entry": line.receipt_position,
            "ground": line.ground,
        },
    }))
}
