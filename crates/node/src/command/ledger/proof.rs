//! `entente ledger proof ACT` and `reveal ACT`: what a court or a stranger checks without us.

use std::path::PathBuf;

use base64::{Engine, prelude::BASE64_STANDARD};
use clap::Args;
use entente_ledger::{Opening, Salt};
use serde_json::{Value, json};

use super::super::{
    Caller,
    answer::{Answer, Failure},
    client::encoded,
    show::Show,
};
use super::write_notices;
use crate::{
    evidence::{FILE_KEY, RECEIPT, SEALED, SENT, Side},
    folder::{create_private, write_private},
};

/// Write the proof that an act was sent and received: two proof files, two entries, their openings, the keys of both ledgers.
///
/// Nothing of the content is in them. `entente ledger verify` checks them offline.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente ledger proof N-2030-000417/1 --out proof --dir north
  entente ledger verify proof --introduction north.note --introduction south.note")]
pub struct Proof {
    /// The act: reference, act id or message id.
    #[arg(value_name = "ACT")]
    act: String,
    /// The folder to make.
    #[arg(long, value_name = "OUT")]
    out: PathBuf,
}

/// Write the proof of an act together with its sealed bytes and the key that opens them, for a court.
///
/// Whoever holds the folder can read the act. The journal keeps who asked.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente ledger reveal N-2030-000417/1 --out for-the-court --dir north")]
pub struct Reveal {
    /// The act: reference, act id or message id.
    #[arg(value_name = "ACT")]
    act: String,
    /// The folder to make; without it `revealed` beside nothing else.
    #[arg(long, value_name = "OUT", default_value = "revealed")]
    out: PathBuf,
}

impl Proof {
    pub(super) fn run(self, caller: &Caller) -> Result<Answer, Failure> {
        let node = caller.node()?;
        let said = node.get(&format!("/v1/acts/{}/proof", encoded(&self.act)))?;
        write(&said.json, &self.out)?;
        write_notices(&node, &self.out)?;
        Ok(done(&said.json, &self.out))
    }
}

impl Reveal {
    pub(super) fn run(self, caller: &Caller) -> Result<Answer, Failure> {
        let path = format!("/v1/acts/{}/revelation", encoded(&self.act));
        let node = caller.node()?;
        let said = node.post(&path, &json!({}))?;
        write(&said.json, &self.out)?;
        write_notices(&node, &self.out)?;
        let sealed = said.json["sealed"]
            .as_str()
            .and_then(|text| BASE64_STANDARD.decode(text).ok());
        let (Some(sealed), Some(key)) = (sealed, said.json["file_key"].as_str()) else {
            return Err(not_understood("sealed bytes"));
        };
        // Whoever may read the folder reads the act: it is its owner's alone.
        let kept = create_private(&self.out)
            .and_then(|()| write_private(&self.out.join(SEALED), &sealed))
            .and_then(|()| write_private(&self.out.join(FILE_KEY), format!("{key}\n").as_bytes()));
        kept.map_err(|e| Failure::broken("the revelation was not written").because(&e))?;
        Ok(done(&said.json, &self.out).note("whoever holds this folder can read the act"))
    }
}

fn done(json: &Value, out: &std::path::Path) -> Answer {
    let members = json!({ "folder": out, "receipt": !json["receipt"].is_null() });
    let answer = Show::of(json).answer(out.display().to_string(), members);
    if json["receipt"].is_null() {
        return answer.note("the receipt is not here yet: at most the sending can be proven, once the partner has cosigned our ledger");
    }
    answer
}

fn write(json: &Value, out: &std::path::Path) -> Result<(), Failure> {
    for (name, side) in [(SENT, &json["sent"]), (RECEIPT, &json["receipt"])] {
        if side.is_null() {
            continue;
        }
        let side = side_of(side).ok_or_else(|| not_understood(name))?;
        side.write(out, name).map_err(|e| {
            Failure::broken(format!("the proof was not written to `{}`", out.display())).because(&e)
        })?;
    }
    Ok(())
}

fn side_of(json: &Value) -> Option<Side> {
    let text = |name: &str| json[name].as_str();
    Some(Side {
        proof: text("proof")?.to_owned(),
        opening: Opening::new(Salt::from_base64(text("salt")?)?, text("record")?),
        keys: (
            text("vkey")?.parse().ok()?,
            text("vkey_mldsa44")?.parse().ok()?,
        ),
    })
}

fn not_understood(what: &str) -> Failure {
    Failure::broken(format!("the node's answer is not understood: {what}"))
        .hint("run the command of the same version as the node")
}
