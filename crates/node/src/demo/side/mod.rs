//! What one side sees, read through its API, in the language of the page.

use entente_cooperation::print::isolated;
use jiff::{Timestamp, tz::TimeZone};
use serde_json::Value;

use crate::demo::{
    page::{Shows, is_sent},
    stage::Stage,
    story::LedgerFiles,
    tell::zone,
    watch::{Clock, clocks, escaped, text},
};
use crate::{
    command::answer::Failure,
    console::{
        view::{
            ActLine, DueView, Frame, Place, Shown, SideView, StopView, article, day, hour, left,
        },
        words::Words,
    },
    process::NodeProcess,
};

mod act;
mod ledgers;
pub mod unshown;

/// Between a city and its hour no line is broken.
const NO_BREAK: &str = "\u{a0}";

/// One look at both sides, at one instant, in one language.
pub struct Look<'s> {
    /// What the page reads from.
    pub shows: &'s Shows,
    words: &'s Words,
    now: Timestamp,
    memorandum: Value,
}

/// The side that sent an act.
pub fn holder<'s>(stage: &'s Stage, name: &str) -> Option<&'s NodeProcess> {
    let path = format!("/v1/acts/{}?content=false", escaped(name));
    let held = |side: &&NodeProcess| side.get(&path).is_ok_and(|act| is_sent(&act));
    stage.sides.iter().find(held)
}

impl<'s> Look<'s> {
    /// Looks now. Of nodes that do not answer it is known what they said when the day was over.
    pub fn at(shows: &'s Shows, words: &'s Words) -> Self {
        let mut sides = shows.stage.sides.iter();
        let said = sides.find_map(|side| side.get_in(words.language(), "/v1/memorandum").ok());
        let memorandum = said.unwrap_or_else(|| shows.memorandum[words.language()].clone());
        let now = instant(&memorandum["now"]).unwrap_or_default();
        Self {
            shows,
            words,
            now,
            memorandum,
        }
    }

    fn language(&self) -> &'static str {
        self.words.language()
    }

    fn city(&self, party: &str) -> String {
        let side = self.shows.day.side.iter().find(|side| side.party == party);
        side.and_then(|side| side.city.get(self.language()))
            .cloned()
            .unwrap_or_else(|| party.to_owned())
    }

    fn zones(&self) -> impl Iterator<Item = (String, TimeZone)> {
        self.shows
            .day
            .side
            .iter()
            .map(|side| (self.city(&side.party), zone(&side.time_zone)))
    }

    /// An hour in both capitals, with the day where it is not today.
    fn both(&self, at: Timestamp) -> String {
        let hours: Vec<String> = self
            .zones()
            .map(|(city, zone)| format!("{city} {}", hour(at, &zone, self.language())))
            .map(|place| place.replace(' ', NO_BREAK))
            .collect();
        let first = zone(&self.shows.day.side[0].time_zone);
        let (that, this) = (
            at.to_zoned_datetime(first.clone()).date(),
            self.now.to_zoned_datetime(first.clone()).date(),
        );
        let hours = hours.join(" · ");
        if that == this {
            return hours;
        }
        let day = day(at, &first, self.language());
        self.words
            .with("day-and-hours", &[("day", &day), ("hours", &hours)])
    }

    /// What stands around a page.
    pub fn frame(&self, at: &'static str, path: &str) -> Frame<'s> {
        let first = zone(&self.shows.day.side[0].time_zone);
        Frame {
            words: self.words,
            at,
            path: path.to_owned(),
            label: text(&self.memorandum, "label"),
            memorandum: self.words.with(
                "version",
                &[("version", &isolated(&text(&self.memorandum, "version")))],
            ),
            day: day(self.now, &first, self.language()),
            both: self.both(self.now),
            sides: self
                .shows
                .stage
                .sides
                .iter()
                .map(|side| Place {
                    party: side.party.clone(),
                    city: self.city(&side.party),
                })
                .collect(),
        }
    }

    /// What the exported files showed, in the language of the page.
    pub fn verified(&self) -> Shown {
        let line = |ledger: &LedgerFiles| {
            let (city, other) = (
                self.city(&ledger.party),
                self.city(&self.shows.stage.other(&ledger.party).party),
            );
            match &ledger.fault {
                Some(fault) => self
                    .words
                    .with("verified-not", &[("city", &city), ("fault", fault)]),
                None => self.words.with(
                    "verified",
                    &[
                        ("city", &city),
                        ("other", &other),
                        ("size", &ledger.entries.to_string()),
                        ("signed", &ledger.signed.to_string()),
                        ("cosigned", &ledger.cosigned.to_string()),
                    ],
                ),
            }
        };
        Shown {
            holds: self.shows.verified.holds(),
            lines: self.shows.verified.ledgers.iter().map(line).collect(),
        }
    }

    /// What each side sees.
    ///
    /// # Errors
    /// When a node does not answer.
    pub fn sides(&self) -> Result<Vec<SideView>, Failure> {
        self.shows
            .stage
            .sides
            .iter()
            .map(|side| self.side(side))
            .collect()
    }

    fn side(&self, side: &NodeProcess) -> Result<SideView, Failure> {
        let mut due: Vec<Clock> = clocks(side, self.language())?
            .into_iter()
            .filter(|clock| clock.ended.is_none() && !self.is_theirs_at_home(side, clock))
            .collect();
        due.sort_by_key(|clock| clock.due);
        Ok(SideView {
            party: side.party.clone(),
            city: self.city(&side.party),
            other: self.city(&self.shows.stage.other(&side.party).party),
            due: due.iter().map(|clock| self.due(side, clock)).collect(),
            acts: self.acts(side)?,
            desk: self.desk(side),
        })
    }

    /// How the other side assigns work at home ends without a word to us: such a clock of theirs says nothing here.
    fn is_theirs_at_home(&self, side: &NodeProcess, clock: &Clock) -> bool {
        clock.debtor != side.party && self.shows.stage.kept_at_home.contains(&clock.id)
    }

    fn due(&self, side: &NodeProcess, clock: &Clock) -> DueView {
        let gap = clock.due.duration_since(self.now);
        let hours = gap.as_secs() / 3600;
        let state = match () {
            () if clock.paused => "pause",
            () if gap.is_negative() => "late",
            () if hours < 2 => "soon",
            () => "info",
        };
        let shown = left(gap, self.language());
        let phrase = if gap.is_negative() {
            "due-over"
        } else {
            "due-left"
        };
        DueView {
            left: self.words.with(phrase, &[("left", &shown)]),
            state,
            label: clock.label.clone(),
            case: clock.of.clone(),
            article: article(&clock.article, self.language()),
            due: self
                .words
                .with("due-at", &[("when", &self.both(clock.due))]),
            ours: clock.debtor == side.party,
        }
    }

    fn acts(&self, side: &NodeProcess) -> Result<Vec<ActLine>, Failure> {
        let mut all: Vec<(Timestamp, ActLine)> = Vec::new();
        for (list, ours) in [("outbox", true), ("inbox", false)] {
            let rows = side.get_in(self.language(), &format!("/v1/{list}?limit=500"))?;
            for row in rows["items"].as_array().into_iter().flatten() {
                let at = instant(&row[if ours { "released_at" } else { "received_at" }])
                    .unwrap_or_default();
                all.push((at, self.act_line(row, ours, at)));
            }
        }
        all.sort_by_key(|(at, act)| (std::cmp::Reverse(*at), act.reference.clone()));
        Ok(all.into_iter().map(|(_, act)| act).collect())
    }

    fn act_line(&self, row: &Value, ours: bool, at: Timestamp) -> ActLine {
        let reference = text(row, "reference");
        let (receipt, receipt_state) = if ours {
            self.receipt_of_ours(row)
        } else {
            self.receipt_of_theirs(row)
        };
        let mut notes = Vec::new();
        if !ours {
            notes.push(self.taken(row));
        }
        ActLine {
            path: escaped(&reference),
            label: text(row, "act_label"),
            when: self.both(at),
            ours,
            article: article(&text(row, "article"), self.language()),
            notes,
            receipt,
            receipt_state,
            fingerprint: text(row, "message").chars().take(8).collect(),
            reference,
        }
    }

    fn receipt_of_ours(&self, row: &Value) -> (String, &'static str) {
        let receipt = &row["receipt"];
        let Some(at) = instant(&receipt["received_at"]) else {
            return (self.words.say("receipt-none"), "wait");
        };
        let entry = receipt["entry"].to_string();
        let (when, places) = (self.both(at), entry.as_str());
        let (phrase, state) = match (row["state"].as_str(), receipt["outcome"].as_str()) {
            (Some("contested"), _) => ("receipt-contested", "wait"),
            (_, Some("refused" | "unreadable")) => ("receipt-refused", "refused"),
            _ => ("receipt", "ok"),
        };
        (
            self.words
                .with(phrase, &[("when", &when), ("entry", places)]),
            state,
        )
    }

    fn receipt_of_theirs(&self, row: &Value) -> (String, &'static str) {
        let when = instant(&row["received_at"])
            .map(|at| self.both(at))
            .unwrap_or_default();
        let refused = matches!(row["outcome"].as_str(), Some("refused" | "unreadable"));
        let phrase = if refused {
            "receipt-refused"
        } else {
            "receipt"
        };
        let entry = row["receipt_entry"].to_string();
        let said = self
            .words
            .with(phrase, &[("when", &when), ("entry", &entry)]);
        (said, if refused { "refused" } else { "ok" })
    }

    /// The name of an officer of the day; anything else as it stands.
    fn person<'t>(&'t self, who: &'t str) -> &'t str {
        let mut officers = self.shows.day.officer.iter();
        let found = officers.find(|officer| officer.id == who);
        found.map_or(who, |officer| &officer.name)
    }

    fn taken(&self, row: &Value) -> String {
        let name = |who: &str| isolated(self.person(who));
        match (row["owner"].as_str(), row["deputy"].as_str()) {
            (Some(owner), deputy) => self.words.with(
                "taken-over",
                &[
                    ("officer", &name(owner)),
                    ("deputy", &name(deputy.unwrap_or("–"))),
                ],
            ),
            (None, _) => self.words.say("not-taken"),
        }
    }

    fn desk(&self, side: &NodeProcess) -> Vec<StopView> {
        let stopped = self
            .shows
            .told
            .stopped
            .iter()
            .filter(|stop| stop.party == side.party);
        stopped.map(|stop| self.stop(side, stop)).collect()
    }

    fn stop(&self, side: &NodeProcess, stop: &crate::demo::play::Stopped) -> StopView {
        // Judged again, so that its sentences come in the language of the page; the day itself does not move.
        let verdict = side
            .post_in(self.language(), "/v1/judgements", &stop.draft)
            .unwrap_or_else(|_| stop.verdict.clone());
        let verdict = if verdict["decision"] == "refuse" {
            verdict
        } else {
            stop.verdict.clone()
        };
        let strings = |value: &Value| {
            value
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        let mut because = strings(&verdict["because"]);
        let (stopped, facts) = (
            verdict["facts_stopped"].to_string(),
            verdict["facts"].as_array().map_or(0, Vec::len),
        );
        if stopped != "0" && facts > 0 {
            let total = facts.to_string();
            because.insert(
                0,
                self.words
                    .with("facts-stopped", &[("stopped", &stopped), ("total", &total)]),
            );
        }
        StopView {
            label: text(&verdict, "act_label"),
            reference: stop.reference.clone(),
            articles: strings(&verdict["articles"])
                .iter()
                .map(|it| article(it, self.language()))
                .collect(),
            because,
        }
    }
}

fn instant(value: &Value) -> Option<Timestamp> {
    value.as_str()?.parse().ok()
}
