//! Handshakes under way, of whomever: where there are too many, the oldest gives way.
//!
//! Who is not known yet has no budget of its own. A partner needs milliseconds for its handshake; whoever opens connections
//! and says nothing loses the oldest of them to the next, and keeps nobody out.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;

/// The handshakes under way.
#[derive(Debug)]
pub struct Handshakes {
    most: usize,
    under_way: Mutex<VecDeque<Arc<Notify>>>,
}

/// The place of one handshake; free again when it is dropped.
#[derive(Debug)]
pub struct Place<'h> {
    of: &'h Handshakes,
    own: Arc<Notify>,
}

impl Handshakes {
    /// At most so many at the same time.
    pub const fn at_most(most: usize) -> Self {
        Self {
            most,
            under_way: Mutex::new(VecDeque::new()),
        }
    }

    /// A place for one more. If there are too many, the oldest is told to give way.
    pub fn begin(&self) -> Place<'_> {
        let own = Arc::new(Notify::new());
        let mut under_way = self.lock();
        under_way.push_back(Arc::clone(&own));
        if under_way.len() > self.most
            && let Some(oldest) = under_way.pop_front()
        {
            oldest.notify_one();
        }
        Place { of: self, own }
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Arc<Notify>>> {
        self.under_way
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place<'_> {
    /// Waits until this handshake must give way.
    pub async fn given_up(&self) {
        self.own.notified().await;
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.of
            .lock()
            .retain(|other| !Arc::ptr_eq(other, &self.own));
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn the_oldest_gives_way_and_a_finished_one_leaves_its_place() {
        let handshakes = Handshakes::at_most(2);
        let (first, second) = (handshakes.begin(), handshakes.begin());
        drop(second);
        let third = handshakes.begin();
        let waits = |place: &Place<'_>| {
            let own = Arc::clone(&place.own);
            async move {
                let waited = tokio::time::timeout(Duration::ZERO, own.notified()).await;
                waited.is_err()
            }
        };
        assert!(waits(&first).await);
        let _fourth = handshakes.begin();
        first.given_up().await;
        assert!(waits(&third).await);
    }
}
