//! The keys of both Parties of a link over time, and how a running node learns of new ones.
//!
//! A notice of ours counts at once; it enters our log as soon as that may grow, and travels with its entry. A notice of the
//! partner counts with the entry that carries it, or before, if people carried it by hand.

use std::sync::{Arc, PoisonError, RwLock};

use entente_cooperation::receipt::NoticeRecord;
use entente_ledger::{
    Introduction, KeyNotice, KeyRing, Opening,
    notice::{KeyUse, NoticeFault, Use},
};
use entente_seal::{Identity, Recipient};
use entente_store::{EntryKind, Keyholder, StoreError};
use jiff::{SignedDuration, Timestamp};

use crate::{
    chance::Draw,
    fault::SendFault,
    journal::{Kind, Line},
    keychain::Signer,
    keys::{BadKeys, Transport, short},
    link::Link,
    node::Node,
    stuck::Stuck,
};

/// A seal key that has ended is kept so long for what was sealed before and is still on its way; then it is destroyed.
pub const SEAL_KEPT: SignedDuration = SignedDuration::from_hours(24 * 30);

/// The keys of one Party, shared by all who read them.
#[derive(Clone, Debug)]
pub struct Ring(Arc<RwLock<KeyRing>>);

/// Why a notice is not taken. Whoever carries it hears of it; nothing is changed.
#[derive(Debug, thiserror::Error)]
pub enum NotTaken {
    /// It is not believed.
    #[error(transparent)]
    Notice(#[from] NoticeFault),
    /// It names a recipient for whom nothing can be sealed.
    #[error("the notice names a seal key that is none")]
    Recipient,
    /// The private key of a key of ours is not at hand.
    #[error("the private key of {0} does not lie in `keys`")]
    Private(String),
    /// After it no key of ours would serve for this.
    #[error("no {0} key of ours would serve after it")]
    Keyless(&'static str),
    /// The keys.
    #[error(transparent)]
    Keys(#[from] BadKeys),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Ring {
    /// The keys of an introduction, before any notice.
    pub fn of(introduction: &Introduction) -> Self {
        Self(Arc::new(RwLock::new(KeyRing::of(introduction))))
    }

    /// What `read` says of the keys.
    pub fn read<T>(&self, read: impl FnOnce(&KeyRing) -> T) -> T {
        read(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The keys as they stand.
    pub fn held(&self) -> KeyRing {
        self.read(KeyRing::clone)
    }

    /// From here on these are the keys.
    pub fn replace(&self, ring: KeyRing) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = ring;
    }
}

/// The ring after a notice; whether it was new.
///
/// Fails if the notice is not believed, or names a seal key for which nothing can be sealed.
pub fn learn(ring: &mut KeyRing, note: &str) -> Result<bool, NotTaken> {
    let new = ring.learn(note)?;
    let last = ring
        .notices()
        .last()
        .map(|(notice, _)| notice.key().clone());
    if let (true, Some(KeyUse::Seal(recipient))) = (new, last)
        && recipient.parse::<Recipient>().is_err()
    {
        return Err(NotTaken::Recipient);
    }
    Ok(new)
}

/// The same for several notices, in their order; those that were new.
fn learn_all(ring: &mut KeyRing, notes: &[String]) -> Result<Vec<KeyNotice>, NotTaken> {
    let mut new = Vec::new();
    for note in notes {
        if learn(ring, note)? {
            new.extend(ring.notices().last().map(|(notice, _)| notice.clone()));
        }
    }
    Ok(new)
}

impl Node {
    /// The keys that sign our log for a partner now; none if none of ours serves.
    pub(crate) fn signer(&self, link: &Link) -> Option<Signer> {
        self.signer_at(link, self.clock.now())
    }

    /// The keys that sign our log for a partner as of an instant; none if none of ours served then.
    pub(crate) fn signer_at(&self, link: &Link, at: Timestamp) -> Option<Signer> {
        let partner = link.own_origin().partner();
        link.ours
            .read(|ring| self.keychain.signer(ring, partner, at))
    }

    /// The key for which we seal what only we shall read.
    pub(crate) fn own_seal(&self) -> Arc<Identity> {
        let now = self.clock.now();
        self.ring.read(|ring| self.keychain.own_seal(ring, now))
    }

    /// The Party whose transport key this is, if it serves now.
    pub fn party_of(&self, pin: &[u8; 32]) -> Option<String> {
        let now = self.clock.now();
        let knows = |link: &Arc<Link>| link.theirs.read(|ring| ring.knows_transport(pin, now));
        let link = self.links().into_iter().find(knows)?;
        Some(link.partner.clone())
    }

    /// Our transport key: the newest that serves once every partner holds its notice, the oldest until then. So a partner that
    /// was away while it changed still finds the key that it knows.
    pub fn transport(&self) -> Arc<Transport> {
        let now = self.clock.now();
        let serving = self.ring.read(|ring| self.keychain.transports(ring, now));
        let known = serving.iter().find(|(number, _)| self.is_known(*number));
        let key = known.or(serving.last()).map(|(_, key)| Arc::clone(key));
        key.unwrap_or_else(|| self.keychain.any_transport())
    }

    /// Whether every partner holds the notice of ours with that number: it cosigned the head over its entry.
    fn is_known(&self, number: u64) -> bool {
        number == 0
            || self.links().iter().all(|link| {
                let notices = self.store.key_notices(link.id, Keyholder::Own);
                let place = notices.ok().and_then(|all| {
                    let found = all.into_iter().find(|notice| notice.number == number);
                    found?.position
                });
                let cosigned = self.store.cosignature(link.id).ok().flatten();
                place
                    .zip(cosigned)
                    .is_some_and(|(place, line)| place < line.size)
            })
    }

    /// Takes notices of our own keys, signed by our identity: they count from now on. Gives how many were new.
    ///
    /// Fails with the first that is not believed, or if a private key is missing; then nothing is changed.
    pub fn announce(&self, notes: &[String], officer: &str) -> Result<usize, NotTaken> {
        self.keychain.read_anew()?;
        let now = self.clock.now();
        let mut ring = self.ring.held();
        let new = learn_all(&mut ring, notes)?;
        for what in [Use::Log, Use::Seal, Use::Transport] {
            let serving = ring.serving(what, now);
            let first = serving.first().ok_or(NotTaken::Keyless(what.word()))?;
            if !self.keychain.holds(&first.key) {
                return Err(NotTaken::Private(short(&first.key)));
            }
        }
        if new.is_empty() {
            return Ok(0);
        }
        for link in self.links() {
            self.keep(&link, Keyholder::Own, &ring, &new, officer)?;
        }
        self.ring.replace(ring);
        for link in self.links() {
            link.work.notify_one();
        }
        Ok(new.len())
    }

    /// Takes notices of a partner's keys that people carried. Gives how many were new: one that is held already changes nothing.
    ///
    /// Fails with the first that is not believed; then nothing is changed.
    pub fn accept_notices(
        &self,
        link: &Link,
        notes: &[String],
        officer: &str,
    ) -> Result<usize, NotTaken> {
        let _turn = link.turn(&self.store)?;
        let mut ring = link.theirs.held();
        let new = learn_all(&mut ring, notes)?;
        if new.is_empty() {
            return Ok(0);
        }
        self.keep(link, Keyholder::Partner, &ring, &new, officer)?;
        link.theirs.replace(ring);
        link.work.notify_one();
        Ok(new.len())
    }

    /// Keeps new notices for a link, with what the journal says of them.
    fn keep(
        &self,
        link: &Link,
        whose: Keyholder,
        ring: &KeyRing,
        new: &[KeyNotice],
        officer: &str,
    ) -> Result<(), StoreError> {
        let rows: Vec<(u64, String)> = ring
            .notices()
            .map(|(notice, note)| (notice.number(), note.to_owned()))
            .collect();
        let said: Vec<String> = new.iter().map(in_words).collect();
        let line = Line::new(Kind::Node, self.clock.now())
            .on(link.id)
            .by(officer);
        let line = line.about(ring.party().as_str()).with("what", "key notice");
        let line = line.with("notices", said.join("; ")).commit(&self.chance);
        let now = self.clock.now();
        self.store
            .keep_key_notices(link.id, whose, &rows, now, &line)
    }

    /// Notices of ours that stand in no log yet enter it, as soon as it may grow.
    pub(crate) fn enter_notices(&self, link: &Link) -> Result<(), SendFault> {
        let mut notices = self.store.key_notices(link.id, Keyholder::Own)?;
        let ring = self.ring.held();
        if (notices.len() as u64) + 1 < ring.next() {
            // A partner who was accepted after them hears of them too.
            self.keep(link, Keyholder::Own, &ring, &[], "")?;
            notices = self.store.key_notices(link.id, Keyholder::Own)?;
        }
        let waiting: Vec<_> = notices
            .into_iter()
            .filter(|row| row.position.is_none())
            .collect();
        if waiting.is_empty() {
            return Ok(());
        }
        let mut turn = link.turn(&self.store)?;
        if link.may_grow(&turn).is_err() {
            return Ok(());
        }
        let (mut growing, mut entered) = (turn.growing(), Vec::new());
        for row in waiting {
            let record = NoticeRecord { note: row.note };
            let opening = Opening::new(self.chance.salt(Draw::Ledger), record.write());
            entered.push((row.number, growing.next()));
            growing.push(EntryKind::Notice, &opening);
        }
        let Some(growth) = growing.growth(self.clock.now()) else {
            return Ok(());
        };
        // A crash before this commit: they wait still. After it: they travel with the next parcel.
        let stored = self.store.enter_key_notices(link.id, &entered, &growth);
        link.stored(&mut turn, &self.store, Some(growth.head), stored)?;
        turn.grown(growing, &growth);
        Ok(())
    }

    /// Seal keys of ours that ended so long ago that nothing is on its way to them any more are destroyed.
    pub(crate) fn destroy_old_seals(&self, stuck: &mut Stuck) -> Result<(), StoreError> {
        let now = self.clock.now();
        let old: Vec<String> = self.ring.read(|ring| {
            let spans = ring.spans().iter();
            let old = spans.filter_map(|span| match &span.key {
                KeyUse::Seal(recipient) if is_over(span.until, now) => Some(recipient.clone()),
                _ => None,
            });
            old.filter(|recipient| self.keychain.holds(&KeyUse::Seal(recipient.clone())))
                .collect()
        });
        if old.is_empty() {
            return Ok(());
        }
        if let Err(error) = self.keychain.destroy_seals(&old) {
            stuck.waits(
                "seal key",
                &format!("an old seal key cannot be destroyed: {error}"),
            );
            return Ok(());
        }
        let line = Line::new(Kind::Node, now).with("what", "seal key destroyed");
        self.write_down(line.with("keys", old.len()))
    }
}

fn is_over(until: Timestamp, now: Timestamp) -> bool {
    until
        .checked_add(SEAL_KEPT)
        .is_ok_and(|destroyed| destroyed <= now)
}

/// A notice in a line.
fn in_words(notice: &KeyNotice) -> String {
    format!(
        "{} {} {} from {} until {}",
        notice.number(),
        notice.key().kind().word(),
        short(notice.key()),
        notice.from(),
        notice.until()
    )
}
