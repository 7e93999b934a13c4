//! `/v1/memorandum`, `/v1/schema`: what national systems need to know of the memorandum.

use axum::{Json, extract::State};
use entente_cooperation::{body, memorandum::Organ};
use serde_json::{Value, json};

use super::{
    Shell,
    shell::{Language, view},
};

/// `GET /v1/memorandum`: acts and organs with their words.
pub async fn show(State(shell): State<Shell>, language: Language) -> Json<Value> {
    let agreement = shell.node.agreement();
    let (memorandum, view) = (&agreement.memorandum, view(&agreement, &language));
    let acts: Vec<Value> = memorandum
        .acts
        .iter()
        .map(|act| json!({ "act": act.id, "label": view.act(&act.id), "article": act.article, "group": act.group }))
        .collect();
    let organs = memorandum.organs.iter().map(|organ: &Organ| {
        json!({ "organ": organ.id, "label": view.organ(&organ.id), "party": organ.party })
    });
    shell.answer(json!({
        "memorandum": memorandum.head.id, "version": memorandum.head.version,
        "digest": agreement.digest.to_string(), "acts": acts, "organs": organs.collect::<Vec<_>>(),
    }))
}

/// `GET /v1/schema`: the JSON Schema of the bodies of acts.
pub async fn schema(State(shell): State<Shell>) -> Json<Value> {
    Json(body::schema::of(&shell.node.agreement().memorandum))
}
