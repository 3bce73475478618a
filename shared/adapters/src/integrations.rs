//! Access to Procore on behalf of an estimating account: connecting a login, keeping its tokens fresh, and noticing the
//! end.
//!
//! The guarantees: of several processes one refreshes an account's tokens and the others wait for it, because a refresh
//! token works once. A refresh whose answer never reached our records is told from an access that was revoked. An
//! integration that Procore refuses is ended in one transaction with the mail that says so.

use std::time::Duration;

use gusset_domain::{
    ids::{AccountId, RunId, UserId},
    integration::{Integration, Login, Why, companies_administered},
    notification::{AccountNews, AccountNotice},
    plans::run::{AskedBy, Run},
};
use jiff::Timestamp;
use lambda_http::http::StatusCode;
use uuid::Uuid;

use crate::{
    aws::Aws,
    envelope::Envelope,
    http::Problem,
    procore::{AccessToken, Authority, OauthError, Procore, ProcoreError, Tokens},
    sessions::{pack, unpack},
    settings,
    table::{
        Also, Table,
        integrations::{IntegrationRecord, IntegrationTokens},
    },
};

/// How long a refresh may take. Another process waits for so long before it tries itself.
const REFRESH_TAKES: Duration = Duration::from_secs(15);

/// Accounts' access to Procore.
pub struct Integrations {
    /// The table.
    pub table: Table,
    /// Procore.
    pub procore: Procore,
    envelope: Envelope,
}

/// An account's access to Procore, good at this moment as far as is known.
pub struct Access {
    account: AccountId,
    integration: Integration,
    tokens: IntegrationTokens,
    token: AccessToken,
}

/// Why there is no telling whether an account has access.
#[derive(Debug)]
pub enum AccessError {
    /// Procore did not say.
    Procore(ProcoreError),
    /// A problem of our own.
    Own(Problem),
}

impl<E: Into<Problem>> From<E> for AccessError {
    fn from(error: E) -> Self {
        Self::Own(error.into())
    }
}

impl Access {
    /// Whose access it is.
    #[must_use]
    pub fn account(&self) -> AccountId {
        self.account
    }

    /// By which login.
    #[must_use]
    pub fn login(&self) -> UserId {
        self.integration.login.user
    }

    /// The integration.
    #[must_use]
    pub fn integration(&self) -> &Integration {
        &self.integration
    }

    /// The token.
    #[must_use]
    pub fn token(&self) -> &AccessToken {
        &self.token
    }

    /// The authority for calls: the login's own, in the background.
    #[must_use]
    pub fn authority(&self) -> Authority<'_> {
        Authority::Background(&self.token)
    }
}

impl Integrations {
    /// Reads what it needs from the environment.
    ///
    /// # Errors
    /// When a setting is missing or wrong, or the app's secret cannot be read: the function must not start.
    pub async fn from_environment(aws: &Aws) -> Result<Self, lambda_http::Error> {
        let client_secret = aws.secret(&settings::required("PROCORE_CLIENT_SECRET_ARN")?).await?;
        Ok(Self {
            table: Table::from_environment(aws)?,
            procore: Procore::from_environment(client_secret)?,
            envelope: Envelope::new(aws.kms(), settings::required("KMS_KEY_ID")?),
        })
    }

    /// An account's access, its token refreshed where it has run out. None where the account is not connected, or turns
    /// out not to be any more, which is then recorded.
    ///
    /// # Errors
    /// [`AccessError`], when it cannot be told.
    pub async fn access(&self, account: AccountId) -> Result<Option<Access>, AccessError> {
        self.access_but(account, None).await
    }

    /// Renews a token that Procore did not accept although its time is not over. False where that is refused as well: the
    /// integration has ended then, which is recorded.
    ///
    /// # Errors
    /// [`AccessError`], when it cannot be told.
    pub async fn renew(&self, access: &Access) -> Result<bool, AccessError> {
        let refused = access.tokens.tokens_version;
        let renewed = self.access_but(access.account, Some(refused)).await?;
        Ok(renewed.is_some())
    }

    /// An account's access with a token other than that of version `refused`.
    async fn access_but(&self, account: AccountId, refused: Option<u64>) -> Result<Option<Access>, AccessError> {
        let give_up = after(Timestamp::now(), REFRESH_TAKES);
        loop {
            let Some(IntegrationRecord {
                integration,
                tokens: Some(tokens),
                ..
            }) = self.table.integration(account).await?
            else {
                return Ok(None);
            };
            let now = Timestamp::now();
            let (access, refresh) = unpack(&self.envelope.open(&place(account), &tokens.tokens).await?)?;
            if now.as_second() < tokens.tokens_expire_at && refused != Some(tokens.tokens_version) {
                return Ok(Some(Access {
                    account,
                    integration,
                    tokens,
                    token: access,
                }));
            }
            let until = after(now, REFRESH_TAKES);
            if self
                .table
                .begin_integration_refresh(account, tokens.tokens_version, now, until)
                .await?
            {
                return self.refresh(account, integration, tokens, &refresh).await;
            }
            if now >= give_up {
                return Err(Problem::internal("a refresh by another process took too long").into());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Dies between Procore's answer and our record: the new pair is lost and the old one dead. The next refresh finds that
    /// this one has not ended, and is refused: so the loss is recognised.
    async fn refresh(
        &self,
        account: AccountId,
        integration: Integration,
        former: IntegrationTokens,
        refresh: &str,
    ) -> Result<Option<Access>, AccessError> {
        // As it was read: the refresh that has begun since is ours.
        let another_did_not_end = former.refreshing_until != 0;
        let now = Timestamp::now();
        match self.procore.refresh(refresh, now).await {
            Ok(fresh) => {
                let tokens = self.sealed(account, &fresh, former.tokens_version + 1).await?;
                let kept = self
                    .table
                    .keep_integration_tokens(account, integration.connected_at, &tokens)
                    .await?;
                if !kept {
                    // Disconnected meanwhile: nobody is to be left with a good token.
                    self.forget(&fresh.access).await;
                    return Ok(None);
                }
                Ok(Some(Access {
                    account,
                    integration,
                    tokens,
                    token: fresh.access,
                }))
            }
            Err(OauthError::Refused) => {
                let why = if another_did_not_end {
                    Why::TokensLost
                } else {
                    Why::Revoked
                };
                self.end(account, &integration, why).await?;
                Ok(None)
            }
            Err(OauthError::Procore(error)) => Err(AccessError::Procore(error)),
        }
    }

    /// Ends an integration that Procore refuses, and has the account told by mail.
    async fn end(&self, account: AccountId, integration: &Integration, why: Why) -> Result<(), Problem> {
        let Some(ended) = integration.ended(why, Timestamp::now()) else {
            return Ok(());
        };
        let told = self.table.account(account).await?;
        let notice = told.map(|account| AccountNotice {
            to: account.email,
            news: AccountNews::AccessEnded {
                login: integration.login.login.clone(),
                why,
            },
        });
        let also = match notice {
            Some(notice) => self.table.account_notice(notice)?,
            None => Also::default(),
        };
        if self.table.end_integration(account, &ended, also).await? {
            tracing::info!(%account, ?why, "an integration has ended");
        }
        Ok(())
    }

    /// Connects an account to the login that the tokens belong to, and begins its first run.
    ///
    /// Dies before the record is written: the tokens are lost, and nothing has changed. Dies after it: the run is there and
    /// nobody works at it until *Refresh* or the clock; the next one begins once it counts as stopped.
    ///
    /// # Errors
    /// 403, in words for the person, when the login is no company's admin. Its tokens are revoked then and nothing is kept.
    pub async fn connect(
        &self,
        account: AccountId,
        tokens: &Tokens,
        now: Timestamp,
    ) -> Result<(Integration, Run), Problem> {
        let login = match self.admin(tokens).await {
            Ok(login) => login,
            Err(problem) => {
                self.forget(&tokens.access).await;
                return Err(problem);
            }
        };
        let former = self.table.integration(account).await?;
        let sealed = self.sealed(account, tokens, 1).await?;
        let integration = Integration::begin(login, now);
        let run = Run::begin(RunId(Uuid::now_v7()), AskedBy::Connect, now);
        self.table.connect(account, &integration, sealed, &run).await?;
        if let Some(IntegrationRecord { tokens: Some(old), .. }) = former {
            // The former login's, which nobody knows any more.
            match self
                .envelope
                .open(&place(account), &old.tokens)
                .await
                .map(|text| unpack(&text))
            {
                Ok(Ok((access, _))) => self.forget(&access).await,
                _ => tracing::warn!(%account, "a former login's tokens could not be revoked"),
            }
        }
        Ok((integration, run))
    }

    /// Who the tokens belong to, if that login administers a company.
    async fn admin(&self, tokens: &Tokens) -> Result<Login, Problem> {
        let authority = Authority::Person(&tokens.access);
        let me = self.procore.me(authority, None).await?;
        let mut levels = Vec::new();
        for company in self.procore.companies(authority).await? {
            match self.procore.company_admin_access(authority, company.id).await {
                Ok(level) => levels.push((company.id, level)),
                // A company without our app, which the login cannot have synced.
                Err(ProcoreError::Forbidden(_) | ProcoreError::NotFound) => {}
                Err(error) => return Err(error.into()),
            }
        }
        companies_administered(levels).map_err(|refused| {
            Problem::new(
                StatusCode::FORBIDDEN,
                "not-a-company-admin",
                "This Procore login cannot be connected",
                refused.to_string(),
            )
        })?;
        Ok(Login {
            user: me.id,
            name: if me.name.is_empty() { me.login.clone() } else { me.name },
            login: me.login,
        })
    }

    /// Disconnects an account because its person wants that, and has Procore forget the access. False where it is not
    /// connected.
    ///
    /// # Errors
    /// When the table does not answer: it is still connected then.
    pub async fn disconnect(&self, account: AccountId, now: Timestamp) -> Result<bool, Problem> {
        let Some(IntegrationRecord {
            integration,
            tokens: Some(tokens),
            ..
        }) = self.table.integration(account).await?
        else {
            return Ok(false);
        };
        let Some(ended) = integration.ended(Why::ByPerson, now) else {
            return Ok(false);
        };
        let (access, _) = unpack(&self.envelope.open(&place(account), &tokens.tokens).await?)?;
        if !self.table.end_integration(account, &ended, Also::default()).await? {
            return Ok(false);
        }
        // Dies before this: nobody has the tokens any more, and they run out by themselves, as Procore has it.
        self.forget(&access).await;
        Ok(true)
    }

    /// Has Procore forget a login's access and refresh tokens. Where it does not answer they are lost to everybody all the
    /// same.
    async fn forget(&self, token: &AccessToken) {
        if let Err(error) = self.procore.revoke(token).await {
            tracing::warn!(%error, "tokens were not revoked at Procore");
        }
    }

    async fn sealed(&self, account: AccountId, tokens: &Tokens, version: u64) -> Result<IntegrationTokens, Problem> {
        Ok(IntegrationTokens {
            tokens: self.envelope.seal(&place(account), &pack(tokens)).await?,
            tokens_expire_at: tokens.expires_at.as_second(),
            tokens_version: version,
            refreshing_until: 0,
        })
    }
}

fn place(account: AccountId) -> String {
    format!("integration/{account}")
}

fn after(now: Timestamp, wait: Duration) -> Timestamp {
    now.saturating_add(wait).unwrap_or(Timestamp::MAX)
}
