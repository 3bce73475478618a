//! Procore's sign-in: codes, tokens, and the service account's token.

use std::time::Duration;

use jiff::Timestamp;
use reqwest::StatusCode;
use serde::Deserialize;
use url::Url;

use super::{AccessToken, Procore, ProcoreError, ServiceToken, answer, checked, json, send};

/// A person's tokens, as Procore gives them.
pub struct Tokens {
    /// For calls, until it expires.
    pub access: AccessToken,
    /// For one refresh, which makes a new pair.
    pub refresh: String,
    /// When the access token expires.
    pub expires_at: Timestamp,
}

/// Why Procore gave no tokens.
#[derive(Debug, thiserror::Error)]
pub enum OauthError {
    /// `invalid_grant`: the code or refresh token is no good: used, expired, revoked, or never given.
    #[error("Procore does not accept the code or refresh token")]
    Refused,
    /// Procore did not answer as it should.
    #[error(transparent)]
    Procore(#[from] ProcoreError),
}

#[derive(Deserialize)]
struct TokenAnswer {
    access_token: String,
    refresh_token: Option<String>,
    expires_in: u64,
}

/// Why Procore gives no token (RFC 6749, 5.2).
#[derive(Deserialize, Default)]
#[serde(default)]
struct Refusal {
    error: String,
    error_description: String,
}

/// Time taken off a token's life, so that one is not used in its last moments.
const MARGIN: Duration = Duration::from_secs(60);

impl AccessToken {
    /// The token as it is sealed for the table.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl Procore {
    /// Where a person signs in to Procore, to come back to `redirect_uri` with `state`. The code that the person comes back
    /// with is exchanged for tokens by who knows the `challenge`'s verifier (RFC 7636) alone.
    #[must_use]
    pub fn sign_in_url(&self, redirect_uri: &str, state: &str, challenge: &str) -> Url {
        let mut url = self.login_url("/oauth/authorize");
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.client_id)
            .append_pair("redirect_uri", redirect_uri)
            .append_pair("state", state)
            .append_pair("code_challenge", challenge)
            .append_pair("code_challenge_method", "S256");
        url
    }

    /// Exchanges the code that a person came back with, and the verifier of the challenge with which it was asked for. It
    /// works once.
    ///
    /// # Errors
    /// [`OauthError::Refused`], when Procore does not accept the code.
    pub async fn exchange(
        &self,
        code: &str,
        redirect_uri: &str,
        verifier: &str,
        now: Timestamp,
    ) -> Result<Tokens, OauthError> {
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect_uri),
            ("code_verifier", verifier),
        ];
        self.tokens(&fields, now).await
    }

    /// Makes a new pair of tokens. The old pair is dead from the moment Procore has made the new one, even where the
    /// answer is lost on the way.
    ///
    /// # Errors
    /// [`OauthError::Refused`], when the refresh token was used or revoked.
    pub async fn refresh(&self, refresh_token: &str, now: Timestamp) -> Result<Tokens, OauthError> {
        self.tokens(
            &[("grant_type", "refresh_token"), ("refresh_token", refresh_token)],
            now,
        )
        .await
    }

    /// Kills a person's tokens.
    ///
    /// # Errors
    /// [`ProcoreError`], when Procore does not answer.
    pub async fn revoke(&self, token: &AccessToken) -> Result<(), ProcoreError> {
        let fields = [
            ("token", token.0.as_str()),
            ("client_id", &self.client_id),
            ("client_secret", &self.client_secret),
        ];
        send(self.http.post(self.login_url("/oauth/revoke")).form(&fields))
            .await
            .map(drop)
    }

    /// Asks whether a token is still good. One call, which counts to no limit.
    ///
    /// # Errors
    /// [`ProcoreError::Unauthorized`], when it is not.
    pub async fn is_accepted(&self, token: &AccessToken) -> Result<(), ProcoreError> {
        let asked = self.http.get(self.login_url("/oauth/token/info")).bearer_auth(&token.0);
        send(asked).await.map(drop)
    }

    async fn tokens(&self, fields: &[(&str, &str)], now: Timestamp) -> Result<Tokens, OauthError> {
        let answer = self.ask_for_token(fields).await?;
        let Some(refresh) = answer.refresh_token else {
            let said = "the answer has no refresh token".to_owned();
            return Err(ProcoreError::Unexpected { status: 200, said }.into());
        };
        let expires_at = good_until(answer.expires_in, now);
        Ok(Tokens {
            access: AccessToken(answer.access_token),
            refresh,
            expires_at,
        })
    }

    async fn ask_for_token(&self, fields: &[(&str, &str)]) -> Result<TokenAnswer, OauthError> {
        let mut form = fields.to_vec();
        form.push(("client_id", &self.client_id));
        form.push(("client_secret", &self.client_secret));
        let given = answer(self.http.post(self.login_url("/oauth/token")).form(&form)).await?;
        if !matches!(given.status(), StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED) {
            return Ok(json(checked(given).await?).await?);
        }
        let refusal: Refusal = serde_json::from_str(&given.text().await.unwrap_or_default()).unwrap_or_default();
        if refusal.error == "invalid_grant" {
            return Err(OauthError::Refused);
        }
        let said = gusset_domain::text::one_line(
            &format!("{} {}", refusal.error, refusal.error_description),
            super::LONGEST_SAID,
        );
        crate::metrics::app_refused(&said);
        Err(ProcoreError::App(said.trim().to_owned()).into())
    }

    /// The service account's token: the one at hand while it is good, else a new one.
    pub(super) async fn service_token(&self) -> Result<AccessToken, ProcoreError> {
        let mut kept = self.service_token.lock().await;
        let now = Timestamp::now();
        if let Some(kept) = kept.as_ref().filter(|kept| now < kept.good_until) {
            return Ok(kept.token.clone());
        }
        let answer = match self.ask_for_token(&[("grant_type", "client_credentials")]).await {
            Ok(answer) => answer,
            Err(OauthError::Refused) => return Err(ProcoreError::App("invalid_grant".to_owned())),
            Err(OauthError::Procore(error)) => return Err(error),
        };
        let token = AccessToken(answer.access_token);
        *kept = Some(ServiceToken {
            token: token.clone(),
            good_until: good_until(answer.expires_in, now),
        });
        Ok(token)
    }

    pub(super) async fn forget_service_token(&self) {
        *self.service_token.lock().await = None;
    }

    fn login_url(&self, path: &str) -> Url {
        let mut url = self.login.clone();
        url.set_path(&format!("{}{path}", self.login.path().trim_end_matches('/')));
        url
    }
}

fn good_until(expires_in: u64, now: Timestamp) -> Timestamp {
    now.saturating_add(Duration::from_secs(expires_in).saturating_sub(MARGIN))
        .unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use gusset_domain::ids::{CompanyId, ProjectId};
    use reqwest::Method;
    use serde_json::json;

    use super::*;
    use crate::procore::{
        Authority,
        at_sandbox::{GINA, Place},
    };

    #[tokio::test]
    async fn a_wrong_secret_of_ours_is_no_revocation() {
        let place = Place::new().await;
        let mistyped = place.with_secret("mistyped");
        let refreshed = mistyped.refresh("whatever", Timestamp::now()).await;
        assert!(
            matches!(&refreshed, Err(OauthError::Procore(ProcoreError::App(said))) if said.contains("invalid_client")),
            "{:?}",
            refreshed.err()
        );
        let company = CompanyId::new(1001).unwrap();
        let me = mistyped.me_in(Authority::ServiceAccount, company).await;
        assert!(matches!(me, Err(ProcoreError::App(_))), "{:?}", me.err());
        let used_up = place.procore.refresh("used up", Timestamp::now()).await;
        assert!(matches!(used_up, Err(OauthError::Refused)), "{:?}", used_up.err());
    }

    #[tokio::test]
    async fn a_401_of_a_company_without_the_app_says_nothing_of_the_token() {
        let place = Place::new().await;
        let (company, project) = (CompanyId::new(1001).unwrap(), ProjectId::new(20001).unwrap());
        let gina = place.token(GINA).await;
        for forbids in [false, true] {
            let removed = json!({"installed": false, "forbids": forbids});
            place.side(Method::PUT, "companies/1001/app", removed).await;
            for authority in [
                Authority::Person(&gina),
                Authority::Background(&gina),
                Authority::ServiceAccount,
            ] {
                let answer = place.procore.project(authority, company, project).await;
                assert!(matches!(answer, Err(ProcoreError::Forbidden(_))), "{:?}", answer.err());
            }
        }
        let revoked = AccessToken::new("revoked".to_owned());
        let answer = place
            .procore
            .project(Authority::Person(&revoked), company, project)
            .await;
        assert!(matches!(answer, Err(ProcoreError::Unauthorized)), "{:?}", answer.err());
    }

    #[tokio::test]
    async fn a_name_is_asked_of_a_company_that_knows_the_person() {
        let place = Place::new().await;
        let gina = place.token(GINA).await;
        let me = place.procore.me(Authority::Person(&gina)).await.unwrap();
        assert_eq!(me.name, "");
        let me = place.procore.me_by_name(Authority::Person(&gina)).await.unwrap();
        assert_eq!(me.name, "Gina Castellano");
    }
}
