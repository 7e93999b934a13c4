//! The day is played: each step through the API, as an officer's own tools would, and checked against what must come of it.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    script::{Day, Doing, Expect, Step, instant},
    stage::Stage,
    tell,
    watch::{Change, Clock, changes, clocks, escaped, text},
};
use crate::{
    command::answer::Failure,
    process::{NodeProcess, until},
};

/// What was stopped at a desk: it stays at home, so the page shows it on its own side only.
#[derive(Clone, Debug)]
pub struct Stopped {
    /// Whose desk.
    pub party: String,
    /// The verdict of the API.
    pub verdict: Value,
    /// What was judged, as it was handed in.
    pub draft: Value,
    /// Which act, by the reference it would have had.
    pub reference: String,
}

/// What the day came to.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// Steps played.
    pub steps: usize,
    /// What was stopped at a desk.
    pub stopped: Vec<Stopped>,
    /// Whatever did not come as it must.
    pub faults: Vec<String>,
}

/// Plays the whole day.
///
/// # Errors
/// When a node stops answering. What does not come as it must is in [`Told::faults`].
pub fn day(day: &Day, stage: &Stage) -> Result<Told, Failure> {
    tell::opening(day);
    let mut told = Told::default();
    for step in &day.step {
        play(day, stage, step, &mut told)?;
    }
    Ok(told)
}

/// Plays the first acts of the day: the ground on which somebody then cheats.
///
/// # Errors
/// When a node stops answering, or a step does not come as it must.
pub fn beginning(day: &Day, stage: &Stage, sent: usize) -> Result<(), Failure> {
    let mut told = Told::default();
    let steps = day
        .step
        .iter()
        .filter(|step| step.doing == Doing::Send)
        .take(sent);
    for step in steps {
        stage.drive(step.instant())?;
        tell::step(day, step);
        send(day, stage, step, &mut told)?;
    }
    match told.faults.first() {
        None => Ok(()),
        Some(fault) => Err(Failure::broken(fault.clone())),
    }
}

fn play(day: &Day, stage: &Stage, step: &Step, told: &mut Told) -> Result<(), Failure> {
    let side = stage.side(&step.node);
    let before = clocks(side, "en")?;
    stage.drive(step.instant())?;
    let lapsed = settle_clocks(stage, step.instant())?;
    tell::step(day, step);
    match step.doing {
        Doing::Draft => draft(side, step, told)?,
        Doing::Send => send(day, stage, step, told)?,
        Doing::Take => take(side, step)?,
        Doing::Wait => {}
    }
    let after = both_agree(stage, told, step)?;
    let seen = changes(&before, &after);
    tell::changes(day, &seen);
    expect(&step.expect, &seen, &lapsed, step, told);
    told.steps += 1;
    Ok(())
}

/// Lets the machines do what is due, on both sides; the clocks that ran out.
fn settle_clocks(stage: &Stage, now: Timestamp) -> Result<Vec<String>, Failure> {
    let mut all = Vec::new();
    for side in &stage.sides {
        let theirs =
            |clock: &Clock| clock.debtor != side.party && stage.kept_at_home.contains(&clock.id);
        let done = |clock: &Clock| {
            clock.ended.is_some() || clock.paused || clock.due > now || theirs(clock)
        };
        until("a clock that ran out was not acted on", || {
            Ok(clocks(side, "en")?.iter().all(done))
        })?;
        all.extend(clocks(side, "en")?);
    }
    all.retain(|clock| clock.ended.as_deref() == Some("expired"));
    Ok(all.into_iter().map(|clock| clock.id).collect())
}

fn draft(side: &NodeProcess, step: &Step, told: &mut Told) -> Result<(), Failure> {
    let verdict = side
        .post(step.officer.as_deref(), "/v1/judgements", &handed_in(step))?
        .json;
    tell::verdict(&verdict);
    judged(&verdict, step, told);
    if verdict["decision"] == "refuse" {
        told.stopped.push(Stopped {
            party: side.party.clone(),
            draft: handed_in(step),
            reference: reference(step),
            verdict,
        });
    }
    Ok(())
}

fn send(day: &Day, stage: &Stage, step: &Step, told: &mut Told) -> Result<(), Failure> {
    let side = stage.side(&step.node);
    let said = side.post(step.officer.as_deref(), "/v1/acts", &handed_in(step))?;
    if said.refused {
        tell::verdict(&said.json);
        told.faults.push(format!(
            "{}: {} was stopped at the desk",
            step.at,
            reference(step)
        ));
        return Ok(());
    }
    let path = format!(
        "/v1/acts/{}?content=false",
        escaped(&text(&said.json, "reference"))
    );
    until("no receipt came back", || {
        Ok(!side.get(&path)?["receipt"].is_null())
    })?;
    let sent = side.get(&path)?;
    tell::receipted(day, &said.json, &sent);
    let outcome = text(&sent["receipt"], "outcome");
    let wanted = if step.expect.decision.as_deref() == Some("clarify") {
        "clarify"
    } else {
        "filed"
    };
    if outcome != wanted {
        told.faults.push(format!(
            "{}: {} was {outcome}, not {wanted}",
            step.at,
            reference(step)
        ));
    }
    Ok(())
}

fn take(side: &NodeProcess, step: &Step) -> Result<(), Failure> {
    let case = step.case.as_deref().unwrap_or_default();
    let body = json!({ "officer": step.responsible, "deputy": step.deputy });
    side.post(
        step.officer.as_deref(),
        &format!("/v1/cases/{}/owner", escaped(case)),
        &body,
    )?;
    tell::taken(step);
    Ok(())
}

/// The draft of a step as the API takes it: the text of a draft file.
fn handed_in(step: &Step) -> Value {
    let draft = step.draft.clone().unwrap_or_default();
    json!({ "draft": draft.to_string() })
}

fn reference(step: &Step) -> String {
    let slots = step.draft.as_ref().and_then(|draft| draft.get("slots"));
    let reference = slots
        .and_then(|slots| slots.get("reference"))
        .and_then(|value| value.as_str());
    reference.unwrap_or_default().to_owned()
}

/// Both nodes hold the same clocks after every step (article 11.4), those apart that one side keeps at home.
fn both_agree(stage: &Stage, told: &mut Told, step: &Step) -> Result<Vec<Clock>, Failure> {
    let shared = |side: &NodeProcess| -> Result<Vec<Clock>, Failure> {
        let mut all = clocks(side, "en")?;
        all.retain(|clock| !stage.kept_at_home.contains(&clock.id));
        Ok(all)
    };
    let [first, second] = stage.two();
    let agree = until(
        "the clocks differ",
        || Ok(shared(first)? == shared(second)?),
    );
    if agree.is_err() {
        told.faults.push(format!(
            "{}: the two nodes do not hold the same clocks",
            step.at
        ));
    }
    clocks(stage.side(&step.node), "en")
}

fn judged(verdict: &Value, step: &Step, told: &mut Told) {
    let mut wrong = |what: &str, wanted: &str, found: &str| {
        told.faults.push(format!(
            "{}: {} — {what} is {found}, not {wanted}",
            step.at,
            reference(step)
        ));
    };
    if let Some(decision) = &step.expect.decision
        && verdict["decision"] != *decision
    {
        wrong("the decision", decision, &text(verdict, "decision"));
    }
    if let Some(reason) = &step.expect.reason
        && verdict["refusal"]["id"] != *reason
    {
        wrong("the reason", reason, &text(&verdict["refusal"], "id"));
    }
    if let Some(refused) = step.expect.facts_refused
        && verdict["facts_stopped"] != refused
    {
        wrong(
            "the number of facts stopped",
            &refused.to_string(),
            &verdict["facts_stopped"].to_string(),
        );
    }
    if let Some(total) = step.expect.facts_total {
        let facts = verdict["facts"].as_array().map_or(0, Vec::len);
        if facts != total {
            wrong(
                "the number of facts",
                &total.to_string(),
                &facts.to_string(),
            );
        }
    }
}

fn expect(expect: &Expect, seen: &[Change], lapsed: &[String], step: &Step, told: &mut Told) {
    if let Some(effect) = &expect.effect
        && !seen.iter().any(|change| change.effect() == effect)
    {
        told.faults
            .push(format!("{}: {effect} was expected", step.at));
    }
    if let Some(clock) = &expect.clock
        && !seen.iter().any(|change| change.clock().id == *clock)
    {
        told.faults
            .push(format!("{}: the clock {clock} was expected", step.at));
    }
    if let Some(due) = expect.due.as_ref().map(instant)
        && !seen
            .iter()
            .any(|change| change.clock().due.as_second() == due.as_second())
    {
        told.faults
            .push(format!("{}: something due at {due} was expected", step.at));
    }
    if let Some(clock) = &expect.lapsed
        && !lapsed.contains(clock)
    {
        told.faults
            .push(format!("{}: {clock} was to run out", step.at));
    }
}
