//! The day as it is printed: one block a step, each act with its articles, its receipt and its deadline.

use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Value, json};

use super::{
    evidence::{LedgerFiles, Verified},
    play::Told,
    script::{Day, Doing, Step},
    watch::{Change, Clock, text},
};
use crate::command::answer::{Answer, Failure};

/// Where the words of a step begin.
const MARGIN: &str = "                   ";

/// One side's line about the memorandum.
pub fn signed(party: &str, verified: &str) {
    println!("{party}: {}", verified.replace('\n', "; "));
}

/// The head of the day.
pub fn opening(day: &Day) {
    let cities: Vec<&str> = day.side.iter().map(|side| city(day, &side.party)).collect();
    println!();
    println!(
        "The day, told in both capitals' time: {}.",
        cities.join(", ")
    );
    println!("DEMONSTRATION MODEL: a model memorandum, invented persons, driven clocks.");
}

/// The head of a step: when, who, and what is happening.
pub fn step(day: &Day, step: &Step) {
    println!();
    println!("{}  {}", both(day, step.instant()), step.says);
    let who = city(day, &step.node);
    if let Some(draft) = &step.draft {
        let part = |name: &str| {
            draft
                .get(name)
                .and_then(toml::Value::as_str)
                .unwrap_or("nobody")
        };
        let doing = if step.doing == Doing::Draft {
            "asks whether it may send"
        } else {
            "sends"
        };
        println!(
            "{MARGIN}{who} {doing} {}: {} → {}",
            part("act"),
            part("from"),
            part("to")
        );
    }
}

/// A verdict at the desk.
pub fn verdict(verdict: &Value) {
    let articles = list(&verdict["articles"]);
    match text(verdict, "decision").as_str() {
        "refuse" => {
            println!(
                "{MARGIN}may not cross   {}   art. {articles}",
                text(&verdict["refusal"], "label")
            );
            let facts = verdict["facts"].as_array().map_or(0, Vec::len);
            let stopped = verdict["facts_stopped"].as_u64().unwrap_or(0);
            if stopped > 0 {
                println!("{MARGIN}                {stopped} of {facts} facts may not cross");
            }
            for sentence in verdict["because"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
            {
                println!("{MARGIN}                {sentence}");
            }
        }
        _ => println!("{MARGIN}may cross       art. {articles}"),
    }
}

/// An act with its receipt.
pub fn receipted(day: &Day, released: &Value, sent: &Value) {
    let receipt = &sent["receipt"];
    println!(
        "{MARGIN}may cross       art. {}",
        list(&released["articles"])
    );
    println!(
        "{MARGIN}{}   entry {} of ours, receipt at entry {} of theirs, {}",
        text(sent, "reference"),
        sent["entry"],
        receipt["entry"],
        receipt["received_at"]
            .as_str()
            .and_then(|at| at.parse().ok())
            .map_or_else(String::new, |at| both(day, at)),
    );
}

/// Who answers for a case from now on.
pub fn taken(step: &Step) {
    let name = |who: &Option<String>| who.clone().unwrap_or_default();
    println!(
        "{MARGIN}taken over by {}, deputy {}",
        name(&step.responsible),
        name(&step.deputy)
    );
}

/// What moved on both clocks.
pub fn changes(day: &Day, seen: &[Change]) {
    for change in seen {
        let clock = change.clock();
        let owed = format!("{} owes", city(day, &clock.debtor));
        let line = match change {
            Change::Started(_) => format!("{owed}: {} by {}", clock.label, both(day, clock.due)),
            Change::Suspended(_) => format!("stands still: {}", clock.label),
            Change::Resumed(_) => {
                format!("runs again: {} by {}", clock.label, both(day, clock.due))
            }
            Change::Moved(_) => format!("moved: {} by {}", clock.label, both(day, clock.due)),
            Change::Ended(_) => ended(clock),
        };
        println!("{MARGIN}{line}");
    }
}

fn ended(clock: &Clock) -> String {
    match clock.ended.as_deref() {
        Some("expired") => format!("RAN OUT: {} ({})", clock.label, clock.of),
        how => format!("ended, {}: {}", how.unwrap_or("met"), clock.label),
    }
}

/// What the exported files show.
pub fn verified(day: &Day, verified: &Verified) {
    println!();
    println!("Both ledgers, exported, verified against each other from the files alone:");
    for ledger in &verified.ledgers {
        println!("  {}", ledger_line(day, ledger));
    }
}

fn ledger_line(day: &Day, ledger: &LedgerFiles) -> String {
    let (city, other) = (city(day, &ledger.party), other_city(day, &ledger.party));
    let LedgerFiles {
        entries,
        signed,
        cosigned,
        ..
    } = ledger;
    match &ledger.fault {
        Some(fault) => format!("Ledger of {city}: {fault}."),
        None => format!(
            "Ledger of {city}: {entries} entries, unbroken; signed up to {signed}, cosigned by {other} up to {cosigned}; \
             the copy that {other} keeps is the same, entry by entry."
        ),
    }
}

/// The end of the day: 0 only if everything held.
///
/// # Errors
/// With what did not come as it must.
pub fn closing(day: &Day, told: &Told, verified: &Verified) -> Result<Answer, Failure> {
    let mut faults = told.faults.clone();
    if !verified.holds() {
        faults.push("the two ledgers do not agree".to_owned());
    }
    if let Some(first) = faults.first() {
        let all = faults
            .iter()
            .map(|fault| format!("  {fault}"))
            .collect::<Vec<_>>()
            .join("\n");
        return Err(Failure::broken(format!(
            "{} of the day did not come as it must, first: {first}\n{all}",
            faults.len()
        )));
    }
    let ledgers = verified
        .ledgers
        .iter()
        .map(|ledger| ledger_line(day, ledger));
    let text = format!(
        "\n{} steps, everything held; both ledgers agree.",
        told.steps
    );
    Ok(Answer::new(
        text,
        json!({ "steps": told.steps, "held": true, "ledgers": ledgers.collect::<Vec<_>>() }),
    ))
}

/// An instant in both capitals: `22 Apr 14:10 Brussels · 13:10 Rabat`.
pub fn both(day: &Day, at: Timestamp) -> String {
    let parts: Vec<String> = day
        .side
        .iter()
        .enumerate()
        .map(|(place, side)| {
            let local = at.to_zoned_datetime(zone(&side.time_zone));
            let this_year = day.step[0]
                .at
                .date
                .is_some_and(|date| i32::from(date.year) == i32::from(local.year()));
            let shape = match place {
                0 if this_year => "%-d %b %H:%M",
                0 => "%-d %b %Y %H:%M",
                _ => "%H:%M",
            };
            format!("{} {}", local.strftime(shape), city(day, &side.party))
        })
        .collect();
    parts.join(" · ")
}

/// The zone of a name that a test of the script has found in the time zone data.
pub fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap_or(TimeZone::UTC)
}

/// The capital of a Party, in English.
pub fn city<'d>(day: &'d Day, party: &'d str) -> &'d str {
    let side = day.side.iter().find(|side| side.party == party);
    side.and_then(|side| side.city.get("en"))
        .map_or(party, String::as_str)
}

/// The capital of the other Party, in English.
pub fn other_city<'d>(day: &'d Day, party: &str) -> &'d str {
    let other = day.side.iter().find(|side| side.party != party);
    other.map_or("", |side| city(day, &side.party))
}

fn list(items: &Value) -> String {
    let items = items
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str);
    items.collect::<Vec<_>>().join(", ")
}
