//! Acts that waited for the partner with their entry: judged again before they leave for the first time.
//!
//! An act that was never handed over is at home for certain: [`OutboxLine::handed_at`] is written before its bytes leave. What
//! bars it meanwhile keeps it back: its opening never travels, and our journal tells its officer why.

use entente_cooperation::digest::MessageId;
use entente_store::{KeptBack, OutboxLine, Unfolding};
use jiff::{SignedDuration, Timestamp};

use crate::{
    desk::{Barred, DeskFault},
    journal::{Kind, Line},
    link::Link,
    node::Node,
    stuck::Step,
};

/// An act that leaves sooner than this after its release was judged just now.
const JUDGED_JUST_NOW: SignedDuration = SignedDuration::from_secs(60);

impl Node {
    /// Of acts that wait, those that may leave now. What is barred since is kept back; an act about which our rules can say
    /// nothing stays.
    pub(crate) fn still_permitted(
        &self,
        link: &Link,
        lines: Vec<OutboxLine>,
    ) -> Result<Vec<OutboxLine>, DeskFault> {
        let now = self.clock.now();
        let mut leaving = Vec::with_capacity(lines.len());
        for line in lines {
            if !has_waited(&line, now) {
                leaving.push(line);
                continue;
            }
            let mut shelf = self.shelf(link);
            shelf.agreement = self.agreements.judging(line.released_at, now);
            let message = MessageId::from(line.message);
            match self.desk.barred_since(&shelf, &line, now) {
                Ok(barred) => {
                    let item = message.to_string();
                    self.stuck.take_off(&link.partner, Step::Departures, &item);
                    match barred {
                        None => leaving.push(line),
                        Some(barred) => self.keep_back(link, &line, barred, now)?,
                    }
                }
                Err(DeskFault::Store(fault)) => return Err(fault.into()),
                Err(fault) => {
                    // One that cannot be judged holds up no other.
                    self.cannot_judge(link, Step::Departures, &message, &fault);
                    self.stays(link, &line, &fault.to_string())?;
                }
            }
        }
        Ok(leaving)
    }

    fn keep_back(
        &self,
        link: &Link,
        line: &OutboxLine,
        barred: Barred,
        now: Timestamp,
    ) -> Result<(), DeskFault> {
        let Barred { judgement, clocks } = barred;
        let reason = judgement.reason.as_ref().map_or("", |reason| reason.id());
        let article = judgement.paragraphs.first().map(ToString::to_string);
        let article = article.unwrap_or_default();
        let message = MessageId::from(line.message).to_string();
        let noted = Line::new(Kind::DeskRefusal, now)
            .by(&line.released_by)
            .on(link.id)
            .about(line.reference.as_deref().unwrap_or(&message));
        let noted = noted.with("act", &line.act).with("reason", reason);
        let kept = KeptBack {
            message: line.message,
            at: now,
            why: format!("kept back before it left: {reason} ({article})"),
            unfolding: Unfolding {
                clocks,
                refold_since: line.stands.then_some(line.released_at),
                ..Unfolding::default()
            },
            journal: noted.with("article", article).commit(&self.chance),
        };
        // A crash before this commit: it is judged again. After it: it never leaves, and its officer may send it anew.
        Ok(self.store.keep_back(link.id, &kept)?)
    }
}

/// Whether it never left, though it could have been barred since it was judged.
fn has_waited(line: &OutboxLine, now: Timestamp) -> bool {
    let waited = now.duration_since(line.released_at) > JUDGED_JUST_NOW;
    line.handed_at.is_none() && (line.attempts > 0 || waited)
}
