//! What is due now at home: clocks that ran out, officers who must be named, the journal's day, acts whose hour has come.
//!
//! The shell fetches and stores. What runs out and what follows is decided in `entente_cooperation`.

use std::collections::{BTreeMap, BTreeSet};

use entente_cooperation::{
    case::{Event, Expired, outlasts_erasure, word::effect},
    digest::{Digest, MessageId},
    judgement::Effect,
    memorandum::OnExpiry,
    receipt::JournalRecord,
};
use entente_ledger::{Entry, Frontier, Head, Opening, Origin};
use entente_store::{
    ClockEnd, ClockLine, EntryKind, InboxLine, JournalDay, JournalLine, StoreError, Unfolding,
};
use jiff::Timestamp;

use crate::{
    chance::Draw,
    clock::NotDriven,
    desk::{DeskFault, all_clocks, wanted_case, wanted_reference},
    fault::SendFault,
    journal::{Kind, Line},
    link::Link,
    node::Node,
    office::Taken,
    stuck::{Step, Stuck},
};

/// At most so many clocks or acts are looked at in one go.
const CLOCKS_MAX: u64 = 1000;

impl Node {
    /// Drives the clock of a demonstration, and does at once whatever fell due by then.
    pub fn drive(&self, to: Timestamp) -> Result<Result<(), SendFault>, NotDriven> {
        self.clock.drive(to)?;
        let mut done = Ok(());
        for link in self.links() {
            link.work.notify_one();
            done = done.and(self.due(&link));
        }
        Ok(done)
    }

    /// Does all that is due on a link at this instant, one caller after the other. Doing it twice changes nothing.
    ///
    /// One step that fails does not stop the next, nor one item the others; gives the first fault, which the journal has as well.
    pub fn due(&self, link: &Link) -> Result<(), SendFault> {
        let _alone = link.due();
        let done = [
            self.step(link, Step::Refold, |_| {
                let turn = link.turn(&self.store)?;
                Ok(self.refold(link, &turn)?)
            }),
            self.step(link, Step::Clocks, |stuck| self.run_out(link, stuck)),
            self.step(link, Step::Duty, |stuck| self.duty(link, stuck)),
            self.step(link, Step::Takings, |stuck| {
                self.receipt_takings(link, stuck)
            }),
            self.step(link, Step::Notices, |stuck| {
                self.enter_notices(link)?;
                Ok(self.destroy_old_seals(stuck)?)
            }),
            self.step(link, Step::Day, |_| self.close_day(link)),
            self.step(link, Step::Held, |stuck| self.release_held(link, stuck)),
            self.step(link, Step::Erasure, |_| {
                Ok(self.store.tidy_after_erasure()?)
            }),
        ];
        done.into_iter().collect()
    }

    /// Clocks that ran out: their cases are counted anew, so that what moved meanwhile is not overlooked, and what follows is
    /// done: silence recorded, steps climbed, content erased.
    fn run_out(&self, link: &Link, stuck: &mut Stuck) -> Result<(), SendFault> {
        let (now, mut counted) = (self.clock.now(), BTreeSet::new());
        loop {
            // What is due still after it was counted is passed over, and the page reaches past it.
            let (before, page) = (counted.len(), CLOCKS_MAX + counted.len() as u64);
            for clock in self.store.clocks_due(link.id, now, page)? {
                let concern = clock.case_ref.clone().unwrap_or(clock.of_reference.clone());
                if counted.insert(concern.clone())
                    && let Err(fault) = self.run_out_in(link, &clock, now)
                {
                    stuck.at(concern, fault);
                }
            }
            if counted.len() == before {
                return Ok(());
            }
        }
    }

    /// The same for the case of one clock.
    fn run_out_in(&self, link: &Link, clock: &ClockLine, now: Timestamp) -> Result<(), SendFault> {
        let _turn = link.turn(&self.store)?;
        let shelf = self.shelf(link);
        let wanted = match &clock.case_ref {
            Some(case_ref) => wanted_case(case_ref),
            None => wanted_reference(&clock.of_reference),
        };
        let (state, steps) = self.desk.steps_of(&shelf, &wanted, now)?;
        let mut known = Ended::default();
        let mut lines = Vec::new();
        for (event, effects) in &steps {
            if let Event::Expired(expired) = event
                && known.is_new(self, link, expired)?
            {
                lines.push(self.noted_expiry(link, expired, effects));
                self.follow(link, effects)?;
            }
        }
        let known = [clock.of_reference.clone()];
        let unfolding = Unfolding {
            clocks: all_clocks(&shelf.agreement.memorandum, &state, known),
            ..Unfolding::default()
        };
        // A crash before this commit: the same clocks are found due again, and erasing twice erases once.
        self.store.unfold(link.id, &unfolding, &lines)?;
        Ok(())
    }

    fn noted_expiry(&self, link: &Link, expired: &Expired, effects: &[Effect]) -> JournalLine {
        let what: Vec<&str> = effects.iter().map(|effect| effect.kind.as_str()).collect();
        let told: Vec<&str> = effects
            .iter()
            .flat_map(|effect| &effect.to)
            .map(String::as_str)
            .collect();
        Line::new(Kind::Expired, self.clock.now())
            .on(link.id)
            .about(&expired.of)
            .with("clock", &expired.clock)
            .with("due", expired.due)
            .with("effects", what.join(" "))
            .with("told", told.join(" "))
            .commit(&self.chance)
    }

    /// Erases what an effect says is erased: all that was received under the reference of an act of the partner, what was
    /// refused under it too. What stops or allows later acts stays.
    fn follow(&self, link: &Link, effects: &[Effect]) -> Result<(), DeskFault> {
        let shelf = self.shelf(link);
        let erased = effects.iter().filter(|effect| effect.kind == effect::ERASE);
        let agreement = self.agreement();
        let lasts = |line: &InboxLine| {
            let act = line
                .act
                .as_deref()
                .and_then(|act| agreement.memorandum.acts.get(act));
            act.is_some_and(|act| outlasts_erasure(act.behaviour))
        };
        for reference in erased.filter_map(|effect| effect.of.as_deref()) {
            for line in self.store.inbox_named(link.id, reference)? {
                if lasts(&line) {
                    continue;
                }
                let message = MessageId::from(line.message).to_string();
                let noted = Line::new(Kind::Erased, self.clock.now()).on(link.id);
                let noted = noted.about(&message).commit(&self.chance);
                let remains = self.desk.outliving(&shelf, &line)?;
                self.store
                    .erase(link.id, &line.message, remains.as_deref(), &noted)?;
                self.desk.forget(&line.message);
            }
        }
        Ok(())
    }

    /// Acts whose clock for naming an officer ran out fall to the duty officer of the contact point, and the next in the roster
    /// is the deputy (5.3). The period is the memorandum's.
    fn duty(&self, link: &Link, stuck: &mut Stuck) -> Result<(), SendFault> {
        let agreement = self.agreement();
        let memorandum = &agreement.memorandum;
        let Some(party) = memorandum.parties.get(&link.own) else {
            return Ok(());
        };
        let mut officers = self.roster.on_duty(&party.contact_point);
        let (owner, deputy) = (officers.next(), officers.next().map(|o| o.id.as_str()));
        let clocks = memorandum.clocks.iter();
        let assigning = clocks.filter(|clock| clock.on_expiry == OnExpiry::AssignDutyOfficer);
        for clock in assigning {
            // What is stuck stays untaken: the page reaches past it.
            loop {
                let page = CLOCKS_MAX + stuck.len();
                let lines = self.store.untaken_after(link.id, &clock.id, page)?;
                let full = lines.len() as u64 == page;
                let Some(owner) = owner else {
                    if !lines.is_empty() {
                        stuck.waits("", "nobody is on duty at our contact point, and acts wait");
                    }
                    break;
                };
                for line in lines {
                    let message = MessageId::from(line.message);
                    match self.take_over(link, &message, &owner.id, deputy, None) {
                        // Or somebody was faster.
                        Ok(Taken::Done | Taken::HeldBy(_)) => {}
                        Ok(_) => {
                            stuck.waits(message.to_string(), "the duty officer cannot take it");
                        }
                        Err(fault) => stuck.at(message.to_string(), fault),
                    }
                }
                if !full {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Takings made while our log could not grow get their second receipt.
    fn receipt_takings(&self, link: &Link, stuck: &mut Stuck) -> Result<(), SendFault> {
        for taking in self.store.takings_without_receipt(link.id)? {
            let mut turn = link.turn(&self.store)?;
            if link.may_grow(&turn).is_err() {
                return Ok(());
            }
            let growing = self.second_receipt(link, &turn, &taking);
            let Some(growth) = growing.growth(self.clock.now()) else {
                continue;
            };
            let stored = self.store.receipt_taking(link.id, &taking.message, &growth);
            match link.stored(&mut turn, &self.store, Some(growth.head), stored) {
                Ok(()) => turn.grown(growing, &growth),
                Err(fault) => stuck.at(MessageId::from(taking.message).to_string(), fault.into()),
            }
        }
        Ok(())
    }

    /// At 00:00 UTC the head of the journal enters our log, whether or not anything happened at home: the partner sees one
    /// entry a day and nothing else of the journal, and our own oversight can hold the journal against it.
    fn close_day(&self, link: &Link) -> Result<(), SendFault> {
        let now = self.clock.now();
        let (today, opened) = (day_of(now), day_of(link.opened_at));
        let last = self
            .store
            .last_journal_day(link.id)?
            .map_or(opened, |last| last.day);
        if today <= last {
            return Ok(());
        }
        let mut turn = link.turn(&self.store)?;
        if link.may_grow(&turn).is_err() {
            return Ok(());
        }
        let head = self.journal_head()?;
        let salt = self.chance.salt(Draw::Ledger);
        let record = JournalRecord {
            head: Digest::of_all(&[salt.as_bytes(), head.text().as_bytes()]),
        };
        let opening = Opening::new(self.chance.salt(Draw::Ledger), record.write());
        let mut growing = turn.growing();
        growing.push(EntryKind::Journal, &opening);
        let Some(growth) = growing.growth(now) else {
            return Ok(());
        };
        let day = JournalDay {
            day: today,
            position: turn.own_size(),
            journal_size: head.size(),
            journal_root: *head.root().as_bytes(),
            salt: *salt.as_bytes(),
        };
        let stored = self.store.close_day(link.id, &day, &growth);
        link.stored(&mut turn, &self.store, Some(growth.head), stored)?;
        turn.grown(growing, &growth);
        Ok(())
    }

    /// The checkpoint of the journal, over all its lines.
    pub fn journal_head(&self) -> Result<Head, StoreError> {
        let mut frontier: std::sync::MutexGuard<'_, Frontier> = self.journal();
        loop {
            let entries = self.store.journal_entries(frontier.size(), 4096)?;
            if entries.is_empty() {
                let own = &self.introduction.who().party;
                let origin = Origin::new(&self.introduction.who().memorandum, own, own);
                return Ok(Head::of(&origin, &frontier));
            }
            let entries: Vec<_> = entries.into_iter().map(Entry::new).collect();
            frontier.extend(&entries);
        }
    }
}

/// What our rows say of clocks that ran out, by the act that started them.
#[derive(Default)]
struct Ended(BTreeMap<String, BTreeSet<(String, String, Timestamp)>>);

impl Ended {
    /// Whether our rows do not say yet that this clock ran out.
    fn is_new(&mut self, node: &Node, link: &Link, expired: &Expired) -> Result<bool, StoreError> {
        if !self.0.contains_key(&expired.of) {
            let rows = node.store.clocks_of_act(link.id, &expired.of)?.into_iter();
            let ended = rows.filter_map(|row| match row.ended {
                Some((at, ClockEnd::Expired)) => Some((row.clock, row.debtor, at)),
                _ => None,
            });
            self.0.insert(expired.of.clone(), ended.collect());
        }
        let key = (expired.clock.clone(), expired.debtor.clone(), expired.due);
        Ok(self
            .0
            .get(&expired.of)
            .is_some_and(|ended| !ended.contains(&key)))
    }
}

/// Days since 1970, UTC.
fn day_of(at: Timestamp) -> i64 {
    at.as_second().div_euclid(86_400)
}
