//! `entente ledger export OUT`: our ledger and our mirror of the partner's, as static folders of tiles.

use std::path::{Path, PathBuf};

use clap::Args;
use entente_ledger::{Entry, LogKeys, SignedHead, export::Export as Writing};
use serde_json::{Value, json};

use super::super::{
    Caller,
    answer::{Answer, Failure},
    client::Running,
    show::Show,
};
use super::write_notices;
use crate::evidence;

/// Export our ledger and our mirror of the partner's as folders of tiles (C2SP tlog-tiles), for anyone to verify.
///
/// With one partner, OUT holds our ledger and OUT/mirror the partner's; with several, OUT holds one folder for each partner.
/// Nothing of the content is in them.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente ledger export north-export --dir north
  entente ledger verify north-export --against south-export/mirror")]
pub struct Export {
    /// The folder to make.
    #[arg(value_name = "OUT")]
    out: PathBuf,
}

impl Export {
    pub(super) fn run(self, caller: &Caller) -> Result<Answer, Failure> {
        let node = caller.node()?;
        let status = node.get("/v1/status")?;
        let partners: Vec<String> = status.json["partners"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|partner| partner["partner"].as_str().map(str::to_owned))
            .collect();
        let mut written = Vec::new();
        for partner in &partners {
            let folder = match partners.len() {
                1 => self.out.clone(),
                _ => self.out.join(partner),
            };
            for (whose, folder) in [("own", folder.clone()), ("mirror", folder.join("mirror"))] {
                let exported = write(&node, partner, whose, &folder)?;
                if exported.is_some() {
                    write_notices(&node, &folder)?;
                }
                written.extend(exported);
            }
        }
        let lines: Vec<String> = written
            .iter()
            .map(|folder| folder.display().to_string())
            .collect();
        let members = json!({ "folders": written });
        let answer = Show::of(&status.json).answer(lines.join("\n"), members);
        Ok(if lines.is_empty() {
            answer.note("there is no entry to export yet")
        } else {
            answer
        })
    }
}

/// Writes one ledger, and yields its folder; nothing if it has no entry yet.
fn write(
    node: &Running,
    partner: &str,
    whose: &str,
    folder: &Path,
) -> Result<Option<PathBuf>, Failure> {
    let path = format!("/v1/ledgers/{partner}/{whose}");
    let said = node.get(&path)?.json;
    let Some(note) = said["checkpoint"].as_str() else {
        return Ok(None);
    };
    let broken = |e: &dyn std::error::Error| {
        Failure::broken(format!(
            "the ledger was not written to `{}`",
            folder.display()
        ))
        .because(e)
    };
    let (head, keys) = head(&said, note)?;
    let mut writing = Writing::begin(folder).map_err(|e| broken(&e))?;
    let mut done = 0;
    while done < head.size() {
        let page = entries(node, &path, done)?;
        let wanted = usize::try_from(head.size() - done)
            .unwrap_or(usize::MAX)
            .min(page.len());
        if wanted == 0 {
            return Err(
                Failure::broken("the node gave fewer entries than its head counts")
                    .hint("run `entente ledger check`"),
            );
        }
        writing.push(&page[..wanted]).map_err(|e| broken(&e))?;
        done += wanted as u64;
    }
    let partner_key = said["vkey_partner"]
        .as_str()
        .and_then(|key| key.parse().ok());
    writing
        .finish(&head, note, &keys, partner_key.as_ref())
        .map_err(|e| broken(&e))?;
    Ok(Some(folder.to_owned()))
}

fn head(said: &Value, note: &str) -> Result<(SignedHead, LogKeys), Failure> {
    let bad = |what: &str| Failure::broken(format!("the node's answer is not understood: {what}"));
    let key = |name: &str| {
        said[name]
            .as_str()
            .and_then(|text| text.parse().ok())
            .ok_or_else(|| bad(name))
    };
    let keys = evidence::keys_of(note, (key("vkey")?, key("vkey_mldsa44")?))
        .map_err(|e| bad(&e.to_string()))?;
    let head = SignedHead::verify(note, &keys).map_err(|e| bad(&e.to_string()))?;
    Ok((head, keys))
}

fn entries(node: &Running, path: &str, from: u64) -> Result<Vec<Entry>, Failure> {
    let said = node.get(&format!("{path}/entries?from={from}"))?.json;
    said["entries"]
        .as_str()
        .and_then(Entry::many_from_base64)
        .ok_or_else(|| Failure::broken("the node's answer is not understood: entries"))
}
