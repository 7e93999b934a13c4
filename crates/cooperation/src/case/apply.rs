//! One event applied: what an act sets going, by what its line says it does.

use jiff::Timestamp;

use super::{
    Event, KnownAct, Outcome, Received, Request, State,
    event::quota_key,
    notice::{copy, notify, overseers, reach},
    start::{Occasion, parts_of},
    word::{effect, slot},
};
use crate::{
    act::Act,
    incoming::ABSOLUTE_LIMIT,
    judgement::{Effect, Reason},
    memorandum::{ActLine, Behaviour, ClockStart, Memorandum, ToldOf},
    reference,
};

/// An act as it is applied: its line, its reference, the instant at which it counts.
pub(super) struct Applied<'a> {
    pub(super) line: &'a ActLine,
    pub(super) act: &'a Act,
    pub(super) reference: &'a str,
    pub(super) at: Timestamp,
    pub(super) released_at: Timestamp,
    /// Whether it was received, so that what runs from receipt runs.
    pub(super) received: bool,
    pub(super) outcome: &'a Outcome,
}

impl State {
    /// Applies one event, and says what it sets going. An act that the memorandum does not know leaves nothing.
    pub fn apply(&mut self, memorandum: &Memorandum, event: &Event) -> Vec<Effect> {
        match event {
            Event::Act(received) => self.apply_act(memorandum, received),
            Event::Home(home) => self.apply_home(memorandum, home),
            Event::Expired(expired) => self.run_out(memorandum, expired),
        }
    }

    fn apply_act(&mut self, memorandum: &Memorandum, received: &Received) -> Vec<Effect> {
        let Some(line) = memorandum.acts.get(&received.act.kind) else {
            return Vec::new();
        };
        let act = &received.act;
        if let Outcome::Refused(reason) = &received.outcome {
            return told_of_refusal(memorandum, act, reason);
        }
        let applied = Applied {
            line,
            act,
            reference: self.name_of(memorandum, received),
            at: received.received_at.unwrap_or(received.released_at),
            released_at: received.released_at,
            received: received.received_at.is_some(),
            outcome: &received.outcome,
        };
        let mut effects = self.flags(memorandum, &applied);
        self.remember(memorandum, &applied);
        effects.extend(told(memorandum, &applied));
        if !self.may_free(memorandum, &applied) {
            return effects;
        }
        effects.extend(self.end_clocks(memorandum, &applied));
        effects.extend(self.move_clocks(memorandum, &applied));
        effects.extend(self.start_clocks(memorandum, &applied));
        effects.extend(self.stand(memorandum, &applied));
        effects.extend(self.keep(memorandum, &applied));
        effects
    }

    /// The name under which an act counts: its reference, if its sender may give it; else its message, which is the name of no
    /// other act. So nothing that one side writes on an act stands for an act of the other side, or moves its clocks.
    fn name_of<'a>(&self, memorandum: &Memorandum, received: &'a Received) -> &'a str {
        let act = &received.act;
        let party = memorandum.party_of(&act.from).map(|party| &party.id);
        act.text(slot::REFERENCE)
            .filter(|given| party.is_none_or(|party| self.may_give(memorandum, party, given)))
            .unwrap_or(&received.message)
    }

    /// Whether a Party may give a reference; where both nodes are looked at together, each may give every one.
    pub(crate) fn may_give(&self, memorandum: &Memorandum, party: &str, reference: &str) -> bool {
        self.own.is_none() || reference::is_of(memorandum, party, reference)
    }

    /// What every act leaves: that it is known, its thread, who took part in its case, what quotas count.
    fn remember(&mut self, memorandum: &Memorandum, applied: &Applied<'_>) {
        let Applied { act, reference, .. } = *applied;
        let reference = reference.to_owned();
        let opener = match act.text(slot::IN_REPLY_TO) {
            Some(answered) => self.thread_of(answered),
            None => reference.clone(),
        };
        self.thread.insert(reference.clone(), opener);
        let case = act.text(slot::CASE).map(str::to_owned);
        if let Some(case) = &case {
            let organs = self.case_organs.entry(case.clone()).or_default();
            organs.insert(act.from.clone());
            organs.extend(act.to.clone());
        }
        for quota in memorandum.quotas.iter().filter(|q| q.act == act.kind) {
            let key = (quota.id.clone(), quota_key(memorandum, quota, act));
            let counted = self.counted.entry(key).or_default();
            counted.push(applied.released_at);
            counted.sort_unstable();
        }
        let known = KnownAct {
            kind: act.kind.clone(),
            from: act.from.clone(),
            to: act.to.clone(),
            case,
            parts: parts_of(applied.line, act),
        };
        self.known.insert(reference.clone(), known);
        self.sent
            .entry(reference.clone())
            .or_insert(applied.released_at);
        if applied.received {
            self.seen.entry(reference).or_insert_with(|| act.clone());
        }
    }

    fn start_clocks(&mut self, memorandum: &Memorandum, applied: &Applied<'_>) -> Vec<Effect> {
        let act = applied.act;
        let occasion = Occasion {
            kind: &act.kind,
            of: applied.reference,
            from: &act.from,
            to: act.to.as_deref(),
            case: act.text(slot::CASE),
            slots: &act.slots,
            parts: parts_of(applied.line, act),
            level: 0,
            debtor: None,
            received: applied.received,
        };
        let before = self.clocks.len();
        let mut effects = Vec::new();
        if applied.received {
            effects.extend(self.start(memorandum, ClockStart::Receipt, applied.at, &occasion));
        }
        let event = started_by(applied.line.behaviour);
        for from in std::iter::once(ClockStart::Sending).chain(event) {
            effects.extend(self.start(memorandum, from, applied.released_at, &occasion));
        }
        if applied.received {
            self.open_request(memorandum, applied, before);
        }
        effects
    }

    /// What is asked is owed an answer, by the first of its clocks that an answer ends.
    fn open_request(&mut self, memorandum: &Memorandum, applied: &Applied<'_>, before: usize) {
        let asks = matches!(
            applied.line.behaviour,
            Behaviour::Asks | Behaviour::Identifies
        );
        if !asks {
            return;
        }
        let answer = |kind: &String| {
            let line = memorandum.acts.get(kind);
            line.is_some_and(|line| {
                matches!(
                    line.behaviour,
                    Behaviour::Answers | Behaviour::Refuses | Behaviour::ConfirmsIdentity
                )
            })
        };
        let clock = (before..self.clocks.len()).find(|index| {
            let row = self.open_row(memorandum, *index);
            row.is_some_and(|row| row.ends_with.iter().any(answer))
        });
        let act = applied.act;
        let mut open_parts = parts_of(applied.line, act);
        if open_parts.is_empty() {
            open_parts.insert(applied.reference.to_owned());
        }
        let request = Request {
            case: act.text(slot::CASE).unwrap_or_default().to_owned(),
            received_at: applied.at,
            from: act.from.clone(),
            to: act.to.clone().unwrap_or_default(),
            extended: false,
            clarifications: 0,
            open_parts,
            clock,
        };
        self.requests.insert(applied.reference.to_owned(), request);
    }

    /// Whether the recipient sees a quota exceeded: it reports it, and does not refuse (16.3).
    fn flags(&self, memorandum: &Memorandum, applied: &Applied<'_>) -> Vec<Effect> {
        let act = applied.act;
        let full = |quota: &crate::memorandum::Quota| {
            self.quota_used(memorandum, quota, act, applied.at)
                >= self.quota_limit(quota, applied.at)
        };
        let quotas = memorandum.quotas.iter();
        let exceeded = quotas.filter(|q| q.act == act.kind).any(full) && applied.received;
        let to = act.to.as_deref().unwrap_or(&act.from);
        let points = super::notice::contact_points(memorandum, [act.from.as_str(), to]);
        exceeded
            .then(|| reach(effect::FLAG, points))
            .flatten()
            .into_iter()
            .collect()
    }
}

/// The event, other than receipt and sending, that an act of this behaviour is.
fn started_by(behaviour: Behaviour) -> Option<ClockStart> {
    Some(match behaviour {
        Behaviour::RaisesQuota => ClockStart::QuotaRaised,
        Behaviour::Matches => ClockStart::MatchConfirmed,
        Behaviour::ConfirmsIdentity => ClockStart::Replied,
        Behaviour::IssuesDocument => ClockStart::DocumentIssued,
        Behaviour::Countersigns => ClockStart::Countersigned,
        Behaviour::Stops => ClockStart::StopOrdered,
        _ => return None,
    })
}

/// Who is told of an act that was admitted.
fn told(memorandum: &Memorandum, applied: &Applied<'_>) -> Vec<Effect> {
    let act = applied.act;
    let Some(to) = act.to.as_deref() else {
        return Vec::new();
    };
    let mut effects: Vec<Effect> = copy(memorandum, &act.from, to).into_iter().collect();
    let both = [act.from.as_str(), to];
    let notice = match applied.line.behaviour {
        Behaviour::Alerts => memorandum
            .party_of(to)
            .and_then(|party| notify(party.alert_to.clone())),
        Behaviour::Asks if urgent_without_ground(act) => notify(vec![act.from.clone()]),
        Behaviour::OwnsError => notify(overseers(
            memorandum,
            ToldOf::Error,
            both,
            act.text(slot::AREA),
        )),
        Behaviour::RaisesQuota => {
            let quota = act.text(slot::QUOTA).and_then(|q| memorandum.quotas.get(q));
            let counted = quota.and_then(|quota| memorandum.acts.get(&quota.act));
            let organs =
                counted.map(|line| super::notice::organs_of_group(memorandum, &line.group));
            let organs = organs.into_iter().flatten();
            notify(overseers(
                memorandum,
                ToldOf::Quota,
                organs,
                act.text(slot::AREA),
            ))
        }
        _ => None,
    };
    effects.extend(notice);
    effects
}

/// A request presented as urgent without a ground is ordinary, and its sender is told so (9.2).
fn urgent_without_ground(act: &Act) -> bool {
    let urgent = act.filled(slot::URGENT).and_then(|value| value.as_bool());
    urgent == Some(true) && act.filled(slot::URGENCY_GROUND).is_none()
}

/// Who is told of a refusal on receipt: the oversight authorities, where a limit reached says so (24.3).
///
/// The sender was answered with the ground alone. It reads the limit where the recipient read it: in what the act declares.
fn told_of_refusal(memorandum: &Memorandum, act: &Act, reason: &Reason) -> Vec<Effect> {
    let declares = |test: &String| act.filled(test).and_then(|value| value.as_bool()) == Some(true);
    let decides = match reason {
        Reason::Limit(limit) => Some(limit.as_str()),
        Reason::Ground(ground) if ground == ABSOLUTE_LIMIT => None,
        Reason::Ground(_) | Reason::Impediment(_) => return Vec::new(),
    };
    let mut limits = memorandum.limits.iter().filter(|limit| limit.oversight);
    let informs =
        limits.any(|limit| decides == Some(limit.id.as_str()) || limit.tests.iter().any(declares));
    let organs = [act.from.as_str(), act.to.as_deref().unwrap_or(&act.from)];
    let told = informs.then(|| overseers(memorandum, ToldOf::Limit, organs, act.text(slot::AREA)));
    told.and_then(notify).into_iter().collect()
}
