//! The next parcel and its fate: which acts go with it, what is noted as they leave, when they are tried again.

use std::{collections::BTreeSet, num::NonZeroU32};

use entente_cooperation::{delivery::wait_before, digest::MessageId};
use entente_ledger::Salt;
use entente_store::{Attempt, Bytes32, OutboxLine, StoreError};
use jiff::SignedDuration;

use crate::{
    chance::Draw,
    fault::ReceiveFault,
    journal::{Kind, Line},
    link::{Link, Turn},
    load::Load,
    node::Node,
    peer::{
        budget::{Lane, RESERVED_MAX_BYTES},
        client::CallFault,
        parcel::{ACTS_MAX, CarriedAct, CarriedReceipt, Parcel},
        problem::Problem,
    },
};

/// A parcel carries at most so many bytes of sealed acts; one act always fits.
const SEALED_MAX_BYTES: usize = 6 * 1024 * 1024;
/// A partner that asks for a longer rest than a quarter of an hour is called again after that, seconds.
pub(crate) const BUSY_MOST_S: u64 = 15 * 60;

/// A parcel of ours on its way, and what it carries.
#[derive(Clone, Debug)]
pub struct Dispatch {
    /// The parcel.
    pub parcel: Parcel,
    /// Its lane.
    pub lane: Lane,
    /// The messages of its acts.
    pub messages: Vec<Bytes32>,
    /// Those that leave for the first time.
    pub first: Vec<Bytes32>,
}

/// When acts are tried again.
#[derive(Clone, Copy, Debug)]
struct Later {
    /// Not before so many seconds: the partner asks for so long.
    least_s: u64,
    /// Whether those of the first lane wait as well; to a partner that is busy they go at once, on the lane kept for them.
    urgent_too: bool,
}

impl Default for Later {
    fn default() -> Self {
        Self {
            least_s: 0,
            urgent_too: true,
        }
    }
}

impl Node {
    /// Step 5: the next parcel for a partner, with what waits and is due.
    ///
    /// `receipts` are those of acts that came with the last answer. With `poll`, the partner shall send what waits for us.
    /// What waited and is barred since is kept back. Nothing else is changed: a parcel that is lost is made again.
    pub fn dispatch(
        &self,
        link: &Link,
        lane: Lane,
        receipts: Vec<CarriedReceipt>,
        poll: bool,
    ) -> Result<Dispatch, ReceiveFault> {
        let mut turn = link.turn(&self.store)?;
        let lines = self.waiting(link, &turn, lane)?;
        let lines = self.still_permitted(link, lines)?;
        let load = Load {
            acts: self.carried(link, &lines)?,
            receipts,
            cosigns: turn.cosigns(),
            poll,
            lane,
        };
        let parcel = self.parcel(link, &mut turn, load)?;
        let carried = carried_by(&parcel, &lines);
        let messages = carried.iter().map(|line| line.message).collect();
        Ok(Dispatch {
            first: first_of(&carried),
            parcel,
            lane,
            messages,
        })
    }

    /// Step 12 on the receiver's side: the answer to a parcel, with the receipts of its acts in their order.
    pub fn answer(
        &self,
        link: &Link,
        turn: &mut Turn,
        receipts: Vec<CarriedReceipt>,
        request: &Parcel,
    ) -> Result<Parcel, ReceiveFault> {
        let lines = if request.poll {
            let lines = self.waiting(link, turn, Lane::Ordinary)?;
            self.still_permitted(link, lines)?
        } else {
            Vec::new()
        };
        let load = Load {
            acts: self.carried(link, &lines)?,
            receipts,
            // An answer to acts carries no cosignature: it rides on the next contact that has no act.
            cosigns: request.acts.is_empty(),
            poll: false,
            lane: Lane::Ordinary,
        };
        let answer = self.parcel(link, turn, load)?;
        // The partner waits on a connection that stands.
        self.handed(link, &first_of(&carried_by(&answer, &lines)))?;
        Ok(answer)
    }

    /// Acts that leave for the first time are noted before their bytes do: no receipt of theirs can state an earlier instant.
    pub fn handed(&self, link: &Link, first: &[Bytes32]) -> Result<(), StoreError> {
        if first.is_empty() {
            return Ok(());
        }
        self.store.handed(link.id, first, self.clock.now())
    }

    /// What a parcel of ours brought: acts without a receipt are tried again, objections have been told.
    pub fn delivered(
        &self,
        link: &Link,
        dispatch: &Dispatch,
        answer: &Parcel,
    ) -> Result<(), StoreError> {
        if answer.receipts.len() < dispatch.messages.len() {
            let fault = "the partner's answer lacks the receipt";
            self.try_again(link, &dispatch.messages, fault, Later::default())?;
        }
        let told: Vec<Bytes32> = told(&dispatch.parcel);
        if !told.is_empty() {
            self.store.objections_told(link.id, &told)?;
        }
        Ok(())
    }

    /// A parcel of ours brought no answer that can be used: what it carried is tried again.
    pub fn not_delivered(
        &self,
        link: &Link,
        dispatch: &Dispatch,
        fault: &CallFault,
    ) -> Result<(), ReceiveFault> {
        let mut turn = link.turn(&self.store)?;
        turn.cosign_again();
        match fault {
            CallFault::Problem(Problem::Stale { have }) => {
                turn.told = (*have).min(turn.own_size());
                return Ok(());
            }
            CallFault::Problem(Problem::Behind { have, .. }) => {
                turn.confirmed = false;
                self.alarm(
                    link,
                    &format!("the partner mirrors {have} entries of ours: our data are old"),
                )?;
            }
            CallFault::Problem(Problem::Fork { index }) if turn.accused != Some(*index) => {
                turn.accused = Some(*index);
                self.alarm(
                    link,
                    &format!("the partner holds another history of ours, from entry {index} on"),
                )?;
            }
            _ => {}
        }
        drop(turn);
        let later = match (fault, dispatch.lane) {
            (CallFault::Problem(Problem::Busy { retry_after_s }), Lane::Ordinary) => Later {
                least_s: *retry_after_s,
                urgent_too: false,
            },
            _ => Later::default(),
        };
        self.try_again(link, &dispatch.messages, &fault.to_string(), later)?;
        Ok(())
    }

    /// Writes down what the partner's operator or ours must hear of.
    pub fn alarm(&self, link: &Link, what: &str) -> Result<(), StoreError> {
        tracing::error!(partner = %link.partner, "{what}");
        let line = Line::new(Kind::PeerFault, self.clock.now()).on(link.id);
        self.write_down(line.about(&link.partner).with("what", what))
    }

    /// Acts are tried again after the wait of their attempt.
    fn try_again(
        &self,
        link: &Link,
        messages: &[Bytes32],
        fault: &str,
        later: Later,
    ) -> Result<(), StoreError> {
        let now = self.clock.now();
        let least = SignedDuration::from_secs(later.least_s.min(BUSY_MOST_S).cast_signed());
        let mut attempts = Vec::with_capacity(messages.len());
        for message in messages {
            let line = self.store.outbox_of(link.id, message)?;
            if !later.urgent_too && line.as_ref().is_some_and(|line| line.lane == 0) {
                continue;
            }
            let tried = line.map_or(0, |line| line.attempts);
            // The next attempt is the one after the attempt that failed now.
            let next = NonZeroU32::MIN.saturating_add(tried + 1);
            attempts.push(Attempt {
                message: *message,
                next_at: now.checked_add(self.wait(next).max(least)).unwrap_or(now),
                fault: fault.to_owned(),
            });
        }
        self.store.attempted(link.id, &attempts)
    }

    /// An act that could not be judged again stays, and is looked at again after a while.
    pub(crate) fn stays(
        &self,
        link: &Link,
        line: &OutboxLine,
        fault: &str,
    ) -> Result<(), StoreError> {
        self.try_again(link, &[line.message], fault, Later::default())
    }

    /// The wait of `delivery`, and a little chance so that two nodes do not keep meeting.
    fn wait(&self, attempt: NonZeroU32) -> SignedDuration {
        let wait = wait_before(attempt);
        wait + wait / 10_000 * i32::from(self.chance.per_mille(Draw::Wait))
    }

    /// The acts that wait, first lane first, as far as our signed head covers them and the parcel holds them.
    fn waiting(&self, link: &Link, turn: &Turn, lane: Lane) -> Result<Vec<OutboxLine>, StoreError> {
        if !turn.confirmed {
            return Ok(Vec::new());
        }
        let mut lines = self
            .store
            .waiting(link.id, self.clock.now(), ACTS_MAX as u64)?;
        if lane == Lane::Reserved {
            lines.retain(|line| line.lane == 0);
        }
        let most = match lane {
            Lane::Ordinary => SEALED_MAX_BYTES,
            Lane::Reserved => RESERVED_MAX_BYTES / 2,
        };
        let mut bytes = 0;
        lines.retain(|line| {
            let fits = bytes == 0 || bytes + line.size_bytes as usize <= most;
            bytes += line.size_bytes as usize;
            fits
        });
        Ok(lines)
    }

    fn carried(&self, link: &Link, lines: &[OutboxLine]) -> Result<Vec<CarriedAct>, StoreError> {
        let carry = |line: &OutboxLine| {
            let entry = self.store.own_entry(link.id, line.position)?;
            let opening = entry.and_then(|entry| entry.opening);
            let (salt, record) = opening.ok_or(StoreError::Unreadable("entry"))?;
            let sealed = self.store.sealed(&line.message)?;
            Ok(CarriedAct {
                index: line.position,
                salt: Salt::new(salt),
                record,
                sealed: sealed.ok_or(StoreError::Unreadable("body"))?,
            })
        };
        lines.iter().map(carry).collect()
    }
}

fn told(parcel: &Parcel) -> Vec<Bytes32> {
    let messages = parcel.objections.iter();
    let ids = messages.filter_map(|objection| objection.message.parse::<MessageId>().ok());
    ids.map(|id| *id.as_bytes()).collect()
}

/// Those of the acts that wait which a parcel carries.
fn carried_by<'l>(parcel: &Parcel, lines: &'l [OutboxLine]) -> Vec<&'l OutboxLine> {
    let carried: BTreeSet<u64> = parcel.acts.iter().map(|act| act.index).collect();
    let lines = lines.iter();
    lines
        .filter(|line| carried.contains(&line.position))
        .collect()
}

/// The messages of acts that were never handed over.
fn first_of(lines: &[&OutboxLine]) -> Vec<Bytes32> {
    let first = lines.iter().filter(|line| line.handed_at.is_none());
    first.map(|line| line.message).collect()
}
