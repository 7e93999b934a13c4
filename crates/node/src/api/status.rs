//! `GET /v1/status`: which node this is, and how it stands with its partners.

use axum::{Json, extract::State};
use entente_cooperation::memorandum::Standing;
use entente_store::Wanted;
use serde_json::{Value, json};

use super::{Shell, problem::Problem, shell::apart};
use crate::link::{self, Link, Turn};

/// `GET /v1/status`
pub async fn show(State(shell): State<Shell>) -> Result<Json<Value>, Problem> {
    apart(move || {
        let agreement = shell.node.agreement();
        let head = &agreement.memorandum.head;
        let partners: Result<Vec<Value>, Problem> =
            shell.node.links().iter().map(|link| partner(&shell, link)).collect();
        Ok(shell.answer(json!({
            "version": env!("CARGO_PKG_VERSION"), "party": shell.node.party(), "demo": shell.node.is_demo(),
            "memorandum": { "id": head.id, "version": head.version, "digest": agreement.digest.to_string(), "model": head.model },
            "time_zone_data": entente_cooperation::clock::time_zone_data_version(),
            "partners": partners?,
        })))
    })
    .await
}

/// How we stand with one partner. Says nothing of what crossed.
pub fn partner(shell: &Shell, link: &Link) -> Result<Value, Problem> {
    let store = &shell.node.store;
    let broken = |_| Problem::broken("the database cannot be read");
    let stands = Stands::of(&*link.turn(store).map_err(broken)?);
    let (next, waiting) = store.waiting_until(link.id).map_err(broken)?;
    let heard = store
        .mirror_head(link.id)
        .map_err(broken)?
        .map(|head| head.received_at);
    let now = shell.node.clock.now();
    let standing = shell
        .node
        .desk
        .state_of(&shell.node.shelf(link), &Wanted::default(), now)
        .map_err(|_| Problem::broken("what stands under the memorandum cannot be read"))?;
    let memorandum = &shell.node.agreement().memorandum;
    Ok(json!({
        "memorandum_state": Standing::at(memorandum, &standing, now).id(),
        "partner": link.partner, "state": stands.state, "address": link.address, "waiting": waiting,
        "next_attempt_at": next, "last_head_at": heard,
        "own_entries": stands.own, "mirrored_by_partner": stands.told, "mirror_entries": stands.mirrored,
    }))
}

/// How far both logs have come. The turn is given back before anything is folded: whoever asks at home delays no answer to the
/// partner.
struct Stands {
    state: &'static str,
    own: u64,
    told: u64,
    mirrored: u64,
}

impl Stands {
    fn of(turn: &Turn) -> Self {
        let state = match (turn.standing(), &turn.doubt) {
            (link::Standing::Forked, _) => "forked",
            (_, Some(_)) => "in_doubt",
            (link::Standing::Open, None) => "open",
            (link::Standing::Starting, None) => "starting",
        };
        Self {
            state,
            own: turn.own_size(),
            told: turn.told,
            mirrored: turn.mirrored(),
        }
    }
}
