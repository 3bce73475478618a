//! `cargo xtask probe`. Exits with 0 where all is as assumed, 1 on differences, 2 where nothing can be said.

use std::{io::Write, process::ExitCode};

use probe::{
    arguments::{self, Arguments, USAGE},
    assumptions::Verdict,
    walk::walk,
};
use serde_json::Value;

#[tokio::main]
async fn main() -> ExitCode {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let arguments = match arguments::parse(std::env::args().skip(1)) {
        Ok(arguments) => arguments,
        Err(problem) => {
            let _ = writeln!(std::io::stderr(), "{problem}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match run(&arguments).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(problem) => {
            let _ = writeln!(std::io::stderr(), "{problem}");
            ExitCode::from(2)
        }
    }
}

/// Whether all is as assumed.
async fn run(arguments: &Arguments) -> Result<bool, String> {
    let secret = std::env::var("GUSSET_PROBE_SECRET").map_err(|_| "GUSSET_PROBE_SECRET is not set.".to_owned())?;
    let report = walk(arguments, &secret).await?;
    let mut same = true;
    let mut out = std::io::stdout();
    let _ = writeln!(out, "assumption · expected · found · consequence");
    for (assumption, verdict) in &report.rows {
        let (found, consequence) = match verdict {
            Verdict::Same => ("as expected", ""),
            Verdict::Differs(found) => {
                same = false;
                (found.as_str(), assumption.consequence)
            }
        };
        let _ = writeln!(
            out,
            "{} · {} · {found} · {consequence}",
            assumption.name, assumption.expected
        );
    }
    let shapes = format!("{:#}\n", Value::Object(report.shapes));
    std::fs::write(&arguments.shapes, shapes).map_err(|error| format!("{}: {error}", arguments.shapes))?;
    Ok(same)
}
