//! What the node cannot do just now: one line of the journal when it begins, a finding of the doctor until it ends.
//!
//! One item that is stuck never stops the others, nor one step the next.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use entente_cooperation::digest::MessageId;

use crate::{
    desk::DeskFault,
    fault::{SendFault, with_cause},
    journal::{Kind, Line},
    link::Link,
    node::Node,
};

/// A step of the work that is due, or of taking in what arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// Acts that arrived are judged.
    Arrivals,
    /// Acts that waited are judged again before they leave.
    Departures,
    /// Clocks are counted anew after an act that moves them all.
    Refold,
    /// Clocks run out.
    Clocks,
    /// Officers on duty become responsible.
    Duty,
    /// Takings get their second receipt.
    Takings,
    /// Notices of our keys enter our log.
    Notices,
    /// The journal's day is closed.
    Day,
    /// Held acts leave.
    Held,
    /// What was erased leaves the disk.
    Erasure,
}

impl Step {
    /// What it does, in words for the operator.
    pub const fn words(self) -> &'static str {
        match self {
            Step::Arrivals => "judging an act that arrived",
            Step::Departures => "judging again an act that waited",
            Step::Refold => "counting the clocks anew",
            Step::Clocks => "following clocks that ran out",
            Step::Duty => "naming the duty officer",
            Step::Takings => "receipting what officers took over",
            Step::Notices => "announcing our keys",
            Step::Day => "closing the day of the journal",
            Step::Held => "releasing held acts",
            Step::Erasure => "removing from the disk what was erased",
        }
    }
}

/// The items at which a step is stuck: a case, a reference, a message; empty for the step itself.
#[derive(Debug, Default)]
pub struct Stuck {
    items: BTreeMap<String, String>,
    first: Option<SendFault>,
}

impl Stuck {
    /// An item is stuck at a fault.
    pub fn at(&mut self, item: impl Into<String>, fault: SendFault) {
        self.items.insert(item.into(), with_cause(&fault));
        self.first.get_or_insert(fault);
    }

    /// An item waits for people; nothing failed.
    pub fn waits(&mut self, item: impl Into<String>, why: &str) {
        self.items.insert(item.into(), why.to_owned());
    }

    /// How many there are.
    pub fn len(&self) -> u64 {
        self.items.len() as u64
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }
}

/// What is stuck on the links of a node.
#[derive(Debug, Default)]
pub struct AllStuck(Mutex<BTreeMap<(String, Step), BTreeMap<String, String>>>);

impl AllStuck {
    /// What a step leaves behind in place of what it left last time; gives the items that are new.
    fn replace(
        &self,
        partner: &str,
        step: Step,
        now: BTreeMap<String, String>,
    ) -> Vec<(String, String)> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = all.remove(&(partner.to_owned(), step)).unwrap_or_default();
        let new = now
            .iter()
            .filter(|(item, why)| before.get(*item) != Some(why));
        let new = new.map(|(item, why)| (item.clone(), why.clone())).collect();
        if !now.is_empty() {
            all.insert((partner.to_owned(), step), now);
        }
        new
    }

    /// One item is stuck at a step; whether that is new.
    pub fn add(&self, partner: &str, step: Step, item: &str, why: &str) -> bool {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let items = all.entry((partner.to_owned(), step)).or_default();
        let before = items.insert(item.to_owned(), why.to_owned());
        before.as_deref() != Some(why)
    }

    /// One item is stuck no more.
    pub fn take_off(&self, partner: &str, step: Step, item: &str) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (partner.to_owned(), step);
        let Some(items) = all.get_mut(&key) else {
            return;
        };
        items.remove(item);
        if items.is_empty() {
            all.remove(&key);
        }
    }

    /// What is stuck on a link: the step, at how many items, and why the first. It names no case.
    pub fn on(&self, partner: &str) -> Vec<(Step, usize, String)> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let own = all.iter().filter(|((other, _), _)| other == partner);
        own.map(|((_, step), items)| {
            let why = items.values().next().cloned().unwrap_or_default();
            (*step, items.len(), why)
        })
        .collect()
    }
}

impl Node {
    /// Does one step of the work, and remembers where it is stuck. Gives the first fault, for the log.
    pub(crate) fn step(
        &self,
        link: &Link,
        step: Step,
        run: impl FnOnce(&mut Stuck) -> Result<(), SendFault>,
    ) -> Result<(), SendFault> {
        let mut stuck = Stuck::default();
        if let Err(fault) = run(&mut stuck) {
            stuck.at("", fault);
        }
        for (item, why) in self.stuck.replace(&link.partner, step, stuck.items) {
            self.note_stuck(link, step, &item, why);
        }
        stuck.first.map_or(Ok(()), Err)
    }

    /// An act that arrived, or that waits to leave, cannot be judged. It is tried again and again; our operator is told once.
    pub(crate) fn cannot_judge(
        &self,
        link: &Link,
        step: Step,
        message: &MessageId,
        fault: &DeskFault,
    ) {
        let (item, why) = (message.to_string(), fault.to_string());
        if self.stuck.add(&link.partner, step, &item, &why) {
            self.note_stuck(link, step, &item, why);
        }
    }

    fn note_stuck(&self, link: &Link, step: Step, item: &str, why: String) {
        tracing::error!(partner = %link.partner, step = step.words(), %item, %why, "the work is stuck");
        let line = Line::new(Kind::Node, self.clock.now())
            .on(link.id)
            .about(item);
        let line = line
            .with("what", "stuck")
            .with("step", step.words())
            .with("why", why);
        if let Err(fault) = self.write_down(line) {
            tracing::error!(%fault, "the journal cannot be written");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stuck_is_told_once_and_forgotten_when_it_works() {
        let stuck = AllStuck::default();
        let now = || BTreeMap::from([("a".to_owned(), "no key".to_owned())]);
        assert_eq!(stuck.replace("x", Step::Held, now()).len(), 1);
        assert_eq!(stuck.replace("x", Step::Held, now()).len(), 0);
        assert_eq!(stuck.on("x"), [(Step::Held, 1, "no key".to_owned())]);
        assert_eq!(stuck.replace("x", Step::Held, BTreeMap::new()).len(), 0);
        assert!(stuck.on("x").is_empty() && stuck.on("y").is_empty());
    }

    #[test]
    fn an_item_that_is_tried_again_is_new_once() {
        let stuck = AllStuck::default();
        assert!(stuck.add("x", Step::Arrivals, "a", "a rule"));
        assert!(!stuck.add("x", Step::Arrivals, "a", "a rule"));
        assert!(stuck.add("x", Step::Arrivals, "a", "another rule"));
        assert!(stuck.add("x", Step::Arrivals, "b", "a rule"));
        stuck.take_off("x", Step::Arrivals, "a");
        assert_eq!(stuck.on("x"), [(Step::Arrivals, 1, "a rule".to_owned())]);
        stuck.take_off("x", Step::Arrivals, "b");
        assert!(stuck.on("x").is_empty());
    }
}
