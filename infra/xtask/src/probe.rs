//! `cargo xtask probe`: finds out on a real Procore account what the stand-in cannot tell.

use std::process::ExitCode;

use anyhow::Result;

use crate::processes;
use crate::project::Project;
use crate::say;

/// Builds the probe and runs it with these arguments. The exit code is its own.
pub(crate) fn probe(project: &Project, arguments: &[String]) -> Result<ExitCode> {
    say::step("Building", "the probe");
    let mut cargo = project.cargo();
    cargo
        .args(["run", "--quiet", "--package", "probe", "--"])
        .args(arguments);
    let status = processes::run(&mut cargo)?;
    Ok(status
        .code()
        .and_then(|code| u8::try_from(code).ok())
        .map_or(ExitCode::FAILURE, ExitCode::from))
}
