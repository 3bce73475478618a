//! One request, forwarded.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Uri, header};
use axum::response::Response;
use http_body_util::{LengthLimitError, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

use crate::compress;
use crate::problem;
use crate::route::{Route, RouteFile};

/// API Gateway's limit for a request's body.
const LARGEST_BODY: usize = 10 * 1024 * 1024;
/// API Gateway waits 29 seconds for a function; the rest is the emulator's own time.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// What a connection's two ends agree on between themselves; it does not concern who comes after.
const HOP_BY_HOP: [HeaderName; 8] = [
    header::CONNECTION,
    HeaderName::from_static("keep-alive"),
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// What all requests share.
#[derive(Clone)]
pub(crate) struct Gateway {
    client: Client<HttpConnector, Limited<Body>>,
    route: Arc<RouteFile>,
}

impl Gateway {
    pub(crate) fn new(route: PathBuf) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(Duration::from_secs(5)));
        let client = Client::builder(TokioExecutor::new())
            // Below the emulator's 75 seconds, so that no request goes out on a connection that is just being closed.
            .pool_idle_timeout(Duration::from_secs(30))
            .build(connector);
        Self {
            client,
            route: Arc::new(RouteFile::new(route)),
        }
    }
}

/// Sends the request on to the API and its answer back.
pub(crate) async fn forward(
    State(gateway): State<Gateway>,
    ConnectInfo(caller): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    let Some(route) = gateway.route.route() else {
        return problem::nothing_deployed();
    };
    if content_length(request.headers()).is_some_and(|length| length > LARGEST_BODY as u64) {
        return problem::too_large();
    }
    let takes_gzip = compress::accepts_gzip(request.headers());
    let Some(request) = addressed_to(&route, caller, request) else {
        return problem::nothing_deployed();
    };
    match tokio::time::timeout(LONGEST_WAIT, gateway.client.request(request)).await {
        Err(_) => problem::too_slow(),
        Ok(Err(error)) if is_too_large(&error) => problem::too_large(),
        Ok(Err(error)) => {
            eprintln!("{error:?}");
            problem::no_emulator()
        }
        Ok(Ok(answer)) => {
            let mut answer = answer.map(Body::new);
            remove_hop_by_hop(answer.headers_mut());
            match route.minimum_compression_size {
                Some(minimum) if takes_gzip => compress::compressed(answer, minimum).await,
                _ => answer,
            }
        }
    }
}

fn addressed_to(route: &Route, caller: SocketAddr, request: Request) -> Option<Request<Limited<Body>>> {
    let path_and_query = request.uri().path_and_query().map_or("/", |it| it.as_str());
    let uri: Uri = route.address(path_and_query).parse().ok()?;
    let (mut parts, body) = request.into_parts();
    parts.uri = uri;
    let headers = &mut parts.headers;
    remove_hop_by_hop(headers);
    if let Some(host) = headers.insert(header::HOST, route.host().parse().ok()?) {
        headers.insert(X_FORWARDED_HOST, host);
    }
    headers.insert(X_FORWARDED_PROTO, HeaderValue::from_static("http"));
    let callers = match headers.get(X_FORWARDED_FOR).and_then(|it| it.to_str().ok()) {
        Some(earlier) => format!("{earlier}, {}", caller.ip()),
        None => caller.ip().to_string(),
    };
    headers.insert(X_FORWARDED_FOR, callers.parse().ok()?);
    Some(Request::from_parts(parts, Limited::new(body, LARGEST_BODY)))
}

fn remove_hop_by_hop(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|names| names.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in HOP_BY_HOP.iter().chain(&named) {
        headers.remove(name);
    }
}

fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Whether a body of unannounced length turned out to be too large on its way.
fn is_too_large(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if error.is::<LengthLimitError>() {
            return true;
        }
        cause = error.source();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_keeps_its_bytes_and_gets_its_forwarding_headers() {
        let route = Route {
            aws_port: 4566,
            api_id: "abc".to_owned(),
            stage: "live".to_owned(),
            minimum_compression_size: None,
        };
        let request = Request::builder()
            .method("POST")
            .uri("/a%2Fb/%C3%A9?x=1%202&x=+&empty=")
            .header("host", "localhost:8080")
            .header("cookie", "a=1")
            .header("connection", "close, x-mine")
            .header("x-mine", "1")
            .header("x-forwarded-for", "10.0.0.1")
            .body(Body::empty())
            .unwrap();
        let forwarded = addressed_to(&route, ([127, 0, 0, 1], 9).into(), request).unwrap();
        assert_eq!(
            forwarded.uri(),
            "http://127.0.0.1:4566/live/a%2Fb/%C3%A9?x=1%202&x=+&empty="
        );
        let headers = forwarded.headers();
        assert_eq!(headers["host"], "abc.execute-api.localhost:4566");
        assert_eq!(headers["x-forwarded-host"], "localhost:8080");
        assert_eq!(headers["x-forwarded-proto"], "http");
        assert_eq!(headers["x-forwarded-for"], "10.0.0.1, 127.0.0.1");
        assert_eq!(headers["cookie"], "a=1");
        assert!(!headers.contains_key("connection") && !headers.contains_key("x-mine"));
    }
}
