//! Envelope encryption: what must not lie in the table in plain text is sealed under a data key of its own, which KMS
//! wraps. KMS never sees the text, and the text cannot be opened in another place than the one it was sealed for.

use std::{collections::HashMap, sync::Mutex};

use aws_sdk_kms::{error::DisplayErrorContext, primitives::Blob, types::DataKeySpec};
use base64::{Engine, engine::general_purpose::STANDARD};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use serde::{Deserialize, Serialize};

use crate::chance;

/// Keys kept unwrapped in one process, so that a person's second request costs no call to KMS.
const KEYS_KEPT: usize = 256;

/// A text that was sealed: fit to be stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Sealed {
    wrapped_key: String,
    nonce: String,
    text: String,
}

/// Sealing or opening did not work.
#[derive(Debug, thiserror::Error)]
pub enum EnvelopeError {
    /// KMS did not give or unwrap a key.
    #[error("KMS: {0}")]
    Kms(String),
    /// The sealed text is not what was sealed, or was sealed for another place.
    #[error("a sealed text cannot be opened")]
    Broken,
    /// The system gives no random numbers.
    #[error(transparent)]
    NoRandomness(#[from] chance::NoRandomness),
}

/// Seals and opens.
pub struct Envelope {
    kms: aws_sdk_kms::Client,
    key_id: String,
    unwrapped: Mutex<HashMap<String, Vec<u8>>>,
}

impl Envelope {
    /// Uses the KMS key `key_id`.
    #[must_use]
    pub fn new(kms: aws_sdk_kms::Client, key_id: String) -> Self {
        Self {
            kms,
            key_id,
            unwrapped: Mutex::new(HashMap::new()),
        }
    }

    /// Seals a text for one place. `place` says which, for example `session/…`; it is part of KMS's audit log, so it
    /// holds no secret. One call to KMS.
    ///
    /// # Errors
    /// [`EnvelopeError`], when KMS gives no key.
    pub async fn seal(&self, place: &str, text: &str) -> Result<Sealed, EnvelopeError> {
        let answer = self
            .kms
            .generate_data_key()
            .key_id(&self.key_id)
            .key_spec(DataKeySpec::Aes256);
        let answer = answer.encryption_context("place", place).send().await;
        let answer = answer.map_err(|error| EnvelopeError::Kms(DisplayErrorContext(error).to_string()))?;
        let (Some(key), Some(wrapped)) = (answer.plaintext, answer.ciphertext_blob) else {
            return Err(EnvelopeError::Kms("it gave no data key".to_owned()));
        };
        let nonce: [u8; NONCE_LEN] = chance::bytes()?;
        let mut sealed = text.as_bytes().to_vec();
        cipher(key.as_ref())?
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(place), &mut sealed)
            .map_err(|_| EnvelopeError::Broken)?;
        let wrapped_key = STANDARD.encode(wrapped);
        self.keep(&wrapped_key, key.into_inner());
        Ok(Sealed {
            wrapped_key,
            nonce: STANDARD.encode(nonce),
            text: STANDARD.encode(sealed),
        })
    }

    /// Opens a text that was sealed for `place`. One call to KMS, unless this process has opened it before.
    ///
    /// # Errors
    /// [`EnvelopeError`], when KMS does not unwrap the key, or the text was changed or sealed for another place.
    pub async fn open(&self, place: &str, sealed: &Sealed) -> Result<String, EnvelopeError> {
        let decode = |text: &str| STANDARD.decode(text).map_err(|_| EnvelopeError::Broken);
        let key = match self.kept(&sealed.wrapped_key) {
            Some(key) => key,
            None => {
                let answer = self
                    .kms
                    .decrypt()
                    .key_id(&self.key_id)
                    .encryption_context("place", place);
                let answer = answer
                    .ciphertext_blob(Blob::new(decode(&sealed.wrapped_key)?))
                    .send()
                    .await;
                let answer = answer.map_err(|error| EnvelopeError::Kms(DisplayErrorContext(error).to_string()))?;
                let key = answer.plaintext.ok_or(EnvelopeError::Broken)?.into_inner();
                self.keep(&sealed.wrapped_key, key.clone());
                key
            }
        };
        let nonce = decode(&sealed.nonce)?.try_into().map_err(|_| EnvelopeError::Broken)?;
        let mut text = decode(&sealed.text)?;
        let opened = cipher(&key)?
            .open_in_place(Nonce::assume_unique_for_key(nonce), Aad::from(place), &mut text)
            .map_err(|_| EnvelopeError::Broken)?;
        String::from_utf8(opened.to_vec()).map_err(|_| EnvelopeError::Broken)
    }

    fn kept(&self, wrapped_key: &str) -> Option<Vec<u8>> {
        self.unwrapped.lock().ok()?.get(wrapped_key).cloned()
    }

    fn keep(&self, wrapped_key: &str, key: Vec<u8>) {
        if let Ok(mut kept) = self.unwrapped.lock() {
            if kept.len() >= KEYS_KEPT {
                kept.clear();
            }
            kept.insert(wrapped_key.to_owned(), key);
        }
    }
}

fn cipher(key: &[u8]) -> Result<LessSafeKey, EnvelopeError> {
    UnboundKey::new(&AES_256_GCM, key)
        .map(LessSafeKey::new)
        .map_err(|_| EnvelopeError::Broken)
}
