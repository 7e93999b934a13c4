//! Two nodes as two organisations set them up: own folders, own keys, introduced to each other, one signed memorandum.

use std::path::{Path, PathBuf};

use crate::{
    command::answer::Failure,
    process::{NodeProcess, call, free_address, until},
};

/// Two nodes that run and know each other. Dropping it stops both.
pub struct Pair {
    /// Who sends.
    pub sender: NodeProcess,
    /// Who receives.
    pub receiver: NodeProcess,
}

impl Pair {
    /// Sets up and starts a node for each of two Parties, with folders in `dir`.
    ///
    /// # Errors
    /// When a step fails: with what that step said.
    pub fn begin(dir: &Path, memorandum: &Path, parties: [&str; 2]) -> Result<Self, Failure> {
        let [sender, receiver] = parties.map(|party| NodeProcess::on(party, dir.join(party)));
        let mut pair = Self { sender, receiver };
        for node in pair.both() {
            set_up(node, memorandum)?;
        }
        for (node, other) in [
            (&pair.sender, &pair.receiver),
            (&pair.receiver, &pair.sender),
        ] {
            let introduction = other.folder().introduction().display().to_string();
            node.call(&["peer", "accept", &introduction, "--phrase-confirmed"])?;
        }
        pair.sign()?;
        pair.sender.start()?;
        pair.receiver.start()?;
        pair.open_links()?;
        Ok(pair)
    }

    /// Both nodes, the sender first.
    pub fn both(&self) -> [&NodeProcess; 2] {
        [&self.sender, &self.receiver]
    }

    /// Each side signs, carrying the other's line by hand.
    fn sign(&self) -> Result<(), Failure> {
        self.sender
            .call(&["memorandum", "sign", "--without-solver"])?;
        let (first, second) = (note(&self.sender), note(&self.receiver));
        self.receiver.call(&[
            "memorandum",
            "sign",
            "--without-solver",
            "--with",
            &first.display().to_string(),
        ])?;
        self.sender.call(&[
            "memorandum",
            "sign",
            "--with",
            &second.display().to_string(),
        ])?;
        Ok(())
    }

    /// Nothing is signed before both have heard each other.
    fn open_links(&self) -> Result<(), Failure> {
        self.wait_until("the two nodes did not find each other", |partner| {
            partner["state"] == "open"
        })
    }

    /// Waits until both nodes say so of their partner.
    ///
    /// # Errors
    /// With `otherwise` when they do not in time.
    pub fn wait_until(
        &self,
        otherwise: &str,
        so: impl Fn(&serde_json::Value) -> bool,
    ) -> Result<(), Failure> {
        for node in self.both() {
            let node = node.running()?;
            until(otherwise, || {
                let status = node.get("/v1/status")?.json;
                let partners = status["partners"].as_array().cloned().unwrap_or_default();
                Ok(!partners.is_empty() && partners.iter().all(&so))
            })?;
        }
        Ok(())
    }
}

fn set_up(node: &NodeProcess, memorandum: &Path) -> Result<(), Failure> {
    let (dir, memorandum) = (
        node.dir.display().to_string(),
        memorandum.display().to_string(),
    );
    let listen = free_address()?;
    call(&[
        "init",
        &dir,
        "--party",
        &node.party,
        "--memorandum",
        &memorandum,
        "--listen",
        &listen,
    ])?;
    Ok(())
}

fn note(node: &NodeProcess) -> PathBuf {
    node.folder().memorandum().join("memorandum.note")
}
