//! `entente memorandum sign`: our two lines under the memorandum, and those of the partner beside them.

use std::{
    collections::BTreeMap,
    fs,
    io::{self, IsTerminal},
    path::{Path, PathBuf},
};

use clap::Args;
use entente_cooperation::memorandum::{
    Memorandum,
    read::files_of,
    signature::{Agreement, FILE, joined},
};
use entente_ledger::{
    Note,
    notice::{Identity, Introduction},
};
use serde_json::json;

use super::{
    super::{
        Caller,
        answer::{Answer, Failure},
        peer,
    },
    notice, of_folder,
    prove::Proof,
    read_checked,
    verify::{identities_of, identity, verify},
};
use crate::{
    folder::{self, Folder},
    keys,
};

/// Sign the memorandum of a data folder with our identity, and add the signatures that a partner carried to us.
///
/// Every red line is proven first, as `entente memorandum prove` does; with cvc5 that takes up to a minute. What is signed is one text over the digests of all its files, so that a changed comma is another memorandum. The file
/// printed is carried to the partner by hand; it holds no secret.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente memorandum sign --dir north
  entente memorandum sign --dir south --with north/memorandum/memorandum.note
  entente memorandum sign --dir north --with south/memorandum/memorandum.note
  entente memorandum sign --dir north --later 2027-1
  entente memorandum sign --dir north --identity /media/safe/identity.key --passphrase-file words.txt")]
pub struct Sign {
    /// A signed note of the partner over the same memorandum: its lines are added to ours.
    #[arg(long, value_name = "FILE")]
    with: Option<PathBuf>,
    /// The later version that was added with `entente memorandum add`; without it, that with which the node was set up.
    #[arg(long, value_name = "VERSION")]
    later: Option<String>,
    #[command(flatten)]
    proof: Proof,
    /// The identity key, if it does not lie in the data folder.
    #[arg(long, value_name = "FILE")]
    identity: Option<PathBuf>,
    /// A file with the passphrase of the identity key.
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

impl Sign {
    pub(super) fn run(self, caller: &Caller) -> Result<Answer, Failure> {
        let folder = caller.folder();
        let config = caller.config()?;
        let dir = folder.version(self.later.as_deref());
        let memorandum = match &self.later {
            None => of_folder(&folder)?,
            Some(_) => read_checked(&dir)?,
        };
        let path = dir.join(FILE);
        self.proven(&folder, &memorandum, &dir)?;
        let note = self.with_theirs(self.ours(caller, &memorandum, &dir)?)?;
        folder::replace(&path, note.to_string().as_bytes()).map_err(|e| {
            Failure::broken(format!("`{}` cannot be written", path.display())).because(&e)
        })?;
        let who: Vec<&str> = note
            .lines()
            .iter()
            .map(entente_ledger::SignatureLine::name)
            .collect();
        let identities = identities_of(&folder)?;
        let whole = verify(&dir, &memorandum, &note.to_string(), &identities)?.is_whole();
        let members = json!({ "signed_note": path, "lines": who, "whole": whole });
        let next = if whole {
            "signed by every Party; carry this file to a partner that has not all signatures yet, and start the node with `entente serve`"
        } else {
            "not every Party has signed, or not every Party was accepted here yet; carry this file to the partner, who adds it to its own signature with --with"
        };
        Ok(Answer::new(path.display().to_string(), members)
            .note(next)
            .demonstration(notice(&memorandum, config.demo).as_deref()))
    }

    /// Fails if a red line is not proven. Proven before our first signature over these files, and not again when the partner's
    /// is added to it.
    fn proven(&self, folder: &Folder, memorandum: &Memorandum, dir: &Path) -> Result<(), Failure> {
        let ours = BTreeMap::from([identity(&folder.introduction())?]);
        let before = fs::read_to_string(dir.join(FILE)).unwrap_or_default();
        let signed = verify(dir, memorandum, &before, &ours)?.signed;
        if !signed.is_empty() {
            return Ok(());
        }
        if io::stderr().is_terminal() {
            eprintln!("The red lines are proven first; with cvc5 this takes up to a minute.");
        }
        let holes = self.proof.of(dir)?.holes;
        if holes.is_empty() {
            return Ok(());
        }
        Err(
            Failure::refused(format!("a red line is not proven: {}", holes.join("; "))).hint(
                "nothing was signed; correct the rules together with the partner, then `entente memorandum prove`",
            ),
        )
    }

    /// The note with our lines, and whatever lines stand in the data folder already.
    fn ours(&self, caller: &Caller, memorandum: &Memorandum, dir: &Path) -> Result<Note, Failure> {
        let folder = caller.folder();
        let config = caller.config()?;
        let files = files_of(dir)
            .map_err(|e| Failure::broken("the memorandum cannot be read").because(&e))?;
        let bad_note = |e: &dyn std::error::Error| {
            Failure::broken("the memorandum cannot be signed").because(e)
        };
        let note = Agreement::of(memorandum, &files)
            .note()
            .map_err(|e| bad_note(&e))?;
        let passphrase = self
            .passphrase_file
            .as_deref()
            .map(peer::passphrase)
            .transpose()?;
        let at = self
            .identity
            .clone()
            .unwrap_or_else(|| keys::identity_path(&folder));
        let key = keys::read_identity(&at, passphrase.as_deref())
            .map_err(|e| peer::introduce::bad_keys(&e))?;
        let party = keys::id(&config.party).map_err(|e| peer::introduce::bad_keys(&e))?;
        let identity = Identity::new(&party, key.ed25519_public(), key.mldsa44_public())
            .map_err(|e| bad_note(&e))?;
        let text = note.text().as_bytes().to_vec();
        let signed = identity.sign(note, &key.sign_ed25519(&text), &key.sign_mldsa44(&text)[..]);
        let before = fs::read_to_string(dir.join(FILE)).ok();
        let before = before.and_then(|text| Note::parse(&text).ok());
        // A note over another text is of another version: it is replaced.
        Ok(before
            .and_then(|before| joined(&signed, &before).ok())
            .unwrap_or(signed))
    }

    fn with_theirs(&self, ours: Note) -> Result<Note, Failure> {
        let Some(path) = &self.with else {
            return Ok(ours);
        };
        let shown = path.display();
        let text = fs::read_to_string(path)
            .map_err(|e| Failure::misused(format!("`{shown}` cannot be read")).because(&e))?;
        if Introduction::verify(&text).is_ok() {
            return Err(Failure::misused(format!(
                "`{shown}` is the wrong file: it is an introduction, not a signed memorandum"
            ))
            .hint("name the file that signing printed on the partner's side: `memorandum.note`, in the folder `memorandum` of its data folder"));
        }
        let theirs = Note::parse(&text)
            .map_err(|e| Failure::misused(format!("`{shown}` is no signed note")).because(&e))?;
        joined(&ours, &theirs).map_err(|differences| {
            let lines: Vec<String> = differences.iter().map(ToString::to_string).collect();
            Failure::refused(format!(
                "the partner signed another text: {}",
                lines.join("; ")
            ))
            .hint("compare both folders file by file with the partner; nothing was signed")
        })
    }
}
