//! Finds Chromium and its driver for the browser's tests, or fetches them from Debian's packages.
//!
//! Nothing is installed: `apt-get` fetches the packages that this machine lacks, with a state of its own and without root,
//! and `dpkg` unpacks them into `.stand/tools/chromium`. Debian keeps one version of Chromium at a time, the one with the
//! latest security fixes, so what is pinned is the release of Debian that the machine has.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::processes;
use crate::project::Project;
use crate::say::{self, Progress};
use crate::set_up::wait_for_lock;

/// Chromium, its driver, and a font for where there is none.
const PACKAGES: [&str; 3] = ["chromium", "chromium-driver", "fonts-dejavu-core"];

const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

const OTHERWISE: &str = "Install Chromium and ChromeDriver yourself, so that `chromium` (or `google-chrome`) and \
                         `chromedriver` are on the PATH, or name them with GUSSET_CHROMIUM and GUSSET_CHROMEDRIVER, \
                         and run this again.";

/// A browser, and what drives it.
pub(crate) struct Chromium {
    pub(crate) browser: PathBuf,
    pub(crate) driver: PathBuf,
}

/// Chromium as the environment names it, as it is installed, or as it is fetched now.
pub(crate) fn find(project: &Project) -> Result<Chromium> {
    if let Some(chromium) = named()? {
        return Ok(chromium);
    }
    if let (Some(browser), Some(driver)) = (BROWSERS.iter().find_map(|name| on_path(name)), on_path("chromedriver")) {
        return Ok(Chromium { browser, driver });
    }
    if on_path("apt-get").is_none() || on_path("dpkg").is_none() {
        bail!(
            "The browser's tests need Chromium, and this is no Debian from whose packages it could be fetched. {OTHERWISE}"
        );
    }
    fetch(project)
}

fn named() -> Result<Option<Chromium>> {
    let Some(browser) = std::env::var_os("GUSSET_CHROMIUM").map(PathBuf::from) else {
        return Ok(None);
    };
    let driver = std::env::var_os("GUSSET_CHROMEDRIVER").map(PathBuf::from);
    let driver = driver.or_else(|| on_path("chromedriver"));
    let driver = driver.context("GUSSET_CHROMIUM names a browser; name its driver with GUSSET_CHROMEDRIVER.")?;
    Ok(Some(Chromium { browser, driver }))
}

fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|program| program.is_file())
}

fn fetch(project: &Project) -> Result<Chromium> {
    let folder = project.stand_folder().join("tools/chromium");
    let _only_one = wait_for_lock(
        &project.stand_folder().join("chromium.lock"),
        "Another cargo xtask is fetching Chromium",
    )?;
    let chromium = Chromium {
        browser: folder.join("chromium"),
        driver: folder.join("chromedriver"),
    };
    if starts(&chromium.browser) && starts(&chromium.driver) {
        return Ok(chromium);
    }
    say::step(
        "Fetching",
        &format!("Chromium into {} (first time only)", project.relative(&folder)),
    );
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("{} cannot be removed", folder.display()))?;
    }
    let archives = download(project, &folder)?;
    let root = folder.join("root");
    unpack(project, &archives, &root)?;
    fs::remove_dir_all(folder.join("apt"))?;
    write_starters(&folder, &root)?;
    if !starts(&chromium.browser) || !starts(&chromium.driver) {
        bail!(
            "Chromium was fetched, but does not start here: `{} --version` says why. {OTHERWISE}",
            project.relative(&chromium.browser)
        );
    }
    Ok(chromium)
}

/// Fetches the packages that this machine lacks, and gives their files.
fn download(project: &Project, folder: &Path) -> Result<Vec<PathBuf>> {
    let apt = folder.join("apt");
    for needed in ["lists/partial", "cache/archives/partial"] {
        fs::create_dir_all(apt.join(needed))?;
    }
    let log = project.stand_folder().join("logs/apt.log");
    let apt_get = |arguments: &[&str]| {
        let mut command = Command::new("apt-get");
        command
            .arg("-o")
            .arg(format!("Dir::State={}", apt.display()))
            .args(["-o", "Dir::State::status=/var/lib/dpkg/status"])
            .arg("-o")
            .arg(format!("Dir::Cache={}", apt.join("cache").display()))
            // The folders are ours alone; root's apt would change to a user who may not write there.
            .args(["-o", "Debug::NoLocking=true", "-o", "APT::Sandbox::User="])
            .args(["--yes", "--quiet"])
            .args(arguments);
        command
    };
    let install = [
        &["install", "--download-only", "--no-install-recommends"],
        &PACKAGES[..],
    ]
    .concat();
    for arguments in [&["update"][..], &install] {
        let mut progress = Progress::new();
        let mut fetched = 0;
        let status = processes::run_logged(&mut apt_get(arguments), &log, |line| {
            if line.starts_with("Get:") {
                fetched += 1;
                let name = line.split_whitespace().nth(4).unwrap_or_default();
                progress.update(&format!("{fetched} {name}"));
            }
        })?;
        if !status.success() {
            bail!(
                "Chromium could not be fetched from Debian's packages. Check the network and apt's sources; details: {}. \
                 {OTHERWISE}",
                project.relative(&log)
            );
        }
    }
    let files = fs::read_dir(apt.join("cache/archives"))?
        .flatten()
        .map(|entry| entry.path());
    Ok(files
        .filter(|file| file.extension() == Some(OsStr::new("deb")))
        .collect())
}

fn unpack(project: &Project, archives: &[PathBuf], root: &Path) -> Result<()> {
    fs::create_dir_all(root)?;
    let log = project.stand_folder().join("logs/dpkg.log");
    let mut progress = Progress::new();
    for archive in archives {
        progress.update(&format!(
            "unpacking {}",
            archive.file_name().unwrap_or_default().display()
        ));
        let mut dpkg = Command::new("dpkg");
        dpkg.arg("--extract").arg(archive).arg(root);
        if !processes::run_logged(&mut dpkg, &log, |_| {})?.success() {
            bail!("A package could not be unpacked; details: {}", project.relative(&log));
        }
    }
    Ok(())
}

/// Writes small programs that start the browser and its driver with the libraries and fonts that lie beside them.
fn write_starters(folder: &Path, root: &Path) -> Result<()> {
    let mut libraries = Vec::new();
    for entry in fs::read_dir(root.join("usr/lib"))?.flatten() {
        let path = entry.path();
        if path.is_dir() && entry.file_name().to_string_lossy().contains("-linux-gnu") {
            libraries.extend([path.clone(), path.join("pulseaudio")]);
        }
    }
    let libraries = std::env::join_paths(&libraries)?;
    let fonts = folder.join("fonts.conf");
    fs::write(
        &fonts,
        format!(
            "<?xml version=\"1.0\"?>\n<!DOCTYPE fontconfig SYSTEM \"fonts.dtd\">\n<fontconfig>\n\
             <include ignore_missing=\"yes\">/etc/fonts/fonts.conf</include>\n<dir>/usr/share/fonts</dir>\n\
             <dir>{}</dir>\n<cachedir>{}</cachedir>\n</fontconfig>\n",
            root.join("usr/share/fonts").display(),
            folder.join("fonts-cache").display()
        ),
    )?;
    for (name, program) in [
        ("chromium", "usr/lib/chromium/chromium"),
        ("chromedriver", "usr/bin/chromedriver"),
    ] {
        let starter = folder.join(name);
        let script = format!(
            "#!/bin/sh\nexport LD_LIBRARY_PATH='{}'\nexport FONTCONFIG_FILE='{}'\nexec '{}' \"$@\"\n",
            libraries.display(),
            fonts.display(),
            root.join(program).display()
        );
        fs::write(&starter, script)?;
        fs::set_permissions(&starter, fs::Permissions::from_mode(0o755))?;
    }
    Ok(())
}

fn starts(program: &Path) -> bool {
    let status = Command::new(program)
        .arg("--version")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    status.is_ok_and(|status| status.success())
}
