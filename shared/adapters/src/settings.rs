//! A function's settings, from the environment that the template gives it.

use std::{env, time::Duration};

use gusset_domain::{address::is_secure, policy::NewConnections};
use url::{Host, Url};

/// A setting is missing or cannot be read: the deployment is wrong, and the function must not start.
#[derive(Debug, thiserror::Error)]
#[error("the environment variable {name} {problem}; see template.yaml")]
pub struct ConfigError {
    name: &'static str,
    problem: String,
}

fn bad(name: &'static str, problem: impl Into<String>) -> ConfigError {
    ConfigError {
        name,
        problem: problem.into(),
    }
}

/// A setting that must be there and not be empty.
///
/// # Errors
/// [`ConfigError`], naming it.
pub fn required(name: &'static str) -> Result<String, ConfigError> {
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
/// [`ConfigError`], when it is missing or no address.
pub fn address(name: &'static str) -> Result<Url, ConfigError> {
    let value = required(name)?;
    let url = Url::parse(&value).map_err(|_| bad(name, "is not an address"))?;
    if url.cannot_be_a_base() {
        Err(bad(name, "is not an address"))
    } else {
        Ok(url)
    }
}

/// A base address that secrets and tokens are sent to: with `https`, or, for a stand, on this machine.
///
/// # Errors
/// [`ConfigError`], when it is missing, no address, or one to which they would travel in the clear.
pub fn secure_address(name: &'static str) -> Result<Url, ConfigError> {
    let url = address(name)?;
    if is_secure(&url) {
        Ok(url)
    } else {
        Err(bad(name, "has to begin with https://"))
    }
}

/// Domains, separated by commas, each of which stands for itself and all below it. There may be none.
///
/// # Errors
/// [`ConfigError`], when one is none, such as an address with its scheme, or is all of a top-level domain.
pub fn domains(name: &'static str) -> Result<Vec<String>, ConfigError> {
    read_domains(&optional(name).unwrap_or_default())
        .map_err(|odd| bad(name, format!("has \"{odd}\", which is no domain")))
}

fn read_domains(text: &str) -> Result<Vec<String>, String> {
    let names = text.split(',').map(str::trim).filter(|name| !name.is_empty());
    let read = |name: &str| {
        let inner = name.contains('.') && !name.starts_with('.') && !name.ends_with('.') && !name.contains('*');
        match Host::parse(name) {
            Ok(Host::Domain(domain)) if inner => Ok(domain),
            _ => Err(name.to_owned()),
        }
    };
    names.map(read).collect()
}

/// A whole number of seconds.
///
/// # Errors
/// [`ConfigError`], when it is missing or no number.
pub fn seconds(name: &'static str) -> Result<Duration, ConfigError> {
    number(name).map(Duration::from_secs)
}

/// A whole number.
///
/// # Errors
/// [`ConfigError`], when it is missing or no number.
pub fn number(name: &'static str) -> Result<u64, ConfigError> {
    required(name)?.parse().map_err(|_| bad(name, "is not a whole number"))
}

/// The policy for new connections, and whom people are told to write to.
///
/// # Errors
/// [`ConfigError`], when the template's parameters do not make a policy.
pub fn new_connections() -> Result<(NewConnections, String), ConfigError> {
    let read = |name| optional(name).unwrap_or_default();
    let policy = NewConnections::read(
        &required("NEW_CONNECTIONS")?,
        &read("NEW_CONNECTIONS_PROJECTS"),
        &read("NEW_CONNECTIONS_CLOSED_FROM"),
    );
    let policy = policy.map_err(|error| bad("NEW_CONNECTIONS", format!("is wrong: {error}")))?;
    Ok((policy, required("SUPPORT_CONTACT")?))
}

impl ConfigError {
    /// The machine's certificates cannot be used.
    pub(crate) fn of_tls(error: &dyn std::error::Error) -> Self {
        bad(
            "SSL_CERT_FILE",
            format!("or the system's certificates cannot be used: {error}"),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_domain_is_named() {
        let read = |text: &str| read_domains(text);
        assert_eq!(
            read(" procore.com, Procoregov.com ,").unwrap(),
            ["procore.com", "procoregov.com"]
        );
        assert_eq!(read("").unwrap(), [""; 0]);
        for odd in [
            "com",
            "*.procore.com",
            ".procore.com",
            "https://procore.com",
            "procore.com:443",
            "1.2.3.4",
            "a b.c",
        ] {
            assert_eq!(read(&format!("procore.com,{odd}")), Err(odd.to_owned()));
        }
    }
}
