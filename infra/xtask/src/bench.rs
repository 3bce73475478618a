//! `cargo xtask bench`: measures Gusset on a stand of its own.

use std::process::{Command, ExitCode};

use anyhow::Result;

use crate::arguments::BenchOptions;
use crate::deploy::{self, Sweeps};
use crate::functions::{self, Targets};
use crate::ports::Ports;
use crate::processes;
use crate::project::Project;
use crate::say;
use crate::set_up;
use crate::stand;
use crate::up;

/// Runs the program in `tests/bench`. A target that is missed is no failure.
pub(crate) fn bench(project: &Project, options: &BenchOptions) -> Result<ExitCode> {
    let tools = set_up::tools(project)?;
    functions::build(project, &Targets::BinariesAndBench)?;
    let (name, _lock) = stand::take_free(project, "bench")?;
    let ports = Ports::free()?;
    let mut stand = up::start(project, &tools, &name, ports, Sweeps::EachMinute)?;
    let mut bench = Command::new(project.binary("examples").join("bench"));
    bench.args([options.items.to_string(), project.profile.clone()]);
    bench.args(&options.json);
    deploy::emulated_aws(&mut bench, ports);
    bench.envs(stand.settings.iter().cloned());
    say::step(
        "Measuring",
        &format!("{} items at {}", options.items, ports.product_url()),
    );
    let status = processes::run(&mut bench)?;
    // A figure that is missing for want of a stand should say so.
    let intact = stand.check();
    let folder = stand.folder.clone();
    drop(stand);
    if !status.success() {
        say::note(&format!(
            "What the functions logged: {}",
            project.relative(&stand::functions_log(&folder))
        ));
    }
    intact?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
