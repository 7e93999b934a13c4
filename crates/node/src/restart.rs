//! After a start: what the partner mirrors of our log, before anything is signed; and what is missing comes back.
//!
//! A node on old data could sign a second history without knowing it. So after every start its log does not grow on a link
//! before the partner has stated its mirror: our log is then either what the partner has and more, or it is a beginning of it,
//! and what is missing is fetched, checked against our own signed head, and the same log goes on.

use entente_ledger::{Entry, SignedHead};

use crate::{
    fault::ReceiveFault,
    journal::{Kind, Line},
    link::Link,
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
        let link = self
            .link(party)
            .filter(|link| link.memorandum == memorandum);
        let link = link.ok_or(Problem::Stranger)?;
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
        let link = self
            .link(party)
            .filter(|link| link.memorandum == memorandum);
        let link = link.ok_or(Problem::Stranger)?;
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
        let Some(head) = self.head_shown(link, mirrored)? else {
            turn.confirmed = true;
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
            turn.forked = true;
            self.alarm(
                link,
                "the partner shows a head that we signed and that is not in our log",
            )?;
            return Err(Problem::Fork { index: head.size() }.into());
        }
        turn.told = head.size();
        turn.confirmed = true;
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
            turn.forked = true;
            self.alarm(link, "what we have is no beginning of what we signed")?;
            return Err(Problem::Fork {
                index: turn.own_size(),
            }
            .into());
        }
        // A crash before this commit: we ask again. After it: our log is what our partner holds.
        let stored = self.store.grow(link.id, &growth);
        link.stored(&mut turn, &self.store, Some(growth.head), stored)?;
        turn.grown(growing, &growth);
        turn.told = growth.head.size;
        turn.confirmed = true;
        let line = Line::new(Kind::Node, self.clock.now()).on(link.id);
        self.write_down(
            line.with("what", "recovered")
                .with("entries", entries.len()),
        )?;
        Ok(())
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
        let head = SignedHead::verify(note, link.our_keys())
            .map_err(|fault| Problem::malformed(fault.to_string()))?;
        if head.size() != mirrored.size {
            return Err(Problem::malformed("a head of another size than the mirror").into());
        }
        Ok(Some(head))
    }
}
