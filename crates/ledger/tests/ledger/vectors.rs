//! The files of `crates/ledger/vectors`: each is right, or has one fault and names it.
//!
//! A vector begins with `expect:` (`right`, or the fault in words), `comment:` and what its kind
//! needs; after an empty line stand the bytes under test. `cargo test -p entente-ledger --test
//! ledger write_vectors -- --ignored` writes them anew, with other ML-DSA signatures.

use std::fs;
use std::path::{Path, PathBuf};

use entente_ledger::note::NoteFault;
use entente_ledger::notice::KeyNotice;
use entente_ledger::{Entry, Introduction, LogKeys, Note, Origin, Proof, SignedHead, VerifierKey};

use crate::vector_cases;

/// One vector: the lines above the empty line, and what stands below.
pub(crate) struct Vector {
    pub(crate) kind: &'static str,
    pub(crate) name: String,
    pub(crate) members: Vec<(String, String)>,
    pub(crate) content: String,
}

impl Vector {
    fn member(&self, name: &str) -> &str {
        let found = self.members.iter().find(|(member, _)| member == name);
        &found
            .unwrap_or_else(|| panic!("{} has no `{name}`", self.name))
            .1
    }

    fn key(&self, name: &str) -> VerifierKey {
        self.member(name).parse().unwrap()
    }

    fn log_keys(&self) -> LogKeys {
        let origin: Origin = self.member("origin").parse().unwrap();
        LogKeys::new(origin, self.key("ed25519"), self.key("mldsa44")).unwrap()
    }

    /// What this crate says of the content: `right`, or the fault.
    fn judged(&self) -> String {
        let said = match self.kind {
            "note" => judge_note(self),
            "head" => SignedHead::verify(&self.content, &self.log_keys())
                .map(drop)
                .map_err(|fault| fault.to_string()),
            "proof" => judge_proof(self),
            "introduction" => Introduction::verify(&self.content)
                .map(drop)
                .map_err(|fault| fault.to_string()),
            _ => judge_key_notice(self),
        };
        said.map_or_else(|fault| fault, |()| "right".into())
    }

    fn path(&self) -> PathBuf {
        folder().join(self.kind).join(&self.name)
    }

    fn read(kind: &'static str, path: &Path) -> Self {
        let text = fs::read_to_string(path).unwrap();
        let (above, content) = text.split_once("\n\n").unwrap();
        let member = |line: &str| {
            let (name, value) = line.split_once(": ").unwrap();
            (name.to_owned(), value.to_owned())
        };
        Self {
            kind,
            name: path.file_name().unwrap().to_str().unwrap().into(),
            members: above.lines().map(member).collect(),
            content: content.into(),
        }
    }

    fn write(&self) {
        let path = self.path();
        let mut text = String::new();
        for (name, value) in &self.members {
            text.push_str(&format!("{name}: {value}\n"));
        }
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, format!("{text}\n{}", self.content)).unwrap();
    }
}

fn judge_note(vector: &Vector) -> Result<(), String> {
    let judge = || -> Result<(), NoteFault> {
        let note = Note::parse(&vector.content)?;
        note.require(&vector.key("key"))
    };
    judge().map_err(|fault| fault.to_string())
}

fn judge_proof(vector: &Vector) -> Result<(), String> {
    let proof: Proof = vector
        .content
        .parse()
        .map_err(|fault: entente_ledger::proof::BadProof| fault.to_string())?;
    let entry = Entry::from_hex(vector.member("entry")).unwrap();
    let cosigners = [vector.key("cosigner")];
    proof
        .verify(&entry, &vector.log_keys(), &cosigners)
        .map(drop)
        .map_err(|fault| fault.to_string())
}

fn judge_key_notice(vector: &Vector) -> Result<(), String> {
    let (ed25519, ml_dsa_44) = (vector.key("ed25519"), vector.key("mldsa44"));
    let party = ed25519.name().strip_prefix("entente/").unwrap();
    let identity = entente_ledger::Identity::new(
        &party.parse().unwrap(),
        ed25519.public(),
        ml_dsa_44.public(),
    );
    KeyNotice::verify(&vector.content, &identity.unwrap())
        .map(drop)
        .map_err(|fault| fault.to_string())
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors")
}

#[test]
fn each_vector_is_judged_as_it_says() {
    let mut count = 0;
    for kind in ["note", "head", "proof", "introduction", "key_notice"] {
        for file in fs::read_dir(folder().join(kind)).unwrap() {
            let vector = Vector::read(kind, &file.unwrap().path());
            let name = format!("{kind}/{}", vector.name);
            assert_eq!(vector.judged(), vector.member("expect"), "{name}");
            count += 1;
        }
    }
    assert!(count >= 40, "only {count} vectors were found");
}

#[test]
#[ignore = "writes the files of `vectors` anew"]
fn write_vectors() {
    for vector in vector_cases::all() {
        let name = format!("{}/{}", vector.kind, vector.name);
        assert_eq!(vector.judged(), vector.member("expect"), "{name}");
        vector.write();
    }
}
