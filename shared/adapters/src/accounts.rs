//! Who is signed in to an estimating account. That has nothing to do with any Procore identity: see [`crate::sessions`]
//! for people who are signed in with Procore.

use std::time::Duration;

use gusset_domain::{
    email::EmailAddress,
    estimating_account::{CalendarToken, LINK_LASTS, LinkCode, SESSION_LASTS},
    ids::AccountId,
};
use gusset_words::say;
use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    aws::Aws,
    cadence_links::CadenceLinks,
    chance,
    http::{Cookie, Incoming, Problem},
    settings::{self, ConfigError},
    table::{
        Table,
        accounts::{AccountSessionRecord, LinkProof, LinkRecord},
    },
};

/// The name of the session's cookie.
pub const COOKIE: &str = "gusset_account";

/// Carries the secret of a browser that has asked for a link.
const ASKED_COOKIE: &str = "gusset_asked";

/// The longest token that is looked up: longer ones are none of ours.
const LONGEST_TOKEN: usize = 64;

/// Estimating accounts, and who is signed in to them.
pub struct Accounts {
    /// The table.
    pub table: Table,
}

/// A link that was made.
pub struct Asked {
    /// The last part of its address, which is mailed.
    pub token: String,
    /// What it takes in another browser than the one that asked.
    pub code: LinkCode,
    /// Binds it to the browser that asked.
    pub cookie: Cookie,
}

/// A link, as the browser that opens it sees it.
pub struct SeenLink {
    /// The address to which it was sent.
    pub email: EmailAddress,
    /// Whether this browser asked for it. Any other has to show its code.
    pub asked_here: bool,
}

/// What came of using a link.
pub enum UsedLink {
    /// It is used up, and whoever gets the mails to this address is signed in.
    By(EmailAddress),
    /// It was used, is older, or never was.
    NotGood,
    /// It was asked for in another browser, and no code came with it.
    AsksForCode,
    /// The code is wrong. So many may still be tried.
    WrongCode {
        /// Tries that are left.
        left: u32,
    },
    /// Too many wrong codes were tried. It works in the browser that asked for it alone.
    TakesNoCode,
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
    /// [`ConfigError`], when they name none: the function must not start.
    pub fn from_environment(aws: &Aws) -> Result<Self, ConfigError> {
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
        let nobody = || Problem::not_signed_in(say!("problem-not-signed-in-detail-account"));
        let secret = shown(incoming.cookie(COOKIE)).ok_or_else(nobody)?;
        let hash = chance::hash(secret);
        let session = self.table.account_session(&hash, Timestamp::now()).await?;
        let session = session.ok_or_else(nobody)?;
        Ok(Estimator {
            account: session.account,
            email: session.email,
        })
    }

    /// Makes a link that signs in whoever gets the mails to an address, and has the browser that asked for it. Nothing but
    /// hashes is kept. Whether the address has an account is not looked at.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn make_link(&self, email: &EmailAddress, incoming: &Incoming, now: Timestamp) -> Result<Asked, Problem> {
        let token = chance::secret()?;
        // Who asks twice, and opens the first mail, is still in the browser that asked.
        let secret = match shown(incoming.cookie(ASKED_COOKIE)) {
            Some(secret) => secret.to_owned(),
            None => chance::secret()?,
        };
        let code = LinkCode::of_browser(&secret);
        let link = LinkRecord {
            email: email.clone(),
            browser: chance::hash(&secret),
            code: code_hash(&token, code),
            tries: 0,
            expires_at: after(now, LINK_LASTS),
        };
        self.table.put_link(&chance::hash(&token), &link).await?;
        Ok(Asked {
            token,
            code,
            cookie: Cookie::new(ASKED_COOKIE, secret, LINK_LASTS, incoming),
        })
    }

    /// A link that is good, as the browser that opens it sees it. Looking at it does not use it up.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn look_at_link(
        &self,
        token: &str,
        incoming: &Incoming,
        now: Timestamp,
    ) -> Result<Option<SeenLink>, Problem> {
        let Some(token) = shown(Some(token)) else {
            return Ok(None);
        };
        let link = self.table.link(&chance::hash(token), now).await?;
        Ok(link.map(|link| SeenLink {
            asked_here: asked_here(&link, incoming).is_some(),
            email: link.email,
        }))
    }

    /// Uses up a link, if it is good: in the browser that asked for it, or with its code.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn use_link(
        &self,
        token: &str,
        code: Option<LinkCode>,
        incoming: &Incoming,
        now: Timestamp,
    ) -> Result<UsedLink, Problem> {
        let Some(token) = shown(Some(token)) else {
            return Ok(UsedLink::NotGood);
        };
        let hash = chance::hash(token);
        let Some(link) = self.table.link(&hash, now).await? else {
            return Ok(UsedLink::NotGood);
        };
        let proof = match (asked_here(&link, incoming), code) {
            (Some(browser), _) => LinkProof::Browser(browser),
            (None, None) => return Ok(UsedLink::AsksForCode),
            (None, Some(code)) => {
                // Dies after this: one try is gone.
                let Some(left) = self.table.count_code(&hash, now).await? else {
                    let link = self.table.link(&hash, now).await?;
                    return Ok(link.map_or(UsedLink::NotGood, |_| UsedLink::TakesNoCode));
                };
                let code = code_hash(token, code);
                if !chance::same(&code, &link.code) {
                    return Ok(UsedLink::WrongCode { left });
                }
                LinkProof::Code(code)
            }
        };
        let used = self.table.use_link(&hash, &proof, now).await?;
        Ok(used.map_or(UsedLink::NotGood, |link| UsedLink::By(link.email)))
    }

    /// Begins a session with the account of whoever gets the mails to an address, which is made where there is none, and
    /// gives its cookie. The browser's former session ends.
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
        // Dies here: the browser has its former session still, and nobody has the new one's secret.
        self.end_former(incoming).await?;
        Ok(Cookie::new(COOKIE, secret, SESSION_LASTS, incoming))
    }

    /// Ends a request's session, and gives the cookie that removes the browser's.
    ///
    /// # Errors
    /// When the table does not answer: the person is still signed in then.
    pub async fn end(&self, incoming: &Incoming) -> Result<Cookie, Problem> {
        self.end_former(incoming).await?;
        Ok(Cookie::gone(COOKIE, incoming))
    }

    async fn end_former(&self, incoming: &Incoming) -> Result<(), Problem> {
        if let Some(secret) = shown(incoming.cookie(COOKIE)) {
            self.table.end_account_session(&chance::hash(secret)).await?;
        }
        Ok(())
    }
}

/// The code that links take elsewhere that this browser has asked for, if it has within the last quarter of an hour.
#[must_use]
pub fn code_of_browser(incoming: &Incoming) -> Option<LinkCode> {
    shown(incoming.cookie(ASKED_COOKIE)).map(LinkCode::of_browser)
}

/// Takes out of the browser that it has asked for a link.
#[must_use]
pub fn asked_no_more(incoming: &Incoming) -> Cookie {
    Cookie::gone(ASKED_COOKIE, incoming)
}

/// The hash of the secret of the browser that sent a request, where it is the one that asked for a link.
fn asked_here(link: &LinkRecord, incoming: &Incoming) -> Option<String> {
    let hash = chance::hash(shown(incoming.cookie(ASKED_COOKIE))?);
    chance::same(&hash, &link.browser).then_some(hash)
}

fn code_hash(token: &str, code: LinkCode) -> String {
    chance::hash(&format!("{token} {code}"))
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

    /// The links by which people choose how often they get emails, which are signed with the same secret.
    #[must_use]
    pub fn cadence_links(&self) -> CadenceLinks {
        CadenceLinks::new(self.master_secret.clone())
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
