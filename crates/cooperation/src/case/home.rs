//! What happens at home: officers named, cases closed, conditions that cease, matches, breaches (Articles 5, 16, 25, 28, 33).

use std::collections::BTreeSet;

use super::{
    ClockEnd, Happening, Home, KnownAct, State,
    notice::{notify, overseers},
    start::Occasion,
    word::{effect, mark, slot},
};
use crate::{
    clock::withdrawal_leaves,
    judgement::Effect,
    memorandum::{Behaviour, Clock, ClockStart, Memorandum, OnExpiry, ToldOf},
};

impl State {
    /// Applies what happened at home.
    pub(super) fn apply_home(&mut self, memorandum: &Memorandum, home: &Home) -> Vec<Effect> {
        let mut effects = match home.happening {
            Happening::Assigned => self.end_at_home(memorandum, home, |row| {
                row.on_expiry == OnExpiry::AssignDutyOfficer
            }),
            Happening::SecondAgreed => {
                self.end_at_home(memorandum, home, |row| row.on_expiry == OnExpiry::Recall)
            }
            Happening::PersonAnswered => {
                self.end_at_home(memorandum, home, |row| row.from == ClockStart::PersonAsked)
            }
            Happening::Reviewed => self.end_at_home(memorandum, home, |row| {
                matches!(row.from, ClockStart::CaseClosed | ClockStart::Reviewed)
            }),
            Happening::HandedOver => vec![said(effect::HAND_OVER, home)],
            Happening::PreconditionChanged | Happening::WithdrawalDecided => {
                self.withdraw(memorandum, home)
            }
            Happening::MatchFound | Happening::Locked | Happening::MarkLifted => {
                self.change_marks(memorandum, home)
            }
            Happening::MatchConfirmed => {
                self.lift(home.case(), &home.parts(), mark::POSSIBLE_MATCH);
                Vec::new()
            }
            Happening::BreachFound => {
                let own = home.from.as_deref();
                let told = overseers(memorandum, ToldOf::Breach, own, None);
                notify(told).into_iter().collect()
            }
            _ => Vec::new(),
        };
        if let Some(from) = starts(home.happening) {
            effects.extend(self.start_at_home(memorandum, from, home));
        }
        effects
    }

    fn start_at_home(
        &mut self,
        memorandum: &Memorandum,
        from: ClockStart,
        home: &Home,
    ) -> Vec<Effect> {
        let own = self
            .own
            .as_deref()
            .and_then(|own| memorandum.parties.get(own));
        let place = own.map(|party| party.contact_point.clone());
        let meant = match home.happening {
            Happening::MatchConfirmed => self.checked(memorandum, home.case()),
            _ => None,
        };
        let (sender, recipient) =
            meant.map_or((None, None), |act| (Some(&act.from), act.to.as_ref()));
        let organ = home.from.as_ref().or(sender).cloned().or(place);
        let organ = organ.unwrap_or_default();
        let to = home.to.as_ref().or(recipient).cloned();
        let period = home.text(slot::REFERENCE_PERIOD);
        let parts = match period {
            Some(period) => BTreeSet::from([period.to_owned()]),
            None => home.parts(),
        };
        let reference = home.text(slot::REFERENCE).unwrap_or_default().to_owned();
        let occasion = Occasion {
            kind: "",
            of: &reference,
            from: &organ,
            to: to.as_deref(),
            case: home.case(),
            slots: &home.slots,
            parts,
            level: 0,
            debtor: None,
            received: true,
        };
        self.start(memorandum, from, home.at, &occasion)
    }

    /// The act whose organs a match is between: the last check of its case or, if the case holds none, its last act.
    fn checked(&self, memorandum: &Memorandum, case: Option<&str>) -> Option<&KnownAct> {
        let acts = self
            .known
            .iter()
            .filter(|(_, act)| act.case.as_deref() == case);
        let last = acts.max_by_key(|(reference, act)| {
            let line = memorandum.acts.get(&act.kind);
            let checks = line.is_some_and(|line| line.behaviour == Behaviour::Checks);
            (checks, self.sent.get(*reference), *reference)
        });
        last.map(|(_, act)| act)
    }

    /// Ends the clocks of the act or of the case that this event fulfils.
    fn end_at_home(
        &mut self,
        memorandum: &Memorandum,
        home: &Home,
        which: impl Fn(&Clock) -> bool,
    ) -> Vec<Effect> {
        let mut effects = Vec::new();
        for index in 0..self.clocks.len() {
            let Some(row) = self.open_row(memorandum, index) else {
                continue;
            };
            let clock = &mut self.clocks[index];
            let meant = match home.text(slot::REFERENCE) {
                Some(reference) => clock.of == reference,
                None => clock.case.as_deref() == home.case(),
            };
            if meant && which(row) {
                clock.ended = Some((home.at, ClockEnd::Met));
                effects.push(clock.effect(effect::STOP));
            }
        }
        effects
    }

    /// A request of ours is withdrawn: it leaves with all that are decided on this day, and the oversight authority of our own
    /// Party alone learns why (28.3, 28.6).
    fn withdraw(&mut self, memorandum: &Memorandum, home: &Home) -> Vec<Effect> {
        let case = home.case();
        let asked = self
            .requests
            .iter()
            .find(|(_, request)| Some(request.case.as_str()) == case);
        let organ = asked.map(|(_, request)| request.from.clone());
        let leaves_at = memorandum
            .withdrawal_at_utc
            .map(|time| withdrawal_leaves(home.at, time));
        let mut effects = vec![Effect {
            leaves_at,
            of: asked.map(|(reference, _)| reference.clone()),
            ..said(effect::WITHDRAW, home)
        }];
        let organs = organ.as_deref().or(home.from.as_deref());
        let area = home.text(slot::AREA);
        effects.extend(notify(overseers(
            memorandum,
            ToldOf::Withdrawal,
            organs,
            area,
        )));
        effects
    }

    fn change_marks(&mut self, memorandum: &Memorandum, home: &Home) -> Vec<Effect> {
        let (case, parts) = (home.case(), home.parts());
        let put = match home.happening {
            Happening::MatchFound => mark::POSSIBLE_MATCH,
            Happening::Locked => mark::LOCKED,
            _ => {
                self.lift(case, &parts, mark::NOT_USABLE);
                return Vec::new();
            }
        };
        self.mark(case, &parts, put);
        let mut effects = vec![Effect {
            mark: Some(put.to_owned()),
            part: parts.into_iter().collect(),
            ..said(effect::MARK, home)
        }];
        // The holding Party is told of a match at once (16.4).
        if home.happening == Happening::MatchFound {
            effects.extend(notify(super::notice::contact_points(
                memorandum,
                home.to.as_deref(),
            )));
        }
        effects
    }
}

impl Home {
    /// Its case.
    pub fn case(&self) -> Option<&str> {
        self.text(slot::CASE)
    }

    fn text(&self, slot: &str) -> Option<&str> {
        let value = self.slots.get(slot).filter(|value| value.is_filled())?;
        value.as_text()
    }

    /// The facts it is about.
    fn parts(&self) -> BTreeSet<String> {
        let Some(concerned) = self.slots.get(slot::FACTS_CONCERNED) else {
            return BTreeSet::new();
        };
        // A row keeps them as one text: `f1 f2`.
        let in_one = concerned.as_text().unwrap_or_default().split_whitespace();
        in_one.chain(concerned.texts()).map(str::to_owned).collect()
    }
}

/// An effect of what happened at home.
fn said(kind: &str, home: &Home) -> Effect {
    Effect {
        kind: kind.to_owned(),
        of: home.text(slot::REFERENCE).map(str::to_owned),
        ..Effect::default()
    }
}

/// The clocks that run from an event at home.
fn starts(happening: Happening) -> Option<ClockStart> {
    Some(match happening {
        Happening::CaseClosed => ClockStart::CaseClosed,
        Happening::Reviewed => ClockStart::Reviewed,
        Happening::Certified => ClockStart::Certified,
        Happening::PeriodEnded => ClockStart::PeriodEnd,
        Happening::Logged => ClockStart::Logged,
        Happening::PersonAsked => ClockStart::PersonAsked,
        Happening::BreachFound => ClockStart::BreachFound,
        Happening::MeetingHeld => ClockStart::MeetingHeld,
        Happening::MatchConfirmed => ClockStart::MatchConfirmed,
        Happening::CopyWithheld => ClockStart::CopyWithheld,
        _ => return None,
    })
}
