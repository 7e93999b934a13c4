//! Facts held from the other Party: quarantined, marked, restricted, erased (Articles 18, 24 to 26).

use std::collections::BTreeSet;

use super::{
    HeldFact, Outcome, State,
    apply::Applied,
    start::{ALERT_FACT, listed, parts_of},
    word::{effect, mark, slot},
};
use crate::{
    act::Act,
    judgement::Effect,
    memorandum::{Behaviour, Memorandum, OnExpiry},
    value::{Slots, Value},
};

impl State {
    /// What an act does to facts.
    pub(super) fn keep(&mut self, memorandum: &Memorandum, applied: &Applied<'_>) -> Vec<Effect> {
        let act = applied.act;
        let parts = parts_of(applied.line, act);
        match applied.line.behaviour {
            Behaviour::Answers
            | Behaviour::Informs
            | Behaviour::Discloses
            | Behaviour::Alerts
            | Behaviour::Completes => self.admit_to_quarantine(memorandum, applied),
            Behaviour::Restricts if self.holds_for(memorandum, act) => {
                self.restrict(memorandum, act, &parts)
            }
            Behaviour::Admits if protects(memorandum, act) => {
                self.erase(memorandum, applied, &parts)
            }
            Behaviour::Admits => {
                self.lift(act.text(slot::CASE), &parts, mark::QUARANTINED);
                Vec::new()
            }
            Behaviour::Corrects | Behaviour::Recalls => {
                self.mark(act.text(slot::CASE), &parts, mark::USE_CEASED);
                vec![Effect {
                    kind: effect::CEASE_USE.to_owned(),
                    mark: Some(mark::USE_CEASED.to_owned()),
                    part: parts.into_iter().collect(),
                    ..Effect::default()
                }]
            }
            Behaviour::Withdraws => vec![Effect {
                kind: effect::CEASE_USE.to_owned(),
                of: act.text(slot::IN_REPLY_TO).map(str::to_owned),
                ..Effect::default()
            }],
            Behaviour::Certifies => self.certify(memorandum, applied, &parts),
            Behaviour::Matches => {
                self.lift(act.text(slot::CASE), &BTreeSet::new(), mark::POSSIBLE_MATCH);
                Vec::new()
            }
            Behaviour::Shares => {
                for (_, fact) in self.named(act.text(slot::CASE), &parts) {
                    let third = act.text(slot::THIRD_RECIPIENT);
                    fact.holders.extend(third.map(str::to_owned));
                }
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    /// Facts received are in quarantine; those of a statement without its circumstances bear a mark more (25.1, 24.2).
    fn admit_to_quarantine(
        &mut self,
        memorandum: &Memorandum,
        applied: &Applied<'_>,
    ) -> Vec<Effect> {
        let act = applied.act;
        let mut ids: Vec<String> = Vec::new();
        if !applied.received || !self.holds_for(memorandum, act) {
            return Vec::new();
        }
        for item in listed(applied.line, &act.slots, slot::FACTS) {
            let held = held(memorandum, applied, item);
            ids.extend(held.iter().map(|(id, _)| id.clone()));
            let case = act.text(slot::CASE).unwrap_or_default();
            let held = held.map(|(id, fact)| ((case.to_owned(), id), fact));
            self.facts.extend(held);
        }
        if applied.line.behaviour == Behaviour::Alerts {
            ids.push(ALERT_FACT.to_owned());
        }
        if ids.is_empty() {
            return Vec::new();
        }
        let marked = |mark: &str| Effect {
            kind: effect::MARK.to_owned(),
            mark: Some(mark.to_owned()),
            part: ids.clone(),
            ..Effect::default()
        };
        let mut effects = vec![marked(mark::QUARANTINED)];
        if *applied.outcome == Outcome::Clarify {
            effects.push(marked(mark::NOT_USABLE));
        }
        effects
    }

    /// Whether this node holds what an act is about: it is the recipient's, or both nodes are looked at together.
    fn holds_for(&self, memorandum: &Memorandum, act: &Act) -> bool {
        let to = act.to.as_deref().and_then(|to| memorandum.party_of(to));
        let own = |own: &String| to.is_some_and(|party| party.id == *own);
        self.own.as_ref().is_none_or(own)
    }

    /// Codes and restrictions added later; of two values of one restriction the stricter stays (18.2, 18.4).
    fn restrict(
        &mut self,
        memorandum: &Memorandum,
        act: &Act,
        parts: &BTreeSet<String>,
    ) -> Vec<Effect> {
        let case = act.text(slot::CASE).unwrap_or_default();
        for part in parts {
            let fact = self.facts.entry((case.to_owned(), part.clone()));
            let fact = fact.or_insert_with(|| HeldFact {
                purpose: act.text(slot::PURPOSE).map(str::to_owned),
                ..HeldFact::default()
            });
            fact.codes.extend(texts(act.items(slot::HANDLING_CODES)));
            fact.restriction.extend(texts(act.items(slot::RESTRICTION)));
            for (id, value) in members(act.filled(slot::RESTRICTION_VALUES)) {
                let row = memorandum.restrictions.get(id);
                let binds = row.and_then(|row| row.binds);
                let value = match (binds, fact.values.get(id)) {
                    (Some(binds), Some(earlier)) => binds.stricter(earlier, value),
                    _ => value.clone(),
                };
                fact.values.insert(id.clone(), value);
            }
        }
        Vec::new()
    }

    /// A proof of execution: what was corrected may be used again, what was recalled, withdrawn or demanded back is erased,
    /// save what is locked (26.2, 26.3).
    fn certify(
        &mut self,
        memorandum: &Memorandum,
        applied: &Applied<'_>,
        parts: &BTreeSet<String>,
    ) -> Vec<Effect> {
        let act = applied.act;
        let answered = act.text(slot::IN_REPLY_TO).unwrap_or_default();
        match self.behaviour_of(memorandum, answered) {
            Some(Behaviour::Corrects) => {
                self.lift(act.text(slot::CASE), parts, mark::USE_CEASED);
                Vec::new()
            }
            Some(Behaviour::Restricts | Behaviour::Revokes) => Vec::new(),
            _ => self.erase(memorandum, applied, parts),
        }
    }

    /// Erases facts of a case and says so; a locked fact stays (26.3). No clock that would erase them later is left.
    fn erase(
        &mut self,
        memorandum: &Memorandum,
        applied: &Applied<'_>,
        parts: &BTreeSet<String>,
    ) -> Vec<Effect> {
        let act = applied.act;
        let kept = self.forget(act.text(slot::CASE), parts);
        let erased: BTreeSet<String> = parts.difference(&kept).cloned().collect();
        let mut effects = self.spare_erasures(memorandum, applied, &erased);
        effects.push(Effect {
            kind: effect::ERASE.to_owned(),
            part: erased.into_iter().collect(),
            of: act.text(slot::IN_REPLY_TO).map(str::to_owned),
            ..Effect::default()
        });
        effects
    }

    /// Ends the clocks that would erase what is erased already: of these facts, or of the thread of what was withdrawn.
    fn spare_erasures(
        &mut self,
        memorandum: &Memorandum,
        applied: &Applied<'_>,
        erased: &BTreeSet<String>,
    ) -> Vec<Effect> {
        let case = applied.act.text(slot::CASE);
        let thread = self.thread_of(applied.reference);
        let mut effects = Vec::new();
        for index in 0..self.clocks.len() {
            let row = self.open_row(memorandum, index);
            if row.is_none_or(|row| row.on_expiry != OnExpiry::Erase) {
                continue;
            }
            let clock = &mut self.clocks[index];
            let of_facts = clock.case.as_deref() == case && !clock.parts.is_disjoint(erased);
            let of_thread = clock.parts.is_empty() && clock.thread == thread;
            if of_facts || of_thread {
                effects.push(clock.meet(erased, applied.at));
            }
        }
        effects
    }

    /// Drops facts of a case; gives back those that are locked and stay.
    pub(super) fn forget(
        &mut self,
        case: Option<&str>,
        parts: &BTreeSet<String>,
    ) -> BTreeSet<String> {
        let mut kept = BTreeSet::new();
        self.facts.retain(|(of, id), fact| {
            let named = case == Some(of.as_str()) && parts.contains(id);
            let locked = fact.marks.contains(mark::LOCKED);
            if named && locked {
                kept.insert(id.clone());
            }
            !named || locked
        });
        kept
    }

    /// Puts a mark on facts of a case.
    pub(super) fn mark(&mut self, case: Option<&str>, parts: &BTreeSet<String>, mark: &str) {
        for (_, fact) in self.named(case, parts) {
            fact.marks.insert(mark.to_owned());
        }
    }

    /// Takes a mark off facts of a case; off all of them when none is named.
    pub(super) fn lift(&mut self, case: Option<&str>, parts: &BTreeSet<String>, mark: &str) {
        for (_, fact) in self.named(case, parts) {
            fact.marks.remove(mark);
        }
    }

    fn named<'s>(
        &'s mut self,
        case: Option<&'s str>,
        parts: &'s BTreeSet<String>,
    ) -> impl Iterator<Item = (&'s (String, String), &'s mut HeldFact)> {
        let facts = self.facts.iter_mut();
        facts.filter(move |((of, id), _)| {
            case == Some(of.as_str()) && (parts.is_empty() || parts.contains(id))
        })
    }
}

/// A fact as it is held: what it does not carry itself is that of its act (Annex 3).
fn held(
    memorandum: &Memorandum,
    applied: &Applied<'_>,
    item: &Value,
) -> Option<(String, HeldFact)> {
    let act = applied.act;
    let own = |slot: &str| {
        let own = item.member(slot).map(Value::items);
        texts(own.unwrap_or_else(|| act.items(slot)))
    };
    let text = |slot: &str| {
        let own = item.member(slot).and_then(Value::as_text);
        own.or_else(|| act.text(slot)).map(str::to_owned)
    };
    let values = item.member(slot::RESTRICTION_VALUES);
    let values = members(values.or_else(|| act.filled(slot::RESTRICTION_VALUES)));
    let sender = memorandum.party_of(&act.from).map(|party| party.id.clone());
    let chapter = memorandum.chapter_of(&applied.line.article);
    let mut marks = BTreeSet::from([mark::QUARANTINED.to_owned()]);
    if *applied.outcome == Outcome::Clarify {
        marks.insert(mark::NOT_USABLE.to_owned());
    }
    let fact = HeldFact {
        purpose: act.text(slot::PURPOSE).map(str::to_owned),
        codes: own(slot::HANDLING_CODES),
        restriction: own(slot::RESTRICTION),
        values: values.clone(),
        originator: text(slot::ORIGINATOR).or(sender).unwrap_or_default(),
        marks,
        holders: BTreeSet::new(),
        chapter: chapter
            .map(|chapter| chapter.id.clone())
            .unwrap_or_default(),
    };
    Some((item.member(slot::ID)?.as_text()?.to_owned(), fact))
}

/// Whether an act is one of protection by what it holds: an admission decision that erases (Annex 3).
fn protects(memorandum: &Memorandum, act: &Act) -> bool {
    let when = memorandum.protective.when.get(&act.kind);
    when.is_some_and(|when| all_hold(&act.slots, when))
}

fn all_hold(slots: &Slots, wanted: &std::collections::BTreeMap<String, String>) -> bool {
    wanted
        .iter()
        .all(|(slot, word)| slots.get(slot).and_then(Value::as_text) == Some(word))
}

/// The members of a record; none where there is none.
fn members(value: Option<&Value>) -> &Slots {
    static NONE: Slots = Slots::new();
    match value {
        Some(Value::Record(members)) => members,
        _ => &NONE,
    }
}

/// The texts of a list, each once.
fn texts(items: &[Value]) -> BTreeSet<String> {
    let texts = items.iter().filter_map(Value::as_text);
    texts.map(str::to_owned).collect()
}
