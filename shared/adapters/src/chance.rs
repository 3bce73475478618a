//! Randomness and the hashes of secrets.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{
    digest::{SHA256, digest},
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
