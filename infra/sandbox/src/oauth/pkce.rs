//! Proof Key for Code Exchange (RFC 7636): a code is exchanged by whoever asked for it alone.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};

/// What an app sent along when it asked for a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Challenge {
    /// The verifier itself.
    Plain(String),
    /// The verifier's hash.
    S256(String),
}

impl Challenge {
    /// Reads a challenge and its method, which is plain where none is named.
    pub(super) fn parse(challenge: &str, method: Option<&str>) -> Option<Self> {
        let fits = (43..=128).contains(&challenge.len());
        match method.unwrap_or("plain") {
            "plain" if fits => Some(Self::Plain(challenge.to_owned())),
            "S256" if fits => Some(Self::S256(challenge.to_owned())),
            _ => None,
        }
    }

    /// Whether it is the verifier's challenge.
    pub(super) fn is_met(&self, verifier: Option<&str>) -> bool {
        match (self, verifier) {
            (Self::Plain(challenge), Some(verifier)) => challenge == verifier,
            (Self::S256(challenge), Some(verifier)) => {
                *challenge == URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()))
            }
            (_, None) => false,
        }
    }
}
