//! `GET /v1/status`: which node this is, and how it stands with its partners.

use axum::{Json, extract::State};
use entente_cooperation::memorandum::Standing;
use entente_store::Wanted;
use serde_json::{Value, json};

use super::{Shell, problem::Problem, shell::apart};
use crate::link::Link;

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
    let turn = link.turn(store).map_err(broken)?;
    let (next, waiting) = store.waiting_until(link.id).map_err(broken)?;
    let heard = store
        .mirror_head(link.id)
        .map_err(broken)?
        .map(|head| head.received_at);
    let state = match (turn.forked, turn.confirmed) {
        (true, _) => "forked",
        (false, true) => "open",
        (false, false) => "starting",
    };
    let now = shell.node.clock.now();
    let standing = shell
        .node
        .desk
        .state_of(&shell.node.shelf(link), &Wanted::default(), now)
        .map_err(|_| Problem::broken("what stands under the memorandum cannot be read"))?;
    let memorandum = &shell.node.agreement().memorandum;
    Ok(json!({
        "memorandum_state": Standing::at(memorandum, &standing, now).id(),
        "partner": link.partner, "state": state, "address": link.address, "waiting": waiting,
        "next_attempt_at": next, "last_head_at": heard,
        "own_entries": turn.own_size(), "mirrored_by_partner": turn.told, "mirror_entries": turn.mirrored(),
    }))
}
