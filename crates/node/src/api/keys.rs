//! `/v1/keys`: which keys of each Party serve until when, and the notices that say so.
//!
//! Notices are signed where the identity key is; the node gets the signed files and never the key.

use axum::{
    Extension, Json,
    extract::{Path, State},
};
use entente_ledger::KeyRing;
use entente_store::Keyholder;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Shell, asked::Form, ledger::unreadable, problem::Problem, shell::apart, token::Asker};
use crate::{keys::short, link::Link, rings::NotTaken};

/// Signed notices, in the order of their numbers.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notices {
    notes: Vec<String>,
}

/// `GET /v1/keys`
pub async fn show(State(shell): State<Shell>) -> Result<Json<Value>, Problem> {
    apart(move || {
        let node = &shell.node;
        let own = node.ring.held();
        let (mut keys, mut notices) = (spans(&shell, &own), notices(&own));
        let mut announced = Vec::new();
        for link in node.links() {
            let theirs = link.theirs.held();
            keys.extend(spans(&shell, &theirs));
            notices.extend(self::notices(&theirs));
            announced.push(standing(&shell, &link)?);
        }
        Ok(shell.answer(json!({ "keys": keys, "notices": notices, "announced": announced })))
    })
    .await
}

fn spans(shell: &Shell, ring: &KeyRing) -> Vec<Value> {
    let now = shell.node.clock.now();
    let spans = ring.spans().iter();
    let shown = spans.map(|span| {
        json!({
            "party": ring.party().as_str(), "use": span.key.kind().word(), "key": short(&span.key),
            "from": (span.number > 0).then_some(span.from), "until": span.ends().then_some(span.until),
            "serves": span.serves(now), "number": span.number,
        })
    });
    shown.collect()
}

fn notices(ring: &KeyRing) -> Vec<Value> {
    let shown = ring.notices().map(|(notice, note)| {
        json!({
            "party": notice.party().as_str(), "number": notice.number(),
            "use": notice.key().kind().word(), "note": note,
        })
    });
    shown.collect()
}

/// How many of our notices stand in our log for a partner, and how many it holds.
fn standing(shell: &Shell, link: &Link) -> Result<Value, Problem> {
    let store = &shell.node.store;
    let rows = store.key_notices(link.id, Keyholder::Own);
    let rows = rows.map_err(|e| unreadable(&e))?;
    let cosigned = store.cosignature(link.id).map_err(|e| unreadable(&e))?;
    let held = cosigned.map_or(0, |line| line.size);
    let entered = rows.iter().filter_map(|row| row.position);
    Ok(json!({
        "partner": link.partner, "entered": entered.clone().count(),
        "held": entered.filter(|position| *position < held).count(),
    }))
}

/// `POST /v1/keys/notices`: notices of our own keys, signed by our identity; they count from now on.
pub async fn announce(
    State(shell): State<Shell>,
    Extension(asker): Extension<Asker>,
    Form(Notices { notes }): Form<Notices>,
) -> Result<Json<Value>, Problem> {
    apart(move || {
        let new = shell.node.announce(&notes, asker.officer());
        Ok(shell.answer(json!({ "new": new.map_err(|fault| not_taken(&fault))? })))
    })
    .await
}

/// `POST /v1/partners/{partner}/notices`: notices of the partner's keys that people carried; they count from now on.
pub async fn accept(
    State(shell): State<Shell>,
    Extension(asker): Extension<Asker>,
    Path(partner): Path<String>,
    Form(Notices { notes }): Form<Notices>,
) -> Result<Json<Value>, Problem> {
    apart(move || {
        let link = shell.link(&partner)?;
        let new = shell.node.accept_notices(&link, &notes, asker.officer());
        Ok(shell.answer(json!({ "new": new.map_err(|fault| not_taken(&fault))? })))
    })
    .await
}

fn not_taken(fault: &NotTaken) -> Problem {
    match fault {
        NotTaken::Store(error) => unreadable(error),
        NotTaken::Keys(error) => {
            Problem::broken("the keys cannot be used").detail(error.to_string())
        }
        fault => Problem::conflict("the notice is not taken; nothing changed")
            .detail(fault.to_string())
            .what_to_do("hand in every notice of this Party from the first missing number on, as its operator signed them"),
    }
}
