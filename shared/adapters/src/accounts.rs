//! Who is signed in to an estimating account. That has nothing to do with any Procore identity: see [`crate::sessions`]
//! for people who are signed in with Procore.

use std::time::Duration;

use gusset_domain::{
    email::EmailAddress,
    estimating_account::{CalendarToken, LINK_LASTS, SESSION_LASTS},
    ids::AccountId,
};
use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    aws::Aws,
    chance,
    http::{Cookie, Incoming, Problem},
    settings::{self, BadSetting},
    table::{
        Table,
        accounts::{AccountSessionRecord, LinkRecord},
    },
};

/// The name of the session's cookie.
pub const COOKIE: &str = "gusset_account";

/// The longest token that is looked up: longer ones are none of ours.
const LONGEST_TOKEN: usize = 64;

/// Estimating accounts, and who is signed in to them.
pub struct Accounts {
    /// The table.
    pub table: Table,
}

/// Somebody who is signed in to an estimating account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Estimator {
    /// The account.
    pub account: AccountId,
    /// The address with which the person signed in.
    pub email: EmailAddress,
}

impl Accounts {
    /// Accounts in the table that the template's settings name.
    ///
    /// # Errors
    /// [`BadSetting`], when they name none: the function must not start.
    pub fn from_environment(aws: &Aws) -> Result<Self, BadSetting> {
        Ok(Self {
            table: Table::from_environment(aws)?,
        })
    }

    /// Who sent a request.
    ///
    /// # Errors
    /// 401 when nobody is signed in to an estimating account, 403 when a service account's token comes instead of a person.
    pub async fn signed_in(&self, incoming: &Incoming) -> Result<Estimator, Problem> {
        if incoming.bearer().is_some() {
            return Err(Problem::people_only());
        }
        let nobody = || Problem::not_signed_in("Sign in to your estimating account to go on.");
        let secret = shown(incoming.cookie(COOKIE)).ok_or_else(nobody)?;
        let hash = chance::hash(secret);
        let session = self.table.account_session(&hash, Timestamp::now()).await?;
        let session = session.ok_or_else(nobody)?;
        Ok(Estimator {
            account: session.account,
            email: session.email,
        })
    }

    /// Makes a link that signs in whoever gets the mails to an address, and gives its token. Nothing but the token's hash
    /// is kept. Whether the address has an account is not looked at.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn make_link(&self, email: &EmailAddress, now: Timestamp) -> Result<String, Problem> {
        let token = chance::secret()?;
        let link = LinkRecord {
            email: email.clone(),
            expires_at: after(now, LINK_LASTS),
        };
        self.table.put_link(&chance::hash(&token), &link).await?;
        Ok(token)
    }

    /// To whom a link was sent, if it is good. Looking at it does not use it up.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn look_at_link(&self, token: &str, now: Timestamp) -> Result<Option<EmailAddress>, Problem> {
        let Some(token) = shown(Some(token)) else {
            return Ok(None);
        };
        let link = self.table.link(&chance::hash(token), now).await?;
        Ok(link.map(|link| link.email))
    }

    /// Uses up a link, if it is good, and gives to whom it was sent.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn use_link(&self, token: &str, now: Timestamp) -> Result<Option<EmailAddress>, Problem> {
        let Some(token) = shown(Some(token)) else {
            return Ok(None);
        };
        let link = self.table.use_link(&chance::hash(token), now).await?;
        Ok(link.map(|link| link.email))
    }

    /// Begins a session with the account of whoever gets the mails to an address, which is made where there is none, and
    /// gives its cookie.
    ///
    /// # Errors
    /// When the table does not answer: there is no session then.
    pub async fn begin(&self, email: EmailAddress, incoming: &Incoming, now: Timestamp) -> Result<Cookie, Problem> {
        let account = self.table.account_of(&email, AccountId(Uuid::now_v7()), now).await?;
        let secret = chance::secret()?;
        let session = AccountSessionRecord {
            account,
            email,
            expires_at: after(now, SESSION_LASTS),
        };
        self.table.put_account_session(&chance::hash(&secret), &session).await?;
        Ok(cookie(secret, incoming))
    }

    /// Ends a request's session, and gives the cookie that removes the browser's.
    ///
    /// # Errors
    /// When the table does not answer: the person is still signed in then.
    pub async fn end(&self, incoming: &Incoming) -> Result<Cookie, Problem> {
        if let Some(secret) = shown(incoming.cookie(COOKIE)) {
            self.table.end_account_session(&chance::hash(secret)).await?;
        }
        Ok(cookie(String::new(), incoming))
    }
}

/// Makes the addresses of accounts' calendars.
pub struct Calendars {
    master_secret: Vec<u8>,
}

impl Calendars {
    /// With the stack's master secret, from which they are derived.
    ///
    /// # Errors
    /// When the secret is not named or cannot be read: the function must not start.
    pub async fn from_environment(aws: &Aws) -> Result<Self, lambda_http::Error> {
        let master_secret = aws.secret(&settings::required("MASTER_SECRET_ARN")?).await?;
        Ok(Self {
            master_secret: master_secret.into_bytes(),
        })
    }

    /// The address of an account's calendar. Whoever knows it can read the calendar.
    #[must_use]
    pub fn address(&self, public_url: &str, account: AccountId, generation: u64) -> String {
        let token = CalendarToken::new(&self.master_secret, account, generation);
        format!("{public_url}/calendar/{}.ics", token.expose())
    }

    /// Whether a token is that of its account's calendar in a generation.
    #[must_use]
    pub fn is_genuine(&self, token: &CalendarToken, generation: u64) -> bool {
        token.is_genuine(&self.master_secret, generation)
    }
}

/// A secret that somebody shows, if it can be one of ours.
fn shown(secret: Option<&str>) -> Option<&str> {
    secret.filter(|secret| (1..=LONGEST_TOKEN).contains(&secret.len()))
}

fn after(now: Timestamp, wait: Duration) -> i64 {
    now.as_second() + i64::try_from(wait.as_secs()).unwrap_or_default()
}

fn cookie(value: String, incoming: &Incoming) -> Cookie {
    Cookie {
        name: COOKIE,
        value,
        path: "/",
        lasts: SESSION_LASTS,
        secure: incoming.public_url().starts_with("https:"),
    }
}
