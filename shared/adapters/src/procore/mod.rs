//! Procore's REST API and sign-in.
//!
//! Every call says on whose authority it is made: a signed-in person's, or our app's own service account, which acts in
//! the companies that installed the app, or a person's whose plans are kept up to date in the background. Tokens go to Procore's own hosts and nowhere else. Redirects are followed for
//! files only, by code of ours.

mod answers;
#[cfg(test)]
pub(crate) mod at_sandbox;
mod checkpoint;
mod daily_logs;
mod endpoint;
mod entry_files;
mod files;
mod hosts;
mod lenient;
mod oauth;
mod paces;
mod paging;
mod people;
mod places;
pub mod plans;
mod recent;
mod rfis;
mod shapes;
#[cfg(test)]
mod walk;
mod webhooks;

use std::{
    sync::{
        OnceLock,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
    time::Duration,
};

use gusset_domain::{
    delivery::Search,
    ids::{CompanyId, ItemId},
    pacing::{self, Limits, Share, Turns},
    sweep::Listed,
};
use gusset_words::say;
use jiff::Timestamp;
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode, header::HeaderMap, redirect::Policy};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use tokio::sync::Mutex;
use url::Url;

pub use answers::ListingCache;
pub use checkpoint::Checkpoint;
pub use files::{Fetched, FileError};
pub use oauth::{OauthError, Tokens};
pub use people::{Company, Listing, Me, Visible};
pub use webhooks::{Hook, Offer, Watch};

use self::{
    answers::Page,
    endpoint::Endpoint,
    paces::Paces,
    paging::{MAX_PAGES, Next},
};
use crate::settings::{self, ConfigError};
use hosts::Hosts;

/// Why a call to Procore gave no result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProcoreError {
    /// 401, and Procore does not know the token any more: it expired or was revoked.
    #[error("Procore does not accept the token")]
    Unauthorized,
    /// Procore refuses Gusset's own app: its client id or secret is wrong, or the app may not do what it does. That is for
    /// whoever operates Gusset to mend, and ends nobody's access.
    #[error("Procore refuses Gusset's app: {0}")]
    App(String),
    /// 403: a permission is missing, the tool is switched off, or the app is not installed.
    #[error("Procore forbids it: {0}")]
    Forbidden(String),
    /// 404: it is not there, or may not be seen.
    #[error("Procore knows no such thing")]
    NotFound,
    /// 409 or 422: the request is refused as it is.
    #[error("Procore refuses it: {0}")]
    Invalid(String),
    /// 429, or the company's limit is known to be used up: nothing was done, and Procore is to be left alone for so long.
    #[error("Procore asks to wait for {} s", .0.as_secs())]
    Wait(Duration),
    /// 503: Procore is away, and asks to be left alone for so long. What was asked for may have happened or not: it may be
    /// something on the way that answers for Procore.
    #[error("Procore is not available for {} s", .0.as_secs())]
    Unavailable(Duration),
    /// No answer came. What was asked for may have happened or not.
    #[error("no answer from Procore: {0}")]
    Unknown(String),
    /// Any other status, or an answer that is not as documented. What was asked for may have happened or not.
    #[error("an unexpected answer from Procore ({status}): {said}")]
    Unexpected {
        /// The HTTP status.
        status: u16,
        /// What it said, shortened.
        said: String,
    },
    /// A list changed while it was read, so that what was not found may be in it all the same. It has to be read anew.
    #[error("the list changed while it was read")]
    ListChanged,
}

impl ProcoreError {
    /// What happened, in words for people who wait for an item. What an operator needs to know beside that is in the log.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Wait(_) => say!("reason-wait").to_owned(),
            Self::Unavailable(_) | Self::Unknown(_) => say!("reason-no-answer").to_owned(),
            Self::Unexpected { status, said } => say!("reason-procore-problem", status = status, said = said),
            Self::ListChanged => say!("reason-list-changed").to_owned(),
            Self::Unauthorized | Self::App(_) | Self::Forbidden(_) | Self::NotFound | Self::Invalid(_) => {
                self.to_string()
            }
        }
    }

    /// Whether Procore says no, and will say so again: nothing passes by itself.
    #[must_use]
    pub fn is_a_refusal(&self) -> bool {
        matches!(self, Self::Forbidden(_) | Self::NotFound | Self::Invalid(_))
    }

    /// Whether a create request that ended so may have created something.
    #[must_use]
    pub fn may_have_happened(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Unknown(_) | Self::Unexpected { .. })
    }
}

/// An access token: of no use to anybody but Procore, and never written to a log.
#[derive(Clone)]
pub struct AccessToken(String);

impl AccessToken {
    pub(crate) fn new(token: String) -> Self {
        Self(token)
    }
}

/// On whose authority a call is made.
#[derive(Clone, Copy)]
pub enum Authority<'a> {
    /// A signed-in person's: Procore applies that person's permissions.
    Person(&'a AccessToken),
    /// Our app's service account, in a company that installed the app.
    ServiceAccount,
    /// The same, for an item or a sweep that may take many calls: those beyond its first few leave half of each of a company's
    /// windows to others.
    Work(Work<'a>),
    /// A person's, for work that nobody waits for. It leaves a fifth of a company's calls to the service account's.
    Background(&'a AccessToken),
    /// A person's, with this share of each window, for what a page shows besides what it was opened for.
    Glance(&'a AccessToken, Share),
    /// As [`Self::Background`], for a listing that goes on where it stopped: what it was answered before is not asked again.
    Listing(&'a AccessToken, &'a ListingCache),
}

/// What is done for one item, or by one sweep of a project, however many calls it takes.
#[derive(Clone, Copy)]
pub struct Work<'a> {
    /// Its calls so far.
    pub calls: &'a Calls,
    /// What a listing of it was answered before: that is not asked again.
    pub answers: Option<&'a ListingCache>,
}

/// The calls of one item, or of one sweep of a project.
#[derive(Debug, Default)]
pub struct Calls(AtomicU32);

impl Calls {
    /// The calls of what has made many already, at an earlier visit.
    #[must_use]
    pub fn of_a_large_one() -> Self {
        Self(AtomicU32::new(u32::MAX / 2))
    }

    /// Counts the next call. Returns how much of the window it may use.
    fn next(&self) -> Share {
        Share::after(self.0.fetch_add(1, Ordering::Relaxed))
    }
}

impl<'a> Authority<'a> {
    fn answers(self) -> Option<&'a ListingCache> {
        match self {
            Self::Listing(_, answers) => Some(answers),
            Self::Work(work) => work.answers,
            Self::Person(_) | Self::ServiceAccount | Self::Background(_) | Self::Glance(..) => None,
        }
    }

    /// A person's token. None, where the service account's is used.
    fn token(self) -> Option<&'a AccessToken> {
        match self {
            Self::Person(token) | Self::Background(token) | Self::Listing(token, _) | Self::Glance(token, _) => {
                Some(token)
            }
            Self::ServiceAccount | Self::Work(_) => None,
        }
    }
}

struct ServiceToken {
    token: AccessToken,
    good_until: Timestamp,
}

/// The client of Procore.
pub struct Procore {
    http: Client,
    api: Url,
    login: Url,
    client_id: String,
    client_secret: String,
    timeout: Duration,
    /// The service account's token, kept while it is good: one more call an hour and a half, not one a copy.
    service_token: Mutex<Option<ServiceToken>>,
    paces: Paces,
    hosts: Hosts,
    /// The client for hosts that only an answer names, made when the first one does.
    strangers: OnceLock<Client>,
    calls: AtomicU64,
    unreadable: AtomicU64,
}

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const USER_AGENT: &str = "Gusset";

/// The header that names the company which a call concerns.
const COMPANY_HEADER: &str = "Procore-Company-Id";

/// What a 401 means where the token is good: Procore's own words in the 403 that it answers elsewhere.
const NOT_CONNECTED: &str = "App is not connected to this company";

/// What of an error's text is kept: enough to understand it, too little to fill a log.
const LONGEST_SAID: usize = 300;

impl Procore {
    /// Reads the addresses and the app's id from the environment.
    ///
    /// # Errors
    /// [`ConfigError`], when one is missing or wrong.
    pub fn from_environment(client_secret: String) -> Result<Self, ConfigError> {
        let timeout = settings::seconds("PROCORE_TIMEOUT_SECONDS")?;
        let http = Client::builder()
            .redirect(Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(timeout)
            .user_agent(USER_AGENT)
            .build()
            .map_err(|error| ConfigError::of_tls(&error))?;
        let (api, login) = (
            settings::secure_address("PROCORE_API_URL")?,
            settings::secure_address("PROCORE_LOGIN_URL")?,
        );
        let private = settings::optional("PROCORE_STORAGE_HOSTS").unwrap_or_default();
        Ok(Self {
            http,
            hosts: Hosts::new(&api, &login, settings::domains("PROCORE_HOSTS")?, &private),
            strangers: OnceLock::new(),
            api,
            login,
            client_id: settings::required("PROCORE_CLIENT_ID")?,
            client_secret,
            timeout,
            service_token: Mutex::new(None),
            paces: Paces::default(),
            calls: AtomicU64::new(0),
            unreadable: AtomicU64::new(0),
        })
    }

    /// Our app's client id, which Procore names as the author of what we do.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// Calls made to the REST API so far. Getting the service account's token is not one of them.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    /// Entries of lists that could not be read so far, and were left out of them.
    #[must_use]
    pub fn unreadable_entries(&self) -> u64 {
        self.unreadable.load(Ordering::Relaxed)
    }

    /// Reads the entries of a list. One that cannot be read is counted and left out, and the others stay.
    fn readable<T>(&self, path: &str, entries: &[Value], read: impl Fn(&Value) -> Option<T>) -> Vec<T> {
        let read: Vec<T> = entries.iter().filter_map(read).collect();
        let unreadable = entries.len() - read.len();
        if unreadable > 0 {
            self.unreadable
                .fetch_add(unreadable.try_into().unwrap_or(u64::MAX), Ordering::Relaxed);
            tracing::warn!(
                path,
                unreadable,
                entries = entries.len(),
                "entries of a list cannot be read and are left out"
            );
        }
        read
    }

    /// The longest that one call waits for its answer.
    #[must_use]
    pub fn timeout(&self) -> Duration {
        self.timeout
    }

    /// The turns with a company of those who come now, if its limit is known to be used up or, unless they had a turn before,
    /// others are known to wait for it. Asks nobody. Whoever takes one says so with [`Self::line_ends`].
    #[must_use]
    pub fn turns(&self, company: CompanyId, had_turn: bool) -> Option<Turns> {
        self.paces.turns(company, had_turn, Timestamp::now())
    }

    /// Half of the calls that are left in a company's window, where an answer to this process said how many are. Asks nobody.
    #[must_use]
    pub fn half_of_rest(&self, company: CompanyId) -> Option<u64> {
        self.paces.half_of_rest(company, Timestamp::now())
    }

    /// How long an item of a backfill has to wait for a company before it begins, if it has to; see
    /// [`Pace::rest_of_backfill`](gusset_domain::pacing::Pace::rest_of_backfill). Asks nobody.
    #[must_use]
    pub fn rest_of_backfill(&self, company: CompanyId) -> Option<Duration> {
        self.paces.rest_of_backfill(company, Timestamp::now())
    }

    /// Turns with a company are given until then.
    pub fn line_ends(&self, company: CompanyId, at: Timestamp) {
        self.paces.line_ends(company, at);
    }

    async fn get<T: DeserializeOwned>(
        &self,
        authority: Authority<'_>,
        endpoint: Endpoint<'_>,
        query: &[(&str, String)],
    ) -> Result<T, ProcoreError> {
        parsed(&self.page(authority, endpoint, query).await?)
    }

    /// All pages of a list. One call a page, each as long as the endpoint takes it.
    ///
    /// A list without end is an error: what is not listed would count as not there.
    async fn list<T: DeserializeOwned>(
        &self,
        authority: Authority<'_>,
        endpoint: Endpoint<'_>,
        query: &[(&str, String)],
    ) -> Result<Vec<T>, ProcoreError> {
        self.whole_list(authority, endpoint, query)
            .await
            .map(|list| list.entries)
    }

    /// The same, with what its pages say of it.
    async fn whole_list<T: DeserializeOwned>(
        &self,
        authority: Authority<'_>,
        endpoint: Endpoint<'_>,
        query: &[(&str, String)],
    ) -> Result<List<T>, ProcoreError> {
        let per_page = paging::per_page(endpoint.path());
        let mut list = List::default();
        let mut before: Option<Page> = None;
        for number in 1..=MAX_PAGES {
            let mut query = query.to_vec();
            query.push(("page", number.to_string()));
            query.push(("per_page", per_page.to_string()));
            let page = self.page(authority, endpoint, &query).await?;
            // An endpoint that does not know pages gives the same again.
            if before
                .as_ref()
                .is_some_and(|before| before.body == page.body && page.next == Next::Unsaid)
            {
                return Ok(list);
            }
            let entries = entries::<T>(endpoint.path(), &page)?;
            let is_full = entries.len() >= per_page;
            list.entries.extend(entries);
            list.changed |= before.is_some_and(|before| before.total != page.total);
            match page.next {
                Next::Yes => {}
                Next::Unsaid if is_full => {}
                Next::No | Next::Unsaid => {
                    // Fewer than Procore counts: some are missing, and it may be the very one that is looked for.
                    list.changed |= page.total.is_some_and(|total| total != list.entries.len());
                    return Ok(list);
                }
            }
            before = Some(page);
        }
        Err(without_end(endpoint.path()))
    }

    /// The same, of items and sweeps, with those of its entries that can be read.
    async fn readable_list<T>(
        &self,
        work: Work<'_>,
        company: CompanyId,
        path: &str,
        query: &[(&str, String)],
        read: impl Fn(&Value) -> Option<T>,
    ) -> Result<List<T>, ProcoreError> {
        let list: List<Value> = self
            .whole_list(Authority::Work(work), Endpoint::of(company, path), query)
            .await?;
        Ok(List {
            entries: self.readable(path, &list.entries, read),
            changed: list.changed,
        })
    }

    /// What Procore answers to a question: one call, unless a listing was answered it before.
    async fn page(
        &self,
        authority: Authority<'_>,
        endpoint: Endpoint<'_>,
        query: &[(&str, String)],
    ) -> Result<Page, ProcoreError> {
        let question = || answers::question(endpoint, query);
        if let Some(page) = authority.answers().and_then(|answers| answers.find(&question())) {
            return Ok(page);
        }
        let response = self.call(authority, Method::GET, endpoint, query, None::<&()>).await?;
        let number = |name: &str| {
            let said = query.iter().find(|(said, _)| *said == name);
            said.and_then(|(_, number)| number.parse().ok()).unwrap_or(1)
        };
        let next = paging::next(response.headers(), number("page"), number("per_page"));
        let total = paging::total(response.headers());
        let body = response
            .text()
            .await
            .map_err(|error| ProcoreError::Unknown(error.without_url().to_string()))?;
        let page = Page { body, next, total };
        if let Some(answers) = authority.answers() {
            answers.keep(question(), &page);
        }
        Ok(page)
    }

    async fn post<T: DeserializeOwned>(
        &self,
        authority: Authority<'_>,
        endpoint: Endpoint<'_>,
        body: &impl Serialize,
    ) -> Result<T, ProcoreError> {
        let response = self.call(authority, Method::POST, endpoint, &[], Some(body)).await?;
        json(response).await
    }

    /// One call, and after a 401 one more that asks whether the token is good still.
    ///
    /// A 401 from a company's endpoint may mean that the app is not installed there: only where Procore does not know the token
    /// any more is it [`ProcoreError::Unauthorized`], which ends a person's access. A service account's token that is not good
    /// any more is replaced, and the call made again.
    async fn call(
        &self,
        authority: Authority<'_>,
        method: Method,
        endpoint: Endpoint<'_>,
        query: &[(&str, String)],
        body: Option<&impl Serialize>,
    ) -> Result<Response, ProcoreError> {
        let build = |token: &AccessToken| {
            let request = self.request(method.clone(), endpoint, token).query(query);
            match body {
                Some(body) => request.json(body),
                None => request,
            }
        };
        self.authorized(authority, endpoint, build).await
    }

    /// A request to an endpoint, which counts as a call.
    fn request(&self, method: Method, endpoint: Endpoint<'_>, token: &AccessToken) -> RequestBuilder {
        self.calls.fetch_add(1, Ordering::Relaxed);
        let mut url = self.api.clone();
        url.set_path(&format!("{}{}", self.api.path().trim_end_matches('/'), endpoint.path()));
        let request = self.http.request(method, url).bearer_auth(&token.0);
        match endpoint.company() {
            Some(company) => request.header(COMPANY_HEADER, company.to_string()),
            None => request,
        }
    }

    /// Sends what `build` makes of a token, as [`Self::call`] says.
    async fn authorized(
        &self,
        authority: Authority<'_>,
        endpoint: Endpoint<'_>,
        build: impl Fn(&AccessToken) -> RequestBuilder,
    ) -> Result<Response, ProcoreError> {
        let company = endpoint.company();
        let share = match authority {
            Authority::Person(_) | Authority::ServiceAccount => Share::Whole,
            Authority::Background(_) | Authority::Listing(..) => Share::ButAFifth,
            Authority::Work(work) => work.calls.next(),
            Authority::Glance(_, share) => share,
        };
        let token = match authority.token() {
            Some(token) => token.clone(),
            None => self.service_token().await?,
        };
        let answer = match authority {
            Authority::Person(_) => send(build(&token)).await,
            _ => self.paced(company, share, || build(&token)).await,
        };
        if !matches!(answer, Err(ProcoreError::Unauthorized)) {
            return answer;
        }
        if company.is_some() && self.is_good(&token).await? {
            return Err(ProcoreError::Forbidden(NOT_CONNECTED.to_owned()));
        }
        if authority.token().is_some() {
            return Err(ProcoreError::Unauthorized);
        }
        self.forget_service_token().await;
        let token = self.service_token().await?;
        match self.paced(company, share, || build(&token)).await {
            // It is a minute old at most.
            Err(ProcoreError::Unauthorized) => Err(ProcoreError::Forbidden(NOT_CONNECTED.to_owned())),
            other => other,
        }
    }

    /// Whether Procore knows a token still, which it does not where the person has revoked it. One call, which counts to no limit.
    ///
    /// # Errors
    /// [`ProcoreError`], where Procore does not say: the token must not count as revoked then.
    async fn is_good(&self, token: &AccessToken) -> Result<bool, ProcoreError> {
        match self.is_accepted(token).await {
            Ok(()) => Ok(true),
            Err(ProcoreError::Unauthorized) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Sends what is asked of a company, unless its limit is known to be used up, and learns from the answer.
    async fn paced(
        &self,
        company: Option<CompanyId>,
        share: Share,
        build: impl Fn() -> RequestBuilder,
    ) -> Result<Response, ProcoreError> {
        let Some(company) = company else {
            return send(build()).await;
        };
        let now = Timestamp::now();
        let rest = self.paces.rest_of(company, share, now);
        if let Some(rest) = rest {
            return Err(ProcoreError::Wait(rest));
        }
        let response = answer(build()).await?;
        self.paces.heard(company, limits(response.headers()), Timestamp::now());
        let checked = checked(response).await;
        if let Err(ProcoreError::Wait(wait) | ProcoreError::Unavailable(wait)) = &checked {
            self.paces.close(company, *wait, Timestamp::now());
        }
        checked
    }
}

/// A list, as its pages have it.
pub struct List<T> {
    /// Its entries that could be read.
    pub entries: Vec<T>,
    /// Whether it became longer or shorter while it was read, or is not as long as Procore says: an entry may have moved from a
    /// page that was still to come to one that was read already, or is not shown. What is not among the entries may be in
    /// Procore all the same.
    pub changed: bool,
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
            changed: false,
        }
    }
}

impl List<Listed> {
    /// What a search finds among the entries. That there is nothing is known only where the list stayed as it was.
    fn searched(&self, search: &mut Search<'_>) -> Result<Option<ItemId>, ProcoreError> {
        match search.look_at(&self.entries) {
            None if self.changed => Err(ProcoreError::ListChanged),
            found => Ok(found),
        }
    }
}

/// A list that goes on beyond what anybody has.
fn without_end(path: &str) -> ProcoreError {
    ProcoreError::Unexpected {
        status: StatusCode::OK.as_u16(),
        said: format!("the list {path} goes on after {MAX_PAGES} pages"),
    }
}

async fn send(request: RequestBuilder) -> Result<Response, ProcoreError> {
    checked(answer(request).await?).await
}

/// The answer, whatever its status.
async fn answer(request: RequestBuilder) -> Result<Response, ProcoreError> {
    // The error's own text would name the address with its query, which may hold what people wrote.
    let unheard = |error: reqwest::Error| ProcoreError::Unknown(error.without_url().to_string());
    request.send().await.map_err(unheard)
}

fn header_text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn limits(headers: &HeaderMap) -> Limits {
    let number = |name| header_text(headers, name).and_then(|value| value.trim().parse().ok());
    Limits {
        limit: number("x-rate-limit-limit"),
        remaining: number("x-rate-limit-remaining"),
        reset: header_text(headers, "x-rate-limit-reset").and_then(|text| pacing::reset_at(text, Timestamp::now())),
    }
}

/// How long a `429` or `503` asks to be left alone.
fn asked_to_wait(headers: &HeaderMap) -> Duration {
    pacing::asked_to_wait(
        header_text(headers, "retry-after"),
        header_text(headers, "x-rate-limit-reset"),
        Timestamp::now(),
    )
}

/// The answer where it is a success, else what it means.
async fn checked(response: Response) -> Result<Response, ProcoreError> {
    let status = response.status();
    if status.is_success() {
        return Ok(response);
    }
    let wait = asked_to_wait(response.headers());
    let of_webhooks = response.url().path().contains("/webhooks/");
    let body = response.text().await.unwrap_or_default();
    if of_webhooks
        && status == StatusCode::INTERNAL_SERVER_ERROR
        && let Some(refusal) = webhooks::refusal(&body)
    {
        return Err(refusal);
    }
    let said = said(&body);
    Err(match status {
        StatusCode::UNAUTHORIZED => ProcoreError::Unauthorized,
        StatusCode::FORBIDDEN => ProcoreError::Forbidden(said),
        StatusCode::NOT_FOUND => ProcoreError::NotFound,
        StatusCode::BAD_REQUEST | StatusCode::CONFLICT | StatusCode::UNPROCESSABLE_ENTITY => {
            ProcoreError::Invalid(said)
        }
        StatusCode::TOO_MANY_REQUESTS => ProcoreError::Wait(wait),
        StatusCode::SERVICE_UNAVAILABLE => ProcoreError::Unavailable(wait),
        other => ProcoreError::Unexpected {
            status: other.as_u16(),
            said,
        },
    })
}

async fn json<T: DeserializeOwned>(response: Response) -> Result<T, ProcoreError> {
    let status = response.status().as_u16();
    let body = response
        .bytes()
        .await
        .map_err(|error| ProcoreError::Unknown(error.without_url().to_string()))?;
    serde_json::from_slice(&body).map_err(|error| ProcoreError::Unexpected {
        status,
        said: error.to_string(),
    })
}

/// A page as a value of a type.
fn parsed<T: DeserializeOwned>(page: &Page) -> Result<T, ProcoreError> {
    serde_json::from_str(&page.body).map_err(|error| ProcoreError::Unexpected {
        status: StatusCode::OK.as_u16(),
        said: error.to_string(),
    })
}

/// The entries of a list's page. From v2.0 on they are wrapped in `data`.
fn entries<T: DeserializeOwned>(path: &str, page: &Page) -> Result<Vec<T>, ProcoreError> {
    #[derive(serde::Deserialize)]
    struct Wrapped<T> {
        data: Vec<T>,
    }
    if path.starts_with("/rest/v2.") {
        parsed::<Wrapped<T>>(page).map(|wrapped| wrapped.data)
    } else {
        parsed(page)
    }
}

/// What an error's body says, for people: Procore's `errors` or `error_description`, or whatever there is, shortened.
fn said(body: &str) -> String {
    let parsed: Option<Value> = serde_json::from_str(body).ok();
    let field = |name| parsed.as_ref().and_then(|value| value.get(name)).map(flat);
    let text = field("errors")
        .or_else(|| field("error_description"))
        .or_else(|| field("error"))
        .or_else(|| field("message"));
    let text = text.unwrap_or_else(|| gusset_domain::text::html_to_plain(body));
    let text = gusset_domain::text::one_line(&text, LONGEST_SAID);
    text.trim_end_matches('.').to_owned()
}

/// An `errors` value in one line: `{"subject": ["can't be blank"]}` is "subject can't be blank".
fn flat(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(flat).collect::<Vec<_>>().join(", "),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| format!("{name} {}", flat(value)))
            .collect::<Vec<_>>()
            .join("; "),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::said;

    #[test]
    fn what_procore_says_is_put_in_one_line() {
        assert_eq!(
            said(r#"{"errors":"App is not connected to this company."}"#),
            "App is not connected to this company"
        );
        assert_eq!(
            said(r#"{"errors":{"subject":["can't be blank"]}}"#),
            "subject can't be blank"
        );
        assert_eq!(said("<html><body>Bad   gateway</body></html>"), "Bad gateway");
    }
}
