//! A person who signs in, in a browser on this machine.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{
    digest::{SHA256, digest},
    rand::{SecureRandom, SystemRandom},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use url::Url;

use super::Walk;
use crate::{
    procore::As,
    report::{Assumption, Verdict},
};

const SIGNED_IN: Assumption = Assumption {
    name: "a person's code, with PKCE",
    expected: "is exchanged for a token and a refresh token",
    consequence: "nobody can sign in",
};
const ROTATES: Assumption = Assumption {
    name: "a refresh token",
    expected: "works once, and then is invalid_grant",
    consequence: "an access that was refreshed twice at once does not end, which is harmless",
};
const REVOKED: Assumption = Assumption {
    name: "a revoked token",
    expected: "is refused with 401 by /oauth/token/info",
    consequence: "the end of an access is not noticed",
};
const PERMISSIONS: Assumption = Assumption {
    name: "a person's permissions in the project",
    expected: "are listed by tool, with user_access_level",
    consequence: "nobody is taken for a project's admin, and nobody can connect",
};

/// How long the person has.
const PATIENCE: Duration = Duration::from_secs(5 * 60);

impl Walk<'_> {
    pub(super) async fn person(&mut self, secret: &str) -> Result<(), String> {
        let redirect = self.arguments.redirect.clone();
        let port = redirect.port_or_known_default().unwrap_or_default();
        let busy =
            |error: std::io::Error| format!("Port {port} cannot be used for the browser to come back to: {error}.");
        let listener = TcpListener::bind(("127.0.0.1", port)).await.map_err(busy)?;
        let (state, verifier) = (random()?, random()?);
        let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()));
        let mut address =
            Url::parse(&format!("{}/oauth/authorize", self.procore.login())).map_err(|error| error.to_string())?;
        address.query_pairs_mut().extend_pairs([
            ("response_type", "code"),
            ("client_id", &self.arguments.client_id),
            ("redirect_uri", redirect.as_str()),
            ("state", &state),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ]);
        (self.tell)(&format!("Sign in here, as an admin of the project:\n{address}"));
        let came = tokio::time::timeout(PATIENCE, come_back(&listener, &redirect, &state)).await;
        let Ok(code) = came else {
            self.report.add(
                SIGNED_IN,
                Verdict::Untried("nobody signed in within five minutes".to_owned()),
            );
            return Ok(());
        };
        let client = |more: Vec<(&'static str, String)>| {
            let mut form = vec![
                ("client_id", self.arguments.client_id.clone()),
                ("client_secret", secret.to_owned()),
            ];
            form.extend(more);
            form
        };
        let exchange = client(vec![
            ("grant_type", "authorization_code".to_owned()),
            ("code", code?),
            ("redirect_uri", redirect.to_string()),
            ("code_verifier", verifier),
        ]);
        let refresh = |token: &str| {
            client(vec![
                ("grant_type", "refresh_token".to_owned()),
                ("refresh_token", token.to_owned()),
            ])
        };
        let signed_in = self.procore.oauth("/oauth/token", exchange).await?;
        let Some(first) = signed_in.body["refresh_token"].as_str() else {
            self.report.check(SIGNED_IN, false, signed_in.in_words());
            return Ok(());
        };
        self.report.check(SIGNED_IN, true, "");
        let refreshed = self.procore.oauth("/oauth/token", refresh(first)).await?;
        let again = self.procore.oauth("/oauth/token", refresh(first)).await?;
        let once = refreshed.is_success() && again.body["error"] == "invalid_grant";
        self.report.check(
            ROTATES,
            once,
            format!("{}, then {}", refreshed.in_words(), again.in_words()),
        );
        let token = refreshed.body["access_token"]
            .as_str()
            .or(signed_in.body["access_token"].as_str());
        let token = token.unwrap_or_default().to_owned();
        let project = self.procore.project.to_string();
        let query = [("project_id", project.as_str())];
        let tools = self
            .procore
            .get(As::Person(&token), "/rest/v1.0/settings/permissions", &query)
            .await?;
        let mut levels = tools.body["tools"].as_array().into_iter().flatten();
        let has_levels = levels.any(|tool| tool["user_access_level"]["id"].is_u64());
        self.report.check(PERMISSIONS, has_levels, tools.in_words());
        let revoke = client(vec![("token", token.clone())]);
        self.procore.oauth("/oauth/revoke", revoke).await?;
        let info = self.procore.get(As::Person(&token), "/oauth/token/info", &[]).await?;
        self.report.check(REVOKED, info.status == 401, info.in_words());
        Ok(())
    }
}

/// 256 random bits, as they stand in addresses.
fn random() -> Result<String, String> {
    let mut bytes = [0; 32];
    let filled = SystemRandom::new().fill(&mut bytes);
    filled.map_err(|_| "This machine has no randomness.".to_owned())?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// Waits for the browser, and gives the code that it brings. Whatever else asks, such as for an icon, is sent away.
async fn come_back(listener: &TcpListener, redirect: &Url, state: &str) -> Result<String, String> {
    loop {
        let (mut stream, _) = listener.accept().await.map_err(|error| error.to_string())?;
        let mut request = [0; 8_192];
        let length = stream.read(&mut request).await.unwrap_or_default();
        let text = String::from_utf8_lossy(&request[..length]);
        let target = text.split_whitespace().nth(1).unwrap_or_default();
        let asked = redirect.join(target).ok().filter(|url| url.path() == redirect.path());
        let pairs: Vec<(String, String)> = asked
            .map(|url| url.query_pairs().into_owned().collect())
            .unwrap_or_default();
        let given = |name: &str| {
            pairs
                .iter()
                .find(|(known, _)| known == name)
                .map(|(_, value)| value.clone())
        };
        let is_ours = given("state").as_deref() == Some(state);
        let (status, said) = if is_ours {
            ("200 OK", "You can close this window.")
        } else {
            ("404 Not Found", "Not here.")
        };
        let answer = format!(
            "HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{said}",
            said.len()
        );
        // The person may have closed the window already.
        let _ = stream.write_all(answer.as_bytes()).await;
        if is_ours {
            let refused = || {
                format!(
                    "Procore did not let the person in: {}.",
                    given("error").unwrap_or_default()
                )
            };
            return given("code").ok_or_else(refused);
        }
    }
}
