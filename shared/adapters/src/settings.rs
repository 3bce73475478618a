//! A function's settings, from the environment that the template gives it.

use std::{env, time::Duration};

use gusset_domain::policy::NewConnections;
use url::Url;

/// A setting is missing or cannot be read: the deployment is wrong, and the function must not start.
#[derive(Debug, thiserror::Error)]
#[error("the environment variable {name} {problem}; see template.yaml")]
pub struct BadSetting {
    name: &'static str,
    problem: String,
}

fn bad(name: &'static str, problem: impl Into<String>) -> BadSetting {
    BadSetting {
        name,
        problem: problem.into(),
    }
}

/// A setting that must be there and not be empty.
///
/// # Errors
/// [`BadSetting`], naming it.
pub fn required(name: &'static str) -> Result<String, BadSetting> {
    env::var(name)
        .ok()
        .filter(|value| !value.is_empty())
        .ok_or_else(|| bad(name, "is missing"))
}

/// A setting that may be absent or empty.
#[must_use]
pub fn optional(name: &'static str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// A base address, without a slash at the end.
///
/// # Errors
/// [`BadSetting`], when it is missing or no address.
pub fn address(name: &'static str) -> Result<Url, BadSetting> {
    let value = required(name)?;
    let url = Url::parse(&value).map_err(|_| bad(name, "is not an address"))?;
    if url.cannot_be_a_base() {
        Err(bad(name, "is not an address"))
    } else {
        Ok(url)
    }
}

/// A whole number of seconds.
///
/// # Errors
/// [`BadSetting`], when it is missing or no number.
pub fn seconds(name: &'static str) -> Result<Duration, BadSetting> {
    number(name).map(Duration::from_secs)
}

/// A whole number.
///
/// # Errors
/// [`BadSetting`], when it is missing or no number.
pub fn number(name: &'static str) -> Result<u64, BadSetting> {
    required(name)?.parse().map_err(|_| bad(name, "is not a whole number"))
}

/// The policy for new connections, and whom people are told to write to.
///
/// # Errors
/// [`BadSetting`], when the template's parameters do not make a policy.
pub fn new_connections() -> Result<(NewConnections, String), BadSetting> {
    let read = |name| optional(name).unwrap_or_default();
    let policy = NewConnections::read(
        &required("NEW_CONNECTIONS")?,
        &read("NEW_CONNECTIONS_PROJECTS"),
        &read("NEW_CONNECTIONS_CLOSED_FROM"),
    );
    let policy = policy.map_err(|error| bad("NEW_CONNECTIONS", format!("is wrong: {error}")))?;
    Ok((policy, required("SUPPORT_CONTACT")?))
}

impl BadSetting {
    /// The machine's certificates cannot be used.
    pub(crate) fn of_tls(error: &dyn std::error::Error) -> Self {
        bad(
            "SSL_CERT_FILE",
            format!("or the system's certificates cannot be used: {error}"),
        )
    }
}
