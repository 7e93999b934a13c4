//! One side of an act as files: the proof, the entry, its opening, the keys of the log.

use std::{fs, io, path::Path};

use entente_ledger::{
    LogKeys, Opening, Salt, VerifierKey,
    proof::{Proof, Proven},
};
use serde_json::json;

use super::{
    BadEvidence, Place, Trusted, bytes, strictly, text,
    trust::{Keyed, cosigner, in_time, log_keys},
    wrong,
};

/// One side of an act, ready to be written.
#[derive(Clone, Debug)]
pub struct Side {
    /// The proof file.
    pub proof: String,
    /// Salt and record.
    pub opening: Opening,
    /// The keys of the log.
    pub keys: (VerifierKey, VerifierKey),
}

impl Side {
    /// Writes the files of this side into `dir` under `name`.
    pub fn write(&self, dir: &Path, name: &str) -> io::Result<()> {
        fs::create_dir_all(dir)?;
        let file = |end: &str| dir.join(format!("{name}.{end}"));
        let opening = json!({
            "salt": self.opening.salt().to_base64(), "record": self.opening.record(),
        });
        fs::write(file("tlog-proof"), &self.proof)?;
        fs::write(file("entry"), self.opening.entry().as_bytes())?;
        fs::write(file("opening"), format!("{opening}\n"))?;
        fs::write(file("vkey"), format!("{}\n", self.keys.0))?;
        fs::write(file("vkey-mldsa44"), format!("{}\n", self.keys.1))
    }

    pub(super) fn read(dir: &Path, name: &str) -> Result<Self, BadEvidence> {
        let file = |end: &str| dir.join(format!("{name}.{end}"));
        let opening = read_opening(&file("opening"))?;
        let entry = bytes(&file("entry"))?;
        if entry != opening.entry().as_bytes() {
            return Err(BadEvidence::Wrong(format!(
                "`{name}.opening` does not open `{name}.entry`"
            )));
        }
        Ok(Self {
            proof: text(&file("tlog-proof"))?,
            opening,
            keys: (key(&file("vkey"))?, key(&file("vkey-mldsa44"))?),
        })
    }

    /// What this side shows; `other` is the ML-DSA-44 log key of the other Party, as the folder states it.
    pub(super) fn verify(
        &self,
        other: Option<&VerifierKey>,
        known: &Trusted,
    ) -> Result<(Place, LogKeys), BadEvidence> {
        let proof: Proof = self.proof.parse().map_err(|e| wrong(&e))?;
        let log = log_keys(proof.note(), &self.keys, known)?;
        let cosigner = cosigner(&log, other)?;
        in_time(&log, proof.note(), cosigner.as_ref())?;
        let cosigners: Vec<VerifierKey> = cosigner.into_iter().collect();
        let proven = proof
            .verify(&self.opening.entry(), &log.keys, &cosigners)
            .map_err(|e| wrong(&e))?;
        Ok((place(&proven, &log), log.keys))
    }
}

fn place(proven: &Proven, log: &Keyed) -> Place {
    let cosigned = proven
        .cosignatures()
        .iter()
        .map(|(name, at)| (name.clone(), at.to_string()));
    Place {
        log: proven.head().head().origin().to_owned(),
        index: proven.index(),
        cosigned: cosigned.collect(),
        keys_known: log.known,
        partner_known: log.partner.is_some(),
    }
}

fn read_opening(path: &Path) -> Result<Opening, BadEvidence> {
    let bad = |why: &str| BadEvidence::Form(path.to_owned(), why.to_owned());
    let members = strictly(text(path)?.as_bytes()).map_err(|e| bad(&e.to_string()))?;
    let salt = members["salt"].as_str().and_then(Salt::from_base64);
    let record = members["record"].as_str();
    match (salt, record) {
        (Some(salt), Some(record)) => Ok(Opening::new(salt, record)),
        _ => Err(bad("it lacks salt or record")),
    }
}

fn key(path: &Path) -> Result<VerifierKey, BadEvidence> {
    let line = text(path)?;
    line.trim_end_matches('\n')
        .parse()
        .map_err(|e| BadEvidence::Form(path.to_owned(), format!("{e}")))
}
