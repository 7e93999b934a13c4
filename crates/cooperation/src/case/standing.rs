//! Acts that stand: suspensions, stops, disputes, versions, quotas, consents, registrations (Articles 6, 7.5, 16.3, 20, 31, 35).

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{
    Consent, Dispute, State, VersionChange,
    apply::Applied,
    notice::notify,
    running::legal_time,
    word::{effect, mark, outcome, slot},
};
use crate::{
    clock::{Period, later},
    judgement::Effect,
    memorandum::{Behaviour, ClockKind, Memorandum, Quota},
    value::Value,
};

/// The annex that holds what the offences are in each Party's law.
const OFFENCES: i64 = 2;

impl State {
    /// What an act changes for every later one.
    pub(super) fn stand(&mut self, memorandum: &Memorandum, applied: &Applied<'_>) -> Vec<Effect> {
        let (act, at) = (applied.act, applied.at);
        match applied.line.behaviour {
            Behaviour::Suspends => return self.suspend(memorandum, applied),
            Behaviour::Resumes => return self.resume(memorandum, applied),
            Behaviour::Stops | Behaviour::Releases => return self.halt(memorandum, applied),
            Behaviour::Disputes => {
                let text = |slot: &str| act.text(slot).map(str::to_owned);
                let dispute = Dispute {
                    case: text(slot::CASE),
                    article: text(slot::ARTICLE_CONCERNED).unwrap_or_default(),
                    act: text(slot::ACT_REFERENCE),
                };
                self.disputes.insert(applied.reference.to_owned(), dispute);
            }
            Behaviour::Settles => {
                let settled = act.text(slot::IN_REPLY_TO).unwrap_or_default();
                self.disputes.remove(settled);
            }
            Behaviour::Amends | Behaviour::AmendsJointly => self.amend(applied),
            Behaviour::RaisesQuota => self.raise(applied),
            Behaviour::Consents => self.consent(memorandum, applied),
            Behaviour::Revokes => self.revoke(applied),
            Behaviour::Registers => {
                let made_at = act.filled(slot::MADE_AT).and_then(Value::as_instant);
                let of = act.text(slot::ACT_REFERENCE).unwrap_or_default();
                self.registered.insert(of.to_owned(), made_at.unwrap_or(at));
            }
            Behaviour::ConfirmsIdentity
                if act.text(slot::IDENTITY_OUTCOME) == Some(outcome::IDENTITY_CONFIRMED) =>
            {
                self.confirmed.insert(applied.reference.to_owned());
            }
            Behaviour::Tabulates => {
                let text = |slot: &str| act.text(slot).unwrap_or_default().to_owned();
                let key = (
                    text(slot::TABLE),
                    text(slot::REFERENCE_PERIOD),
                    text(slot::NATIONALS),
                );
                let cells = act.items(slot::CELLS).to_vec();
                self.releases.entry(key).or_default().push(cells);
            }
            _ => {}
        }
        Vec::new()
    }

    /// Suspends chapters: their cases freeze, their time limits stand still (35.4).
    fn suspend(&mut self, memorandum: &Memorandum, applied: &Applied<'_>) -> Vec<Effect> {
        let chapters = texts(applied.act.items(slot::CHAPTERS));
        self.alerts_suspended = applied.act.text(slot::ALERTS_INCLUDED) == Some(outcome::YES);
        let mut frozen = BTreeSet::new();
        for ((_, id), fact) in &mut self.facts {
            if chapters.contains(&fact.chapter) && fact.marks.insert(mark::FROZEN.to_owned()) {
                frozen.insert(id.clone());
            }
        }
        self.suspended.extend(chapters);
        let mut effects = self.hold_anew(memorandum, applied.at);
        effects.extend((!frozen.is_empty()).then(|| Effect {
            kind: effect::MARK.to_owned(),
            mark: Some(mark::FROZEN.to_owned()),
            part: frozen.into_iter().collect(),
            ..Effect::default()
        }));
        effects
    }

    fn resume(&mut self, memorandum: &Memorandum, applied: &Applied<'_>) -> Vec<Effect> {
        let chapters = texts(applied.act.items(slot::CHAPTERS));
        self.suspended.retain(|chapter| !chapters.contains(chapter));
        for fact in self.facts.values_mut() {
            if chapters.contains(&fact.chapter) {
                fact.marks.remove(mark::FROZEN);
            }
        }
        self.hold_anew(memorandum, applied.at)
    }

    /// Orders or lifts a stop, at once on both sides; those it covers are told (31.2).
    fn halt(&mut self, memorandum: &Memorandum, applied: &Applied<'_>) -> Vec<Effect> {
        let act = applied.act;
        let scope = act.text(slot::STOP_SCOPE).unwrap_or_default().to_owned();
        let covered = match scope.split_once(':') {
            Some(("organ", organ)) => vec![organ.to_owned()],
            Some(("case", case)) => {
                let organs = self.case_organs.get(case).into_iter().flatten();
                organs.cloned().collect()
            }
            _ => Vec::new(),
        };
        let stop = (scope, act.from.clone());
        if applied.line.behaviour == Behaviour::Stops {
            self.stops.insert(stop);
        } else {
            self.stops.remove(&stop);
        }
        let mut effects = self.hold_anew(memorandum, applied.at);
        effects.extend(notify(covered));
        effects
    }

    fn amend(&mut self, applied: &Applied<'_>) {
        let act = applied.act;
        let Some(from) = act.filled(slot::IN_FORCE_ON).and_then(Value::as_date) else {
            return;
        };
        let annex = act.filled(slot::ANNEX).and_then(Value::as_number);
        let changes = if annex.unwrap_or(OFFENCES) == OFFENCES {
            texts(act.items(slot::CHANGES)).into_iter().collect()
        } else {
            Vec::new()
        };
        self.versions.push(VersionChange {
            id: act.text(slot::NEW_VERSION).unwrap_or_default().to_owned(),
            from,
            changes,
        });
        self.versions.sort_by_key(|version| version.from);
    }

    /// A raised quota is good until the clock that the raising started ends (16.3).
    fn raise(&mut self, applied: &Applied<'_>) {
        let act = applied.act;
        let (Some(quota), Some(limit)) = (
            act.text(slot::QUOTA),
            act.filled(slot::NEW_LIMIT).and_then(Value::as_number),
        ) else {
            return;
        };
        let ends = self.clocks.iter().rev();
        let until = ends
            .filter(|clock| clock.of == applied.reference)
            .map(|clock| clock.due)
            .next();
        self.raised
            .insert(quota.to_owned(), (limit, until.unwrap_or(applied.at)));
    }

    /// A consent lives until the last day it names, on the calendar of the Party that gave it, and never longer than the
    /// memorandum lets a consent live (20.3, 11.3).
    fn consent(&mut self, memorandum: &Memorandum, applied: &Applied<'_>) {
        let act = applied.act;
        let given = act.text(slot::CONSENT_OUTCOME);
        let Some(last) = act.filled(slot::UNTIL).and_then(Value::as_date) else {
            return;
        };
        if !matches!(given, Some(outcome::GRANTED | outcome::PARTLY_GRANTED)) {
            return;
        }
        let issuer = memorandum
            .party_of(&act.from)
            .map(|party| party.id.as_str());
        let legal = legal_time(memorandum, issuer.unwrap_or_default());
        let life = self.clocks.iter().filter(|clock| {
            let row = memorandum.clocks.get(&clock.clock);
            clock.of == applied.reference && row.is_some_and(|row| row.kind == ClockKind::Validity)
        });
        let until = life
            .map(|clock| clock.due)
            .fold(legal.midnight_after(last), Timestamp::min);
        let text = |slot: &str| act.text(slot).map(str::to_owned);
        let consent = Consent {
            facts: texts(act.items(slot::FACTS_CONCERNED)),
            to: text(slot::THIRD_RECIPIENT),
            purpose: text(slot::PURPOSE).unwrap_or_default(),
            case: text(slot::CASE).unwrap_or_default(),
            until,
        };
        self.consents.insert(applied.reference.to_owned(), consent);
    }

    fn revoke(&mut self, applied: &Applied<'_>) {
        let act = applied.act;
        let revoked = texts(act.items(slot::FACTS_CONCERNED));
        for consent in self.consents.values_mut() {
            let same = consent.to.as_deref() == act.text(slot::THIRD_RECIPIENT)
                && Some(consent.case.as_str()) == act.text(slot::CASE);
            consent
                .facts
                .retain(|fact| !same || !revoked.contains(fact));
        }
    }

    /// How many acts a quota has counted for this act's key within its window, as the act states or as this node counted.
    pub fn quota_used(
        &self,
        memorandum: &Memorandum,
        quota: &Quota,
        act: &crate::act::Act,
        at: Timestamp,
    ) -> i64 {
        let stated = act.filled(slot::QUOTA_USED);
        if let Some(stated) = stated {
            let used = stated.member(&quota.id).and_then(Value::as_number);
            return used.unwrap_or(0);
        }
        let Ok(Period::Elapsed(window)) = quota.window.parse() else {
            return 0;
        };
        let key = (
            quota.id.clone(),
            super::event::quota_key(memorandum, quota, act),
        );
        let counted = self.counted.get(&key).into_iter().flatten();
        let within = counted.filter(|one| later(**one, window) > at).count();
        i64::try_from(within).unwrap_or(i64::MAX)
    }

    /// The limit of a quota at an instant, raised or not (16.3).
    pub fn quota_limit(&self, quota: &Quota, at: Timestamp) -> i64 {
        match self.raised.get(&quota.id) {
            Some((limit, until)) if at < *until => *limit,
            _ => quota.limit,
        }
    }
}

/// The texts of a list, each once.
fn texts(items: &[Value]) -> BTreeSet<String> {
    let texts = items.iter().filter_map(Value::as_text);
    texts.map(str::to_owned).collect()
}
