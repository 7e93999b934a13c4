//! Strict JSON: bytes of a partner → one value, or where and why it is none (docs/PROTOCOL.md, section 7).
//!
//! The grammar is that of RFC 8259, read by `serde_json`; what is refused beyond it is refused here: duplicate members,
//! numbers that are not safe integers, text that is not NFC or that holds bidirectional or other controls, depth beyond 16.

use std::{cell::RefCell, collections::BTreeSet, fmt};

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::defect::escape;
pub use super::{
    defect::{Defect, Malformed, below},
    members::{Members, array_at, instant, text_at},
};

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
            // Checked before it becomes part of a place: people read places, on terminals too.
            let name = self.text(name)?;
            // A name is one line, so that a place is one.
            if let Some(mark) = name.chars().find(|mark| "\n\t".contains(*mark)) {
                return Err(self.reading.stop(Defect::Control(mark)));
            }
            self.reading.enter(name.clone());
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
    if text.is_ascii() {
        // Long Base64 takes this way: one byte, one look.
        let control = text
            .bytes()
            .find(|byte| byte.is_ascii_control() && !b"\n\t".contains(byte));
        return control.map_or(Ok(()), |byte| Err(Defect::Control(char::from(byte))));
    }
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
    if unicode_normalization::is_nfc(text) {
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
        assert_eq!(
            defect(r#"{"a":{"\u200f":1}}"#),
            ("/a".into(), "bidirectional")
        );
        assert_eq!(defect(r#"{"a":"\u0000"}"#), ("/a".into(), "control"));
        assert_eq!(defect(r#"{"a\nb":1}"#).1, "control");
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

    fn any_json() -> impl Strategy<Value = Json> {
        let text = "[a-zA-Zéàß \\n\\t\"\\\\/نور]{0,8}";
        let name = "[a-zA-Zéàß \"\\\\/نور]{0,8}";
        let leaf = prop_oneof![
            Just(Json::Null),
            any::<bool>().prop_map(Json::Bool),
            (-SAFE_INTEGER_MAX..=SAFE_INTEGER_MAX).prop_map(Json::Integer),
            text.prop_map(Json::Text),
        ];
        leaf.prop_recursive(6, 40, 6, move |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..5).prop_map(Json::Array),
                proptest::collection::btree_map(name, inner, 0..5)
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
