//! The wires between a function and the world: every call goes over them, is counted, and may meet a mishap.

use std::{
    future::Future,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use gusset_tests::Stand;
use http_body_util::{BodyExt, Full};
use hyper::{
    Request, Response,
    body::{Bytes, Incoming},
    header::{self, HeaderName},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use tokio::{
    net::TcpListener,
    process::Child,
    task::{AbortHandle, JoinSet},
};

/// An answer, or none: the connection is closed.
pub(crate) type Answer = Option<Response<Full<Bytes>>>;

/// What happens to the function while a call is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mishap {
    /// Its process is killed.
    Dies(Call),
    /// The answer never comes.
    Hangs(Call),
    /// The connection is closed without an answer.
    IsCutOff(Call),
}

/// What the call does all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Call {
    /// It never arrives.
    Fails,
    /// It takes effect.
    Works,
    /// It takes effect later, almost as late as Procore may take to finish a request.
    WorksLate,
}

/// How much later: less than PROCORE_TIMEOUT_SECONDS, which is 1 s.
const LATE: Duration = Duration::from_millis(800);

/// Every call of one function, in one count.
#[derive(Default)]
pub(crate) struct Wire {
    calls: AtomicUsize,
    mishap: Mutex<Option<(usize, Mishap)>>,
    process: tokio::sync::Mutex<Option<Child>>,
}

impl Wire {
    /// From now on the `nth` call, counted from 1, meets a mishap.
    pub(crate) fn expect(&self, nth: usize, mishap: Mishap) {
        self.calls.store(0, Ordering::SeqCst);
        *self.mishap.lock().unwrap() = Some((nth, mishap));
    }

    /// Whether a mishap is still to come.
    pub(crate) fn expects(&self) -> bool {
        self.mishap.lock().unwrap().is_some()
    }

    /// The process that dies when a call says so.
    pub(crate) async fn is_of(&self, process: Child) {
        *self.process.lock().await = Some(process);
    }

    /// Whether the process lives.
    pub(crate) async fn lives(&self) -> bool {
        let mut process = self.process.lock().await;
        process
            .as_mut()
            .is_some_and(|process| process.try_wait().unwrap().is_none())
    }

    /// Kills the process, as the kernel does that is out of memory: it finishes nothing.
    pub(crate) async fn kill(&self) {
        if let Some(process) = self.process.lock().await.as_mut() {
            process.kill().await.unwrap();
        }
    }

    /// Carries one call to its effect and its answer back, unless it meets a mishap.
    pub(crate) async fn carry(self: Arc<Self>, effect: impl Future<Output = Answer> + Send + 'static) -> Answer {
        let nth = self.calls.fetch_add(1, Ordering::SeqCst) + 1;
        let mishap = {
            let mut expected = self.mishap.lock().unwrap();
            expected.take_if(|(at, _)| *at == nth).map(|(_, mishap)| mishap)
        };
        // The server forgets a request whose caller is gone. What it had set going takes its course.
        let carried = tokio::spawn(async move {
            match mishap {
                None => return effect.await,
                Some(Mishap::Dies(call)) => match call {
                    Call::Fails => self.kill().await,
                    Call::Works => {
                        effect.await;
                        self.kill().await;
                    }
                    Call::WorksLate => {
                        self.kill().await;
                        tokio::time::sleep(LATE).await;
                        effect.await;
                    }
                },
                Some(Mishap::Hangs(call)) => {
                    if call == Call::Works {
                        effect.await;
                    }
                    std::future::pending::<()>().await;
                }
                Some(Mishap::IsCutOff(call)) => {
                    if call == Call::Works {
                        effect.await;
                    }
                }
            }
            None
        });
        carried.await.unwrap()
    }
}

/// A server that ends when this is dropped.
pub(crate) struct Served {
    /// Where it listens on 127.0.0.1.
    pub(crate) port: u16,
    task: AbortHandle,
}

impl Drop for Served {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Serves HTTP on a free port.
pub(crate) async fn serve<F, R>(answer: F) -> Served
where
    F: Fn(Request<Bytes>) -> R + Clone + Send + 'static,
    R: Future<Output = Answer> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let accepting = async move {
        // They end with the server.
        let mut connections = JoinSet::new();
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            stream.set_nodelay(true).unwrap();
            let answer = answer.clone();
            let service = service_fn(move |request: Request<Incoming>| {
                let answer = answer.clone();
                async move {
                    let (head, body) = request.into_parts();
                    // An error closes the connection: its client is gone, or is to get no answer.
                    let closed = || std::io::Error::other("closed");
                    let body = body.collect().await.map_err(|_| closed())?.to_bytes();
                    answer(Request::from_parts(head, body)).await.ok_or_else(closed)
                }
            });
            connections.spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    };
    Served {
        port,
        task: tokio::spawn(accepting).abort_handle(),
    }
}

/// Stands in front of a server, on a port of its own, as the same hosts.
pub(crate) async fn in_front_of(stand: &Stand, address: &str, wire: &Arc<Wire>) -> Served {
    let behind = reqwest::Url::parse(address).unwrap().port().unwrap();
    let (http, wire) = (stand.http.clone(), Arc::clone(wire));
    serve(move |request| {
        let (http, wire) = (http.clone(), Arc::clone(&wire));
        async move { wire.carry(pass_on(http, behind, request)).await }
    })
    .await
}

/// Headers that belong to one connection.
const HOP_BY_HOP: [HeaderName; 4] = [
    header::HOST,
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
];

/// Passes a request on to the same host's port `behind`. Addresses in the answer lead back to the port it came to.
async fn pass_on(http: reqwest::Client, behind: u16, request: Request<Bytes>) -> Answer {
    let (mut head, body) = request.into_parts();
    let host = head.headers[header::HOST].to_str().unwrap().to_owned();
    let (host, front) = host.split_once(':').unwrap();
    let (behind, front) = (format!(":{behind}"), format!(":{front}"));
    let url = format!("http://{host}{behind}{}", head.uri);
    HOP_BY_HOP.iter().for_each(|name| drop(head.headers.remove(name)));
    let sent = http.request(head.method, url).headers(head.headers).body(body);
    let answer = sent.send().await.ok()?;
    let mut back = Response::builder().status(answer.status());
    for (name, value) in answer.headers() {
        if !HOP_BY_HOP.contains(name) {
            back = back.header(name, value.to_str().unwrap().replace(&behind, &front));
        }
    }
    let body = answer.bytes().await.ok()?;
    let body = match std::str::from_utf8(&body) {
        Ok(text) => Bytes::from(text.replace(&behind, &front)),
        Err(_) => body,
    };
    Some(back.body(Full::new(body)).unwrap())
}
