//! An act on its way: when to try again, and where it stands. Never “sent” (7.3).

use std::num::NonZeroU32;

use jiff::SignedDuration;

use crate::{memorandum::Behaviour, receipt::Outcome};

/// The longest wait between two attempts.
const LONGEST: SignedDuration = SignedDuration::from_mins(15);

/// The wait before delivery attempt `attempt`, counted from 1: none before the first.
///
/// Doubles from 1 s up to 15 min. Never fails.
pub fn wait_before(attempt: NonZeroU32) -> SignedDuration {
    match attempt.get() {
        1 => SignedDuration::ZERO,
        n => SignedDuration::from_secs(1 << (n - 2).min(10)).min(LONGEST),
    }
}

/// Where an act of ours stands. Either its receipt is here, or it is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// Not tried yet.
    Queued,
    /// Tried; whether it arrived is not known until its receipt is here.
    Unknown,
    /// The receipt is here.
    Received,
    /// A named officer of the partner has it in hand.
    TakenOver,
    /// The partner has answered.
    Answered,
    /// The partner has answered some parts and refused others.
    AnsweredInPart,
    /// The partner's node or the partner has refused.
    Refused,
    /// The partner's node could not open or read it: the fault is to be found, and it is sent again, sealed anew.
    Unreadable,
    /// It never left: what happened since its release bars it.
    KeptBack,
    /// What the receipt states is contested: it is delivered all the same.
    Contested,
}

impl Standing {
    /// Where an act stands, given how often it was tried, its receipt, whether that is contested, and what the partner's acts
    /// that refer to it do, oldest first.
    pub fn of(
        attempts: u32,
        receipt: Option<Outcome>,
        contested: bool,
        replies: &[Behaviour],
    ) -> Self {
        match receipt {
            None if attempts == 0 => Standing::Queued,
            None => Standing::Unknown,
            Some(_) if contested => Standing::Contested,
            Some(Outcome::Refused) => Standing::Refused,
            Some(Outcome::Unreadable) => Standing::Unreadable,
            Some(Outcome::Filed | Outcome::Clarify) => Self::answered(replies),
        }
    }

    fn answered(replies: &[Behaviour]) -> Self {
        use Behaviour::{Acknowledges, Clarifies, Defers, Extends, Refuses};
        let decides =
            |reply: &&Behaviour| !matches!(reply, Acknowledges | Defers | Extends | Clarifies);
        let (refused, answered): (Vec<&Behaviour>, Vec<&Behaviour>) = replies
            .iter()
            .filter(decides)
            .partition(|reply| matches!(reply, Refuses));
        match (refused.is_empty(), answered.is_empty()) {
            (false, false) => Standing::AnsweredInPart,
            (false, true) => Standing::Refused,
            (true, false) => Standing::Answered,
            (true, true) if replies.is_empty() => Standing::Received,
            (true, true) => Standing::TakenOver,
        }
    }

    /// The word of the API.
    pub const fn word(self) -> &'static str {
        match self {
            Standing::Queued => "queued",
            Standing::Unknown => "unknown",
            Standing::Received => "received",
            Standing::TakenOver => "taken_over",
            Standing::Answered => "answered",
            Standing::AnsweredInPart => "answered_in_part",
            Standing::Refused => "refused",
            Standing::Unreadable => "unreadable",
            Standing::KeptBack => "kept_back",
            Standing::Contested => "contested",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_from_a_second_to_a_quarter_of_an_hour() {
        let waits: Vec<i64> = (1..=13)
            .filter_map(NonZeroU32::new)
            .map(|attempt| wait_before(attempt).as_secs())
            .collect();
        assert_eq!(waits, [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
        assert_eq!(wait_before(NonZeroU32::MAX).as_secs(), 900);
    }

    #[test]
    fn an_act_without_receipt_is_queued_or_unknown_and_never_sent() {
        assert_eq!(Standing::of(0, None, false, &[]), Standing::Queued);
        assert_eq!(Standing::of(3, None, false, &[]), Standing::Unknown);
    }

    #[test]
    fn a_clarification_asked_shows_that_somebody_has_it_in_hand() {
        let filed = Some(Outcome::Filed);
        let standing = |replies: &[Behaviour]| Standing::of(1, filed, false, replies);
        assert_eq!(standing(&[]), Standing::Received);
        assert_eq!(standing(&[Behaviour::Clarifies]), Standing::TakenOver);
        assert_eq!(
            standing(&[Behaviour::Answers, Behaviour::Extends]),
            Standing::Answered
        );
        assert_eq!(standing(&[Behaviour::Refuses]), Standing::Refused);
    }

    #[test]
    fn what_is_answered_but_for_a_part_that_is_refused_is_not_refused() {
        let standing =
            |replies: &[Behaviour]| Standing::of(1, Some(Outcome::Filed), false, replies);
        for replies in [
            [Behaviour::Answers, Behaviour::Refuses],
            [Behaviour::Refuses, Behaviour::Answers],
        ] {
            assert_eq!(standing(&replies), Standing::AnsweredInPart);
        }
    }

    #[test]
    fn a_contested_receipt_is_a_receipt() {
        let filed = Some(Outcome::Filed);
        assert_eq!(Standing::of(1, filed, true, &[]), Standing::Contested);
        assert_eq!(Standing::of(1, None, true, &[]), Standing::Unknown);
    }
}
