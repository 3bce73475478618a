//! The account that is probed: every call goes out here, waits where Procore asks for it, and is held against the contract.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use gusset_domain::pacing;
use jiff::Timestamp;
use reqwest::{Client, Method, RequestBuilder, multipart::Form, redirect::Policy};
use sandbox::contract::Contract;
use serde_json::Value;

use crate::{
    arguments::Arguments,
    report::{Report, Row, Verdict},
    shape::shape,
};

/// A call is tried so often where Procore asks to wait.
const TRIES: u32 = 5;
/// An hour's limit is told to the operator instead.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
const TIMEOUT: Duration = Duration::from_secs(60);
/// What of an error is told, in characters.
const LONGEST_SAID: usize = 120;
/// Differences of one call that are told.
const MAX_TOLD: usize = 4;

/// An answer of Procore's.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// Null where the answer was no JSON.
    pub body: Value,
}

impl Answer {
    /// The value of a header, by its name in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(header, _)| header == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Whether it is a success.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// An id in the answer, as a number or as text.
    #[must_use]
    pub fn id(&self) -> Option<String> {
        id_of(&self.body).or_else(|| id_of(&self.body["data"]))
    }

    /// The entries of a list, be they wrapped in `data` or not.
    #[must_use]
    pub fn entries(&self) -> &[Value] {
        let list = self.body.as_array().or_else(|| self.body["data"].as_array());
        list.map(Vec::as_slice).unwrap_or_default()
    }

    /// The status, and for a refusal what Procore says.
    #[must_use]
    pub fn in_words(&self) -> String {
        if self.is_success() || self.body.is_null() {
            return format!("status {}", self.status);
        }
        let said: String = self.body.to_string().chars().take(LONGEST_SAID).collect();
        format!("status {} {said}", self.status)
    }
}

/// The id of a thing, as a number or as text.
#[must_use]
pub fn id_of(thing: &Value) -> Option<String> {
    let id = &thing["id"];
    id.as_str()
        .map(str::to_owned)
        .or_else(|| id.as_u64().map(|id| id.to_string()))
}

/// On whose authority a call is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum As<'a> {
    /// The app's service account's, with the company.
    App,
    /// The same, without naming the company.
    AppWithoutCompany,
    /// The same, naming another company.
    AppIn(u64),
    /// A person's, with the company.
    Person(&'a str),
    /// Nobody's.
    Nobody,
}

/// What is sent with a call.
#[derive(Debug)]
pub enum Body {
    /// Nothing.
    None,
    /// JSON.
    Json(Value),
    /// A form.
    Form(Vec<(&'static str, String)>),
    /// One file in a form in parts, besides a field of text.
    File {
        /// The field's name and value.
        field: (&'static str, String),
        /// The file's name and contents.
        file: (&'static str, &'static [u8]),
    },
}

/// A client of the account.
pub struct Procore {
    http: Client,
    api: String,
    login: String,
    /// The company that has installed the app.
    pub company: u64,
    /// The project that is written into.
    pub project: u64,
    token: String,
    contract: Contract,
    called: BTreeSet<usize>,
    differences: BTreeMap<usize, BTreeSet<String>>,
    shapes: BTreeMap<String, Value>,
}

impl Procore {
    /// A client that has no token yet.
    ///
    /// # Errors
    /// One sentence, where this machine cannot call at all.
    pub fn new(arguments: &Arguments) -> Result<Self, String> {
        let http = Client::builder().redirect(Policy::none()).timeout(TIMEOUT).build();
        Ok(Self {
            http: http.map_err(|error| error.to_string())?,
            api: arguments.api.as_str().trim_end_matches('/').to_owned(),
            login: arguments.login.as_str().trim_end_matches('/').to_owned(),
            company: arguments.company,
            project: arguments.project,
            token: String::new(),
            contract: Contract::read().map_err(|error| error.to_string())?,
            called: BTreeSet::new(),
            differences: BTreeMap::new(),
            shapes: BTreeMap::new(),
        })
    }

    /// The service account's token, for all calls from now on.
    pub fn sign_in(&mut self, token: &str) {
        token.clone_into(&mut self.token);
    }

    /// Where sign-in is.
    #[must_use]
    pub fn login(&self) -> &str {
        &self.login
    }

    /// A path in the project, `/rest/v1.0/projects/…/{rest}`.
    #[must_use]
    pub fn in_project(&self, rest: &str) -> String {
        format!("/rest/v1.0/projects/{}/{rest}", self.project)
    }

    /// A path of the project's webhooks.
    #[must_use]
    pub fn webhooks(&self, rest: &str) -> String {
        let (company, project) = (self.company, self.project);
        format!("/rest/v2.0/companies/{company}/projects/{project}/webhooks/{rest}")
    }

    /// Reads something.
    ///
    /// # Errors
    /// One sentence, where no answer comes.
    pub async fn get(&mut self, who: As<'_>, path: &str, query: &[(&str, &str)]) -> Result<Answer, String> {
        self.send(who, Method::GET, path, query, Body::None).await
    }

    /// Signs in, or out: a call to where tokens are had.
    ///
    /// # Errors
    /// One sentence, where no answer comes.
    pub async fn oauth(&mut self, path: &str, form: Vec<(&'static str, String)>) -> Result<Answer, String> {
        self.send(As::Nobody, Method::POST, path, &[], Body::Form(form)).await
    }

    /// Changes something in the project, and nowhere else.
    ///
    /// # Errors
    /// One sentence, where no answer comes, or the path leads out of the project.
    pub async fn write(&mut self, method: Method, path: &str, body: Body) -> Result<Answer, String> {
        let inside = [
            self.in_project(""),
            self.in_project("").replace("v1.0", "v1.1"),
            self.webhooks(""),
        ];
        if !inside.iter().any(|inside| path.starts_with(inside)) {
            return Err(format!("{path} is not in the project: nothing was changed."));
        }
        self.send(As::App, method, path, &[], body).await
    }

    /// Fills a segment of an upload, at the address that Procore gave for it, with its headers and without a token.
    ///
    /// # Errors
    /// One sentence, where no answer comes.
    pub async fn fill(&self, url: &str, headers: &Value, content: &'static [u8]) -> Result<Answer, String> {
        let mut request = self.http.put(url).body(content);
        for (name, value) in headers.as_object().into_iter().flatten() {
            request = request.header(name, value.as_str().unwrap_or_default());
        }
        answer(request).await
    }

    async fn send(
        &mut self,
        who: As<'_>,
        method: Method,
        path: &str,
        query: &[(&str, &str)],
        body: Body,
    ) -> Result<Answer, String> {
        let base = if path.starts_with("/oauth/") {
            &self.login
        } else {
            &self.api
        };
        let url = format!("{base}{path}");
        let mut tries = 0;
        let answer = loop {
            tries += 1;
            let request = self.request(who, method.clone(), &url, &body)?.query(query);
            let answer = answer(request).await?;
            if !matches!(answer.status, 429 | 503) {
                break answer;
            }
            if tries == TRIES {
                return Err("Procore asks to wait for longer than this command does: try again later.".to_owned());
            }
            tokio::time::sleep(wait(&answer)).await;
        };
        self.hold(&method, path, &answer);
        Ok(answer)
    }

    fn request(&self, who: As<'_>, method: Method, url: &str, body: &Body) -> Result<RequestBuilder, String> {
        let request = self.http.request(method, url);
        let of_company =
            |request: RequestBuilder, company: u64| request.header("Procore-Company-Id", company.to_string());
        let request = match who {
            As::App => of_company(request.bearer_auth(&self.token), self.company),
            As::AppWithoutCompany => request.bearer_auth(&self.token),
            As::AppIn(company) => of_company(request.bearer_auth(&self.token), company),
            As::Person(token) => of_company(request.bearer_auth(token), self.company),
            As::Nobody => request,
        };
        Ok(match body {
            Body::None => request,
            Body::Json(value) => request.json(value),
            Body::Form(fields) => request.form(fields),
            Body::File {
                field: (name, value),
                file: (file, content),
            } => {
                let part = reqwest::multipart::Part::bytes(*content).file_name(*file);
                let part = part.mime_str("text/plain").map_err(|error| error.to_string())?;
                request.multipart(Form::new().text(*name, value.clone()).part("attachments[]", part))
            }
        })
    }

    /// Holds an answer against the contract, and keeps its shape.
    fn hold(&mut self, method: &Method, path: &str, answer: &Answer) {
        let Some(number) = self.contract.find(method.as_str(), path) else {
            return;
        };
        let endpoint = &self.contract.endpoints()[number];
        if !answer.body.is_null() {
            let call = format!("{} {}", endpoint.call(), answer.status);
            self.shapes.insert(call, shape(&answer.body));
        }
        if !answer.is_success() {
            return;
        }
        self.called.insert(number);
        let body = (!answer.body.is_null()).then_some(&answer.body);
        let differences = endpoint.of_answer(answer.status, body);
        // What an answer has beyond its description harms nothing. It is in the shapes.
        let told = differences.into_iter().filter(|difference| !difference.is_more());
        let told = told.map(|difference| difference.without_contents().to_string());
        self.differences.entry(number).or_default().extend(told);
    }

    /// Ends the walk: each call that is described becomes a line.
    pub fn end(self, report: &mut Report) {
        for (number, endpoint) in self.contract.endpoints().iter().enumerate() {
            // A page for people, and what is asked to remove hooks of an earlier Gusset.
            if endpoint.call().ends_with("/oauth/authorize") || endpoint.call().contains("/v1.0/webhooks/") {
                continue;
            }
            let differences = self
                .differences
                .get(&number)
                .filter(|differences| !differences.is_empty());
            let verdict = match differences {
                _ if !self.called.contains(&number) => Verdict::Untried("it was not answered".to_owned()),
                None => Verdict::Holds,
                Some(differences) => {
                    let told: Vec<&str> = differences.iter().take(MAX_TOLD).map(String::as_str).collect();
                    Verdict::Differs(told.join("; "))
                }
            };
            report.rows.push(Row {
                assumption: endpoint.call(),
                expected: "as the contract describes it".to_owned(),
                verdict,
                consequence: format!(
                    "{}: what is read differently is left out, or the call fails",
                    endpoint.area()
                ),
            });
        }
        report.shapes = self.shapes;
    }
}

async fn answer(request: RequestBuilder) -> Result<Answer, String> {
    let unheard = |error: reqwest::Error| format!("Procore does not answer: {}.", error.without_url());
    let response = request.send().await.map_err(unheard)?;
    let status = response.status().as_u16();
    let headers = response.headers().iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        (name.as_str().to_owned(), value)
    });
    let headers = headers.collect();
    let text = response.text().await.map_err(unheard)?;
    let body = serde_json::from_str(&text).unwrap_or(Value::Null);
    Ok(Answer { status, headers, body })
}

/// How long Procore asks to be left alone, and no longer than anybody waits at a terminal.
fn wait(answer: &Answer) -> Duration {
    let (retry_after, reset) = (answer.header("retry-after"), answer.header("x-rate-limit-reset"));
    pacing::asked_to_wait(retry_after, reset, Timestamp::now()).min(LONGEST_WAIT)
}
