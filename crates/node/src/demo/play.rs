//! The day is played: each step through the API, as an officer's own tools would, and checked against what must come of it.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    evidence::Verified,
    script::{Day, Doing, Expect, Step, instant},
    stage::Stage,
    story::{Closing, Line, Played, PlayedAct, Receipt, Taken},
    tell::Form,
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
pub fn day(day: &Day, stage: &Stage, form: Form) -> Result<Told, Failure> {
    let mut told = Told::default();
    for (place, step) in day.step.iter().enumerate() {
        let mut played = Played::begun(place + 1, step);
        play(stage, step, &mut played, &mut told.stopped)?;
        told.steps += 1;
        told.faults.extend(played.faults.iter().cloned());
        form.tell(day, &Line::Step(Box::new(played)));
    }
    Ok(told)
}

impl Told {
    /// How the day ended.
    pub fn closing(&self, verified: &Verified) -> Closing {
        let mut faults = self.faults.clone();
        if !verified.holds() {
            faults.push("the two ledgers do not agree".to_owned());
        }
        Closing {
            ledgers: verified.ledgers.clone(),
            ledgers_agree: Some(verified.holds()),
            ..Closing::of(self.steps, faults)
        }
    }
}

/// Plays the first acts of the day: the ground on which somebody then cheats.
///
/// # Errors
/// When a node stops answering, or a step does not come as it must.
pub fn beginning(day: &Day, stage: &Stage, sent: usize, form: Form) -> Result<(), Failure> {
    let steps = day
        .step
        .iter()
        .filter(|step| step.doing == Doing::Send)
        .take(sent);
    for (place, step) in steps.enumerate() {
        stage.drive(step.instant())?;
        let mut played = Played::begun(place + 1, step);
        send(stage, step, &mut played)?;
        let fault = played.faults.first().cloned();
        form.tell(day, &Line::Step(Box::new(played)));
        if let Some(fault) = fault {
            return Err(Failure::broken(fault));
        }
    }
    Ok(())
}

fn play(
    stage: &Stage,
    step: &Step,
    played: &mut Played,
    stopped: &mut Vec<Stopped>,
) -> Result<(), Failure> {
    let side = stage.side(&step.node);
    let before = clocks(side, "en")?;
    stage.drive(step.instant())?;
    let lapsed = settle_clocks(stage, step.instant())?;
    match step.doing {
        Doing::Draft => stopped.extend(draft(side, step, played)?),
        Doing::Send => send(stage, step, played)?,
        Doing::Take => take(side, step, played)?,
        Doing::Wait => {}
    }
    let after = both_agree(stage, played, step)?;
    played.clocks = changes(&before, &after);
    expect(&step.expect, &lapsed, step, played);
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

/// Judges at the desk; what was stopped there, if it was.
fn draft(side: &NodeProcess, step: &Step, played: &mut Played) -> Result<Option<Stopped>, Failure> {
    let verdict = side
        .post(step.officer.as_deref(), "/v1/judgements", &handed_in(step))?
        .json;
    played.act = Some(judged_act(step, &verdict));
    judged(&verdict, step, played);
    Ok((verdict["decision"] == "refuse").then(|| Stopped {
        party: side.party.clone(),
        draft: handed_in(step),
        reference: reference(step),
        verdict,
    }))
}

fn send(stage: &Stage, step: &Step, played: &mut Played) -> Result<(), Failure> {
    let side = stage.side(&step.node);
    let said = side.post(step.officer.as_deref(), "/v1/acts", &handed_in(step))?;
    if said.refused {
        played.act = Some(judged_act(step, &said.json));
        played.fault(format!(
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
    let act = PlayedAct {
        reference: text(&sent, "reference"),
        may_cross: true,
        articles: texts(&said.json["articles"]),
        entry: sent["entry"].as_u64(),
        receipt: receipt(&sent["receipt"]),
        ..drafted(step)
    };
    let outcome = act
        .receipt
        .as_ref()
        .map_or("unreadable", |receipt| &receipt.outcome);
    let wanted = if step.expect.decision.as_deref() == Some("clarify") {
        "clarify"
    } else {
        "filed"
    };
    if outcome != wanted {
        let fault = format!("{}: {} was {outcome}, not {wanted}", step.at, act.reference);
        played.fault(fault);
    }
    played.act = Some(act);
    Ok(())
}

fn receipt(shown: &Value) -> Option<Receipt> {
    Some(Receipt {
        entry: shown["entry"].as_u64()?,
        received_at: shown["received_at"].as_str()?.parse().ok()?,
        outcome: text(shown, "outcome"),
    })
}

/// An act as its verdict at the desk shows it.
fn judged_act(step: &Step, verdict: &Value) -> PlayedAct {
    let refusal = &verdict["refusal"];
    PlayedAct {
        may_cross: verdict["decision"] != "refuse",
        articles: texts(&verdict["articles"]),
        refusal: refusal["id"].as_str().map(str::to_owned),
        refusal_label: refusal["label"].as_str().map(str::to_owned),
        facts: verdict["facts"].as_array().map(Vec::len),
        facts_stopped: verdict["facts_stopped"].as_u64(),
        because: texts(&verdict["because"]),
        ..drafted(step)
    }
}

/// An act as its draft names it.
fn drafted(step: &Step) -> PlayedAct {
    let part = |name: &str| {
        let draft = step.draft.as_ref()?;
        draft.get(name)?.as_str().map(str::to_owned)
    };
    PlayedAct {
        act: part("act").unwrap_or_default(),
        from: part("from").unwrap_or_default(),
        to: part("to"),
        reference: reference(step),
        ..PlayedAct::default()
    }
}

fn texts(items: &Value) -> Vec<String> {
    let items = items.as_array().into_iter().flatten();
    items.filter_map(Value::as_str).map(str::to_owned).collect()
}

fn take(side: &NodeProcess, step: &Step, played: &mut Played) -> Result<(), Failure> {
    let case = step.case.as_deref().unwrap_or_default();
    let body = json!({ "officer": step.responsible, "deputy": step.deputy });
    side.post(
        step.officer.as_deref(),
        &format!("/v1/cases/{}/owner", escaped(case)),
        &body,
    )?;
    played.taken = Some(Taken {
        case: case.to_owned(),
        responsible: step.responsible.clone().unwrap_or_default(),
        deputy: step.deputy.clone().unwrap_or_default(),
    });
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
fn both_agree(stage: &Stage, played: &mut Played, step: &Step) -> Result<Vec<Clock>, Failure> {
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
        played.fault(format!(
            "{}: the two nodes do not hold the same clocks",
            step.at
        ));
    }
    clocks(stage.side(&step.node), "en")
}

fn judged(verdict: &Value, step: &Step, played: &mut Played) {
    let mut wrong = |what: &str, wanted: &str, found: &str| {
        played.fault(format!(
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

fn expect(expect: &Expect, lapsed: &[String], step: &Step, played: &mut Played) {
    let seen = |so: &dyn Fn(&Change) -> bool| played.clocks.iter().any(so);
    let mut missed = Vec::new();
    if let Some(effect) = &expect.effect
        && !seen(&|change| change.effect() == effect)
    {
        missed.push(format!("{}: {effect} was expected", step.at));
    }
    if let Some(clock) = &expect.clock
        && !seen(&|change| change.clock().id == *clock)
    {
        missed.push(format!("{}: the clock {clock} was expected", step.at));
    }
    if let Some(due) = expect.due.as_ref().map(instant)
        && !seen(&|change| change.clock().due.as_second() == due.as_second())
    {
        missed.push(format!("{}: something due at {due} was expected", step.at));
    }
    if let Some(clock) = &expect.lapsed
        && !lapsed.contains(clock)
    {
        missed.push(format!("{}: {clock} was to run out", step.at));
    }
    missed.into_iter().for_each(|fault| played.fault(fault));
}
