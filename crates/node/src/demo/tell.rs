//! The story as it is printed: one block a step, each act with its articles, its receipt and its deadline; or one JSON object a line.

use std::io::{self, Write};

use jiff::{Timestamp, tz::TimeZone};

use super::{
    script::{Day, Doing},
    story::{Closing, LedgerFiles, Line, Opening, Played, PlayedAct, Signed, Tried},
    watch::{Change, Clock},
};

/// Where the words of a step begin.
const MARGIN: &str = "                   ";

/// For whom the story is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// People read it.
    Text,
    /// Machines read it.
    Json,
}

impl Form {
    /// Tells one line, now.
    pub fn tell(self, day: &Day, line: &Line) {
        let written = match self {
            Form::Text => text(day, line),
            Form::Json => json(line),
        };
        let mut out = io::stdout().lock();
        // A reader that closed the pipe (`| head`) has what it wanted; the day goes on, and its exit code says how it went.
        let _ = writeln!(out, "{written}").and_then(|()| out.flush());
    }
}

fn json(line: &Line) -> String {
    serde_json::to_string(line).expect("members with names, and no map")
}

fn text(day: &Day, line: &Line) -> String {
    match line {
        Line::Opening(opening) => head(opening),
        Line::Signed(signed) => signature(signed),
        Line::Step(played) => step(day, played),
        Line::Cheat(tried) => cheat(tried),
        Line::Closing(closing) => end(day, closing),
        Line::Page(page) => format!(
            "\nBoth sides beside each other: {}\nCtrl-C ends the demonstration.",
            page.address
        ),
    }
}

fn head(opening: &Opening) -> String {
    let cities: Vec<&str> = opening.sides.iter().map(|side| &*side.city).collect();
    format!(
        "{}\nTold in both capitals' time: {}.\n",
        opening.notice,
        cities.join(", ")
    )
}

fn signature(signed: &Signed) -> String {
    format!(
        "{}: {} version {}, signed by {}; digest {}",
        signed.side,
        signed.memorandum,
        signed.version,
        signed.signed.join(" and "),
        signed.digest
    )
}

/// When, who, what is happening, and what came of it.
fn step(day: &Day, played: &Played) -> String {
    let mut lines = vec![format!("\n{}  {}", both(day, played.at), played.says)];
    let mut say = |line: String| lines.push(format!("{MARGIN}{line}"));
    if let Some(act) = &played.act {
        let doing = if played.doing == Doing::Draft {
            "asks whether it may send"
        } else {
            "sends"
        };
        say(format!(
            "{} {doing} {}: {} → {}",
            city(day, &played.side),
            act.act,
            act.from,
            act.to.as_deref().unwrap_or("nobody")
        ));
        verdict(act).into_iter().for_each(&mut say);
        receipted(day, act).into_iter().for_each(&mut say);
    }
    if let Some(taken) = &played.taken {
        say(format!(
            "taken over by {}, deputy {}",
            taken.responsible, taken.deputy
        ));
    }
    for change in &played.clocks {
        say(moved(day, change));
    }
    for fault in &played.faults {
        say(format!("NOT AS IT MUST: {fault}"));
    }
    lines.join("\n")
}

fn verdict(act: &PlayedAct) -> Vec<String> {
    let articles = act.articles.join(", ");
    if act.may_cross {
        return vec![format!("may cross       art. {articles}")];
    }
    let label = act.refusal_label.as_deref().unwrap_or_default();
    let mut lines = vec![format!("may not cross   {label}   art. {articles}")];
    let mut beside = |line: String| lines.push(format!("                {line}"));
    if let (Some(facts), Some(stopped @ 1..)) = (act.facts, act.facts_stopped) {
        beside(format!("{stopped} of {facts} facts may not cross"));
    }
    act.because.iter().cloned().for_each(beside);
    lines
}

fn receipted(day: &Day, act: &PlayedAct) -> Option<String> {
    let receipt = act.receipt.as_ref()?;
    Some(format!(
        "{}   entry {} of ours, receipt at entry {} of theirs, {}",
        act.reference,
        act.entry?,
        receipt.entry,
        both(day, receipt.received_at)
    ))
}

fn moved(day: &Day, change: &Change) -> String {
    let clock = change.clock();
    let until = format!("{} by {}", clock.label, both(day, clock.due));
    match change {
        Change::Started(_) => format!("{} owes: {until}", city(day, &clock.debtor)),
        Change::Suspended(_) => format!("stands still: {}", clock.label),
        Change::Resumed(_) => format!("runs again: {until}"),
        Change::Moved(_) => format!("moved: {until}"),
        Change::Ended(_) => ended(clock),
    }
}

fn ended(clock: &Clock) -> String {
    match clock.ended.as_deref() {
        Some("expired") => format!("RAN OUT: {} ({})", clock.label, clock.of),
        how => format!("ended, {}: {}", how.unwrap_or("met"), clock.label),
    }
}

fn cheat(tried: &Tried) -> String {
    let found = match &tried.caught {
        Some(line) => format!("caught by {}: {line}", tried.by),
        None => format!("NOT CAUGHT by {}", tried.by),
    };
    format!("\n{}  {}\n   {found}", tried.cheat, tried.tried)
}

fn end(day: &Day, closing: &Closing) -> String {
    let mut lines = vec![String::new()];
    if !closing.ledgers.is_empty() {
        lines.push(
            "Both ledgers, exported, verified against each other from the files alone:".to_owned(),
        );
        let ledgers = closing.ledgers.iter();
        lines.extend(ledgers.map(|ledger| format!("  {}", ledger_line(day, ledger))));
        lines.push(String::new());
    }
    lines.push(match (closing.held, closing.cheats) {
        (true, Some(cheats)) => format!("{cheats} of {cheats} cheats were caught."),
        (true, None) => format!(
            "{} steps, everything held; both ledgers agree.",
            closing.steps
        ),
        (false, _) => format!("Not everything held: {}", closing.faults.join("; ")),
    });
    lines.join("\n")
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

/// An instant in both capitals: `22 Apr 14:10 Brussels · 13:10 Rabat`; where the days differ, each has its own.
pub fn both(day: &Day, at: Timestamp) -> String {
    let mut said = None;
    let parts: Vec<String> = day
        .side
        .iter()
        .map(|side| {
            let local = at.to_zoned_datetime(zone(&side.time_zone));
            let this_year = day.step[0]
                .at
                .date
                .is_some_and(|date| i32::from(date.year) == i32::from(local.year()));
            let shape = match said.replace(local.date()) {
                Some(day) if day == local.date() => "%H:%M",
                _ if this_year => "%-d %b %H:%M",
                _ => "%-d %b %Y %H:%M",
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::story::{Receipt, Taken};

    fn clock(ended: Option<&str>) -> Clock {
        Clock {
            id: "reply".to_owned(),
            label: "Reply".to_owned(),
            article: "9.1".to_owned(),
            case: "N-1".to_owned(),
            of: "N-1/1".to_owned(),
            debtor: "ma".to_owned(),
            due: "2016-04-22T15:00:00Z".parse().unwrap(),
            paused: false,
            ended: ended.map(str::to_owned),
        }
    }

    /// The first sending of the day, with one of everything that can come of a step.
    fn sent(day: &Day) -> Played {
        let mut steps = day.step.iter();
        let step = steps.find(|step| step.doing == Doing::Send).unwrap();
        let mut played = Played::begun(2, step);
        played.act = Some(PlayedAct {
            act: "asks".to_owned(),
            from: "one".to_owned(),
            reference: "N-1/1".to_owned(),
            may_cross: true,
            articles: vec!["9.1".to_owned(), "9.2".to_owned()],
            entry: Some(3),
            receipt: Some(Receipt {
                entry: 4,
                received_at: played.at,
                outcome: "filed".to_owned(),
            }),
            ..PlayedAct::default()
        });
        played.taken = Some(Taken {
            case: "N-1".to_owned(),
            responsible: "officer_1".to_owned(),
            deputy: "officer_2".to_owned(),
        });
        played.clocks = vec![
            Change::Started(clock(None)),
            Change::Ended(clock(Some("expired"))),
        ];
        played.fault("the day is out of joint".to_owned());
        played
    }

    #[test]
    fn a_step_says_the_same_to_people_and_to_machines() {
        let day = Day::shipped().unwrap();
        let line = Line::Step(Box::new(sent(&day)));
        let (text, json) = (text(&day, &line), json(&line));
        assert!(!json.contains('\n'), "{json}");
        let said: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(said["line"], "step");
        assert_eq!(said["at"], "2016-04-22T12:10:00Z");
        assert_eq!(said["act"]["receipt"]["entry"], 4);
        assert_eq!(said["clocks"][0]["change"], "started");
        assert_eq!(said["clocks"][0]["due"], "2016-04-22T15:00:00Z");
        assert_eq!(said["clocks"][1]["ended"], "expired");
        assert_eq!(
            (&said["held"], &said["taken"]["deputy"]),
            (&false.into(), &"officer_2".into())
        );
        for told in [
            "22 Apr 14:10 Brussels · 13:10 Rabat",
            "Brussels sends asks: one → nobody",
            "may cross       art. 9.1, 9.2",
            "N-1/1   entry 3 of ours, receipt at entry 4 of theirs",
            "taken over by officer_1, deputy officer_2",
            "Rabat owes: Reply by 22 Apr 17:00 Brussels · 16:00 Rabat",
            "RAN OUT: Reply (N-1/1)",
            "NOT AS IT MUST: the day is out of joint",
        ] {
            assert!(text.contains(told), "“{told}” was not told in\n{text}");
        }
    }

    #[test]
    fn a_cheat_that_nobody_catches_is_told_and_the_end_does_not_hold() {
        let day = Day::shipped().unwrap();
        let tried = Tried {
            cheat: 1,
            side: "ma".to_owned(),
            tried: "It lies.".to_owned(),
            by: "nobody".to_owned(),
            caught: None,
            held: false,
        };
        assert!(text(&day, &Line::Cheat(tried)).contains("NOT CAUGHT by nobody"));
        let closing = Line::Closing(Closing::of(4, vec!["not caught: It lies.".to_owned()]));
        assert!(text(&day, &closing).ends_with("Not everything held: not caught: It lies."));
        assert!(json(&closing).contains("\"held\":false"));
    }
}
