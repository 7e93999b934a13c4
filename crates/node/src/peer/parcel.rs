//! A parcel: what one node says to another in one breath (PROTOCOL section 5).

use base64::{Engine, prelude::BASE64_STANDARD};
use entente_cooperation::body::strict::check_text;
use entente_ledger::{Entry, Opening, Salt};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// The version of the protocol that this node speaks.
pub const VERSION: u32 = 1;
/// A parcel is at most so long.
pub const PARCEL_MAX_BYTES: usize = 16 * 1024 * 1024;
/// A parcel carries at most so many acts.
pub const ACTS_MAX: usize = 512;
/// A parcel carries at most so many entries.
pub const ENTRIES_MAX: usize = 65_536;

/// What one node says to another: new entries and the head over them, acts, receipts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
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
    #[serde(with = "entries")]
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
    /// What the speaker contests in receipts of the other.
    pub objections: Vec<Objection>,
    /// Whether acts that wait for the speaker shall come with the answer.
    pub poll: bool,
}

/// An act as it travels: its entry's opening and the sealed body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CarriedAct {
    /// The position of its entry in the speaker's log.
    pub index: u64,
    /// The salt.
    #[serde(with = "salt")]
    pub salt: Salt,
    /// The exact text of the record.
    pub record: String,
    /// The sealed body.
    #[serde(with = "bytes")]
    pub sealed: Vec<u8>,
}

/// A receipt as it travels: its entry's opening.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CarriedReceipt {
    /// The position of its entry in the speaker's log.
    pub index: u64,
    /// The salt.
    #[serde(with = "salt")]
    pub salt: Salt,
    /// The exact text of the record.
    pub record: String,
}

/// What a sender contests in a receipt: it was delivered, but the instant or a clock is not what the sender saw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Objection {
    /// The message, hexadecimal.
    pub message: String,
    /// What is contested, in words.
    pub what: String,
}

impl Parcel {
    /// Reads a parcel.
    ///
    /// Fails, in words for the caller's operator, if it is no JSON of this shape, names a member twice, or carries too much.
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        if bytes.len() > PARCEL_MAX_BYTES {
            return Err(format!("more than {PARCEL_MAX_BYTES} bytes"));
        }
        let parcel: Self = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        if parcel.v != VERSION {
            return Err(format!("version {}; this node speaks {VERSION}", parcel.v));
        }
        if parcel.acts.len() > ACTS_MAX || parcel.receipts.len() > ACTS_MAX {
            return Err(format!("more than {ACTS_MAX} acts or receipts"));
        }
        if parcel.entries.len() > ENTRIES_MAX {
            return Err(format!("more than {ENTRIES_MAX} entries"));
        }
        // All other texts are compared or read strictly where they are used; these are shown to people.
        for objection in &parcel.objections {
            check_text(&objection.what).map_err(|defect| format!("an objection: {defect}"))?;
        }
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
    /// Its opening.
    pub fn opening(&self) -> Opening {
        Opening::new(self.salt, self.record.clone())
    }
}

impl CarriedReceipt {
    /// Its opening.
    pub fn opening(&self) -> Opening {
        Opening::new(self.salt, self.record.clone())
    }
}

mod entries {
    use super::{Deserialize, Deserializer, Entry, Error, Serializer};

    pub(super) fn serialize<S: Serializer>(
        entries: &[Entry],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&Entry::many_to_base64(entries))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<Entry>, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Entry::many_from_base64(&text)
            .ok_or_else(|| D::Error::custom("entries are whole 32 bytes in Base64"))
    }
}

mod salt {
    use super::{Deserialize, Deserializer, Error, Salt, Serializer};

    pub(super) fn serialize<S: Serializer>(salt: &Salt, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&salt.to_base64())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Salt, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Salt::from_base64(&text).ok_or_else(|| D::Error::custom("a salt is 32 bytes in Base64"))
    }
}

mod bytes {
    use super::{BASE64_STANDARD, Deserialize, Deserializer, Engine, Error, Serializer};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64_STANDARD.encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<u8>, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        BASE64_STANDARD
            .decode(text.as_bytes())
            .map_err(|_| D::Error::custom("sealed bytes are Base64"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

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
