//! Acts that are held at home: sealed for ourselves, without an entry, until their hour comes.

use entente_cooperation::{
    body::strict::{self, Json, Members},
    case::{stands, word::slot},
    draft::Draft,
    memorandum::Behaviour,
};
use entente_ledger::sha256;
use entente_seal::{MessageId, open_with, seal};
use entente_store::{Bytes32, Held};
use jiff::Timestamp;

use base64::{Engine, prelude::BASE64_STANDARD};

use crate::{
    desk::DeskFault,
    fault::SendFault,
    journal::{Kind, Line},
    link::Link,
    node::Node,
    stuck::Stuck,
};

/// An act about to be held.
pub struct Parked<'a> {
    /// The officer in whose name it leaves.
    pub officer: &'a str,
    /// The draft.
    pub draft: &'a Draft,
    /// When it leaves.
    pub leaves_at: Timestamp,
}

impl Node {
    /// Holds an act, and yields its number. The partner sees nothing of it, not even that there is one.
    pub(crate) fn park(&self, link: &Link, parked: &Parked<'_>) -> Result<i64, SendFault> {
        let text = self.written(parked.draft);
        let sealed = seal(&self.own_seal().recipient(), text.as_bytes());
        let key = self
            .wraps
            .current(self.clock.now())
            .map_err(DeskFault::from)?;
        let held = Held {
            held: 0,
            leaves_at: parked.leaves_at,
            officer: parked.officer.to_owned(),
            wrapped: key
                .wrap(&sealed.file_key, &sealed.message_id())
                .as_bytes()
                .to_vec(),
            sealed: sealed.bytes,
        };
        let number = self
            .store
            .hold(link.id, &held, &self.draft_digest(parked.draft))?;
        let line = Line::new(Kind::Held, self.clock.now())
            .by(parked.officer)
            .on(link.id);
        self.write_down(line.with("until", parked.leaves_at))?;
        // The work is not woken: whatever it did at once, the partner could see that something is held here.
        Ok(number)
    }

    /// Releases the held acts whose hour has come. One that is refused now is dropped, and its officer told by the journal. One
    /// that cannot be opened stays, and people are told.
    ///
    /// What waited for the partner to be heard leaves in the order in which it was held, since one act may answer another; but
    /// first what stands: a stop or a suspension bars what was held before it as well (31.2, 35.3).
    /// What leaves together leaves in the order of its cases, and of the requests in one: the order in which it was decided stays at home (28.3).
    pub(crate) fn release_held(&self, link: &Link, stuck: &mut Stuck) -> Result<(), SendFault> {
        if link.may_grow(&*link.turn(&self.store)?).is_err() {
            return Ok(());
        }
        let mut due = Vec::new();
        for held in self.store.held_until(link.id, self.clock.now())? {
            match self.unparked(&held) {
                Ok(draft) => due.push((held, draft)),
                Err(fault) => stuck.at(format!("held {}", held.held), fault),
            }
        }
        let agreement = self.agreement();
        // By nothing else that the draft holds: it says at home why it was decided.
        due.sort_by_cached_key(|(_, draft)| {
            let line = agreement.memorandum.acts.get(&draft.act().kind);
            let behaviour = line.map(|line| line.behaviour);
            let text = |slot: &str| draft.act().text(slot).map(str::to_owned);
            let together = behaviour == Some(Behaviour::Withdraws);
            let together = together.then(|| (text(slot::CASE), text(slot::IN_REPLY_TO)));
            (!behaviour.is_some_and(stands), together)
        });
        for (held, draft) in due {
            match self.release_one(link, &held, draft) {
                Ok(()) => {}
                Err(SendFault::Starting | SendFault::Forked) => return Ok(()),
                Err(fault) => stuck.at(format!("held {}", held.held), fault),
            }
        }
        Ok(())
    }

    fn release_one(&self, link: &Link, held: &Held, draft: Draft) -> Result<(), SendFault> {
        let act = draft.act().clone();
        match self.release(link, &held.officer, draft, Some(held.held)) {
            Err(SendFault::Refused(judgement)) => {
                self.refused_at_desk(link, &held.officer, &act, &judgement)?;
                Ok(self.store.drop_held(held.held)?)
            }
            released => released.map(drop),
        }
    }

    /// The acts held for a partner, with what they would say: those that wait for it to be heard and those that wait for their
    /// hour, in the order in which they were held.
    pub fn held(&self, link: &Link) -> Result<Vec<(Held, Draft)>, SendFault> {
        let held = self.store.held_until(link.id, Timestamp::MAX)?;
        let mut found = Vec::with_capacity(held.len());
        for held in held {
            let draft = self.unparked(&held)?;
            found.push((held, draft));
        }
        Ok(found)
    }

    /// The digest by which a draft that is sent again is known, whatever its comments and its order.
    pub fn draft_digest(&self, draft: &Draft) -> Bytes32 {
        sha256(self.written(draft).as_bytes())
    }

    /// The draft of a held act.
    fn unparked(&self, held: &Held) -> Result<Draft, SendFault> {
        let message = MessageId::of(&held.sealed);
        let key = self
            .wraps
            .unwrap(&held.wrapped, &message)
            .map_err(DeskFault::from)?;
        let fault = || SendFault::from(DeskFault::Body(message));
        let text = open_with(&key, &held.sealed).map_err(|_| fault())?;
        self.drafted(&text).ok_or_else(fault)
    }

    /// A draft and its files as one strict JSON text.
    fn written(&self, draft: &Draft) -> String {
        let memorandum = &self.agreement().memorandum;
        let language = memorandum.languages().next().unwrap_or_default().to_owned();
        let files = draft.attachments().iter().map(|file| {
            Json::object([
                ("name", Json::text(file.name())),
                (
                    "content",
                    Json::text(BASE64_STANDARD.encode(file.content())),
                ),
            ])
        });
        Json::object([
            ("draft", Json::text(draft.write(memorandum, &language))),
            ("files", Json::Array(files.collect())),
        ])
        .write()
    }

    fn drafted(&self, text: &[u8]) -> Option<Draft> {
        let mut members = Members::of(strict::read(text).ok()?, "").ok()?;
        let memorandum = &self.agreement().memorandum;
        let mut draft = Draft::parse(&members.text("draft").ok()?, memorandum).ok()?;
        for file in members.array("files").ok()? {
            let mut file = Members::of(file, "").ok()?;
            let content = BASE64_STANDARD.decode(file.text("content").ok()?).ok()?;
            draft.attach(&file.text("name").ok()?, &content).ok()?;
        }
        Some(draft)
    }
}
