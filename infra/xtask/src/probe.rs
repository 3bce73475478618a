//! `cargo xtask probe`: finds out on a real Procore account what the stand-in cannot tell.

use std::process::ExitCode;

use anyhow::Result;

use crate::processes;
use crate::project::Project;
use crate::say;

/// Builds the probe and becomes it, with these arguments: it asks before it writes, and cleans up when it is stopped.
pub(crate) fn probe(project: &Project, arguments: &[String]) -> Result<ExitCode> {
    say::step("Building", "the probe");
    let mut cargo = project.cargo();
    cargo
        .args(["run", "--quiet", "--package", "probe", "--"])
        .args(arguments);
    Err(processes::become_command(&mut cargo))
}
