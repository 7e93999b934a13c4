//! The members of a strict object, taken one by one by name and type.

use std::{collections::BTreeMap, ops::Range, str::FromStr};

use jiff::Timestamp;

use super::{
    defect::below,
    strict::{Defect, Json, Malformed},
};

/// The members of an object, taken one by one; what is left over when it is closed is refused.
#[derive(Debug)]
pub struct Members {
    pointer: String,
    left: BTreeMap<String, Json>,
}

impl Members {
    /// The members of the object that stands at `pointer`.
    pub fn of(json: Json, pointer: &str) -> Result<Self, Malformed> {
        match json {
            Json::Object(members) => Ok(Self {
                pointer: pointer.to_owned(),
                left: members.into_iter().collect(),
            }),
            _ => Err(Defect::Expected("an object".into()).at(pointer)),
        }
    }

    /// The pointer to a member.
    pub fn at(&self, name: &str) -> String {
        below(&self.pointer, name)
    }

    /// Takes a member that must be there.
    pub fn take(&mut self, name: &str) -> Result<Json, Malformed> {
        self.left
            .remove(name)
            .ok_or_else(|| Defect::Missing.at(self.at(name)))
    }

    /// Takes a member that may be there.
    pub fn take_if_there(&mut self, name: &str) -> Option<Json> {
        self.left.remove(name)
    }

    /// Takes a text.
    pub fn text(&mut self, name: &str) -> Result<String, Malformed> {
        text_at(self.take(name)?, &self.at(name))
    }

    /// Takes a text or `null`.
    pub fn text_or_null(&mut self, name: &str) -> Result<Option<String>, Malformed> {
        match self.take(name)? {
            Json::Null => Ok(None),
            json => text_at(json, &self.at(name)).map(Some),
        }
    }

    /// Takes a text and reads it as something that is written as text.
    pub fn parsed<T: FromStr>(&mut self, name: &str, what: &str) -> Result<T, Malformed> {
        let text = self.text(name)?;
        text.parse()
            .map_err(|_| Defect::Expected(what.to_owned()).at(self.at(name)))
    }

    /// Takes an instant: RFC 3339, universal time, `Z`, at most nanoseconds.
    pub fn instant(&mut self, name: &str) -> Result<Timestamp, Malformed> {
        let text = self.text(name)?;
        instant(&text).ok_or_else(|| {
            Defect::Expected("an instant of universal time".into()).at(self.at(name))
        })
    }

    /// Takes an integer that is not negative.
    pub fn count(&mut self, name: &str) -> Result<u64, Malformed> {
        let expected = Defect::Expected("an integer that is not negative".into());
        match self.take(name)? {
            Json::Integer(number) => u64::try_from(number).map_err(|_| expected.at(self.at(name))),
            _ => Err(expected.at(self.at(name))),
        }
    }

    /// Takes yes or no.
    pub fn flag(&mut self, name: &str) -> Result<bool, Malformed> {
        match self.take(name)? {
            Json::Bool(flag) => Ok(flag),
            _ => Err(Defect::Expected("`true` or `false`".into()).at(self.at(name))),
        }
    }

    /// Takes an array.
    pub fn array(&mut self, name: &str) -> Result<Vec<Json>, Malformed> {
        array_at(self.take(name)?, &self.at(name))
    }

    /// Takes a text that must be exactly this one: a version, a kind.
    pub fn exactly(&mut self, name: &str, wanted: &Json) -> Result<(), Malformed> {
        if self.take(name)? == *wanted {
            return Ok(());
        }
        Err(Defect::Expected(format!("`{}`", wanted.write())).at(self.at(name)))
    }

    /// The names that are left.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.left.keys().map(String::as_str)
    }

    /// Refuses what is left over.
    pub fn close(self) -> Result<(), Malformed> {
        match self.left.keys().next() {
            None => Ok(()),
            Some(name) => Err(Defect::Unknown.at(self.at(name))),
        }
    }
}

/// The text that stands at `pointer`.
pub fn text_at(json: Json, pointer: &str) -> Result<String, Malformed> {
    match json {
        Json::Text(text) => Ok(text),
        _ => Err(Defect::Expected("text".into()).at(pointer)),
    }
}

/// The array that stands at `pointer`.
pub fn array_at(json: Json, pointer: &str) -> Result<Vec<Json>, Malformed> {
    match json {
        Json::Array(items) => Ok(items),
        _ => Err(Defect::Expected("an array".into()).at(pointer)),
    }
}

/// An instant in the form of the protocol: `2026-03-01T10:00:00Z`, with up to nine digits of a fraction.
///
/// Source: RFC 3339, narrowed by docs/PROTOCOL.md.
pub fn instant(text: &str) -> Option<Timestamp> {
    let bytes = text.as_bytes();
    let digits = |range: Range<usize>| bytes[range].iter().all(u8::is_ascii_digit);
    let last = bytes.len().checked_sub(1)?;
    if !(19..=29).contains(&last) || last == 20 || bytes[last] != b'Z' {
        return None;
    }
    let marks = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
    let form = marks.iter().all(|&(at, mark)| bytes[at] == mark)
        && [0..4, 5..7, 8..10, 11..13, 14..16, 17..19]
            .into_iter()
            .all(digits)
        && (last == 19 || bytes[19] == b'.' && digits(20..last));
    // A leap second has no instant in POSIX time; two readers would disagree about it.
    if form && bytes[17] < b'6' {
        text.parse().ok()
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::{super::strict::read, *};

    #[test]
    fn members_left_over_are_refused_by_name() {
        let mut members = Members::of(read(br#"{"v":1,"w":2}"#).unwrap(), "").unwrap();
        members.exactly("v", &Json::Integer(1)).unwrap();
        assert_eq!(members.close().unwrap_err(), Defect::Unknown.at("/w"));
    }

    #[test]
    fn an_instant_has_one_form() {
        for good in [
            "2026-03-01T10:00:00Z",
            "2026-03-01T10:00:00.5Z",
            "2026-03-01T10:00:00.123456789Z",
        ] {
            assert!(instant(good).is_some(), "{good}");
        }
        for bad in [
            "",
            "Z",
            "2026-03-01",
            "2026-03-01T10:00:00.Z",
            "2026-03-01T10:00:00+00:00",
            "2026-03-01 10:00:00Z",
            "2026-03-01t10:00:00z",
            "2026-03-01T10:00:60Z",
            "2026-02-30T10:00:00Z",
            "2026-03-01T10:00:00.1234567890Z",
            "2026-03-01T10:00Z",
        ] {
            assert_eq!(instant(bad), None, "{bad}");
        }
    }
}
