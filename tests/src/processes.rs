//! The functions' processes on the stand.

use std::{fs, path::PathBuf, process::Command};

use crate::setting;

/// Kills the processes of a function, as its logical name in the template has it, without letting it finish anything.
/// Gives how many there were.
pub fn kill_function(name: &str) -> usize {
    let kill = |process: &PathBuf| {
        let id = process.file_name().unwrap_or_default();
        Command::new("kill")
            .arg("-KILL")
            .arg(id)
            .status()
            .is_ok_and(|status| status.success())
    };
    processes_of(name).iter().filter(|process| kill(process)).count()
}

/// The most memory that any running process of a function has had resident at once since it started, in bytes. None where
/// none runs.
pub fn peak_memory(name: &str) -> Option<u64> {
    let peak = |process: PathBuf| {
        let status = fs::read_to_string(process.join("status")).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        let kibibytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
        Some(kibibytes * 1024)
    };
    processes_of(name).into_iter().filter_map(peak).max()
}

/// The folders in `/proc` of a function's processes on this stand.
fn processes_of(name: &str) -> Vec<PathBuf> {
    let mine = format!("AWS_ENDPOINT_URL={}", setting("AWS_ENDPOINT_URL"));
    let function = format!("AWS_LAMBDA_FUNCTION_NAME=gusset-{name}-");
    let is_one = |process: &PathBuf| {
        let environment = fs::read(process.join("environ")).unwrap_or_default();
        let variables = || environment.split(|byte| *byte == 0).map(String::from_utf8_lossy);
        variables().any(|variable| variable == mine) && variables().any(|variable| variable.starts_with(&function))
    };
    let processes = fs::read_dir("/proc").expect("a stand with a /proc").flatten();
    processes.map(|process| process.path()).filter(is_one).collect()
}
