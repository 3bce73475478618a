//! Our cookies.
//!
//! Their names begin with `__Host-`: browsers then take them over a trustworthy connection only, from this very host, and
//! for all of its paths, so that neither a neighbouring host nor somebody on the network can put one in their place.
//! Browsers and curl count `http://localhost` as trustworthy, so the stand has the same cookies. Only a stack that is
//! reached over plain HTTP by another name has to do without: nobody would send them back to it.

use std::{borrow::Cow, time::Duration};

use url::{Host, Url};

use super::Incoming;

/// A cookie of ours: never readable by scripts, never sent along by other sites' requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cookie {
    name: Cow<'static, str>,
    value: String,
    lasts: Duration,
    trustworthy: bool,
}

impl Cookie {
    /// A cookie in answer to a request. `name` is without what all our names begin with.
    #[must_use]
    pub fn new(name: &'static str, value: String, lasts: Duration, incoming: &Incoming) -> Self {
        let trustworthy = is_trustworthy(&incoming.public_url());
        Self {
            name: full_name(name, trustworthy),
            value,
            lasts,
            trustworthy,
        }
    }

    /// Removes a cookie from the browser.
    #[must_use]
    pub fn gone(name: &'static str, incoming: &Incoming) -> Self {
        Self::new(name, String::new(), Duration::ZERO, incoming)
    }

    pub(super) fn header(&self) -> String {
        let secure = if self.trustworthy { "; Secure" } else { "" };
        format!(
            "{}={}; Path=/; Max-Age={}; HttpOnly; SameSite=Lax{secure}",
            self.name,
            self.value,
            self.lasts.as_secs()
        )
    }
}

/// The name of a cookie where Gusset is reached at an address.
pub(super) fn name_at(name: &'static str, public_url: &str) -> Cow<'static, str> {
    full_name(name, is_trustworthy(public_url))
}

fn full_name(name: &'static str, trustworthy: bool) -> Cow<'static, str> {
    if trustworthy {
        format!("__Host-{name}").into()
    } else {
        name.into()
    }
}

/// Whether browsers send what is marked `Secure` to an address: over HTTPS, and to this very machine.
fn is_trustworthy(public_url: &str) -> bool {
    let Ok(url) = Url::parse(public_url) else { return false };
    let local = match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    url.scheme() == "https" || local
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_where_browsers_would_not_send_them_back_do_cookies_lack_their_protection() {
        for (url, expected) in [
            ("https://gusset.example", "__Host-gusset_session"),
            ("https://gusset.example/live", "__Host-gusset_session"),
            ("http://localhost:8080", "__Host-gusset_session"),
            ("http://gusset.localhost:8080", "__Host-gusset_session"),
            ("http://127.0.0.1:8080", "__Host-gusset_session"),
            ("http://[::1]:8080", "__Host-gusset_session"),
            ("http://gusset.example", "gusset_session"),
            ("http://localhost.evil.example", "gusset_session"),
            ("http://192.168.1.7:8080", "gusset_session"),
            ("", "gusset_session"),
        ] {
            assert_eq!(name_at("gusset_session", url), expected, "{url}");
        }
    }
}
