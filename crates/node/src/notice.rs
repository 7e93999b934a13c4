//! Who is told of an act that was refused on receipt: the oversight authorities, as the fold says, alike on both sides.

use entente_cooperation::{
    case::{
        Event, Outcome, Received, State,
        word::{effect, slot},
    },
    digest::MessageId,
};
use entente_store::Notice;

use crate::{
    batch::Batch,
    desk::Shelf,
    journal::{Kind, Line},
    node::Node,
};

impl Node {
    /// Notes who is told of a refusal: in rows that people see, and in the journal. The rows join the transaction of `batch`.
    pub(crate) fn inform(&self, shelf: &Shelf<'_>, received: &Received, batch: &mut Batch) {
        let notices = notices(shelf, received);
        let Some(first) = notices.first() else {
            return;
        };
        let organs: Vec<&str> = notices.iter().map(|notice| notice.organ.as_str()).collect();
        let subject = first.reference.as_deref().unwrap_or(&received.message);
        let line = Line::new(Kind::Told, self.clock.now()).on(shelf.link.id);
        let line = line.about(subject).with("message", &received.message);
        let line = line.with("told", organs.join(" ")).commit(&self.chance);
        batch.journal.push(line);
        batch.notices.extend(notices);
    }
}

/// Who is told of an act that was refused on receipt, by the same rule on both sides; nobody of any other.
fn notices(shelf: &Shelf<'_>, received: &Received) -> Vec<Notice> {
    let message = received.message.parse::<MessageId>();
    let (Outcome::Refused(_), Ok(message)) = (&received.outcome, message) else {
        return Vec::new();
    };
    let memorandum = &shelf.agreement.memorandum;
    let event = Event::Act(received.clone());
    let effects = State::new(memorandum).apply(memorandum, &event).into_iter();
    let told = effects.filter(|effect| effect.kind == effect::NOTIFY);
    told.flat_map(|effect| effect.to)
        .map(|organ| Notice {
            message: *message.as_bytes(),
            organ,
            reference: received.act.text(slot::REFERENCE).map(str::to_owned),
            at: event.at(),
        })
        .collect()
}
