//! `cargo xtask up` and `cargo xtask down`.

use std::fs;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use rustix::process::{Pid, Signal, kill_process};

use crate::arguments::UpOptions;
use crate::aws;
use crate::deploy::{self, Sweeps};
use crate::functions::{self, Targets};
use crate::logs::Follower;
use crate::ports::Ports;
use crate::processes;
use crate::project::Project;
use crate::record::Record;
use crate::say;
use crate::set_up::{self, Tools};
use crate::stand::{self, Stand, UP};

/// Runs the product, or deploys the present code to the stand that runs already.
pub(crate) fn up(project: &Project, options: &UpOptions) -> Result<ExitCode> {
    let began = Instant::now();
    let folder = project.stand_folder().join(UP);
    let lock = stand::try_lock(project, UP)?;
    if let Some(running) = Record::read(&folder) {
        if running.is_usable() {
            return deploy_again(project, options, &running, lock.is_some(), began);
        }
        if lock.is_none() {
            bail!("Another `cargo xtask up` is starting or stopping this stand: wait for it, or stop it first.");
        }
        if running.stop(&folder) {
            say::step("Stopped", "what an earlier run had left behind");
        }
    } else if lock.is_none() {
        bail!("Another `cargo xtask up` is starting or stopping this stand: wait for it, or stop it first.");
    }

    options.ports.check_free()?;
    let tools = set_up::tools(project)?;
    functions::build(project, &Targets::Binaries)?;
    let mut stand = start(project, &tools, UP, options.ports, Sweeps::EachMinute)?;
    announce(options.ports, began);
    if options.detach {
        say::note(&format!(
            "It goes on running; `cargo xtask down` stops it. The functions' logs: {}",
            project.relative(&stand::functions_log(&folder))
        ));
        stand.leave_running()?;
        return Ok(ExitCode::SUCCESS);
    }
    say::note("Ctrl-C stops it. The functions' logs follow.\n");
    let mut follower = Follower::from_start(&stand::functions_log(&folder));
    let ended = loop {
        follower.print_new()?;
        if let Err(reason) = stand
            .check()
            .and_then(|()| processes::sleep(Duration::from_millis(200)))
        {
            break reason;
        }
    };
    say::step("Stopping", "the stand");
    drop(stand);
    if ended.is::<processes::Interrupted>() {
        Ok(ExitCode::SUCCESS)
    } else {
        Err(ended)
    }
}

/// Starts a stand and deploys to it.
pub(crate) fn start(project: &Project, tools: &Tools, name: &str, ports: Ports, sweeps: Sweeps) -> Result<Stand> {
    let mut stand = Stand::start(project, tools, name, ports)?;
    let outputs = lay_out_and_deploy(project, tools, &stand.folder, ports, sweeps)?;
    stand.mark_ready(stand::settings(&stand.folder, ports, &outputs))?;
    Ok(stand)
}

fn lay_out_and_deploy(
    project: &Project,
    tools: &Tools,
    folder: &std::path::Path,
    ports: Ports,
    sweeps: Sweeps,
) -> Result<Vec<(String, String)>> {
    // Two stands of one checkout share the folder with the functions.
    let _alone = set_up::wait_for_lock(
        &project.stand_folder().join("deploy.lock"),
        "Another deployment is running",
    )?;
    functions::lay_out(project)?;
    deploy::deploy(project, tools, folder, ports, sweeps)
}

/// `kept_by_nobody`: the stand was left running by `--detach`, so following its logs means to take it over.
fn deploy_again(
    project: &Project,
    options: &UpOptions,
    running: &Record,
    kept_by_nobody: bool,
    began: Instant,
) -> Result<ExitCode> {
    let folder = project.stand_folder().join(UP);
    if options.ports_chosen && options.ports != running.ports {
        bail!(
            "A stand is running already at {} with other ports: stop it with `cargo xtask down` first.",
            running.ports.product_url()
        );
    }
    say::step(
        "Found",
        &format!(
            "a running stand at {}: deploying the present code to it",
            running.ports.product_url()
        ),
    );
    let tools = set_up::tools(project)?;
    let gateway_and_sandbox =
        ["gateway", "sandbox"].map(|name| fs::metadata(project.binary(name)).and_then(|it| it.modified()).ok());
    functions::build(project, &Targets::Binaries)?;
    let rebuilt =
        ["gateway", "sandbox"].map(|name| fs::metadata(project.binary(name)).and_then(|it| it.modified()).ok());
    lay_out_and_deploy(project, &tools, &folder, running.ports, Sweeps::EachMinute)?;
    if gateway_and_sandbox != rebuilt {
        say::warning("The sandbox or the gateway has changed: `cargo xtask down` and `up` start the new one.");
    }
    announce(running.ports, began);
    if options.detach || !kept_by_nobody {
        return Ok(ExitCode::SUCCESS);
    }
    say::note("Ctrl-C stops it. The functions' logs follow.\n");
    let mut follower = Follower::from_end(&stand::functions_log(&folder));
    while running.is_usable() && processes::sleep(Duration::from_millis(500)).is_ok() {
        follower.print_new()?;
    }
    say::step("Stopping", "the stand");
    running.stop(&folder);
    stand::clean(&folder);
    Ok(ExitCode::SUCCESS)
}

/// Stops the stand of `up`, and those that `test --keep` left.
pub(crate) fn down(project: &Project) -> Result<ExitCode> {
    let mut stopped = false;
    let entries = fs::read_dir(project.stand_folder())
        .map(|entries| entries.flatten().collect())
        .unwrap_or_else(|_| Vec::new());
    for entry in entries {
        let folder = entry.path();
        let Some(record) = Record::read(&folder) else { continue };
        let name = entry.file_name().to_string_lossy().into_owned();
        let mut lock = stand::try_lock(project, &name)?;
        if lock.is_none() {
            if name != UP {
                // Tests that run keep their stand.
                continue;
            }
            lock = ask_keeper_to_stop(project, &record)?;
        }
        let Some(_lock) = lock else { continue };
        if record.stop(&folder) {
            say::step("Stopping", &format!("the stand at {}", record.ports.product_url()));
        }
        stand::clean(&folder);
        stopped = true;
    }
    say::note(if stopped { "Stopped." } else { "Nothing was running." });
    Ok(ExitCode::SUCCESS)
}

fn ask_keeper_to_stop(project: &Project, record: &Record) -> Result<Option<fs::File>> {
    let keeper = record.keeper.as_ref().filter(|keeper| keeper.is_alive());
    if let Some(id) = keeper
        .and_then(|keeper| i32::try_from(keeper.id).ok())
        .and_then(Pid::from_raw)
    {
        say::step("Stopping", "the `cargo xtask up` that runs in another terminal");
        let _ = kill_process(id, Signal::TERM);
    }
    let deadline = Instant::now() + Duration::from_secs(20);
    while Instant::now() < deadline {
        if let Some(lock) = stand::try_lock(project, UP)? {
            return Ok(Some(lock));
        }
        processes::sleep(Duration::from_millis(100))?;
    }
    bail!("Another `cargo xtask up` does not let go of the stand: end it, then run `cargo xtask down` again.")
}

fn announce(ports: Ports, began: Instant) {
    warm_up(ports);
    say::step("Ready", &format!("in {:.0} s", began.elapsed().as_secs_f32()));
    say::note(&format!(
        "\n  Gusset             {}\n  Procore (stand-in) {}\n  AWS (emulated)     {}\n\n\
         Open {0} and sign in as Gina Castellano (Harbour General Contractors) or Sam Okafor (Southside Electrical);\n\
         no password is needed. What they have in Procore is at {1}.\n\
         Mails that Gusset sends are at {2}/_ministack/ses/messages.\n",
        ports.product_url(),
        ports.sandbox_url(),
        ports.aws_url(),
    ));
}

/// Asks for the first page, so that the person who opens it does not wait for the function to start.
fn warm_up(ports: Ports) {
    let url = format!("http://127.0.0.1:{}/", ports.product);
    let status = aws::agent(Duration::from_secs(20))
        .get(&url)
        .call()
        .map(|response| response.status().as_u16());
    match status {
        Ok(status) if status < 500 => {}
        Ok(status) => say::warning(&format!(
            "The first page answers with status {status}: see the functions' logs."
        )),
        Err(error) => say::warning(&format!("The first page does not answer: {error}")),
    }
}
