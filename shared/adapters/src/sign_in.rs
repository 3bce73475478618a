//! A person's way to Procore's sign-in and back.
//!
//! It begins at two doors: signing in to Gusset with a Procore account, and connecting an estimating account to Procore. It
//! comes back at one, since an app in Procore has one redirect URI.

use std::time::Duration;

use gusset_domain::ids::AccountId;
use jiff::Timestamp;

use crate::{
    chance,
    http::{Cookie, Incoming, Problem},
    procore::Procore,
    table::{Table, sign_ins::SignIn},
};

/// How long a person may take to sign in at Procore.
const LASTS: Duration = Duration::from_secs(10 * 60);

/// Carries the secret that binds a sign-in to the browser that started it.
const BROWSER_COOKIE: &str = "gusset_sign_in";

/// Longer values come from nobody's sign-in, and are not looked up.
const LONGEST_PARAMETER: usize = 2_048;

/// A sign-in that has begun.
pub struct Begun {
    /// Procore's page, to which the person is sent.
    pub address: String,
    /// Binds the sign-in to the person's browser.
    pub cookie: Cookie,
}

/// Begins a sign-in that returns to a page of ours. `connect` is the estimating account that is to be connected by it; none
/// signs the person in.
///
/// # Errors
/// When the table does not answer.
pub async fn begin(
    table: &Table,
    procore: &Procore,
    incoming: &Incoming,
    return_to: String,
    connect: Option<AccountId>,
) -> Result<Begun, Problem> {
    let state = chance::secret()?;
    // A second tab keeps the first one's secret, so that both sign-ins can be finished.
    let browser = match incoming
        .cookie(BROWSER_COOKIE)
        .filter(|secret| secret.len() == state.len())
    {
        Some(secret) => secret.to_owned(),
        None => chance::secret()?,
    };
    let sign_in = SignIn {
        browser: chance::hash(&browser),
        return_to,
        connect,
        expires_at: Timestamp::now().as_second() + i64::try_from(LASTS.as_secs()).unwrap_or_default(),
    };
    table.start_sign_in(&chance::hash(&state), &sign_in).await?;
    Ok(Begun {
        address: procore.sign_in_url(&redirect_uri(incoming), &state).to_string(),
        cookie: Cookie {
            name: BROWSER_COOKIE,
            value: browser,
            path: "/",
            lasts: LASTS,
            secure: incoming.public_url().starts_with("https:"),
        },
    })
}

/// A person who came back from Procore: the code that Procore gave, and what was begun, which is used up by this.
///
/// # Errors
/// 400 when there is no such sign-in any more, or another browser began it; 403 when the person declined.
pub async fn came_back(table: &Table, incoming: &Incoming, now: Timestamp) -> Result<(String, SignIn), Problem> {
    if incoming.query("error").is_some() {
        return Err(Problem::new(
            lambda_http::http::StatusCode::FORBIDDEN,
            "sign-in-declined",
            "You did not sign in",
            "Procore says that the sign-in was declined. Gusset needs your consent to act for you.",
        ));
    }
    let parameter = |name| {
        incoming
            .query(name)
            .filter(|value: &String| !value.is_empty() && value.len() <= LONGEST_PARAMETER)
    };
    let (Some(code), Some(state)) = (parameter("code"), parameter("state")) else {
        return Err(Problem::bad_request(
            "The address lacks what Procore adds to it after a sign-in.",
        ));
    };
    let browser = incoming.cookie(BROWSER_COOKIE).unwrap_or_default();
    let begun = table
        .finish_sign_in(&chance::hash(&state), &chance::hash(browser), now)
        .await?;
    let begun = begun.ok_or_else(|| {
        Problem::new(
            lambda_http::http::StatusCode::BAD_REQUEST,
            "sign-in-expired",
            "This sign-in is not good any more",
            "It was used already, took longer than ten minutes, or was started in another browser.",
        )
    })?;
    Ok((code, begun))
}

/// Where Procore sends people back to.
#[must_use]
pub fn redirect_uri(incoming: &Incoming) -> String {
    format!("{}/oauth/callback", incoming.public_url())
}
