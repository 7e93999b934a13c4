//! What is due now: clocks that ran out, officers who must be named, the journal's day, acts whose hour has come; and the
//! partner: what waits for it, what it must hear.
//!
//! The shell fetches, calls and stores. When to try again, what runs out and what follows is decided in `entente_cooperation`.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use entente_cooperation::{
    case::{Event, Expired, outlasts_erasure, word::effect},
    digest::{Digest, MessageId},
    judgement::Effect,
    memorandum::OnExpiry,
    receipt::JournalRecord,
};
use entente_ledger::{Entry, Frontier, Head, Opening, Origin};
use entente_store::{
    ClockEnd, ClockLine, EntryKind, InboxLine, JournalDay, JournalLine, StoreError, Unfolding,
};
use jiff::{SignedDuration, Timestamp};
use tokio::{sync::watch, task, time};

use crate::{
    chance::Draw,
    clock::NotDriven,
    desk::{DeskFault, all_clocks, wanted_case, wanted_reference},
    fault::{ReceiveFault, SendFault},
    journal::{Kind, Line},
    link::Link,
    node::Node,
    office::Taken,
    peer::{
        budget::Lane,
        client::{CallFault, Caller},
        parcel::CarriedReceipt,
        problem::Problem,
        tls,
    },
    stuck::{Step, Stuck},
};

/// How often the work is looked at although nothing called for it.
const ROUND: Duration = Duration::from_secs(20);
/// How long a head or a cosignature waits for a parcel that carries it anyway.
const QUIET: Duration = Duration::from_secs(2);
/// How often a node that cannot be called asks what waits for it.
const POLL: Duration = Duration::from_secs(5);
/// How long to wait after a call that failed.
const AFTER_FAULT: Duration = Duration::from_secs(1);
/// A partner that asks for a longer rest is called again after so long.
const BUSY_MOST: Duration = Duration::from_secs(15 * 60);
/// At most so many clocks or acts are looked at in one go.
const CLOCKS_MAX: u64 = 1000;

// ── At home ───────────────────────────────────────────────────────────────────────────────────────────────────────────

impl Node {
    /// Drives the clock of a demonstration, and does at once whatever fell due by then.
    pub fn drive(&self, to: Timestamp) -> Result<Result<(), SendFault>, NotDriven> {
        self.clock.drive(to)?;
        let mut done = Ok(());
        for link in self.links() {
            link.work.notify_one();
            done = done.and(self.due(&link));
        }
        Ok(done)
    }

    /// Does all that is due on a link at this instant, one caller after the other. Doing it twice changes nothing.
    ///
    /// One step that fails does not stop the next, nor one item the others; gives the first fault, which the journal has as well.
    pub fn due(&self, link: &Link) -> Result<(), SendFault> {
        let _alone = link.due();
        let done = [
            self.step(link, Step::Refold, |_| {
                let turn = link.turn(&self.store)?;
                Ok(self.refold(link, &turn)?)
            }),
            self.step(link, Step::Clocks, |stuck| self.run_out(link, stuck)),
            self.step(link, Step::Duty, |stuck| self.duty(link, stuck)),
            self.step(link, Step::Takings, |stuck| {
                self.receipt_takings(link, stuck)
            }),
            self.step(link, Step::Notices, |stuck| {
                self.enter_notices(link)?;
                Ok(self.destroy_old_seals(stuck)?)
            }),
            self.step(link, Step::Day, |_| self.close_day(link)),
            self.step(link, Step::Held, |stuck| self.release_held(link, stuck)),
            self.step(link, Step::Erasure, |_| {
                Ok(self.store.tidy_after_erasure()?)
            }),
        ];
        done.into_iter().collect()
    }

    /// Clocks that ran out: their cases are counted anew, so that what moved meanwhile is not overlooked, and what follows is
    /// done: silence recorded, steps climbed, content erased.
    fn run_out(&self, link: &Link, stuck: &mut Stuck) -> Result<(), SendFault> {
        let (now, mut counted) = (self.clock.now(), BTreeSet::new());
        loop {
            // What is due still after it was counted is passed over, and the page reaches past it.
            let (before, page) = (counted.len(), CLOCKS_MAX + counted.len() as u64);
            for clock in self.store.clocks_due(link.id, now, page)? {
                let concern = clock.case_ref.clone().unwrap_or(clock.of_reference.clone());
                if counted.insert(concern.clone())
                    && let Err(fault) = self.run_out_in(link, &clock, now)
                {
                    stuck.at(concern, fault);
                }
            }
            if counted.len() == before {
                return Ok(());
            }
        }
    }

    /// The same for the case of one clock.
    fn run_out_in(&self, link: &Link, clock: &ClockLine, now: Timestamp) -> Result<(), SendFault> {
        let _turn = link.turn(&self.store)?;
        let shelf = self.shelf(link);
        let wanted = match &clock.case_ref {
            Some(case_ref) => wanted_case(case_ref),
            None => wanted_reference(&clock.of_reference),
        };
        let (state, steps) = self.desk.steps_of(&shelf, &wanted, now)?;
        let mut known = Ended::default();
        let mut lines = Vec::new();
        for (event, effects) in &steps {
            if let Event::Expired(expired) = event
                && known.is_new(self, link, expired)?
            {
                lines.push(self.noted_expiry(link, expired, effects));
                self.follow(link, effects)?;
            }
        }
        let known = [clock.of_reference.clone()];
        let unfolding = Unfolding {
            clocks: all_clocks(&shelf.agreement.memorandum, &state, known),
            ..Unfolding::default()
        };
        // A crash before this commit: the same clocks are found due again, and erasing twice erases once.
        self.store.unfold(link.id, &unfolding, &lines)?;
        Ok(())
    }

    fn noted_expiry(&self, link: &Link, expired: &Expired, effects: &[Effect]) -> JournalLine {
        let what: Vec<&str> = effects.iter().map(|effect| effect.kind.as_str()).collect();
        let told: Vec<&str> = effects
            .iter()
            .flat_map(|effect| &effect.to)
            .map(String::as_str)
            .collect();
        Line::new(Kind::Expired, self.clock.now())
            .on(link.id)
            .about(&expired.of)
            .with("clock", &expired.clock)
            .with("due", expired.due)
            .with("effects", what.join(" "))
            .with("told", told.join(" "))
            .commit(&self.chance)
    }

    /// Erases what an effect says is erased: all that was received under the reference of an act of the partner, what was
    /// refused under it too. What stops or allows later acts stays.
    fn follow(&self, link: &Link, effects: &[Effect]) -> Result<(), DeskFault> {
        let shelf = self.shelf(link);
        let erased = effects.iter().filter(|effect| effect.kind == effect::ERASE);
        let agreement = self.agreement();
        let lasts = |line: &InboxLine| {
            let act = line
                .act
                .as_deref()
                .and_then(|act| agreement.memorandum.acts.get(act));
            act.is_some_and(|act| outlasts_erasure(act.behaviour))
        };
        for reference in erased.filter_map(|effect| effect.of.as_deref()) {
            for line in self.store.inbox_named(link.id, reference)? {
                if lasts(&line) {
                    continue;
                }
                let message = MessageId::from(line.message).to_string();
                let noted = Line::new(Kind::Erased, self.clock.now()).on(link.id);
                let noted = noted.about(&message).commit(&self.chance);
                let remains = self.desk.outliving(&shelf, &line)?;
                self.store
                    .erase(link.id, &line.message, remains.as_deref(), &noted)?;
                self.desk.forget(&line.message);
            }
        }
        Ok(())
    }

    /// Acts whose clock for naming an officer ran out fall to the duty officer of the contact point, and the next in the roster
    /// is the deputy (5.3). The period is the memorandum's.
    fn duty(&self, link: &Link, stuck: &mut Stuck) -> Result<(), SendFault> {
        let agreement = self.agreement();
        let memorandum = &agreement.memorandum;
        let Some(party) = memorandum.parties.get(&link.own) else {
            return Ok(());
        };
        let mut officers = self.roster.on_duty(&party.contact_point);
        let (owner, deputy) = (officers.next(), officers.next().map(|o| o.id.as_str()));
        let clocks = memorandum.clocks.iter();
        let assigning = clocks.filter(|clock| clock.on_expiry == OnExpiry::AssignDutyOfficer);
        for clock in assigning {
            // What is stuck stays untaken: the page reaches past it.
            loop {
                let page = CLOCKS_MAX + stuck.len();
                let lines = self.store.untaken_after(link.id, &clock.id, page)?;
                let full = lines.len() as u64 == page;
                let Some(owner) = owner else {
                    if !lines.is_empty() {
                        stuck.waits("", "nobody is on duty at our contact point, and acts wait");
                    }
                    break;
                };
                for line in lines {
                    let message = MessageId::from(line.message);
                    match self.take_over(link, &message, &owner.id, deputy, None) {
                        // Or somebody was faster.
                        Ok(Taken::Done | Taken::HeldBy(_)) => {}
                        Ok(_) => {
                            stuck.waits(message.to_string(), "the duty officer cannot take it");
                        }
                        Err(fault) => stuck.at(message.to_string(), fault),
                    }
                }
                if !full {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Takings made while our log could not grow get their second receipt.
    fn receipt_takings(&self, link: &Link, stuck: &mut Stuck) -> Result<(), SendFault> {
        for taking in self.store.takings_without_receipt(link.id)? {
            let mut turn = link.turn(&self.store)?;
            if link.may_grow(&turn).is_err() {
                return Ok(());
            }
            let growing = self.second_receipt(link, &turn, &taking);
            let Some(growth) = growing.growth(self.clock.now()) else {
                continue;
            };
            let stored = self.store.receipt_taking(link.id, &taking.message, &growth);
            match link.stored(&mut turn, &self.store, Some(growth.head), stored) {
                Ok(()) => turn.grown(growing, &growth),
                Err(fault) => stuck.at(MessageId::from(taking.message).to_string(), fault.into()),
            }
        }
        Ok(())
    }

    /// At 00:00 UTC the head of the journal enters our log, whether or not anything happened at home: the partner sees one
    /// entry a day and nothing else of the journal, and our own oversight can hold the journal against it.
    fn close_day(&self, link: &Link) -> Result<(), SendFault> {
        let now = self.clock.now();
        let (today, opened) = (day_of(now), day_of(link.opened_at));
        let last = self
            .store
            .last_journal_day(link.id)?
            .map_or(opened, |last| last.day);
        if today <= last {
            return Ok(());
        }
        let mut turn = link.turn(&self.store)?;
        if link.may_grow(&turn).is_err() {
            return Ok(());
        }
        let head = self.journal_head()?;
        let salt = self.chance.salt(Draw::Ledger);
        let record = JournalRecord {
            head: Digest::of_all(&[salt.as_bytes(), head.text().as_bytes()]),
        };
        let opening = Opening::new(self.chance.salt(Draw::Ledger), record.write());
        let mut growing = turn.growing();
        growing.push(EntryKind::Journal, &opening);
        let Some(growth) = growing.growth(now) else {
            return Ok(());
        };
        let day = JournalDay {
            day: today,
            position: turn.own_size(),
            journal_size: head.size(),
            journal_root: *head.root().as_bytes(),
            salt: *salt.as_bytes(),
        };
        let stored = self.store.close_day(link.id, &day, &growth);
        link.stored(&mut turn, &self.store, Some(growth.head), stored)?;
        turn.grown(growing, &growth);
        Ok(())
    }

    /// The checkpoint of the journal, over all its lines.
    pub fn journal_head(&self) -> Result<Head, StoreError> {
        let mut frontier: std::sync::MutexGuard<'_, Frontier> = self.journal();
        loop {
            let entries = self.store.journal_entries(frontier.size(), 4096)?;
            if entries.is_empty() {
                let own = &self.introduction.who().party;
                let origin = Origin::new(&self.introduction.who().memorandum, own, own);
                return Ok(Head::of(&origin, &frontier));
            }
            let entries: Vec<_> = entries.into_iter().map(Entry::new).collect();
            frontier.extend(&entries);
        }
    }
}

/// What our rows say of clocks that ran out, by the act that started them.
#[derive(Default)]
struct Ended(BTreeMap<String, BTreeSet<(String, String, Timestamp)>>);

impl Ended {
    /// Whether our rows do not say yet that this clock ran out.
    fn is_new(&mut self, node: &Node, link: &Link, expired: &Expired) -> Result<bool, StoreError> {
        if !self.0.contains_key(&expired.of) {
            let rows = node.store.clocks_of_act(link.id, &expired.of)?.into_iter();
            let ended = rows.filter_map(|row| match row.ended {
                Some((at, ClockEnd::Expired)) => Some((row.clock, row.debtor, at)),
                _ => None,
            });
            self.0.insert(expired.of.clone(), ended.collect());
        }
        let key = (expired.clock.clone(), expired.debtor.clone(), expired.due);
        Ok(self
            .0
            .get(&expired.of)
            .is_some_and(|ended| !ended.contains(&key)))
    }
}

/// Days since 1970, UTC.
fn day_of(at: Timestamp) -> i64 {
    at.as_second().div_euclid(86_400)
}

// ── The partner ───────────────────────────────────────────────────────────────────────────────────────────────────────

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
                Duration::from_secs(*retry_after_s).clamp(AFTER_FAULT, BUSY_MOST)
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
            Standing::Still => return Ok(ROUND),
            Standing::Started => self.ask().await?,
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
        let (owed, polls) = (std::mem::take(&mut self.owed), self.polls());
        let made = self
            .blocking(move |node, link| node.dispatch(link, lane, owed, polls))
            .await;
        let dispatch = made.map_err(told)?;
        let answered = self.caller.parcel(&dispatch.parcel, lane).await;
        let sent = dispatch.clone();
        let fault = match answered {
            Ok(answer) => {
                let settled = self.blocking(move |node, link| node.settle(link, &sent, &answer));
                match settled.await {
                    Ok(owed) => {
                        (self.owed, self.stale) = (owed, false);
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

/// How a link stands, for whoever would speak on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// Two histories were signed: nothing is said until people have spoken.
    Still,
    /// The partner has not stated its mirror since we started.
    Started,
    /// Open.
    Open,
}

impl Node {
    fn standing(&self, link: &Link) -> Result<Standing, StoreError> {
        let turn = link.turn(&self.store)?;
        Ok(match (turn.forked, turn.confirmed) {
            (true, _) => Standing::Still,
            (false, false) => Standing::Started,
            (false, true) => Standing::Open,
        })
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
        if !turn.confirmed || turn.forked {
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
        Ok(turn.confirmed && !turn.forked && new)
    }

    /// When the next act is tried again or the next clock runs out.
    fn next_due(&self, link: &Link) -> Result<Option<Timestamp>, StoreError> {
        let (waiting, _) = self.store.waiting_until(link.id)?;
        let clock = self.store.next_clock(link.id)?;
        Ok(waiting.into_iter().chain(clock).min())
    }
}
