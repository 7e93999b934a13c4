//! `GET /v1/doctor`: what the running node finds out of order with itself, its partners and its mirrors.

use axum::{Json, extract::State};
use entente_ledger::notice::Use;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{Shell, problem::Problem, shell::apart, status};
use crate::{
    desk::{DeskFault, SKEW},
    disk::Disk,
    finding::Finding,
    journal::{Kind, Line},
    link::Link,
    node::Node,
    rotation::{LIFE, WARNING},
    stuck::Step,
};

/// A partner that was not heard for so long is worth a telephone call.
const SILENCE: SignedDuration = SignedDuration::from_hours(24);

/// A time limit of ours that ends within so long is worth a look.
const SOON: SignedDuration = SignedDuration::from_hours(4);
/// At most so many running time limits are counted.
const CLOCKS_SHOWN: u64 = 10_000;

/// `GET /v1/doctor`
pub async fn show(State(shell): State<Shell>) -> Result<Json<Value>, Problem> {
    apart(move || {
        let mut findings = vec![disk(&shell), clock(&shell), duty(&shell)];
        findings.extend(keys(&shell));
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

/// Whether the disk takes what is written. Where it last did not, a line of the journal tries it.
fn disk(shell: &Shell) -> Finding {
    match written(&shell.node).map_err(|fault| Disk::at_fault(&fault)) {
        Ok(()) => Finding::ok("data folder", "takes what is written"),
        Err(disk) => {
            let disk = disk.unwrap_or(Disk::Unwritable);
            let until =
                "until then nothing is released, and partners are told to wait and get no receipt";
            Finding::bad(
                "data folder",
                disk.words(),
                format!("{}; {until}", disk.what_to_do()),
            )
        }
    }
}

fn written(node: &Node) -> Result<(), DeskFault> {
    let now = node.clock.now();
    node.wraps.current(now)?;
    if node.store.is_unwritable() {
        let line = Line::new(Kind::Node, now).with("what", "the disk takes what is written again");
        node.write_down(line)?;
    }
    Ok(())
}

fn clock(shell: &Shell) -> Finding {
    let now = shell.node.clock.now();
    if shell.node.clock.is_driven() {
        return Finding::ok("clock", format!("driven, stands at {now}"));
    }
    Finding::ok("clock", format!("the system's, {now}"))
}

/// Which key of ours serves for what, and its end.
fn keys(shell: &Shell) -> Vec<Finding> {
    let (now, ring) = (shell.node.clock.now(), shell.node.ring.held());
    let issued = shell.node.introduction.issued();
    let uses = [Use::Log, Use::Seal, Use::Transport].into_iter();
    uses.map(|what| {
        let (name, word) = (format!("{} key", what.word()), what.word());
        let change =
            format!("`entente keys rotate {word}` makes a new one, signed by the identity key");
        let serving = ring.serving(what, now);
        let Some(span) = serving.first() else {
            return Finding::bad(name, "none of ours serves now", change);
        };
        let life = issued.checked_add(LIFE).unwrap_or(Timestamp::MAX);
        let end = if span.ends() { span.until } else { life };
        let others = match serving.len() {
            1 => String::new(),
            number => format!(", {} earlier serve beside it", number - 1),
        };
        let text = match span.ends() {
            true => format!("serves until {end}{others}"),
            false => format!("that of our introduction serves{others}"),
        };
        // A driven clock may pass the life of keys that were made today.
        let dated = span.ends() || !shell.node.clock.is_driven();
        if dated && end.duration_since(now) < WARNING {
            return Finding::warn(name, text, change);
        }
        Finding::ok(name, text)
    })
    .collect()
}

/// Who becomes responsible for what nobody takes over in time (5.3).
fn duty(shell: &Shell) -> Finding {
    let agreement = shell.node.agreement();
    let party = agreement.memorandum.parties.get(shell.node.party());
    let point = party.map_or("", |party| party.contact_point.as_str());
    let hint = "name persons for the contact point in roster.toml, then start the node again";
    match shell.node.roster.on_duty(point).count() {
        0 => Finding::bad(
            "duty",
            "nobody is on duty at our contact point: what no officer takes over stays without one",
            hint,
        ),
        1 => Finding::warn(
            "duty",
            "one person is on duty at our contact point: what falls to it has no deputy",
            hint,
        ),
        number => Finding::ok("duty", format!("{number} persons at our contact point")),
    }
}

fn partner(shell: &Shell, link: &Link) -> Result<Vec<Finding>, Problem> {
    let known = status::partner(shell, link)?;
    let name = format!("partner {}", link.partner);
    let mut findings = vec![standing(&name, &known)];
    findings.extend(restored(shell, link, &name)?);
    findings.push(reach(shell, link, &name));
    findings.push(skew(shell, link, &name));
    findings.push(silence(shell, &name, &known));
    findings.push(mirror(&name, &known));
    findings.push(waiting(&name, &known));
    findings.extend(held(shell, link, &name)?);
    findings.push(unanswered(shell, link, &name)?);
    findings.extend(stuck(shell, &name, &link.partner));
    Ok(findings)
}

fn standing(name: &str, known: &Value) -> Finding {
    match known["state"].as_str() {
        Some("open") => Finding::ok(name, "nothing stops the link"),
        Some("forked") => Finding::bad(
            name,
            "the link stands still: two histories were signed; the evidence is kept",
            "speak with the partner's operator, and with the oversight authority; then `entente peer reopen PARTNER --reason WHY`",
        ),
        Some("in_doubt") => Finding::bad(
            name,
            "it states less of our ledger than it has cosigned, since this node started: nothing is signed",
            "ask the partner's operator what was lost, and make sure that our data are the newest; then `entente peer reopen PARTNER --reason WHY`",
        ),
        _ => Finding::warn(
            name,
            "not heard since this node started; nothing is signed until then",
            "check that the partner's node runs and that its address can be reached",
        ),
    }
}

/// What a restored node has and what it cannot know.
fn restored(shell: &Shell, link: &Link, name: &str) -> Result<Option<Finding>, Problem> {
    let restoration = shell.node.store.restoration(link.id);
    let restoration = restoration.map_err(|_| Problem::broken("the database cannot be read"))?;
    Ok(restoration.map(|restored| {
        let text = format!(
            "restored at {} from a backup of {}: our ledger came back from entry {} on as commitments, without the acts and receipts of these days",
            restored.restored_at, restored.made_at, restored.own_size
        );
        Finding::warn(
            name,
            text,
            "ask the partner's officers what was sent and received since; what was done at home since is known to nobody but your officers",
        )
    }))
}

/// Whether the partner answers, or calls if it only dials out.
fn reach(shell: &Shell, link: &Link, name: &str) -> Finding {
    let known = shell.node.heard.of(&link.partner);
    match (known.fault, known.answered_at, &link.address) {
        (Some(fault), _, _) => Finding::warn(
            name,
            format!("the last call failed: {fault}"),
            "it is tried again without you; ask the partner's operator if it lasts",
        ),
        (None, Some(at), Some(_)) => Finding::ok(name, format!("last heard at {at}")),
        (None, Some(at), None) => Finding::ok(name, format!("only dials out; last heard at {at}")),
        (None, None, _) => Finding::warn(
            name,
            "not reached and not heard since this node started",
            "check that the partner's node runs, and that nothing between stands in the way",
        ),
    }
}

/// How far the partner's clock is from ours, as the dates of its requests and answers show.
fn skew(shell: &Shell, link: &Link, name: &str) -> Finding {
    let Some(ahead) = shell.node.heard.of(&link.partner).ahead else {
        return Finding::ok(name, "its clock has not been seen since this node started");
    };
    let within = ahead.within.as_millis().unsigned_abs().div_ceil(1000);
    let contested = SKEW.as_secs();
    if ahead.by.abs() <= ahead.within {
        return Finding::ok(name, format!("its clock agrees with ours, ± {within} s"));
    }
    let way = if ahead.by.is_negative() {
        "behind"
    } else {
        "ahead of"
    };
    let by = ahead.by.abs().as_secs();
    let text = format!("its clock is {by} s {way} ours, ± {within} s");
    let limit = SignedDuration::from_secs(shell.config.peer.clock_warning_s.into());
    if !ahead.is_beyond(limit) {
        return Finding::ok(name, text);
    }
    Finding::warn(
        name,
        format!("{text}; beyond {contested} s the instants of its receipts are contested"),
        "compare both with a time server; whose clock is wrong sets it right, and nothing that was receipted changes",
    )
}

/// What each side owes the other and has not answered yet.
fn unanswered(shell: &Shell, link: &Link, name: &str) -> Result<Finding, Problem> {
    let running = shell
        .node
        .store
        .clocks_due(link.id, Timestamp::MAX, CLOCKS_SHOWN);
    let running = running.map_err(|_| Problem::broken("the database cannot be read"))?;
    let (ours, theirs): (Vec<_>, Vec<_>) =
        running.iter().partition(|clock| clock.debtor == link.own);
    let next = ours.iter().map(|clock| clock.due).min();
    let text = format!(
        "{} time limits run for us, {} for it",
        ours.len(),
        theirs.len()
    );
    let Some(next) = next else {
        return Ok(Finding::ok(name, text));
    };
    let text = format!("{text}; the next of ours ends at {next}");
    if next.duration_since(shell.node.clock.now()) > SOON {
        return Ok(Finding::ok(name, text));
    }
    Ok(Finding::warn(
        name,
        text,
        "`entente inbox` lists first what runs out first",
    ))
}

/// What the work that is due cannot do just now.
fn stuck(shell: &Shell, name: &str, partner: &str) -> Vec<Finding> {
    let stuck = shell.node.stuck.on(partner).into_iter();
    let finding = |(step, items, why): (Step, usize, String)| {
        Finding::bad(
            name,
            format!("{} is stuck at {items}: {why}", step.words()),
            "the journal names each (kind `node`, what `stuck`); it is tried again without you",
        )
    };
    stuck.map(finding).collect()
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

/// What is held at home: nothing at all of it has left.
fn held(shell: &Shell, link: &Link, name: &str) -> Result<Option<Finding>, Problem> {
    let held = shell.node.store.held_until(link.id, Timestamp::MAX);
    let held = held.map_err(|_| Problem::broken("the database cannot be read"))?;
    let (waiting, later): (Vec<_>, Vec<_>) = held
        .iter()
        .partition(|held| held.leaves_at <= shell.node.clock.now());
    let next = later.iter().map(|held| held.leaves_at).min();
    Ok(match (waiting.len(), next) {
        (0, None) => None,
        (0, Some(next)) => Some(Finding::ok(
            name,
            format!(
                "{} acts are held for their hour, the next until {next}",
                later.len()
            ),
        )),
        (number, _) => Some(Finding::warn(
            name,
            format!(
                "{number} acts are held: nothing is signed before the partner has been heard since this node started"
            ),
            "`entente outbox --state held` names them; they leave by themselves once the partner is heard: do not send them again",
        )),
    })
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
