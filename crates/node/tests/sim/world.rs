//! Two nodes in one process, on folders of their own, that hand each other parcels.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use entente_cooperation::{draft::Draft, memorandum::read::files_of};
use entente_ledger::{
    Entry, Introduction,
    notice::{
        Use,
        introduction::{Address, Who},
    },
};
use entente_node::{
    agreement::Agreement,
    chance::Chance,
    clock::Clock,
    folder::Folder,
    keys::{Keys, id, identity_path, read_identity},
    link::Link,
    node::{Node, Opening},
    peer::{
        budget::Lane,
        client::{CallFault, Mirrored},
        problem::Problem,
    },
    post::Dispatch,
    roster::{Officer, Roster},
    rotation::Change,
};
use entente_store::ClockLine;
use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;

/// The memorandum that ships with the program.
pub(crate) fn shipped() -> Arc<Agreement> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../memorandum");
    let agreement = Agreement::of(&files_of(&dir).unwrap());
    Arc::new(agreement.unwrap_or_else(|faults| panic!("{faults:#?}")))
}

/// One side: a folder, and the node that runs on it.
pub(crate) struct Side {
    pub(crate) party: &'static str,
    dir: TempDir,
    agreement: Arc<Agreement>,
    seed: u64,
    starts: u64,
    introduction: Introduction,
    partner: Option<Introduction>,
    node: Option<Arc<Node>>,
}

impl Side {
    fn new(
        party: &'static str,
        agreement: &Arc<Agreement>,
        seed: u64,
        address: Option<Address>,
    ) -> Self {
        let dir = folder_in_memory();
        let folder = Folder::at(dir.path());
        Keys::create(&folder, None).unwrap();
        let keys = Keys::read(&folder).unwrap();
        let identity = read_identity(&identity_path(&folder), None).unwrap();
        let who = Who {
            party: id(party).unwrap(),
            memorandum: id(&agreement.memorandum.head.id).unwrap(),
            demo: true,
            address,
        };
        let note = keys.introduce(&identity, who, start()).unwrap();
        Self {
            party,
            dir,
            agreement: Arc::clone(agreement),
            seed,
            starts: 0,
            introduction: Introduction::verify(&note).unwrap(),
            partner: None,
            node: None,
        }
    }

    /// Starts the node on what its folder holds.
    pub(crate) fn start(&mut self, now: Timestamp) {
        let folder = Folder::at(self.dir.path());
        self.starts += 1;
        let opening = Opening {
            introduction: self.introduction.clone(),
            keys: Keys::read(&folder).unwrap(),
            database: folder.database(),
            wraps: folder.keys(),
            lock: folder.lock(),
            agreement: Arc::clone(&self.agreement),
            partners: self.partner.clone().into_iter().collect(),
            roster: roster(&self.agreement, self.party),
            clock: Clock::driven(now),
            chance: Chance::seeded(self.seed.wrapping_mul(1_000_003) + self.starts),
        };
        self.node = Some(Arc::new(Node::open(opening).unwrap()));
    }

    /// The node stops, and starts again on this reading of the memorandum.
    pub(crate) fn start_with(&mut self, agreement: &Arc<Agreement>) {
        let now = self.node().clock.now();
        self.crash();
        self.agreement = Arc::clone(agreement);
        self.start(now);
    }

    /// The node stops, its database is copied, it starts again and is heard.
    pub(crate) fn copy_of_data(&mut self) -> Vec<u8> {
        let now = self.node().clock.now();
        self.node().store.tidy().unwrap();
        self.crash();
        let copy = fs::read(Folder::at(self.dir.path()).database()).unwrap();
        self.start(now);
        let nothing = Mirrored {
            v: 1,
            link: self.link().memorandum.clone(),
            size: 0,
            head: None,
        };
        self.node().confirm(&self.link(), &nothing).unwrap();
        copy
    }

    /// The node starts again on an old copy of its database.
    pub(crate) fn put_back(&mut self, copy: &[u8]) {
        let now = self.node().clock.now();
        self.crash();
        let database = Folder::at(self.dir.path()).database();
        for beside in ["-wal", "-shm"] {
            let _ = fs::remove_file(format!("{}{beside}", database.display()));
        }
        fs::write(&database, copy).unwrap();
        self.start(now);
    }

    /// The data folder.
    pub(crate) fn folder(&self) -> Folder {
        Folder::at(self.dir.path())
    }

    /// The disk is lost, and the node starts on another folder.
    pub(crate) fn move_to(&mut self, dir: TempDir, now: Timestamp) {
        self.crash();
        self.dir = dir;
        self.start(now);
    }

    /// How often the node has started.
    pub(crate) fn starts(&self) -> u64 {
        self.starts
    }

    /// The power fails: what was not committed is gone.
    pub(crate) fn crash(&mut self) {
        self.node = None;
    }

    /// The keys under which file keys lie are lost.
    pub(crate) fn lose_wraps(&self) {
        for file in fs::read_dir(Folder::at(self.dir.path()).keys()).unwrap() {
            let path = file.unwrap().path();
            if path
                .file_name()
                .unwrap()
                .to_string_lossy()
                .starts_with("wrap-")
            {
                fs::remove_file(path).unwrap();
            }
        }
    }

    /// Whether a file of the data folder, however deep, holds these bytes.
    pub(crate) fn holds(&self, bytes: &[u8]) -> bool {
        let mut folders = vec![self.dir.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if contains(&fs::read(&path).unwrap(), bytes) {
                    return true;
                }
            }
        }
        false
    }

    /// The keys of this side, for whoever acts in its place.
    pub(crate) fn keys(&self) -> Keys {
        Keys::read(&Folder::at(self.dir.path())).unwrap()
    }

    /// The files of the keys whose names begin so.
    pub(crate) fn made_keys(&self, begin: &str) -> Vec<PathBuf> {
        let keys = fs::read_dir(Folder::at(self.dir.path()).keys()).unwrap();
        let paths = keys.map(|entry| entry.unwrap().path());
        paths
            .filter(|path| {
                path.file_name()
                    .unwrap()
                    .to_string_lossy()
                    .starts_with(begin)
            })
            .collect()
    }

    /// What changes a key of this side: its identity, as its operator holds it.
    pub(crate) fn change<T>(&self, what: Use, change: impl FnOnce(&Change<'_>) -> T) -> T {
        let folder = Folder::at(self.dir.path());
        let identity = read_identity(&identity_path(&folder), None).unwrap();
        change(&Change {
            folder: &folder,
            ring: &self.node().ring.held(),
            identity: &identity,
            what,
            issued: self.node().clock.now(),
        })
    }

    /// The introduction of this side.
    pub(crate) fn introduction(&self) -> &Introduction {
        &self.introduction
    }

    pub(crate) fn node(&self) -> &Arc<Node> {
        self.node.as_ref().expect("the node runs")
    }

    pub(crate) fn link(&self) -> Arc<Link> {
        self.node().links().remove(0)
    }
}

fn contains(content: &[u8], bytes: &[u8]) -> bool {
    content.windows(bytes.len()).any(|window| window == bytes)
}

/// A folder in memory where the system has one: the simulation stops nodes, never the machine.
fn folder_in_memory() -> TempDir {
    let memory = Path::new("/dev/shm");
    let made = tempfile::tempdir_in(memory).or_else(|_| tempfile::tempdir());
    made.unwrap()
}

fn roster(agreement: &Agreement, party: &str) -> Roster {
    let organs = agreement.memorandum.organs.iter();
    let organs: Vec<String> = organs
        .filter(|organ| organ.party == party)
        .map(|organ| organ.id.clone())
        .collect();
    let officer = |number: u32| Officer {
        id: format!("officer_{number}"),
        name: format!("Officer {number}"),
        person: true,
        organs: organs.clone(),
        functions: vec![],
        step: None,
    };
    Roster::of(vec![officer(1), officer(2)]).unwrap()
}

/// The instant at which every story begins.
pub(crate) fn start() -> Timestamp {
    "2026-03-02T09:00:00Z".parse().unwrap()
}

/// Two nodes that know each other.
pub(crate) struct World {
    pub(crate) sides: [Side; 2],
}

impl World {
    /// Two nodes on this memorandum, started and with their mirrors stated.
    pub(crate) fn new(agreement: &Arc<Agreement>, seed: u64) -> Self {
        Self::of([agreement, agreement], seed)
    }

    /// The same, each on its own reading of the memorandum.
    pub(crate) fn of(agreements: [&Arc<Agreement>; 2], seed: u64) -> Self {
        let world = Self::introduced(agreements, seed, [None, None]);
        world.contact(0);
        world
    }

    /// The same with addresses, before they have heard of each other.
    pub(crate) fn strangers(
        agreement: &Arc<Agreement>,
        seed: u64,
        addresses: [Option<Address>; 2],
    ) -> Self {
        Self::introduced([agreement, agreement], seed, addresses)
    }

    fn introduced(
        agreements: [&Arc<Agreement>; 2],
        seed: u64,
        addresses: [Option<Address>; 2],
    ) -> Self {
        let [first, second] = addresses;
        let parties: Vec<&'static str> = agreements[0]
            .memorandum
            .head
            .parties
            .iter()
            .map(|party| &*party.clone().leak())
            .collect();
        let mut sides = [
            Side::new(parties[0], agreements[0], seed * 2, first),
            Side::new(parties[1], agreements[1], seed * 2 + 1, second),
        ];
        sides[0].partner = Some(sides[1].introduction.clone());
        sides[1].partner = Some(sides[0].introduction.clone());
        for side in &mut sides {
            side.start(start());
        }
        Self { sides }
    }

    pub(crate) fn node(&self, side: usize) -> &Arc<Node> {
        self.sides[side].node()
    }

    /// Side `from` asks what its partner mirrors, as after a start.
    pub(crate) fn ask(&self, from: usize) {
        let (link, partner) = (self.sides[from].link(), self.sides[1 - from].node());
        let mirrored = partner
            .mirrored_for(self.sides[from].party, &link.memorandum)
            .unwrap();
        let missing = self.node(from).confirm(&link, &mirrored).unwrap();
        if let Some(from_entry) = missing {
            let party = self.sides[from].party;
            let returned = partner
                .entries_for(party, &link.memorandum, from_entry)
                .unwrap();
            let entries = Entry::many_from_base64(&returned.entries).unwrap();
            self.node(from).recover(&link, &mirrored, &entries).unwrap();
        }
    }

    /// Side `from` hands its next parcel over and settles the answer, over a good network.
    pub(crate) fn contact(&self, from: usize) {
        self.ask(from);
        self.hand_over(from);
    }

    /// The same without the question that follows a start. What the partner says of itself is heeded once: where its mirror
    /// ends, or that it has just started.
    pub(crate) fn hand_over(&self, from: usize) {
        let (link, party) = (self.sides[from].link(), self.sides[from].party);
        for attempt in 0..3 {
            let dispatch = self.dispatch(from);
            self.node(from).handed(&link, &dispatch.first).unwrap();
            match self.node(1 - from).receive(party, &dispatch.parcel) {
                Ok(answer) => {
                    self.node(from).settle(&link, &dispatch, &answer).unwrap();
                    return;
                }
                Err(fault) => {
                    let problem = fault.told();
                    let honest = matches!(problem, Problem::Stale { .. } | Problem::Starting);
                    assert!(honest && attempt < 2, "{problem}");
                    let fault = CallFault::Problem(problem);
                    self.node(from)
                        .not_delivered(&link, &dispatch, &fault)
                        .unwrap();
                    // What was tried is tried again after a while, which passes on both sides.
                    for side in 0..2 {
                        let later = self.node(side).clock.now() + SignedDuration::from_secs(2);
                        self.node(side).clock.drive(later).unwrap();
                    }
                }
            }
        }
    }

    pub(crate) fn dispatch(&self, from: usize) -> Dispatch {
        let link = self.sides[from].link();
        self.node(from)
            .dispatch(&link, Lane::Ordinary, vec![], false)
            .unwrap()
    }

    /// The clocks that a side counts, as both count them.
    pub(crate) fn clocks(&self, side: usize) -> Vec<ClockLine> {
        let (node, link) = (self.node(side), self.sides[side].link());
        let counted = node.store.clocks(link.id).unwrap().into_iter();
        counted
            .map(|line| ClockLine {
                theirs: false,
                ..line
            })
            .collect()
    }

    /// A draft from text, in the form of draft files.
    pub(crate) fn draft(&self, text: &str) -> Draft {
        let memorandum = &self.sides[0].agreement.memorandum;
        Draft::parse(text, memorandum).unwrap_or_else(|faults| panic!("{faults:?}\n{text}"))
    }
}
