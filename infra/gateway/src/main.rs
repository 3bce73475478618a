//! Puts the product at an address of its own, such as `http://localhost:8080`, as a custom domain of API Gateway does.
//!
//! Every request goes on to the emulator's API Gateway unchanged: the path with its percent-encodings, the query string
//! and the body as they are, and each answer comes back as it is, redirects and several `Set-Cookie` included, but compressed for
//! whoever takes gzip, from the size on that the template sets. What API Gateway refuses by itself, a body of more than 10 MB or a function that takes longer than 29 seconds, is refused here.

mod arguments;
mod compress;
mod forward;
mod problem;
mod route;

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::process::ExitCode;

use axum::Router;
use tokio::net::TcpListener;

use crate::arguments::Arguments;
use crate::forward::Gateway;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = match Arguments::parse(std::env::args().skip(1)) {
        Ok(arguments) => arguments,
        Err(problem) => {
            eprintln!("gateway: {problem}");
            return ExitCode::from(2);
        }
    };
    match serve(arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("gateway: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(arguments: Arguments) -> std::io::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, arguments.port)).await?;
    let app = Router::new()
        .fallback(forward::forward)
        .with_state(Gateway::new(arguments.route));
    // Browsers try `localhost` as ::1 first. A machine without IPv6 does without.
    if let Ok(listener) = TcpListener::bind((Ipv6Addr::LOCALHOST, arguments.port)).await {
        let service = app.clone().into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, service).await });
    }
    axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>()).await
}
