//! Who waits for the receipt of an act: told when it is settled, without asking again and again.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use entente_store::Bytes32;
use tokio::{sync::watch, time::timeout};

/// Those who wait, by message.
#[derive(Debug, Default)]
pub struct Awaited(Mutex<BTreeMap<Bytes32, watch::Sender<bool>>>);

/// One who waits. Dropping it ends the wait.
#[derive(Debug)]
pub struct Waiting {
    all: Arc<Awaited>,
    message: Bytes32,
    settled: watch::Receiver<bool>,
}

impl Awaited {
    /// Begins to wait for the receipt of a message. What settles from here on is not missed, so look once after this whether
    /// it is here already.
    pub fn begin(self: &Arc<Self>, message: Bytes32) -> Waiting {
        let settled = self.lock().entry(message).or_default().subscribe();
        Waiting {
            all: Arc::clone(self),
            message,
            settled,
        }
    }

    /// The receipt of a message is stored: whoever waits for it is told.
    pub fn settled(&self, message: &Bytes32) {
        if let Some(waiting) = self.lock().remove(message) {
            waiting.send_replace(true);
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Bytes32, watch::Sender<bool>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    /// Waits until the receipt is stored, at most so long; whether it is.
    pub async fn at_most(&mut self, wait: Duration) -> bool {
        let settled = timeout(wait, self.settled.wait_for(|settled| *settled)).await;
        matches!(settled, Ok(Ok(_)))
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let mut all = self.all.lock();
        let alone = all
            .get(&self.message)
            .is_some_and(|sender| sender.receiver_count() <= 1);
        if alone {
            all.remove(&self.message);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_settles_before_one_looks_is_not_missed() {
        let awaited = Arc::new(Awaited::default());
        let mut waiting = awaited.begin([1; 32]);
        awaited.settled(&[2; 32]);
        assert!(!waiting.at_most(Duration::from_millis(1)).await);
        awaited.settled(&[1; 32]);
        assert!(waiting.at_most(Duration::from_secs(5)).await);
    }

    #[tokio::test]
    async fn nothing_stays_of_who_gave_up() {
        let awaited = Arc::new(Awaited::default());
        let (first, second) = (awaited.begin([1; 32]), awaited.begin([1; 32]));
        drop(first);
        assert_eq!(awaited.lock().len(), 1);
        drop(second);
        assert!(awaited.lock().is_empty());
    }
}
