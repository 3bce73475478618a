//! Builds the workspace and lays the functions out as `template.yaml` expects them.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::UNIX_EPOCH;

use anyhow::{Context, Result, bail};

use crate::processes;
use crate::project::Project;
use crate::say;

/// What to build.
pub(crate) enum Targets {
    /// What runs.
    Binaries,
    /// What runs and its tests: in one go, so that both share every dependency's features and nothing is built twice.
    BinariesAndTests,
    /// What runs and what measures it.
    BinariesAndBench,
}

/// Builds, with cargo's own progress on the terminal.
pub(crate) fn build(project: &Project, targets: &Targets) -> Result<()> {
    say::step("Building", "functions, sandbox and gateway");
    let mut cargo = project.cargo();
    cargo.args(["build", "--workspace", "--profile", &project.profile]);
    match targets {
        Targets::Binaries => cargo.args(["--bins", "--exclude", "xtask"]),
        Targets::BinariesAndTests => cargo.arg("--all-targets"),
        Targets::BinariesAndBench => cargo.args(["--bins", "--example", "bench", "--exclude", "xtask"]),
    };
    if !processes::run(&mut cargo)?.success() {
        bail!("The build failed: see cargo's message above.");
    }
    Ok(())
}

/// Puts each function's program at `target/lambda/<name>/bootstrap`, touching only those that changed.
pub(crate) fn lay_out(project: &Project) -> Result<()> {
    for name in &project.functions {
        let folder = project.root.join("target/lambda").join(name);
        lay_out_one(&project.binary(name), &folder, &folder.with_extension("source"))
            .with_context(|| format!("The program of the function {name} could not be put in place"))?;
    }
    Ok(())
}

/// `source_note` keeps which build the bootstrap was made from. It lies beside the folder: the folder is what is deployed.
fn lay_out_one(program: &Path, folder: &Path, source_note: &Path) -> Result<()> {
    let source = version(program).with_context(|| format!("{} is missing", program.display()))?;
    let bootstrap = folder.join("bootstrap");
    // The bootstrap may have become another: `cargo lambda build` puts those for AWS into the same place.
    let note = |bootstrap: &str| format!("{source} as {bootstrap}");
    if let (Ok(present), Ok(noted)) = (version(&bootstrap), fs::read_to_string(source_note))
        && noted == note(&present)
    {
        return Ok(());
    }
    fs::create_dir_all(folder)?;
    let fresh = folder.with_extension("new");
    fs::copy(program, &fresh)?;
    strip(&fresh);
    // A program that came out the same keeps its file.
    if fs::read(&bootstrap).ok() == Some(fs::read(&fresh)?) {
        fs::remove_file(&fresh)?;
    } else {
        fs::rename(&fresh, &bootstrap)?;
    }
    fs::write(source_note, note(&version(&bootstrap)?))?;
    Ok(())
}

/// Changes with every build of a file.
fn version(file: &Path) -> Result<String> {
    let metadata = fs::metadata(file)?;
    let modified = metadata.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
    Ok(format!("{} {}", metadata.len(), modified.as_nanos()))
}

/// Halves what is uploaded. Without binutils the program is deployed as it is.
fn strip(program: &Path) {
    let _ = Command::new("strip")
        .arg(program)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_did_not_change_is_left_alone_and_any_other_is_replaced() {
        let folder = std::env::temp_dir().join(format!("xtask-lay-out-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let (program, function, note) = (
            folder.join("program"),
            folder.join("function"),
            folder.join("function.source"),
        );
        fs::write(&program, "one").unwrap();
        lay_out_one(&program, &function, &note).unwrap();
        let first = fs::metadata(function.join("bootstrap")).unwrap().modified().unwrap();
        lay_out_one(&program, &function, &note).unwrap();
        assert_eq!(
            fs::metadata(function.join("bootstrap")).unwrap().modified().unwrap(),
            first
        );
        fs::write(function.join("bootstrap"), "built for AWS").unwrap();
        lay_out_one(&program, &function, &note).unwrap();
        assert_eq!(fs::read_to_string(function.join("bootstrap")).unwrap(), "one");
        fs::write(&program, "another").unwrap();
        lay_out_one(&program, &function, &note).unwrap();
        assert_eq!(fs::read_to_string(function.join("bootstrap")).unwrap(), "another");
        fs::remove_dir_all(&folder).unwrap();
    }
}
