//! The records of a ledger: an act released, a receipt, an officer who answers, a key notice, a head of the journal.
//!
//! A record has one way to be written, since its text is what an entry commits to. Source: docs/PROTOCOL.md, section 4.

use entente_ledger::Entry;
use jiff::Timestamp;

use crate::{
    body::{
        form::is_word,
        strict::{self, Defect, Json, Malformed, Members, below},
    },
    digest::{ActId, Digest, MessageId},
};

/// The record of an act at the moment of its release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActRecord {
    /// The memorandum's identifier.
    pub link: String,
    /// The digest of the sealed bytes.
    pub message: MessageId,
    /// The instant of release.
    pub released_at: Timestamp,
    /// The digest of the memorandum in force at the sender.
    pub memorandum: Digest,
}

/// The record of a receipt: everything that the receiver states about one act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiptRecord {
    /// The memorandum's identifier.
    pub link: String,
    /// The message received.
    pub message: MessageId,
    /// Its entry in the sender's log.
    pub entry: Entry,
    /// The index of that entry.
    pub index: u64,
    /// The act; absent if the body could not be read.
    pub act: Option<ActId>,
    /// What became of it.
    pub outcome: Outcome,
    /// The ground of Annex 8, if it was refused on one. An act refused for an impediment names its articles only.
    pub ground: Option<String>,
    /// The deciding paragraphs, in order.
    pub articles: Vec<String>,
    /// The instant of receipt.
    pub received_at: Timestamp,
    /// The digest of the memorandum that the sender named.
    pub memorandum_released: Digest,
    /// The digest of the memorandum by which the act was judged (6.3).
    pub memorandum_judged: Digest,
    /// The version of the time zone data: `2026a`.
    pub time_zone_data: String,
    /// The clocks that the receipt starts.
    pub clocks: Vec<ClockTerm>,
}

/// The record of a head of the journal, once a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalRecord {
    /// The digest of a salt and the journal's checkpoint.
    pub head: Digest,
}

/// The record of a key notice: a signed note of the identity of the Party that keeps the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoticeRecord {
    /// The note, as it was signed; it is not verified here.
    pub note: String,
}

/// The record of the second receipt: a named officer answers for the act (5.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenRecord {
    /// The memorandum's identifier.
    pub link: String,
    /// The message taken over.
    pub message: MessageId,
    /// The officer, as acts name officers.
    pub by: String,
    /// The deputy.
    pub deputy: Option<String>,
    /// When.
    pub taken_at: Timestamp,
}

/// What became of an act at its receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// Filed.
    Filed,
    /// Filed, and a clarification is owed next.
    Clarify,
    /// Refused.
    Refused,
    /// The sealed bytes or the body could not be read.
    Unreadable,
}

/// One clock as a receipt states it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ClockTerm {
    /// The clock of Annex 4.
    pub clock: String,
    /// The Party that owes.
    pub debtor: String,
    /// Where it counts from.
    pub start: Timestamp,
    /// When it ends.
    pub due: Timestamp,
}

impl ActRecord {
    /// Its text.
    pub fn write(&self) -> String {
        Json::object([
            ("v", Json::Integer(1)),
            ("kind", Json::text("act")),
            ("link", Json::text(&self.link)),
            ("message", Json::text(self.message)),
            ("released_at", Json::text(self.released_at)),
            ("memorandum", Json::text(self.memorandum)),
        ])
        .write()
    }

    /// Reads a record's text. Fails with the first thing wrong, and with `not_canonical` if it is not the one way to write it.
    pub fn read(text: &str) -> Result<Self, Malformed> {
        let mut members = opened(text, "act")?;
        let record = Self {
            link: word(&mut members, "link")?,
            message: members.parsed("message", "64 lower-case hexadecimal digits")?,
            released_at: members.instant("released_at")?,
            memorandum: members.parsed("memorandum", "64 lower-case hexadecimal digits")?,
        };
        members.close()?;
        canonical(text, record, Self::write)
    }
}

impl ReceiptRecord {
    /// Its text.
    pub fn write(&self) -> String {
        Json::object([
            ("v", Json::Integer(1)),
            ("kind", Json::text("receipt")),
            ("link", Json::text(&self.link)),
            ("message", Json::text(self.message)),
            ("entry", Json::Text(self.entry.to_hex())),
            ("index", Json::Integer(self.index as i64)),
            ("act", Json::text_or_null(self.act)),
            ("outcome", Json::text(self.outcome.as_str())),
            ("ground", Json::text_or_null(self.ground.as_ref())),
            (
                "articles",
                Json::Array(self.articles.iter().map(Json::text).collect()),
            ),
            ("received_at", Json::text(self.received_at)),
            ("memorandum_released", Json::text(self.memorandum_released)),
            ("memorandum_judged", Json::text(self.memorandum_judged)),
            ("time_zone_data", Json::text(&self.time_zone_data)),
            (
                "clocks",
                Json::Array(self.clocks.iter().map(ClockTerm::write).collect()),
            ),
        ])
        .write()
    }

    /// Reads a record's text. Fails as [`ActRecord::read`] does, and where the members contradict each other.
    pub fn read(text: &str) -> Result<Self, Malformed> {
        let mut members = opened(text, "receipt")?;
        let record = Self {
            link: word(&mut members, "link")?,
            message: members.parsed("message", "64 lower-case hexadecimal digits")?,
            entry: entry(&mut members)?,
            index: members.count("index")?,
            act: act_or_null(&mut members)?,
            outcome: outcome(&mut members)?,
            ground: members.text_or_null("ground")?,
            articles: articles(&mut members)?,
            received_at: members.instant("received_at")?,
            memorandum_released: members
                .parsed("memorandum_released", "64 lower-case hexadecimal digits")?,
            memorandum_judged: members
                .parsed("memorandum_judged", "64 lower-case hexadecimal digits")?,
            time_zone_data: word(&mut members, "time_zone_data")?,
            clocks: clocks(&mut members)?,
        };
        members.close()?;
        record.check()?;
        canonical(text, record, Self::write)
    }

    fn check(&self) -> Result<(), Malformed> {
        if self.ground.is_some() && self.outcome != Outcome::Refused {
            return Err(Defect::Contradicts("a ground without a refusal").at("/ground"));
        }
        if self.act.is_none() != (self.outcome == Outcome::Unreadable) {
            return Err(
                Defect::Contradicts("an act is named unless the body could not be read").at("/act"),
            );
        }
        if self.clocks.iter().any(|clock| clock.due < clock.start) {
            return Err(Defect::Contradicts("a clock ends before it starts").at("/clocks"));
        }
        Ok(())
    }
}

impl JournalRecord {
    /// Its text.
    pub fn write(&self) -> String {
        Json::object([
            ("v", Json::Integer(1)),
            ("kind", Json::text("journal")),
            ("head", Json::text(self.head)),
        ])
        .write()
    }

    /// Reads a record's text. Fails as [`ActRecord::read`] does.
    pub fn read(text: &str) -> Result<Self, Malformed> {
        let mut members = opened(text, "journal")?;
        let record = Self {
            head: members.parsed("head", "64 lower-case hexadecimal digits")?,
        };
        members.close()?;
        canonical(text, record, Self::write)
    }
}

impl NoticeRecord {
    /// Its text.
    pub fn write(&self) -> String {
        Json::object([
            ("v", Json::Integer(1)),
            ("kind", Json::text("notice")),
            ("note", Json::text(&self.note)),
        ])
        .write()
    }

    /// Reads a record's text. Fails as [`ActRecord::read`] does.
    pub fn read(text: &str) -> Result<Self, Malformed> {
        let mut members = opened(text, "notice")?;
        let record = Self {
            note: members.text("note")?,
        };
        members.close()?;
        canonical(text, record, Self::write)
    }
}

impl TakenRecord {
    /// Its text.
    pub fn write(&self) -> String {
        Json::object([
            ("v", Json::Integer(1)),
            ("kind", Json::text("taken")),
            ("link", Json::text(&self.link)),
            ("message", Json::text(self.message)),
            ("by", Json::text(&self.by)),
            ("deputy", Json::text_or_null(self.deputy.as_ref())),
            ("taken_at", Json::text(self.taken_at)),
        ])
        .write()
    }

    /// Reads a record's text. Fails as [`ActRecord::read`] does.
    pub fn read(text: &str) -> Result<Self, Malformed> {
        let mut members = opened(text, "taken")?;
        let record = Self {
            link: word(&mut members, "link")?,
            message: members.parsed("message", "64 lower-case hexadecimal digits")?,
            by: word(&mut members, "by")?,
            deputy: members.text_or_null("deputy")?,
            taken_at: members.instant("taken_at")?,
        };
        if record
            .deputy
            .as_ref()
            .is_some_and(|deputy| !is_word(deputy))
        {
            return Err(Defect::Expected("an identifier".into()).at("/deputy"));
        }
        members.close()?;
        canonical(text, record, Self::write)
    }
}

impl Outcome {
    /// `filed`, `clarify`, `refused`, `unreadable`.
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Filed => "filed",
            Outcome::Clarify => "clarify",
            Outcome::Refused => "refused",
            Outcome::Unreadable => "unreadable",
        }
    }
}

impl ClockTerm {
    fn write(&self) -> Json {
        Json::object([
            ("clock", Json::text(&self.clock)),
            ("debtor", Json::text(&self.debtor)),
            ("start", Json::text(self.start)),
            ("due", Json::text(self.due)),
        ])
    }

    fn read(json: Json, pointer: &str) -> Result<Self, Malformed> {
        let mut members = Members::of(json, pointer)?;
        let clock = Self {
            clock: word(&mut members, "clock")?,
            debtor: word(&mut members, "debtor")?,
            start: members.instant("start")?,
            due: members.instant("due")?,
        };
        members.close()?;
        Ok(clock)
    }
}

/// The members of a record of this kind and of version 1.
fn opened(text: &str, kind: &str) -> Result<Members, Malformed> {
    let mut members = Members::of(strict::read(text.as_bytes())?, "")?;
    members.exactly("v", &Json::Integer(1))?;
    members.exactly("kind", &Json::text(kind))?;
    Ok(members)
}

/// The record, if its text is the one way to write it: two texts for one record would be two entries.
fn canonical<T>(text: &str, record: T, write: impl Fn(&T) -> String) -> Result<T, Malformed> {
    if write(&record) == text {
        Ok(record)
    } else {
        Err(Defect::NotCanonical.at(""))
    }
}

fn word(members: &mut Members, name: &str) -> Result<String, Malformed> {
    let text = members.text(name)?;
    if is_word(&text) {
        Ok(text)
    } else {
        Err(Defect::Expected("an identifier".into()).at(members.at(name)))
    }
}

fn entry(members: &mut Members) -> Result<Entry, Malformed> {
    let text = members.text("entry")?;
    Entry::from_hex(&text)
        .ok_or_else(|| Defect::Expected("64 lower-case hexadecimal digits".into()).at("/entry"))
}

fn act_or_null(members: &mut Members) -> Result<Option<ActId>, Malformed> {
    let parsed = members.text_or_null("act")?.map(|text| text.parse());
    parsed
        .transpose()
        .map_err(|_| Defect::Expected("32 lower-case hexadecimal digits".into()).at("/act"))
}

fn outcome(members: &mut Members) -> Result<Outcome, Malformed> {
    let text = members.text("outcome")?;
    let all = [
        Outcome::Filed,
        Outcome::Clarify,
        Outcome::Refused,
        Outcome::Unreadable,
    ];
    let found = all.into_iter().find(|outcome| outcome.as_str() == text);
    found.ok_or_else(|| {
        Defect::Expected("`filed`, `clarify`, `refused` or `unreadable`".into()).at("/outcome")
    })
}

fn articles(members: &mut Members) -> Result<Vec<String>, Malformed> {
    let items = members.array("articles")?.into_iter().enumerate();
    items
        .map(|(index, json)| strict::text_at(json, &below("/articles", index)))
        .collect()
}

fn clocks(members: &mut Members) -> Result<Vec<ClockTerm>, Malformed> {
    let items = members.array("clocks")?.into_iter().enumerate();
    items
        .map(|(index, json)| ClockTerm::read(json, &below("/clocks", index)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn receipt() -> ReceiptRecord {
        let at: Timestamp = "2030-03-18T10:00:00.25Z".parse().unwrap();
        ReceiptRecord {
            link: "a_b_2030".into(),
            message: MessageId::of(b"sealed"),
            entry: Entry::new([7; 32]),
            index: 3,
            act: Some(ActId::from_bytes([1; 16])),
            outcome: Outcome::Filed,
            ground: None,
            articles: vec!["10.1".into()],
            received_at: at,
            memorandum_released: Digest::of(b"m"),
            memorandum_judged: Digest::of(b"m"),
            time_zone_data: "2030a".into(),
            clocks: vec![ClockTerm {
                clock: "reply".into(),
                debtor: "b".into(),
                start: at,
                due: at,
            }],
        }
    }

    #[test]
    fn records_are_read_as_they_were_written() {
        let receipt = receipt();
        assert_eq!(ReceiptRecord::read(&receipt.write()), Ok(receipt));
        let journal = JournalRecord {
            head: Digest::of(b"head"),
        };
        assert_eq!(JournalRecord::read(&journal.write()), Ok(journal));
        let notice = NoticeRecord {
            note: "text\n\n— name c2ln\n".into(),
        };
        assert_eq!(NoticeRecord::read(&notice.write()), Ok(notice));
    }

    #[test]
    fn another_way_to_write_a_record_is_refused() {
        let spaced = receipt().write().replace("\"v\":1", "\"v\": 1");
        assert_eq!(
            ReceiptRecord::read(&spaced).unwrap_err().defect,
            Defect::NotCanonical
        );
    }
}
