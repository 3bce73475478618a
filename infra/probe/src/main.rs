//! `cargo xtask probe`. Exits with 0 where all that was tried is as assumed, with 1 on differences, and with 2 where nothing can be
//! said.

use std::{
    io::{IsTerminal, Write},
    process::ExitCode,
};

use probe::{
    arguments::{self, Arguments, USAGE},
    report::Report,
    walk,
};
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};

#[tokio::main]
async fn main() -> ExitCode {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let arguments = match arguments::parse(std::env::args().skip(1)) {
        Ok(Some(arguments)) => arguments,
        Ok(None) => {
            tell(USAGE);
            return ExitCode::SUCCESS;
        }
        Err(problem) => {
            tell(&format!("{problem}\n{USAGE}"));
            return ExitCode::from(2);
        }
    };
    match run(&arguments).await {
        Ok(report) if report.differences().next().is_none() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(problem) => {
            tell(&problem);
            ExitCode::from(2)
        }
    }
}

async fn run(arguments: &Arguments) -> Result<Report, String> {
    let secret = match std::env::var("GUSSET_PROBE_SECRET") {
        Ok(secret) => secret,
        Err(_) => secret_asked()?,
    };
    let api = arguments.api.as_str().trim_end_matches('/');
    let target = format!(
        "project {} of company {} at {api}",
        arguments.project, arguments.company
    );
    if !arguments.yes {
        let question = format!(
            "An RFI, two Site Diary entries, an upload and a webhook are made in {target}, and removed again. People who are told of \
             new RFIs there may get mails. Go on? [y/N] "
        );
        let said = asked(
            &question,
            "Nobody is there to ask: give --yes to write into the project.",
        )?;
        if !matches!(said.as_str(), "y" | "Y" | "yes") {
            return Err("Nothing was asked of Procore.".to_owned());
        }
    }
    let report = walk::walk(arguments, &secret, tell).await?;
    tell(report.to_string().trim_end());
    let written = std::fs::write(&arguments.shapes, report.shapes());
    written.map_err(|error| format!("{} cannot be written: {error}.", arguments.shapes))?;
    tell(&format!(
        "The answers' shapes, without contents, are in {}.",
        arguments.shapes
    ));
    Ok(report)
}

fn tell(text: &str) {
    // Where nobody reads, there is nobody to tell.
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// The secret that the person at the terminal types, which is not shown.
fn secret_asked() -> Result<String, String> {
    let terminal = std::io::stdin();
    let shown = tcgetattr(&terminal).ok();
    if let Some(mut hidden) = shown.clone() {
        hidden.local_modes.remove(LocalModes::ECHO);
        // Where it cannot be hidden, it is shown.
        let _ = tcsetattr(&terminal, OptionalActions::Now, &hidden);
    }
    // Dies here: the terminal shows nothing that is typed, until `stty echo`.
    let secret = asked(
        "The client secret: ",
        "Set GUSSET_PROBE_SECRET to the app's client secret.",
    );
    if let Some(shown) = shown {
        let _ = tcsetattr(&terminal, OptionalActions::Now, &shown);
        tell("");
    }
    secret
}

/// What the person at the terminal answers.
fn asked(question: &str, nobody: &str) -> Result<String, String> {
    if !std::io::stdin().is_terminal() {
        return Err(nobody.to_owned());
    }
    let mut out = std::io::stdout();
    let _ = write!(out, "{question}");
    let _ = out.flush();
    let mut line = String::new();
    let read = std::io::stdin().read_line(&mut line);
    read.map_err(|error| format!("the terminal cannot be read: {error}."))?;
    Ok(line.trim().to_owned())
}
