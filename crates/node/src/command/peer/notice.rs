//! `entente peer accept-notice FILE…`: what the partner says of its keys, carried by hand while nothing reaches it.

use std::{fs, path::PathBuf};

use clap::Args;
use entente_ledger::KeyNotice;
use serde_json::json;

use super::super::{
    Caller,
    answer::{Answer, Failure},
    client::encoded,
    keys,
    show::Show,
};
use crate::key_notices;

/// Accept notices of the partner's keys that were carried by hand: after a theft, or while nothing reaches the partner.
///
/// They are believed by the signature of the identity that was compared by voice. One that is known already changes nothing.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente peer accept-notice south-1.note south-2.note --dir north")]
pub struct AcceptNotice {
    /// The files, as the partner's operator sent them.
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
}

impl AcceptNotice {
    /// Hands the notices to the node, which runs during an outage.
    pub fn run(self, caller: &Caller) -> Result<Answer, Failure> {
        let mut notices = Vec::new();
        for path in &self.files {
            let shown = path.display();
            let note = fs::read_to_string(path)
                .map_err(|e| Failure::misused(format!("`{shown}` cannot be read")).because(&e))?;
            let none = || {
                Failure::misused(format!("`{shown}` is no notice of a key"))
                    .hint("name the files that `entente keys` printed on the other side")
            };
            let notice = KeyNotice::stated(&note).map_err(|_| none())?;
            notices.push((notice.number(), notice.party().to_string(), note));
        }
        notices.sort();
        let party = notices[0].1.clone();
        if notices.iter().any(|(_, other, _)| *other != party) {
            return Err(Failure::misused("the notices are of several Parties")
                .hint("accept those of one Party at a time"));
        }
        let notes: Vec<String> = notices.into_iter().map(|(_, _, note)| note).collect();
        let path = format!("/v1/partners/{}/notices", encoded(&party));
        let said = caller.node()?.post(&path, &json!({ "notes": notes }))?;
        key_notices::keep(&caller.folder().notices(), notes.iter().map(String::as_str))
            .map_err(|e| keys::not_kept(&e))?;
        let line = match said.json["new"].as_u64() {
            Some(0) => "known already; nothing changed".to_owned(),
            new => format!("{} notices of {party} count from now on", new.unwrap_or(0)),
        };
        Ok(Show::of(&said.json).answer(line, said.json))
    }
}
