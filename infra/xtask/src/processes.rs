//! Child processes: each leads a process group of its own, and none outlives its use.
//!
//! A group is stopped as a whole, because MiniStack runs the functions as its children. That every child is in a group of
//! its own also means that Ctrl-C reaches xtask alone, which then stops them in order.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, mpsc};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process_group};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

const POLL: Duration = Duration::from_millis(50);
const TIME_TO_END: Duration = Duration::from_secs(3);

static STOP: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);

/// Somebody pressed Ctrl-C, closed the terminal or sent SIGTERM.
#[derive(Debug)]
pub(crate) struct Interrupted;

impl std::fmt::Display for Interrupted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("interrupted")
    }
}

impl std::error::Error for Interrupted {}

/// From here on a signal to stop ends whatever xtask waits for with [`Interrupted`].
pub(crate) fn stop_on_signals() -> Result<()> {
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        signal_hook::flag::register(signal, Arc::clone(&STOP)).context("Signals cannot be handled")?;
    }
    Ok(())
}

/// Fails once xtask was told to stop.
pub(crate) fn check_interrupted() -> Result<()> {
    if STOP.load(Ordering::Relaxed) {
        Err(Interrupted.into())
    } else {
        Ok(())
    }
}

/// Waits, or fails as soon as xtask is told to stop.
pub(crate) fn sleep(duration: Duration) -> Result<()> {
    let end = Instant::now() + duration;
    loop {
        check_interrupted()?;
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(());
        }
        std::thread::sleep(left.min(POLL));
    }
}

/// A running child, whose whole group is killed when this is dropped before it ended.
pub(crate) struct Group {
    child: Child,
    ended: bool,
}

impl Group {
    /// Starts the command in a group of its own, without standard input.
    pub(crate) fn start(command: &mut Command) -> Result<Self> {
        let child = command
            .stdin(Stdio::null())
            .process_group(0)
            .spawn()
            .with_context(|| format!("{} could not be started", command.get_program().display()))?;
        Ok(Self { child, ended: false })
    }

    /// The process, and at the same time the group.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// How the leader ended, if it did.
    pub(crate) fn ended(&mut self) -> Result<Option<ExitStatus>> {
        let status = self.child.try_wait()?;
        self.ended |= status.is_some();
        Ok(status)
    }

    /// Leaves it running.
    pub(crate) fn leave_running(mut self) {
        self.ended = true;
    }

    fn wait(mut self) -> Result<ExitStatus> {
        loop {
            if let Some(status) = self.ended()? {
                return Ok(status);
            }
            sleep(POLL)?;
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if !self.ended {
            stop_groups(&HashSet::from([self.child.id()]));
        }
        // Reaps it, so that nobody takes the dead process for a running one.
        let _ = self.child.try_wait();
    }
}

/// Becomes a command that asks the person at the terminal: a child in a group of its own could not read what is typed, and would
/// not hear Ctrl-C. Returns only where it cannot be started.
pub(crate) fn become_command(command: &mut Command) -> anyhow::Error {
    let error = command.exec();
    anyhow::Error::new(error).context(format!("{} could not be started", command.get_program().display()))
}

/// Runs a command that writes to the terminal itself, and is asked nothing.
pub(crate) fn run(command: &mut Command) -> Result<ExitStatus> {
    check_interrupted()?;
    Group::start(command)?.wait()
}

/// Runs a command whose output goes to a file, and line by line to `on_line`.
pub(crate) fn run_logged(command: &mut Command, log: &Path, mut on_line: impl FnMut(&str)) -> Result<ExitStatus> {
    check_interrupted()?;
    let (reader, writer) = std::io::pipe()?;
    command.stdout(writer.try_clone()?).stderr(writer);
    let group = Group::start(command);
    // The command keeps the pipe's writing ends; while they are open, the reader below never comes to an end.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut group = group?;
    let mut file = create_log(log)?;
    let (lines, received) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(reader).split(b'\n').map_while(Result::ok) {
            let line = String::from_utf8_lossy(&line).into_owned();
            let _ = writeln!(file, "{line}");
            if lines.send(line).is_err() {
                break;
            }
        }
    });
    loop {
        match received.recv_timeout(POLL) {
            Ok(line) => on_line(&line),
            Err(mpsc::RecvTimeoutError::Disconnected) => return group.wait(),
            // A grandchild may hold the pipe for longer than the command lives.
            Err(mpsc::RecvTimeoutError::Timeout) => {
                if let Some(status) = group.ended()? {
                    return Ok(status);
                }
            }
        }
        check_interrupted()?;
    }
}

/// Makes a file for output, and the folder it is in.
pub(crate) fn create_log(path: &Path) -> Result<File> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    File::create(path).with_context(|| format!("{} cannot be written", path.display()))
}

/// Asks the groups to end, and ends those that do not.
pub(crate) fn stop_groups(groups: &HashSet<u32>) {
    let living = || {
        snapshot()
            .into_iter()
            .filter(|it| groups.contains(&it.group))
            .map(|it| it.group)
            .collect()
    };
    let mut left: HashSet<u32> = living();
    signal(&left, Signal::TERM);
    let deadline = Instant::now() + TIME_TO_END;
    while !left.is_empty() && Instant::now() < deadline {
        std::thread::sleep(POLL);
        left = living();
    }
    signal(&left, Signal::KILL);
    while !left.is_empty() && Instant::now() < deadline + TIME_TO_END {
        std::thread::sleep(POLL);
        left = living();
    }
}

fn signal(groups: &HashSet<u32>, signal: Signal) {
    for group in groups {
        if let Some(group) = i32::try_from(*group).ok().and_then(Pid::from_raw) {
            // It may have ended by itself meanwhile.
            let _ = kill_process_group(group, signal);
        }
    }
}

/// One process of this machine that is not just waiting to be reaped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Process {
    pub(crate) id: u32,
    pub(crate) group: u32,
    /// When it started, in the operating system's own words: with the id it tells a process from one that got its id later.
    pub(crate) started: String,
}

/// The process with this id.
pub(crate) fn find(id: u32) -> Option<Process> {
    snapshot().into_iter().find(|process| process.id == id)
}

/// Every running process.
pub(crate) fn snapshot() -> Vec<Process> {
    match fs::read_dir("/proc") {
        Ok(entries) => entries
            .flatten()
            .filter(|entry| entry.file_name().as_encoded_bytes().iter().all(u8::is_ascii_digit))
            .filter_map(|entry| from_proc(&fs::read_to_string(entry.path().join("stat")).ok()?))
            .collect(),
        // macOS has no /proc, and always a `ps`; a container's Linux is the other way round.
        Err(_) => Command::new("ps")
            .args(["-A", "-o", "pid=,pgid=,stat=,lstart="])
            .output()
            .map(|output| {
                String::from_utf8_lossy(&output.stdout)
                    .lines()
                    .filter_map(from_ps)
                    .collect()
            })
            .unwrap_or_default(),
    }
}

/// `pid (name) state parent group …`, where the name may hold spaces and parentheses, and the 22nd field is the start.
fn from_proc(stat: &str) -> Option<Process> {
    let (head, tail) = stat.rsplit_once(") ")?;
    let id = head.split(' ').next()?.parse().ok()?;
    let fields: Vec<&str> = tail.split_whitespace().collect();
    let alive = !matches!(*fields.first()?, "Z" | "X");
    alive.then_some(Process {
        id,
        group: fields.get(2)?.parse().ok()?,
        started: (*fields.get(19)?).to_owned(),
    })
}

fn from_ps(line: &str) -> Option<Process> {
    let mut fields = line.split_whitespace();
    let (id, group, state) = (
        fields.next()?.parse().ok()?,
        fields.next()?.parse().ok()?,
        fields.next()?,
    );
    (!state.starts_with('Z')).then(|| Process {
        id,
        group,
        started: fields.collect::<Vec<_>>().join(" "),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_read_whatever_its_name() {
        let stat = "17 (a ) b) S 1 16 16 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 8801 1 1";
        assert_eq!(
            from_proc(stat),
            Some(Process {
                id: 17,
                group: 16,
                started: "8801".to_owned()
            })
        );
        assert_eq!(from_proc(&stat.replace(") S", ") Z")), None);
        let line = "  17    16 Ss   Sun Nov 22 07:42:00 2026    ";
        assert_eq!(
            from_ps(line),
            Some(Process {
                id: 17,
                group: 16,
                started: "Sun Nov 22 07:42:00 2026".to_owned()
            })
        );
    }

    #[test]
    fn dropping_a_group_ends_its_grandchildren_too() {
        let group = Group::start(Command::new("sh").args(["-c", "sleep 300 & sleep 300"])).unwrap();
        let id = group.id();
        std::thread::sleep(Duration::from_millis(200));
        assert!(snapshot().iter().any(|it| it.group == id));
        drop(group);
        assert!(!snapshot().iter().any(|it| it.group == id));
    }

    #[test]
    fn output_goes_to_the_file_and_the_caller() {
        let log = std::env::temp_dir().join(format!("xtask-run-logged-{}", std::process::id()));
        let mut lines = Vec::new();
        let mut command = Command::new("sh");
        let status = run_logged(command.args(["-c", "echo out; echo err >&2; exit 3"]), &log, |line| {
            lines.push(line.to_owned());
        });
        assert_eq!(status.unwrap().code(), Some(3));
        assert_eq!(lines, ["out", "err"]);
        assert_eq!(fs::read_to_string(&log).unwrap(), "out\nerr\n");
        fs::remove_file(&log).unwrap();
    }
}
