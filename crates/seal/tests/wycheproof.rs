//! The primitives that Entente uses, through the calls that our crates make, held against the attacks of Project Wycheproof.
//!
//! `seal` itself: X25519, ML-KEM-768, ChaCha20-Poly1305, HKDF and HMAC with SHA-256, Ed25519, ML-DSA-44. `ledger`: PBKDF2, and the
//! verification of both signatures. `rustls`, on which the node's door rests: ECDSA on P-256, AES-GCM, HKDF with SHA-384. `age`,
//! on which sealed files rest: HKDF of its own. Source: `tests/judges/wycheproof/README.md`.

use std::{fs, num::NonZeroU32, path::Path};

use aws_lc_rs::{
    aead::{
        AES_128_GCM, AES_256_GCM, Aad, Algorithm, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey,
    },
    agreement::{PrivateKey, UnparsedPublicKey as Share, X25519, agree},
    hkdf, hmac,
    kem::{DecapsulationKey, EncapsulationKey, ML_KEM_768},
    pbkdf2,
    signature::{
        ECDSA_P256_SHA256_ASN1, ED25519, ML_DSA_44, UnparsedPublicKey, VerificationAlgorithm,
    },
};
use entente_seal::SigningKey;
use ml_kem::{EncodedSizeUser, KemCore, MlKem768};
use serde_json::Value;

/// One case: what its group says, and what it says itself.
struct Case {
    group: Value,
    own: Value,
}

impl Case {
    fn text(&self, member: &str) -> &str {
        let found = self.own.get(member).or_else(|| self.group.get(member));
        found
            .and_then(Value::as_str)
            .unwrap_or_else(|| panic!("{member} of {}", self.own))
    }

    fn bytes(&self, member: &str) -> Vec<u8> {
        let pairs = self.text(member).as_bytes().chunks(2);
        pairs
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
            .collect()
    }

    fn number(&self, member: &str) -> usize {
        let found = self.own.get(member).or_else(|| self.group.get(member));
        usize::try_from(found.and_then(Value::as_u64).unwrap()).unwrap()
    }

    fn valid(&self) -> bool {
        self.text("result") == "valid"
    }

    /// `done` is what our call gave, which must be given exactly if the case is valid.
    fn decides(&self, done: bool) {
        assert_eq!(
            done,
            self.valid(),
            "{} {}",
            self.own["tcId"],
            self.own["comment"]
        );
    }
}

/// All cases of a file; as many as there must be.
fn cases(name: &str, count: usize) -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/judges/wycheproof");
    let text = fs::read_to_string(folder.join(format!("{name}.json"))).unwrap();
    let file: Value = serde_json::from_str(&text).unwrap();
    let mut cases = Vec::new();
    for group in file["testGroups"].as_array().unwrap() {
        for own in group["tests"].as_array().unwrap() {
            let mut group = group.clone();
            group.as_object_mut().unwrap().remove("tests");
            cases.push(Case {
                group,
                own: own.clone(),
            });
        }
    }
    assert_eq!(cases.len(), count, "{name}");
    cases
}

/// A signature as `ledger::VerifierKey` and, for P-256, rustls check it.
fn verifies(case: &Case, algorithm: &'static dyn VerificationAlgorithm, public: &[u8]) {
    let key = UnparsedPublicKey::new(algorithm, public);
    case.decides(key.verify(&case.bytes("msg"), &case.bytes("sig")).is_ok());
}

/// A member of the public key of a group.
fn key_of(case: &Case, member: &str) -> Vec<u8> {
    let own = case.group["publicKey"][member].clone();
    Case {
        group: Value::Null,
        own: serde_json::json!({ "key": own }),
    }
    .bytes("key")
}

#[test]
fn ed25519_signatures_are_right_or_refused_as_wycheproof_says() {
    for case in cases("ed25519", 151) {
        verifies(&case, &ED25519, &key_of(&case, "pk"));
    }
}

#[test]
fn ml_dsa_44_signatures_are_right_or_refused_as_wycheproof_says() {
    for case in cases("mldsa_44_verify", 80) {
        verifies(&case, &ML_DSA_44, &case.bytes("publicKey"));
    }
}

#[test]
fn ml_dsa_44_keys_of_a_seed_are_those_of_wycheproof_and_sign_for_them() {
    for case in cases("mldsa_44_sign_seed", 24) {
        let seed = case.bytes("privateSeed").try_into().unwrap();
        let key = SigningKey::from_seeds(&[1; 32], &seed);
        let (public, message) = (case.bytes("publicKey"), case.bytes("privateSeed"));
        assert_eq!(key.mldsa44_public().as_slice(), public);
        let signature = key.sign_mldsa44(&message);
        let verifier = UnparsedPublicKey::new(&ML_DSA_44, &public);
        assert!(verifier.verify(&message, signature.as_slice()).is_ok());
    }
}

#[test]
fn p_256_signatures_are_right_or_refused_as_wycheproof_says() {
    for case in cases("ecdsa_secp256r1_sha256", 484) {
        verifies(
            &case,
            &ECDSA_P256_SHA256_ASN1,
            &key_of(&case, "uncompressed"),
        );
    }
}

/// As the stanza of a sealed file does: a share of low order is refused (RFC 7748, section 6.1).
#[test]
fn x25519_gives_the_shared_secret_of_wycheproof_or_refuses_one_of_zeros() {
    let mut refused = 0;
    for case in cases("x25519", 518) {
        let private = PrivateKey::from_private_key(&X25519, &case.bytes("private")).unwrap();
        let share = Share::new(&X25519, case.bytes("public"));
        let shared = agree(&private, share, (), |shared| Ok(shared.to_vec()));
        let wanted =
            Some(case.bytes("shared")).filter(|shared| shared.iter().any(|byte| *byte != 0));
        refused += usize::from(wanted.is_none());
        assert_eq!(shared.ok(), wanted, "{}", case.own);
    }
    assert!(refused > 20, "{refused}");
}

/// Sealed and opened with a nonce of twelve bytes; another length is no nonce.
fn authenticates(case: &Case, algorithm: &'static Algorithm) {
    let key = || LessSafeKey::new(UnboundKey::new(algorithm, &case.bytes("key")).unwrap());
    let Ok(nonce) = Nonce::try_assume_unique_for_key(&case.bytes("iv")) else {
        assert_ne!(case.number("ivSize"), 96, "{}", case.own);
        return;
    };
    let (message, aad) = (case.bytes("msg"), case.bytes("aad"));
    let mut opened = [case.bytes("ct"), case.bytes("tag")].concat();
    let opened = key().open_in_place(nonce, Aad::from(&aad), &mut opened);
    case.decides(opened.is_ok_and(|opened| *opened == message));
    let nonce = Nonce::try_assume_unique_for_key(&case.bytes("iv")).unwrap();
    let mut sealed = message;
    key()
        .seal_in_place_append_tag(nonce, Aad::from(&aad), &mut sealed)
        .unwrap();
    case.decides(sealed == [case.bytes("ct"), case.bytes("tag")].concat());
}

#[test]
fn chacha20_poly1305_seals_and_opens_as_wycheproof_says() {
    for case in cases("chacha20_poly1305", 325) {
        authenticates(&case, &CHACHA20_POLY1305);
    }
}

#[test]
fn aes_gcm_seals_and_opens_as_wycheproof_says() {
    for case in cases("aes_gcm", 316) {
        match case.number("keySize") {
            128 => authenticates(&case, &AES_128_GCM),
            256 => authenticates(&case, &AES_256_GCM),
            // TLS 1.3 has no suite with the third length.
            other => assert_eq!(other, 192),
        }
    }
}

struct Length(usize);

impl hkdf::KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

/// As the stanza does: extracted by HMAC, expanded from the raw secret; and as rustls does, with a salt.
fn derives(case: &Case, algorithm: hkdf::Algorithm, mac: hmac::Algorithm) {
    let (salt, input, size) = (case.bytes("salt"), case.bytes("ikm"), case.number("size"));
    let extracted = hmac::sign(&hmac::Key::new(mac, &salt), &input);
    let secrets = [
        hkdf::Prk::new_less_safe(algorithm, extracted.as_ref()),
        hkdf::Salt::new(algorithm, &salt).extract(&input),
    ];
    for secret in secrets {
        let info = [&case.bytes("info")[..]];
        let mut output = vec![0; size];
        let expanded = secret
            .expand(&info, Length(size))
            .and_then(|key| key.fill(&mut output));
        case.decides(expanded.is_ok() && output == case.bytes("okm"));
    }
}

#[test]
fn hkdf_derives_what_wycheproof_derives() {
    let sha256 = cases("hkdf_sha256", 86);
    for case in &sha256 {
        derives(case, hkdf::HKDF_SHA256, hmac::HMAC_SHA256);
    }
    for case in cases("hkdf_sha384", 83) {
        derives(&case, hkdf::HKDF_SHA384, hmac::HMAC_SHA384);
    }
    // What `age` derives has 32 bytes, the first that a longer output has as well.
    let long = sha256
        .iter()
        .filter(|case| case.valid() && case.number("size") >= 32);
    let derived = long.map(|case| {
        let derived = age_core::primitives::hkdf(
            &case.bytes("salt"),
            &case.bytes("info"),
            &case.bytes("ikm"),
        );
        assert_eq!(derived[..], case.bytes("okm")[..32]);
    });
    assert!(derived.count() > 20);
}

#[test]
fn hmac_tags_are_right_or_refused_as_wycheproof_says() {
    for case in cases("hmac_sha256", 174) {
        let tag = hmac::sign(
            &hmac::Key::new(hmac::HMAC_SHA256, &case.bytes("key")),
            &case.bytes("msg"),
        );
        case.decides(tag.as_ref()[..case.number("tagSize") / 8] == case.bytes("tag"));
    }
}

#[test]
fn pbkdf2_derives_what_wycheproof_derives() {
    for case in cases("pbkdf2_hmacsha256", 60) {
        let rounds =
            NonZeroU32::new(u32::try_from(case.number("iterationCount")).unwrap()).unwrap();
        let mut derived = vec![0; case.number("dkLen")];
        let (salt, password) = (case.bytes("salt"), case.bytes("password"));
        pbkdf2::derive(
            pbkdf2::PBKDF2_HMAC_SHA256,
            rounds,
            &salt,
            &password,
            &mut derived,
        );
        case.decides(derived == case.bytes("dk"));
    }
}

/// ML-KEM-768 as the stanza uses it: `ml-kem` expands the seed, aws-lc imports what it gives. None for a seed of another length.
fn expanded(case: &Case) -> Option<(Vec<u8>, Vec<u8>)> {
    let seed: [u8; 64] = case.bytes("seed").try_into().ok()?;
    let half = |from: usize| <[u8; 32]>::try_from(&seed[from..from + 32]).unwrap().into();
    let (secret, public) = MlKem768::generate_deterministic(&half(0), &half(32));
    Some((secret.as_bytes().to_vec(), public.as_bytes().to_vec()))
}

fn decapsulated(secret: &[u8], ciphertext: &[u8]) -> Option<Vec<u8>> {
    let key = DecapsulationKey::new(&ML_KEM_768, secret).ok()?;
    let shared = key.decapsulate(ciphertext.into()).ok()?;
    Some(shared.as_ref().to_vec())
}

#[test]
fn ml_kem_768_keys_of_a_seed_are_those_of_wycheproof() {
    for case in cases("mlkem_768_keygen_seed", 25) {
        let wanted = (case.bytes("dk"), case.bytes("ek"));
        case.decides(expanded(&case) == Some(wanted));
    }
}

#[test]
fn ml_kem_768_decapsulates_what_wycheproof_does_and_refuses_other_lengths() {
    for case in cases("mlkem_768", 117) {
        let shared =
            expanded(&case).and_then(|(secret, _)| decapsulated(&secret, &case.bytes("c")));
        case.decides(shared.is_some() && shared == Some(case.bytes("K")));
    }
}

#[test]
fn ml_kem_768_refuses_the_private_keys_that_wycheproof_spoiled() {
    for case in cases("mlkem_768_semi_expanded_decaps", 9) {
        let shared = decapsulated(&case.bytes("dk"), &case.bytes("c"));
        case.decides(shared.is_some() && shared == Some(case.bytes("K")));
    }
}

/// As a recipient is read: one encapsulation is tried, since aws-lc looks at the modulus only then.
#[test]
fn ml_kem_768_seals_for_no_public_key_beyond_the_modulus_or_of_another_length() {
    for case in cases("mlkem_768_encaps", 89) {
        let key = EncapsulationKey::new(&ML_KEM_768, &case.bytes("ek"));
        let tried = key.is_ok_and(|key| key.encapsulate().is_ok());
        case.decides(tried);
    }
}
