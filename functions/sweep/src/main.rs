//! Finds what no webhook told of, and what has come to a stop on its way.
//!
//! The clock has every connected project put on a queue, as one message each; the queue has the projects swept, some at
//! once. So a company that has used up its calls to Procore holds up nobody else: its messages are handed back for as
//! long as Procore asks, without a worker waiting.

mod project;

use std::{
    collections::HashMap,
    process::ExitCode,
    sync::Arc,
    time::{Duration, SystemTime},
};

use gusset_adapters::{
    aws::Aws,
    batch::{self, Message},
    chance,
    hooks::Hooks,
    metrics::Metrics,
    procore::Procore,
    queue::{Copies, DeadLetters, Sweeps},
    settings,
    storage::Storage,
    table::Table,
};
use gusset_domain::sweep::Request;
use jiff::Timestamp;
use lambda_runtime::{LambdaEvent, service_fn};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::project::{Outcome, Sweeper, Tally};

/// Time left at which no further project is begun.
const ENOUGH_FOR_ONE: Duration = Duration::from_secs(60);

/// How often a sweep waits for Procore. One that has waited so often is left to the next that the clock asks for, before
/// it comes to the dead letters, where only what a person has to see belongs.
const MAX_WAITS: u32 = 50;

struct Sweep {
    sweeper: Sweeper,
    sweeps: Sweeps,
    dead_letters: DeadLetters,
    metrics: Metrics,
}

/// What the function is called for: by the clock `{"sweep": true}`, by the queue a batch of messages, and by an operator
/// `{"replace_webhook_secrets": true}`.
#[derive(Deserialize)]
struct Call {
    #[serde(default)]
    sweep: bool,
    #[serde(default)]
    replace_webhook_secrets: bool,
    #[serde(rename = "Records")]
    records: Option<Vec<Message>>,
}

fn main() -> ExitCode {
    gusset_adapters::start::run(async || {
        let aws = Aws::from_environment()?;
        let app = Arc::new(Sweep {
            sweeper: Sweeper {
                table: Table::from_environment(&aws)?,
                procore: Procore::from_environment(
                    aws.secret(&settings::required("PROCORE_CLIENT_SECRET_ARN")?).await?,
                )?,
                copies: Copies::from_environment(&aws)?,
                hooks: Hooks::from_environment(&aws).await?,
                storage: Storage::from_environment(&aws)?,
                public_url: settings::required("PUBLIC_URL")?,
                grace: settings::seconds("SWEEP_GRACE_SECONDS")?,
            },
            sweeps: Sweeps::from_environment(&aws)?,
            dead_letters: DeadLetters::of_sweeps(&aws)?,
            metrics: Metrics::from_environment()?,
        });
        lambda_runtime::run(service_fn(move |event: LambdaEvent<Value>| {
            handle(Arc::clone(&app), event)
        }))
        .await
    })
}

async fn handle(app: Arc<Sweep>, event: LambdaEvent<Value>) -> Result<Value, lambda_runtime::Error> {
    let ends = event.context.deadline();
    match serde_json::from_value(event.payload)? {
        Call {
            records: Some(messages),
            ..
        } => Ok(sweep_some(&app, messages, ends).await),
        Call {
            replace_webhook_secrets: true,
            ..
        } => {
            let projects = ask_for_all(&app, Some(Timestamp::now())).await?;
            tracing::warn!(
                projects,
                "the webhook secrets of all connected projects are being replaced"
            );
            Ok(json!({"projects": projects}))
        }
        Call { sweep: true, .. } => {
            ask_for_all(&app, None).await?;
            Ok(Value::Null)
        }
        Call { .. } => Err(
            "a call is a batch of the queue of sweeps, {\"sweep\": true} or {\"replace_webhook_secrets\": true}".into(),
        ),
    }
}

/// Asks for every connected project to be swept, and to have its webhook secret replaced where that is asked for. Gives how
/// many there are.
///
/// Dies here: some are asked for, and the clock calls again. What was asked for twice is swept once. An operator, who gets no
/// answer then, calls again, too.
async fn ask_for_all(app: &Sweep, replace_secret: Option<Timestamp>) -> Result<usize, lambda_runtime::Error> {
    let asked_at = Some(Timestamp::now());
    let projects = app.sweeper.table.connected_projects().await?;
    let requests: Vec<_> = projects
        .iter()
        .map(|project| {
            let request = Request {
                project: project.id,
                asked_at,
                replace_secret,
            };
            (project.company_id, request)
        })
        .collect();
    app.sweeps.send(&requests).await?;
    tracing::info!(projects = requests.len(), "to be swept");
    Ok(requests.len())
}

/// Tells SQS which messages are to come back. A message not named is done with.
async fn sweep_some(app: &Sweep, messages: Vec<Message>, ends: SystemTime) -> Value {
    let mut again = Vec::new();
    // Companies that are to be left alone, by the group of their messages.
    let mut resting: HashMap<String, Duration> = HashMap::new();
    for message in messages {
        let group = message.group().unwrap_or_default().to_owned();
        let time_is_left = ends.duration_since(SystemTime::now()).unwrap_or_default() > ENOUGH_FOR_ONE;
        let outcome = match resting.get(&group) {
            Some(wait) => Outcome::ComeBack(*wait),
            None if !time_is_left => Outcome::ComeBack(Duration::ZERO),
            None => sweep_one(app, &message).await,
        };
        let Outcome::ComeBack(wait) = outcome else { continue };
        if !group.is_empty() && !wait.is_zero() {
            resting.insert(group, wait);
        }
        // If this fails the message comes back when the queue's visibility time-out has run out: late, but not lost.
        if let Err(error) = app.sweeps.hand_back(&message.receipt_handle, wait).await {
            tracing::warn!(%error, "a message was not handed back");
        }
        again.push(message.message_id);
    }
    batch::come_again(again.iter().map(String::as_str))
}

async fn sweep_one(app: &Sweep, message: &Message) -> Outcome {
    let request: Request = match serde_json::from_str(&message.body) {
        Ok(request) => request,
        Err(error) => {
            let wait = app.dead_letters.dead_letter(message, &error).await;
            return wait.map_or(Outcome::Done, Outcome::ComeBack);
        }
    };
    let project = request.project;
    let procore = &app.sweeper.procore;
    let (calls, unreadable) = (procore.calls(), procore.unreadable_entries());
    let mut tally = Tally::default();
    let outcome = app.sweeper.sweep(&request, &mut tally).await;
    let (calls, unreadable) = (procore.calls() - calls, procore.unreadable_entries() - unreadable);
    // A sweep that had to wait at once has looked at nothing, and called all the same.
    if !tally.is_empty() || calls > 0 || outcome.is_err() {
        tally.tell(&app.metrics, project, calls, unreadable, outcome.is_err());
    }
    match outcome {
        Ok(Outcome::ComeBack(wait)) if message.received() >= MAX_WAITS => {
            tracing::warn!(%project, seconds = wait.as_secs(), "left to the next sweep: Procore keeps asking to wait");
            Outcome::Done
        }
        Ok(Outcome::ComeBack(wait)) => {
            tracing::info!(%project, seconds = wait.as_secs(), "handed back");
            Outcome::ComeBack(wait)
        }
        Ok(Outcome::Done) => {
            if tally.is_empty() {
                tracing::info!(%project, "nothing to sweep: not connected, nothing sent by itself, or swept meanwhile");
            }
            Outcome::Done
        }
        Err(error) => {
            tracing::error!(%project, %error, "a sweep met a problem of our own");
            Outcome::ComeBack(chance::back_off(3))
        }
    }
}
