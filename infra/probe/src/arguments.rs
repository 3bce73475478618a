//! The command line.

use gusset_domain::address::is_secure;
use url::Url;

/// The help.
pub const USAGE: &str = "\
cargo xtask probe --api URL --login URL --client-id ID --company N --project N [OPTIONS]
    finds out on a real Procore account whether it is as Gusset assumes. It makes an RFI, two Site Diary entries and a
    webhook in that project, and removes them again. The client secret is taken from GUSSET_PROBE_SECRET, or asked for.
      --api              such as https://sandbox.procore.com
      --login            such as https://login-sandbox.procore.com
      --company          a company that has installed the app
      --project          a project of it in which the app is permitted
      --foreign-company  a company that has not installed the app, to see how it refuses
      --hook-to          where the webhook leads (https://example.com/gusset-probe); nothing has to be there
      --browser          has a person sign in as well, in a browser on this machine
      --redirect         the app's redirect URI for that (http://localhost:8085/callback)
      --shapes           where the shapes of the answers go, without contents (probe-shapes.json)
      --yes              does not ask before it writes";

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
    /// A project of it in which the app is permitted.
    pub project: u64,
    /// A company that has not installed the app.
    pub foreign_company: Option<u64>,
    /// Where the webhook leads.
    pub hook_to: Url,
    /// Whether a person signs in as well.
    pub browser: bool,
    /// Where the person's browser comes back to.
    pub redirect: Url,
    /// Where the shapes of the answers go.
    pub shapes: String,
    /// Whether it writes without asking.
    pub yes: bool,
}

/// Reads the arguments. None, where help was asked for.
///
/// # Errors
/// One sentence for the person at the terminal.
pub fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Option<Arguments>, String> {
    let (mut api, mut login, mut client_id, mut company, mut project) = (None, None, None, None, None);
    let (mut foreign_company, mut shapes) = (None, "probe-shapes.json".to_owned());
    let mut hook_to = fixed("https://example.com/gusset-probe")?;
    let mut redirect = fixed("http://localhost:8085/callback")?;
    let (mut browser, mut yes) = (false, false);
    while let Some(argument) = arguments.next() {
        let (flag, inline) = match argument.split_once('=') {
            Some((flag, value)) => (flag.to_owned(), Some(value.to_owned())),
            None => (argument, None),
        };
        match flag.as_str() {
            "--help" | "-h" => return Ok(None),
            "--browser" if inline.is_none() => {
                browser = true;
                continue;
            }
            "--yes" if inline.is_none() => {
                yes = true;
                continue;
            }
            _ => {}
        }
        let mut value = || {
            inline
                .clone()
                .or_else(|| arguments.next())
                .ok_or_else(|| format!("`{flag}` needs a value."))
        };
        match flag.as_str() {
            "--api" => api = Some(secure(&flag, &value()?)?),
            "--login" => login = Some(secure(&flag, &value()?)?),
            "--client-id" => client_id = Some(value()?),
            "--company" => company = Some(number(&flag, &value()?)?),
            "--project" => project = Some(number(&flag, &value()?)?),
            "--foreign-company" => foreign_company = Some(number(&flag, &value()?)?),
            "--hook-to" => hook_to = secure(&flag, &value()?)?,
            "--redirect" => redirect = secure(&flag, &value()?)?,
            "--shapes" => shapes = value()?,
            "--client-secret" => {
                return Err(
                    "A secret on the command line is seen by everybody here: set GUSSET_PROBE_SECRET.".to_owned(),
                );
            }
            _ => return Err(format!("`cargo xtask probe` does not know `{flag}`.")),
        }
    }
    let missing = |flag: &str| format!("`{flag}` is missing.");
    Ok(Some(Arguments {
        api: api.ok_or_else(|| missing("--api"))?,
        login: login.ok_or_else(|| missing("--login"))?,
        client_id: client_id.ok_or_else(|| missing("--client-id"))?,
        company: company.ok_or_else(|| missing("--company"))?,
        project: project.ok_or_else(|| missing("--project"))?,
        foreign_company,
        hook_to,
        browser,
        redirect,
        shapes,
        yes,
    }))
}

fn fixed(text: &str) -> Result<Url, String> {
    Url::parse(text).map_err(|error| error.to_string())
}

fn number(flag: &str, text: &str) -> Result<u64, String> {
    text.parse()
        .map_err(|_| format!("`{flag}` takes a number, not `{text}`."))
}

/// Secrets and tokens go there: in the clear to this machine alone.
fn secure(flag: &str, text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|_| format!("`{flag}` takes an address, not `{text}`."))?;
    if is_secure(&url) {
        Ok(url)
    } else {
        Err(format!("`{flag}` takes an address with https."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = "--api=https://a.example --login https://b.example --client-id c --company 1 --project 2";

    fn parsed(line: &str) -> Result<Option<Arguments>, String> {
        parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn a_secret_never_travels_in_the_clear_to_another_machine() {
        for (login, taken) in [
            ("http://b.example", false),
            ("http://localhost.example", false),
            ("https://b.example", true),
            ("http://localhost:8090", true),
        ] {
            assert_eq!(parsed(&format!("{WHOLE} --login {login}")).is_ok(), taken, "{login}");
        }
    }

    #[test]
    fn a_secret_is_never_taken_from_the_command_line() {
        let problem = parsed(&format!("{WHOLE} --client-secret s")).unwrap_err();
        assert!(problem.contains("GUSSET_PROBE_SECRET"));
    }

    #[test]
    fn mistakes_are_one_sentence() {
        for line in [
            "",
            "--api",
            "--api x",
            "--api https://a.example",
            "--company many",
            "--flag 1",
            "--yes=no",
        ] {
            let problem = parsed(line).unwrap_err();
            assert!(problem.ends_with('.') && !problem.contains('\n'), "{problem}");
        }
        assert_eq!(parsed("--help"), Ok(None));
    }
}
