//! Worked cases executed: each step judged, applied, and compared with what the case says.
//!
//! One file is one history in which both nodes are looked at together; yet a node that judges an act is given only what is
//! known to it. A step differs when a decision, a reason, a hint or what is missing is not exactly as stated; when a stated
//! article is not among those found, or the first stated of a refusal is not the first found; when a stated effect is not found
//! with every member that is stated; or when the offset written in a `due` is not the debtor's. Articles that permit together
//! have no order: the first article decides a refusal alone. What a case does not state may be there.

use std::fmt;

use jiff::Timestamp;

use super::{
    Event, Happening, Home, Outcome, Received, State,
    compare::{in_words, member_fits},
    fold::Step,
    running::legal_time,
    story::{ExpectedEffect, Told, read},
    word::slot,
};
use crate::{
    act::{Act, Moment, Side},
    judgement::{Answer, Decision, Effect, Judgement, Reason},
    memorandum::Memorandum,
    value::Value,
};

/// What is judged in a step.
#[derive(Clone, Copy, Debug)]
pub struct Hearing<'h> {
    /// What came before.
    pub state: &'h State,
    /// The act, or the deed at home with its name as `kind`.
    pub act: &'h Act,
    /// When and where.
    pub moment: &'h Moment,
    /// Whether it is a deed at home, which may not be a matter of judgement at all.
    pub at_home: bool,
    /// The number of the step.
    pub step: i64,
}

/// A step that differs from its case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The file.
    pub file: String,
    /// The line, from 1; 0 for the file as a whole.
    pub line: usize,
    /// The number of the step; none where the file cannot be read.
    pub step: Option<i64>,
    /// What differs: `decision`, `due` …
    pub what: String,
    /// What the case says.
    pub expected: String,
    /// What was found.
    pub found: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: ", self.file, self.line)?;
        if let Some(step) = self.step {
            write!(f, "step {step}: ")?;
        }
        write!(
            f,
            "{}: expected {}, found {}",
            self.what, self.expected, self.found
        )
    }
}

/// Runs one case: every step judged by `judge` against what came before it, then applied.
///
/// `judge` answers nothing for a deed at home that is no matter of judgement. Returns every difference; none is as it should be.
pub fn run(
    memorandum: &Memorandum,
    judge: &dyn Fn(Hearing<'_>) -> Option<Judgement>,
    file: &str,
    text: &str,
) -> Vec<Difference> {
    let steps = match read(memorandum, file, text) {
        Ok(steps) => steps,
        Err(faults) => return faults.into_iter().map(of_fault).collect(),
    };
    let mut run = Run {
        memorandum,
        judge,
        file,
        events: Vec::new(),
        differences: Vec::new(),
    };
    for step in &steps {
        run.step(step);
    }
    run.differences
}

fn of_fault(fault: crate::memorandum::Fault) -> Difference {
    Difference {
        file: fault.file,
        line: fault.line,
        step: None,
        what: "the file".to_owned(),
        expected: fault.remedy.unwrap_or_else(|| "a worked case".to_owned()),
        found: fault.what,
    }
}

struct Run<'r> {
    memorandum: &'r Memorandum,
    judge: &'r dyn Fn(Hearing<'_>) -> Option<Judgement>,
    file: &'r str,
    events: Vec<Event>,
    differences: Vec<Difference>,
}

impl Run<'_> {
    fn step(&mut self, told: &Told) {
        let effects = match told.event.as_deref() {
            Some("expired") => self.ran_out(told),
            Some(event) => self.deed(told, event),
            None => self.act(told),
        };
        self.compare_effects(told, &effects);
    }

    fn act(&mut self, told: &Told) -> Vec<Effect> {
        let act = Act {
            kind: told.act.clone().unwrap_or_default(),
            from: told.from.clone().unwrap_or_default(),
            to: told.to.clone(),
            slots: self.known_to(told),
        };
        let before = State::new(self.memorandum).before(self.memorandum, &self.events, told.at);
        let judgement = self.judged(told, &before, &act, false);
        let Some(judgement) = judgement else {
            self.differ(told, told.expected.line, "decision", "a judgement", "none");
            return Vec::new();
        };
        self.compare(told, &judgement, &act);
        let outcome = match judgement.answer() {
            Answer::Permitted => Outcome::Filed,
            Answer::Clarify => Outcome::Clarify,
            Answer::Refused(reason) => Outcome::Refused(reason.clone()),
            Answer::Broken(_) => return Vec::new(),
        };
        let refused = matches!(outcome, Outcome::Refused(_));
        let reference = act.text(slot::REFERENCE).unwrap_or_default().to_owned();
        let repeated = before.seen.contains_key(&reference);
        // A refusal at our own desk leaves nothing; a repeat gets its first receipt (7.4).
        if repeated || refused && told.side == Side::Sender {
            return Vec::new();
        }
        let event = self.received(told, act, reference, outcome);
        self.happen(event, told.at)
    }

    /// The act as an event: released only at the sender, and received at the recipient, whenever it was released.
    fn received(&mut self, told: &Told, act: Act, reference: String, outcome: Outcome) -> Event {
        let received_at = (told.side == Side::Recipient).then_some(told.at);
        let mut released_at = told.at;
        self.events.retain(|event| match event {
            Event::Act(earlier) if earlier.message == reference => {
                released_at = earlier.released_at;
                false
            }
            _ => true,
        });
        Event::Act(Received {
            message: reference,
            act,
            released_at,
            received_at,
            side: told.side,
            outcome,
        })
    }

    fn deed(&mut self, told: &Told, event: &str) -> Vec<Effect> {
        let Some(happening) = Happening::named(event) else {
            self.differ(
                told,
                told.line,
                "event",
                "an event that the engine knows",
                event,
            );
            return Vec::new();
        };
        let deed = Act {
            kind: event.to_owned(),
            from: told.from.clone().unwrap_or_default(),
            to: told.to.clone(),
            slots: told.facts.clone(),
        };
        let before = State::new(self.memorandum).before(self.memorandum, &self.events, told.at);
        let judgement = self.judged(told, &before, &deed, true);
        let refused = judgement.as_ref().is_some_and(|judgement| {
            matches!(judgement.answer(), Answer::Refused(_) | Answer::Broken(_))
        });
        match &judgement {
            Some(judgement) if told.expected.decision.is_some() || refused => {
                self.compare(told, judgement, &deed);
            }
            None if told.expected.decision.is_some() => {
                self.differ(told, told.expected.line, "decision", "a judgement", "none");
            }
            _ => {}
        }
        if refused {
            return Vec::new();
        }
        let home = Home {
            id: format!("{:04}", told.n),
            happening,
            at: told.at,
            from: told.from.clone(),
            to: told.to.clone(),
            slots: told.facts.clone(),
        };
        self.happen(Event::Home(home), told.at)
    }

    /// What a clock of this name set going by running out now.
    fn ran_out(&mut self, told: &Told) -> Vec<Effect> {
        let clock = told.clock.as_deref().unwrap_or_default();
        let (_, steps) = State::new(self.memorandum).trace(self.memorandum, &self.events, told.at);
        let ran_out = |(event, _): &Step| matches!(event, Event::Expired(expired) if expired.clock == clock && expired.due == told.at);
        let found: Vec<Step> = steps.into_iter().filter(ran_out).collect();
        if found.is_empty() {
            let expected = format!("{clock} runs out at {}", told.at);
            let state = State::new(self.memorandum).before(self.memorandum, &self.events, told.at);
            let open = state.clocks.iter().filter(|open| open.is_open());
            let open = open.map(|open| format!("{} due {}", open.clock, open.due));
            let found = open.collect::<Vec<_>>().join(", ");
            self.differ(told, told.line, "clock", &expected, &found);
        }
        found.into_iter().flat_map(|(_, effects)| effects).collect()
    }

    /// Adds an event to the history, and says what it set going.
    fn happen(&mut self, event: Event, now: Timestamp) -> Vec<Effect> {
        self.events.push(event.clone());
        let (_, steps) = State::new(self.memorandum).trace(self.memorandum, &self.events, now);
        let own = steps.into_iter().find(|(other, _)| *other == event);
        own.map(|(_, effects)| effects).unwrap_or_default()
    }

    fn judged(&self, told: &Told, state: &State, act: &Act, at_home: bool) -> Option<Judgement> {
        let reference = act.text(slot::REFERENCE).unwrap_or_default();
        let released_at = state.sent.get(reference).copied();
        let moment = Moment {
            at: told.at,
            released_at: released_at.filter(|_| told.side == Side::Recipient),
            side: told.side,
        };
        (self.judge)(Hearing {
            state,
            act,
            moment: &moment,
            at_home,
            step: told.n,
        })
    }

    /// What the judging node knows: slots and wire facts, and of the rest only its own (Annex 3, `known_to`).
    fn known_to(&self, told: &Told) -> crate::value::Slots {
        let side = match told.side {
            Side::Sender => "sender",
            Side::Recipient => "recipient",
        };
        let known = |name: &str| {
            let fact = self.memorandum.engine_facts.get(name);
            fact.is_none_or(|fact| fact.known_to.iter().any(|to| to == "wire" || to == side))
        };
        let facts = told.facts.iter().filter(|(name, _)| known(name));
        facts
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    }

    fn compare(&mut self, told: &Told, judgement: &Judgement, act: &Act) {
        let expected = &told.expected;
        let decision = match judgement.decision {
            Decision::Permit => "permit",
            Decision::Refuse => "refuse",
            Decision::Clarify => "clarify",
            Decision::Broken => "broken",
        };
        let wanted = expected.decision.as_deref().unwrap_or("no refusal");
        let found: Vec<&str> = judgement.paragraphs.iter().map(|p| p.0.as_str()).collect();
        if wanted != decision {
            let reason = judgement.reason.as_ref().map_or("", Reason::id);
            let found = format!("{decision} {reason} under {}", found.join(", "));
            self.differ(told, expected.line, "decision", wanted, found.trim());
            return;
        }
        self.compare_reason(told, judgement, act);
        if !articles_fit(judgement.decision, &expected.articles, &found) {
            let wanted = expected.articles.join(", ");
            self.differ(told, expected.line, "articles", &wanted, &found.join(", "));
        }
        let hint = judgement.hint.as_deref().unwrap_or("none");
        if expected
            .hint
            .as_deref()
            .is_some_and(|wanted| wanted != hint)
        {
            let wanted = expected.hint.clone().unwrap_or_default();
            self.differ(told, expected.line, "hint", &wanted, hint);
        }
        let sorted = |list: &[String]| {
            let mut list = list.to_vec();
            list.sort_unstable();
            list.join(", ")
        };
        let (wanted, found) = (sorted(&expected.missing), sorted(&judgement.missing));
        if !expected.missing.is_empty() && wanted != found {
            self.differ(told, expected.line, "missing", &wanted, &found);
        }
    }

    fn compare_reason(&mut self, told: &Told, judgement: &Judgement, act: &Act) {
        let expected = &told.expected;
        let named = |(kind, id): &(String, String)| format!("{kind} {id}");
        let wanted = expected.reason.as_ref().map_or("none".to_owned(), named);
        let found = match &judgement.reason {
            None => None,
            Some(Reason::Ground(id)) => Some(format!("ground {id}")),
            Some(Reason::Impediment(id)) => Some(format!("impediment {id}")),
            Some(Reason::Limit(id)) => Some(format!("limit {id}")),
        };
        // A lawful refusal is an act that names its ground itself.
        let grounds = act
            .items("refusal_ground")
            .iter()
            .filter_map(Value::as_text);
        let own = match judgement.decision {
            Decision::Permit => grounds.map(|id| format!("ground {id}")).collect(),
            _ => Vec::new(),
        };
        let found = found.or_else(|| own.into_iter().find(|ground| *ground == wanted));
        let found = found.unwrap_or_else(|| "none".to_owned());
        if found != wanted {
            self.differ(told, expected.line, "reason", &wanted, &found);
        }
    }

    fn compare_effects(&mut self, told: &Told, effects: &[Effect]) {
        let mut left: Vec<&Effect> = effects.iter().collect();
        for expected in &told.expected.effects {
            let fits = |effect: &&Effect| {
                let members = &expected.members;
                members
                    .iter()
                    .all(|(key, member)| member_fits(key, member, effect))
            };
            match left.iter().position(fits) {
                Some(index) => drop(left.remove(index)),
                None => self.effect_missing(told, expected, effects),
            }
            self.compare_offset(told, expected);
        }
    }

    fn effect_missing(&mut self, told: &Told, expected: &ExpectedEffect, effects: &[Effect]) {
        let members = expected.members.iter();
        let wanted: Vec<String> = members
            .map(|(key, member)| format!("{key} = {}", member.written))
            .collect();
        let alike = |effect: &&Effect| {
            expected
                .members
                .get("id")
                .is_some_and(|id| member_fits("id", id, effect))
        };
        let found: Vec<String> = effects.iter().filter(alike).map(in_words).collect();
        let found = match found.as_slice() {
            [] => "no such effect".to_owned(),
            found => found.join("; "),
        };
        self.differ(told, expected.line, "effect", &wanted.join(", "), &found);
    }

    /// The offset written in `due` is the debtor's (11.3).
    fn compare_offset(&mut self, told: &Told, expected: &ExpectedEffect) {
        let (Some(due), Some(debtor)) =
            (expected.members.get("due"), expected.members.get("debtor"))
        else {
            return;
        };
        let (Value::Instant(at), Value::Text(debtor)) = (&due.value, &debtor.value) else {
            return;
        };
        let right = legal_time(self.memorandum, debtor).offset_seconds(*at);
        if due.offset_seconds.is_some_and(|written| written != right) {
            let wanted = format!("the offset of the debtor, {} minutes", right / 60);
            self.differ(told, due.line, "due", &wanted, &due.written);
        }
    }

    fn differ(&mut self, told: &Told, line: usize, what: &str, expected: &str, found: &str) {
        self.differences.push(Difference {
            file: self.file.to_owned(),
            line,
            step: Some(told.n),
            what: what.to_owned(),
            expected: expected.to_owned(),
            found: found.to_owned(),
        });
    }
}

/// Whether every stated article is among those found, and the first of them, unless the step is permitted, is the first found.
fn articles_fit(decision: Decision, stated: &[String], found: &[&str]) -> bool {
    let all = stated
        .iter()
        .all(|article| found.contains(&article.as_str()));
    let first = stated.first().map(String::as_str);
    let decides = match decision {
        Decision::Permit => first.is_some() || found.is_empty(),
        Decision::Refuse | Decision::Clarify | Decision::Broken => first == found.first().copied(),
    };
    all && decides
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fit(decision: Decision, stated: &[&str]) -> bool {
        let stated: Vec<String> = stated.iter().map(|article| (*article).to_owned()).collect();
        articles_fit(decision, &stated, &["27.3", "27.1", "28.1"])
    }

    #[test]
    fn articles_that_permit_together_have_no_order() {
        assert!(fit(Decision::Permit, &["28.1", "27.1"]));
        assert!(
            !fit(Decision::Permit, &["28.1", "27.2"]),
            "one is not found"
        );
        assert!(!fit(Decision::Permit, &[]), "none is stated");
    }

    #[test]
    fn the_first_article_decides_a_refusal() {
        assert!(fit(Decision::Refuse, &["27.3", "28.1"]));
        assert!(!fit(Decision::Refuse, &["28.1", "27.3"]));
        assert!(!fit(Decision::Clarify, &["28.1", "27.3"]));
        assert!(!fit(Decision::Refuse, &[]));
    }
}
