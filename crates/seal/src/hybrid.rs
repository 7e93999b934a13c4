//! HPKE base mode (RFC 9180) over X-Wing with HKDF-SHA256 and ChaCha20-Poly1305: the cipher suite of the `mlkem768x25519` stanza.
//!
//! Source: C2SP age, draft-connolly-cfrg-xwing-kem, RFC 9180 sections 4, 5.1 and 6.1.

use aws_lc_rs::{
    aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey},
    agreement::{PrivateKey, UnparsedPublicKey, X25519, agree},
    digest, hkdf, hmac,
    kem::{DecapsulationKey, EncapsulationKey, ML_KEM_768},
};
use ml_kem::{EncodedSizeUser, KemCore, MlKem768};
use shake::{ExtendableOutput, Shake256, Update, XofReader};
use zeroize::{Zeroize, Zeroizing};

/// An X-Wing private key is this seed.
pub(crate) const SEED_BYTES: usize = 32;
/// An X-Wing public key: ML-KEM-768, then X25519.
pub(crate) const PUBLIC_BYTES: usize = MLKEM_PUBLIC_BYTES + 32;
/// An X-Wing encapsulation: the ML-KEM-768 ciphertext, then an ephemeral X25519 share.
pub(crate) const ENCAPSULATION_BYTES: usize = MLKEM_CIPHERTEXT_BYTES + 32;
/// A file key of 16 bytes and its Poly1305 tag.
pub(crate) const WRAPPED_BYTES: usize = 32;

const MLKEM_PUBLIC_BYTES: usize = 1184;
const MLKEM_CIPHERTEXT_BYTES: usize = 1088;
/// "HPKE", KEM 0x647a (X-Wing), KDF 0x0001 (HKDF-SHA256), AEAD 0x0003 (ChaCha20-Poly1305).
const SUITE: &[u8; 10] = b"HPKE\x64\x7a\x00\x01\x00\x03";
const XWING_LABEL: &[u8; 6] = br"\.//^\";
/// HPKE `info` of the stanza; its `aad` is empty.
const INFO: &[u8] = b"age-encryption.org/mlkem768x25519";

/// A key or an encapsulation that the mathematics refuses: an ML-KEM key out of range, an X25519 point of low order.
#[derive(Debug)]
pub(crate) struct Refused;

/// A 32-byte shared secret.
type Shared = Zeroizing<[u8; 32]>;

/// The public half, ready to encapsulate.
pub(crate) struct PublicKey {
    mlkem: EncapsulationKey,
    x25519: [u8; 32],
}

impl PublicKey {
    /// A stranger's key. aws-lc-rs looks at the ML-KEM modulus and at the X25519 point only in use, so one encapsulation is tried.
    pub(crate) fn read(bytes: &[u8; PUBLIC_BYTES]) -> Result<Self, Refused> {
        let (mlkem, x25519) = bytes.split_at(MLKEM_PUBLIC_BYTES);
        let key = Self {
            mlkem: EncapsulationKey::new(&ML_KEM_768, mlkem).map_err(|_| Refused)?,
            x25519: x25519.try_into().map_err(|_| Refused)?,
        };
        key.encapsulate()?;
        Ok(key)
    }

    /// HPKE SealBase: the encapsulation, and the file key with its tag.
    pub(crate) fn seal(&self, file_key: &[u8; 16]) -> Result<(Vec<u8>, Vec<u8>), Refused> {
        let (shared, encapsulation) = self.encapsulate()?;
        let (key, nonce) = schedule(&shared);
        let mut wrapped = file_key.to_vec();
        key.seal_in_place_append_tag(nonce, Aad::empty(), &mut wrapped)
            .map_err(|_| Refused)?;
        Ok((encapsulation, wrapped))
    }

    fn encapsulate(&self) -> Result<(Shared, Vec<u8>), Refused> {
        let (ciphertext, mlkem_shared) = self.mlkem.encapsulate().map_err(|_| Refused)?;
        let ephemeral = PrivateKey::generate(&X25519).map_err(|_| Refused)?;
        let share = ephemeral.compute_public_key().map_err(|_| Refused)?;
        let shared = exchange(&ephemeral, &self.x25519, |x25519_shared| {
            combine(
                mlkem_shared.as_ref(),
                x25519_shared,
                share.as_ref(),
                &self.x25519,
            )
        })?;
        Ok((shared, [ciphertext.as_ref(), share.as_ref()].concat()))
    }
}

/// A seed, expanded once.
pub(crate) struct SecretKey {
    mlkem: DecapsulationKey,
    x25519: PrivateKey,
    public: [u8; PUBLIC_BYTES],
}

impl SecretKey {
    /// X-Wing `expandDecapsulationKey`. Costs as much as an opening: do it once per process, not once per message.
    ///
    /// # Panics
    /// Only if aws-lc-rs refuses a key that FIPS 203 has just derived.
    pub(crate) fn from_seed(seed: &[u8; SEED_BYTES]) -> Self {
        let mut stream = Shake256::default();
        stream.update(seed);
        let mut stream = stream.finalize_xof();
        let (mut mlkem_seed, mut scalar) = (Zeroizing::new([0; 64]), Zeroizing::new([0; 32]));
        stream.read(&mut *mlkem_seed);
        stream.read(&mut *scalar);
        let (mlkem, mlkem_public) = expand(&mlkem_seed);
        let x25519 =
            PrivateKey::from_private_key(&X25519, &*scalar).expect("any 32 bytes are a scalar");
        let share = x25519
            .compute_public_key()
            .expect("a scalar has its public key");
        let mut public = [0; PUBLIC_BYTES];
        public[..MLKEM_PUBLIC_BYTES].copy_from_slice(&mlkem_public);
        public[MLKEM_PUBLIC_BYTES..].copy_from_slice(share.as_ref());
        Self {
            mlkem,
            x25519,
            public,
        }
    }

    pub(crate) fn public(&self) -> &[u8; PUBLIC_BYTES] {
        &self.public
    }

    /// HPKE OpenBase: the file key, or `None` where it was not wrapped for this key.
    pub(crate) fn open(
        &self,
        encapsulation: &[u8; ENCAPSULATION_BYTES],
        wrapped: &[u8; WRAPPED_BYTES],
    ) -> Result<Option<Zeroizing<[u8; 16]>>, Refused> {
        let (key, nonce) = schedule(&*self.decapsulate(encapsulation)?);
        let mut buffer = Zeroizing::new(*wrapped);
        let opened = key.open_in_place(nonce, Aad::empty(), &mut *buffer);
        Ok(opened
            .ok()
            .and_then(|file_key| <[u8; 16]>::try_from(&*file_key).ok())
            .map(Zeroizing::new))
    }

    fn decapsulate(&self, encapsulation: &[u8; ENCAPSULATION_BYTES]) -> Result<Shared, Refused> {
        let (ciphertext, share) = encapsulation.split_at(MLKEM_CIPHERTEXT_BYTES);
        let mlkem_shared = self
            .mlkem
            .decapsulate(ciphertext.into())
            .map_err(|_| Refused)?;
        exchange(&self.x25519, share, |x25519_shared| {
            combine(
                mlkem_shared.as_ref(),
                x25519_shared,
                share,
                &self.public[MLKEM_PUBLIC_BYTES..],
            )
        })
    }
}

/// ML-KEM-768 key generation from its 64-byte seed. aws-lc-rs imports only the expanded key, so `ml-kem` expands it.
fn expand(seed: &[u8; 64]) -> (DecapsulationKey, Vec<u8>) {
    let half = |range: std::ops::Range<usize>| {
        <[u8; 32]>::try_from(&seed[range]).expect("32 bytes").into()
    };
    let (secret, public) = MlKem768::generate_deterministic(&half(0..32), &half(32..64));
    let mut expanded = secret.as_bytes();
    let key =
        DecapsulationKey::new(&ML_KEM_768, expanded.as_slice()).expect("a derived key is in range");
    expanded.as_mut_slice().zeroize();
    (key, public.as_bytes().to_vec())
}

/// X25519 (RFC 7748); aws-lc-rs refuses a share that gives the all-zero secret (section 6.1).
fn exchange<R>(
    secret: &PrivateKey,
    share: &[u8],
    with: impl FnOnce(&[u8]) -> R,
) -> Result<R, Refused> {
    agree(
        secret,
        UnparsedPublicKey::new(&X25519, share),
        Refused,
        |shared| Ok(with(shared)),
    )
}

/// The X-Wing combiner: SHA3-256 over both secrets, the share, the public key and the label.
fn combine(mlkem_shared: &[u8], x25519_shared: &[u8], share: &[u8], public: &[u8]) -> Shared {
    let mut hash = digest::Context::new(&digest::SHA3_256);
    for part in [mlkem_shared, x25519_shared, share, public, XWING_LABEL] {
        hash.update(part);
    }
    Zeroizing::new(
        hash.finish()
            .as_ref()
            .try_into()
            .expect("SHA3-256 gives 32 bytes"),
    )
}

/// RFC 9180 section 5.1 `KeySchedule`, base mode: key and nonce of the first and only message.
fn schedule(shared: &[u8; 32]) -> (LessSafeKey, Nonce) {
    let mut context = [0; 65];
    context[1..33].copy_from_slice(&extract(&[], b"psk_id_hash", &[]));
    context[33..].copy_from_slice(&extract(&[], b"info_hash", INFO));
    let secret = Zeroizing::new(extract(shared, b"secret", &[]));
    let secret = hkdf::Prk::new_less_safe(hkdf::HKDF_SHA256, &*secret);
    let mut key = Zeroizing::new([0; 32]);
    let mut nonce = [0; 12];
    expand_labeled(&secret, b"key", &context, &mut *key);
    expand_labeled(&secret, b"base_nonce", &context, &mut nonce);
    let key = UnboundKey::new(&CHACHA20_POLY1305, &*key).expect("the key has 32 bytes");
    (LessSafeKey::new(key), Nonce::assume_unique_for_key(nonce))
}

/// RFC 9180 section 4 `LabeledExtract`; HKDF-Extract is HMAC keyed with the salt.
fn extract(salt: &[u8], label: &[u8], input: &[u8]) -> [u8; 32] {
    let mut mac = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, salt));
    for part in [b"HPKE-v1", &SUITE[..], label, input] {
        mac.update(part);
    }
    mac.sign()
        .as_ref()
        .try_into()
        .expect("HMAC-SHA256 gives 32 bytes")
}

/// RFC 9180 section 4 `LabeledExpand`, for outputs of at most 255 bytes.
fn expand_labeled(secret: &hkdf::Prk, label: &[u8], context: &[u8], output: &mut [u8]) {
    struct Length(usize);
    impl hkdf::KeyType for Length {
        fn len(&self) -> usize {
            self.0
        }
    }
    let length = u8::try_from(output.len()).expect("a key or a nonce");
    secret
        .expand(
            &[&[0, length], b"HPKE-v1", SUITE, label, context],
            Length(output.len()),
        )
        .and_then(|expanded| expanded.fill(output))
        .expect("HKDF gives up to 8160 bytes");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair() -> (SecretKey, PublicKey) {
        let secret = SecretKey::from_seed(&[7; SEED_BYTES]);
        let public = PublicKey::read(secret.public()).expect("our own public key");
        (secret, public)
    }

    fn sealed() -> (SecretKey, [u8; ENCAPSULATION_BYTES], [u8; WRAPPED_BYTES]) {
        let (secret, public) = pair();
        let (encapsulation, wrapped) = public.seal(&[9; 16]).expect("sealed");
        (
            secret,
            encapsulation.try_into().unwrap(),
            wrapped.try_into().unwrap(),
        )
    }

    #[test]
    fn what_is_sealed_opens_and_only_with_its_key() {
        let (secret, encapsulation, wrapped) = sealed();
        let opened = secret
            .open(&encapsulation, &wrapped)
            .ok()
            .flatten()
            .map(|key| *key);
        assert_eq!(opened, Some([9; 16]));
        let other = SecretKey::from_seed(&[8; SEED_BYTES]);
        assert!(matches!(other.open(&encapsulation, &wrapped), Ok(None)));
    }

    fn bytes_of<const N: usize>(text: &str) -> [u8; N] {
        let pairs = text
            .as_bytes()
            .chunks_exact(2)
            .map(|pair| std::str::from_utf8(pair).unwrap());
        pairs
            .map(|pair| u8::from_str_radix(pair, 16).unwrap())
            .collect::<Vec<_>>()
            .try_into()
            .unwrap()
    }

    #[test]
    fn the_published_answers_of_x_wing_are_ours() {
        let cases = include_str!("../vectors/xwing.txt").split("\n\n").skip(1);
        let checked = cases.map(|case| {
            let said = |key: &str| {
                case.lines()
                    .find_map(|line| line.strip_prefix(key))
                    .unwrap()
            };
            let secret = SecretKey::from_seed(&bytes_of(said("seed: ")));
            assert!(*secret.public() == bytes_of(said("public: ")));
            let shared = secret
                .decapsulate(&bytes_of(said("encapsulation: ")))
                .unwrap();
            assert!(*shared == bytes_of(said("shared: ")));
        });
        assert_eq!(checked.count(), 3);
    }

    #[test]
    fn a_share_of_low_order_is_refused() {
        let (secret, mut encapsulation, wrapped) = sealed();
        for (lowest, highest) in [(0, 0), (1, 0), (0, 0x80), (1, 0x80)] {
            encapsulation[MLKEM_CIPHERTEXT_BYTES..].fill(0);
            encapsulation[MLKEM_CIPHERTEXT_BYTES] = lowest;
            encapsulation[ENCAPSULATION_BYTES - 1] = highest;
            assert!(secret.open(&encapsulation, &wrapped).is_err());
        }
    }

    #[test]
    fn a_public_key_that_could_never_seal_is_refused_when_read() {
        let (secret, _) = pair();
        let (mut beyond_modulus, mut low_order) = (*secret.public(), *secret.public());
        beyond_modulus[..3].fill(0xff);
        low_order[MLKEM_PUBLIC_BYTES..].fill(0);
        assert!(PublicKey::read(&beyond_modulus).is_err());
        assert!(PublicKey::read(&low_order).is_err());
    }
}
