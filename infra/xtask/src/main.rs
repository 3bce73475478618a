//! `cargo xtask`: sets up, runs and tests the whole of Gusset on this machine.
//!
//! A *stand* is one running copy of it: MiniStack (the AWS emulator) with the stack of `template.yaml` deployed to it,
//! the sandbox (the stand-in for Procore) and the gateway in front. `infra/README.md` tells how it works.

mod arguments;
mod aws;
mod bench;
mod chromium;
mod deploy;
mod deployed;
mod functions;
mod logs;
mod ports;
mod probe;
mod processes;
mod project;
mod record;
mod say;
mod set_up;
mod stand;
mod test;
mod up;

use std::process::ExitCode;

use anyhow::Result;

use crate::arguments::{Command, USAGE};
use crate::processes::Interrupted;
use crate::project::Project;

fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        Err(error) if error.is::<Interrupted>() => {
            say::note("Stopped.");
            ExitCode::from(130)
        }
        Err(error) => {
            say::failure(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<ExitCode> {
    let command = match arguments::parse(std::env::args().skip(1)) {
        Ok(command) => command,
        Err(problem) => {
            say::failure(&problem);
            say::plain(USAGE);
            return Ok(ExitCode::from(2));
        }
    };
    processes::stop_on_signals()?;
    match command {
        Command::Help => {
            say::plain(USAGE);
            Ok(ExitCode::SUCCESS)
        }
        Command::Up(options) => up::up(&Project::find()?, &options),
        Command::Down => up::down(&Project::find()?),
        Command::Test(options) => test::test(&Project::find()?, &options),
        Command::Bench(options) => bench::bench(&Project::find()?.built_as(&options.profile), &options),
        Command::Probe(arguments) => probe::probe(&Project::find()?, &arguments),
        Command::Sam(arguments) => deploy::run_sam(&Project::find()?, &arguments),
    }
}
