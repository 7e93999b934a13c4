//! The signed memorandum: one text over the digests of all its files, and the lines of those who signed it.
//!
//! The text is that of a C2SP signed note:
//! ```text
//! entente/memorandum/v1
//! <id>
//! <version>
//! <SHA-256, hexadecimal>  <path within the folder>
//! …
//! ```
//! with one line for each file, sorted bytewise by path. Each Party adds the two lines of its identity. The note lies beside
//! the files as [`FILE`]; it can be carried by hand and checked without a node.

use std::{collections::BTreeMap, fmt, str::FromStr};

use entente_ledger::{Identity, Note, note::NoteFault};

use super::{Files, Memorandum};
use crate::digest::Digest;

/// Where the signed note lies, in the folder of the memorandum.
pub const FILE: &str = "memorandum.note";

const FIRST_LINE: &str = "entente/memorandum/v1";

/// The digest of each file of a memorandum, by path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing(BTreeMap<String, Digest>);

/// What the Parties sign: which memorandum, which version, which files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreement {
    /// The memorandum's identifier.
    pub id: String,
    /// Its version.
    pub version: String,
    /// Its files.
    pub listing: Listing,
}

/// How a signed memorandum and what lies before us differ, or what a signature lacks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Difference {
    /// The note cannot be read.
    #[error("{FILE} is no signed memorandum: {0}")]
    Unreadable(String),
    /// Another memorandum was signed.
    #[error("signed was the memorandum `{signed}`, here lies `{here}`")]
    Memorandum {
        /// What the note says.
        signed: String,
        /// What the files say.
        here: String,
    },
    /// Another version was signed.
    #[error("signed was version {signed}, here lies version {here}")]
    Version {
        /// What the note says.
        signed: String,
        /// What the files say.
        here: String,
    },
    /// A file is not the one that was signed.
    #[error("{0} was changed after the signature")]
    Changed(String),
    /// A file that was signed is not there.
    #[error("{0} was signed, and is missing")]
    Missing(String),
    /// A file is there that nobody signed.
    #[error("{0} is here, and was not signed")]
    Extra(String),
    /// A Party's identity is not known here.
    #[error("the key of `{0}` is not known here: accept its introduction first")]
    UnknownKey(String),
    /// A Party has not signed.
    #[error("`{0}` has not signed")]
    Unsigned(String),
    /// A line bears the name of a Party, but is of another key than the one known.
    #[error("signed for `{0}` with another key than the one known here")]
    OtherKey(String),
    /// A Party's signature does not fit the text.
    #[error("the signature of `{0}` does not fit the text")]
    Wrong(String),
}

/// Who has signed, and what stands in the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verification {
    /// The Parties whose signatures are right, in the order of the memorandum.
    pub signed: Vec<String>,
    /// Everything that differs; empty if all Parties signed exactly what lies here.
    pub differences: Vec<Difference>,
}

impl Verification {
    /// Whether all Parties signed exactly what lies here.
    pub fn is_whole(&self) -> bool {
        self.differences.is_empty()
    }
}

impl Listing {
    /// The listing of these files.
    pub fn of(files: &Files) -> Self {
        Self(
            files
                .iter()
                .map(|(path, bytes)| (path.clone(), Digest::of(bytes)))
                .collect(),
        )
    }

    /// The digest of the memorandum: SHA-256 of the listing's text.
    pub fn digest(&self) -> Digest {
        Digest::of(self.to_string().as_bytes())
    }

    /// What differs between the signed listing and the one that lies here.
    fn differences(&self, here: &Self) -> Vec<Difference> {
        let signed = self
            .0
            .iter()
            .filter_map(|(path, digest)| match here.0.get(path) {
                Some(same) if same == digest => None,
                Some(_) => Some(Difference::Changed(path.clone())),
                None => Some(Difference::Missing(path.clone())),
            });
        let extra = here.0.keys().filter(|path| !self.0.contains_key(*path));
        signed
            .chain(extra.cloned().map(Difference::Extra))
            .collect()
    }
}

impl fmt::Display for Listing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|(path, digest)| writeln!(f, "{digest}  {path}"))
    }
}

impl Agreement {
    /// What is signed of the memorandum in these files.
    pub fn of(memorandum: &Memorandum, files: &Files) -> Self {
        let head = &memorandum.head;
        Self {
            id: head.id.clone(),
            version: head.version.clone(),
            listing: Listing::of(files),
        }
    }

    /// The note to sign, without signatures.
    ///
    /// Fails if a path has a control character.
    pub fn note(&self) -> Result<Note, NoteFault> {
        Note::new(self.to_string())
    }

    /// Checks a signed note against what lies here. `identities` holds the known identity of each Party.
    pub fn verify(
        &self,
        note: &str,
        parties: &[String],
        identities: &BTreeMap<String, Identity>,
    ) -> Verification {
        let unreadable = |what: String| Verification {
            signed: Vec::new(),
            differences: vec![Difference::Unreadable(what)],
        };
        let note = match Note::parse(note) {
            Ok(note) => note,
            Err(fault) => return unreadable(fault.to_string()),
        };
        let agreed: Self = match note.text().parse() {
            Ok(agreed) => agreed,
            Err(bad) => return unreadable(bad.to_string()),
        };
        let mut differences = agreed.differences(self);
        let mut signed = Vec::new();
        for party in parties {
            match signature(&note, party, identities.get(party)) {
                None => signed.push(party.clone()),
                Some(difference) => differences.push(difference),
            }
        }
        Verification {
            signed,
            differences,
        }
    }

    /// What differs between what was signed and what lies here.
    fn differences(&self, here: &Self) -> Vec<Difference> {
        let mut differences = Vec::new();
        let pair = |signed: &String, here: &String| (signed.clone(), here.clone());
        if self.id != here.id {
            let (signed, here) = pair(&self.id, &here.id);
            differences.push(Difference::Memorandum { signed, here });
        }
        if self.version != here.version {
            let (signed, here) = pair(&self.version, &here.version);
            differences.push(Difference::Version { signed, here });
        }
        differences.extend(self.listing.differences(&here.listing));
        differences
    }
}

/// What is wrong with a Party's signature; nothing if it is right.
fn signature(note: &Note, party: &str, identity: Option<&Identity>) -> Option<Difference> {
    let party = party.to_owned();
    let Some(identity) = identity else {
        return Some(Difference::UnknownKey(party));
    };
    let named = |line: &&entente_ledger::SignatureLine| line.name() == identity.ed25519().name();
    match identity.require(note) {
        Ok(()) => None,
        Err(NoteFault::Unsigned(_)) if note.lines().iter().any(|line| named(&line)) => {
            Some(Difference::OtherKey(party))
        }
        Err(NoteFault::Unsigned(_)) => Some(Difference::Unsigned(party)),
        Err(_) => Some(Difference::Wrong(party)),
    }
}

/// The note with the signatures of another over the same text: what one Party does with the file that the other carried.
///
/// Fails with what differs when the texts are not the same.
pub fn joined(ours: &Note, theirs: &Note) -> Result<Note, Vec<Difference>> {
    if ours.text() == theirs.text() {
        return Ok(theirs
            .lines()
            .iter()
            .cloned()
            .fold(ours.clone(), Note::with));
    }
    let read = |note: &Note| note.text().parse::<Agreement>();
    match (read(ours), read(theirs)) {
        (Ok(ours), Ok(theirs)) => Err(theirs.differences(&ours)),
        (Err(bad), _) | (_, Err(bad)) => Err(vec![Difference::Unreadable(bad.to_string())]),
    }
}

/// A text that is not the one that Parties sign.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line} is not what stands there in a signed memorandum")]
pub struct BadAgreement {
    /// The line, from 1.
    pub line: usize,
}

impl fmt::Display for Agreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{FIRST_LINE}\n{}\n{}\n{}",
            self.id, self.version, self.listing
        )
    }
}

impl FromStr for Agreement {
    type Err = BadAgreement;

    /// Reads the one way of writing it; anything else fails with the first line that differs from it.
    fn from_str(text: &str) -> Result<Self, BadAgreement> {
        let mut lines = text.lines();
        let mut next = |line| lines.next().ok_or(BadAgreement { line });
        if next(1)? != FIRST_LINE {
            return Err(BadAgreement { line: 1 });
        }
        let (id, version) = (next(2)?.to_owned(), next(3)?.to_owned());
        let mut listing = BTreeMap::new();
        for (line, file) in (4..).zip(lines) {
            let (digest, path) = file.split_once("  ").ok_or(BadAgreement { line })?;
            let digest = digest.parse().map_err(|_| BadAgreement { line })?;
            listing.insert(path.to_owned(), digest);
        }
        let agreement = Self {
            id,
            version,
            listing: Listing(listing),
        };
        let again = agreement.to_string();
        match (1..)
            .zip(text.lines().zip(again.lines()))
            .find(|(_, (one, two))| one != two)
        {
            None if again == text => Ok(agreement),
            None => Err(BadAgreement {
                line: text.lines().count(),
            }),
            Some((line, _)) => Err(BadAgreement { line }),
        }
    }
}

#[cfg(test)]
mod tests {
    use entente_seal::SigningKey;

    use super::*;
    use crate::memorandum::{shipped, shipped_files};

    /// A Party whose keys exist for one test.
    struct Signer {
        key: SigningKey,
        identity: Identity,
    }

    impl Signer {
        fn of(party: &str, seed: u8) -> Self {
            let key = SigningKey::from_seeds(&[seed; 32], &[seed; 32]);
            let party = party.parse().unwrap();
            let identity =
                Identity::new(&party, key.ed25519_public(), key.mldsa44_public()).unwrap();
            Self { key, identity }
        }

        fn sign(&self, note: Note) -> Note {
            let text = note.text().as_bytes().to_vec();
            let (one, two) = (self.key.sign_ed25519(&text), self.key.sign_mldsa44(&text));
            self.identity.sign(note, &one, &two[..])
        }
    }

    fn parties() -> Vec<String> {
        vec!["be".to_owned(), "ma".to_owned()]
    }

    fn identities(signers: &[(&str, &Signer)]) -> BTreeMap<String, Identity> {
        signers
            .iter()
            .map(|(party, signer)| ((*party).to_owned(), signer.identity.clone()))
            .collect()
    }

    fn differences(found: &Verification) -> Vec<String> {
        found.differences.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_memorandum_that_both_signed_is_whole() {
        let (be, ma) = (Signer::of("be", 1), Signer::of("ma", 2));
        let agreement = Agreement::of(&shipped(), &shipped_files());
        let ours = be.sign(agreement.note().unwrap());
        let theirs = ma.sign(agreement.note().unwrap());
        let both = joined(&ours, &theirs).unwrap();
        let found = agreement.verify(
            &both.to_string(),
            &parties(),
            &identities(&[("be", &be), ("ma", &ma)]),
        );
        assert!(found.is_whole(), "{found:?}");
        assert_eq!(found.signed, parties());
    }

    #[test]
    fn each_difference_is_said_by_its_name() {
        let (be, ma) = (Signer::of("be", 1), Signer::of("ma", 2));
        let memorandum = shipped();
        let mut files = shipped_files();
        let note = be
            .sign(Agreement::of(&memorandum, &files).note().unwrap())
            .to_string();
        files.insert("annex/03_acts.toml".to_owned(), b"changed".to_vec());
        files.remove("text/articles.nl.md");
        files.insert("rules/99.toml".to_owned(), Vec::new());
        let found = Agreement::of(&memorandum, &files).verify(
            &note,
            &parties(),
            &identities(&[("be", &be), ("ma", &ma)]),
        );
        assert_eq!(found.signed, ["be"]);
        assert_eq!(
            differences(&found),
            [
                "annex/03_acts.toml was changed after the signature",
                "text/articles.nl.md was signed, and is missing",
                "rules/99.toml is here, and was not signed",
                "`ma` has not signed",
            ]
        );
    }

    #[test]
    fn unknown_other_and_wrong_keys_are_told_apart() {
        let (be, other, ma) = (
            Signer::of("be", 1),
            Signer::of("be", 3),
            Signer::of("ma", 2),
        );
        let agreement = Agreement::of(&shipped(), &shipped_files());
        let note = be.sign(agreement.note().unwrap());
        let found = agreement.verify(
            &note.to_string(),
            &parties(),
            &identities(&[("be", &other)]),
        );
        assert_eq!(
            differences(&found),
            [
                "signed for `be` with another key than the one known here",
                "the key of `ma` is not known here: accept its introduction first"
            ]
        );
        let forged = note.to_string().replacen("2016-1", "2016-2", 1);
        let found = agreement.verify(
            &forged,
            &parties(),
            &identities(&[("be", &be), ("ma", &ma)]),
        );
        assert_eq!(
            differences(&found),
            [
                "signed was version 2016-2, here lies version 2016-1",
                "the signature of `be` does not fit the text",
                "`ma` has not signed"
            ]
        );
    }

    #[test]
    fn a_signature_over_another_text_is_not_joined() {
        let (be, ma) = (Signer::of("be", 1), Signer::of("ma", 2));
        let (memorandum, mut files) = (shipped(), shipped_files());
        let ours = be.sign(Agreement::of(&memorandum, &files).note().unwrap());
        files.remove("text/articles.nl.md");
        let theirs = ma.sign(Agreement::of(&memorandum, &files).note().unwrap());
        assert_eq!(
            joined(&ours, &theirs),
            Err(vec![Difference::Extra("text/articles.nl.md".to_owned())])
        );
    }

    #[test]
    fn a_text_written_otherwise_is_refused_at_its_line() {
        let text = Agreement::of(&shipped(), &shipped_files()).to_string();
        assert_eq!(
            text.parse::<Agreement>()
                .map(|agreement| agreement.to_string()),
            Ok(text.clone())
        );
        assert_eq!(
            "entente/memorandum/v2\na\nb\n".parse::<Agreement>(),
            Err(BadAgreement { line: 1 })
        );
        assert_eq!(
            text.replacen("  annex", " annex", 1).parse::<Agreement>(),
            Err(BadAgreement { line: 4 })
        );
        let lines: Vec<&str> = text.lines().collect();
        let swapped = [&lines[..3], &[lines[4], lines[3]], &lines[5..]]
            .concat()
            .join("\n")
            + "\n";
        assert_eq!(swapped.parse::<Agreement>(), Err(BadAgreement { line: 4 }));
    }
}
