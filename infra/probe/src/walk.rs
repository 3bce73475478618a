//! The walk over an account. Every call but the one for a token is a `GET`.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use reqwest::{Client, RequestBuilder, redirect::Policy};
use serde_json::{Map, Value};

use crate::{
    arguments::Arguments,
    assumptions::{self as judge, Answer, Assumption, Verdict},
    shape::shape,
};

/// A call is tried this often where Procore asks to wait.
const TRIES: u32 = 5;
/// Nonsense in a header must not become an hour: an hour's limit is told to the operator instead.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// What a walk found.
#[derive(Debug, Default)]
pub struct Report {
    /// In the order of the walk.
    pub rows: Vec<(Assumption, Verdict)>,
    /// By assumption, without contents.
    pub shapes: Map<String, Value>,
}

impl Report {
    fn add(&mut self, name: &'static str, expected: &'static str, consequence: &'static str, verdict: Verdict) {
        self.rows.push((
            Assumption {
                name,
                expected,
                consequence,
            },
            verdict,
        ));
    }

    fn take(
        &mut self,
        (name, expected, consequence): (&'static str, &'static str, &'static str),
        answer: &Answer,
        rule: fn(&Answer) -> Verdict,
    ) {
        self.shapes.insert(name.to_owned(), shape(&answer.body));
        self.add(name, expected, consequence, rule(answer));
    }
}

/// Walks the account.
///
/// # Errors
/// One sentence, where there is no token or Procore cannot be reached: nothing can be said of the account then.
pub async fn walk(arguments: &Arguments, secret: &str) -> Result<Report, String> {
    let client = Client::builder()
        .redirect(Policy::none())
        .timeout(Duration::from_secs(60))
        .build()
        .map_err(|error| error.to_string())?;
    let login = arguments.login.as_str().trim_end_matches('/');
    let api = arguments.api.as_str().trim_end_matches('/');
    let mut report = Report::default();
    let token_for = |secret: &str| {
        client.post(format!("{login}/oauth/token")).form(&[
            ("grant_type", "client_credentials"),
            ("client_id", arguments.client_id.as_str()),
            ("client_secret", secret),
        ])
    };
    let wrong = send(token_for("not-the-secret")).await?;
    report.take(
        (
            "wrong secret",
            "400 or 401 invalid_client",
            "our own fault would end people's access",
        ),
        &wrong,
        judge::wrong_secret,
    );
    let signed_in = send(token_for(secret)).await?;
    let Some(token) = signed_in.body["access_token"].as_str() else {
        return Err(format!(
            "There is no token for this client: status {}.",
            signed_in.status
        ));
    };
    report.take(
        (
            "life of a token",
            "5400 seconds",
            "tokens are renewed at the wrong time",
        ),
        &signed_in,
        judge::token_life,
    );
    let (company, project) = (arguments.company, arguments.project);
    let bare = |path: &str| client.get(format!("{api}{path}")).bearer_auth(token);
    let get = |path: &str| bare(path).header("Procore-Company-Id", company.to_string());

    let info = send(client.get(format!("{login}/oauth/token/info")).bearer_auth(token)).await?;
    report.take(
        ("token info", "200", "a 401 cannot be told from an ended token"),
        &info,
        judge::answered,
    );
    let rfis = format!("/rest/v1.0/projects/{project}/rfis");
    let headless = send(bare(&rfis)).await?;
    report.take(
        (
            "header required",
            "an error without Procore-Company-Id",
            "none: we always send it",
        ),
        &headless,
        judge::refused,
    );
    if let Some(foreign) = arguments.foreign_company {
        let request = bare(&format!("/rest/v1.0/projects?company_id={foreign}"));
        let answer = send(request.header("Procore-Company-Id", foreign.to_string())).await?;
        report.take(
            ("company without the app", "401 or 403", "a removed app is not noticed"),
            &answer,
            judge::not_connected,
        );
    }
    let first = send(get(&format!("{rfis}?per_page=2000"))).await?;
    report.add(
        "limits",
        "three numeric headers",
        "we cannot wait for a limit",
        judge::limits(&first),
    );
    report.take(
        ("RFIs", "a list with Total", "a short list is believed"),
        &first,
        judge::list_with_total,
    );
    let base = format!("/rest/v1.0/projects/{project}");
    for (name, path) in [
        ("managers of RFIs", format!("{rfis}/potential_rfi_managers")),
        (
            "hours",
            format!("{base}/manpower_logs?start_date=2026-01-01&end_date=2026-03-31"),
        ),
        (
            "notes",
            format!("{base}/notes_logs?start_date=2026-01-01&end_date=2026-03-31"),
        ),
        ("drawings", format!("{base}/drawing_revisions")),
        ("bid packages", format!("{base}/bid_packages?view=all")),
        (
            "projects",
            format!("/rest/v1.1/projects?company_id={company}&per_page=300"),
        ),
    ] {
        let answer = send(get(&path)).await?;
        report.take((name, "a list", "they are not copied"), &answer, judge::list);
    }
    let hooks = format!("/rest/v2.0/companies/{company}/projects/{project}/webhooks");
    for (name, path) in [
        ("hooks", format!("{hooks}/hooks?namespace=gusset-probe&per_page=100")),
        (
            "resources of hooks",
            format!("{hooks}/resources?payload_version=v2.0&per_page=100"),
        ),
    ] {
        let answer = send(get(&path)).await?;
        report.take(
            (name, "a list in data", "changes are seen by the sweep alone"),
            &answer,
            judge::wrapped_list,
        );
    }
    Ok(report)
}

/// Sends, and waits where Procore asks to.
async fn send(request: RequestBuilder) -> Result<Answer, String> {
    for _ in 0..TRIES {
        let again = request.try_clone().ok_or("A request cannot be repeated.")?;
        let response = again.send().await.map_err(|error| error.without_url().to_string())?;
        let status = response.status().as_u16();
        let named = |(name, value): (&reqwest::header::HeaderName, &reqwest::header::HeaderValue)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.as_str().to_owned(), value)
        };
        let headers = response.headers().iter().map(named).collect();
        let text = response.text().await.map_err(|error| error.without_url().to_string())?;
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        let answer = Answer { status, headers, body };
        if !matches!(status, 429 | 503) {
            return Ok(answer);
        }
        tokio::time::sleep(wait(&answer)).await;
    }
    Err("Procore asks to wait for longer than this command does: try again later.".to_owned())
}

fn wait(answer: &Answer) -> Duration {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs();
    let number = |name: &str| answer.header(name).and_then(|text| text.parse::<u64>().ok());
    let reset = number("x-rate-limit-reset").map(|reset| reset.saturating_sub(now) + 1);
    let seconds = reset.or_else(|| number("retry-after")).unwrap_or(10);
    Duration::from_secs(seconds).clamp(Duration::from_secs(1), LONGEST_WAIT)
}
