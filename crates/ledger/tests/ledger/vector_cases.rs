//! How the vectors are made: something right, and each time one thing changed.

use entente_ledger::notice::{KeyNotice, KeyUse};
use entente_ledger::tree::tree_of;
use entente_ledger::{KeyKind, Proof, SignatureLine, VerifierKey};

use crate::party::{Party, at, entries, memorandum};
use crate::vectors::Vector;

/// All vectors, of every kind.
pub(crate) fn all() -> Vec<Vector> {
    [notes(), heads(), proofs(), introductions(), key_notices()]
        .into_iter()
        .flatten()
        .collect()
}

/// Collects the vectors of one kind, which share their keys.
struct Kind {
    kind: &'static str,
    members: Vec<(String, String)>,
    vectors: Vec<Vector>,
}

impl Kind {
    fn new(kind: &'static str, members: &[(&str, String)]) -> Self {
        let members = members
            .iter()
            .map(|(name, value)| ((*name).into(), value.clone()));
        Self {
            kind,
            members: members.collect(),
            vectors: Vec::new(),
        }
    }

    /// Adds `content`, which is `expect`ed to be `right` or to have that fault.
    fn add(&mut self, name: &str, expect: &str, comment: &str, content: String) {
        let head = [("expect", expect), ("comment", comment)];
        let head = head.map(|(name, value)| (name.to_owned(), value.to_owned()));
        self.vectors.push(Vector {
            kind: self.kind,
            name: name.into(),
            members: head.into_iter().chain(self.members.clone()).collect(),
            content,
        });
    }
}

/// The `count`-th line of `text`, from 0, with its line feed.
fn line(text: &str, count: usize) -> String {
    format!("{}\n", text.lines().nth(count).unwrap())
}

fn without(text: &str, count: usize) -> String {
    text.replacen(&line(text, count), "", 1)
}

/// `text` with the last Base64 digit before the final padding of line `count` changed.
fn spoilt(text: &str, count: usize) -> String {
    let right = line(text, count);
    let place = right.trim_end_matches(['=', '\n']).len() - 8;
    let other = if right.as_bytes()[place] == b'A' {
        "B"
    } else {
        "A"
    };
    let mut wrong = right.clone();
    wrong.replace_range(place..=place, other);
    text.replacen(&right, &wrong, 1)
}

fn notes() -> Vec<Vector> {
    let aurelia = Party::aurelia();
    let key = aurelia.identity_keys().ed25519().clone();
    let mut kind = Kind::new("note", &[("key", key.to_string())]);
    let text = "A text of two lines,\nsigned by one Party.\n";
    let signature = SignatureLine::new(&key, &aurelia.identity.ed25519(text.as_bytes()));
    let right = format!("{text}\n{signature}\n");
    let form = "the note is not text, a blank line and signature lines";
    let malformed = "a signature line is malformed";
    let wrong = "the signature of `entente/aurelia` is wrong";
    let unsigned = "not signed by `entente/aurelia`";
    kind.add(
        "right",
        "right",
        "text, a blank line, one line",
        right.clone(),
    );

    let blank = "A text\n\nwith a blank line.\n";
    let signed = SignatureLine::new(&key, &aurelia.identity.ed25519(blank.as_bytes()));
    let comment = "the last blank line separates";
    kind.add(
        "blank_line_in_text",
        "right",
        comment,
        format!("{blank}\n{signed}\n"),
    );
    let other = VerifierKey::new("entente/aurelia", KeyKind::Ed25519, &[8; 32]).unwrap();
    let other = format!("{right}{}\n", SignatureLine::new(&other, &[1; 64]));
    kind.add(
        "unknown_key_of_known_name",
        "right",
        "name known, key id not: ignored",
        other,
    );
    let many = format!(
        "{right}{}",
        "\u{2014} someone.example AAAAAAAA\n".repeat(15)
    );
    kind.add(
        "sixteen_lines",
        "right",
        "as many lines as every reader must take",
        many,
    );

    let many = format!(
        "{right}{}",
        "\u{2014} someone.example AAAAAAAA\n".repeat(64)
    );
    kind.add("too_many_lines", "the note is too large", "65 lines", many);
    kind.add(
        "changed_text",
        wrong,
        "one letter of the text",
        right.replace("two", "six"),
    );
    kind.add(
        "changed_signature",
        wrong,
        "one digit of the signature",
        spoilt(&right, 3),
    );
    let twice = format!("{right}{}", line(&spoilt(&right, 3), 3));
    kind.add(
        "second_line_wrong",
        wrong,
        "right first, then wrong: refused whole",
        twice,
    );
    let long = SignatureLine::new(&key, &[7; 65]);
    kind.add(
        "long_signature",
        wrong,
        "65 bytes",
        format!("{text}\n{long}\n"),
    );
    let stranger = right.replace("entente/aurelia", "entente/borealis");
    kind.add(
        "other_name",
        unsigned,
        "the key id with another name",
        stranger,
    );
    kind.add(
        "no_final_line_feed",
        form,
        "the last line is not ended",
        right.trim_end().into(),
    );
    kind.add(
        "no_lines",
        form,
        "an empty line and nothing more",
        format!("{text}\n"),
    );
    kind.add(
        "no_blank_line",
        form,
        "nothing separates",
        right.replace("\n\n", "\n"),
    );
    kind.add(
        "hyphen",
        malformed,
        "a hyphen for the dash",
        right.replace('\u{2014}', "-"),
    );
    kind.add(
        "two_spaces",
        malformed,
        "the name is empty",
        right.replace("\u{2014} ", "\u{2014}  "),
    );
    kind.add(
        "plus_in_name",
        malformed,
        "a plus",
        right.replace("entente/aurelia", "entente+aurelia"),
    );
    kind.add(
        "short_line",
        malformed,
        "a key id and no signature",
        format!("{text}\n\u{2014} a AAAAAA==\n"),
    );
    let unpadded = right.replace("=\n", "\n");
    kind.add("no_padding", malformed, "Base64 without padding", unpadded);
    let control = "the note has a control character";
    kind.add(
        "carriage_return",
        control,
        "line ends of another system",
        right.replace('\n', "\r\n"),
    );
    kind.add(
        "tab",
        control,
        "a tab in the text",
        right.replace("text of", "text\tof"),
    );
    kind.vectors
}

fn heads() -> Vec<Vector> {
    let (aurelia, borealis) = (Party::aurelia(), Party::borealis());
    let keys = aurelia.keys_for(&borealis);
    let mut kind = Kind::new(
        "head",
        &[
            ("origin", keys.origin().to_string()),
            ("ed25519", keys.ed25519().to_string()),
            ("mldsa44", keys.ml_dsa_44().to_string()),
        ],
    );
    let head = aurelia.head_over(&entries(17), &borealis, at(0));
    let right = head.note().to_owned();
    kind.add("right", "right", "both lines", right.clone());
    let empty = aurelia.head_over(&[], &borealis, at(0));
    kind.add(
        "empty_log",
        "right",
        "size 0, the SHA-256 of nothing",
        empty.note().into(),
    );
    let cosigned = head.note_with(&borealis.cosign(head.head(), &aurelia, at(3)));
    kind.add(
        "cosigned",
        "right",
        "with the line of the partner",
        cosigned,
    );

    let name = "entente/aurelia_borealis/aurelia";
    let wrong = format!("the signature of `{name}` is wrong");
    let wrong_cosignature = format!("the cosignature of `{name}` is wrong");
    let unsigned = format!("not signed by `{name}`");
    let missing = format!("not cosigned by `{name}`");
    let malformed = format!("the cosignature of `{name}` is malformed");
    let form = "a checkpoint has three lines: an origin, a size, a root in Base64";
    kind.add(
        "no_ed25519",
        &unsigned,
        "one line missing",
        without(&right, 4),
    );
    kind.add(
        "no_mldsa44",
        &missing,
        "one line missing",
        without(&right, 5),
    );
    kind.add(
        "wrong_ed25519",
        &wrong,
        "one digit changed",
        spoilt(&right, 4),
    );
    kind.add(
        "wrong_mldsa44",
        &wrong_cosignature,
        "one digit changed",
        spoilt(&right, 5),
    );
    kind.add(
        "other_size",
        &wrong,
        "17 becomes 18",
        right.replace("\n17\n", "\n18\n"),
    );

    let other = aurelia.head_over(&entries(18), &borealis, at(0));
    let lines = [line(&right, 4), line(other.note(), 5)];
    let mixed = right.replacen(&line(&right, 5), &lines[1], 1);
    kind.add(
        "cosignature_of_another_head",
        &wrong_cosignature,
        "of size 18",
        mixed,
    );
    let zero = borealis_of_zero(&aurelia, &borealis);
    kind.add(
        "time_zero",
        &malformed,
        "a cosignature that states no time",
        zero,
    );
    kind.add(
        "extension_line",
        form,
        "a fourth line",
        re_sign(&right, |text| format!("{text}more\n")),
    );
    kind.add(
        "leading_zero",
        form,
        "size 017",
        re_sign(&right, |text| text.replace("\n17\n", "\n017\n")),
    );
    kind.add(
        "plus_size",
        form,
        "size +17",
        re_sign(&right, |text| text.replace("\n17\n", "\n+17\n")),
    );
    kind.add(
        "large_size",
        form,
        "size 2^64",
        re_sign(&right, |text| {
            text.replace("\n17\n", "\n18446744073709551616\n")
        }),
    );
    kind.add(
        "short_root",
        form,
        "a root of 30 bytes",
        re_sign(&right, |text| {
            let root = line(text, 2);
            text.replace(&root, &format!("{}\n", &root[..40]))
        }),
    );
    let foreign = borealis.head_over(&entries(17), &aurelia, at(0));
    let origin = "the head is of the log `entente/aurelia_borealis/borealis/aurelia`";
    kind.add(
        "other_log",
        origin,
        "of the partner, signed by the partner",
        foreign.note().into(),
    );
    kind.vectors
}

/// The head with its text changed and its Ed25519 line right for the change.
fn re_sign(note: &str, change: impl Fn(&str) -> String) -> String {
    let (aurelia, borealis) = (Party::aurelia(), Party::borealis());
    let keys = aurelia.keys_for(&borealis);
    let cut = note.find("\n\n").unwrap() + 1;
    let text = change(&note[..cut]);
    let signature = SignatureLine::new(keys.ed25519(), &aurelia.log.ed25519(text.as_bytes()));
    format!("{text}\n{signature}\n{}", line(note, 5))
}

/// A head whose ML-DSA-44 line has the time 0, rightly signed.
fn borealis_of_zero(aurelia: &Party, borealis: &Party) -> String {
    let zero = jiff::Timestamp::UNIX_EPOCH;
    aurelia
        .head_over(&entries(17), borealis, zero)
        .note()
        .into()
}

fn proofs() -> Vec<Vector> {
    let (aurelia, borealis) = (Party::aurelia(), Party::borealis());
    let (keys, partner) = (aurelia.keys_for(&borealis), borealis.keys_for(&aurelia));
    let log = entries(6);
    let mut kind = Kind::new(
        "proof",
        &[
            ("entry", log[3].to_hex()),
            ("origin", keys.origin().to_string()),
            ("ed25519", keys.ed25519().to_string()),
            ("mldsa44", keys.ml_dsa_44().to_string()),
            ("cosigner", partner.ml_dsa_44().to_string()),
        ],
    );
    let head = aurelia.head_over(&log, &borealis, at(0));
    let note = head.note_with(&borealis.cosign(head.head(), &aurelia, at(3)));
    let cosigned = entente_ledger::SignedHead::verify(&note, &keys).unwrap();
    let right = Proof::make(3, &mut tree_of(&log), &cosigned)
        .unwrap()
        .to_string();
    kind.add("right", "right", "entry 3 of 6, cosigned", right.clone());
    let extra = right.replace("index 3", "extra aGVsbG8=\nindex 3");
    kind.add(
        "extra",
        "right",
        "extra data, which nothing vouches for",
        extra,
    );
    let alone = Proof::make(3, &mut tree_of(&log), &head)
        .unwrap()
        .to_string();
    kind.add(
        "not_cosigned",
        "right",
        "an absent cosigner is no fault",
        alone,
    );

    let path = "the path does not lead from entry 3 to the root of the head";
    kind.add("short_path", path, "a hash is missing", without(&right, 3));
    let long = right.replacen(&line(&right, 3), &line(&right, 3).repeat(2), 1);
    kind.add("long_path", path, "a hash stands twice", long);
    let swapped = format!("{}{}", line(&right, 3), line(&right, 2));
    let swapped = right.replacen(
        &format!("{}{}", line(&right, 2), line(&right, 3)),
        &swapped,
        1,
    );
    kind.add("swapped_path", path, "two hashes exchanged", swapped);
    let outside = path.replace('3', "6");
    kind.add(
        "index_outside",
        &outside,
        "index 6 of 6",
        right.replace("index 3", "index 6"),
    );
    let neighbour = path.replace('3', "2");
    kind.add(
        "other_index",
        &neighbour,
        "index 2",
        right.replace("index 3", "index 2"),
    );
    let wrong = "the cosignature of `entente/aurelia_borealis/borealis` is wrong";
    kind.add(
        "wrong_cosignature",
        wrong,
        "a known cosigner, one digit",
        spoilt(&right, 12),
    );

    let first = "the first line is not `c2sp.org/tlog-proof@v1`";
    kind.add("other_version", first, "v2", right.replace("@v1", "@v2"));
    let index = "the index line is missing or wrong";
    kind.add("no_index", index, "the line is missing", without(&right, 1));
    kind.add(
        "leading_zero",
        index,
        "index 03",
        right.replace("index 3", "index 03"),
    );
    let extra = right.replace("index 3", "extra hello!\nindex 3");
    kind.add(
        "extra_no_base64",
        "the extra line is not Base64",
        "extra hello!",
        extra,
    );
    let hashes = "the path is not at most 64 hashes and an empty line";
    let short = right.replacen(&line(&right, 2), "AAAA\n", 1);
    kind.add("short_hash", hashes, "a hash of three bytes", short);
    let many = right.replacen(&line(&right, 2), &line(&right, 2).repeat(65), 1);
    kind.add("long_path_67", hashes, "67 hashes", many);
    let cut = right.split("\n\n").next().unwrap().to_owned() + "\n\n";
    let form = "the note is not text, a blank line and signature lines";
    kind.add("no_head", form, "nothing after the path", cut);
    kind.vectors
}

fn introductions() -> Vec<Vector> {
    let (aurelia, borealis) = (Party::aurelia(), Party::borealis());
    let mut kind = Kind::new("introduction", &[]);
    let text = aurelia.introduction().text();
    let signed = |text: &str| aurelia.sign_text(text).to_string();
    let bad = |line: &str| format!("the line `{line}` is missing, out of place or wrong");
    kind.add(
        "right",
        "right",
        "signed by both identity keys",
        signed(&text),
    );
    let dials = text.replace("address node.aurelia.example:7443", "address -");
    kind.add("dial_out_only", "right", "no address", signed(&dials));
    kind.add(
        "first_line",
        "the text does not begin with `entente/introduction/v1`",
        "v2",
        signed(&text.replace("/v1\n", "/v2\n")),
    );
    kind.add(
        "no_demo",
        &bad("demo"),
        "a line is missing",
        signed(&without(&text, 3)),
    );
    let swapped = text.replace(
        "party aurelia\nmemorandum aurelia_borealis\n",
        "memorandum aurelia_borealis\nparty aurelia\n",
    );
    kind.add(
        "swapped",
        &bad("party"),
        "two lines exchanged",
        signed(&swapped),
    );
    kind.add(
        "more",
        "there is more than the text says there should be",
        "a line at the end",
        signed(&format!("{text}more yes\n")),
    );
    kind.add(
        "party_capital",
        &bad("party"),
        "a capital letter",
        signed(&text.replace("party a", "party A")),
    );
    kind.add(
        "other_party",
        &bad("identity-ed25519"),
        "key names of another Party",
        signed(&text.replace("party aurelia", "party borealis")),
    );
    kind.add(
        "other_memorandum",
        &bad("log-ed25519"),
        "key names of another memorandum",
        signed(&text.replace("memorandum aurelia_borealis", "memorandum other")),
    );
    kind.add(
        "port",
        &bad("address"),
        "port 70000",
        signed(&text.replace(":7443", ":70000")),
    );
    kind.add(
        "transport_capital",
        &bad("transport"),
        "a capital digit",
        signed(&text.replace("transport 07", "transport 0A")),
    );
    kind.add(
        "instant_offset",
        &bad("issued"),
        "an offset for the Z",
        signed(&text.replace("T00:00:00Z", "T00:00:00+00:00")),
    );
    kind.add(
        "other_identity",
        "not signed by `entente/aurelia`",
        "signed by another Party",
        borealis.sign_text(&text).to_string(),
    );
    let right = signed(&text);
    let last = right.lines().count() - 1;
    kind.add(
        "one_line",
        "not signed by `entente/aurelia`",
        "the ML-DSA-44 line is missing",
        without(&right, last),
    );
    kind.add(
        "wrong_mldsa44",
        "the signature of `entente/aurelia` is wrong",
        "one digit",
        spoilt(&right, last),
    );
    kind.vectors
}

fn key_notices() -> Vec<Vector> {
    let (aurelia, borealis) = (Party::aurelia(), Party::borealis());
    let identity = aurelia.identity_keys();
    let mut kind = Kind::new(
        "key_notice",
        &[
            ("ed25519", identity.ed25519().to_string()),
            ("mldsa44", identity.ml_dsa_44().to_string()),
        ],
    );
    let keys = aurelia.keys_for(&borealis);
    let log = KeyUse::Log {
        ed25519: keys.ed25519().clone(),
        ml_dsa_44: keys.ml_dsa_44().clone(),
    };
    let text = |key| {
        let who = (aurelia.id.clone(), memorandum(), 1);
        KeyNotice::new(who, key, (at(0), at(86_400)), at(0))
            .unwrap()
            .text()
    };
    let signed = |text: &str| aurelia.sign_text(text).to_string();
    let bad = |line: &str| format!("the line `{line}` is missing, out of place or wrong");
    kind.add("log", "right", "two keys", signed(&text(log)));
    kind.add(
        "seal",
        "right",
        "a recipient",
        signed(&text(KeyUse::Seal("age1pq1example".into()))),
    );
    let transport = text(KeyUse::Transport([3; 32]));
    kind.add("transport", "right", "a digest", signed(&transport));
    kind.add(
        "number_zero",
        &bad("number"),
        "numbers begin at 1",
        signed(&transport.replace("number 1", "number 0")),
    );
    kind.add(
        "other_use",
        &bad("use"),
        "a use that is none",
        signed(&transport.replace("use transport", "use postage")),
    );
    kind.add(
        "ends_first",
        "the validity ends before it begins",
        "until 2025",
        signed(&transport.replace("until 2026", "until 2025")),
    );
    kind.add(
        "other_party",
        "the notice is of borealis, not of this link",
        "of another Party",
        signed(&transport.replace("party aurelia", "party borealis")),
    );
    kind.add(
        "unsigned",
        "not signed by `entente/aurelia`",
        "signed by another Party",
        borealis.sign_text(&transport).to_string(),
    );
    kind.vectors
}
