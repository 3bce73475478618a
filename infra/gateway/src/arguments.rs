//! The command line.

use std::path::PathBuf;

/// What the gateway was asked to do.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Arguments {
    /// Where to listen, on this machine only.
    pub(crate) port: u16,
    /// The file that says where to forward to.
    pub(crate) route: PathBuf,
}

impl Arguments {
    /// Reads `--port N --route FILE`.
    ///
    /// # Errors
    /// One sentence for the person at the terminal.
    pub(crate) fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let (mut port, mut route) = (None, None);
        while let Some(flag) = arguments.next() {
            let value = arguments.next().ok_or_else(|| format!("`{flag}` needs a value."))?;
            match flag.as_str() {
                "--port" => port = Some(value.parse().map_err(|_| format!("`{value}` is not a port."))?),
                "--route" => route = Some(PathBuf::from(value)),
                _ => return Err(format!("`{flag}` is unknown: there are --port N and --route FILE.")),
            }
        }
        Ok(Self {
            port: port.ok_or("`--port N` is missing.")?,
            route: route.ok_or("`--route FILE` is missing.")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_flags_are_needed() {
        let parse = |line: &str| Arguments::parse(line.split_whitespace().map(str::to_owned));
        assert_eq!(
            parse("--port 80 --route r"),
            Ok(Arguments {
                port: 80,
                route: PathBuf::from("r")
            })
        );
        for line in [
            "",
            "--port 80",
            "--route r",
            "--port x --route r",
            "--port",
            "--prot 80",
        ] {
            assert!(parse(line).is_err(), "{line}");
        }
    }
}
