//! The header of a stranger's age file, its shape checked line by line before anything is computed from it.
//!
//! `age` alone sets no limit, parses the whole header anew for each line (1 MiB takes seconds) and takes stanzas without their last
//! short line, which other readers refuse. The grammar is C2SP age, "ABNF definition of file header".

use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD};

use crate::{
    hybrid::{ENCAPSULATION_BYTES, WRAPPED_BYTES},
    sealed::Unreadable,
};

/// The longest header that is read, in bytes. One stanza and grease take under 2 KiB.
pub const HEADER_MAX_BYTES: usize = 16 * 1024;

/// The first argument of our stanza.
pub(crate) const STANZA_KIND: &str = "mlkem768x25519";
const VERSION_LINE: &[u8] = b"age-encryption.org/v1\n";
const FULL_LINE_BYTES: usize = 64;

/// A header with exactly one stanza of our kind, and no other but grease.
pub(crate) struct Header {
    /// Where the payload begins.
    pub(crate) length: usize,
    pub(crate) encapsulation: Box<[u8; ENCAPSULATION_BYTES]>,
    pub(crate) wrapped: [u8; WRAPPED_BYTES],
}

impl Header {
    /// Reads the header at the start of `file`; more than its first [`HEADER_MAX_BYTES`] are never looked at.
    pub(crate) fn read(file: &[u8]) -> Result<Self, Unreadable> {
        let mut lines = Lines { file, at: 0 };
        if !file.starts_with(VERSION_LINE) {
            return Err(Unreadable::NotAge);
        }
        lines.at = VERSION_LINE.len();
        let mut ours = None;
        loop {
            let line = lines.next()?;
            if line.starts_with("---") {
                break;
            }
            let stanza = Stanza::read(line, &mut lines)?;
            if stanza.is_grease() {
                continue;
            }
            if stanza.kind() != STANZA_KIND {
                return Err(Unreadable::ForeignRecipient);
            }
            if ours.replace(stanza).is_some() {
                return Err(Unreadable::SecondRecipient);
            }
        }
        let (encapsulation, wrapped) = ours.ok_or(Unreadable::NoRecipient)?.fields()?;
        Ok(Self {
            length: lines.at,
            encapsulation,
            wrapped,
        })
    }
}

/// The lines of a header, within its limit.
struct Lines<'a> {
    file: &'a [u8],
    at: usize,
}

impl<'a> Lines<'a> {
    /// The next line without its line feed: only visible ASCII and spaces.
    fn next(&mut self) -> Result<&'a str, Unreadable> {
        let limit = self.file.len().min(HEADER_MAX_BYTES);
        let rest = &self.file[self.at..limit];
        let Some(end) = rest.iter().position(|byte| *byte == b'\n') else {
            let over = self.file.len() > HEADER_MAX_BYTES;
            return Err(if over {
                Unreadable::HeaderTooLong
            } else {
                Unreadable::HeaderCutShort
            });
        };
        self.at += end + 1;
        let line = std::str::from_utf8(&rest[..end]).ok();
        line.filter(|line| line.bytes().all(|byte| (b' '..=b'~').contains(&byte)))
            .ok_or(Unreadable::MalformedHeader)
    }
}

/// One recipient stanza: `-> kind argument…`, then its body in Base64.
struct Stanza<'a> {
    arguments: Vec<&'a str>,
    body: Vec<&'a str>,
}

impl<'a> Stanza<'a> {
    fn read(first: &'a str, lines: &mut Lines<'a>) -> Result<Self, Unreadable> {
        let arguments: Vec<&str> = first
            .strip_prefix("-> ")
            .ok_or(Unreadable::MalformedHeader)?
            .split(' ')
            .collect();
        if arguments.contains(&"") {
            return Err(Unreadable::MalformedHeader);
        }
        let mut body = Vec::new();
        loop {
            let line = lines.next()?;
            if line.starts_with('-') {
                return Err(Unreadable::NoFinalLine);
            }
            if line.len() > FULL_LINE_BYTES || !line.bytes().all(is_base64) {
                return Err(Unreadable::MalformedHeader);
            }
            body.push(line);
            if line.len() < FULL_LINE_BYTES {
                return Ok(Self { arguments, body });
            }
        }
    }

    fn kind(&self) -> &'a str {
        self.arguments[0]
    }

    /// Stanzas that mean nothing, which writers add so that readers stay used to ignoring them.
    fn is_grease(&self) -> bool {
        self.kind() == "grease" || self.kind().ends_with("-grease")
    }

    /// The encapsulation and the wrapped file key. Both lengths are checked before anything is decrypted (C2SP age: partitioning oracles).
    fn fields(&self) -> Result<(Box<[u8; ENCAPSULATION_BYTES]>, [u8; WRAPPED_BYTES]), Unreadable> {
        let [_, encapsulation] = self.arguments[..] else {
            return Err(Unreadable::MalformedStanza);
        };
        Ok((
            Box::new(decode(encapsulation)?),
            decode(&self.body.concat())?,
        ))
    }
}

/// Canonical Base64 without padding, of exactly `N` bytes.
fn decode<const N: usize>(text: &str) -> Result<[u8; N], Unreadable> {
    let bytes = BASE64_STANDARD_NO_PAD
        .decode(text)
        .map_err(|_| Unreadable::MalformedStanza)?;
    bytes.try_into().map_err(|_| Unreadable::MalformedStanza)
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/'
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fault(header: &str) -> Unreadable {
        Header::read(header.as_bytes()).err().expect("refused")
    }

    #[test]
    fn a_header_over_its_limit_is_refused_without_being_parsed_by_age() {
        let long = format!(
            "age-encryption.org/v1\n-> a-grease\n{}",
            format!("{}\n", "A".repeat(64)).repeat(300)
        );
        assert_eq!(fault(&long), Unreadable::HeaderTooLong);
    }

    #[test]
    fn a_stanza_ends_with_a_short_line() {
        let full = "A".repeat(64);
        let end = format!("--- {}\n", "A".repeat(43));
        let with = |body: &str| fault(&format!("age-encryption.org/v1\n-> a-grease\n{body}{end}"));
        assert_eq!(with(&format!("{full}\n\n")), Unreadable::NoRecipient);
        assert_eq!(with(&format!("{full}\n")), Unreadable::NoFinalLine);
        assert_eq!(with(""), Unreadable::NoFinalLine);
        assert_eq!(with(&format!("{full}A\n\n")), Unreadable::MalformedHeader);
    }

    #[test]
    fn a_header_cut_at_any_place_is_refused() {
        let sealed = crate::seal(&crate::Identity::from_seed(&[1; 32]).recipient(), b"body");
        let length = Header::read(&sealed.bytes).expect("ours").length;
        for cut in 0..length {
            assert!(Header::read(&sealed.bytes[..cut]).is_err(), "{cut}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(tail in proptest::collection::vec(any::<u8>(), 0..2000), honest in any::<bool>()) {
            let mut file = if honest { VERSION_LINE.to_vec() } else { Vec::new() };
            file.extend(tail);
            let _ = Header::read(&file);
        }

        #[test]
        fn no_lines_make_it_panic(lines in proptest::collection::vec("(-> [!-~]{1,9}( [!-~]{1,9})?|[A-Za-z+/]{64}|[A-Z]{0,9}|---.{0,9})", 0..40)) {
            let _ = Header::read(format!("age-encryption.org/v1\n{}\n", lines.join("\n")).as_bytes());
        }
    }
}
