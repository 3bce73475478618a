//! Which addresses files are fetched from and put to, and which of them get the token.
//!
//! The addresses come from Procore, but whoever can attach a file may have a say in them. So the token goes to Procore's
//! own hosts only, and never to where Procore's API and its sign-in are: what these answer would be copied out as a file,
//! the secrets of webhooks among it. And nothing is asked of a network that is not public: neither by its number, nor by a name that
//! resolves to it, be it at the second look only.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

/// The hosts of this deployment.
pub(super) struct Hosts {
    api: Url,
    login: Url,
    /// The domains whose hosts are Procore's: they get the token, too.
    procore: Vec<String>,
    /// `host:port` of storage that is in a private network, as the deployment says.
    private: Vec<String>,
}

impl Hosts {
    /// The API's and the sign-in's base addresses, the domains of Procore, and the private storage hosts, separated by commas.
    pub(super) fn new(api: &Url, login: &Url, procore: Vec<String>, private: &str) -> Self {
        let private = private.split(',').map(|host| host.trim().to_ascii_lowercase());
        Self {
            api: api.clone(),
            login: login.clone(),
            procore,
            private: private.filter(|host| !host.is_empty()).collect(),
        }
    }

    /// Whether an address is on a host of Procore's, which gets the token.
    pub(super) fn is_procore(&self, url: &Url) -> bool {
        let same = |other: &Url| url.origin().is_tuple() && url.origin() == other.origin();
        let host = url.host_str().unwrap_or_default();
        let is_in = |domain: &String| {
            let before = host.strip_suffix(domain.as_str());
            before.is_some_and(|before| before.is_empty() || before.ends_with('.'))
        };
        let usual = url.scheme() == "https" && url.port().is_none();
        same(&self.api) || same(&self.login) || (usual && self.procore.iter().any(is_in))
    }

    /// Whether an address leads to Procore's API or sign-in, where there are no files.
    pub(super) fn is_api(&self, url: &Url) -> bool {
        let Some(path) = self.is_procore(url).then(|| segments(url)) else {
            return false;
        };
        // The API may be below a path of its own.
        let below = |base: &Url| {
            let base = segments(base);
            let below = path.starts_with(&base).then(|| path.get(base.len()));
            below.flatten().is_some_and(|first| API.contains(&first.as_str()))
        };
        path.first().is_some_and(|first| API.contains(&first.as_str())) || below(&self.api) || below(&self.login)
    }

    /// Whether the deployment names this very host and port: it may then be in a private network.
    pub(super) fn is_named(&self, url: &Url) -> bool {
        let place = |url: &Url| Some(format!("{}:{}", url.host_str()?, url.port_or_known_default()?));
        let wanted = place(url);
        wanted.is_some()
            && (wanted == place(&self.api)
                || wanted == place(&self.login)
                || wanted.is_some_and(|place| self.private.contains(&place)))
    }

    /// Whether anything may be asked of an address, as far as it shows. What a name stands for is looked at when it is
    /// resolved: see [`PublicOnly`].
    pub(super) fn may_ask(&self, url: &Url) -> bool {
        let scheme = url.scheme() == "https" || (url.scheme() == "http" && self.api.scheme() == "http");
        let anonymous = url.username().is_empty() && url.password().is_none();
        let public = match url.host() {
            Some(Host::Ipv4(address)) => is_public(address.into()),
            Some(Host::Ipv6(address)) => is_public(address.into()),
            Some(Host::Domain(name)) => !name.is_empty(),
            None => false,
        };
        scheme && anonymous && (public || self.is_named(url))
    }
}

/// What the paths of Procore's API and of its sign-in begin with.
const API: [&str; 2] = ["rest", "oauth"];

/// The parts of a path as a lenient server may read it: unescaped, in lower case, without empty parts, and with `..` taken
/// back.
fn segments(url: &Url) -> Vec<String> {
    // Some unescape once before they look, some once more.
    let path = unescaped(&unescaped(url.path())).to_lowercase();
    let mut segments = Vec::new();
    for segment in path.split(['/', '\\']) {
        match segment.split(';').next().unwrap_or_default().trim() {
            "" | "." => {}
            ".." => drop(segments.pop()),
            segment => segments.push(segment.to_owned()),
        }
    }
    segments
}

fn unescaped(path: &str) -> String {
    let mut bytes = Vec::with_capacity(path.len());
    let mut left = path.as_bytes();
    while let Some((byte, after)) = left.split_first() {
        let escaped = (*byte == b'%')
            .then(|| after.split_first_chunk::<2>())
            .flatten()
            .and_then(|(digits, after)| {
                let digits = str::from_utf8(digits).ok()?;
                Some((u8::from_str_radix(digits, 16).ok()?, after))
            });
        let (byte, after) = escaped.unwrap_or((*byte, after));
        bytes.push(byte);
        left = after;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Resolves names to public addresses only. It is asked for each connection, right before it is made.
pub(super) struct PublicOnly;

/// A name leads to no public address.
#[derive(Debug, thiserror::Error)]
#[error("the host is in no public network")]
pub(super) struct NotPublic;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let public: Vec<SocketAddr> = found.filter(|address| is_public(address.ip())).collect();
            if public.is_empty() {
                return Err(NotPublic.into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}

/// Whether an address is anybody's on the internet: neither this machine, nor its network, nor a network's service such
/// as the one that hands out a cloud machine's credentials. After IANA's registries of special-purpose addresses.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = matches!(
        (a, b, c),
        (0 | 10 | 127 | 224.., _, _)           // this network, private, loopback, multicast and reserved
            | (100, 64..=127, _)               // carriers' shared addresses
            | (169, 254, _)                    // link-local, metadata
            | (172, 16..=31, _) | (192, 168, _) // private
            | (192, 0, 0 | 2) | (192, 88, 99)  // protocols, documentation, relays
            | (198, 18 | 19, _) | (198, 51, 100) | (203, 0, 113) // benchmarks, documentation
    );
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    let [.., high, low] = segments;
    let embedded = || {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        Ipv4Addr::new(a, b, c, d)
    };
    match segments {
        // A v4 address in v6's clothes, or behind a translator.
        [0, 0, 0, 0, 0, 0xffff, ..] | [0x64, 0xff9b, 0, 0, 0, 0, ..] => is_public_v4(embedded()),
        // Tunnels to any v4 address, protocols, documentation.
        [0x2001, 0..=0x1ff | 0xdb8, ..] | [0x2002, ..] | [0x3fff, 0..=0xfff, ..] => false,
        // Of all the rest, only global unicast has been given to anybody.
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use gusset_domain::items::attachment::SkipReason;

    use super::*;
    use crate::procore::{Authority, FileError, at_sandbox::Place};

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    /// Procore's own.
    pub(in crate::procore) fn production() -> Hosts {
        let procore = vec!["procore.com".to_owned()];
        Hosts::new(
            &url("https://api.procore.com"),
            &url("https://login.procore.com"),
            procore,
            "",
        )
    }

    /// Where another zone's hosts are, and another region's.
    fn elsewhere() -> Hosts {
        let procore = vec!["procoregov.com".to_owned(), "uk01.procore.com".to_owned()];
        let (api, login) = (url("https://api.procoregov.com"), url("https://login.procoregov.com"));
        Hosts::new(&api, &login, procore, "")
    }

    fn stand() -> Hosts {
        let base = url("http://localhost:8090");
        Hosts::new(&base, &base, Vec::new(), "127.0.0.1:8090")
    }

    #[test]
    fn only_procores_own_hosts_get_the_token() {
        for (hosts, address, expected) in [
            (production(), "https://api.procore.com/rest/v1.0/me", true),
            (production(), "https://login.procore.com/x", true),
            (production(), "https://storage.procore.com/x", true),
            (production(), "https://procore.com/x", true),
            (production(), "http://api.procore.com/x", false),
            (production(), "https://api.procore.com:8443/x", false),
            (production(), "https://procore.com.evil.example/x", false),
            (production(), "https://evilprocore.com/x", false),
            (production(), "https://s3.amazonaws.com/x", false),
            (elsewhere(), "https://storage.procoregov.com/x", true),
            (elsewhere(), "https://uk01.procore.com/x", true),
            (elsewhere(), "https://files.uk01.procore.com/x", true),
            (elsewhere(), "https://xuk01.procore.com/x", false),
            (elsewhere(), "https://storage.procore.com/x", false),
            (stand(), "http://localhost:8090/files/1/a", true),
            (stand(), "http://localhost:8091/files/1/a", false),
            (stand(), "http://127.0.0.1:8090/storage/a", false),
            (stand(), "https://localhost:8090/files/1/a", false),
            (stand(), "https://api.procore.com/x", false),
        ] {
            assert_eq!(hosts.is_procore(&url(address)), expected, "{address}");
        }
    }

    #[test]
    fn the_api_and_the_sign_in_have_no_files() {
        for address in [
            "https://api.procore.com/rest/v1.0/webhooks/hooks?project_id=1",
            "https://app.procore.com/rest/v1.0/me",
            "https://login.procore.com/oauth/token/info",
            "https://api.procore.com/REST/v1.0/me",
            "https://api.procore.com/%72est/v1.0/me",
            "https://api.procore.com/%2572est/v1.0/me",
            "https://api.procore.com//rest/v1.0/me",
            "https://api.procore.com/files/../rest/v1.0/me",
            "https://api.procore.com/files/%2e%2e/rest/v1.0/me",
            "https://api.procore.com/files/..%2frest%2fv1.0/me",
            "https://api.procore.com/files/..%5crest/v1.0/me",
            "https://api.procore.com/rest;x=y/v1.0/me",
            "https://api.procore.com/rest",
        ] {
            assert!(production().is_api(&url(address)), "{address}");
        }
        for address in [
            "https://app.procore.com/1/project/documents/download?file=rest",
            "https://storage.procore.com/v4/d/rest/oauth",
            "https://api.procore.com/restful/a",
            "https://files.example/rest/v1.0/a",
            "https://api.procore.com/",
        ] {
            assert!(!production().is_api(&url(address)), "{address}");
        }
        let base = url("https://api.procore.com/monolith");
        let below = Hosts::new(&base, &base, Vec::new(), "");
        assert!(below.is_api(&url("https://api.procore.com/monolith/rest/v1.0/me")));
        assert!(below.is_api(&url("https://api.procore.com/rest/v1.0/me")));
        assert!(!below.is_api(&url("https://api.procore.com/monolith/files/1")));
        assert!(stand().is_api(&url("http://localhost:8090/rest/v1.0/me")));
    }

    #[test]
    fn nothing_is_asked_of_private_networks() {
        for address in [
            "https://127.0.0.1/",
            "https://127.1/",
            "https://0x7f000001/",
            "https://2130706433/",
            "https://[::1]/",
            "https://0/",
            "https://10.1.2.3/",
            "https://172.16.0.1/",
            "https://172.31.255.255/",
            "https://192.168.1.1/",
            "https://100.64.0.1/",
            "https://169.254.169.254/latest/meta-data",
            "https://[fd00:ec2::254]/",
            "https://[fe80::1]/",
            "https://[fc00::1]/",
            "https://[::ffff:10.0.0.1]/",
            "https://[::ffff:169.254.169.254]/",
            "https://[64:ff9b::a00:1]/",
            "https://[2002:a00:1::]/",
            "https://[2001:0:a00:1::]/",
            "https://[::]/",
            "https://224.0.0.1/",
            "https://[ff02::1]/",
            "https://255.255.255.255/",
            "http://api.procore.com/",
            "ftp://api.procore.com/",
            "file:///etc/passwd",
            "data:text/plain,x",
            "https://user:secret@files.example/",
        ] {
            assert!(!production().may_ask(&url(address)), "{address}");
        }
        for address in [
            "https://files.example/a",
            "https://8.8.8.8/",
            "https://[2606:4700::1111]/",
            "https://172.32.0.1/",
        ] {
            assert!(production().may_ask(&url(address)), "{address}");
        }
    }

    #[test]
    fn what_the_deployment_names_may_be_private_at_that_port_only() {
        for (address, expected) in [
            ("http://127.0.0.1:8090/storage/a", true),
            ("http://127.0.0.1:4566/", false),
            ("http://127.0.0.1/", false),
            ("http://[::1]:8090/", false),
        ] {
            assert_eq!(stand().may_ask(&url(address)), expected, "{address}");
        }
        assert!(stand().is_named(&url("http://localhost:8090/")));
        assert!(!stand().is_named(&url("http://localhost:4566/")));
    }

    #[tokio::test]
    async fn an_address_of_the_api_is_not_fetched_as_a_file() {
        let place = Place::new().await;
        let until = tokio::time::Instant::now() + std::time::Duration::from_secs(10);
        let company = gusset_domain::ids::CompanyId::new(1001).unwrap();
        let calls = place.procore.calls();
        for path in [
            "/rest/v1.0/projects/20001",
            "/oauth/token/info",
            "/files/%2e%2e/rest/v1.0/me",
        ] {
            let address = format!("{}{path}", place.url);
            let fetched = place
                .procore
                .fetch(Authority::ServiceAccount, company, &address, 1_000_000, until)
                .await;
            let refused = FileError::SkipReason(SkipReason::UnsafeAddress);
            assert_eq!(fetched.err(), Some(refused), "{path}");
        }
        assert_eq!(place.procore.calls(), calls);
    }

    #[tokio::test]
    async fn a_name_that_leads_to_this_machine_is_not_resolved() {
        let refused = PublicOnly.resolve("localhost".parse().unwrap()).await.err().unwrap();
        assert!(refused.is::<NotPublic>(), "{refused}");
    }

    proptest! {
        #[test]
        fn no_address_makes_the_reader_of_paths_panic(path: String) {
            let mut address = url("https://api.procore.com/");
            address.set_path(&path);
            let _ = production().is_api(&address);
        }

        #[test]
        fn a_v4_address_is_the_same_in_v6s_clothes(bits: u32) {
            let address = Ipv4Addr::from_bits(bits);
            prop_assert_eq!(is_public(address.to_ipv6_mapped().into()), is_public(address.into()));
            prop_assert_eq!(is_public(address.into()) && address.is_private(), false);
        }
    }
}
