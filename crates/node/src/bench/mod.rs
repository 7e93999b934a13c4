//! What one exchange costs: two real nodes, as two organisations run them, and a load between them.

use std::{fs, path::Path};

use entente_cooperation::{draft::DraftFault, memorandum::read::files_of};
use jiff::Timestamp;
use serde_json::Value;

pub mod account;
pub mod act;
pub mod load;
pub mod pair;
pub mod presence;
pub mod report;

pub use act::Size;
pub use report::Report;

use account::Spent;
use act::Pattern;
use pair::Pair;

use crate::{agreement::Agreement, command::answer::Failure};

/// What is measured: so many messages by so many senders at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// Messages.
    pub messages: usize,
    /// Senders.
    pub concurrency: usize,
    /// How large each message is.
    pub size: Size,
}

impl Exchange {
    /// Sets two nodes up in `dir`, measures, counts, and removes what it made; after a failure the folders stay, with the logs.
    ///
    /// # Errors
    /// When a step fails, or a message is not present exactly once on both sides.
    pub fn run(self, memorandum: &Path, dir: &Path) -> Result<Report, Failure> {
        let made = dir.join(format!("entente-bench-{}", std::process::id()));
        let report = self.measure(memorandum, &made).map_err(|failure| {
            failure.hint(format!(
                "the data folders, each with its node.log, are kept in {}",
                made.display()
            ))
        })?;
        // What cannot be removed holds invented persons only.
        let _ = fs::remove_dir_all(&made);
        Ok(report)
    }

    /// Each message has a case of its own, so that no state grows. One message for each sender goes before: connections,
    /// caches. It is counted at the end and not measured.
    fn measure(self, memorandum: &Path, dir: &Path) -> Result<Report, Failure> {
        let agreement = read(memorandum)?;
        let parties = &agreement.memorandum.head.parties;
        let [first, second] = &parties[..] else {
            return Err(Failure::misused(
                "the memorandum is not between two Parties",
            ));
        };
        let parties = [first.as_str(), second.as_str()];
        let pattern = Pattern::permitted(&agreement, parties, self.size, Timestamp::now());
        let pattern = pattern.ok_or_else(|| {
            Failure::misused("the memorandum permits no act that gives facts unasked")
        })?;
        let (warm_up, drafts) = self.drafts(&pattern)?;
        let load = account::load();
        fs::create_dir_all(dir).map_err(|e| {
            Failure::misused(format!("`{}` cannot be made", dir.display())).because(&e)
        })?;
        let pair = Pair::begin(dir, memorandum, parties)?;
        let node = pair.sender.running()?;
        let mut first = load::send(&node, warm_up, self.concurrency)?;
        let before = Spent::of_both(&pair)?;
        let sent = load::send(&node, drafts, self.concurrency)?;
        let after = Spent::of_both(&pair)?;
        first.receipted.extend(sent.receipted.iter().cloned());
        let all: Vec<String> = first.receipted.into_iter().map(|one| one.message).collect();
        pair.wait_until("the partner did not hear the last head", |partner| {
            partner["own_entries"] == partner["mirrored_by_partner"]
        })?;
        Ok(Report {
            exchange: self,
            act: pattern.act().to_owned(),
            sent,
            spent: [after[0].since(before[0]), after[1].since(before[1])],
            presence: presence::count(&pair, &all)?,
            load,
        })
    }

    /// The drafts that warm up, and those that are measured; all made before anything is sent.
    fn drafts(&self, pattern: &Pattern<'_>) -> Result<(Vec<Value>, Vec<Value>), Failure> {
        let made: Result<Vec<Value>, DraftFault> = (0..self.concurrency + self.messages)
            .map(|number| pattern.message(number))
            .collect();
        let mut warm_up =
            made.map_err(|fault| Failure::broken(format!("a draft cannot be written: {fault}")))?;
        let drafts = warm_up.split_off(self.concurrency);
        Ok((warm_up, drafts))
    }
}

fn read(memorandum: &Path) -> Result<Agreement, Failure> {
    let files = files_of(memorandum).map_err(|e| {
        Failure::misused(format!(
            "the memorandum `{}` cannot be read",
            memorandum.display()
        ))
        .because(&e)
    })?;
    Agreement::of(&files).map_err(|faults| {
        Failure::misused(format!("the memorandum has {} faults", faults.len()))
            .hint("`entente memorandum check` names each at its file and line")
    })
}
