//! The key that signs heads, cosignatures and notices: Ed25519 and ML-DSA-44 together.
//!
//! Source: RFC 8032; FIPS 204 with an empty context, as C2SP tlog-cosignature wants it.

use std::str::FromStr;

use aws_lc_rs::{
    rand,
    signature::{Ed25519KeyPair, KeyPair, ML_DSA_44_SIGNING, PqdsaKeyPair},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use zeroize::Zeroizing;

/// The length of an ML-DSA-44 public key.
pub const MLDSA44_PUBLIC_BYTES: usize = 1312;
/// The length of an ML-DSA-44 signature.
pub const MLDSA44_SIGNATURE_BYTES: usize = 2420;

const PREFIX: &str = "entente-key/v1 sign ";
const SEED_BYTES: usize = 32;

/// A private key of both algorithms, each from a seed of its own.
pub struct SigningKey {
    seeds: Zeroizing<[u8; 2 * SEED_BYTES]>,
    ed25519: Ed25519KeyPair,
    mldsa44: PqdsaKeyPair,
    ed25519_public: [u8; 32],
    mldsa44_public: Box<[u8; MLDSA44_PUBLIC_BYTES]>,
}

impl SigningKey {
    /// A new key, with the system's randomness.
    ///
    /// # Panics
    /// Only if the system gives no randomness.
    pub fn generate() -> Self {
        let mut seeds = Zeroizing::new([0; 2 * SEED_BYTES]);
        rand::fill(&mut *seeds).expect("the system gives randomness");
        Self::of_seeds(seeds)
    }

    /// The key of two seeds: each 32 bytes of a good source of chance, used for nothing else.
    pub fn from_seeds(ed25519: &[u8; 32], mldsa44: &[u8; 32]) -> Self {
        let mut seeds = Zeroizing::new([0; 2 * SEED_BYTES]);
        seeds[..SEED_BYTES].copy_from_slice(ed25519);
        seeds[SEED_BYTES..].copy_from_slice(mldsa44);
        Self::of_seeds(seeds)
    }

    fn of_seeds(seeds: Zeroizing<[u8; 2 * SEED_BYTES]>) -> Self {
        let (first, second) = seeds.split_at(SEED_BYTES);
        let ed25519 = Ed25519KeyPair::from_seed_unchecked(first).expect("any 32 bytes are a seed");
        let mldsa44 =
            PqdsaKeyPair::from_seed(&ML_DSA_44_SIGNING, second).expect("any 32 bytes are a seed");
        let ed25519_public = ed25519
            .public_key()
            .as_ref()
            .try_into()
            .expect("RFC 8032: 32 bytes");
        let mldsa44_public = mldsa44.public_key().as_ref().to_vec().into_boxed_slice();
        let mldsa44_public = mldsa44_public.try_into().expect("FIPS 204: 1312 bytes");
        Self {
            seeds,
            ed25519,
            mldsa44,
            ed25519_public,
            mldsa44_public,
        }
    }

    /// The raw Ed25519 public key, as in a verifier key of type 0x01.
    pub fn ed25519_public(&self) -> &[u8; 32] {
        &self.ed25519_public
    }

    /// The raw ML-DSA-44 public key, as in a verifier key of type 0x06.
    pub fn mldsa44_public(&self) -> &[u8; MLDSA44_PUBLIC_BYTES] {
        &self.mldsa44_public
    }

    /// Signs with Ed25519: the same bytes give the same signature.
    ///
    /// # Panics
    /// Only if aws-lc-rs fails with a key that it has made.
    pub fn sign_ed25519(&self, message: &[u8]) -> [u8; 64] {
        self.ed25519
            .sign(message)
            .as_ref()
            .try_into()
            .expect("RFC 8032: 64 bytes")
    }

    /// Signs with ML-DSA-44, hedged: the same bytes give another signature each time, so never compare signatures.
    ///
    /// # Panics
    /// Only if aws-lc-rs fails with a key that it has made.
    pub fn sign_mldsa44(&self, message: &[u8]) -> Box<[u8; MLDSA44_SIGNATURE_BYTES]> {
        let mut signature = Box::new([0; MLDSA44_SIGNATURE_BYTES]);
        self.mldsa44
            .sign(message, &mut signature[..])
            .expect("FIPS 204: 2420 bytes");
        signature
    }

    /// The line of the key file: `entente-key/v1 sign ` and the Base64 of the Ed25519 seed, then the ML-DSA-44 seed.
    pub fn to_text(&self) -> Zeroizing<String> {
        let encoded = Zeroizing::new(BASE64_STANDARD.encode(&self.seeds[..]));
        Zeroizing::new(format!("{PREFIX}{}\n", *encoded))
    }
}

impl FromStr for SigningKey {
    type Err = BadKey;

    fn from_str(text: &str) -> Result<Self, BadKey> {
        let encoded = text
            .strip_suffix('\n')
            .unwrap_or(text)
            .strip_prefix(PREFIX)
            .ok_or(BadKey)?;
        let bytes = Zeroizing::new(BASE64_STANDARD.decode(encoded).map_err(|_| BadKey)?);
        let seeds = <[u8; 2 * SEED_BYTES]>::try_from(&bytes[..]).map_err(|_| BadKey)?;
        Ok(Self::of_seeds(Zeroizing::new(seeds)))
    }
}

/// A text that is no private key of the kind expected. It says nothing of the text, which may be a key of another kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a private key of the kind expected, or damaged")]
pub struct BadKey;

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::signature::{ED25519, ML_DSA_44, UnparsedPublicKey};

    fn key() -> SigningKey {
        SigningKey::from_seeds(&[1; 32], &[2; 32])
    }

    #[test]
    fn both_signatures_verify_and_only_over_their_bytes() {
        let key = key();
        let (first, second) = (key.sign_ed25519(b"head"), key.sign_mldsa44(b"head"));
        let ed25519 = UnparsedPublicKey::new(&ED25519, key.ed25519_public());
        let mldsa44 = UnparsedPublicKey::new(&ML_DSA_44, key.mldsa44_public());
        assert!(
            ed25519.verify(b"head", &first).is_ok() && ed25519.verify(b"tail", &first).is_err()
        );
        assert!(
            mldsa44.verify(b"head", &second[..]).is_ok()
                && mldsa44.verify(b"tail", &second[..]).is_err()
        );
    }

    #[test]
    fn a_key_is_read_as_it_is_written() {
        let again: SigningKey = key().to_text().parse().expect("ours");
        assert_eq!(again.mldsa44_public(), key().mldsa44_public());
        assert_eq!(again.sign_ed25519(b"x"), key().sign_ed25519(b"x"));
    }

    #[test]
    fn another_kind_of_key_is_refused() {
        let text = key().to_text();
        let identity = crate::Identity::from_seed(&[1; 32]).to_text();
        for bad in [
            "",
            &text[1..],
            &text[..text.len() - 5],
            &text.replace("v1", "v2"),
            &identity,
        ] {
            assert!(bad.parse::<SigningKey>().is_err());
        }
    }
}
