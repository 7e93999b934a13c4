//! What must hold after any cut: both nodes are opened on what is left, exchange until nothing waits, and are looked at.

use std::{collections::BTreeMap, fs, path::Path, sync::Arc};

use entente_cooperation::memorandum::read::files_of;
use entente_ledger::Introduction;
use entente_node::{
    agreement::Agreement,
    chance::Chance,
    clock::Clock,
    folder::Folder,
    keys::Keys,
    link::Link,
    node::{Node, Opening},
    peer::{budget::Lane, client::CallFault, problem::Problem},
    reading::Reading,
    roster::Roster,
};
use entente_store::{Bytes32, ClockLine, EntryKind, InboxLine, OutboxLine, Outcome};
use jiff::SignedDuration;

use crate::world::{NOW, PARTIES};

/// More rows than any test makes.
const ALL: u64 = 100_000;

/// An act of a side, by its message id, about which its client was told that it was released.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Promised {
    pub(crate) side: usize,
    pub(crate) message: Bytes32,
    /// The moment by which it was told.
    pub(crate) by: u64,
}

/// Opens nodes on folders of demonstrations, in this process.
pub(crate) struct Judge {
    agreement: Arc<Agreement>,
}

/// One node and its one link.
struct Side {
    node: Node,
    link: Arc<Link>,
}

impl Judge {
    /// With the memorandum of these folders, read once.
    pub(crate) fn of(folder: &Path) -> Self {
        let files = files_of(&Folder::at(folder).memorandum()).unwrap();
        Self {
            agreement: Arc::new(Agreement::of(&files).unwrap()),
        }
    }

    /// Whether all that was promised stands once on both sides, and nothing is half done. Says what does not hold.
    pub(crate) fn look(&self, folders: [&Path; 2], promised: &[Promised]) -> Result<(), String> {
        let sides = [self.open(folders[0], 0)?, self.open(folders[1], 1)?];
        for from in 0..2 {
            ask(&sides, from)?;
        }
        for _ in 0..3 {
            hand_over(&sides, 0)?;
            hand_over(&sides, 1)?;
        }
        for from in 0..2 {
            crossed(&sides[from], &sides[1 - from])?;
            same_log(&sides[from], &sides[1 - from])?;
        }
        for act in promised {
            let sent = sides[act.side].sent()?;
            let stands = sent.iter().filter(|line| line.message == act.message);
            holds(stands.count() == 1, || {
                format!("an act promised by {} is lost", PARTIES[act.side])
            })?;
        }
        let [ours, theirs] = [sides[0].clocks()?, sides[1].clocks()?];
        holds(ours == theirs, || {
            format!("clocks differ: {ours:?} {theirs:?}")
        })
    }

    fn open(&self, folder: &Path, number: u64) -> Result<Side, String> {
        let folder = Folder::at(folder);
        let note = |path: &Path| {
            let text = fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
            Introduction::verify(&text).map_err(|e| e.to_string())
        };
        let own = usize::try_from(number).unwrap();
        let (own, partner) = (PARTIES[own], PARTIES[1 - own]);
        let node = Node::open(Opening {
            introduction: note(&folder.introduction())?,
            keys: Keys::read(&folder).map_err(|e| e.to_string())?,
            database: folder.database(),
            wraps: folder.keys(),
            lock: folder.lock(),
            agreement: Arc::clone(&self.agreement),
            partners: vec![note(&folder.partner(partner))?],
            roster: Roster::read(&folder.roster()).map_err(|e| e.to_string())?,
            clock: Clock::driven(NOW.parse().unwrap()),
            chance: Chance::seeded(number + 1),
        });
        let node = node.map_err(|e| format!("the node of {own} does not open: {e:?}"))?;
        let link = node.links().remove(0);
        Ok(Side { node, link })
    }
}

impl Side {
    fn sent(&self) -> Result<Vec<OutboxLine>, String> {
        self.node
            .store
            .outbox(self.link.id, None, ALL)
            .map_err(words)
    }

    fn received(&self) -> Result<Vec<InboxLine>, String> {
        self.node
            .store
            .inbox(self.link.id, None, ALL)
            .map_err(words)
    }

    /// The clocks as both sides count them.
    fn clocks(&self) -> Result<Vec<ClockLine>, String> {
        let counted = self.node.store.clocks(self.link.id).map_err(words)?;
        let same = |line| ClockLine {
            theirs: false,
            ..line
        };
        Ok(counted.into_iter().map(same).collect())
    }

    /// How many entries of a kind stand in our log.
    fn entries(&self, kind: EntryKind) -> Result<usize, String> {
        let (store, link) = (&self.node.store, self.link.id);
        let mut found = 0;
        for position in 0..store.own_size(link).map_err(words)? {
            let entry = store.own_entry(link, position).map_err(words)?;
            found += usize::from(entry.is_some_and(|entry| entry.kind == kind));
        }
        Ok(found)
    }
}

/// Asks what the partner mirrors of our log, as after a start. Nothing that was shown may have been lost.
fn ask(sides: &[Side; 2], from: usize) -> Result<(), String> {
    let (us, partner) = (&sides[from], &sides[1 - from]);
    let mirrored = partner
        .node
        .mirrored_for(PARTIES[from], &us.link.memorandum)
        .map_err(words)?;
    let missing = us.node.confirm(&us.link, &mirrored).map_err(words)?;
    holds(missing.is_none(), || {
        format!(
            "{} lost entries that its partner holds: {missing:?} of {}",
            PARTIES[from], mirrored.size
        )
    })
}

/// One parcel and its answer, tried again as the protocol says.
fn hand_over(sides: &[Side; 2], from: usize) -> Result<(), String> {
    let (us, partner) = (&sides[from], &sides[1 - from]);
    for _ in 0..3 {
        let dispatch = us
            .node
            .dispatch(&us.link, Lane::Ordinary, vec![], false)
            .map_err(words)?;
        match partner.node.receive(PARTIES[from], &dispatch.parcel) {
            Ok(answer) => {
                us.node
                    .settle(&us.link, &dispatch, &answer)
                    .map_err(words)?;
                return Ok(());
            }
            Err(fault) => {
                let problem = fault.told();
                let honest = matches!(problem, Problem::Stale { .. } | Problem::Starting);
                holds(honest, || format!("{} is told: {problem}", PARTIES[from]))?;
                let fault = CallFault::Problem(problem);
                us.node
                    .not_delivered(&us.link, &dispatch, &fault)
                    .map_err(words)?;
                let later = us.node.clock.now() + SignedDuration::from_secs(2);
                us.node.clock.drive(later).map_err(words)?;
            }
        }
    }
    Err(format!("{} is not heard", PARTIES[from]))
}

/// Every act of one side stands once on the other, with one receipt, and both can read it.
fn crossed(from: &Side, to: &Side) -> Result<(), String> {
    let (sent, received) = (from.sent()?, to.received()?);
    let mut inbox: BTreeMap<Bytes32, &InboxLine> = BTreeMap::new();
    for line in &received {
        let first = inbox.insert(line.message, line).is_none();
        holds(first, || {
            format!("an act stands twice in the inbox: {line:?}")
        })?;
    }
    holds(sent.len() == received.len(), || {
        format!(
            "{} acts were sent, {} stand with the partner",
            sent.len(),
            received.len()
        )
    })?;
    for line in &sent {
        let there = inbox.get(&line.message);
        let receipt = there.map(|there| (there.outcome, there.received_at, there.receipt_position));
        let settled = line
            .outcome
            .zip(line.received_at)
            .zip(line.receipt_position);
        let settled = settled.map(|((outcome, at), position)| (outcome, at, position));
        let agreed =
            receipt.is_some() && receipt == settled && line.outcome == Some(Outcome::Filed);
        holds(agreed && line.contested.is_none(), || {
            format!("no one receipt: {line:?} {there:?}")
        })?;
        let read = from
            .node
            .read_sent(&from.link, "officer_1", line, "case work")
            .map_err(words)?;
        holds(matches!(read, Reading::Body(_)), || {
            format!("its sender reads {read:?}")
        })?;
    }
    for line in &received {
        let read = to
            .node
            .read_received(&to.link, "officer_1", line, "case work")
            .map_err(words)?;
        holds(!matches!(read, Reading::Gone), || {
            format!("its recipient reads {read:?}")
        })?;
    }
    let counted = [
        from.entries(EntryKind::Act)?,
        to.entries(EntryKind::Receipt)?,
    ];
    holds(counted == [sent.len(), received.len()], || {
        format!("{counted:?} entries for {} acts", sent.len())
    })
}

/// The partner mirrors our log, entry by entry; nothing of it came back from there.
fn same_log(own: &Side, partner: &Side) -> Result<(), String> {
    let entries = own
        .node
        .store
        .own_entries(own.link.id, 0, ALL)
        .map_err(words)?;
    let mirror = partner
        .node
        .store
        .mirror_entries(partner.link.id, 0, ALL)
        .map_err(words)?;
    holds(entries == mirror, || {
        "a mirror differs from its log".to_owned()
    })?;
    holds(own.entries(EntryKind::Returned)? == 0, || {
        "entries were lost".to_owned()
    })?;
    let forks = own.node.store.forks(own.link.id).map_err(words)?;
    holds(forks.is_empty(), || "two histories were signed".to_owned())
}

fn holds(it: bool, otherwise: impl FnOnce() -> String) -> Result<(), String> {
    if it { Ok(()) } else { Err(otherwise()) }
}

fn words(fault: impl std::fmt::Debug) -> String {
    format!("{fault:?}")
}
