//! The command line.

use std::path::PathBuf;

use crate::ports::Ports;

/// The one-screen help.
pub(crate) const USAGE: &str = "\
cargo xtask up [--detach] [--port N] [--sandbox-port N] [--aws-port N]
    sets up what is missing, builds, and runs Gusset at http://localhost:8080 until Ctrl-C.
    --detach returns when it is ready. While a stand runs, `up` deploys the present code to it.
      --port          where Gusset is (8080)
      --sandbox-port  where the stand-in for Procore is (8090)
      --aws-port      where the AWS emulator is (4566)
cargo xtask down
    stops what `up --detach` or `test --keep` left running.
cargo xtask test [--keep] [-- ARGUMENTS OF CARGO TEST]
    runs every test against a stand of its own; --keep leaves that stand running afterwards.
cargo xtask test --faults N [--keep]
    runs the campaigns of faults alone, with N items and N sheets. GUSSET_SEED=… repeats one.
cargo xtask bench [--items N] [--json FILE] [--profile NAME]
    measures Gusset on a stand of its own, and prints a table. It takes minutes, the first build many of them.
      --items         how many items are copied where speed is measured (500)
      --json          writes the figures to a file as well
      --profile       cargo's profile for what is measured (dev, as `up` builds); `quick-release` comes near
                      what is deployed, `release` is it: both take long to build
cargo xtask probe ARGUMENTS
    finds out on a real Procore account whether it is as Gusset assumes; `cargo xtask probe --help` tells how.
cargo xtask sam ARGUMENTS
    runs the pinned AWS SAM CLI, for example `cargo xtask sam validate --lint`.";

/// What to do.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Help,
    Up(UpOptions),
    Down,
    Test(TestOptions),
    Bench(BenchOptions),
    Probe(Vec<String>),
    Sam(Vec<String>),
}

/// How `up` was asked to run.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct UpOptions {
    pub(crate) detach: bool,
    pub(crate) ports: Ports,
    /// Whether any port was named: a stand that runs on other ports is then not the one that was asked for.
    pub(crate) ports_chosen: bool,
}

/// How `test` was asked to run.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TestOptions {
    pub(crate) keep: bool,
    /// The items and sheets of the campaigns of faults, which are then the only tests.
    pub(crate) faults: Option<u32>,
    pub(crate) cargo_test_arguments: Vec<String>,
}

/// How `bench` was asked to run.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct BenchOptions {
    /// At least [`FEWEST_ITEMS`].
    pub(crate) items: u32,
    pub(crate) json: Option<PathBuf>,
    pub(crate) profile: String,
}

/// With fewer there is nothing to take a percentile of.
const FEWEST_ITEMS: u32 = 20;

/// Reads the arguments that follow `cargo xtask`.
///
/// # Errors
/// One sentence for the person at the terminal.
pub(crate) fn parse(arguments: impl Iterator<Item = String>) -> Result<Command, String> {
    let mut arguments = arguments;
    match arguments.next().as_deref() {
        None | Some("help" | "--help" | "-h") => Ok(Command::Help),
        Some("up") => up(arguments),
        Some("down") => match arguments.next() {
            None => Ok(Command::Down),
            Some(other) => Err(unknown("down", &other)),
        },
        Some("test") => test(arguments),
        Some("bench") => bench(arguments),
        Some("probe") => Ok(Command::Probe(arguments.collect())),
        Some("sam") => Ok(Command::Sam(arguments.collect())),
        Some(other) => Err(format!("There is no command `{other}`.")),
    }
}

fn up(mut arguments: impl Iterator<Item = String>) -> Result<Command, String> {
    let mut options = UpOptions {
        detach: false,
        ports: Ports::default(),
        ports_chosen: false,
    };
    while let Some(argument) = arguments.next() {
        let (flag, inline) = flag_and_value(argument);
        let port = match flag.as_str() {
            "--detach" | "-d" => {
                options.detach = true;
                continue;
            }
            "--help" | "-h" => return Ok(Command::Help),
            "--port" => &mut options.ports.product,
            "--sandbox-port" => &mut options.ports.sandbox,
            "--aws-port" => &mut options.ports.aws,
            other => return Err(unknown("up", other)),
        };
        let text = inline
            .or_else(|| arguments.next())
            .ok_or_else(|| format!("`{flag}` needs a port number."))?;
        *port = text
            .parse()
            .ok()
            .filter(|port| *port != 0)
            .ok_or_else(|| format!("`{text}` is not a port: `{flag}` takes a number from 1 to 65535."))?;
        options.ports_chosen = true;
    }
    if !options.ports.differ() {
        return Err("`--port`, `--sandbox-port` and `--aws-port` must differ.".to_owned());
    }
    Ok(Command::Up(options))
}

fn test(mut arguments: impl Iterator<Item = String>) -> Result<Command, String> {
    let mut keep = false;
    let mut faults = None;
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--keep" => keep = true,
            "--faults" => faults = Some(items(arguments.next())?),
            "--help" | "-h" => return Ok(Command::Help),
            "--" => break,
            other => {
                return Err(format!(
                    "{} What cargo test is to get comes after `--`.",
                    unknown("test", other)
                ));
            }
        }
    }
    let cargo_test_arguments: Vec<String> = arguments.collect();
    if faults.is_some() && !cargo_test_arguments.is_empty() {
        return Err("`--faults` chooses the test itself: nothing comes after `--`.".to_owned());
    }
    Ok(Command::Test(TestOptions {
        keep,
        faults,
        cargo_test_arguments,
    }))
}

fn items(text: Option<String>) -> Result<u32, String> {
    let text = text.ok_or("`--faults` needs a number of items.")?;
    let items = text.parse().ok().filter(|items| *items > 0);
    items.ok_or_else(|| format!("`{text}` is not a number of items: `--faults` takes a positive one."))
}

fn bench(mut arguments: impl Iterator<Item = String>) -> Result<Command, String> {
    let mut options = BenchOptions {
        items: 500,
        json: None,
        profile: "dev".to_owned(),
    };
    while let Some(argument) = arguments.next() {
        let (flag, inline) = flag_and_value(argument);
        if flag == "--help" || flag == "-h" {
            return Ok(Command::Help);
        }
        if !["--items", "--json", "--profile"].contains(&flag.as_str()) {
            return Err(unknown("bench", &flag));
        }
        let value = inline
            .or_else(|| arguments.next())
            .ok_or_else(|| format!("`{flag}` needs a value."))?;
        match flag.as_str() {
            "--items" => {
                let items = value.parse().ok().filter(|items| *items >= FEWEST_ITEMS);
                options.items =
                    items.ok_or_else(|| format!("`--items` takes a number from {FEWEST_ITEMS}, not `{value}`."))?;
            }
            "--json" => options.json = Some(PathBuf::from(value)),
            _ => options.profile = value,
        }
    }
    Ok(Command::Bench(options))
}

/// `--flag=value` and `--flag`.
fn flag_and_value(argument: String) -> (String, Option<String>) {
    match argument.split_once('=') {
        Some((flag, value)) => (flag.to_owned(), Some(value.to_owned())),
        None => (argument, None),
    }
}

fn unknown(command: &str, argument: &str) -> String {
    format!("`cargo xtask {command}` does not know `{argument}`.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Command, String> {
        parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn up_takes_ports_in_both_spellings() {
        let Ok(Command::Up(options)) = parsed("up --detach --port 9000 --aws-port=9001") else {
            panic!("not up")
        };
        assert!(options.detach && options.ports_chosen);
        assert_eq!(
            options.ports,
            Ports {
                product: 9000,
                sandbox: 8090,
                aws: 9001
            }
        );
    }

    #[test]
    fn up_refuses_what_is_no_port() {
        for line in [
            "up --port",
            "up --port x",
            "up --port 0",
            "up --port 70000",
            "up --port 8090",
        ] {
            assert!(parsed(line).is_err(), "{line}");
        }
    }

    #[test]
    fn what_follows_two_dashes_goes_to_cargo_test() {
        assert_eq!(
            parsed("test --keep -- --test connecting -- --nocapture"),
            Ok(Command::Test(TestOptions {
                keep: true,
                faults: None,
                cargo_test_arguments: ["--test", "connecting", "--", "--nocapture"]
                    .map(str::to_owned)
                    .to_vec(),
            }))
        );
    }

    #[test]
    fn a_campaign_of_faults_has_a_number_of_items_and_runs_alone() {
        assert_eq!(
            parsed("test --faults 10000"),
            Ok(Command::Test(TestOptions {
                keep: false,
                faults: Some(10_000),
                cargo_test_arguments: Vec::new(),
            }))
        );
        for line in [
            "test --faults",
            "test --faults 0",
            "test --faults many",
            "test --faults 9 -- --nocapture",
        ] {
            assert!(parsed(line).is_err(), "{line}");
        }
    }

    #[test]
    fn a_filter_without_two_dashes_is_explained() {
        assert!(parsed("test connecting").is_err_and(|problem| problem.contains("after `--`")));
    }

    #[test]
    fn bench_takes_a_number_of_items_and_a_file() {
        assert_eq!(
            parsed("bench --items=100 --json figures.json --profile release"),
            Ok(Command::Bench(BenchOptions {
                items: 100,
                json: Some(PathBuf::from("figures.json")),
                profile: "release".to_owned(),
            }))
        );
        for line in ["bench --items", "bench --items few", "bench --items 19", "bench 100"] {
            assert!(parsed(line).is_err(), "{line}");
        }
    }

    #[test]
    fn nothing_asks_for_help() {
        assert_eq!(parsed(""), Ok(Command::Help));
        assert!(parsed("dwon").is_err());
    }
}
