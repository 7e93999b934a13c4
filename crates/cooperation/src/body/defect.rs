//! What can be wrong with bytes of a partner: a defect, and the place where it stands.

use std::fmt;

use super::strict::DEPTH_MAX;

/// How much of a place is kept: it goes into journals, and to terminals.
pub const POINTER_MAX_CHARS: usize = 300;

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
    /// The defect at a place. Of a place that is longer than [`POINTER_MAX_CHARS`], made of names that somebody chose, the beginning.
    pub fn at(self, pointer: impl Into<String>) -> Malformed {
        let mut pointer = pointer.into();
        if let Some((end, _)) = pointer.char_indices().nth(POINTER_MAX_CHARS) {
            pointer.truncate(end);
            pointer.push('…');
        }
        Malformed {
            pointer,
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

/// A step of a JSON pointer (RFC 6901).
pub(super) fn escape(step: &str) -> String {
    step.replace('~', "~0").replace('/', "~1")
}

/// The pointer to a member or an item below `pointer`.
pub fn below(pointer: &str, step: impl fmt::Display) -> String {
    format!("{pointer}/{}", escape(&step.to_string()))
}
