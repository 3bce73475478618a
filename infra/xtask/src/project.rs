//! The checkout: where things are, and what cargo knows of it.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// The checkout that this xtask belongs to.
pub(crate) struct Project {
    pub(crate) root: PathBuf,
    /// Cargo's target folder, which need not be in the checkout.
    pub(crate) target: PathBuf,
    /// The crates in `functions/`, each with a binary of its own name, sorted.
    pub(crate) functions: Vec<String>,
    /// Cargo's profile for what runs.
    pub(crate) profile: String,
}

/// Cargo's profile for local work.
const LOCAL: &str = "dev";

impl Project {
    /// Asks cargo for the workspace.
    pub(crate) fn find() -> Result<Self> {
        // Set by `cargo run`; the path from compile time serves a binary that was started by hand.
        let xtask = std::env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = xtask
            .parent()
            .and_then(Path::parent)
            .context("xtask is not at infra/xtask of a checkout")?;
        let output = cargo(root)
            .args(["metadata", "--format-version", "1", "--no-deps"])
            .output()
            .context("cargo could not be started: install Rust with rustup.")?;
        ensure!(
            output.status.success(),
            "cargo could not read the workspace:\n{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let metadata: Value = serde_json::from_slice(&output.stdout).context("cargo metadata is not JSON")?;
        let target = metadata["target_directory"]
            .as_str()
            .context("cargo metadata names no target folder")?;
        let in_functions = root.join("functions");
        let mut functions: Vec<String> = metadata["packages"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|package| {
                let manifest = Path::new(package["manifest_path"].as_str().unwrap_or_default());
                manifest.parent().and_then(Path::parent) == Some(&in_functions)
            })
            .filter_map(|package| Some(package["name"].as_str()?.to_owned()))
            .collect();
        functions.sort();
        Ok(Self {
            root: root.to_owned(),
            target: PathBuf::from(target),
            functions,
            profile: LOCAL.to_owned(),
        })
    }

    /// The same, but that what runs is built with another of cargo's profiles.
    pub(crate) fn built_as(self, profile: &str) -> Self {
        Self {
            profile: profile.to_owned(),
            ..self
        }
    }

    /// The folder of everything that is installed or written while running, ignored by git.
    pub(crate) fn stand_folder(&self) -> PathBuf {
        self.root.join(".stand")
    }

    /// The path as a person in the checkout would write it.
    pub(crate) fn relative<'a>(&self, path: &'a Path) -> std::path::Display<'a> {
        path.strip_prefix(&self.root).unwrap_or(path).display()
    }

    /// A program as `cargo build` makes it.
    pub(crate) fn binary(&self, name: &str) -> PathBuf {
        let folder = if self.profile == LOCAL { "debug" } else { &self.profile };
        self.target.join(folder).join(name)
    }

    /// Cargo, without what the cargo that runs this xtask says about the xtask crate: build scripts look at that, and
    /// would run again each time the caller changes between `cargo xtask` and `cargo`.
    pub(crate) fn cargo(&self) -> Command {
        cargo(&self.root)
    }
}

fn cargo(root: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root);
    for (name, _) in std::env::vars_os() {
        let Some(name) = name.to_str() else { continue };
        let about_this_crate = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_"];
        if name == "CARGO" || name == "CARGO_PRIMARY_PACKAGE" || about_this_crate.iter().any(|it| name.starts_with(it))
        {
            command.env_remove(name);
        }
    }
    command
}
