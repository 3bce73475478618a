//! The command line, with the environment as its fallback.

/// The one-screen help.
pub const USAGE: &str = "sandbox: a stand-in for Procore

  --port 8090                          where to listen on 127.0.0.1; 0 picks a free port (SANDBOX_PORT)
  --public-url http://localhost:8090   the address that links and redirects carry (SANDBOX_PUBLIC_URL)
  --strict                             take and give only what the contract describes (SANDBOX_STRICT=1)
  --help                               this text";

const DEFAULT_PORT: u16 = 8090;

/// What the sandbox was asked to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arguments {
    /// The port on 127.0.0.1; 0 picks a free one.
    pub port: u16,
    /// The address that links and redirects carry, without a slash at its end; by default `http://localhost:<port>`.
    pub public_url: Option<String>,
    /// Whether calls and answers are held against the contract.
    pub strict: bool,
}

impl Arguments {
    /// Reads flags, then the environment. `Ok(None)` means that help was asked for.
    ///
    /// # Errors
    /// One sentence for the person at the terminal.
    pub fn parse(
        flags: impl Iterator<Item = String>,
        environment: impl Fn(&str) -> Option<String>,
    ) -> Result<Option<Self>, String> {
        let mut port = environment("SANDBOX_PORT");
        let mut public_url = environment("SANDBOX_PUBLIC_URL");
        let mut strict = environment("SANDBOX_STRICT").is_some_and(|text| text == "1");
        let mut flags = flags;
        while let Some(flag) = flags.next() {
            let (name, inline) = match flag.split_once('=') {
                Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
                None => (flag, None),
            };
            let slot = match name.as_str() {
                "--help" | "-h" => return Ok(None),
                "--strict" if inline.is_none() => {
                    strict = true;
                    continue;
                }
                "--port" => &mut port,
                "--public-url" => &mut public_url,
                other => return Err(format!("unknown argument {other:?}; --help lists what there is.")),
            };
            let value = inline
                .or_else(|| flags.next())
                .ok_or_else(|| format!("{name} needs a value."))?;
            *slot = Some(value);
        }
        let port = match port {
            None => DEFAULT_PORT,
            Some(text) => text
                .parse()
                .map_err(|_| format!("{text:?} is not a port: give a number from 0 to 65535."))?,
        };
        let public_url = public_url.map(checked_url).transpose()?;
        Ok(Some(Self {
            port,
            public_url,
            strict,
        }))
    }
}

fn checked_url(text: String) -> Result<String, String> {
    let problem = || format!("{text:?} is not an address: give one such as http://localhost:8090.");
    let url = url::Url::parse(&text).map_err(|_| problem())?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err(problem());
    }
    Ok(text.trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(flags: &[&str], environment: &[(&str, &str)]) -> Result<Option<Arguments>, String> {
        Arguments::parse(flags.iter().map(|&flag| flag.to_owned()), |name| {
            environment
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn flags_win_over_the_environment() {
        let arguments = parse(
            &["--port=9000", "--strict"],
            &[("SANDBOX_PORT", "1"), ("SANDBOX_PUBLIC_URL", "http://x.test/")],
        );
        let expected = Arguments {
            port: 9000,
            public_url: Some("http://x.test".to_owned()),
            strict: true,
        };
        assert_eq!(arguments, Ok(Some(expected)));
    }

    #[test]
    fn mistakes_are_one_sentence() {
        for flags in [
            &["--port", "many"][..],
            &["--port"],
            &["--prot", "1"],
            &["--public-url", "localhost"],
            &["--strict=yes"],
        ] {
            let problem = parse(flags, &[]).expect_err("a mistake");
            assert!(problem.ends_with('.') && !problem.contains('\n'), "{problem}");
        }
    }
}
