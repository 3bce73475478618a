//! `cargo xtask test`: every test, against a stand of its own.

use std::{
    num::NonZero,
    process::{Command, ExitCode, ExitStatus},
};

use anyhow::Result;

use crate::arguments::TestOptions;
use crate::chromium;
use crate::deploy::{self, Sweeps};
use crate::functions::{self, Targets};
use crate::ports::Ports;
use crate::processes;
use crate::project::Project;
use crate::say;
use crate::set_up;
use crate::stand;
use crate::up;

/// By which Rust's tests know how many of them run at once.
const TEST_THREADS: &str = "RUST_TEST_THREADS";

/// Tests that run at once, for each processor: most of the time they wait, for the limits of the stand-in for Procore. With three,
/// two processors had moments in which an answer took half a minute.
const TESTS_A_PROCESSOR: usize = 2;

/// Runs `cargo test --workspace`, or the campaigns of faults alone. The exit code is cargo's.
pub(crate) fn test(project: &Project, options: &TestOptions) -> Result<ExitCode> {
    let tools = set_up::tools_for_tests(project)?;
    let chromium = chromium::find(project)?;
    functions::build(project, &Targets::BinariesAndTests)?;
    let (name, _lock) = stand::take_free(project, "test")?;
    let ports = Ports::free()?;
    let mut stand = up::start(project, &tools, &name, ports, Sweeps::Seldom)?;
    let threads = std::thread::available_parallelism().map_or(1, NonZero::get) * TESTS_A_PROCESSOR;
    let settings = [
        ("GUSSET_NODE", tools.node()?.into_os_string()),
        ("GUSSET_NODE_MODULES", set_up::node_modules(project).into()),
        ("GUSSET_RIE", tools.runtime_interface_emulator()?.into()),
        ("GUSSET_SAM", tools.program("sam").into()),
        ("GUSSET_PYTHON", tools.python().into()),
        ("GUSSET_SCHEMATHESIS", tools.program("schemathesis").into()),
        ("GUSSET_CHROMIUM", chromium.browser.clone().into()),
        ("GUSSET_CHROMEDRIVER", chromium.driver.clone().into()),
        ("GUSSET_SCREENSHOTS", project.stand_folder().join("screenshots").into()),
        ("GUSSET_LAMBDA_DIR", project.root.join("target/lambda").into()),
    ];
    let cargo_test = || {
        let mut cargo = project.cargo();
        cargo.args(["test", "--workspace"]);
        deploy::emulated_aws(&mut cargo, ports);
        if std::env::var_os(TEST_THREADS).is_none() {
            cargo.env(TEST_THREADS, threads.to_string());
        }
        cargo.envs(stand.settings.iter().cloned()).envs(settings.clone());
        cargo
    };
    say::step("Testing", &format!("against {}", ports.product_url()));
    let status = match options.faults {
        None => processes::run(cargo_test().args(&options.cargo_test_arguments))?,
        Some(items) => both_campaigns(&cargo_test, items)?,
    };
    // A test that failed for want of a stand should say so.
    let intact = stand.check();
    let folder = stand.folder.clone();
    if options.keep {
        stand.leave_running()?;
        say::note(&format!(
            "The stand goes on running at {}; `. {}` sets its environment, `cargo xtask down` stops it.",
            ports.product_url(),
            project.relative(&folder.join("env"))
        ));
    } else {
        drop(stand);
    }
    if !status.success() {
        say::note(&format!(
            "What the functions logged: {}",
            project.relative(&stand::functions_log(&folder))
        ));
    }
    intact?;
    Ok(status
        .code()
        .and_then(|code| u8::try_from(code).ok())
        .map_or(ExitCode::FAILURE, ExitCode::from))
}

/// Runs the campaigns of items and of plans at once: each has companies and queues of its own, and most of the time both wait.
fn both_campaigns(cargo_test: &(impl Fn() -> Command + Sync), items: u32) -> Result<ExitStatus> {
    let run = |name: &str| {
        let mut cargo = cargo_test();
        cargo.args(["--test", name, "--", "--nocapture"]);
        processes::run(cargo.env("GUSSET_FAULT_ITEMS", items.to_string()))
    };
    let (items, plans) = std::thread::scope(|scope| {
        let plans = scope.spawn(|| run("plan_faults"));
        let items = run("campaign");
        (items, plans.join())
    });
    let plans = plans.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
    let items = items?;
    Ok(if items.success() { plans } else { items })
}
