//! The listening half: an accept loop of our own, since only it can drop a connection without an answer.

use std::convert::Infallible;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};

use crate::api::DropConnection;
use crate::app::{Addresses, App};
use crate::arguments::Arguments;
use crate::contract::Contract;
use crate::files::Store;
use crate::{api, pages, side_door, webhooks};

/// How long calls that are under way may take to end after the sandbox was asked to stop.
const FAREWELL: Duration = Duration::from_secs(3);

/// A sandbox that has its port and serves once it is run.
pub struct Server {
    listener: TcpListener,
    app: App,
}

impl Server {
    /// Takes the port and makes the demo data.
    ///
    /// # Errors
    /// One sentence for the person at the terminal: the port is busy, there is no temporary directory, or the contract makes no
    /// sense.
    pub async fn bind(arguments: &Arguments) -> Result<Self, String> {
        // Only the first installation can succeed, and any is as good as another: there is one provider.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let busy = |error| format!("cannot listen on 127.0.0.1:{}: {error}.", arguments.port);
        let listener = TcpListener::bind(("127.0.0.1", arguments.port)).await.map_err(busy)?;
        let port = listener.local_addr().map_err(busy)?.port();
        let public = arguments
            .public_url
            .clone()
            .unwrap_or_else(|| format!("http://localhost:{port}"));
        let store = Store::open().map_err(|error| format!("cannot make a temporary directory: {error}."))?;
        let http = webhooks::client().map_err(|error| format!("cannot make the client for webhooks: {error}."))?;
        let contract = arguments.strict.then(Contract::read).transpose();
        let contract = contract.map_err(|error| format!("the contract makes no sense: {error}."))?;
        let addresses = Addresses {
            storage: other_name(&public),
            public,
        };
        Ok(Self {
            listener,
            app: App::new(addresses, store, http, contract),
        })
    }

    /// Starts one on a free port, for the tests of this process, and gives its address. It ends with the runtime.
    ///
    /// # Errors
    /// As [`Self::bind`].
    pub async fn start(strict: bool) -> Result<String, String> {
        let arguments = Arguments {
            port: 0,
            public_url: None,
            strict,
        };
        let server = Self::bind(&arguments).await?;
        let url = server.public_url().to_owned();
        tokio::spawn(server.run(std::future::pending()));
        Ok(url)
    }

    /// The address that links carry.
    #[must_use]
    pub fn public_url(&self) -> &str {
        &self.app.addresses.public
    }

    /// Serves until `stop` completes, then lets the calls under way end.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let Self { listener, app } = self;
        let dispatcher = tokio::spawn(webhooks::dispatch(app.clone()));
        let router = Router::new()
            .merge(api::router(&app))
            .merge(side_door::router())
            .merge(pages::router())
            .fallback(api::not_found)
            .with_state(app);
        let connections = GracefulShutdown::new();
        tokio::pin!(stop);
        loop {
            tokio::select! {
                accepted = listener.accept() => match accepted {
                    Ok((stream, _)) => serve(stream, &router, &connections),
                    Err(error) => tracing::warn!("cannot accept a connection: {error}"),
                },
                () = &mut stop => break,
            }
        }
        dispatcher.abort();
        if tokio::time::timeout(FAREWELL, connections.shutdown()).await.is_err() {
            tracing::warn!("some calls did not end in time");
        }
    }
}

fn serve(stream: TcpStream, router: &Router, connections: &GracefulShutdown) {
    // A failure only costs speed.
    let _ = stream.set_nodelay(true);
    let router = router.clone();
    let service = hyper::service::service_fn(move |request: hyper::Request<Incoming>| {
        let router = TowerToHyperService::new(router.clone());
        async move {
            let answer: Result<Response<Body>, Infallible> = hyper::service::Service::call(&router, request).await;
            match answer {
                Ok(response) if response.extensions().get::<DropConnection>().is_some() => Err(DropConnection),
                Ok(response) => Ok(response),
                Err(never) => match never {},
            }
        }
    });
    let connection = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    let connection = connections.watch(connection);
    // Errors are a client's hanging up, or a drop that was asked for.
    tokio::spawn(async move { connection.await.ok() });
}

/// The same server by another host name, where there is one.
fn other_name(public_url: &str) -> String {
    let Ok(mut url) = url::Url::parse(public_url) else {
        return public_url.to_owned();
    };
    let other = match url.host_str() {
        Some("localhost") => "127.0.0.1",
        Some("127.0.0.1") => "localhost",
        _ => return public_url.to_owned(),
    };
    match url.set_host(Some(other)) {
        Ok(()) => url.as_str().trim_end_matches('/').to_owned(),
        Err(_) => public_url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn storage_is_another_host() {
        assert_eq!(other_name("http://localhost:8090"), "http://127.0.0.1:8090");
        assert_eq!(other_name("http://127.0.0.1:8090"), "http://localhost:8090");
        assert_eq!(other_name("https://procore.test"), "https://procore.test");
    }
}
