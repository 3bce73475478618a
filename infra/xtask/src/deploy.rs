//! Deploys `template.yaml` to a stand's emulator with the AWS SAM CLI.

use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};
use serde_json::json;

use crate::aws::{ARTIFACTS_BUCKET, Aws, REGION, STACK};
use crate::deployed;
use crate::ports::Ports;
use crate::processes;
use crate::project::Project;
use crate::say::{self, Progress};
use crate::set_up::{self, Tools};

/// The file that tells the gateway which API to forward to. It looks for changes, so it need not be started again.
pub(crate) const ROUTE_FILE: &str = "route.json";

/// How often a stand sweeps all its projects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sweeps {
    /// As often as a clock can be set, and soon enough to be waited for; webhooks take a fraction of that.
    EachMinute,
    /// For the tests, which leave hundreds of connected projects behind: to sweep them all each minute takes the larger part of
    /// two processors in the end.
    Seldom,
}

impl Sweeps {
    fn rate(self) -> &'static str {
        match self {
            Self::EachMinute => "rate(1 minute)",
            Self::Seldom => "rate(3 minutes)",
        }
    }
}

/// Deploys the functions that are laid out, and points the gateway to them.
pub(crate) fn deploy(
    project: &Project,
    tools: &Tools,
    folder: &Path,
    ports: Ports,
    sweeps: Sweeps,
) -> Result<Vec<(String, String)>> {
    if !project.root.join("template.yaml").exists() {
        bail!("There is no template.yaml to deploy in {}.", project.root.display());
    }
    let aws = Aws::at(ports.aws_url());
    let asked = parameters(ports, sweeps);
    aws.make_artifacts_bucket()?;
    say::step("Deploying", "template.yaml to the AWS emulator");
    let log = folder.join("logs/sam.log");
    let mut sam = Command::new(tools.python());
    sam.arg(project.root.join("infra/stand/sam.py"))
        .args([
            "deploy",
            "--template-file",
            "template.yaml",
            "--stack-name",
            STACK,
            "--region",
            REGION,
        ])
        .args([
            "--s3-bucket",
            ARTIFACTS_BUCKET,
            "--capabilities",
            "CAPABILITY_IAM",
            "CAPABILITY_AUTO_EXPAND",
        ])
        .args([
            "--no-confirm-changeset",
            "--no-fail-on-empty-changeset",
            "--no-progressbar",
            "--parameter-overrides",
        ])
        .args(asked.iter().map(|(name, value)| quoted(name, value)))
        .current_dir(&project.root);
    emulated_aws(&mut sam, ports);
    sam_settings(&mut sam, project);
    let mut progress = Progress::new();
    let status = processes::run_logged(&mut sam, &log, |line| {
        if let Some((resource, status)) = finished_resource(line) {
            progress.update(&format!("{resource} {status}"));
        }
    })?;
    drop(progress);
    if !status.success() {
        let output = fs::read_to_string(&log).unwrap_or_default();
        bail!(
            "`sam deploy` failed:\n{}\nAll of its output: {}. The emulator's: {}.",
            last_lines(&output, 15),
            project.relative(&log),
            project.relative(&folder.join("logs/ministack.log"))
        );
    }
    deployed::compare(&asked, &aws.stack_parameters()?, &aws.schedules()?)?;
    let api = aws.api()?;
    let template = fs::read_to_string(project.root.join("template.yaml")).context("template.yaml cannot be read")?;
    let route = json!({
        "aws_port": ports.aws, "api_id": api.id, "stage": api.stage,
        "minimum_compression_size": minimum_compression_size(&template),
    });
    let new = folder.join("route.json.new");
    fs::write(&new, format!("{route}\n"))
        .and_then(|()| fs::rename(&new, folder.join(ROUTE_FILE)))
        .context("The gateway's route cannot be written")?;
    aws.stack_outputs()
}

/// `cargo xtask sam …`: becomes the pinned SAM CLI, with the person's own AWS settings.
pub(crate) fn run_sam(project: &Project, arguments: &[String]) -> Result<ExitCode> {
    let tools = set_up::tools(project)?;
    let mut sam = Command::new(tools.program("sam"));
    sam.args(arguments)
        .current_dir(&project.root)
        .env("SAM_CLI_TELEMETRY", "0");
    Err(processes::become_command(&mut sam))
}

/// Lets a program talk to the emulator and to no real account.
pub(crate) fn emulated_aws(command: &mut Command, ports: Ports) {
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("AWS_")) {
            command.env_remove(name);
        }
    }
    command
        .env("AWS_ENDPOINT_URL", ports.aws_url())
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("AWS_REGION", REGION)
        .env("AWS_DEFAULT_REGION", REGION)
        // Not the person's profiles, whose settings would be mixed in.
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
    // All of it is on this machine, which no proxy reaches.
    for name in ["NO_PROXY", "no_proxy"] {
        let others = std::env::var(name).unwrap_or_default();
        command.env(name, format!("localhost,127.0.0.1,{others}").trim_end_matches(','));
    }
}

fn sam_settings(sam: &mut Command, project: &Project) {
    sam.env("SAM_CLI_TELEMETRY", "0")
        // Seconds between two looks at the stack: AWS asks for patience, the emulator does not.
        .env("SAM_CLI_POLL_DELAY", "0.2")
        .env("__SAM_CLI_APP_DIR", project.stand_folder().join("sam"));
}

/// An override of a parameter as the SAM CLI reads it. It cuts a value at its first space unless quotes are around it.
///
/// It knows no way to write a value with a quote behind a backslash: [`deployed::compare`] finds what it misread.
fn quoted(name: &str, value: &str) -> String {
    format!("{name}=\"{}\"", value.replace('"', "\\\""))
}

/// From how many bytes on the template has API Gateway compress, which the emulator leaves to the gateway.
fn minimum_compression_size(template: &str) -> Option<u64> {
    let set = template
        .lines()
        .find_map(|line| line.trim().strip_prefix("MinimumCompressionSize:"));
    set.and_then(|size| size.trim().parse().ok())
}

/// The template's parameters, and what a stand gives them.
fn parameters(ports: Ports, sweeps: Sweeps) -> Vec<(&'static str, String)> {
    let architecture = if cfg!(target_arch = "aarch64") {
        "arm64"
    } else {
        "x86_64"
    };
    vec![
        ("ProcoreApiUrl", ports.sandbox_url()),
        ("ProcoreLoginUrl", ports.sandbox_url()),
        ("ProcoreWebUrl", ports.sandbox_url()),
        // No other host there is Procore's.
        ("ProcoreHosts", "procore.example".to_owned()),
        // The sandbox's storage has this name, its API the other one.
        ("ProcoreStorageHosts", format!("127.0.0.1:{}", ports.sandbox)),
        ("ProcoreClientId", "gusset-local".to_owned()),
        ("ProcoreClientSecret", "gusset-local-secret".to_owned()),
        ("PublicUrl", ports.product_url()),
        ("MailFrom", "gusset@gusset.example".to_owned()),
        ("MailIdentity", "gusset.example".to_owned()),
        // Long enough to gather what happens at once, short enough to be waited for.
        ("DigestDelaySeconds", "5".to_owned()),
        // A dead worker's copies are taken over while a test can wait for it.
        ("CopyTimeoutSeconds", "20".to_owned()),
        ("ProcoreTimeoutSeconds", "5".to_owned()),
        ("CopiesVisibilitySeconds", "30".to_owned()),
        ("SweepRate", sweeps.rate().to_owned()),
        ("SweepGraceSeconds", "10".to_owned()),
        // Soon enough to be waited for. A sync by the clock would hide that a webhook was lost, and so comes seldom.
        ("PlanCheckRate", "rate(1 minute)".to_owned()),
        ("PlanSyncRate", "rate(6 hours)".to_owned()),
        ("PlanTimeoutSeconds", "60".to_owned()),
        ("PlanFilesVisibilitySeconds", "70".to_owned()),
        ("PlanLinkSeconds", "20".to_owned()),
        ("Architecture", architecture.to_owned()),
    ]
}

/// Reads a line of SAM's table of events: status, type, logical id, reason.
fn finished_resource(line: &str) -> Option<(&str, &str)> {
    let mut columns = line.split_whitespace();
    let status = columns
        .next()
        .filter(|it| it.ends_with("_COMPLETE") || it.ends_with("_FAILED"))?;
    Some((columns.nth(1)?, status))
}

fn last_lines(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_read_from_sams_table() {
        let line = "CREATE_COMPLETE          AWS::Lambda::Function    AcceptFunction           -";
        assert_eq!(finished_resource(line), Some(("AcceptFunction", "CREATE_COMPLETE")));
        assert_eq!(finished_resource("Waiting for changeset to be created.."), None);
    }

    #[test]
    fn the_gateway_compresses_from_where_the_template_says() {
        let template = include_str!("../../../template.yaml");
        assert_eq!(minimum_compression_size(template), Some(1024));
        assert_eq!(minimum_compression_size("Resources:\n  Api:\n"), None);
    }

    #[test]
    fn an_override_is_quoted_so_that_no_space_cuts_it() {
        assert_eq!(quoted("SweepRate", "rate(1 minute)"), "SweepRate=\"rate(1 minute)\"");
        assert_eq!(quoted("MailIdentity", ""), "MailIdentity=\"\"");
        assert_eq!(
            quoted("SupportContact", "the \"desk\" at Pier 9"),
            "SupportContact=\"the \\\"desk\\\" at Pier 9\""
        );
    }

    #[test]
    fn the_end_of_the_output_is_shown_without_empty_lines() {
        assert_eq!(last_lines("a\n\nb\n\nc\n", 2), "b\nc");
        assert_eq!(last_lines("a", 2), "a");
    }
}
