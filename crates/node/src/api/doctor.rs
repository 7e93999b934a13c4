//! `GET /v1/doctor`: what the running node finds out of order with itself, its partners and its mirrors.

use axum::{Json, extract::State};
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{Shell, problem::Problem, shell::apart, status};
use crate::{finding::Finding, link::Link};

/// A partner that was not heard for so long is worth a telephone call.
const SILENCE: SignedDuration = SignedDuration::from_hours(24);

/// `GET /v1/doctor`
pub async fn show(State(shell): State<Shell>) -> Result<Json<Value>, Problem> {
    apart(move || {
        let mut findings = vec![clock(&shell)];
        let links = shell.node.links();
        if links.is_empty() {
            findings.push(Finding::bad(
                "partner",
                "no partner was accepted",
                "`entente peer accept FILE`, then start the node again",
            ));
        }
        for link in links {
            findings.extend(partner(&shell, &link)?);
        }
        let findings: Vec<Value> = findings.iter().map(Finding::members).collect();
        Ok(shell.answer(json!({ "findings": findings })))
    })
    .await
}

fn clock(shell: &Shell) -> Finding {
    let now = shell.node.clock.now();
    if shell.node.clock.is_driven() {
        return Finding::ok("clock", format!("driven, stands at {now}"));
    }
    Finding::ok("clock", format!("the system's, {now}"))
}

fn partner(shell: &Shell, link: &Link) -> Result<Vec<Finding>, Problem> {
    let known = status::partner(shell, link)?;
    let name = format!("partner {}", link.partner);
    let mut findings = vec![standing(&name, &known)];
    if shell
        .node
        .store
        .forks(link.id)
        .is_ok_and(|forks| !forks.is_empty())
    {
        findings.push(Finding::bad(&name, "two histories were signed; the evidence is kept", "speak with the partner's operator, and with the oversight authority; nothing crosses until then"));
    }
    findings.push(silence(shell, &name, &known));
    findings.push(mirror(&name, &known));
    findings.push(waiting(&name, &known));
    Ok(findings)
}

fn standing(name: &str, known: &Value) -> Finding {
    match known["state"].as_str() {
        Some("open") => Finding::ok(name, "the link is open"),
        Some("forked") => Finding::bad(
            name,
            "the link stands still",
            "two histories were signed: people must speak",
        ),
        _ => Finding::warn(
            name,
            "not heard since this node started; nothing is signed until then",
            "check that the partner's node runs and that its address can be reached",
        ),
    }
}

fn silence(shell: &Shell, name: &str, known: &Value) -> Finding {
    let heard = known["last_head_at"]
        .as_str()
        .and_then(|text| text.parse().ok());
    let Some(heard): Option<jiff::Timestamp> = heard else {
        return Finding::ok(name, "no entry of its ledger has come yet");
    };
    let since = shell.node.clock.now().duration_since(heard);
    if since > SILENCE && !shell.node.clock.is_driven() {
        return Finding::warn(
            name,
            format!("its ledger last grew at {heard}"),
            "a journal head comes each day; ask whether the node runs",
        );
    }
    Finding::ok(name, format!("its ledger last grew at {heard}"))
}

/// Whether the partner holds all of our log: what it does not hold, it could not give back after a lost disk.
fn mirror(name: &str, known: &Value) -> Finding {
    let (own, told) = (
        known["own_entries"].as_u64(),
        known["mirrored_by_partner"].as_u64(),
    );
    let text = format!(
        "mirrors {} of our {} entries, we mirror {} of its",
        known["mirrored_by_partner"], known["own_entries"], known["mirror_entries"]
    );
    if told > own {
        return Finding::bad(
            name,
            text,
            "our data are older than what we have signed; do not restore further, let the node fetch what is missing",
        );
    }
    Finding::ok(name, text)
}

fn waiting(name: &str, known: &Value) -> Finding {
    match known["waiting"].as_u64() {
        Some(0) | None => Finding::ok(name, "nothing waits for a receipt"),
        Some(number) => Finding::warn(
            name,
            format!(
                "{number} acts wait for their receipt, next attempt {}",
                known["next_attempt_at"].as_str().unwrap_or("now")
            ),
            "`entente outbox --state unknown` names them with the reason; they are tried again without you",
        ),
    }
}
