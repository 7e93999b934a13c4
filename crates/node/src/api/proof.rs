//! `/v1/acts/{name}/proof`, `/revelation`: what a court or a stranger checks offline.

use std::sync::Arc;

use axum::{
    Extension, Json,
    extract::{Path, State},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use entente_cooperation::digest::MessageId;
use entente_ledger::{proof::Proof, tree::tree_of};
use serde_json::{Value, json};

use super::{
    Shell,
    act::{not_to_be_read, received_named, sent_named},
    ledger::{Held, Whose, held, opening, unreadable},
    problem::Problem,
    shell::apart,
    token::Asker,
};
use crate::{
    journal::{Kind, Line},
    link::Link,
};

/// Where an act and its receipt stand, seen from here.
struct Places {
    link: Arc<Link>,
    message: [u8; 32],
    sent: (Whose, u64),
    receipt: Option<(Whose, u64)>,
}

/// `GET /v1/acts/{name}/proof`: the proof of sending and, once it is receipted, of receipt. Without content.
pub async fn show(
    State(shell): State<Shell>,
    Extension(asker): Extension<Asker>,
    Path(name): Path<String>,
) -> Result<Json<Value>, Problem> {
    apart(move || {
        let places = places(&shell, &name)?;
        note(&shell, &asker, &places, &name, "proof")?;
        Ok(shell.answer(proofs(&shell, &places)?))
    })
    .await
}

/// `POST /v1/acts/{name}/revelation`: the proofs, the sealed bytes and the key that opens them. The journal keeps who asked.
pub async fn reveal(
    State(shell): State<Shell>,
    Extension(asker): Extension<Asker>,
    Path(name): Path<String>,
) -> Result<Json<Value>, Problem> {
    apart(move || {
        let places = places(&shell, &name)?;
        let judged = shell
            .node
            .may_reveal(&places.link, asker.officer(), &places.message);
        let refused = judged.map_err(|fault| {
            Problem::broken("whether this officer may read cannot be judged")
                .detail(fault.to_string())
        })?;
        let what = if refused.is_some() {
            "content, refused"
        } else {
            "content"
        };
        note(&shell, &asker, &places, &name, what)?;
        if let Some(judgement) = refused {
            return Err(not_to_be_read(&judgement));
        }
        let kept = shell
            .node
            .store
            .body(&places.message)
            .map_err(|e| unreadable(&e))?;
        let id = MessageId::from(places.message);
        let broken = |e: crate::wraps::BadWraps| {
            Problem::broken("the file key cannot be read").detail(e.to_string())
        };
        let key = kept
            .as_ref()
            .map(|kept| shell.node.wraps.unwrap(&kept.wrapped, &id))
            .transpose()
            .map_err(broken)?;
        let (Some(kept), Some(key)) = (kept, key) else {
            return Err(Problem::absent("the content of this act was erased")
                .what_to_do("`entente ledger proof` still proves sending and receipt"));
        };
        let mut members = proofs(&shell, &places)?;
        members["sealed"] = json!(BASE64_STANDARD.encode(&kept.sealed));
        members["file_key"] = json!(key.reveal().as_str());
        Ok(shell.answer(members))
    })
    .await
}

fn note(
    shell: &Shell,
    asker: &Asker,
    places: &Places,
    name: &str,
    what: &str,
) -> Result<(), Problem> {
    let line = Line::new(Kind::Shown, shell.node.clock.now()).by(asker.officer());
    let line = line.on(places.link.id).about(name).with("what", what);
    shell.node.write_down(line).map_err(|e| unreadable(&e))
}

fn places(shell: &Shell, name: &str) -> Result<Places, Problem> {
    for link in shell.node.links() {
        if let Some(line) = sent_named(shell, &link, name)? {
            return Ok(Places {
                message: line.message,
                sent: (Whose::Own, line.position),
                receipt: line
                    .receipt_position
                    .map(|position| (Whose::Mirror, position)),
                link,
            });
        }
        if let Some(line) = received_named(shell, &link, name)? {
            return Ok(Places {
                message: line.message,
                sent: (Whose::Mirror, line.position),
                receipt: Some((Whose::Own, line.receipt_position)),
                link,
            });
        }
    }
    Err(
        Problem::absent(format!("no act `{name}` was released or received here"))
            .what_to_do("`entente inbox` and `entente outbox` list the references"),
    )
}

fn proofs(shell: &Shell, places: &Places) -> Result<Value, Problem> {
    let sent = side(shell, places, places.sent)?;
    let receipt = places
        .receipt
        .map(|place| side(shell, places, place))
        .transpose()?;
    Ok(json!({ "sent": sent, "receipt": receipt }))
}

fn side(shell: &Shell, places: &Places, (whose, index): (Whose, u64)) -> Result<Value, Problem> {
    let Held {
        keys,
        entries,
        head,
        ..
    } = held(shell, &places.link, whose, Some(index))?;
    let opening = opening(shell, &places.link, whose, index)?.ok_or_else(|| {
        Problem::absent("what opens this entry was erased")
            .what_to_do("ask the partner, who may still hold it")
    })?;
    let Some((head, note)) = head.filter(|(head, _)| index < head.size()) else {
        return Err(Problem::conflict("no signed head covers this entry yet")
            .what_to_do("wait for the next contact with the partner, then ask again"));
    };
    let proof = Proof::make(index, &mut tree_of(&entries), &head)
        .map_err(|e| Problem::broken("the proof cannot be made").detail(e.to_string()))?;
    // The proof quotes the head; the note with the partner's cosignature says more and proves the same.
    let proof = proof.to_string().replace(head.note(), &note);
    Ok(json!({
        "proof": proof, "salt": opening.salt().to_base64(), "record": opening.record(),
        "vkey": keys.ed25519().to_string(), "vkey_mldsa44": keys.ml_dsa_44().to_string(),
    }))
}
