//! The functions' processes on the stand.

use std::{fs, path::PathBuf, process::Command};

use crate::setting;

/// Kills the processes of a function, as its logical name in the template has it, without letting it finish anything.
/// Gives how many there were.
pub fn kill_function(name: &str) -> usize {
    let mut killed = 0;
    for process in of_function(name) {
        let id = process.file_name().unwrap_or_default().to_string_lossy().into_owned();
        killed += usize::from(
            Command::new("kill")
                .args(["-KILL", &id])
                .status()
                .is_ok_and(|status| status.success()),
        );
    }
    killed
}

/// The most memory, in bytes, that any process of a function has had at any moment so far.
pub fn peak_memory(name: &str) -> u64 {
    let peak = |process: &PathBuf| {
        let status = fs::read_to_string(process.join("status")).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? * 1024)
    };
    of_function(name).iter().filter_map(peak).max().unwrap_or_default()
}

/// The processes of a function, as folders of `/proc`.
fn of_function(name: &str) -> Vec<PathBuf> {
    let mine = format!("AWS_ENDPOINT_URL={}", setting("AWS_ENDPOINT_URL"));
    let function = format!("AWS_LAMBDA_FUNCTION_NAME=gusset-{name}-");
    let all = fs::read_dir("/proc").expect("a stand with a /proc").flatten();
    let is_of_it = |process: &PathBuf| {
        let environment = fs::read(process.join("environ")).unwrap_or_default();
        let (mut of_this_stand, mut of_this_function) = (false, false);
        for variable in environment.split(|byte| *byte == 0).map(String::from_utf8_lossy) {
            of_this_stand |= variable == mine;
            of_this_function |= variable.starts_with(&function);
        }
        of_this_stand && of_this_function
    };
    all.map(|entry| entry.path()).filter(is_of_it).collect()
}
