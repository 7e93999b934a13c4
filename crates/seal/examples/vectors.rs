//! Writes the age vectors of a folder, one fault each: `cargo run -p entente-seal --example vectors -- FOLDER`.
//!
//! Each file has the form of the published age vectors (github.com/C2SP/CCTV, `age`): lines `key: value`, an empty line, the file.
//! `expect` is what any age implementation answers, `entente` is ours (a name of `Unreadable`). Everything but the stanza is
//! written here without the `age` crate. A new run gives other bytes, since sealing is randomised.

use std::{error::Error, fs, path::PathBuf};

use aws_lc_rs::{
    aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey},
    digest, hkdf, hmac,
};
use base64::{
    Engine,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
    prelude::BASE64_STANDARD_NO_PAD as BASE64,
};
use entente_seal::{Identity, seal};

const VERSION: &str = "age-encryption.org/v1\n";
const BODY: &[u8] = b"one body, sealed for one recipient";
const LOW_ORDER: [u8; 32] = [0; 32];

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("name a folder")?);
    fs::create_dir_all(&folder)?;
    for vector in vectors()? {
        fs::write(folder.join(vector.name), vector.text())?;
    }
    Ok(())
}

struct Vector {
    name: &'static str,
    expect: &'static str,
    entente: &'static str,
    comment: &'static str,
    more: String,
    file: Vec<u8>,
}

impl Vector {
    fn new(
        name: &'static str,
        expect: &'static str,
        entente: &'static str,
        comment: &'static str,
    ) -> Self {
        Self {
            name,
            expect,
            entente,
            comment,
            more: String::new(),
            file: Vec::new(),
        }
    }

    fn file(mut self, file: impl Into<Vec<u8>>) -> Self {
        self.file = file.into();
        self
    }

    fn more(mut self, line: String) -> Self {
        self.more = line + "\n";
        self
    }

    fn text(&self) -> Vec<u8> {
        let payload = hexadecimal(digest::digest(&digest::SHA256, BODY).as_ref());
        let payload = if self.expect == "success" {
            format!("payload: {payload}\n")
        } else {
            String::new()
        };
        let Self {
            expect,
            entente,
            comment,
            more,
            ..
        } = self;
        let identity = identity().to_text();
        let head = format!(
            "expect: {expect}\n{payload}identity: {}\nentente: {entente}\n{more}comment: {comment}\n\n",
            *identity
        );
        [head.as_bytes(), &self.file].concat()
    }
}

fn identity() -> Identity {
    Identity::from_seed(&[42; 32])
}

/// A whole file in parts, so that one of them can be spoilt.
struct Parts {
    encapsulation: String,
    wrapped: String,
    file_key: [u8; 16],
}

impl Parts {
    fn sealed_for(identity: &Identity) -> Result<Self, Box<dyn Error>> {
        let sealed = seal(&identity.recipient(), BODY);
        let text = String::from_utf8_lossy(&sealed.bytes).into_owned();
        let mut lines = text
            .lines()
            .skip_while(|line| !line.starts_with("-> mlkem768x25519 "));
        let encapsulation = lines
            .next()
            .and_then(|line| line.split(' ').nth(2))
            .ok_or("no stanza")?
            .to_owned();
        let wrapped = lines.next().ok_or("no body")?.to_owned();
        Ok(Self {
            encapsulation,
            wrapped,
            file_key: key_of(&sealed.file_key.reveal())?,
        })
    }

    fn stanza(&self) -> String {
        stanza(&self.encapsulation, &self.wrapped)
    }

    /// The file with these stanzas, every code in it right.
    fn file(&self, stanzas: &str) -> Vec<u8> {
        [self.header(stanzas).as_bytes(), &self.payload()].concat()
    }

    fn header(&self, stanzas: &str) -> String {
        let covered = format!("{VERSION}{stanzas}---");
        let key = hmac::Key::new(hmac::HMAC_SHA256, &derive(&self.file_key, &[], b"header"));
        format!(
            "{covered} {}\n",
            BASE64.encode(hmac::sign(&key, covered.as_bytes()))
        )
    }

    fn payload(&self) -> Vec<u8> {
        let nonce = [7; 16];
        let mut chunk = BODY.to_vec();
        let key = UnboundKey::new(
            &CHACHA20_POLY1305,
            &derive(&self.file_key, &nonce, b"payload"),
        )
        .expect("32 bytes");
        let last = Nonce::assume_unique_for_key([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
        LessSafeKey::new(key)
            .seal_in_place_append_tag(last, Aad::empty(), &mut chunk)
            .expect("a short body");
        [&nonce[..], &chunk].concat()
    }

    fn encapsulation_bytes(&self) -> Vec<u8> {
        BASE64.decode(&self.encapsulation).expect("ours")
    }

    fn wrapped_bytes(&self) -> Vec<u8> {
        BASE64.decode(&self.wrapped).expect("ours")
    }
}

fn stanza(encapsulation: &str, wrapped: &str) -> String {
    format!("-> mlkem768x25519 {encapsulation}\n{wrapped}\n")
}

fn vectors() -> Result<Vec<Vector>, Box<dyn Error>> {
    let parts = Parts::sealed_for(&identity())?;
    Ok([
        whole(&parts),
        version_and_length(&parts),
        recipients(&parts)?,
        stanzas(&parts),
        codes(&parts)?,
        payloads(&parts),
    ]
    .into_iter()
    .flatten()
    .collect())
}

fn whole(parts: &Parts) -> Vec<Vector> {
    let ours = parts.stanza();
    let grease = format!("-> x-grease a b\n{}\n\n", "A".repeat(64));
    vec![
        Vector::new("sealed", "success", "Opened", "nothing is wrong").file(parts.file(&ours)),
        Vector::new(
            "grease",
            "success",
            "Opened",
            "grease before and after our stanza",
        )
        .file(parts.file(&format!("-> grease\n\n{ours}{grease}"))),
        Vector::new(
            "too_large",
            "success",
            "TooLarge",
            "one byte longer than the reader allows",
        )
        .more(format!("max: {}", BODY.len() - 1))
        .file(parts.file(&ours)),
    ]
}

fn version_and_length(parts: &Parts) -> Vec<Vector> {
    let ours = parts.stanza();
    let good = String::from_utf8_lossy(&parts.file(&ours)).into_owned();
    let header = parts.header(&ours);
    let long = format!(
        "-> a-grease\n{}\n",
        format!("{}\n", "A".repeat(64)).repeat(256)
    );
    vec![
        Vector::new("version", "header failure", "NotAge", "version 2 of age")
            .file(good.replace("/v1", "/v2")),
        Vector::new("empty", "header failure", "NotAge", "no byte at all"),
        Vector::new(
            "armor",
            "header failure",
            "NotAge",
            "the text form of age, which is not for messages",
        )
        .file(format!(
            "-----BEGIN AGE ENCRYPTED FILE-----\n{}\n-----END AGE ENCRYPTED FILE-----\n",
            BASE64.encode(VERSION)
        )),
        Vector::new(
            "line_ends",
            "header failure",
            "NotAge",
            "lines end with CR LF",
        )
        .file(header.replace('\n', "\r\n")),
        Vector::new(
            "header_too_long",
            "success",
            "HeaderTooLong",
            "a header of more than 16 KiB, by grease alone",
        )
        .file(parts.file(&format!("{long}{ours}"))),
        Vector::new(
            "header_cut_short",
            "header failure",
            "HeaderCutShort",
            "the file ends in the last line of its header",
        )
        .file(&header.as_bytes()[..header.len() - 1]),
        Vector::new(
            "header_without_end",
            "header failure",
            "HeaderCutShort",
            "no last line of the header",
        )
        .file(format!("{VERSION}{ours}")),
    ]
}

fn recipients(parts: &Parts) -> Result<Vec<Vector>, Box<dyn Error>> {
    let ours = parts.stanza();
    let other = Parts::sealed_for(&Identity::from_seed(&[43; 32]))?;
    let x25519 = format!(
        "-> X25519 {}\n{}\n",
        BASE64.encode([9; 32]),
        BASE64.encode([5; 32])
    );
    let mut altered = parts.encapsulation_bytes();
    altered[0] ^= 1;
    let mut unwrapped = parts.wrapped_bytes();
    unwrapped[0] ^= 1;
    Ok(vec![
        Vector::new(
            "another_recipient",
            "no match",
            "NotForUs",
            "sealed for another key",
        )
        .file(other.file(&other.stanza())),
        Vector::new(
            "second_recipient",
            "success",
            "SecondRecipient",
            "two hybrid stanzas, one of them ours",
        )
        .file(parts.file(&format!("{ours}{}", other.stanza()))),
        Vector::new(
            "foreign_recipient",
            "success",
            "ForeignRecipient",
            "an X25519 stanza beside ours",
        )
        .file(parts.file(&format!("{x25519}{ours}"))),
        Vector::new("no_recipient", "no match", "NoRecipient", "grease alone")
            .file(parts.file("-> a-grease\n\n")),
        Vector::new(
            "no_stanza",
            "header failure",
            "NoRecipient",
            "no stanza at all",
        )
        .file(parts.file("")),
        Vector::new(
            "kind_in_capitals",
            "no match",
            "ForeignRecipient",
            "the kind of the stanza in capitals",
        )
        .file(parts.file(&ours.replace("mlkem768x25519", "MLKEM768X25519"))),
        Vector::new(
            "ciphertext_altered",
            "no match",
            "NotForUs",
            "one bit of the ML-KEM ciphertext: implicit rejection",
        )
        .file(parts.file(&stanza(&BASE64.encode(altered), &parts.wrapped))),
        Vector::new(
            "file_key_altered",
            "no match",
            "NotForUs",
            "one bit of the wrapped file key",
        )
        .file(parts.file(&stanza(&parts.encapsulation, &BASE64.encode(unwrapped)))),
    ])
}

fn stanzas(parts: &Parts) -> Vec<Vector> {
    let (encapsulation, wrapped) = (&parts.encapsulation, &parts.wrapped);
    let bytes = parts.encapsulation_bytes();
    let low = [&bytes[..1088], &LOW_ORDER].concat();
    let long = [&bytes[..], &[0]].concat();
    let full_line = format!("-> a-grease\n{}\n", "A".repeat(64));
    let malformed = |name, comment, text: String| {
        Vector::new(name, "header failure", "MalformedStanza", comment).file(parts.file(&text))
    };
    vec![
        Vector::new(
            "low_order_share",
            "header failure",
            "LowOrderShare",
            "the X25519 share is zero",
        )
        .file(parts.file(&stanza(&BASE64.encode(low), wrapped))),
        Vector::new(
            "no_final_line",
            "header failure",
            "NoFinalLine",
            "a stanza of whole lines without the short one",
        )
        .file(parts.file(&format!("{full_line}{}", parts.stanza()))),
        Vector::new(
            "no_body",
            "header failure",
            "NoFinalLine",
            "a stanza without any body",
        )
        .file(parts.file(&format!("-> mlkem768x25519 {encapsulation}\n"))),
        Vector::new(
            "long_line",
            "header failure",
            "MalformedHeader",
            "a line of 65 characters",
        )
        .file(parts.file(&format!(
            "-> a-grease\n{}\n\n{}",
            "A".repeat(65),
            parts.stanza()
        ))),
        Vector::new(
            "empty_argument",
            "header failure",
            "MalformedHeader",
            "two spaces between arguments",
        )
        .file(
            parts.file(
                &parts
                    .stanza()
                    .replacen(' ', "  ", 2)
                    .replacen("->  ", "-> ", 1),
            ),
        ),
        malformed(
            "no_argument",
            "our stanza without its encapsulation",
            format!("-> mlkem768x25519\n{wrapped}\n"),
        ),
        malformed(
            "extra_argument",
            "one argument more",
            stanza(&format!("{encapsulation} x"), wrapped),
        ),
        malformed(
            "short_encapsulation",
            "one byte less",
            stanza(&BASE64.encode(&bytes[1..]), wrapped),
        ),
        malformed(
            "long_encapsulation",
            "one byte more",
            stanza(&BASE64.encode(long), wrapped),
        ),
        malformed(
            "short_file_key",
            "one byte less",
            stanza(encapsulation, &BASE64.encode(&parts.wrapped_bytes()[1..])),
        ),
        malformed(
            "long_file_key",
            "a wrapped key of 24 bytes",
            stanza(encapsulation, &BASE64.encode([1; 40])),
        ),
        malformed(
            "not_canonical_encapsulation",
            "loose bits at the end",
            stanza(&loose(encapsulation), wrapped),
        ),
        malformed(
            "not_canonical_file_key",
            "loose bits at the end",
            stanza(encapsulation, &loose(wrapped)),
        ),
        malformed(
            "padded_encapsulation",
            "padding",
            stanza(&format!("{encapsulation}="), wrapped),
        ),
        Vector::new(
            "padded_file_key",
            "header failure",
            "MalformedHeader",
            "padding",
        )
        .file(parts.file(&stanza(encapsulation, &format!("{wrapped}=")))),
    ]
}

fn codes(parts: &Parts) -> Result<Vec<Vector>, Box<dyn Error>> {
    let ours = parts.stanza();
    let good = parts.header(&ours);
    let (before, code) = good.trim_end().rsplit_once(' ').ok_or("no code")?;
    let other = Parts::sealed_for(&identity())?;
    let with = |code: &str| [format!("{before} {code}\n").as_bytes(), &parts.payload()].concat();
    let malformed = |name, comment, file: Vec<u8>| {
        Vector::new(name, "header failure", "MalformedHeader", comment).file(file)
    };
    let swapped = [other.header(&ours).as_bytes(), &other.payload()].concat();
    let altered = [
        good.replace(&ours, &format!("-> a-grease\n\n{ours}"))
            .as_bytes(),
        &parts.payload(),
    ]
    .concat();
    Ok(vec![
        Vector::new(
            "code_altered",
            "HMAC failure",
            "HeaderAltered",
            "another code",
        )
        .file(with(&BASE64.encode([3; 32]))),
        Vector::new(
            "stanza_swapped",
            "HMAC failure",
            "HeaderAltered",
            "the stanza of one file before the payload of another",
        )
        .file(swapped),
        Vector::new(
            "grease_added",
            "HMAC failure",
            "HeaderAltered",
            "a stanza that the code does not cover",
        )
        .file(altered),
        Vector::new(
            "wrong_file_key",
            "success",
            "HeaderAltered",
            "opened with the key of another file",
        )
        .more(format!("wrong file key: {}", hexadecimal(&other.file_key)))
        .file(parts.file(&ours)),
        malformed(
            "code_not_canonical",
            "loose bits at the end of the code",
            with(&loose(code)),
        ),
        malformed("code_padded", "padding", with(&format!("{code}="))),
        malformed("code_short", "one character less", with(&code[1..])),
        malformed(
            "code_missing",
            "no code",
            [format!("{before}\n").as_bytes(), &parts.payload()].concat(),
        ),
        malformed(
            "code_and_space",
            "a space after the code",
            with(&format!("{code} ")),
        ),
    ])
}

fn payloads(parts: &Parts) -> Vec<Vector> {
    let header = parts.header(&parts.stanza());
    let damaged = |name, comment, payload: Vec<u8>| {
        Vector::new(name, "payload failure", "PayloadDamaged", comment)
            .file([header.as_bytes(), &payload].concat())
    };
    let good = parts.payload();
    let flip = |place: usize| {
        let mut payload = good.clone();
        payload[place] ^= 1;
        payload
    };
    vec![
        damaged(
            "payload_missing",
            "the file ends with its header",
            Vec::new(),
        ),
        damaged("nonce_cut", "half a nonce", good[..8].to_vec()),
        damaged(
            "chunk_missing",
            "a nonce and nothing after it",
            good[..16].to_vec(),
        ),
        damaged(
            "payload_cut",
            "the last byte is missing",
            good[..good.len() - 1].to_vec(),
        ),
        damaged("trailing_byte", "one byte more", [&good[..], &[0]].concat()),
        damaged(
            "file_twice",
            "the payload a second time",
            [&good[..], &good].concat(),
        ),
        damaged("nonce_altered", "one bit of the nonce", flip(0)),
        damaged("chunk_altered", "one bit of the body", flip(16)),
        damaged("tag_altered", "one bit of the tag", flip(good.len() - 1)),
    ]
}

/// The same bytes in Base64 whose unused last bits are set, which a canonical decoder refuses.
fn loose(text: &str) -> String {
    let lenient = GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let lenient = GeneralPurpose::new(&STANDARD, lenient);
    let last = text
        .chars()
        .last()
        .and_then(|letter| STANDARD.as_str().find(letter))
        .expect("Base64");
    let loose = format!(
        "{}{}",
        &text[..text.len() - 1],
        &STANDARD.as_str()[last + 1..last + 2]
    );
    assert!(
        lenient
            .decode(&loose)
            .is_ok_and(|bytes| lenient.decode(text) == Ok(bytes))
    );
    loose
}

fn derive(file_key: &[u8; 16], salt: &[u8], info: &[u8]) -> [u8; 32] {
    let mut key = [0; 32];
    let secret = hkdf::Salt::new(hkdf::HKDF_SHA256, salt).extract(file_key);
    secret
        .expand(&[info], hkdf::HKDF_SHA256)
        .and_then(|expanded| expanded.fill(&mut key))
        .expect("32 bytes");
    key
}

fn key_of(text: &str) -> Result<[u8; 16], Box<dyn Error>> {
    let mut key = [0; 16];
    for (byte, place) in key.iter_mut().zip((0..32).step_by(2)) {
        *byte = u8::from_str_radix(&text[place..place + 2], 16)?;
    }
    Ok(key)
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
