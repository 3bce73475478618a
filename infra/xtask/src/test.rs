//! `cargo xtask test`: every test, against a stand of its own.

use std::{num::NonZero, process::ExitCode};

use anyhow::Result;

use crate::arguments::TestOptions;
use crate::chromium;
use crate::deploy;
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

/// Tests that run at once, for each processor: most of the time they wait, for the limits of the stand-in for Procore.
const TESTS_A_PROCESSOR: usize = 3;

/// Runs `cargo test --workspace`, or the campaigns of faults alone. The exit code is cargo's.
pub(crate) fn test(project: &Project, options: &TestOptions) -> Result<ExitCode> {
    let tools = set_up::tools_for_tests(project)?;
    let chromium = chromium::find(project)?;
    functions::build(project, &Targets::BinariesAndTests)?;
    let (name, _lock) = stand::take_free(project, "test")?;
    let ports = Ports::free()?;
    let mut stand = up::start(project, &tools, &name, ports)?;
    let mut cargo = project.cargo();
    match options.faults {
        None => cargo.args(["test", "--workspace"]).args(&options.cargo_test_arguments),
        Some(items) => cargo
            .args(["test", "--workspace", "--no-fail-fast"])
            .args(["--test", "campaign", "--test", "plan_faults", "--", "--nocapture"])
            .env("GUSSET_FAULT_ITEMS", items.to_string()),
    };
    deploy::emulated_aws(&mut cargo, ports);
    if std::env::var_os(TEST_THREADS).is_none() {
        let processors = std::thread::available_parallelism().map_or(1, NonZero::get);
        cargo.env(TEST_THREADS, (TESTS_A_PROCESSOR * processors).to_string());
    }
    cargo
        .envs(stand.settings.iter().cloned())
        .env("GUSSET_NODE", tools.node()?)
        .env("GUSSET_NODE_MODULES", set_up::node_modules(project))
        .env("GUSSET_RIE", tools.runtime_interface_emulator()?)
        .env("GUSSET_SAM", tools.program("sam"))
        .env("GUSSET_PYTHON", tools.python())
        .env("GUSSET_SCHEMATHESIS", tools.program("schemathesis"))
        .env("GUSSET_CHROMIUM", &chromium.browser)
        .env("GUSSET_CHROMEDRIVER", &chromium.driver)
        .env("GUSSET_SCREENSHOTS", project.stand_folder().join("screenshots"))
        .env("GUSSET_LAMBDA_DIR", project.root.join("target/lambda"));
    say::step("Testing", &format!("against {}", ports.product_url()));
    let status = processes::run(&mut cargo)?;
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
