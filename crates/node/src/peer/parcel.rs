//! A parcel: what one node says to another in one breath (PROTOCOL section 5).

use base64::{Engine, prelude::BASE64_STANDARD};
use entente_cooperation::body::strict::{self, Defect, Json, Malformed, Members, array_at, below};
use entente_ledger::{Entry, Opening, Salt};
use serde::{Serialize, Serializer};

/// The version of the protocol that this node speaks.
pub const VERSION: u32 = 1;
/// What a partner says to people, an objection or the detail of a problem, is at most so long.
pub const WORDS_MAX_BYTES: usize = 16 * 1024;
/// Of what a partner says to people, so much is kept: it goes into rows, journals and to terminals.
pub const WORDS_KEPT_CHARS: usize = 500;
/// A parcel is at most so long.
pub const PARCEL_MAX_BYTES: usize = 16 * 1024 * 1024;
/// A parcel carries at most so many acts.
pub const ACTS_MAX: usize = 512;
/// A parcel carries at most so many notices of keys.
pub const NOTICES_MAX: usize = 512;
/// A parcel carries at most so many entries.
pub const ENTRIES_MAX: usize = 65_536;

/// What one node says to another: new entries and the head over them, acts, receipts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Parcel {
    /// The version of the protocol.
    pub v: u32,
    /// The memorandum.
    pub link: String,
    /// The Party that speaks.
    pub from: String,
    /// Whether it is a demonstration.
    pub demo: bool,
    /// The digest of the memorandum in force at the speaker, hexadecimal.
    pub memorandum: String,
    /// How many entries of the other's log the speaker mirrors.
    pub mirrored: u64,
    /// The position of the first entry.
    pub base: u64,
    /// Entries of the speaker's log, from `base` up to the head.
    #[serde(serialize_with = "entries")]
    pub entries: Vec<Entry>,
    /// The speaker's newest head; none while its log is empty, or while it may not sign.
    pub head: Option<String>,
    /// The speaker's cosignature line of the other's head.
    pub cosignature: Option<String>,
    /// The size of the head that it cosigns.
    pub cosigned: u64,
    /// Acts.
    pub acts: Vec<CarriedAct>,
    /// Receipts of acts that the other sent.
    pub receipts: Vec<CarriedReceipt>,
    /// The second receipts among the entries: which officer of the speaker answers for an act of the other.
    pub takings: Vec<CarriedReceipt>,
    /// The notices of the speaker's keys among the entries; left out if there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<CarriedReceipt>,
    /// What the speaker contests in receipts of the other.
    pub objections: Vec<Objection>,
    /// Whether acts that wait for the speaker shall come with the answer.
    pub poll: bool,
}

/// An act as it travels: its entry's opening and the sealed body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CarriedAct {
    /// The position of its entry in the speaker's log.
    pub index: u64,
    /// The salt.
    #[serde(serialize_with = "salt")]
    pub salt: Salt,
    /// The exact text of the record.
    pub record: String,
    /// The sealed body.
    #[serde(serialize_with = "bytes")]
    pub sealed: Vec<u8>,
}

/// A receipt as it travels: its entry's opening.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CarriedReceipt {
    /// The position of its entry in the speaker's log.
    pub index: u64,
    /// The salt.
    #[serde(serialize_with = "salt")]
    pub salt: Salt,
    /// The exact text of the record.
    pub record: String,
}

/// What a sender contests in a receipt: it was delivered, but the instant or a clock is not what the sender saw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Objection {
    /// The message, hexadecimal.
    pub message: String,
    /// What is contested, in words.
    pub what: String,
}

impl Parcel {
    /// Reads a parcel by the strict rules of section 7.
    ///
    /// Fails with the first defect and its place, for the caller's operator: no strict JSON, another shape or version, more than
    /// a parcel carries.
    pub fn read(bytes: &[u8]) -> Result<Self, Malformed> {
        if bytes.len() > PARCEL_MAX_BYTES {
            return Err(Defect::TooLarge.at(""));
        }
        let mut members = Members::of(strict::read(bytes)?, "")?;
        members.exactly("v", &Json::Integer(VERSION.into()))?;
        let parcel = Self {
            v: VERSION,
            link: members.text("link")?,
            from: members.text("from")?,
            demo: members.flag("demo")?,
            memorandum: members.text("memorandum")?,
            mirrored: members.count("mirrored")?,
            base: members.count("base")?,
            entries: read_entries(&mut members)?,
            head: members.text_or_null("head")?,
            cosignature: members.text_or_null("cosignature")?,
            cosigned: members.count("cosigned")?,
            acts: each(&mut members, "acts", ACTS_MAX, CarriedAct::of)?,
            receipts: each(&mut members, "receipts", ACTS_MAX, CarriedReceipt::of)?,
            takings: each(&mut members, "takings", ENTRIES_MAX, CarriedReceipt::of)?,
            notices: notices(&mut members)?,
            objections: each(&mut members, "objections", ACTS_MAX, Objection::of)?,
            poll: members.flag("poll")?,
        };
        members.close()?;
        Ok(parcel)
    }

    /// Whether it says something of acts that the other sent: receipts, second receipts, objections.
    pub fn settles(&self) -> bool {
        !(self.receipts.is_empty() && self.takings.is_empty() && self.objections.is_empty())
    }

    /// The parcel as it travels.
    pub fn write(&self) -> Vec<u8> {
        let sealed: usize = self.acts.iter().map(|act| act.sealed.len() * 4 / 3).sum();
        let mut bytes = Vec::with_capacity(sealed + self.entries.len() * 43 + 16_384);
        // A parcel has only text keys and writes to memory: it cannot fail.
        if serde_json::to_writer(&mut bytes, self).is_err() {
            bytes.clear();
        }
        bytes
    }
}

impl CarriedAct {
    fn of(mut members: Members) -> Result<Self, Malformed> {
        let act = Self {
            index: members.count("index")?,
            salt: read_salt(&mut members)?,
            record: members.text("record")?,
            sealed: read_sealed(&mut members)?,
        };
        members.close()?;
        Ok(act)
    }

    /// Its opening.
    pub fn opening(&self) -> Opening {
        Opening::new(self.salt, self.record.clone())
    }
}

impl CarriedReceipt {
    fn of(mut members: Members) -> Result<Self, Malformed> {
        let receipt = Self {
            index: members.count("index")?,
            salt: read_salt(&mut members)?,
            record: members.text("record")?,
        };
        members.close()?;
        Ok(receipt)
    }

    /// Its opening.
    pub fn opening(&self) -> Opening {
        Opening::new(self.salt, self.record.clone())
    }
}

impl Objection {
    fn of(mut members: Members) -> Result<Self, Malformed> {
        let objection = Self {
            message: members.text("message")?,
            what: words(&mut members, "what")?,
        };
        members.close()?;
        Ok(objection)
    }
}

/// Words for people, not longer than they read: refused beyond [`WORDS_MAX_BYTES`], cut at [`WORDS_KEPT_CHARS`].
pub fn words(members: &mut Members, name: &str) -> Result<String, Malformed> {
    let text = members.text(name)?;
    if text.len() > WORDS_MAX_BYTES {
        return Err(Defect::TooLarge.at(members.at(name)));
    }
    Ok(kept(&text))
}

/// As much of words of the partner as is kept.
pub fn kept(words: &str) -> String {
    words.chars().take(WORDS_KEPT_CHARS).collect()
}

/// The items of an array of objects, at most `most`.
fn each<T>(
    members: &mut Members,
    name: &str,
    most: usize,
    read: impl Fn(Members) -> Result<T, Malformed>,
) -> Result<Vec<T>, Malformed> {
    let (items, pointer) = (members.array(name)?, members.at(name));
    if items.len() > most {
        return Err(Defect::TooLarge.at(pointer));
    }
    let items = items.into_iter().enumerate();
    items
        .map(|(at, item)| read(Members::of(item, &below(&pointer, at))?))
        .collect()
}

/// The notices of keys. A parcel without any does not name them: it is the parcel of a node that knows of none.
fn notices(members: &mut Members) -> Result<Vec<CarriedReceipt>, Malformed> {
    let pointer = members.at("notices");
    let Some(json) = members.take_if_there("notices") else {
        return Ok(Vec::new());
    };
    let items = array_at(json, &pointer)?;
    match items.len() {
        0 => return Err(Defect::Expected("at least one, or no member".into()).at(pointer)),
        number if number > NOTICES_MAX => return Err(Defect::TooLarge.at(pointer)),
        _ => {}
    }
    let items = items.into_iter().enumerate();
    items
        .map(|(at, item)| CarriedReceipt::of(Members::of(item, &below(&pointer, at))?))
        .collect()
}

fn read_entries(members: &mut Members) -> Result<Vec<Entry>, Malformed> {
    let text = members.text("entries")?;
    let at = members.at("entries");
    let entries = Entry::many_from_base64(&text);
    let entries = entries
        .ok_or_else(|| Defect::Expected("whole entries of 32 bytes in Base64".into()).at(&at));
    let entries = entries?;
    if entries.len() > ENTRIES_MAX {
        return Err(Defect::TooLarge.at(at));
    }
    Ok(entries)
}

fn read_salt(members: &mut Members) -> Result<Salt, Malformed> {
    let text = members.text("salt")?;
    Salt::from_base64(&text)
        .ok_or_else(|| Defect::Expected("32 bytes in Base64".into()).at(members.at("salt")))
}

fn read_sealed(members: &mut Members) -> Result<Vec<u8>, Malformed> {
    let text = members.text("sealed")?;
    BASE64_STANDARD
        .decode(text)
        .map_err(|_| Defect::Expected("Base64".into()).at(members.at("sealed")))
}

fn entries<S: Serializer>(entries: &[Entry], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&Entry::many_to_base64(entries))
}

fn salt<S: Serializer>(salt: &Salt, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&salt.to_base64())
}

fn bytes<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&BASE64_STANDARD.encode(bytes))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::peer::problem::Problem;

    pub(crate) fn example() -> Parcel {
        Parcel {
            v: VERSION,
            link: "aa_bb".to_owned(),
            from: "aa".to_owned(),
            demo: true,
            memorandum: "0".repeat(64),
            mirrored: 3,
            base: 7,
            entries: vec![Entry::new([1; 32]), Entry::new([2; 32])],
            head: Some("head\n".to_owned()),
            cosignature: None,
            cosigned: 0,
            acts: vec![CarriedAct {
                index: 7,
                salt: Salt::new([3; 32]),
                record: "{\"v\":1}".to_owned(),
                sealed: b"sealed".to_vec(),
            }],
            receipts: vec![],
            takings: vec![],
            notices: vec![],
            objections: vec![],
            poll: false,
        }
    }

    #[test]
    fn a_parcel_is_read_as_it_was_written() {
        assert_eq!(Parcel::read(&example().write()), Ok(example()));
    }

    #[test]
    fn a_member_that_is_unknown_missing_or_named_twice_is_refused() {
        let text = String::from_utf8(example().write()).unwrap();
        for wrong in [
            text.replacen("\"poll\":false", "\"poll\":false,\"more\":1", 1),
            text.replacen(",\"poll\":false", "", 1),
            text.replacen("\"poll\":false", "\"poll\":false,\"poll\":true", 1),
            text.replacen("\"mirrored\":3", "\"mirrored\":3.0", 1),
            text.replacen("\"mirrored\":3", "\"mirrored\":-3", 1),
            text.replacen("\"v\":1,\"link", "\"v\":2,\"link", 1),
        ] {
            assert_ne!(wrong, text);
            assert!(Parcel::read(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn of_the_words_of_a_partner_five_hundred_signs_are_kept() {
        let mut parcel = example();
        parcel.objections = vec![Objection {
            message: "0".repeat(64),
            what: "é".repeat(600),
        }];
        let read = Parcel::read(&parcel.write()).unwrap();
        assert_eq!(read.objections[0].what, "é".repeat(500));
        parcel.objections[0].what = "x".repeat(WORDS_MAX_BYTES + 1);
        assert!(Parcel::read(&parcel.write()).is_err());
        let problem = Problem::malformed("x".repeat(600));
        let Ok(Problem::Malformed { detail }) = Problem::read(&problem.write()) else {
            panic!("the problem is not read");
        };
        assert_eq!(detail.len(), 500);
        let name = "n".repeat(100_000);
        let fault = Parcel::read(format!("{{\"v\":1,\"{name}\":1.5}}").as_bytes());
        assert!(fault.unwrap_err().to_string().len() < 500);
    }

    #[test]
    fn every_vector_of_a_parcel_is_read_or_refused_as_it_says() {
        let read = crate::peer::vectors::check("parcel", |bytes| Parcel::read(bytes).map(drop));
        assert!(read > 20, "only {read} vectors");
    }

    proptest! {
        #[test]
        fn no_bytes_stop_the_reader(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = Parcel::read(&bytes);
        }

        #[test]
        fn a_parcel_with_one_byte_changed_never_panics(at in 0usize..600, byte in any::<u8>()) {
            let mut bytes = example().write();
            let at = at % bytes.len();
            bytes[at] = byte;
            let _ = Parcel::read(&bytes);
        }
    }
}
