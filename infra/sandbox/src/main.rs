//! The stand-in for Procore, as a program. See `README.md` beside it.

use std::process::ExitCode;

use sandbox::arguments::Arguments;
use sandbox::server::Server;

/// What a wrong flag or a busy port ends with.
const MISUSE: u8 = 2;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = match Arguments::parse(std::env::args().skip(1), |name| std::env::var(name).ok()) {
        Ok(Some(arguments)) => arguments,
        Ok(None) => {
            println!("{}", sandbox::arguments::USAGE);
            return ExitCode::SUCCESS;
        }
        Err(problem) => {
            eprintln!("sandbox: {problem}");
            return ExitCode::from(MISUSE);
        }
    };
    tracing_subscriber::fmt()
        .with_target(false)
        .with_level(false)
        .with_ansi(false)
        .init();
    let server = match Server::bind(&arguments).await {
        Ok(server) => server,
        Err(problem) => {
            eprintln!("sandbox: {problem}");
            return ExitCode::from(MISUSE);
        }
    };
    println!("sandbox listening on {}", server.public_url());
    server.run(asked_to_stop()).await;
    ExitCode::SUCCESS
}

/// Completes on SIGINT or SIGTERM.
async fn asked_to_stop() {
    let interrupt = tokio::signal::ctrl_c();
    match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(mut terminate) => tokio::select! {
            _ = interrupt => {}
            _ = terminate.recv() => {}
        },
        Err(_) => {
            // Without the signal's registration Ctrl-C still works.
            let _ = interrupt.await;
        }
    }
}
