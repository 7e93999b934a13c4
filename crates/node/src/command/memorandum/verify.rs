//! `entente memorandum verify`: who signed exactly the files that lie here.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use clap::Args;
use entente_cooperation::memorandum::{
    Memorandum,
    read::files_of,
    signature::{Agreement, FILE, Verification},
};
use entente_ledger::notice::{Identity, Introduction};
use serde_json::{Value, json};

use super::{
    super::{
        Caller,
        answer::{Answer, Failure},
    },
    notice, read_checked,
};
use crate::folder::Folder;

/// Verify that all Parties signed exactly the files that lie here. Offline.
///
/// Keys are those of the introductions named, or of the data folder. Exit code 0 only if every Party signed.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente memorandum verify --dir north
  entente memorandum verify memorandum --note memorandum.note --introduction north.note --introduction south.note")]
pub struct Verify {
    /// The folder of the memorandum; without it, that of the data folder.
    #[arg(value_name = "MEMORANDUM")]
    folder: Option<PathBuf>,
    /// The signed note; without it, `memorandum.note` in the folder.
    #[arg(long, value_name = "FILE")]
    note: Option<PathBuf>,
    /// An introduction whose identity is trusted; may be given several times.
    #[arg(long, value_name = "FILE")]
    introduction: Vec<PathBuf>,
}

impl Verify {
    pub(super) fn run(self, caller: &Caller) -> Result<Answer, Failure> {
        let path = self
            .folder
            .clone()
            .unwrap_or_else(|| caller.folder().memorandum());
        let memorandum = read_checked(&path)?;
        let note = self.note.clone().unwrap_or_else(|| path.join(FILE));
        let text = fs::read_to_string(&note).map_err(|e| {
            Failure::misused(format!(
                "the signed note `{}` cannot be read",
                note.display()
            ))
            .because(&e)
            .hint("sign with `entente memorandum sign`, or name the note with --note")
        })?;
        let identities = self.identities(&caller.folder())?;
        let verification = verify(&path, &memorandum, &text, &identities)?;
        answer(&memorandum, &path, &verification)
    }

    fn identities(&self, folder: &Folder) -> Result<BTreeMap<String, Identity>, Failure> {
        let mut paths = self.introduction.clone();
        if paths.is_empty() && folder.is_set_up() {
            paths = introductions(folder);
        }
        paths.iter().map(|path| identity(path)).collect()
    }
}

/// Our introduction and those that we accepted.
pub fn introductions(folder: &Folder) -> Vec<PathBuf> {
    let partners = fs::read_dir(folder.partners())
        .into_iter()
        .flatten()
        .flatten();
    let mut paths: Vec<PathBuf> = partners.map(|entry| entry.path()).collect();
    paths.push(folder.introduction());
    paths
}

/// The identities that a data folder knows: ours and those of accepted partners.
pub fn identities_of(folder: &Folder) -> Result<BTreeMap<String, Identity>, Failure> {
    introductions(folder)
        .iter()
        .map(|path| identity(path))
        .collect()
}

/// The Party of an introduction, and its identity.
pub fn identity(path: &Path) -> Result<(String, Identity), Failure> {
    let shown = path.display();
    let text = fs::read_to_string(path)
        .map_err(|e| Failure::misused(format!("`{shown}` cannot be read")).because(&e))?;
    let introduction = Introduction::verify(&text)
        .map_err(|e| Failure::misused(format!("`{shown}` is no sound introduction")).because(&e))?;
    let party = introduction.who().party.to_string();
    Ok((party, introduction.identity().clone()))
}

/// Who signed exactly the files in `path`.
pub fn verify(
    path: &Path,
    memorandum: &Memorandum,
    note: &str,
    identities: &BTreeMap<String, Identity>,
) -> Result<Verification, Failure> {
    let files =
        files_of(path).map_err(|e| Failure::broken("the memorandum cannot be read").because(&e))?;
    Ok(Agreement::of(memorandum, &files).verify(note, &memorandum.head.parties, identities))
}

fn answer(memorandum: &Memorandum, path: &Path, found: &Verification) -> Result<Answer, Failure> {
    let files =
        files_of(path).map_err(|e| Failure::broken("the memorandum cannot be read").because(&e))?;
    let digest = Agreement::of(memorandum, &files)
        .listing
        .digest()
        .to_string();
    let differences: Vec<String> = found.differences.iter().map(ToString::to_string).collect();
    let mut lines = vec![
        format!(
            "memorandum  {} version {}",
            memorandum.head.id, memorandum.head.version
        ),
        format!("digest      {digest}"),
    ];
    lines.extend(
        found
            .signed
            .iter()
            .map(|party| format!("signed by   {party}")),
    );
    lines.extend(
        differences
            .iter()
            .map(|difference| format!("not so      {difference}")),
    );
    let members = json!({
        "memorandum": memorandum.head.id, "version": memorandum.head.version, "digest": digest,
        "signed": found.signed, "differences": differences.iter().cloned().map(Value::String).collect::<Vec<_>>(),
        "whole": found.is_whole(),
    });
    let answer =
        Answer::new(lines.join("\n"), members).demonstration(notice(memorandum, false).as_deref());
    Ok(if found.is_whole() {
        answer
    } else {
        answer.refused()
    })
}
