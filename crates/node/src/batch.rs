//! Acts of one transaction: their entries, what they make of the state, what the journal says. Nothing of it is stored yet.

use entente_cooperation::{
    act::Act,
    body::Body,
    case::{Event, Received},
    receipt::ReceiptRecord,
};
use entente_store::{Bytes32, JournalLine, Notice, Unfolding};

use crate::{
    desk::{Clocks, Footing, Shelf, add_clocks, moved},
    link::{Growing, Turn},
    peer::parcel::CarriedReceipt,
    rows::First,
};

/// What one transaction will write beside its rows.
pub struct Batch {
    /// The entries of our log.
    pub growing: Growing,
    /// The acts judged so far: later ones of the same transaction are judged against them.
    pub pending: Vec<Event>,
    /// The acts filed so far: the same act twice is filed once, also within one parcel.
    pub filed: Vec<First>,
    /// Receipts of acts that were settled before by another.
    pub others: Vec<(u64, (Bytes32, String))>,
    /// Uses of quotas, and clocks.
    pub unfolding: Unfolding,
    /// Who is told of what was refused.
    pub notices: Vec<Notice>,
    /// Lines of the journal.
    pub journal: Vec<JournalLine>,
}

impl Batch {
    /// Nothing yet, behind our log as it stands.
    pub fn behind(turn: &Turn) -> Self {
        Self {
            growing: turn.growing(),
            pending: Vec::new(),
            filed: Vec::new(),
            others: Vec::new(),
            unfolding: Unfolding::default(),
            notices: Vec::new(),
            journal: Vec::new(),
        }
    }

    /// An act follows what it was judged against: the clocks that it moves and its uses of quotas are noted.
    ///
    /// `act` is the act as it was judged, with what only our node knows of it: quotas may count by that.
    pub fn follow(&mut self, shelf: &Shelf<'_>, footing: &Footing, received: Received, act: &Act) {
        let uses = shelf.uses(act, &received.message, received.released_at);
        self.unfolding.uses.extend(uses);
        self.note_standing(shelf, act, &received);
        let event = Event::Act(received);
        let after = footing.after(shelf, &event);
        add_clocks(
            &mut self.unfolding,
            moved(&shelf.agreement.memorandum, &footing.state, &after),
        );
        self.pending.push(event);
    }

    /// An act is filed: another of the same id in this transaction is compared with it.
    pub fn file(&mut self, receipt: &ReceiptRecord, body: &Body) {
        self.filed.push(First {
            receipt: receipt.clone(),
            body: Some(body.clone()),
        });
    }

    /// It counts from its receipt, which the clock of the partner can state before the release.
    fn note_standing(&mut self, shelf: &Shelf<'_>, act: &Act, received: &Received) {
        if shelf.stands(act) {
            let released_at = received.released_at;
            let first = received
                .received_at
                .map_or(released_at, |at| at.min(released_at));
            let since = &mut self.unfolding.refold_since;
            *since = Some(since.map_or(first, |other| other.min(first)));
        }
    }

    /// A receipt came for an act that another receipt settled: it changes nothing, is kept, and people are told.
    pub fn keep_other(&mut self, told: JournalLine, carried: &CarriedReceipt) {
        let opening = (*carried.salt.as_bytes(), carried.record.clone());
        self.others.push((carried.index, opening));
        self.journal.push(told);
    }

    /// A receipt takes its act's place in the state: the clocks as they now stand.
    pub fn settle(&mut self, shelf: &Shelf<'_>, received: Option<Received>, clocks: Clocks) {
        add_clocks(&mut self.unfolding, clocks);
        if let Some(received) = received {
            self.note_standing(shelf, &received.act, &received);
            self.pending.push(Event::Act(received));
        }
    }
}
