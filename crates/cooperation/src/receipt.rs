//! What a receipt is worth to who sent the act: whether it is for what was sent, and what is contested in it.

use entente_ledger::Entry;
use jiff::Timestamp;

use crate::digest::{ActId, Digest, MessageId};
pub use crate::record::{
    ActRecord, ClockTerm, JournalRecord, NoticeRecord, Outcome, ReceiptRecord, TakenRecord,
};

/// What we know of an act of ours when its receipt arrives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The link.
    pub link: String,
    /// The message.
    pub message: MessageId,
    /// The act.
    pub act_id: ActId,
    /// Its entry in our log.
    pub entry: Entry,
    /// The index of that entry.
    pub index: u64,
    /// The digest of the memorandum that we named.
    pub memorandum: Digest,
    /// When we last sent it, before the answer.
    pub sent_at: Timestamp,
    /// When the answer was here.
    pub answered_at: Timestamp,
}

/// A receipt that is for our act. It settles the act; what we contest in it is recorded, and never blocks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    record: ReceiptRecord,
    objections: Vec<Objection>,
}

/// What we contest or note in a receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Objection {
    /// The instant of receipt lies outside what we saw: before the sending or after the answer.
    TimeContested {
        /// What the partner states.
        received_at: Timestamp,
        /// When we sent.
        sent_at: Timestamp,
        /// When the answer was here.
        answered_at: Timestamp,
    },
    /// A clock is stated otherwise than we count it from the same instant of receipt.
    ClockContested {
        /// What the partner states; none if it states no such clock.
        stated: Option<ClockTerm>,
        /// What we count; none if we count no such clock.
        counted: Option<ClockTerm>,
    },
    /// The time zone data are of another version: noted, the expiry stated in universal time stays (11.4).
    TimeZoneData {
        /// Theirs.
        theirs: String,
        /// Ours.
        ours: String,
    },
}

/// A receipt that is not for our act: the partner's fault; the row is kept and shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotOurs {
    /// Another link.
    #[error("the receipt is of another link")]
    Link,
    /// Another message.
    #[error("the receipt is for another message")]
    Message,
    /// Another entry or index of our log.
    #[error("the receipt names another entry of our log")]
    Entry,
    /// Another act inside the body.
    #[error("the receipt names another act")]
    Act,
    /// The memorandum is not the one that we named.
    #[error("the receipt says that we named another memorandum")]
    Memorandum,
}

impl ReceiptRecord {
    /// What this receipt is worth: whether it is for what we sent, and what we contest in it.
    ///
    /// `counted` are the clocks that our own fold starts at the stated instant of receipt; their order does not matter. Fails only if
    /// the receipt is for something else. Source: articles 11.3 and 11.4.
    pub fn verify(
        self,
        sent: &Sent,
        counted: &[ClockTerm],
        time_zone_data: &str,
    ) -> Result<Verified, NotOurs> {
        self.is_for(sent)?;
        let mut objections = Vec::new();
        if self.received_at < sent.sent_at || self.received_at > sent.answered_at {
            let (sent_at, answered_at) = (sent.sent_at, sent.answered_at);
            objections.push(Objection::TimeContested {
                received_at: self.received_at,
                sent_at,
                answered_at,
            });
        }
        objections.extend(contested_clocks(&self.clocks, counted));
        if self.time_zone_data != time_zone_data {
            objections.push(Objection::TimeZoneData {
                theirs: self.time_zone_data.clone(),
                ours: time_zone_data.to_owned(),
            });
        }
        Ok(Verified {
            record: self,
            objections,
        })
    }

    fn is_for(&self, sent: &Sent) -> Result<(), NotOurs> {
        let checks = [
            (self.link == sent.link, NotOurs::Link),
            (self.message == sent.message, NotOurs::Message),
            (
                self.entry == sent.entry && self.index == sent.index,
                NotOurs::Entry,
            ),
            (self.act.is_none_or(|act| act == sent.act_id), NotOurs::Act),
            (
                self.memorandum_released == sent.memorandum,
                NotOurs::Memorandum,
            ),
        ];
        checks
            .into_iter()
            .find(|(holds, _)| !holds)
            .map_or(Ok(()), |(_, fault)| Err(fault))
    }
}

/// Clocks that only one side has, or that both have with other instants. The same clock of the same debtor is one pair.
fn contested_clocks(stated: &[ClockTerm], counted: &[ClockTerm]) -> Vec<Objection> {
    let same = |a: &ClockTerm, b: &ClockTerm| a.clock == b.clock && a.debtor == b.debtor;
    let mut left: Vec<&ClockTerm> = counted.iter().collect();
    let mut objections = Vec::new();
    for theirs in stated {
        let exact = left.iter().position(|ours| *ours == theirs);
        let found = exact
            .or_else(|| left.iter().position(|ours| same(ours, theirs)))
            .map(|at| left.remove(at));
        if found != Some(theirs) {
            objections.push(Objection::ClockContested {
                stated: Some(theirs.clone()),
                counted: found.cloned(),
            });
        }
    }
    objections.extend(left.into_iter().map(|ours| Objection::ClockContested {
        stated: None,
        counted: Some(ours.clone()),
    }));
    objections
}

impl Verified {
    /// The receipt.
    pub fn record(&self) -> &ReceiptRecord {
        &self.record
    }

    /// What we contest or note.
    pub fn objections(&self) -> &[Objection] {
        &self.objections
    }

    /// Whether a time is contested; a mere difference of time zone data is not.
    pub fn is_contested(&self) -> bool {
        self.objections
            .iter()
            .any(|objection| !matches!(objection, Objection::TimeZoneData { .. }))
    }
}

impl std::fmt::Display for Objection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let term = |term: &Option<ClockTerm>| match term {
            Some(clock) => format!("{} from {} to {}", clock.debtor, clock.start, clock.due),
            None => "none".to_owned(),
        };
        match self {
            Objection::TimeContested {
                received_at,
                sent_at,
                answered_at,
            } => {
                write!(
                    f,
                    "received at {received_at} is stated; we sent at {sent_at} and had the answer at {answered_at}"
                )
            }
            Objection::ClockContested { stated, counted } => {
                let name = stated
                    .as_ref()
                    .or(counted.as_ref())
                    .map_or("", |clock| clock.clock.as_str());
                write!(
                    f,
                    "clock `{name}`: {} is stated, we count {}",
                    term(stated),
                    term(counted)
                )
            }
            Objection::TimeZoneData { theirs, ours } => {
                write!(f, "time zone data {theirs} there, {ours} here")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn receipt() -> ReceiptRecord {
        ReceiptRecord {
            link: "a_b_2030".into(),
            message: MessageId::of(b"sealed"),
            entry: Entry::new([7; 32]),
            index: 3,
            act: Some(ActId::from_bytes([1; 16])),
            outcome: Outcome::Filed,
            ground: None,
            articles: vec!["10.1".into()],
            received_at: at("2030-03-18T10:00:00.25Z"),
            memorandum_released: Digest::of(b"m"),
            memorandum_judged: Digest::of(b"m"),
            time_zone_data: "2030a".into(),
            clocks: vec![term("reply", "2030-03-25T23:00:00Z")],
        }
    }

    fn term(clock: &str, due: &str) -> ClockTerm {
        ClockTerm {
            clock: clock.into(),
            debtor: "b".into(),
            start: at("2030-03-18T10:00:00.25Z"),
            due: at(due),
        }
    }

    fn sent() -> Sent {
        let receipt = receipt();
        Sent {
            link: receipt.link,
            message: receipt.message,
            act_id: receipt.act.unwrap(),
            entry: receipt.entry,
            index: 3,
            memorandum: receipt.memorandum_released,
            sent_at: at("2030-03-18T10:00:00Z"),
            answered_at: at("2030-03-18T10:00:01Z"),
        }
    }

    #[test]
    fn a_receipt_that_agrees_is_verified_without_objection() {
        let verified = receipt()
            .verify(&sent(), &[term("reply", "2030-03-25T23:00:00Z")], "2030a")
            .unwrap();
        assert_eq!(verified.objections(), []);
    }

    #[test]
    fn a_receipt_for_another_act_is_not_ours() {
        let other = Sent {
            act_id: ActId::from_bytes([2; 16]),
            ..sent()
        };
        assert_eq!(receipt().verify(&other, &[], "2030a"), Err(NotOurs::Act));
        let other = Sent { index: 4, ..sent() };
        assert_eq!(receipt().verify(&other, &[], "2030a"), Err(NotOurs::Entry));
    }

    #[test]
    fn a_back_dated_receipt_is_delivered_and_contested() {
        let early = ReceiptRecord {
            received_at: at("2030-03-18T09:59:59Z"),
            ..receipt()
        };
        let verified = early.verify(&sent(), &receipt().clocks, "2030a").unwrap();
        assert!(verified.is_contested());
        assert!(matches!(
            verified.objections(),
            [Objection::TimeContested { .. }]
        ));
    }

    #[test]
    fn a_clock_counted_otherwise_is_contested_by_name() {
        let counted = [
            term("reply", "2030-03-26T00:00:00Z"),
            term("admission", "2030-06-18T00:00:00Z"),
        ];
        let verified = receipt().verify(&sent(), &counted, "2030b").unwrap();
        let words: Vec<String> = verified
            .objections()
            .iter()
            .map(Objection::to_string)
            .collect();
        assert_eq!(words.len(), 3, "{words:?}");
        assert!(words[0].starts_with("clock `reply`"));
        assert!(words[1].starts_with("clock `admission`: none is stated"));
        assert_eq!(words[2], "time zone data 2030a there, 2030b here");
    }

    #[test]
    fn other_time_zone_data_alone_contest_nothing() {
        let verified = receipt()
            .verify(&sent(), &receipt().clocks, "2030b")
            .unwrap();
        assert!(!verified.is_contested());
    }
}
