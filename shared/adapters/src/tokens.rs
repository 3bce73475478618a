//! A person's Procore tokens, kept once for many processes.
//!
//! A refresh token works once, and using it kills the pair it came with. So of several processes that find the access
//! token run out, one refreshes, and the others wait for what it stores. A process that dies in between takes the new
//! pair with it: after a while another one takes over, tries the old refresh token, and is refused. That is told apart
//! from a refusal that Procore means: the person has not revoked anything then, and only has to connect again.

use std::{future::Future, time::Duration};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    envelope::{Envelope, EnvelopeError, Sealed},
    procore::{AccessToken, OauthError, Procore, ProcoreError, Tokens},
    table::TableError,
};

/// How long one process may take to refresh a pair, before another may try.
const REFRESH_TAKES: Duration = Duration::from_secs(15);

/// How often who waits for another process looks whether it is done.
const LOOKS: Duration = Duration::from_millis(100);

/// A pair of tokens as a record holds it, among fields of its own.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct KeptTokens {
    /// Both tokens.
    pub tokens: Sealed,
    /// When the access token stops working, in Unix seconds.
    pub tokens_expire_at: i64,
    /// Counts the refreshes, so that a token is refreshed by one process at a time.
    pub tokens_version: u64,
    /// Until when one process is refreshing them, in Unix milliseconds.
    #[serde(default)]
    pub refreshing_until: i64,
}

/// Whose turn it is to refresh.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Ours.
    Ours,
    /// Ours, because another process has begun and not come to an end in its time.
    TakenOver,
    /// Another process's: it is at it, or is done since the record was read.
    Others,
}

/// The record that holds a pair.
pub trait Keeper {
    /// The pair as it is now, read consistently. `None` where there is none any more.
    fn reread(&self) -> impl Future<Output = Result<Option<KeptTokens>, TableError>> + Send;

    /// Takes the right to refresh the pair of this version, until `until`.
    fn begin_refresh(
        &self,
        version: u64,
        now: Timestamp,
        until: Timestamp,
    ) -> impl Future<Output = Result<Turn, TableError>> + Send;

    /// Stores a pair in place of the version before it. False where that is not there any more.
    fn store(&self, tokens: &KeptTokens) -> impl Future<Output = Result<bool, TableError>> + Send;
}

/// Why there is no access token.
#[derive(Debug, thiserror::Error)]
pub enum TokensError {
    /// The record has none any more: somebody has signed out or disconnected meanwhile.
    #[error("there are no tokens any more")]
    Gone,
    /// Procore does not renew the pair that was last stored: the person has revoked it, or is nobody in Procore any more.
    #[error("Procore does not renew the tokens")]
    Refused,
    /// Procore does not renew the pair, but a process has tried to before, and may have taken the new one with it.
    #[error("Procore does not renew the tokens, and newer ones may have been lost")]
    RefusedAfterLoss,
    /// Another process took too long.
    #[error("a refresh by another process took too long")]
    Slow,
    /// Procore did not answer as it should.
    #[error(transparent)]
    Procore(#[from] ProcoreError),
    /// The table did not answer.
    #[error(transparent)]
    Table(#[from] TableError),
    /// They cannot be sealed or opened.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// What was opened are no tokens.
    #[error("sealed tokens are not as they were")]
    Broken,
}

/// Seals a new pair for `place`, to be kept. One call to KMS.
///
/// # Errors
/// [`EnvelopeError`].
pub async fn keep(envelope: &Envelope, place: &str, tokens: &Tokens) -> Result<KeptTokens, EnvelopeError> {
    Ok(KeptTokens {
        tokens: envelope.seal(place, &pack(tokens)).await?,
        tokens_expire_at: tokens.expires_at.as_second(),
        tokens_version: 1,
        refreshing_until: 0,
    })
}

/// The access token of a pair that was kept for `place` and read just now, refreshed where it has run out.
///
/// # Errors
/// [`TokensError`].
pub async fn access(
    procore: &Procore,
    envelope: &Envelope,
    place: &str,
    keeper: &impl Keeper,
    mut kept: KeptTokens,
) -> Result<AccessToken, TokensError> {
    let give_up = Timestamp::now().saturating_add(REFRESH_TAKES).unwrap_or(Timestamp::MAX);
    loop {
        let now = Timestamp::now();
        let (access, refresh) = unpack(&envelope.open(place, &kept.tokens).await?)?;
        if now.as_second() < kept.tokens_expire_at {
            return Ok(access);
        }
        let until = now.saturating_add(REFRESH_TAKES).unwrap_or(now);
        let turn = keeper.begin_refresh(kept.tokens_version, now, until).await?;
        if turn != Turn::Others {
            return refreshed(procore, envelope, place, keeper, &kept, &refresh, turn).await;
        }
        if now >= give_up {
            return Err(TokensError::Slow);
        }
        tokio::time::sleep(LOOKS).await;
        kept = keeper.reread().await?.ok_or(TokensError::Gone)?;
    }
}

/// The access token of a pair, whether or not it has run out: to be revoked.
///
/// # Errors
/// [`TokensError`], when the pair cannot be opened.
pub async fn open(envelope: &Envelope, place: &str, kept: &KeptTokens) -> Result<AccessToken, TokensError> {
    let (access, _) = unpack(&envelope.open(place, &kept.tokens).await?)?;
    Ok(access)
}

/// If the process dies between Procore's answer and our record, the new pair is lost and the old one dead.
async fn refreshed(
    procore: &Procore,
    envelope: &Envelope,
    place: &str,
    keeper: &impl Keeper,
    kept: &KeptTokens,
    refresh: &str,
    turn: Turn,
) -> Result<AccessToken, TokensError> {
    let tokens = match procore.refresh(refresh, Timestamp::now()).await {
        Ok(tokens) => tokens,
        Err(OauthError::Refused) => {
            // The pair on record may be another by now: somebody whose turn was thought over was slow, and not dead.
            return match keeper.reread().await? {
                Some(present) if present.tokens_version != kept.tokens_version => open(envelope, place, &present).await,
                None => Err(TokensError::Gone),
                Some(_) if turn == Turn::TakenOver => Err(TokensError::RefusedAfterLoss),
                Some(_) => Err(TokensError::Refused),
            };
        }
        Err(OauthError::Procore(error)) => return Err(error.into()),
    };
    let renewed = KeptTokens {
        tokens_version: kept.tokens_version + 1,
        ..keep(envelope, place, &tokens).await?
    };
    if keeper.store(&renewed).await? {
        return Ok(tokens.access);
    }
    // Nobody keeps them, so nobody shall have them.
    if let Err(error) = procore.revoke(&tokens.access).await {
        tracing::warn!(%error, "tokens that nobody keeps were not revoked at Procore");
    }
    Err(TokensError::Gone)
}

/// Both tokens as one text to be sealed. Neither can hold a line break: they travel in headers and forms.
fn pack(tokens: &Tokens) -> String {
    format!("{}\n{}", tokens.access.expose(), tokens.refresh)
}

fn unpack(text: &str) -> Result<(AccessToken, String), TokensError> {
    let (access, refresh) = text.split_once('\n').ok_or(TokensError::Broken)?;
    Ok((AccessToken::new(access.to_owned()), refresh.to_owned()))
}
