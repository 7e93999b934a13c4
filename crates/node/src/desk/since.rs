//! An act of ours that has its entry and has not left the house: whether what happened since bars it.

use entente_cooperation::{
    act::{Moment, Side},
    case::{self, Event},
    judgement::{Answer, Judgement},
    memorandum::{Behaviour, Memorandum},
};
use entente_store::{Concern, OutboxLine};
use jiff::Timestamp;

use super::{Clocks, Desk, DeskFault, Shelf, all_clocks, ground::wanted};

/// What bars an act since its release, and the clocks as they stand without it.
pub struct Barred {
    /// The refusal.
    pub judgement: Judgement,
    /// The clocks.
    pub clocks: Clocks,
}

impl Desk {
    /// What bars an act of ours at `now` that did not when it was released; none if it may leave.
    ///
    /// What only our node knew of the act is in no body. So it is judged twice by what its body says, as of its release and as of
    /// now, and a refusal counts only if it is another than that of then. Fails if our rules can say nothing of it.
    pub fn barred_since(
        &self,
        shelf: &Shelf<'_>,
        line: &OutboxLine,
        now: Timestamp,
    ) -> Result<Option<Barred>, DeskFault> {
        let act = self.act_of_outbox(shelf, line)?;
        let memorandum = &shelf.agreement.memorandum;
        let touched = case::touches(memorandum, &act);
        let mut concern = shelf.store.concern(shelf.link.id, &wanted(&touched))?;
        retain_what_can_bar(&mut concern, memorandum, line);
        let events = self.events(shelf, &concern)?;
        let before = |event: &&Event| event.at() <= line.released_at;
        let earlier: Vec<Event> = events.iter().filter(before).cloned().collect();
        let judged = |events: &[Event], at: Timestamp, moment: Timestamp| {
            let state = self.begin(shelf).before(memorandum, events, at);
            let moment = Moment {
                at: moment,
                released_at: None,
                side: Side::Sender,
            };
            shelf.judge(&state, &act, &moment)
        };
        // Within the time that the memorandum states, the version of its release judges it (6.3).
        let grace = now.duration_since(line.released_at) <= memorandum.version_grace();
        let moment = if grace { line.released_at } else { now };
        let then = judged(&earlier, line.released_at, line.released_at);
        let judgement = judged(&events, now, moment);
        match judgement.answer() {
            Answer::Refused(_) if judgement.reason != then.reason => {}
            Answer::Broken(_) => return Err(DeskFault::Undecided(judgement.broken)),
            _ => return Ok(None),
        }
        let state = self.fold(shelf, &events, now);
        let clocks = all_clocks(memorandum, &state, line.reference.clone());
        Ok(Some(Barred { judgement, clocks }))
    }
}

/// The act itself goes, and of ours what came after it, save what can bar it: a later answer of ours may rest on it.
fn retain_what_can_bar(concern: &mut Concern, memorandum: &Memorandum, line: &OutboxLine) {
    let bars = |other: &OutboxLine| {
        let behaviour = memorandum.acts.get(&other.act).map(|act| act.behaviour);
        other.stands || behaviour == Some(Behaviour::Recalls)
    };
    let own = |other: &OutboxLine| other.message == line.message;
    concern
        .sent
        .retain(|other| !own(other) && (other.position < line.position || bars(other)));
}
