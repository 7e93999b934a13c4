//! The work for each partner: what is due at home, then what waits for the partner and what it must hear.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use entente_ledger::Entry;
use entente_store::StoreError;
use jiff::{SignedDuration, Timestamp};
use tokio::{sync::watch, task, time};

use crate::{
    fault::ReceiveFault,
    link::{Link, Standing},
    node::Node,
    peer::{
        budget::Lane,
        client::{CallFault, Caller},
        parcel::{CarriedReceipt, Parcel},
        problem::Problem,
        tls,
    },
    post::{BUSY_MOST_S, Dispatch},
};

/// How often the work is looked at although nothing called for it.
const ROUND: Duration = Duration::from_secs(20);
/// How long a head or a cosignature waits for a parcel that carries it anyway.
const QUIET: Duration = Duration::from_secs(2);
/// How often a node that cannot be called asks what waits for it.
const POLL: Duration = Duration::from_secs(5);
/// How long to wait after a call that failed.
const AFTER_FAULT: Duration = Duration::from_secs(1);

/// Works for a node until `stop` says so: one task for each partner, begun when it is accepted.
pub async fn run(node: Arc<Node>, mut stop: watch::Receiver<bool>) {
    let mut begun = BTreeSet::new();
    let mut tasks = task::JoinSet::new();
    while !*stop.borrow() {
        for link in node.links() {
            if begun.insert(link.partner.clone()) {
                tasks.spawn(work(Arc::clone(&node), link, stop.clone()));
            }
        }
        tokio::select! {
            () = node.met.notified() => {}
            _ = stop.changed() => {}
        }
    }
    // Graceful: what is in flight is finished, nothing new is begun.
    while tasks.join_next().await.is_some() {}
}

/// The work for one partner.
async fn work(node: Arc<Node>, link: Arc<Link>, mut stop: watch::Receiver<bool>) {
    let caller = match tls::calling(&node, &link) {
        Ok(config) => {
            Caller::new(link.address.clone(), config).of(Arc::clone(&node), &link.partner)
        }
        Err(error) => {
            tracing::error!(partner = %link.partner, %error, "the partner cannot be called");
            return;
        }
    };
    let mut worker = Worker {
        node,
        link,
        caller,
        owed: Vec::new(),
        stale: false,
        faults: 0,
        rests_until: None,
        busy: false,
        polls_at: time::Instant::now(),
        seen: None,
    };
    while !*stop.borrow() {
        let rest = worker.round().await;
        let link = Arc::clone(&worker.link);
        tokio::select! {
            () = link.work.notified() => {}
            () = time::sleep(rest) => {}
            _ = stop.changed() => {}
        }
    }
}

struct Worker {
    node: Arc<Node>,
    link: Arc<Link>,
    caller: Caller,
    /// Receipts of acts that came with the last answer. If they are lost with us, the partner sends the acts again.
    owed: Vec<CarriedReceipt>,
    /// Whether the last parcel was answered as stale: once is honest, twice is a fault.
    stale: bool,
    /// How many calls in a row failed.
    faults: u32,
    /// Nothing is said before, after a call that failed: what happens at home does not make us call.
    rests_until: Option<time::Instant>,
    /// Whether it rests because the partner is busy: what may go on the reserved lane goes.
    busy: bool,
    /// The next beat at which a node that cannot be called asks what waits for it, whatever happens at home.
    polls_at: time::Instant,
    /// What our clock showed at the last round.
    seen: Option<Timestamp>,
}

impl Worker {
    /// One round; how long until the next, if nothing calls for it.
    async fn round(&mut self) -> Duration {
        self.mind_the_clock().await;
        if let Err(fault) = self.blocking(|node, link| node.due(link)).await {
            tracing::error!(partner = %self.link.partner, %fault, "what is due could not be done");
        }
        if !self.caller.can_call() {
            return ROUND;
        }
        let rest = self.rest();
        let talked = match rest {
            None => self.talk().await,
            Some(rest) if self.busy => self.say_what_is_urgent().await.map(|()| rest),
            Some(rest) => return rest,
        };
        match talked {
            Ok(wait) => {
                if rest.is_none() {
                    self.faults = 0;
                }
                wait
            }
            Err(fault) => {
                tracing::warn!(partner = %self.link.partner, %fault, "the partner was not reached");
                let wait = self.rest_after(&fault);
                // A partner that is busy keeps a lane for what is urgent.
                if self.busy
                    && rest.is_none()
                    && let Err(fault) = self.say_what_is_urgent().await
                {
                    tracing::warn!(partner = %self.link.partner, %fault, "what is urgent did not arrive");
                }
                wait
            }
        }
    }

    /// A clock that was ahead and is set right would let acts wait for as long as it was ahead: they are tried now. So they are
    /// after a start, before which the clock may have been another.
    async fn mind_the_clock(&mut self) {
        let now = self.node.clock.now();
        let before = self.seen.replace(now);
        if before.is_some_and(|before| before <= now) {
            return;
        }
        let tried = self.blocking(move |node, link| node.store.due_at_once(link.id, now));
        if let Err(fault) = tried.await {
            // Seen again with the next round.
            self.seen = None;
            tracing::error!(partner = %self.link.partner, %fault, "what waits could not be put forward");
        }
    }

    /// How long nothing is said still.
    fn rest(&mut self) -> Option<Duration> {
        let left = self
            .rests_until?
            .checked_duration_since(time::Instant::now());
        if left.is_none() {
            (self.rests_until, self.busy) = (None, false);
        }
        left
    }

    /// How long nothing is said after a fault: as long as the partner asks, else longer with each fault up to a round.
    fn rest_after(&mut self, fault: &CallFault) -> Duration {
        self.faults = self.faults.saturating_add(1);
        let doubled = AFTER_FAULT * 2_u32.saturating_pow(self.faults.min(16) - 1);
        let wait = match fault {
            CallFault::Problem(Problem::Busy { retry_after_s }) => {
                self.busy = true;
                Duration::from_secs(*retry_after_s)
                    .clamp(AFTER_FAULT, Duration::from_secs(BUSY_MOST_S))
            }
            _ => doubled.min(ROUND),
        };
        self.rests_until = Some(time::Instant::now() + wait);
        wait
    }

    /// Alerts, recalls, stops and demands for erasure go to a busy partner on the lane that is kept for them.
    async fn say_what_is_urgent(&mut self) -> Result<(), CallFault> {
        if self
            .asked(|node, link| node.has_something_urgent(link))
            .await?
        {
            self.say(Lane::Reserved).await?;
        }
        Ok(())
    }

    /// Everything there is to say, parcel after parcel.
    async fn talk(&mut self) -> Result<Duration, CallFault> {
        match self.asked(Node::standing).await? {
            Standing::Forked => return Ok(ROUND),
            Standing::Starting => self.ask().await?,
            Standing::Open => {}
        }
        let (link, quiet) = (Arc::clone(&self.link), time::sleep(QUIET));
        tokio::pin!(quiet);
        loop {
            while self.has_something_to_say().await? {
                self.say(Lane::Ordinary).await?;
            }
            if !self.asked(Node::must_be_heard).await? {
                break;
            }
            // An act that comes meanwhile does not wait for the quiet to end.
            tokio::select! {
                () = link.work.notified() => {}
                () = &mut quiet => {
                    self.say(Lane::Ordinary).await?;
                    break;
                }
            }
        }
        let wait = self.until_next().await?;
        if !self.polls() {
            return Ok(wait);
        }
        let now = time::Instant::now();
        if self.polls_at <= now {
            self.polls_at = now + POLL;
            self.say(Lane::Ordinary).await?;
        }
        Ok(wait.min(
            self.polls_at
                .saturating_duration_since(time::Instant::now()),
        ))
    }

    /// After a start: what the partner mirrors of our log; and what is missing comes back.
    async fn ask(&mut self) -> Result<(), CallFault> {
        let memorandum = self.link.memorandum.clone();
        let mirrored = self.caller.mirrored(&memorandum).await?;
        let shown = mirrored.clone();
        let missing = self
            .blocking(move |node, link| node.confirm(link, &shown))
            .await;
        if let Some(from) = missing.map_err(told)? {
            let entries = self.fetch(from, mirrored.size).await?;
            let recovered =
                self.blocking(move |node, link| node.recover(link, &mirrored, &entries));
            recovered.await.map_err(told)?;
        }
        // What was held until now can leave. What is stuck there is no fault of the partner.
        if let Err(fault) = self.blocking(|node, link| node.due(link)).await {
            tracing::error!(partner = %self.link.partner, %fault, "what is due could not be done");
        }
        Ok(())
    }

    /// Our own entries from `from` up to `until`, page after page.
    async fn fetch(&self, from: u64, until: u64) -> Result<Vec<Entry>, CallFault> {
        let mut entries = Vec::new();
        while from + (entries.len() as u64) < until {
            let next = from + entries.len() as u64;
            let page = self.caller.returned(&self.link.memorandum, next).await?;
            if page.is_empty() {
                return Err(CallFault::NotUnderstood(
                    "fewer entries than stated".to_owned(),
                ));
            }
            entries.extend(page);
        }
        entries.truncate(usize::try_from(until - from).unwrap_or(usize::MAX));
        Ok(entries)
    }

    /// One parcel and its answer.
    async fn say(&mut self, lane: Lane) -> Result<(), CallFault> {
        // A parcel on the reserved lane is short: receipts go on the other, and so does what asks for acts.
        let (owed, polls) = match lane {
            Lane::Ordinary => (std::mem::take(&mut self.owed), self.polls()),
            Lane::Reserved => (Vec::new(), false),
        };
        let made = self
            .blocking(move |node, link| node.dispatch(link, lane, owed, polls))
            .await;
        let dispatch = made.map_err(told)?;
        let answered = self.hand_over(&dispatch).await;
        let sent = dispatch.clone();
        let fault = match answered {
            Ok(answer) => {
                let settled = self.blocking(move |node, link| node.settle(link, &sent, &answer));
                match settled.await {
                    Ok(owed) => {
                        self.owed.extend(owed);
                        self.stale = false;
                        return Ok(());
                    }
                    Err(fault) => told(fault),
                }
            }
            Err(fault) => fault,
        };
        let reason = fault.clone();
        let noted = self.blocking(move |node, link| node.not_delivered(link, &dispatch, &reason));
        noted.await.map_err(told)?;
        match fault {
            // An honest difference: the next parcel starts where the partner stands. Twice in a row it is none.
            CallFault::Problem(Problem::Stale { .. }) if !self.stale => {
                self.stale = true;
                Ok(())
            }
            fault => Err(fault),
        }
    }

    /// A parcel on a connection that stands; what leaves for the first time is noted before its bytes leave.
    async fn hand_over(&self, dispatch: &Dispatch) -> Result<Parcel, CallFault> {
        if !dispatch.first.is_empty() {
            self.caller.stand().await?;
            let first = dispatch.first.clone();
            self.asked(move |node, link| node.handed(link, &first))
                .await?;
        }
        self.caller.parcel(&dispatch.parcel, dispatch.lane).await
    }

    async fn has_something_to_say(&self) -> Result<bool, CallFault> {
        let owes = !self.owed.is_empty();
        self.asked(move |node, link| node.has_something_to_say(link, owes))
            .await
    }

    /// What our own store says; a store that cannot be read is our fault, and never a "no".
    async fn asked<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&Node, &Link) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, CallFault> {
        let asked = self.blocking(ask).await;
        asked.map_err(|error| CallFault::Own(error.to_string()))
    }

    /// Whether the partner cannot call us, so that we must ask what waits for us.
    fn polls(&self) -> bool {
        self.node.introduction.who().address.is_none()
    }

    /// How long until the next act, clock or held act is due, at most a round.
    async fn until_next(&self) -> Result<Duration, CallFault> {
        let next = self.asked(Node::next_due).await?;
        let now = self.node.clock.now();
        let wait = next.filter(|_| !self.node.clock.is_driven());
        let wait = wait.map(|next| {
            // What is due and stuck is tried again soon, and not without end.
            next.duration_since(now).max(SignedDuration::from_secs(1))
        });
        let wait = wait.and_then(|wait| Duration::try_from(wait).ok());
        Ok(wait.map_or(ROUND, |wait| wait.min(ROUND)))
    }

    /// Runs what blocks apart from the threads that serve.
    async fn blocking<T: Send + 'static, E: Send + 'static>(
        &self,
        run: impl FnOnce(&Node, &Link) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E> {
        let (node, link) = (Arc::clone(&self.node), Arc::clone(&self.link));
        match task::spawn_blocking(move || run(&node, &link)).await {
            Ok(result) => result,
            Err(panicked) => std::panic::resume_unwind(panicked.into_panic()),
        }
    }
}

/// Our own fault or the partner's, as the worker reports it.
fn told(fault: ReceiveFault) -> CallFault {
    match fault {
        ReceiveFault::Problem(problem) => CallFault::Problem(problem),
        ReceiveFault::Desk(fault) => CallFault::Own(fault.to_string()),
    }
}

impl Node {
    fn standing(&self, link: &Link) -> Result<Standing, StoreError> {
        Ok(link.turn(&self.store)?.standing())
    }

    /// Whether an act waits that goes on the reserved lane.
    fn has_something_urgent(&self, link: &Link) -> Result<bool, StoreError> {
        if self.standing(link)? != Standing::Open {
            return Ok(false);
        }
        // The first lane comes first.
        let first = self.store.waiting(link.id, self.clock.now(), 1)?;
        Ok(first.iter().any(|line| line.lane == 0))
    }

    /// Whether a parcel has something to carry that should not wait: acts, receipts, second receipts, objections.
    fn has_something_to_say(&self, link: &Link, owes: bool) -> Result<bool, StoreError> {
        let turn = link.turn(&self.store)?;
        if turn.standing() != Standing::Open {
            return Ok(false);
        }
        let waits = !self.store.waiting(link.id, self.clock.now(), 1)?.is_empty();
        let takings = self.store.own_takings(link.id, turn.told, 1 << 32)?;
        Ok(owes || waits || !takings.is_empty() || !self.store.objections(link.id, 1)?.is_empty())
    }

    /// Whether the partner has not heard our newest head, or our cosignature of its own.
    fn must_be_heard(&self, link: &Link) -> Result<bool, StoreError> {
        let turn = link.turn(&self.store)?;
        let new = turn.own_size() > turn.told || turn.cosigns();
        Ok(turn.standing() == Standing::Open && new)
    }

    /// When the next act is tried again, the next clock runs out or the next held act leaves: at its hour, and not when
    /// something at home happens to wake the work.
    fn next_due(&self, link: &Link) -> Result<Option<Timestamp>, StoreError> {
        let (waiting, _) = self.store.waiting_until(link.id)?;
        let clock = self.store.next_clock(link.id)?;
        // One that is stuck has its hour behind it, and is tried with every round.
        let held = self.store.next_held(link.id, self.clock.now())?;
        Ok(waiting.into_iter().chain(clock).chain(held).min())
    }
}
