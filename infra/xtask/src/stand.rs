//! Starts and stops the processes of a stand.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::aws;
use crate::deploy::{self, ROUTE_FILE};
use crate::ports::{self, Ports};
use crate::processes::{self, Group};
use crate::project::Project;
use crate::record::{Member, Record, STAND_FOLDER_VARIABLE};
use crate::say;
use crate::set_up::Tools;

const TIME_TO_ANSWER: Duration = Duration::from_secs(60);

/// The stand that `up` runs.
pub(crate) const UP: &str = "up";

/// Takes a stand for this xtask alone, or `None` when another has it. Freed when the file is closed, even by a crash.
pub(crate) fn try_lock(project: &Project, name: &str) -> Result<Option<File>> {
    fs::create_dir_all(project.stand_folder())?;
    let path = project.stand_folder().join(format!("{name}.lock"));
    let file = File::create(&path).with_context(|| format!("{} cannot be written", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(fs::TryLockError::WouldBlock) => Ok(None),
        Err(fs::TryLockError::Error(error)) => {
            Err(error).with_context(|| format!("{} cannot be locked", path.display()))
        }
    }
}

/// A stand of a kind that no other run uses, rid of what a killed one left: `test`, `test-2` and so on.
pub(crate) fn take_free(project: &Project, kind: &str) -> Result<(String, File)> {
    for number in 1..100 {
        let name = if number == 1 {
            kind.to_owned()
        } else {
            format!("{kind}-{number}")
        };
        let Some(lock) = try_lock(project, &name)? else {
            continue;
        };
        let folder = project.stand_folder().join(&name);
        match Record::read(&folder) {
            // Left by `test --keep`, and still of use to somebody.
            Some(kept) if kept.keeper.is_none() && kept.is_usable() => continue,
            Some(left_behind) => {
                left_behind.stop(&folder);
            }
            None => {}
        }
        return Ok((name, lock));
    }
    None.context("Too many stands are running: `cargo xtask down` stops those that were kept.")
}

/// A running stand. It stops when this is dropped.
pub(crate) struct Stand {
    pub(crate) folder: PathBuf,
    /// The environment in which programs find it; empty until it was deployed to.
    pub(crate) settings: Vec<(String, String)>,
    record: Record,
    groups: Vec<(&'static str, Group)>,
}

impl Stand {
    /// Starts the three processes, in a folder that is emptied first: nothing of an earlier run is left in the way.
    pub(crate) fn start(project: &Project, tools: &Tools, name: &str, ports: Ports) -> Result<Self> {
        let folder = project.stand_folder().join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder).with_context(|| format!("{} cannot be emptied", folder.display()))?;
        }
        let temporary = folder.join("tmp");
        fs::create_dir_all(&temporary)?;
        fs::create_dir_all(folder.join("logs"))?;

        let record = Record {
            ports,
            ready: false,
            keeper: Some(Member::new("xtask", std::process::id())),
            members: Vec::new(),
        };
        let mut stand = Self {
            folder,
            settings: Vec::new(),
            record,
            groups: Vec::new(),
        };
        stand.record.write(&stand.folder)?;

        say::step("Starting", &format!("the AWS emulator at {}", ports.aws_url()));
        let mut ministack = Command::new(tools.python());
        ministack.arg(project.root.join("infra/stand/emulator.py"));
        deploy::emulated_aws(&mut ministack, ports);
        ministack
            .env("GATEWAY_PORT", ports.aws.to_string())
            .env("BIND_HOST", "127.0.0.1")
            .env("GUSSET_FUNCTIONS_LOG", functions_log(&stand.folder))
            .env("S3_DATA_DIR", stand.folder.join("s3"))
            // Where it unpacks the functions.
            .env("TMPDIR", &temporary);
        stand.spawn("ministack", &mut ministack)?;

        say::step(
            "Starting",
            &format!("the stand-in for Procore at {}", ports.sandbox_url()),
        );
        let mut sandbox = Command::new(project.binary("sandbox"));
        sandbox.args([
            "--port",
            &ports.sandbox.to_string(),
            "--public-url",
            &ports.sandbox_url(),
            // What Gusset asks, and what it is answered, is to be as Procore's API is written down.
            "--strict",
        ]);
        stand.spawn("sandbox", &mut sandbox)?;

        let mut gateway = Command::new(project.binary("gateway"));
        gateway
            .args(["--port", &ports.product.to_string(), "--route"])
            .arg(stand.folder.join(ROUTE_FILE));
        stand.spawn("gateway", &mut gateway)?;

        stand.wait_for("ministack", ports.aws, "/_ministack/health")?;
        stand.wait_for("sandbox", ports.sandbox, "/sandbox/health")?;
        stand.wait_for("gateway", ports.product, "/")?;
        Ok(stand)
    }

    /// Tells other xtasks that it can be used, and by which settings.
    pub(crate) fn mark_ready(&mut self, settings: Vec<(String, String)>) -> Result<()> {
        let text: String = settings
            .iter()
            .map(|(name, value)| format!("export {name}='{value}'\n"))
            .collect();
        fs::write(self.folder.join("env"), text)?;
        self.settings = settings;
        self.record.ready = true;
        self.record.write(&self.folder)
    }

    /// Leaves it running for `cargo xtask down` to stop.
    pub(crate) fn leave_running(mut self) -> Result<()> {
        self.record.keeper = None;
        self.record.write(&self.folder)?;
        for (_, group) in self.groups.drain(..) {
            group.leave_running();
        }
        Ok(())
    }

    /// Fails when one of its processes has ended.
    pub(crate) fn check(&mut self) -> Result<()> {
        for &mut (name, ref mut group) in &mut self.groups {
            if let Some(status) = group.ended()? {
                let log = self.folder.join("logs").join(name).with_extension("log");
                let output = fs::read_to_string(&log).unwrap_or_default();
                let said = output
                    .lines()
                    .rfind(|line| !line.trim().is_empty())
                    .unwrap_or("nothing");
                bail!(
                    "The {name} has ended ({status}), having said: {said}\nAll of its output: {}",
                    log.display()
                );
            }
        }
        Ok(())
    }

    fn spawn(&mut self, name: &'static str, command: &mut Command) -> Result<()> {
        let log = processes::create_log(&self.folder.join("logs").join(name).with_extension("log"))?;
        command
            .stdout(log.try_clone()?)
            .stderr(log)
            .env(STAND_FOLDER_VARIABLE, &self.folder);
        let group = Group::start(command)?;
        self.record.members.push(Member::new(name, group.id()));
        self.groups.push((name, group));
        self.record.write(&self.folder)
    }

    fn wait_for(&mut self, name: &str, port: u16, path: &str) -> Result<()> {
        let url = format!("http://127.0.0.1:{port}{path}");
        let agent = aws::agent(Duration::from_secs(5));
        let deadline = Instant::now() + TIME_TO_ANSWER;
        // The gateway answers for a product that is not there yet; any answer shows that it runs.
        while !(ports::answers(port)
            && (path == "/" || agent.get(&url).call().is_ok_and(|it| it.status().is_success())))
        {
            self.check()?;
            if Instant::now() > deadline {
                bail!(
                    "The {name} does not answer at {url}: see {}",
                    self.folder.join("logs").display()
                );
            }
            processes::sleep(Duration::from_millis(50))?;
        }
        // Somebody else could be answering there while ours has failed to.
        self.check()
    }
}

impl Drop for Stand {
    fn drop(&mut self) {
        if self.groups.is_empty() {
            return;
        }
        // All at once, not one after the other.
        processes::stop_groups(&self.groups.iter().map(|(_, group)| group.id()).collect());
        self.groups.clear();
        clean(&self.folder);
    }
}

/// Removes what only running processes need, and keeps the logs.
pub(crate) fn clean(folder: &Path) {
    for name in ["processes.json", ROUTE_FILE, "env"] {
        let _ = fs::remove_file(folder.join(name));
    }
    for name in ["tmp", "s3"] {
        let _ = fs::remove_dir_all(folder.join(name));
    }
}

/// What the functions print, as `function<TAB>line`.
pub(crate) fn functions_log(folder: &Path) -> PathBuf {
    folder.join("logs/functions.log")
}

/// The environment in which programs find the stand: addresses, AWS settings and the stack's outputs.
pub(crate) fn settings(folder: &Path, ports: Ports, outputs: &[(String, String)]) -> Vec<(String, String)> {
    let mut settings: Vec<(String, String)> = [
        ("GUSSET_URL", ports.product_url()),
        ("GUSSET_SANDBOX_URL", ports.sandbox_url()),
        (STAND_FOLDER_VARIABLE, folder.display().to_string()),
        ("GUSSET_FUNCTIONS_LOG", functions_log(folder).display().to_string()),
        ("AWS_ENDPOINT_URL", ports.aws_url()),
        ("AWS_ACCESS_KEY_ID", "test".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
        ("AWS_REGION", aws::REGION.to_owned()),
        ("AWS_DEFAULT_REGION", aws::REGION.to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec();
    settings.extend(
        outputs
            .iter()
            .map(|(key, value)| (setting_of_output(key), value.clone())),
    );
    settings
}

/// `TableName` → `GUSSET_TABLE_NAME`.
fn setting_of_output(key: &str) -> String {
    let mut name = "GUSSET".to_owned();
    let mut after_capital = false;
    for letter in key.chars() {
        if letter.is_ascii_uppercase() && !after_capital {
            name.push('_');
        }
        after_capital = letter.is_ascii_uppercase();
        name.push(letter.to_ascii_uppercase());
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_become_settings() {
        assert_eq!(setting_of_output("TableName"), "GUSSET_TABLE_NAME");
        assert_eq!(setting_of_output("CopiesQueueUrl"), "GUSSET_COPIES_QUEUE_URL");
        assert_eq!(setting_of_output("ApiURL"), "GUSSET_API_URL");
    }
}
