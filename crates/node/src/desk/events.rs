//! Rows as events: what remains of erased acts, what happened at home, which instant comes after which.

use entente_cooperation::{
    act::Side,
    case::{self, Event},
    digest::MessageId,
    value::{Slots, Value},
};
use entente_store::{self as store, OutboxLine};
use jiff::{SignedDuration, Timestamp};

/// How far the clocks of two nodes may differ before an instant is contested.
pub const SKEW: SignedDuration = SignedDuration::from_mins(1);

/// `now`, or a nanosecond after the latest of these instants if that is less than the skew ahead.
pub(super) fn just_after(instants: impl Iterator<Item = Timestamp>, now: Timestamp) -> Timestamp {
    let near = instants.filter(|at| *at >= now && at.duration_since(now) < SKEW);
    let next = near
        .max()
        .and_then(|at| at.checked_add(SignedDuration::from_nanos(1)).ok());
    next.unwrap_or(now)
}

/// Whether an event is known to both sides, or moves nothing that both count: an act of ours without receipt is not.
pub(super) fn is_common(event: &Event) -> bool {
    !matches!(event, Event::Act(received) if received.received_at.is_none())
}

/// Where the act of the partner stands that we received last; none if there is none.
pub(super) fn latest_of_partner(events: &[Event]) -> Option<usize> {
    let received = |(place, event): (usize, &Event)| match event {
        Event::Act(received) if received.side == Side::Recipient => {
            Some((received.received_at?, place))
        }
        _ => None,
    };
    let latest = events.iter().enumerate().filter_map(received).max();
    latest.map(|(_, place)| place)
}

/// Receipts of the same parcel take their place among these events. Those of acts that are not among them belong to another
/// case, and would be folded without it.
pub(super) fn settle_in(events: &mut [Event], pending: &[Event]) {
    for event in events {
        if let Some(settled) = pending.iter().find(|settled| same_message(settled, event)) {
            *event = settled.clone();
        }
    }
}

pub(super) fn same_message(one: &Event, other: &Event) -> bool {
    matches!((one, other), (Event::Act(one), Event::Act(other)) if one.message == other.message)
}

/// What remains of an erased act: its place, not its content.
pub(super) fn remains(
    reference: &Option<String>,
    case_ref: &Option<String>,
    in_reply_to: &Option<String>,
) -> Slots {
    use case::word::slot;
    let kept = [
        (slot::REFERENCE, reference),
        (slot::CASE, case_ref),
        (slot::IN_REPLY_TO, in_reply_to),
    ];
    let filled = kept
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), Value::Text(value.clone()?))));
    filled.collect()
}

/// What happened at home, as an event; none if it is a happening that this program does not know.
pub fn home(line: &store::HomeLine) -> Option<case::Home> {
    let mut slots = remains(&line.reference, &line.case_ref, &None);
    for (name, value) in line
        .particulars
        .lines()
        .filter_map(|pair| pair.split_once('='))
    {
        slots.insert(name.to_owned(), Value::Text(value.to_owned()));
    }
    Some(case::Home {
        id: line.id.clone(),
        happening: case::Happening::named(&line.happening)?,
        at: line.at,
        from: line.from_organ.clone(),
        to: line.to_organ.clone(),
        slots,
    })
}

/// An officer of the partner took an act of ours over: the clock for naming one ends here too, and not by itself (5.3).
///
/// It counts after the receipt of the act, whatever the clock of the partner showed in the same instant.
pub fn taken_over(line: &OutboxLine, at: Timestamp) -> case::Home {
    let after = line.received_at.and_then(|received| {
        let nanosecond = SignedDuration::from_nanos(1);
        received.checked_add(nanosecond).ok()
    });
    let at = after.map_or(at, |after| at.max(after));
    case::Home {
        id: format!("taken {}", MessageId::from(line.message)),
        happening: case::Happening::Assigned,
        at,
        from: line.to_organ.clone(),
        to: None,
        slots: remains(&line.reference, &line.case_ref, &None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_put_off_only_behind_one_less_than_a_minute_ahead() {
        let now: Timestamp = "2030-03-18T10:00:00Z".parse().unwrap();
        let nano = SignedDuration::from_nanos(1);
        let after = |at: Timestamp| just_after([at].into_iter(), now);
        assert_eq!(after(now - nano), now);
        assert_eq!(after(now), now + nano);
        // The latest instant that the other side, whose clock agrees with ours, does not contest.
        assert_eq!(after(now + SKEW - nano), now + SKEW);
        assert_eq!(after(now + SKEW), now);
    }
}
