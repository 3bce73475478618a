//! Codes and tokens, each of which works once or for a while.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde::Serialize;

use super::pkce::Challenge;
use crate::random;
use crate::world::Id;

const CODE_LIFETIME: Duration = Duration::from_secs(10 * 60);

/// How a token came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum GrantType {
    AuthorizationCode,
    ClientCredentials,
}

/// What a code stands for.
#[derive(Debug, Clone)]
struct Code {
    application: String,
    person_id: Id,
    redirect_uri: String,
    challenge: Option<Challenge>,
    issued: Instant,
}

/// What an access token stands for.
#[derive(Debug, Clone)]
pub(crate) struct AccessToken {
    pub(crate) application: String,
    /// None for client credentials, which act as each company's service account.
    pub(crate) person_id: Option<Id>,
    pub(crate) grant: GrantType,
    pub(crate) created_at: Timestamp,
    pub(crate) lifetime: Duration,
    issued: Instant,
    refresh_token: Option<String>,
}

impl AccessToken {
    pub(crate) fn remaining(&self) -> Duration {
        self.lifetime.saturating_sub(self.issued.elapsed())
    }
}

/// What a refresh token stands for.
#[derive(Debug, Clone)]
struct RefreshToken {
    application: String,
    person_id: Id,
    access_token: String,
}

/// A fresh token, or pair of tokens.
#[derive(Debug, Serialize)]
pub(crate) struct Issued {
    access_token: String,
    token_type: &'static str,
    expires_in: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    created_at: i64,
}

/// All codes and tokens that work.
#[derive(Debug, Default)]
pub(crate) struct Grants {
    codes: HashMap<String, Code>,
    access: HashMap<String, AccessToken>,
    refresh: HashMap<String, RefreshToken>,
}

impl Grants {
    pub(crate) fn issue_code(
        &mut self,
        application: &str,
        person_id: Id,
        redirect_uri: &str,
        challenge: Option<Challenge>,
    ) -> String {
        let code = random::token();
        let (application, redirect_uri) = (application.to_owned(), redirect_uri.to_owned());
        self.codes.insert(
            code.clone(),
            Code {
                application,
                person_id,
                redirect_uri,
                challenge,
                issued: Instant::now(),
            },
        );
        code
    }

    /// Turns a code into tokens. The code is gone afterwards, even if it was shown with the wrong redirect or verifier.
    pub(crate) fn redeem_code(
        &mut self,
        application: &str,
        code: &str,
        redirect_uri: &str,
        verifier: Option<&str>,
        lifetime: Duration,
    ) -> Option<Issued> {
        let code = self.codes.remove(code)?;
        let fits = code.application == application
            && code.redirect_uri == redirect_uri
            && code
                .challenge
                .as_ref()
                .is_none_or(|challenge| challenge.is_met(verifier))
            && code.issued.elapsed() < CODE_LIFETIME;
        fits.then(|| self.issue_pair(application, code.person_id, lifetime))
    }

    /// Turns a refresh token into a new pair, and kills the old one.
    pub(crate) fn redeem_refresh(&mut self, application: &str, token: &str, lifetime: Duration) -> Option<Issued> {
        if self.refresh.get(token)?.application != application {
            return None;
        }
        let old = self.refresh.remove(token)?;
        self.access.remove(&old.access_token);
        Some(self.issue_pair(application, old.person_id, lifetime))
    }

    pub(crate) fn issue_client_credentials(&mut self, application: &str, lifetime: Duration) -> Issued {
        self.issue_access(application, None, None, lifetime)
    }

    fn issue_pair(&mut self, application: &str, person_id: Id, lifetime: Duration) -> Issued {
        let refresh_token = random::token();
        let issued = self.issue_access(application, Some(person_id), Some(refresh_token.clone()), lifetime);
        let access_token = issued.access_token.clone();
        let application = application.to_owned();
        self.refresh.insert(
            refresh_token,
            RefreshToken {
                application,
                person_id,
                access_token,
            },
        );
        issued
    }

    fn issue_access(
        &mut self,
        application: &str,
        person_id: Option<Id>,
        refresh_token: Option<String>,
        lifetime: Duration,
    ) -> Issued {
        let access_token = random::token();
        let created_at = Timestamp::now();
        let grant = if person_id.is_some() {
            GrantType::AuthorizationCode
        } else {
            GrantType::ClientCredentials
        };
        let token = AccessToken {
            application: application.to_owned(),
            person_id,
            grant,
            created_at,
            lifetime,
            issued: Instant::now(),
            refresh_token: refresh_token.clone(),
        };
        self.access.insert(access_token.clone(), token);
        Issued {
            access_token,
            token_type: "bearer",
            expires_in: lifetime.as_secs(),
            refresh_token,
            created_at: created_at.as_second(),
        }
    }

    /// What a token stands for, as long as it works.
    pub(crate) fn access(&self, token: &str) -> Option<&AccessToken> {
        self.access.get(token).filter(|access| !access.remaining().is_zero())
    }

    /// Ends an access or refresh token together with its other half.
    pub(crate) fn revoke(&mut self, application: &str, token: &str) {
        if self
            .access
            .get(token)
            .is_some_and(|access| access.application == application)
        {
            let refresh = self.access.remove(token).and_then(|access| access.refresh_token);
            if let Some(refresh) = refresh {
                self.refresh.remove(&refresh);
            }
        } else if self
            .refresh
            .get(token)
            .is_some_and(|refresh| refresh.application == application)
            && let Some(refresh) = self.refresh.remove(token)
        {
            self.access.remove(&refresh.access_token);
        }
    }

    /// Ends everything that a person granted to an app, as *My Connected Apps → Revoke* does.
    pub(crate) fn revoke_person(&mut self, person_id: Id, application: &str) {
        self.codes
            .retain(|_, code| code.person_id != person_id || code.application != application);
        self.access
            .retain(|_, token| token.person_id != Some(person_id) || token.application != application);
        self.refresh
            .retain(|_, token| token.person_id != person_id || token.application != application);
    }

    /// The apps that a person lets in.
    pub(crate) fn applications_of(&self, person_id: Id) -> Vec<String> {
        let mut applications: Vec<_> = self
            .refresh
            .values()
            .filter(|token| token.person_id == person_id)
            .map(|token| token.application.clone())
            .collect();
        applications.sort();
        applications.dedup();
        applications
    }
}
