//! How a function starts: logs as JSON lines, the one TLS stack in place, and a failure said in one line.

use std::{future::Future, process::ExitCode};

use tracing_subscriber::EnvFilter;

/// Runs a function: sets up what every function needs, then serves until Lambda ends the process.
///
/// A function that cannot start says why and ends at once, so that Lambda reports the failure instead of a time-out.
pub fn run<F>(serve: impl FnOnce() -> F) -> ExitCode
where
    F: Future<Output = Result<(), lambda_runtime::Error>>,
{
    let filter = EnvFilter::try_from_env("GUSSET_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    // CloudWatch adds the time and shows no colours.
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_target(false)
        .with_env_filter(filter)
        .init();
    // Only fails where a provider is in place already, which then is the same one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            tracing::error!(%error, "the function cannot start");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(serve()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(%error, "the function ended");
            ExitCode::FAILURE
        }
    }
}
