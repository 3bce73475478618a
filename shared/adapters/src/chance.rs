//! Randomness and the hashes of secrets.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use gusset_domain::pacing;
use ring::{
    digest::{SHA256, digest},
    hmac,
    rand::{SecureRandom, SystemRandom},
};

/// The system's source of randomness did not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the system gives no random numbers")]
pub struct NoRandomness;

/// Random bytes that nobody can foresee.
///
/// # Errors
/// [`NoRandomness`], when the system gives none.
pub fn bytes<const N: usize>() -> Result<[u8; N], NoRandomness> {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).map_err(|_| NoRandomness)?;
    Ok(bytes)
}

/// 64 random bits.
///
/// # Errors
/// [`NoRandomness`], when the system gives none.
pub fn bits() -> Result<u64, NoRandomness> {
    bytes().map(u64::from_le_bytes)
}

/// How long to wait after the `attempts`-th failure (from 1), so that not all who failed come back at once.
#[must_use]
pub fn back_off(attempts: u32) -> Duration {
    pacing::back_off(attempts, bits().unwrap_or_default())
}

/// A new secret of 256 bits for a cookie, a state or a client, in characters that need no escaping anywhere.
///
/// # Errors
/// [`NoRandomness`], when the system gives none.
pub fn secret() -> Result<String, NoRandomness> {
    bytes::<32>().map(|bytes| URL_SAFE_NO_PAD.encode(bytes))
}

/// What is stored in place of a secret of ours. The secrets have 256 bits, so a plain hash cannot be searched.
#[must_use]
pub fn hash(secret: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, secret.as_bytes()))
}

/// Whether two hashes are the same. How long it takes says nothing of where they differ.
#[must_use]
pub fn same(one: &str, other: &str) -> bool {
    let key = hmac::Key::new(hmac::HMAC_SHA256, b"compare");
    hmac::verify(&key, one.as_bytes(), hmac::sign(&key, other.as_bytes()).as_ref()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_hash_is_the_same() {
        let hash = hash("secret");
        assert!(same(&hash, &hash));
        for other in ["", &hash[1..], &hash.to_lowercase(), "secret"] {
            assert!(!same(&hash, other), "{other:?}");
        }
    }
}
