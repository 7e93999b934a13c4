//! Rows as the API shows them: identifiers for machines, words of the memorandum beside them for people.

use entente_cooperation::{
    act::Act,
    case::word::slot,
    delivery::Standing,
    judgement::Labels,
    memorandum::{Behaviour, Memorandum},
    receipt,
};
use entente_ledger::hex::hex;
use entente_store::{self as store, CaseLine, ClockLine, Held, InboxLine, Notice, OutboxLine};
use jiff::Timestamp;
use serde_json::{Value, json};

/// For whom rows are shown: by which memorandum, in which language.
#[derive(Clone, Copy, Debug)]
pub struct View<'m> {
    /// The memorandum that names what the rows hold.
    pub memorandum: &'m Memorandum,
    /// The language of the words.
    pub language: &'m str,
}

/// Where an act of ours stands, given the acts of the partner that refer to it, oldest first.
pub fn standing(line: &OutboxLine, replies: &[Behaviour]) -> Standing {
    if line.kept_back_at.is_some() {
        return Standing::KeptBack;
    }
    let receipt = line.outcome.map(|outcome| match outcome {
        store::Outcome::Filed => receipt::Outcome::Filed,
        store::Outcome::Clarify => receipt::Outcome::Clarify,
        store::Outcome::Refused => receipt::Outcome::Refused,
        store::Outcome::Unreadable => receipt::Outcome::Unreadable,
    });
    let standing = Standing::of(line.attempts, receipt, line.contested.is_some(), replies);
    match standing {
        Standing::Received if line.taken.is_some() => Standing::TakenOver,
        standing => standing,
    }
}

impl View<'_> {
    /// The words for an identifier, in the language asked for, else in any; the identifier itself if it has none.
    pub fn words(&self, id: &str, labels: Option<&Labels>) -> String {
        let found = labels.and_then(|labels| {
            labels
                .get(self.language)
                .or_else(|| labels.get("en"))
                .or_else(|| labels.values().next())
        });
        found.map_or_else(|| id.to_owned(), Clone::clone)
    }

    /// The words for an act.
    pub fn act(&self, id: &str) -> String {
        self.words(id, self.memorandum.acts.get(id).map(|row| &row.label))
    }

    /// The paragraph that an act rests on.
    pub fn article(&self, act: &str) -> Option<&str> {
        Some(self.memorandum.acts.get(act)?.article.as_str())
    }

    /// The words for an organ.
    pub fn organ(&self, id: &str) -> String {
        self.words(id, self.memorandum.organs.get(id).map(|row| &row.label))
    }

    /// The words for a ground.
    pub fn ground(&self, id: &str) -> String {
        self.words(id, self.memorandum.grounds.get(id).map(|row| &row.label))
    }

    /// The behaviour of an act that the partner sent.
    pub fn behaviour(&self, line: &InboxLine) -> Option<Behaviour> {
        let act = self.memorandum.acts.get(line.act.as_deref()?)?;
        Some(act.behaviour)
    }

    /// An act of ours. `replies` are the partner's acts that refer to it, oldest first.
    pub fn sent(&self, line: &OutboxLine, replies: &[InboxLine]) -> Value {
        let behaviours: Vec<Behaviour> = replies
            .iter()
            .filter_map(|reply| self.behaviour(reply))
            .collect();
        let stands = standing(line, &behaviours);
        let waits = line.outcome.is_none() && line.kept_back_at.is_none();
        let receipt = line.outcome.map(|outcome| {
            json!({
                "outcome": outcome.word(), "received_at": line.received_at, "entry": line.receipt_position,
                "ground": line.ground, "ground_label": line.ground.as_deref().map(|id| self.ground(id)),
            })
        });
        json!({
            "state": stands.word(), "act": line.act, "act_label": self.act(&line.act),
            "article": self.article(&line.act),
            "reference": line.reference, "case": line.case_ref, "in_reply_to": line.in_reply_to,
            "from": line.from_organ, "to": line.to_organ,
            "to_label": line.to_organ.as_deref().map(|id| self.organ(id)),
            "act_id": line.act_id, "message": hex(&line.message), "entry": line.position,
            "released_at": line.released_at, "released_by": line.released_by,
            "attempts": line.attempts, "reason": reason(line),
            "next_attempt_at": waits.then_some(line.next_attempt_at),
            "answered_by": replies.last().and_then(|reply| reply.reference.clone()),
            "taken_over": line.taken.as_ref().map(|taken| {
                json!({ "by": taken.by, "deputy": taken.deputy, "at": taken.at })
            }),
            "receipt": receipt,
        })
    }

    /// An act that is held at home.
    pub fn held(&self, held: &Held, act: &Act) -> Value {
        json!({
            "state": "held", "held": held.held, "act": act.kind, "act_label": self.act(&act.kind),
            "case": act.text(slot::CASE), "in_reply_to": act.text(slot::IN_REPLY_TO),
            "from": act.from, "to": act.to, "to_label": act.to.as_deref().map(|id| self.organ(id)),
            "sent_by": held.officer,
        })
    }

    /// An act of the partner, with the clock that runs out first among those that it started.
    pub fn received(&self, line: &InboxLine, clocks: &[ClockLine]) -> Value {
        let running = clocks.iter().filter(|clock| clock.ended.is_none());
        let first = running.min_by_key(|clock| clock.due);
        json!({
            "outcome": line.outcome.word(), "act": line.act,
            "act_label": line.act.as_deref().map(|id| self.act(id)),
            "article": line.act.as_deref().and_then(|id| self.article(id)),
            "reference": line.reference, "case": line.case_ref, "in_reply_to": line.in_reply_to,
            "from": line.from_organ, "from_label": line.from_organ.as_deref().map(|id| self.organ(id)),
            "to": line.to_organ, "act_id": line.act_id, "message": hex(&line.message),
            "entry": line.position, "receipt_entry": line.receipt_position,
            "released_at": line.released_at, "received_at": line.received_at,
            "ground": line.ground, "ground_label": line.ground.as_deref().map(|id| self.ground(id)),
            "reason": line.reason, "contested": line.contested,
            "owner": line.owner, "deputy": line.deputy, "taken_at": line.taken_at,
            "due": first.map(|clock| self.clock(clock)),
        })
    }

    /// Who was told of a refusal.
    pub fn told(&self, notices: &[Notice]) -> Value {
        let told = notices.iter().map(|notice| {
            json!({ "organ": notice.organ, "organ_label": self.organ(&notice.organ), "at": notice.at })
        });
        told.collect()
    }

    /// A clock.
    pub fn clock(&self, line: &ClockLine) -> Value {
        let row = self.memorandum.clocks.get(&line.clock);
        json!({
            "clock": line.clock, "clock_label": self.words(&line.clock, row.map(|row| &row.label)),
            "article": row.map(|row| &row.article),
            "of": line.of_reference, "debtor": line.debtor, "start": line.start, "due": line.due,
            "paused_since": line.paused_since,
            "ended_at": line.ended.map(|(at, _)| at),
            "ended_how": line.ended.map(|(_, how)| how.word()),
        })
    }

    /// A case: who answers for it, and how it ended.
    pub fn case(&self, line: &CaseLine) -> Value {
        json!({
            "case": line.case_ref, "opened_at": line.opened_at, "owner": line.owner, "deputy": line.deputy,
            "outcome": line.closing.as_ref().map(|closing| &closing.outcome),
            "closed_at": line.closing.as_ref().map(|closing| closing.at),
            "closed_by": line.closing.as_ref().map(|closing| &closing.by),
        })
    }
}

/// Why an act of ours stands where it stands, in words.
fn reason(line: &OutboxLine) -> Option<String> {
    if let Some(contested) = &line.contested {
        return Some(contested.clone());
    }
    match line.outcome {
        None if line.attempts == 0 && line.kept_back_at.is_none() => {
            Some("it leaves with the next contact".to_owned())
        }
        None => line.fault.clone(),
        Some(_) => line.ground.clone(),
    }
}

/// The earliest due instant among clocks that run, to put what runs out first first.
pub fn first_due(clocks: &[ClockLine]) -> Option<Timestamp> {
    let running = clocks.iter().filter(|clock| clock.ended.is_none());
    running.map(|clock| clock.due).min()
}
