//! A person's way to Procore's sign-in and back.
//!
//! It begins at two doors, and comes back at each one's own address: signing in to Gusset with a Procore account, and
//! connecting an estimating account to Procore. What was begun at one door is not finished at the other.
//!
//! Each sign-in has a secret of its own in the browser that began it. The table has its hash, by which the state works in
//! that browser alone; and PKCE's verifier is derived from it, by which a code works with the state that it was asked for
//! with alone. So a code of one person's sign-in is of no use with another's state, in whichever browser.

use std::time::Duration;

use gusset_domain::ids::AccountId;
use gusset_words::say;
use jiff::Timestamp;
use lambda_http::http::StatusCode;

use crate::{
    chance,
    http::{Cookie, Incoming, Problem},
    procore::Procore,
    table::{Table, sign_ins::SignIn},
};

/// How long a person may take to sign in at Procore.
const LASTS: Duration = Duration::from_secs(10 * 60);

/// Carries the secrets that bind sign-ins to the browser that began them, the latest first.
const BROWSER_COOKIE: &str = "gusset_sign_in";

/// How many sign-ins a browser may have under way, as in several tabs. Of more, the oldest cannot be finished.
const MAX_AT_ONCE: usize = 4;

/// Stands between the secrets, and is part of none.
const BETWEEN: char = '.';

/// Longer values come from nobody's sign-in, and are not looked up.
const LONGEST_PARAMETER: usize = 2_048;

/// What a sign-in is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// Signing in to Gusset.
    SignIn,
    /// Connecting an estimating account to Procore.
    Plans,
}

impl Door {
    /// Where Procore sends people back to.
    fn redirect_uri(self, incoming: &Incoming) -> String {
        let path = match self {
            Self::SignIn => "/oauth/callback",
            Self::Plans => "/oauth/callback/plans",
        };
        format!("{}{path}", incoming.public_url())
    }
}

/// A sign-in that has begun.
pub struct Begun {
    /// Procore's page, to which the person is sent.
    pub address: String,
    /// Binds the sign-in to the person's browser.
    pub cookie: Cookie,
}

/// A person who came back from Procore, which uses up what was begun.
pub struct CameBack {
    /// The page of ours to return to.
    pub return_to: String,
    /// The estimating account that is to be connected: there is one at [`Door::Plans`], and none at [`Door::SignIn`].
    pub connect: Option<AccountId>,
    /// What Procore gave.
    pub code: Code,
}

/// The code that Procore gave, with all that it takes to exchange it.
pub struct Code {
    /// The code.
    pub code: String,
    /// PKCE's verifier.
    pub verifier: String,
    /// The address at which the person came back.
    pub redirect_uri: String,
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
    let (state, secret) = (chance::secret()?, chance::secret()?);
    let sign_in = SignIn {
        browser: chance::hash(&secret),
        return_to,
        connect,
        expires_at: Timestamp::now().as_second() + i64::try_from(LASTS.as_secs()).unwrap_or_default(),
    };
    table.start_sign_in(&chance::hash(&state), &sign_in).await?;
    let door = if connect.is_some() { Door::Plans } else { Door::SignIn };
    let challenge = chance::hash(&verifier(&secret));
    let address = procore.sign_in_url(&door.redirect_uri(incoming), &state, &challenge);
    // A second tab leaves the first one's secret where it is, so that both sign-ins can be finished.
    let mut secrets = vec![secret.as_str()];
    secrets.extend(under_way(incoming));
    secrets.truncate(MAX_AT_ONCE);
    let value = secrets.join(&BETWEEN.to_string());
    Ok(Begun {
        address: address.to_string(),
        cookie: Cookie::new(BROWSER_COOKIE, value, LASTS, incoming),
    })
}

/// A person who came back from Procore at a door.
///
/// # Errors
/// 400 when there is no such sign-in any more, another browser began it, or it was begun at another door; 403 when the
/// person declined.
pub async fn came_back(table: &Table, incoming: &Incoming, door: Door, now: Timestamp) -> Result<CameBack, Problem> {
    if incoming.query("error").is_some() {
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            "sign-in-declined",
            say!("problem-sign-in-declined-title"),
            say!("problem-sign-in-declined-detail"),
        ));
    }
    let parameter = |name| {
        incoming
            .query(name)
            .filter(|value: &String| !value.is_empty() && value.len() <= LONGEST_PARAMETER)
    };
    let (Some(code), Some(state)) = (parameter("code"), parameter("state")) else {
        return Err(Problem::bad_request(say!("problem-bad-request-detail-sign-in")));
    };
    let secrets = under_way(incoming);
    let hashes: Vec<String> = secrets.iter().map(|secret| chance::hash(secret)).collect();
    let begun = match hashes.is_empty() {
        true => None,
        false => {
            let state = chance::hash(&state);
            table.finish_sign_in(&state, &hashes, door == Door::Plans, now).await?
        }
    };
    let begun = begun.ok_or_else(not_good_any_more)?;
    let secret = secrets.iter().zip(&hashes).find(|(_, hash)| **hash == begun.browser);
    let (secret, _) = secret.ok_or_else(not_good_any_more)?;
    Ok(CameBack {
        return_to: begun.return_to,
        connect: begun.connect,
        code: Code {
            code,
            verifier: verifier(secret),
            redirect_uri: door.redirect_uri(incoming),
        },
    })
}

fn not_good_any_more() -> Problem {
    Problem::new(
        StatusCode::BAD_REQUEST,
        "sign-in-expired",
        say!("problem-sign-in-expired-title"),
        say!("problem-sign-in-expired-detail"),
    )
}

/// The secrets of the sign-ins that a browser has under way.
fn under_way(incoming: &Incoming) -> Vec<&str> {
    let secrets = incoming.cookie(BROWSER_COOKIE).unwrap_or_default().split(BETWEEN);
    secrets
        .filter(|secret| !secret.is_empty() && secret.len() <= LONGEST_SECRET)
        .take(MAX_AT_ONCE)
        .collect()
}

/// The letters of a secret of ours.
const LONGEST_SECRET: usize = 43;

/// PKCE's verifier of a sign-in: not kept anywhere, and nothing that the table's hash of the secret gives away.
fn verifier(secret: &str) -> String {
    chance::hash(&format!("pkce {secret}"))
}
