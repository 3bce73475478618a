//! What is asked of Procore and of AWS between two moments.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use gusset_tests::{Call, Request, Stand};

/// How long nothing has to be asked of AWS until a window's work is taken for done.
const STILL: Duration = Duration::from_secs(2);

/// How long a window may make no progress. A bench that gets stuck fails.
const PATIENCE: Duration = Duration::from_secs(120);

/// An open window.
pub(crate) struct Window {
    stand: Stand,
    requests_from: u64,
    calls_to: u64,
    calls: Vec<Call>,
    /// How often it is looked whether copies have arrived.
    each: Duration,
}

/// What was seen in it.
pub(crate) struct Seen {
    /// How many items were copied.
    pub(crate) items: usize,
    calls: Vec<Call>,
    requests: Vec<Request>,
}

impl Window {
    /// Opens one now.
    pub(crate) async fn open(stand: &Stand) -> Self {
        Self {
            stand: stand.clone(),
            requests_from: stand.requests(u64::MAX, &[]).await.1,
            calls_to: stand.calls(u64::MAX).await.1,
            calls: Vec::new(),
            each: Duration::from_millis(100),
        }
    }

    /// Looks less often whether copies have arrived: looking takes some of the machine, too.
    pub(crate) fn looking_each(self, each: Duration) -> Self {
        Self { each, ..self }
    }

    /// Waits until so many items have been created by Gusset in a project.
    pub(crate) async fn copies(&mut self, project: u64, count: usize) {
        let (mut progress, mut before) = (Instant::now(), 0);
        loop {
            let (new, last) = self.stand.calls(self.calls_to).await;
            self.calls_to = last;
            self.calls.extend(new);
            let now = self.calls.iter().filter(|call| is_copy(call, project)).count();
            if now >= count {
                return;
            }
            if now > before {
                (progress, before) = (Instant::now(), now);
            }
            assert!(progress.elapsed() < PATIENCE, "{now} of {count} items have arrived");
            tokio::time::sleep(self.each).await;
        }
    }

    /// Closes it when nothing is asked any more: mails, too, are sent by then.
    pub(crate) async fn close(mut self, items: usize) -> Seen {
        self.until_still().await;
        self.calls.extend(self.stand.calls(self.calls_to).await.0);
        Seen {
            items,
            calls: self.calls,
            requests: self.stand.requests(self.requests_from, &[]).await.0,
        }
    }
}

fn is_copy(call: &Call, project: u64) -> bool {
    let of_project = format!("/projects/{project}/");
    let creates = ["/rfis", "/manpower_logs", "/notes_logs"].map(|kind| call.path.ends_with(kind));
    call.method == "POST" && call.status == 201 && call.path.contains(&of_project) && creates.contains(&true)
}

impl Window {
    /// Until nothing is asked any more.
    pub(crate) async fn until_still(&self) {
        let (mut still_since, mut before) = (Instant::now(), 0);
        while still_since.elapsed() < STILL {
            let (_, last) = self.stand.requests(u64::MAX, &[]).await;
            if last > before {
                (still_since, before) = (Instant::now(), last);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

impl Seen {
    /// Calls to Procore about the items themselves, without their attachments.
    pub(crate) fn of_items(&self) -> usize {
        let rest = |call: &&Call| call.path.starts_with("/rest/") && !call.path.contains("/uploads");
        self.calls.iter().filter(rest).count()
    }

    /// Calls to Procore for tokens: one a process, while it is good.
    pub(crate) fn of_tokens(&self) -> usize {
        self.calls.iter().filter(|call| call.path == "/oauth/token").count()
    }

    /// Calls that Procore refused because there were too many.
    pub(crate) fn refused(&self) -> usize {
        self.calls.iter().filter(|call| call.status == 429).count()
    }

    /// Requests with which workers handed messages back.
    pub(crate) fn handed_back(&self) -> usize {
        let asked = self.asked(&["CopyItem"], "sqs");
        let of = |((_, operation), counted): (&(String, String), &usize)| {
            operation.starts_with("ChangeMessageVisibility").then_some(*counted)
        };
        asked.iter().filter_map(of).sum()
    }

    /// The calls that uploaded attachments, and how many of them put a segment.
    pub(crate) fn uploads(&self) -> (usize, usize) {
        let puts = self
            .calls
            .iter()
            .filter(|call| call.path.starts_with("/segments/"))
            .count();
        let others = self
            .calls
            .iter()
            .filter(|call| call.path.contains("/uploads") && call.method != "GET");
        (others.count() + puts, puts)
    }

    /// The calls that downloaded attachments.
    pub(crate) fn downloads(&self) -> usize {
        let of_files = |call: &&Call| call.path.starts_with("/files/") || call.path.starts_with("/storage/");
        self.calls.iter().filter(of_files).count()
    }

    /// What some functions asked of a service, by function and operation.
    pub(crate) fn asked(&self, functions: &[&str], service: &str) -> BTreeMap<(String, String), usize> {
        self.counted(|request| functions.contains(&request.function.as_str()) && request.service == service)
    }

    /// Whatever was asked besides.
    pub(crate) fn others(&self) -> BTreeMap<(String, String), usize> {
        self.counted(|request| match request.function.as_str() {
            "ForwardItem" => !["sqs", "dynamodb"].contains(&request.service.as_str()),
            "CopyItem" => request.service != "dynamodb",
            _ => true,
        })
    }

    fn counted(&self, which: impl Fn(&&Request) -> bool) -> BTreeMap<(String, String), usize> {
        let mut counted = BTreeMap::new();
        for request in self.requests.iter().filter(which) {
            let name = (request.function.clone(), request.operation.clone());
            *counted.entry(name).or_insert(0) += 1;
        }
        counted
    }
}
