//! The functions' processes on the stand.

use std::{fs, process::Command};

use crate::setting;

/// Kills the processes of a function, as its logical name in the template has it, without letting it finish anything.
/// Gives how many there were.
pub fn kill_function(name: &str) -> usize {
    let mine = format!("AWS_ENDPOINT_URL={}", setting("AWS_ENDPOINT_URL"));
    let function = format!("AWS_LAMBDA_FUNCTION_NAME=gusset-{name}-");
    let mut killed = 0;
    for process in fs::read_dir("/proc").expect("a stand with a /proc").flatten() {
        let environment = fs::read(process.path().join("environ")).unwrap_or_default();
        let mut variables = environment.split(|byte| *byte == 0).map(String::from_utf8_lossy);
        let (mut of_this_stand, mut of_this_function) = (false, false);
        variables.by_ref().for_each(|variable| {
            of_this_stand |= variable == mine;
            of_this_function |= variable.starts_with(&function);
        });
        if of_this_stand && of_this_function {
            let id = process.file_name().to_string_lossy().into_owned();
            killed += usize::from(
                Command::new("kill")
                    .args(["-KILL", &id])
                    .status()
                    .is_ok_and(|status| status.success()),
            );
        }
    }
    killed
}
