//! Strict JSON: bytes of a partner → one value, or where and why it is none (docs/PROTOCOL.md, section 7).
//!
//! The grammar is that of RFC 8259, read by `serde_json`; what is refused beyond it is refused here: duplicate members,
//! numbers that are not safe integers, text that is not NFC or that holds bidirectional or other controls, depth beyond 16.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// The largest integer that every reader of JSON holds exactly, 2⁵³−1; the smallest is its negative. Source: RFC 7493.
pub const SAFE_INTEGER_MAX: i64 = (1 << 53) - 1;

/// How deep arrays and objects may stand in each other; the outermost counts as 1.
pub const DEPTH_MAX: usize = 16;

/// One JSON value that kept every rule of section 7.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Json {
    /// `null`.
    Null,
    /// `true`, `false`.
    Bool(bool),
    /// An integer within ±(2⁵³−1).
    Integer(i64),
    /// Text in normal form C, without forbidden controls.
    Text(String),
    /// Values in order.
    Array(Vec<Json>),
    /// Members in the order in which they stand, none twice.
    Object(Vec<(String, Json)>),
}

/// Bytes of a partner that are not what the protocol says: where, and what. The fault is the partner's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("at `{pointer}`: {defect}")]
pub struct Malformed {
    /// JSON pointer (RFC 6901) to the value that is at fault; the whole text is the empty pointer.
    pub pointer: String,
    /// What is wrong with it.
    pub defect: Defect,
}

/// What can be wrong with bytes of a partner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Defect {
    /// The bytes are no UTF-8, or begin with a byte order mark.
    NotUtf8,
    /// The text is no JSON; the words of the reader of JSON.
    NotJson(String),
    /// A member stands twice.
    Duplicate,
    /// A member that the protocol or the memorandum does not know here.
    Unknown,
    /// A member that must stand here does not.
    Missing,
    /// A number with a fraction or an exponent, or negative zero.
    Float,
    /// An integer beyond ±(2⁵³−1).
    UnsafeInteger,
    /// Text that is not in Unicode normal form C.
    NotNormal,
    /// Text that holds a bidirectional control.
    Bidirectional(char),
    /// Text that holds a control other than line feed and tab.
    Control(char),
    /// Deeper than [`DEPTH_MAX`].
    TooDeep,
    /// The length is no size class, or something else than spaces stands around the object.
    Padding,
    /// More than the protocol carries here.
    TooLarge,
    /// Another kind of value stands here, or a text of another form; what was expected.
    Expected(String),
    /// An identifier that the named list or table of the memorandum does not hold.
    Unlisted(String),
    /// The act has no slot for it; the act.
    NoSlot(String),
    /// A record whose bytes are not the one way to write it.
    NotCanonical,
    /// What was promised elsewhere in the same message is not so; the words.
    Contradicts(&'static str),
}

impl Defect {
    /// The defect at a place.
    pub fn at(self, pointer: impl Into<String>) -> Malformed {
        Malformed {
            pointer: pointer.into(),
            defect: self,
        }
    }

    /// A short name that stays, for vectors and counters.
    pub fn name(&self) -> &'static str {
        match self {
            Defect::NotUtf8 => "not_utf8",
            Defect::NotJson(_) => "not_json",
            Defect::Duplicate => "duplicate",
            Defect::Unknown => "unknown",
            Defect::Missing => "missing",
            Defect::Float => "float",
            Defect::UnsafeInteger => "unsafe_integer",
            Defect::NotNormal => "not_normal",
            Defect::Bidirectional(_) => "bidirectional",
            Defect::Control(_) => "control",
            Defect::TooDeep => "too_deep",
            Defect::Padding => "padding",
            Defect::TooLarge => "too_large",
            Defect::Expected(_) => "expected",
            Defect::Unlisted(_) => "unlisted",
            Defect::NoSlot(_) => "no_slot",
            Defect::NotCanonical => "not_canonical",
            Defect::Contradicts(_) => "contradicts",
        }
    }
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Defect::NotUtf8 => f.write_str("the bytes are no UTF-8 text without byte order mark"),
            Defect::NotJson(words) => write!(f, "no JSON: {words}"),
            Defect::Duplicate => f.write_str("the member stands twice"),
            Defect::Unknown => f.write_str("the member is not known here"),
            Defect::Missing => f.write_str("the member is missing"),
            Defect::Float => f.write_str("the number is no plain integer"),
            Defect::UnsafeInteger => f.write_str("the integer is beyond ±(2^53-1)"),
            Defect::NotNormal => f.write_str("the text is not in Unicode normal form C"),
            Defect::Bidirectional(mark) => {
                write!(
                    f,
                    "the text holds the bidirectional control U+{:04X}",
                    u32::from(*mark)
                )
            }
            Defect::Control(mark) => {
                write!(f, "the text holds the control U+{:04X}", u32::from(*mark))
            }
            Defect::TooDeep => write!(f, "nested deeper than {DEPTH_MAX}"),
            Defect::Padding => f.write_str("not one object padded with spaces to a size class"),
            Defect::TooLarge => f.write_str("more than is carried here"),
            Defect::Expected(what) => write!(f, "expected {what}"),
            Defect::Unlisted(list) => write!(f, "not in the list `{list}` of the memorandum"),
            Defect::NoSlot(act) => write!(f, "the act `{act}` has no such slot"),
            Defect::NotCanonical => f.write_str("not written in the one way that the record has"),
            Defect::Contradicts(words) => f.write_str(words),
        }
    }
}

/// Reads one strict JSON text. White space may stand between its tokens, nothing may follow it but white space.
///
/// Fails with the first defect in reading order. Never panics, needs memory in proportion to the bytes.
/// Source: docs/PROTOCOL.md, section 7.
pub fn read(bytes: &[u8]) -> Result<Json, Malformed> {
    let text = std::str::from_utf8(bytes).map_err(|_| Defect::NotUtf8.at(""))?;
    if text.starts_with('\u{feff}') {
        return Err(Defect::NotUtf8.at(""));
    }
    let reading = Reading::default();
    let mut source = serde_json::Deserializer::from_str(text);
    let found = Here {
        reading: &reading,
        depth: 0,
    }
    .deserialize(&mut source)
    .and_then(|json| source.end().map(|()| json));
    found.map_err(|error| reading.fault(&error))
}

/// Where the reader stands, and the defect that stopped it.
#[derive(Default)]
struct Reading {
    path: RefCell<Vec<String>>,
    defect: RefCell<Option<Defect>>,
}

impl Reading {
    /// Keeps the defect; the error that `serde` carries upward has no words of its own.
    fn stop<E: Error>(&self, defect: Defect) -> E {
        self.defect.replace(Some(defect));
        E::custom("stopped")
    }

    fn fault(&self, error: &serde_json::Error) -> Malformed {
        let defect = self
            .defect
            .take()
            .unwrap_or_else(|| Defect::NotJson(error.to_string()));
        // The path is left as it stood when the reader stopped, so it names the place.
        defect.at(self
            .path
            .borrow()
            .iter()
            .map(|step| format!("/{}", escape(step)))
            .collect::<String>())
    }

    fn enter(&self, step: String) {
        self.path.borrow_mut().push(step);
    }

    fn leave(&self) {
        self.path.borrow_mut().pop();
    }
}

/// A step of a JSON pointer (RFC 6901).
fn escape(step: &str) -> String {
    step.replace('~', "~0").replace('/', "~1")
}

/// The pointer to a member or an item below `pointer`.
pub fn below(pointer: &str, step: impl fmt::Display) -> String {
    format!("{pointer}/{}", escape(&step.to_string()))
}

/// Reads the value that stands here.
#[derive(Clone, Copy)]
struct Here<'a> {
    reading: &'a Reading,
    depth: usize,
}

impl Here<'_> {
    fn inside<E: Error>(self) -> Result<Self, E> {
        if self.depth == DEPTH_MAX {
            return Err(self.reading.stop(Defect::TooDeep));
        }
        Ok(Self {
            depth: self.depth + 1,
            ..self
        })
    }

    fn integer<E: Error>(self, number: Option<i64>) -> Result<Json, E> {
        match number.filter(|number| number.unsigned_abs() <= SAFE_INTEGER_MAX.unsigned_abs()) {
            Some(number) => Ok(Json::Integer(number)),
            None => Err(self.reading.stop(Defect::UnsafeInteger)),
        }
    }

    fn text<E: Error>(self, text: String) -> Result<String, E> {
        match check_text(&text) {
            Ok(()) => Ok(text),
            Err(defect) => Err(self.reading.stop(defect)),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Here<'_> {
    type Value = Json;
    fn deserialize<D: Deserializer<'de>>(self, source: D) -> Result<Json, D::Error> {
        source.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Here<'_> {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<Json, E> {
        Ok(Json::Bool(flag))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Json, E> {
        self.integer(Some(number))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Json, E> {
        self.integer(i64::try_from(number).ok())
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Json, E> {
        // `serde_json` gives an integer beyond 64 bits as a float too; the words then still say what to send instead.
        let large = number.fract() == 0.0 && number.abs() > SAFE_INTEGER_MAX as f64;
        Err(self.reading.stop(if large {
            Defect::UnsafeInteger
        } else {
            Defect::Float
        }))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Json, E> {
        self.visit_string(text.to_owned())
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Json, E> {
        self.text(text).map(Json::Text)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut source: A) -> Result<Json, A::Error> {
        let inside = self.inside()?;
        let mut items = Vec::new();
        loop {
            self.reading.enter(items.len().to_string());
            let Some(item) = source.next_element_seed(inside)? else {
                break;
            };
            self.reading.leave();
            items.push(item);
        }
        self.reading.leave();
        Ok(Json::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut source: A) -> Result<Json, A::Error> {
        let inside = self.inside()?;
        let (mut members, mut seen) = (Vec::new(), BTreeSet::new());
        while let Some(name) = source.next_key::<String>()? {
            self.reading.enter(name.clone());
            let name = self.text(name)?;
            if !seen.insert(name.clone()) {
                return Err(self.reading.stop(Defect::Duplicate));
            }
            members.push((name, source.next_value_seed(inside)?));
            self.reading.leave();
        }
        Ok(Json::Object(members))
    }
}

/// Whether this text may stand in a strict JSON text. Source: docs/PROTOCOL.md, section 7.
pub fn check_text(text: &str) -> Result<(), Defect> {
    for mark in text.chars() {
        match mark {
            '\n' | '\t' => {}
            '\u{061c}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}' => {
                return Err(Defect::Bidirectional(mark));
            }
            mark if mark.is_control() => return Err(Defect::Control(mark)),
            _ => {}
        }
    }
    if text.is_ascii() || unicode_normalization::is_nfc(text) {
        Ok(())
    } else {
        Err(Defect::NotNormal)
    }
}

impl Json {
    /// Text as JSON.
    pub fn text(text: impl fmt::Display) -> Json {
        Json::Text(text.to_string())
    }

    /// An object with these members in this order.
    pub fn object<const N: usize>(members: [(&str, Json); N]) -> Json {
        Json::Object(members.map(|(name, value)| (name.to_owned(), value)).into())
    }

    /// `null` for nothing, text otherwise.
    pub fn text_or_null(text: Option<impl fmt::Display>) -> Json {
        text.map_or(Json::Null, Json::text)
    }

    /// The one way in which we write it: members in order, no white space, the shortest escapes.
    pub fn write(&self) -> String {
        let mut out = String::new();
        self.write_to(&mut out);
        out
    }

    fn write_to(&self, out: &mut String) {
        match self {
            Json::Null => out.push_str("null"),
            Json::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
            Json::Integer(number) => out.push_str(&number.to_string()),
            Json::Text(text) => write_text(text, out),
            Json::Array(items) => write_all(out, ['[', ']'], items, |item, out| item.write_to(out)),
            Json::Object(members) => write_all(out, ['{', '}'], members, |(name, value), out| {
                write_text(name, out);
                out.push(':');
                value.write_to(out);
            }),
        }
    }
}

fn write_all<T>(
    out: &mut String,
    brackets: [char; 2],
    items: &[T],
    write: impl Fn(&T, &mut String),
) {
    out.push(brackets[0]);
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write(item, out);
    }
    out.push(brackets[1]);
}

fn write_text(text: &str, out: &mut String) {
    out.push('"');
    for mark in text.chars() {
        match mark {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            mark if mark.is_ascii_control() => out.push_str(&format!("\\u{:04x}", u32::from(mark))),
            mark => out.push(mark),
        }
    }
    out.push('"');
}

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
    pub fn parsed<T: std::str::FromStr>(&mut self, name: &str, what: &str) -> Result<T, Malformed> {
        let text = self.text(name)?;
        text.parse()
            .map_err(|_| Defect::Expected(what.to_owned()).at(self.at(name)))
    }

    /// Takes an instant: RFC 3339, universal time, `Z`, at most nanoseconds.
    pub fn instant(&mut self, name: &str) -> Result<jiff::Timestamp, Malformed> {
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
pub fn instant(text: &str) -> Option<jiff::Timestamp> {
    let bytes = text.as_bytes();
    let digits = |range: std::ops::Range<usize>| bytes[range].iter().all(u8::is_ascii_digit);
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
    use proptest::prelude::*;

    use super::*;

    fn defect(text: &str) -> (String, &'static str) {
        let malformed = read(text.as_bytes()).unwrap_err();
        (malformed.pointer, malformed.defect.name())
    }

    #[test]
    fn a_refusal_says_where_and_what() {
        assert_eq!(
            defect(r#"{"a":[{"b/c":1},{"b/c":1.5}]}"#),
            ("/a/1/b~1c".into(), "float")
        );
        assert_eq!(defect(r#"{"a":1,"a":2}"#), ("/a".into(), "duplicate"));
        assert_eq!(
            defect(r#"{"a":9007199254740992}"#),
            ("/a".into(), "unsafe_integer")
        );
        assert_eq!(
            defect(r#"{"a":-9007199254740992}"#),
            ("/a".into(), "unsafe_integer")
        );
        assert_eq!(
            defect(r#"[99999999999999999999999]"#),
            ("/0".into(), "unsafe_integer")
        );
        assert_eq!(defect("[-0]"), ("/0".into(), "float"));
        assert_eq!(defect("[1e2]"), ("/0".into(), "float"));
        assert_eq!(defect(r#"{"a":"\u202e"}"#), ("/a".into(), "bidirectional"));
        assert_eq!(defect(r#"{"\u200f":1}"#).1, "bidirectional");
        assert_eq!(defect(r#"{"a":"\u0000"}"#), ("/a".into(), "control"));
        assert_eq!(defect(r#"{"a":"e\u0301"}"#), ("/a".into(), "not_normal"));
        assert_eq!(defect(r#"{"a":1}{"#).1, "not_json");
        assert_eq!(defect(r#"{"a":"\ud800"}"#).1, "not_json");
        assert_eq!(defect("\u{feff}{}").1, "not_utf8");
        assert_eq!(read(b"\xff").unwrap_err().defect, Defect::NotUtf8);
    }

    #[test]
    fn sixteen_deep_is_read_and_seventeen_is_not() {
        let nested = |depth| "[".repeat(depth) + &"]".repeat(depth);
        assert!(read(nested(16).as_bytes()).is_ok());
        assert_eq!(defect(&nested(17)).1, "too_deep");
        assert!(read(nested(100_000).as_bytes()).is_err());
    }

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

    fn any_json() -> impl Strategy<Value = Json> {
        let text = "[a-zA-Zéàß \\n\\t\"\\\\/نور]{0,8}";
        let leaf = prop_oneof![
            Just(Json::Null),
            any::<bool>().prop_map(Json::Bool),
            (-SAFE_INTEGER_MAX..=SAFE_INTEGER_MAX).prop_map(Json::Integer),
            text.prop_map(Json::Text),
        ];
        leaf.prop_recursive(6, 40, 6, move |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..5).prop_map(Json::Array),
                proptest::collection::btree_map(text, inner, 0..5)
                    .prop_map(|members| Json::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(json in any_json()) {
            prop_assert_eq!(read(json.write().as_bytes()), Ok(json));
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(&bytes);
        }

        #[test]
        fn nearly_json_is_read_or_refused(text in r#"[\[\]{}:,"a0-9eE.\\u-]{0,60}"#) {
            let _ = read(text.as_bytes());
        }
    }
}
