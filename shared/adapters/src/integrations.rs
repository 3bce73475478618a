//! Access to Procore on behalf of an estimating account: connecting a login, keeping its tokens fresh, and noticing the
//! end.
//!
//! The guarantees: of several processes one refreshes an account's tokens and the others wait for it, because a refresh
//! token works once. A refresh whose answer never reached our records is told from an access that was revoked. An
//! integration that Procore refuses is ended in one transaction with the mail that says so.

use gusset_domain::{
    ids::{AccountId, ProjectId, RunId, UserId},
    integration::{Integration, Login, Why, companies_administered},
    notification::{AccountNews, AccountNotice},
    plans::run::{AskedBy, Run},
};
use gusset_words::say;
use jiff::Timestamp;
use lambda_http::http::StatusCode;
use uuid::Uuid;

use crate::{
    aws::Aws,
    envelope::Envelope,
    http::Problem,
    procore::{AccessToken, Authority, Procore, ProcoreError, Tokens},
    settings,
    table::{ExtraWrites, Table, TableError},
    tokens::{self, Keeper, KeptTokens, TokensError, Turn},
};

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
    version: u64,
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
    /// When its login was connected.
    #[must_use]
    pub fn connected_at(&self) -> Timestamp {
        self.integration.connected_at
    }

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

    /// Returns whether an account is connected that has a project, other than `but`. One query, and a read for each account.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn is_kept(&self, project: ProjectId, but: Option<AccountId>) -> Result<bool, TableError> {
        for by in self.table.synced_by(project).await? {
            if Some(by.account) == but {
                continue;
            }
            let record = self.table.integration(by.account).await?;
            if record.is_some_and(|record| record.integration.is_connected()) {
                return Ok(true);
            }
        }
        Ok(false)
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
        let renewed = self.access_but(access.account, Some(access.version)).await?;
        Ok(renewed.is_some())
    }

    /// An account's access, with a token other than the one of version `refused`.
    async fn access_but(&self, account: AccountId, refused: Option<u64>) -> Result<Option<Access>, AccessError> {
        let Some((integration, kept)) = self.connected(account).await? else {
            return Ok(None);
        };
        let keeper = IntegrationKeeper {
            of: self,
            account,
            refused,
        };
        let kept = keeper.unless_refused(kept);
        let version = kept.tokens_version;
        match tokens::access(&self.procore, &self.envelope, &place(account), &keeper, kept).await {
            Ok(token) => Ok(Some(Access {
                account,
                integration,
                version,
                token,
            })),
            Err(TokensError::Gone) => Ok(None),
            Err(TokensError::Refused) => self.end(account, &integration, Why::Revoked).await,
            Err(TokensError::RefusedAfterLoss) => self.end(account, &integration, Why::TokensLost).await,
            Err(TokensError::Procore(error)) => Err(AccessError::Procore(error)),
            Err(error) => Err(AccessError::Own(Problem::internal(error))),
        }
    }

    /// An account's integration with its tokens, while it is connected.
    async fn connected(&self, account: AccountId) -> Result<Option<(Integration, KeptTokens)>, TableError> {
        let found = self.table.integration(account).await?;
        Ok(found.and_then(|found| Some((found.integration, found.tokens?))))
    }

    /// Ends an integration that Procore refuses, and has the account told by mail.
    async fn end(
        &self,
        account: AccountId,
        integration: &Integration,
        why: Why,
    ) -> Result<Option<Access>, AccessError> {
        let Some(ended) = integration.ended(why, Timestamp::now()) else {
            return Ok(None);
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
            None => ExtraWrites::default(),
        };
        if self.table.end_integration(account, &ended, also).await? {
            tracing::info!(%account, ?why, "an integration has ended");
        }
        Ok(None)
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
        let former = self.connected(account).await?;
        let kept = KeptTokens {
            // Beyond whatever a former login's refresh that is under way would take for its own.
            tokens_version: u64::try_from(now.as_millisecond()).unwrap_or_default(),
            ..tokens::keep(&self.envelope, &place(account), tokens).await?
        };
        let integration = Integration::begin(login, now);
        let run = Run::begin(RunId(Uuid::now_v7()), AskedBy::Connect, now);
        self.table.connect(account, &integration, kept, &run).await?;
        if let Some((_, former)) = former {
            // Nobody knows them any more.
            self.forget_kept(account, &former).await;
        }
        Ok((integration, run))
    }

    /// Who the tokens belong to, if that login administers a company.
    async fn admin(&self, tokens: &Tokens) -> Result<Login, Problem> {
        let authority = Authority::Person(&tokens.access);
        let me = self.procore.me_by_name(authority).await?;
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
                say!("problem-not-a-company-admin-title"),
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
        let Some((integration, kept)) = self.connected(account).await? else {
            return Ok(false);
        };
        let Some(ended) = integration.ended(Why::ByPerson, now) else {
            return Ok(false);
        };
        if !self
            .table
            .end_integration(account, &ended, ExtraWrites::default())
            .await?
        {
            return Ok(false);
        }
        // Dies before this: nobody has the tokens any more, and they run out by themselves, as Procore has it.
        self.forget_kept(account, &kept).await;
        Ok(true)
    }

    async fn forget_kept(&self, account: AccountId, kept: &KeptTokens) {
        match tokens::open(&self.envelope, &place(account), kept).await {
            Ok(access) => self.forget(&access).await,
            Err(error) => tracing::warn!(%account, %error, "tokens were not revoked at Procore"),
        }
    }

    /// Has Procore forget a login's access and refresh tokens. Where it does not answer they are lost to everybody all the
    /// same.
    async fn forget(&self, token: &AccessToken) {
        if let Err(error) = self.procore.revoke(token).await {
            tracing::warn!(%error, "tokens were not revoked at Procore");
        }
    }
}

/// An account's tokens on record.
struct IntegrationKeeper<'a> {
    of: &'a Integrations,
    account: AccountId,
    /// The version that Procore did not accept.
    refused: Option<u64>,
}

impl IntegrationKeeper<'_> {
    /// The pair, as if its time were over where Procore did not accept it: who waits for another process's refresh must not
    /// take it for the new one.
    fn unless_refused(&self, kept: KeptTokens) -> KeptTokens {
        if self.refused == Some(kept.tokens_version) {
            return KeptTokens {
                tokens_expire_at: 0,
                ..kept
            };
        }
        kept
    }
}

impl Keeper for IntegrationKeeper<'_> {
    async fn reread(&self) -> Result<Option<KeptTokens>, TableError> {
        let kept = self.of.connected(self.account).await?;
        Ok(kept.map(|(_, kept)| self.unless_refused(kept)))
    }

    async fn begin_refresh(&self, version: u64, now: Timestamp, until: Timestamp) -> Result<Turn, TableError> {
        let table = &self.of.table;
        table.begin_integration_refresh(self.account, version, now, until).await
    }

    async fn store(&self, tokens: &KeptTokens) -> Result<bool, TableError> {
        self.of.table.store_integration_tokens(self.account, tokens).await
    }
}

fn place(account: AccountId) -> String {
    format!("integration/{account}")
}
