//! After a start: what the partner mirrors of our log, before anything is signed; and what is missing comes back.
//!
//! A node on old data could sign a second history without knowing it. So after every start its log does not grow on a link
//! before the partner has stated its mirror: our log is then either what the partner has and more, or it is a beginning of it,
//! and what is missing is fetched, checked against our own signed head, and the same log goes on.

use entente_ledger::{Entry, Hash, Head, SignedHead};
use entente_store::{Fork, StoreError};

use crate::{
    fault::ReceiveFault,
    journal::{Kind, Line},
    link::{Link, Turn},
    node::Node,
    peer::{
        client::{Mirrored, Returned},
        parcel::{ENTRIES_MAX, VERSION},
        problem::Problem,
    },
};

impl Node {
    /// What we mirror of the log of a partner, whose transport key named `party`.
    pub fn mirrored_for(&self, party: &str, memorandum: &str) -> Result<Mirrored, ReceiveFault> {
        let link = self.link_of(party, memorandum)?;
        let turn = link.turn(&self.store)?;
        Ok(Mirrored {
            v: VERSION,
            link: link.memorandum.clone(),
            size: turn.mirrored(),
            head: turn.their_head().map(|head| head.note().to_owned()),
        })
    }

    /// Entries of the log of a partner, from our mirror.
    pub fn entries_for(
        &self,
        party: &str,
        memorandum: &str,
        from: u64,
    ) -> Result<Returned, ReceiveFault> {
        let link = self.link_of(party, memorandum)?;
        let entries = self
            .store
            .mirror_entries(link.id, from, ENTRIES_MAX as u64)?;
        let entries: Vec<Entry> = entries.into_iter().map(Entry::new).collect();
        Ok(Returned {
            v: VERSION,
            from,
            entries: Entry::many_to_base64(&entries),
        })
    }

    /// Hears what the partner mirrors of our log. From here on our log may grow, unless more is to come back first: then
    /// this gives the position from which on it is to be fetched.
    ///
    /// Fails if the partner shows a head of ours that is not in our log: then two histories were signed.
    pub fn confirm(&self, link: &Link, mirrored: &Mirrored) -> Result<Option<u64>, ReceiveFault> {
        let mut turn = link.turn(&self.store)?;
        if turn.forked {
            return Err(Problem::Fork {
                index: turn.own_size(),
            }
            .into());
        }
        if let Some(cosigned) = link.forgotten(&self.store, &turn, mirrored.size)? {
            return Err(self.doubts(link, &mut turn, mirrored.size, cosigned)?);
        }
        let Some(head) = self.head_shown(link, mirrored)? else {
            turn.confirm();
            return Ok(None);
        };
        if head.size() > turn.own_size() {
            let text = format!(
                "our data end at entry {}, the partner holds {} of ours",
                turn.own_size(),
                head.size()
            );
            self.alarm(link, &text)?;
            return Ok(Some(turn.own_size()));
        }
        let own = self.store.head_within(link.id, head.size())?;
        let same = own.is_some_and(|own| {
            own.size == head.size() && own.root == *head.head().root().as_bytes()
        });
        if !same {
            let fork = self.own_fork(link, &turn, &head, &[]);
            let what = "the partner shows a head that we signed and that is not in our log";
            return Err(self.forked(link, &mut turn, &fork, what)?);
        }
        turn.told = head.size();
        turn.confirm();
        Ok(None)
    }

    /// What is missing of our own log, from its end on, comes back, and the same log goes on. The content of these entries is lost here; the
    /// partner holds the acts, and both hold that they were given.
    pub fn recover(
        &self,
        link: &Link,
        mirrored: &Mirrored,
        entries: &[Entry],
    ) -> Result<(), ReceiveFault> {
        let mut turn = link.turn(&self.store)?;
        let head = self.head_shown(link, mirrored)?;
        let head = head.ok_or_else(|| Problem::malformed("entries without a head"))?;
        let mut growing = turn.growing();
        entries
            .iter()
            .for_each(|entry| growing.push_returned(entry));
        let Some(growth) = growing.growth(head.signed_at()) else {
            return Ok(());
        };
        let fits =
            growth.head.size == head.size() && growth.head.root == *head.head().root().as_bytes();
        if !fits {
            let fork = self.own_fork(link, &turn, &head, entries);
            let what = "what we have is no beginning of what we signed";
            return Err(self.forked(link, &mut turn, &fork, what)?);
        }
        // A crash before this commit: we ask again. After it: our log is what our partner holds.
        let stored = self.store.grow(link.id, &growth);
        link.stored(&mut turn, &self.store, Some(growth.head), stored)?;
        turn.grown(growing, &growth);
        turn.told = growth.head.size;
        turn.confirm();
        let line = Line::new(Kind::Node, self.clock.now()).on(link.id);
        self.write_down(
            line.with("what", "recovered")
                .with("entries", entries.len()),
        )?;
        Ok(())
    }

    /// The evidence that our log is not what we signed.
    fn own_fork(&self, link: &Link, turn: &Turn, shown: &SignedHead, entries: &[Entry]) -> Fork {
        let held = turn.head().map(|head| {
            Head::new(link.our_keys().origin(), head.size, Hash::new(head.root)).text()
        });
        Fork {
            found_at: self.clock.now(),
            position: shown.size().min(turn.own_size()),
            held_note: held.unwrap_or_default(),
            shown_note: shown.note().to_owned(),
            shown_base: turn.own_size(),
            shown_entries: entries.iter().map(|entry| *entry.as_bytes()).collect(),
        }
    }

    /// Two histories were signed: the evidence is kept, the link stands still, people are told. Gives what the partner is told.
    pub(crate) fn forked(
        &self,
        link: &Link,
        turn: &mut Turn,
        fork: &Fork,
        what: &str,
    ) -> Result<ReceiveFault, StoreError> {
        turn.forked = true;
        self.store.keep_fork(link.id, fork)?;
        self.alarm(link, what)?;
        let index = fork.position;
        Ok(Problem::Fork { index }.into())
    }

    /// The partner states less of our log than it has cosigned: what it says cannot tell us whether our own data are old, so
    /// nothing is signed until people have spoken. Told once.
    pub(crate) fn doubts(
        &self,
        link: &Link,
        turn: &mut Turn,
        told: u64,
        cosigned: u64,
    ) -> Result<ReceiveFault, StoreError> {
        let doubt = format!(
            "the partner says that it mirrors {told} entries of ours, and has cosigned {cosigned}"
        );
        if turn.doubt.as_ref() != Some(&doubt) {
            self.alarm(link, &doubt)?;
            turn.doubt = Some(doubt);
        }
        Ok(Problem::Starting.into())
    }

    /// People have spoken with the partner: the evidence of two histories stays and stops the link no longer, and what was in
    /// doubt about our own log is trusted. False if nothing stood in the way.
    ///
    /// The officer and the reason stand in the journal, in the same transaction.
    pub fn reopen(&self, link: &Link, officer: &str, reason: &str) -> Result<bool, StoreError> {
        let mut turn = link.turn(&self.store)?;
        if !turn.forked && turn.doubt.is_none() {
            return Ok(false);
        }
        let now = self.clock.now();
        let line = Line::new(Kind::Node, now).by(officer).on(link.id);
        let line = line.about(&link.partner).with("what", "reopened");
        let line = line.with("reason", reason).commit(&self.chance);
        self.store.settle_forks(link.id, officer, now, &line)?;
        turn.forked = false;
        if turn.doubt.is_some() {
            turn.confirm();
        }
        drop(turn);
        link.work.notify_one();
        Ok(true)
    }

    /// The head of ours that the partner shows, if both its signatures are ours.
    fn head_shown(
        &self,
        link: &Link,
        mirrored: &Mirrored,
    ) -> Result<Option<SignedHead>, ReceiveFault> {
        if mirrored.size == 0 {
            return Ok(None);
        }
        let note = mirrored.head.as_deref().unwrap_or_default();
        // Any key of ours that there has been: what we signed before we changed it is ours still.
        let keys = link.ours.read(|ring| {
            let signer = ring.signer(note, link.own_origin().partner());
            signer.map(|(keys, _)| keys)
        });
        let head = SignedHead::verify(note, keys.as_ref().unwrap_or(link.our_keys()))
            .map_err(|fault| Problem::malformed(fault.to_string()))?;
        if head.size() != mirrored.size {
            return Err(Problem::malformed("a head of another size than the mirror").into());
        }
        Ok(Some(head))
    }
}
