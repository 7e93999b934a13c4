//! What a parcel makes of our mirror of its sender's log, before anything is stored.

use std::ops::Range;

use entente_cooperation::receipt::NoticeRecord;
use entente_ledger::{Cosignature, Entry, Extension, Hash, Head, KeyRing, LogKeys, Opening, Salt};
use entente_store::{self as store, Fork, LinkId, MirrorHead, MirroredNotice, Store, StoreError};
use jiff::Timestamp;

use super::{Intake, Link, Turn};
use crate::{
    peer::{parcel::Parcel, problem::Problem},
    rings::{self},
};

/// What came of a parcel's entries, head and cosignature.
pub enum Taken {
    /// The mirror grows.
    Intake(Box<Intake>),
    /// The sender is told.
    Problem(Problem),
    /// A notice or a signature by a key that does not serve: the sender is told, and so are our people.
    Keys(String),
    /// Two histories were signed: the evidence.
    Fork(Fork),
    /// The sender mirrors more of our log than we have: our own data are old.
    OurDataAreOld,
    /// The sender mirrors less of our log than the so many entries that it has cosigned.
    Forgotten(u64),
}

impl Taken {
    fn doubled() -> Self {
        Taken::malformed("an entry stands twice in the log")
    }

    fn malformed(detail: &str) -> Self {
        Taken::Problem(Problem::malformed(detail))
    }
}

/// What a parcel says of its sender's keys: they may sign what it brings.
struct Learnt {
    ring: KeyRing,
    notices: Vec<MirroredNotice>,
}

impl Intake {
    /// The entry of the mirror at a position, as it will stand.
    pub fn entry(
        &self,
        store: &Store,
        link: LinkId,
        position: u64,
    ) -> Result<Option<Entry>, StoreError> {
        if let Some(new) = position.checked_sub(self.growth.base) {
            let entry = usize::try_from(new)
                .ok()
                .and_then(|at| self.growth.entries.get(at));
            return Ok(entry.copied().map(Entry::new));
        }
        let row = store.mirror_entry(link, position)?;
        Ok(row.map(|row| Entry::new(row.entry)))
    }
}

impl Link {
    /// What a parcel makes of our mirror of its sender's log.
    ///
    /// Nothing is stored here, except by the caller what [`Taken::Fork`] hands out as evidence.
    pub fn take(
        &self,
        store: &Store,
        turn: &Turn,
        parcel: &Parcel,
        now: Timestamp,
    ) -> Result<Taken, StoreError> {
        if parcel.mirrored > turn.own.size() {
            return Ok(Taken::OurDataAreOld);
        }
        if let Some(cosigned) = self.forgotten(store, turn, parcel.mirrored)? {
            return Ok(Taken::Forgotten(cosigned));
        }
        let learnt = match self.learnt(parcel, now) {
            Ok(learnt) => learnt,
            Err(taken) => return Ok(taken),
        };
        let mut intake = match self.extend(store, turn, (parcel, &learnt), now)? {
            Ok(intake) => intake,
            Err(taken) => return Ok(taken),
        };
        for notice in &learnt.notices {
            let opening = Opening::new(Salt::new(notice.opening.0), notice.opening.1.clone());
            let entry = intake.entry(store, self.id, notice.position)?;
            if !entry.is_some_and(|entry| opening.opens(&entry)) {
                return Ok(Taken::malformed(
                    "a notice that does not stand in its giver's log",
                ));
            }
        }
        if let Some(line) = &parcel.cosignature {
            let by = (&learnt.ring, line.as_str());
            let Some(cosignature) = self.cosigned(store, parcel.cosigned, by, now)? else {
                return Ok(Taken::Problem(Problem::malformed(
                    "the cosignature does not fit our head of that size",
                )));
            };
            // The partner states what it mirrors, and proves that it is our own history.
            intake.confirmed |= parcel.cosigned == parcel.mirrored;
            intake.growth.cosignature = Some(cosignature);
        }
        intake.confirmed |= parcel.mirrored == 0;
        if !learnt.notices.is_empty() {
            intake.growth.notices = learnt.notices;
            intake.ring = Some(learnt.ring);
        }
        Ok(Taken::Intake(Box::new(intake)))
    }

    fn extend(
        &self,
        store: &Store,
        turn: &Turn,
        (parcel, learnt): (&Parcel, &Learnt),
        now: Timestamp,
    ) -> Result<Result<Intake, Taken>, StoreError> {
        let mut intake = turn.nothing_new();
        intake.told = parcel.mirrored;
        let Some(head) = &parcel.head else {
            let bare = parcel.entries.is_empty();
            return Ok(bare
                .then_some(intake)
                .ok_or_else(|| Taken::malformed("entries without a head")));
        };
        let held = |range: Range<u64>| entries_of(store, self.id, range);
        let keys = match self.head_keys(&learnt.ring, head, now) {
            Ok(keys) => keys,
            Err(taken) => return Ok(Err(taken)),
        };
        let extension = turn
            .mirror
            .extend(parcel.base, &parcel.entries, head, &keys, held)?;
        Ok(match extension {
            Extension::Extended(extended) => {
                let newest = extended.mirror.head().filter(|_| !extended.new.is_empty());
                intake.growth.head = newest.map(|head| MirrorHead {
                    size: head.size(),
                    note: head.note().to_owned(),
                    received_at: now,
                });
                intake.growth.entries = extended.new.iter().map(|e| *e.as_bytes()).collect();
                if newest.is_some() {
                    intake.mirror_at = Some(now);
                }
                intake.mirror = extended.mirror;
                let doubled = store.mirror_holds(self.id, &intake.growth.entries)?;
                (!doubled).then_some(intake).ok_or_else(Taken::doubled)
            }
            Extension::Doubled { .. } => Err(Taken::doubled()),
            Extension::Stale { have } => Err(Taken::Problem(Problem::Stale { have })),
            // A history that was rewritten shows its difference once we see all of it.
            Extension::WrongRoot if parcel.base > 0 => {
                Err(Taken::Problem(Problem::Stale { have: 0 }))
            }
            Extension::WrongRoot => {
                Err(Taken::malformed("the entries do not give the head's root"))
            }
            Extension::WrongSize => Err(Taken::malformed("the entries do not end at the head")),
            Extension::BadSignature(fault) => Err(Taken::malformed(&fault.to_string())),
            Extension::Fork { index, head } => Err(Taken::Fork(Fork {
                found_at: now,
                position: index,
                held_note: turn
                    .mirror
                    .head()
                    .map_or(String::new(), |h| h.note().to_owned()),
                shown_note: head.note().to_owned(),
                shown_base: parcel.base,
                shown_entries: parcel.entries.iter().map(|e| *e.as_bytes()).collect(),
            })),
        })
    }

    /// How many entries of ours the partner has cosigned, if it states fewer now and we have only started.
    pub fn forgotten(
        &self,
        store: &Store,
        turn: &Turn,
        told: u64,
    ) -> Result<Option<u64>, StoreError> {
        if turn.confirmed {
            return Ok(None);
        }
        let cosigned = store.cosignature(self.id)?.map(|line| line.size);
        Ok(cosigned.filter(|size| *size > told))
    }

    /// The partner's cosignature of our head of that size, if it is right.
    fn cosigned(
        &self,
        store: &Store,
        size: u64,
        (ring, line): (&KeyRing, &str),
        now: Timestamp,
    ) -> Result<Option<store::Cosignature>, StoreError> {
        let Some(row) = store
            .head_within(self.id, size)?
            .filter(|head| head.size == size)
        else {
            return Ok(None);
        };
        let head = Head::new(self.our_keys.origin(), size, Hash::new(row.root));
        let right = line.parse().ok().is_some_and(|parsed| {
            let key = ring.cosigner(&parsed).filter(|(_, span)| span.serves(now));
            key.is_some_and(|(key, _)| Cosignature::verify(&parsed, &head, key).is_ok())
        });
        Ok(right.then(|| store::Cosignature {
            size,
            line: line.to_owned(),
            received_at: now,
        }))
    }

    /// The partner's keys after the notices of a parcel.
    fn learnt(&self, parcel: &Parcel, now: Timestamp) -> Result<Learnt, Taken> {
        let mut ring = self.theirs.held();
        let mut notices = Vec::with_capacity(parcel.notices.len());
        for carried in &parcel.notices {
            let record = NoticeRecord::read(&carried.record)
                .map_err(|fault| Taken::malformed(&fault.to_string()))?;
            rings::learn(&mut ring, &record.note)
                .map_err(|fault| Taken::Keys(fault.to_string()))?;
            let number = ring
                .notices()
                .find(|(_, note)| *note == record.note)
                .map(|(notice, _)| notice.number());
            // Signed otherwise than the one held under its number, which says the same.
            let number = number.ok_or_else(|| Taken::malformed("a notice that is signed twice"))?;
            notices.push(MirroredNotice {
                number,
                note: record.note,
                position: carried.index,
                opening: (*carried.salt.as_bytes(), carried.record.clone()),
                learnt_at: now,
            });
        }
        Ok(Learnt { ring, notices })
    }

    /// The keys by which a head of the partner is verified: those whose lines it bears, if they serve now. What a key signs
    /// after its end is refused whatever instant it claims, since whoever stole it can claim any.
    fn head_keys(&self, ring: &KeyRing, head: &str, now: Timestamp) -> Result<LogKeys, Taken> {
        match ring.signer(head, self.our_keys.origin().own()) {
            Some((_, span)) if !span.serves(now) => Err(Taken::Keys(format!(
                "a head signed by a log key that does not serve: it serves from {} until {}",
                span.from, span.until
            ))),
            Some((keys, _)) => Ok(keys),
            None => Ok(self.their_keys.clone()),
        }
    }
}

fn entries_of(store: &Store, link: LinkId, range: Range<u64>) -> Result<Vec<Entry>, StoreError> {
    let rows = store.mirror_entries(link, range.start, range.end - range.start)?;
    Ok(rows.into_iter().map(Entry::new).collect())
}
