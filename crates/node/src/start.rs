//! From a data folder to an open node: settings, keys, the signed memorandum, partners, officers, clock.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use entente_cooperation::memorandum::{
    read::files_of,
    signature::{self, Agreement as Signed},
};
use entente_ledger::notice::{Identity, Introduction};
use jiff::Timestamp;
use thiserror::Error;

use crate::{
    agreement::Agreement,
    chance::Chance,
    clock::Clock,
    config::Config,
    folder::Folder,
    key_notices::notices_in,
    keys::{BadKeys, Keys},
    node::{Node, OpenFault, Opening},
    rings::NotTaken,
    roster::{BadRoster, Roster},
};

/// Why a node does not start. Our own operator acts.
#[derive(Debug, Error)]
pub enum StartFault {
    /// The keys.
    #[error(transparent)]
    Keys(#[from] BadKeys),
    /// The roster.
    #[error(transparent)]
    Roster(#[from] BadRoster),
    /// An introduction cannot be read or believed.
    #[error("the introduction `{0}` cannot be used: {1}")]
    Introduction(PathBuf, String),
    /// The memorandum has faults.
    #[error("the memorandum has {0} faults, first {1}")]
    Faulty(usize, String),
    /// The memorandum is not signed by all Parties as it lies here.
    #[error("the memorandum does not count as signed by every Party: {0}")]
    Unsigned(String),
    /// A red line is not proven, so nothing may be judged.
    #[error("a red line is not proven: {0}")]
    RedLine(String),
    /// A file cannot be read.
    #[error("`{0}` cannot be read")]
    File(PathBuf, #[source] std::io::Error),
    /// The node.
    #[error(transparent)]
    Open(#[from] OpenFault),
}

/// Opens the node of a data folder. `at` is where the driven clock of a demonstration stands at first.
///
/// Fails if the memorandum is not signed by every Party exactly as it lies here, or a red line is not proven.
pub fn open(folder: &Folder, config: &Config, at: Option<Timestamp>) -> Result<Node, StartFault> {
    let introduction = introduction(&folder.introduction())?;
    let partners = partners(folder)?;
    let identities: BTreeMap<String, Identity> = partners
        .iter()
        .chain([&introduction])
        .map(identity)
        .collect();
    let agreement = signed_agreement(&folder.memorandum(), &identities)?;
    let clock = match config.demo {
        true => Clock::driven(at.unwrap_or_else(|| first_day(&agreement))),
        false => Clock::System,
    };
    let node = Node::open(Opening {
        introduction,
        keys: Keys::read(folder)?,
        database: folder.database(),
        wraps: folder.keys(),
        lock: folder.lock(),
        agreement: Arc::new(agreement),
        partners,
        roster: Roster::read(&folder.roster())?,
        clock,
        chance: Chance::System,
    })?;
    announced(folder, &node)?;
    for later in later_versions(folder, &identities)? {
        node.hold(Arc::new(later)).map_err(OpenFault::Store)?;
    }
    Ok(node)
}

/// The notices of keys that lie in the folder: signed or carried while no node ran.
fn announced(folder: &Folder, node: &Node) -> Result<(), StartFault> {
    let dir = folder.notices();
    let unbelieved = |e: NotTaken| StartFault::Introduction(dir.clone(), e.to_string());
    let notes = notices_in(&dir);
    let of = |party: &str| -> Vec<String> {
        let found = notes
            .iter()
            .filter(|(notice, _)| notice.party().as_str() == party);
        found.map(|(_, note)| note.clone()).collect()
    };
    node.announce(&of(node.party()), "operator")
        .map_err(unbelieved)?;
    for link in node.links() {
        if let Err(fault) = node.accept_notices(&link, &of(&link.partner), "operator") {
            tracing::warn!(partner = %link.partner, %fault, "a key notice in the folder does not count");
        }
    }
    Ok(())
}

/// The later versions that every Party has signed. One that still waits for a signature is passed over, with a warning.
fn later_versions(
    folder: &Folder,
    identities: &BTreeMap<String, Identity>,
) -> Result<Vec<Agreement>, StartFault> {
    let mut later = Vec::new();
    for entry in fs::read_dir(folder.versions())
        .into_iter()
        .flatten()
        .flatten()
    {
        match signed_agreement(&entry.path(), identities) {
            Ok(agreement) => later.push(agreement),
            Err(StartFault::Unsigned(why)) => {
                tracing::warn!(version = %entry.file_name().display(), %why, "a later version of the memorandum is not signed yet");
            }
            Err(fault) => return Err(fault),
        }
    }
    Ok(later)
}

/// The memorandum in a folder, compiled, its red lines proven, signed by every Party exactly as it lies there.
fn signed_agreement(
    dir: &Path,
    identities: &BTreeMap<String, Identity>,
) -> Result<Agreement, StartFault> {
    let agreement = agreement(dir)?;
    signed(dir, &agreement, identities)?;
    Ok(agreement)
}

fn identity(introduction: &Introduction) -> (String, Identity) {
    (
        introduction.who().party.to_string(),
        introduction.identity().clone(),
    )
}

/// The memorandum in a folder, compiled, its red lines proven.
fn agreement(dir: &Path) -> Result<Agreement, StartFault> {
    let files = files_of(dir).map_err(|e| StartFault::File(dir.to_owned(), e))?;
    let agreement = Agreement::of(&files).map_err(|faults| {
        let first = faults.first().map(ToString::to_string).unwrap_or_default();
        StartFault::Faulty(faults.len(), first)
    })?;
    let (_, unproven) = agreement.policy.prove(&agreement.memorandum);
    match unproven.first() {
        None => Ok(agreement),
        Some(first) => Err(StartFault::RedLine(first.to_string())),
    }
}

/// Whether every Party signed exactly what lies here.
fn signed(
    dir: &Path,
    agreement: &Agreement,
    identities: &BTreeMap<String, Identity>,
) -> Result<(), StartFault> {
    let path = dir.join(signature::FILE);
    let note = fs::read_to_string(&path)
        .map_err(|_| StartFault::Unsigned("nobody has signed it".to_owned()))?;
    let files = files_of(dir).map_err(|e| StartFault::File(dir.to_owned(), e))?;
    let memorandum = &agreement.memorandum;
    let found = Signed::of(memorandum, &files).verify(&note, &memorandum.head.parties, identities);
    match found.differences.first() {
        None => Ok(()),
        Some(first) => Err(StartFault::Unsigned(first.to_string())),
    }
}

/// The introductions that were accepted.
fn partners(folder: &Folder) -> Result<Vec<Introduction>, StartFault> {
    let dir = folder.partners();
    let entries = fs::read_dir(&dir).map_err(|e| StartFault::File(dir.clone(), e))?;
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|end| end == "note"));
    paths.sort();
    paths.iter().map(introduction).collect()
}

fn introduction(path: &PathBuf) -> Result<Introduction, StartFault> {
    let note = fs::read_to_string(path).map_err(|e| StartFault::File(path.clone(), e))?;
    Introduction::verify(&note).map_err(|e| StartFault::Introduction(path.clone(), e.to_string()))
}

/// Noon of the first day in force: where the clock of a demonstration stands if nobody says otherwise.
fn first_day(agreement: &Agreement) -> Timestamp {
    let noon = agreement.memorandum.head.in_force_from.at(12, 0, 0, 0);
    jiff::tz::TimeZone::UTC
        .to_timestamp(noon)
        .unwrap_or(Timestamp::UNIX_EPOCH)
}
