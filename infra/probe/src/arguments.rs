//! The command line.

use url::{Host, Url};

/// The help.
pub const USAGE: &str = "\
cargo xtask probe --api URL --login URL --client-id ID --company N --project N [--foreign-company N] [--shapes FILE]
    asks a Procore account, by reading alone, whether it is as Gusset assumes. The secret is in GUSSET_PROBE_SECRET.";

/// What to probe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arguments {
    /// Where the API is.
    pub api: Url,
    /// Where tokens are had.
    pub login: Url,
    /// The app's client id.
    pub client_id: String,
    /// A company that has installed the app.
    pub company: u64,
    /// A project of it that the service account may see.
    pub project: u64,
    /// A company that has not installed the app.
    pub foreign_company: Option<u64>,
    /// Where the shapes of the answers go.
    pub shapes: String,
}

/// Reads the arguments.
///
/// # Errors
/// One sentence for the person at the terminal.
pub fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Arguments, String> {
    let (mut api, mut login, mut client_id, mut company, mut project) = (None, None, None, None, None);
    let (mut foreign_company, mut shapes) = (None, "probe-shapes.json".to_owned());
    while let Some(argument) = arguments.next() {
        let (flag, inline) = match argument.split_once('=') {
            Some((flag, value)) => (flag.to_owned(), Some(value.to_owned())),
            None => (argument, None),
        };
        let value = inline.or_else(|| arguments.next());
        let value = value.ok_or_else(|| format!("`{flag}` needs a value."))?;
        match flag.as_str() {
            "--api" => api = Some(address(&flag, &value)?),
            "--login" => login = Some(address(&flag, &value)?),
            "--client-id" => client_id = Some(value),
            "--company" => company = Some(number(&flag, &value)?),
            "--project" => project = Some(number(&flag, &value)?),
            "--foreign-company" => foreign_company = Some(number(&flag, &value)?),
            "--shapes" => shapes = value,
            _ => return Err(format!("`cargo xtask probe` does not know `{flag}`.")),
        }
    }
    let missing = |flag: &str| format!("`{flag}` is missing.");
    Ok(Arguments {
        api: api.ok_or_else(|| missing("--api"))?,
        login: login.ok_or_else(|| missing("--login"))?,
        client_id: client_id.ok_or_else(|| missing("--client-id"))?,
        company: company.ok_or_else(|| missing("--company"))?,
        project: project.ok_or_else(|| missing("--project"))?,
        foreign_company,
        shapes,
    })
}

fn number(flag: &str, text: &str) -> Result<u64, String> {
    text.parse()
        .map_err(|_| format!("`{flag}` takes a number, not `{text}`."))
}

/// The secret and tokens go there: in the clear to this machine alone.
fn address(flag: &str, text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|_| format!("`{flag}` takes an address, not `{text}`."))?;
    let here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    if url.scheme() == "https" || (url.scheme() == "http" && here) {
        Ok(url)
    } else {
        Err(format!("`{flag}` takes an address with https."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(login: &str) -> Result<Arguments, String> {
        let line = format!("--api=https://a.example --login {login} --client-id c --company 1 --project 2");
        parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn a_secret_never_travels_in_the_clear_to_another_machine() {
        assert!(parsed("http://b.example").is_err());
        assert!(parsed("http://localhost.example").is_err());
        assert!(parsed("https://b.example").is_ok() && parsed("http://localhost:8090").is_ok());
    }
}
