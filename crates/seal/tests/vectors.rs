//! Every vector gives the answer it names; a vector is a file with one fault.

use std::{fs, path::PathBuf};

use aws_lc_rs::digest;
use entente_seal::{FileKey, Identity, Recipient, Unreadable, open, open_with};

/// Where we answer otherwise than an age implementation that serves any number of recipients: a message has one.
const STRICTER: [(&str, &str); 2] = [
    ("hybrid_and_x25519", "ForeignRecipient"),
    ("hybrid_uppercase", "ForeignRecipient"),
];

struct Vector {
    name: String,
    head: Vec<(String, String)>,
    file: Vec<u8>,
}

impl Vector {
    fn read(path: PathBuf) -> Self {
        let bytes = fs::read(&path).unwrap();
        let end = bytes
            .windows(2)
            .position(|pair| pair == b"\n\n")
            .expect("an empty line");
        let head = std::str::from_utf8(&bytes[..end]).unwrap().lines();
        let pair = |line: &str| {
            line.split_once(": ")
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
        };
        Self {
            name: path.file_name().unwrap().to_string_lossy().into_owned(),
            head: head.map(|line| pair(line).expect("`key: value`")).collect(),
            file: bytes[end + 2..].to_vec(),
        }
    }

    fn said(&self, key: &str) -> Option<&str> {
        self.head
            .iter()
            .find(|(name, _)| name == key)
            .map(|(_, value)| value.as_str())
    }

    /// The last identity named: the vectors that name two have an X25519 one first.
    fn identity(&self) -> Identity {
        let named = self
            .head
            .iter()
            .rev()
            .find(|(name, value)| name == "identity" && value.contains("-PQ-"));
        named.expect("an identity").1.parse().unwrap()
    }

    fn opened(&self) -> Result<Vec<u8>, Unreadable> {
        if let Some(key) = self.said("wrong file key") {
            return open_with(&key.parse::<FileKey>().unwrap(), &self.file);
        }
        let max = self
            .said("max")
            .map_or(1_000_000, |max| max.parse().unwrap());
        let opened = open(&self.identity(), &self.file, max)?;
        if let Some(key) = self.said("file key") {
            assert!(opened.file_key == key.parse().unwrap(), "{}", self.name);
        }
        Ok(opened.plaintext)
    }

    /// The name of our answer; an opened file must have the digest that the vector states.
    fn answer(&self) -> String {
        match self.opened() {
            Ok(plaintext) => {
                let digest = digest::digest(&digest::SHA256, &plaintext);
                let digest: String = digest
                    .as_ref()
                    .iter()
                    .map(|byte| format!("{byte:02x}"))
                    .collect();
                assert_eq!(Some(digest.as_str()), self.said("payload"), "{}", self.name);
                "Opened".into()
            }
            Err(fault) => format!("{fault:?}"),
        }
    }
}

fn vectors(folder: &str) -> Vec<Vector> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("vectors")
        .join(folder);
    let vectors: Vec<Vector> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| Vector::read(entry.unwrap().path()))
        .collect();
    assert!(vectors.len() > 10);
    vectors
}

/// Which of the published kinds of failure an answer of ours is.
fn kind(answer: &str) -> &'static str {
    match answer {
        "Opened" => "success",
        "NotForUs" | "NoRecipient" => "no match",
        "HeaderAltered" => "HMAC failure",
        "PayloadDamaged" => "payload failure",
        _ => "header failure",
    }
}

#[test]
fn each_of_our_vectors_gives_the_answer_it_names() {
    let wrong: Vec<String> = vectors("age")
        .iter()
        .filter(|vector| vector.said("entente") != Some(vector.answer().as_str()))
        .map(|vector| {
            format!(
                "{}: {:?}, not {}",
                vector.name,
                vector.said("entente"),
                vector.answer()
            )
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_answer_has_a_vector() {
    use Unreadable::*;
    let named: Vec<String> = vectors("age").iter().map(Vector::answer).collect();
    for fault in [
        NotAge,
        HeaderTooLong,
        HeaderCutShort,
        MalformedHeader,
        NoFinalLine,
        NoRecipient,
        SecondRecipient,
        ForeignRecipient,
        MalformedStanza,
        LowOrderShare,
        NotForUs,
        HeaderAltered,
        TooLarge,
        PayloadDamaged,
    ] {
        assert!(named.contains(&format!("{fault:?}")), "{fault:?}");
    }
}

#[test]
fn the_published_vectors_give_the_published_kind_of_answer() {
    for vector in vectors("cctv") {
        let answer = vector.answer();
        match STRICTER.iter().find(|(name, _)| *name == vector.name) {
            Some((_, ours)) => assert_eq!(answer, *ours, "{}", vector.name),
            None => assert_eq!(
                Some(kind(&answer)),
                vector.said("expect"),
                "{}: {answer}",
                vector.name
            ),
        }
    }
}

#[test]
fn the_identity_printed_in_the_specification_has_the_recipient_printed_there() {
    let text = include_str!("../vectors/c2sp_example.txt");
    let said = |key: &str| {
        text.lines()
            .find_map(|line| line.strip_prefix(key))
            .unwrap()
    };
    let identity: Identity = said("identity: ").parse().unwrap();
    assert_eq!(
        identity.recipient(),
        said("recipient: ").parse::<Recipient>().unwrap()
    );
    assert_eq!(identity.recipient().to_string(), said("recipient: "));
}
