//! Unguessable strings.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

/// A token of 256 random bits less the twelve that two version-4 UUIDs fix.
pub(crate) fn token() -> String {
    let mut bytes = [0; 32];
    bytes[..16].copy_from_slice(Uuid::new_v4().as_bytes());
    bytes[16..].copy_from_slice(Uuid::new_v4().as_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A ULID: 48 bits of time, 80 of chance, in Crockford's base 32, so that it sorts by time.
pub(crate) fn ulid(milliseconds: i64) -> String {
    const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let chance = Uuid::new_v4().as_u128() & ((1 << 80) - 1);
    let value = (u128::from(milliseconds.unsigned_abs()) << 80) | chance;
    (0..26)
        .rev()
        .map(|place| char::from(ALPHABET[((value >> (5 * place)) & 31) as usize]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ulid_has_26_characters_and_sorts_by_time() {
        let (earlier, later) = (ulid(1_700_000_000_000), ulid(1_700_000_000_001));
        assert_eq!(earlier.len(), 26);
        assert!(earlier < later);
    }
}
