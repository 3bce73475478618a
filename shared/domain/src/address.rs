//! Addresses that secrets are sent to.

use url::{Host, Url};

/// Whether what is sent to an address cannot be read on the way: with `https`, or with `http` to this machine itself.
#[must_use]
pub fn is_secure(url: &Url) -> bool {
    let here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    url.scheme() == "https" || (url.scheme() == "http" && here)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_in_the_clear_goes_to_this_machine_alone() {
        for (address, secure) in [
            ("https://api.procore.com", true),
            ("https://api.procoregov.com/x", true),
            ("http://localhost:8090", true),
            ("http://127.0.0.1:8090", true),
            ("http://[::1]:8090", true),
            ("http://api.procore.com", false),
            ("http://localhost.example", false),
            ("http://10.0.0.1", false),
            ("ftp://localhost", false),
        ] {
            assert_eq!(is_secure(&Url::parse(address).unwrap()), secure, "{address}");
        }
    }
}
