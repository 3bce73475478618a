//! Runs a function's program as Lambda does: over the runtime API, one invocation at a time, ended when it takes too long.

use std::{
    fs::File,
    path::Path,
    process::Stdio,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use gusset_tests::{
    Stand,
    functions::{deployed_functions, environment},
    setting,
};
use http_body_util::Full;
use hyper::{Request, Response, body::Bytes};
use serde_json::Value;
use tokio::{process::Command, sync::Notify};

use crate::wire::{self, Answer, Served, Wire};

/// What came of an invocation.
#[derive(Debug)]
pub(crate) enum Ended {
    /// The function answered.
    Answered(Value),
    /// It said that it failed.
    Failed(Value),
    /// Its process died, or took so long that it was ended.
    Died,
}

/// A deployed function, run by itself with the settings that it is deployed with.
pub(crate) struct Function {
    /// Every call that it makes.
    pub(crate) wire: Arc<Wire>,
    /// How long an invocation may take.
    time_limit: Duration,
    name: &'static str,
    settings: Vec<(String, String)>,
    /// In front of Procore and of AWS.
    _fronts: [Served; 2],
    process: Option<Process>,
}

/// A started program, and the runtime API that it talks to.
struct Process {
    invocation: Arc<Invocation>,
    _api: Served,
}

/// The one invocation that a process is given at a time.
#[derive(Default)]
struct Invocation {
    changed: Notify,
    state: Mutex<State>,
}

#[derive(Default)]
enum State {
    #[default]
    None,
    Waits(Bytes),
    Taken(Instant),
    Ended(bool, Bytes),
}

/// The longest that a program may take to start.
const START: Duration = Duration::from_secs(30);

impl Function {
    /// A function of the template, by its program's and its logical name, with some settings of its own.
    pub(crate) async fn new(
        stand: &Stand,
        (name, logical_id): (&'static str, &str),
        own: &[(&str, String)],
        time_limit: Duration,
    ) -> Self {
        let wire = Arc::new(Wire::default());
        let aws = wire::in_front_of(stand, &setting("AWS_ENDPOINT_URL"), &wire).await;
        let procore = wire::in_front_of(stand, &stand.procore, &wire).await;
        let mut settings = environment(&deployed_functions(&stand.http).await, logical_id);
        settings.retain(|(name, _)| name != "AWS_ENDPOINT_URL" && !own.iter().any(|(own, _)| own == name));
        settings.extend(own.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        settings.push(("AWS_ENDPOINT_URL".to_owned(), format!("http://127.0.0.1:{}", aws.port)));
        let behind = reqwest::Url::parse(&stand.procore).unwrap().port().unwrap();
        for (name, address) in &mut settings {
            if name.starts_with("PROCORE_") {
                *address = address.replace(&format!(":{behind}"), &format!(":{}", procore.port));
            }
        }
        Self {
            wire,
            time_limit,
            name,
            settings,
            _fronts: [aws, procore],
            process: None,
        }
    }

    /// Hands the function an event, starting it if it does not run.
    pub(crate) async fn invoke(&mut self, event: &Value) -> Ended {
        let starts = !self.wire.lives().await;
        if starts {
            self.process = Some(self.start().await);
        }
        let invocation = Arc::clone(&self.process.as_ref().unwrap().invocation);
        *invocation.state.lock().unwrap() = State::Waits(Bytes::from(event.to_string()));
        invocation.changed.notify_waiters();
        let asked = Instant::now();
        loop {
            // Asked first: a process that died may have answered before.
            let lives = self.wire.lives().await;
            let overdue = {
                let mut state = invocation.state.lock().unwrap();
                match &*state {
                    State::Ended(well, body) => {
                        let body = serde_json::from_slice(body).unwrap();
                        let ended = if *well {
                            Ended::Answered(body)
                        } else {
                            Ended::Failed(body)
                        };
                        *state = State::None;
                        return ended;
                    }
                    State::Taken(at) => at.elapsed() > self.time_limit,
                    State::Waits(_) if starts => {
                        assert!(asked.elapsed() < START, "{} does not start", self.name);
                        false
                    }
                    State::Waits(_) => asked.elapsed() > self.time_limit,
                    State::None => false,
                }
            };
            if overdue {
                self.wire.kill().await;
            }
            if !lives {
                return Ended::Died;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    async fn start(&self) -> Process {
        let invocation = Arc::new(Invocation::default());
        let api = {
            let (invocation, wire) = (Arc::clone(&invocation), Arc::clone(&self.wire));
            let time_limit = self.time_limit;
            wire::serve(move |request| runtime_api(request, Arc::clone(&invocation), Arc::clone(&wire), time_limit))
                .await
        };
        let program = Path::new(&setting("GUSSET_LAMBDA_DIR"))
            .join(self.name)
            .join("bootstrap");
        let log = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}.log", self.name));
        let log = || File::options().create(true).append(true).open(&log).unwrap();
        let process = Command::new(program)
            .envs(self.settings.iter().map(|(name, value)| (name, value)))
            .env("AWS_LAMBDA_RUNTIME_API", format!("127.0.0.1:{}", api.port))
            .env("AWS_LAMBDA_FUNCTION_NAME", self.name)
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
            .env("AWS_LAMBDA_LOG_GROUP_NAME", self.name)
            .env("AWS_LAMBDA_LOG_STREAM_NAME", self.name)
            .stdin(Stdio::null())
            .stdout(log())
            .stderr(log())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        self.wire.is_of(process).await;
        Process { invocation, _api: api }
    }
}

/// Lambda's runtime API, of which a function's answer is a call like any other: it may die over it.
async fn runtime_api(
    request: Request<Bytes>,
    invocation: Arc<Invocation>,
    wire: Arc<Wire>,
    time_limit: Duration,
) -> Answer {
    let path = request.uri().path().to_owned();
    let body = request.into_body();
    if path.ends_with("/invocation/next") {
        let event = take(&invocation).await;
        let deadline = std::time::SystemTime::now() + time_limit;
        let deadline = deadline.duration_since(std::time::UNIX_EPOCH).unwrap().as_millis();
        let answer = Response::builder()
            .header("lambda-runtime-aws-request-id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd")
            .header("lambda-runtime-deadline-ms", deadline.to_string())
            .header(
                "lambda-runtime-invoked-function-arn",
                "arn:aws:lambda:us-east-1:000000000000:function:alone",
            )
            .header("content-type", "application/json");
        return Some(answer.body(Full::new(event)).unwrap());
    }
    let well = path.ends_with("/response");
    wire.carry(async move {
        // A program that cannot start ends by itself, and is started again.
        if !path.ends_with("/init/error") {
            *invocation.state.lock().unwrap() = State::Ended(well, body);
        }
        Some(Response::builder().status(202).body(Full::default()).unwrap())
    })
    .await
}

async fn take(invocation: &Invocation) -> Bytes {
    loop {
        let changed = invocation.changed.notified();
        {
            let mut state = invocation.state.lock().unwrap();
            if let State::Waits(event) = &*state {
                let event = event.clone();
                *state = State::Taken(Instant::now());
                return event;
            }
        }
        changed.await;
    }
}
