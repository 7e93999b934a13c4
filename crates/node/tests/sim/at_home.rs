//! What the partner sees, whatever happens at home: two nodes at work as in service, with their doors and workers, over TLS.

use std::{sync::Arc, time::Duration};

use entente_cooperation::body::size_class::class_of;
use entente_ledger::SignedHead;
use entente_node::{
    fault::SendFault,
    node::Node,
    office::Departure,
    peer::{budget::Limits, server},
    work,
};
use entente_store::Outcome;
use jiff::{SignedDuration, Timestamp, ToSpan};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle, time::sleep};

use crate::{
    acts::{self, Ends},
    wire::until,
    world::{World, shipped, start},
};

/// Longer than a worker waits with what need not be said at once.
const LONGER_THAN_QUIET: Duration = Duration::from_millis(2500);
/// An idle connection may be closed meanwhile, which takes less; a parcel takes more.
const A_GOODBYE_BYTES: u64 = 256;

/// An act as the partner sees it.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    position: u64,
    /// What can be told from the length of the sealed file: its body's class.
    class: Option<usize>,
    act: Option<String>,
    reference: Option<String>,
    released_at: Option<Timestamp>,
    received_at: Timestamp,
}

/// The newest head of ours that the partner holds.
#[derive(Debug, PartialEq, Eq)]
struct Heard {
    size: u64,
    signed_at: Timestamp,
    received_at: Timestamp,
}

/// Two nodes at work until they are dropped.
struct AtWork {
    world: World,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

impl AtWork {
    async fn begin(seed: u64) -> Self {
        let mut doors = Vec::new();
        for _ in 0..2 {
            doors.push(TcpListener::bind("127.0.0.1:0").await.unwrap());
        }
        let address = |side: usize| {
            let address = doors[side].local_addr().unwrap();
            Some(address.to_string().parse().unwrap())
        };
        let world = World::strangers(&shipped(), seed, [address(0), address(1)]);
        let (stop, stopped) = watch::channel(false);
        let mut tasks = Vec::new();
        for (side, door) in doors.into_iter().enumerate() {
            let node = world.node(side);
            let serving = server::serve(Arc::clone(node), door, Limits::default(), stopped.clone());
            tasks.push(tokio::spawn(async { serving.await.unwrap() }));
            tasks.push(tokio::spawn(work::run(Arc::clone(node), stopped.clone())));
        }
        let at_work = Self { world, stop, tasks };
        until("both were heard", || {
            (0..2).all(|side| {
                let (node, link) = (at_work.world.node(side), at_work.world.sides[side].link());
                link.turn(&node.store).unwrap().confirmed
            })
        })
        .await;
        at_work
    }

    async fn end(self) {
        self.stop.send(true).unwrap();
        for task in self.tasks {
            task.await.unwrap();
        }
    }

    /// Waits until everything has its receipt, and each side's whole log is mirrored and cosigned: then nobody has anything to say.
    async fn all_said(&self) {
        until("silence", || {
            (0..2).all(|side| {
                let (node, link) = (self.world.node(side), self.world.sides[side].link());
                let cosigned = node.store.cosignature(link.id).unwrap();
                let sent = node.store.outbox(link.id, None, 1000).unwrap();
                cosigned.map_or(0, |line| line.size) == node.store.own_size(link.id).unwrap()
                    && sent.iter().all(|line| line.outcome == Some(Outcome::Filed))
            })
        })
        .await;
    }

    /// Both clocks are driven, and all that comes of it is said; the head that the partner then holds.
    async fn until_instant(&self, to: Timestamp) -> Option<Heard> {
        // The partner's first: what leaves at the instant arrives at it.
        for side in [1, 0] {
            self.world.node(side).drive(to).unwrap().unwrap();
        }
        self.all_said().await;
        self.heard()
    }

    /// None before the first entry.
    fn heard(&self) -> Option<Heard> {
        let (node, link) = (self.world.node(1), self.world.sides[1].link());
        let row = node.store.mirror_head(link.id).unwrap()?;
        let head = SignedHead::verify(&row.note, link.their_keys()).unwrap();
        Some(Heard {
            size: head.size(),
            signed_at: head.signed_at(),
            received_at: row.received_at,
        })
    }

    /// What the partner sees of our acts, the first first.
    fn seen(&self) -> Vec<Seen> {
        let (node, link) = (self.world.node(1), self.world.sides[1].link());
        let mut lines = node.store.inbox(link.id, None, 1000).unwrap();
        lines.reverse();
        // The sealed file is its body's class and what sealing adds, which is less than a class.
        let class = |bytes: u64| class_of(usize::try_from(bytes).unwrap().div_ceil(2));
        let seen = lines.into_iter().map(|line| Seen {
            position: line.position,
            class: class(line.size_bytes),
            act: line.act,
            reference: line.reference,
            released_at: line.released_at,
            received_at: line.received_at,
        });
        seen.collect()
    }

    fn node(&self) -> &Node {
        self.world.node(0)
    }

    fn hold(&self, case: &str) {
        let text = acts::withdrawal(case, &format!("{case}/1"));
        let sent = self.node().send("officer_1", self.world.draft(&text));
        assert!(matches!(sent, Ok(Departure::Held(..))), "{sent:?}");
    }

    fn held(&self) -> usize {
        let link = self.world.sides[0].link();
        self.node().held(&link).unwrap().len()
    }

    fn journal_lines(&self) -> usize {
        self.node().store.journal_page(None, 10_000).unwrap().len()
    }

    /// So many readings, searches, questions, refusals at our own desk; on the last day every second thing is an act that is held.
    ///
    /// Nothing of it makes the worker speak.
    async fn stay_at_home(&self, day: i64, things: usize) {
        if things == 0 {
            return;
        }
        let sent = self.node().traffic.sent();
        for at in 0..things {
            if day == LAST_DAY && at % 2 == 0 {
                self.hold(&format!("BE-2026-9{at:05}"));
            } else {
                self.stays_at_home(day, at / 2);
            }
        }
        sleep(LONGER_THAN_QUIET).await;
        let more = self.node().traffic.sent() - sent;
        assert!(more < A_GOODBYE_BYTES, "{more} bytes went out");
    }

    /// A reading, a search, a question, a refusal at our own desk, a look at what is held.
    fn stays_at_home(&self, day: i64, at: usize) {
        let (node, link) = (self.node(), self.world.sides[0].link());
        let draft = || {
            let fishing = acts::fishing(Ends::of(0), &format!("BE-2026-{day:06}"));
            self.world.draft(&fishing)
        };
        match at % 5 {
            0 => node.searched("officer_1", "Lamkaddem").unwrap(),
            1 => drop(node.why("officer_1", &draft()).unwrap()),
            2 => {
                let refused = node.send("officer_1", draft());
                assert!(matches!(refused, Err(SendFault::Refused(_))), "{refused:?}");
            }
            3 => drop(self.held()),
            _ => {
                if let Some(line) = node.store.outbox(link.id, None, 1).unwrap().first() {
                    node.read_sent(&link, "officer_2", line, "relecture")
                        .unwrap();
                }
            }
        }
    }
}

/// The days are counted from 0.
const LAST_DAY: i64 = 2;

/// Three days on which two withdrawals are decided and one request is sent, with `busy` things a day that stay at home. Where
/// there are any, the withdrawals are decided later, hours apart, and the other way round.
async fn three_days(busy: usize) -> (AtWork, Vec<Option<Heard>>) {
    let at_work = AtWork::begin(21).await;
    let mut heard = Vec::new();
    for day in 0..=LAST_DAY {
        let morning = start() + SignedDuration::from_hours(24 * day);
        let case = |number: i64| format!("BE-2026-{:06}", 10 * day + number);
        let decided = if busy == 0 { [1, 2] } else { [2, 1] };
        for (hours, number) in (0_i64..).zip(decided) {
            at_work.stay_at_home(day, busy / 2).await;
            at_work.hold(&case(number));
            if busy > 0 {
                let later = morning + SignedDuration::from_hours(1 + hours);
                at_work.until_instant(later).await;
            }
        }
        heard.push(at_work.until_instant(morning + 3.hours()).await);
        let draft = at_work.world.draft(&acts::request(Ends::of(0), &case(0)));
        let sent = at_work.node().send("officer_1", draft).unwrap();
        assert!(matches!(sent, Departure::Released(_)));
        at_work.all_said().await;
        heard.push(at_work.heard());
        heard.push(at_work.until_instant(morning + 15.hours()).await);
        if day < LAST_DAY {
            heard.push(at_work.until_instant(morning + 21.hours()).await);
            heard.push(at_work.until_instant(morning + 24.hours()).await);
        }
    }
    (at_work, heard)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_partner_sees_the_same_with_nothing_and_with_five_hundred_things_at_home() {
    let both = tokio::join!(three_days(0), three_days(240));
    let ((quiet, quiet_heard), (busy, busy_heard)) = both;
    // Three requests, and the withdrawals of two days.
    assert_eq!(quiet.seen().len(), 7);
    assert_eq!(quiet.seen(), busy.seen());
    // With the journal's head of each day, however much the journal says.
    assert_eq!(quiet_heard, busy_heard);
    assert_eq!((quiet.held(), busy.held()), (2, 122));
    let (few, many) = (quiet.journal_lines(), busy.journal_lines());
    assert!(many >= few + 500, "{few} {many}");
    quiet.end().await;
    busy.end().await;
}

#[test]
fn a_withdrawal_decided_in_the_night_leaves_with_those_of_its_day_and_not_an_hour_later() {
    let world = World::new(&shipped(), 26);
    let node = world.node(0);
    let night = start() + 20.hours();
    node.drive(night).unwrap().unwrap();
    let draft = world.draft(&acts::withdrawal("BE-2026-000001", "BE-2026-000001/1"));
    let sent = node.send("officer_1", draft).unwrap();
    let Departure::Held(_, leaves_at) = sent else {
        panic!("{sent:?}")
    };
    assert_eq!(night, "2026-03-03T05:00:00Z".parse().unwrap());
    assert_eq!(leaves_at, "2026-03-04T06:00:00Z".parse().unwrap());
    let link = world.sides[0].link();
    let next = |after: Timestamp| node.store.next_held(link.id, after).unwrap();
    assert_eq!((next(night), next(leaves_at)), (Some(leaves_at), None));
    let left = |at: Timestamp| {
        node.drive(at).unwrap().unwrap();
        node.store.outbox(link.id, None, 10).unwrap().len()
    };
    assert_eq!((left(leaves_at - 1.seconds()), left(leaves_at)), (0, 1));
    assert_eq!(next(night), None);
}
