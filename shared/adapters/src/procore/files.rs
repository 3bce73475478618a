//! Files: fetching an attachment from where Procore hands it out, and uploading it to another project.
//!
//! Both go through the function's ephemeral storage, so that memory stays flat whatever the size. Which addresses are
//! asked, and with the token or without, is in [`hosts`](super::hosts).

use std::{collections::BTreeMap, error::Error, future::Future, time::Duration};

use gusset_domain::{
    ids::{CompanyId, ProjectId},
    items::attachment::{self, FileName, FilledSegment, FilledUpload, SkipReason, UploadId},
};
use reqwest::{Body, Client, Method, RequestBuilder, Response, StatusCode, header, redirect::Policy};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::{Instant, timeout_at};
use url::Url;

use super::{
    Authority, COMPANY_HEADER, Procore, ProcoreError, asked_to_wait,
    endpoint::Endpoint,
    hosts::{NotPublic, PublicOnly},
    json,
};
use crate::spool::{Segment, Spooled, Spooling};

/// A file that was fetched.
pub struct Fetched {
    /// Its bytes.
    pub file: Spooled,
    /// What kind of file it is.
    pub content_type: String,
}

/// Why a file did not get across.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileError {
    /// For good.
    SkipReason(SkipReason),
    /// This time: its storage does not answer, or says that it cannot. What goes on like this is given up in the end.
    Passing(ProcoreError),
    /// It broke off on its way: perhaps it is not as long as it claims to be, and it will again.
    BrokeOff(ProcoreError),
    /// Procore refuses or puts off a call to its API. That has nothing to do with the file.
    Procore(ProcoreError),
}

impl From<SkipReason> for FileError {
    fn from(why: SkipReason) -> Self {
        Self::SkipReason(why)
    }
}

/// Redirects followed for one file.
const MAX_REDIRECTS: u32 = 5;

/// The longest that a file's next bytes are waited for.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// What Procore answers to the announcement of an upload.
#[derive(Deserialize)]
struct Announced {
    uuid: String,
    segments: Vec<Place>,
}

/// Where a segment goes, and with which headers.
#[derive(Deserialize)]
struct Place {
    url: Url,
    #[serde(default)]
    headers: BTreeMap<String, Value>,
}

impl Procore {
    /// Fetches a file of a company's, of at most `largest` bytes, until `until`.
    ///
    /// # Errors
    /// [`FileError`]. A person's token that Procore does not accept is [`ProcoreError::Unauthorized`]: that is not the file's
    /// fault.
    pub async fn fetch(
        &self,
        authority: Authority<'_>,
        company: CompanyId,
        address: &str,
        largest: u64,
        until: Instant,
    ) -> Result<Fetched, FileError> {
        let response = self.open(authority, company, address, until).await?;
        let said = response.headers().get(header::CONTENT_TYPE);
        let content_type = attachment::content_type(said.and_then(|said| said.to_str().ok()));
        // What it says of its length may be a lie. It is believed where it spares the trouble, and is counted below.
        if response.content_length().is_some_and(|length| length > largest) {
            return Err(SkipReason::TooLarge { largest }.into());
        }
        let file = spool(response, largest, self.timeout.min(LONGEST_PAUSE), until).await?;
        Ok(Fetched { file, content_type })
    }

    /// Asks for a file, and follows where its address leads.
    async fn open(
        &self,
        authority: Authority<'_>,
        company: CompanyId,
        address: &str,
        until: Instant,
    ) -> Result<Response, FileError> {
        let mut url = Url::parse(address).map_err(|_| SkipReason::UnsafeAddress)?;
        let (mut redirects, mut renewed) = (0, false);
        // The token is for the address that Procore gave. Where that leads, it is not sent along, be it to Procore itself.
        let mut trusted = self.hosts.is_procore(&url);
        loop {
            let mut request = self.client_for(&url)?.get(url.clone());
            if trusted {
                let token = match authority.token() {
                    Some(token) => token.clone(),
                    None => self.service_token().await.map_err(FileError::Procore)?,
                };
                request = request
                    .bearer_auth(&token.0)
                    .header(COMPANY_HEADER, company.to_string());
            }
            let response = answer(request, until, self.timeout).await?;
            let status = response.status();
            if status.is_success() {
                return Ok(response);
            }
            if let Some(next) = redirect(&response, &url) {
                if redirects == MAX_REDIRECTS {
                    return Err(SkipReason::TooManyRedirects.into());
                }
                redirects += 1;
                url = next;
                trusted = false;
                continue;
            }
            match authority.token() {
                None if status == StatusCode::UNAUTHORIZED && trusted && !renewed => {
                    self.forget_service_token().await;
                    renewed = true;
                }
                // A person's token is renewed by whoever keeps it. One that is good is refused for the company's sake.
                Some(token) if status == StatusCode::UNAUTHORIZED && trusted => {
                    if self.is_good(token).await.map_err(FileError::Procore)? {
                        return Err(SkipReason::Forbidden.into());
                    }
                    return Err(FileError::Procore(ProcoreError::Unauthorized));
                }
                _ => return Err(not_handed_out(&response, trusted)),
            }
        }
    }

    /// Brings a file's bytes into Procore's storage, for a project and under a name: one call to announce it, and one request a
    /// segment.
    ///
    /// # Errors
    /// [`FileError`]. What was uploaded by then belongs to nothing, and Procore lets go of it.
    pub async fn fill_upload(
        &self,
        authority: Authority<'_>,
        company: CompanyId,
        project: ProjectId,
        name: &FileName,
        fetched: &Fetched,
        until: Instant,
    ) -> Result<FilledUpload, FileError> {
        let segments = fetched.file.segments();
        let path = uploads(project);
        let shown = |segment: &Segment| json!({"size": segment.size, "sha256": segment.sha256});
        let body = json!({
            "response_filename": name,
            "response_content_type": fetched.content_type,
            "segments": segments.iter().map(shown).collect::<Vec<_>>(),
        });
        let announcing = self.post(authority, Endpoint::of(company, &path), &body);
        let announced: Announced = in_time(until, self.timeout * 2, announcing).await?.map_err(of_api)?;
        if announced.segments.len() != segments.len() {
            let said = "another number of segments than announced".to_owned();
            return Err(FileError::Passing(ProcoreError::Unexpected { status: 201, said }));
        }
        let mut filled = Vec::with_capacity(segments.len());
        for (segment, place) in segments.iter().zip(&announced.segments) {
            filled.push(FilledSegment {
                size: segment.size,
                sha256: segment.sha256.clone(),
                etag: self.put(&fetched.file, segment, place, until).await?,
            });
        }
        Ok(FilledUpload {
            id: UploadId::new(announced.uuid),
            segments: filled,
        })
    }

    /// Tells Procore that an upload is filled: one call. From then on an item may name it.
    ///
    /// # Errors
    /// [`FileError`]. After [`FileError::Procore`], completing it again completes it.
    pub async fn complete_upload(
        &self,
        authority: Authority<'_>,
        company: CompanyId,
        project: ProjectId,
        filled: &FilledUpload,
        until: Instant,
    ) -> Result<(), FileError> {
        let path = format!("{}/{}", uploads(project), filled.id.as_str());
        let body = json!({"segments": filled.segments});
        let completing = async {
            let response = self
                .call(authority, Method::PATCH, Endpoint::of(company, &path), &[], Some(&body))
                .await?;
            json::<Value>(response).await
        };
        in_time(until, self.timeout * 2, completing).await?.map_err(of_api)?;
        Ok(())
    }

    /// Puts one segment where Procore said, with the headers that it gave and no others: never the token, since the
    /// permission is in the address. Gives the `ETag`.
    async fn put(&self, file: &Spooled, segment: &Segment, place: &Place, until: Instant) -> Result<String, FileError> {
        let mut request = self.client_for(&place.url)?.put(place.url.clone());
        for (name, value) in &place.headers {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            request = request.header(name, value);
        }
        if !place
            .headers
            .keys()
            .any(|name| name.eq_ignore_ascii_case("content-length"))
        {
            request = request.header(header::CONTENT_LENGTH, segment.size);
        }
        let body = if segment.size == 0 {
            Body::from(Vec::new())
        } else {
            Body::wrap_stream(file.read(segment))
        };
        // The answer comes when all has been sent, which takes as long as it takes.
        let whole = until.saturating_duration_since(Instant::now());
        let response = answer(request.body(body), until, whole).await?;
        let etag = response.headers().get(header::ETAG).and_then(|etag| etag.to_str().ok());
        match etag.filter(|_| response.status().is_success()) {
            Some(etag) => Ok(etag.to_owned()),
            None => Err(FileError::Passing(busy(&response).unwrap_or_else(|| {
                ProcoreError::Unexpected {
                    status: response.status().as_u16(),
                    said: "the storage did not take the file".to_owned(),
                }
            }))),
        }
    }

    /// The client for an address, if anything may be asked of it at all. Only the hosts that the deployment names may
    /// turn out to be in a private network.
    fn client_for(&self, url: &Url) -> Result<&Client, FileError> {
        if !self.hosts.may_ask(url) || self.hosts.is_api(url) {
            return Err(SkipReason::UnsafeAddress.into());
        }
        if self.hosts.is_named(url) {
            return Ok(&self.http);
        }
        if self.strangers.get().is_none() {
            // No proxy: it would do the resolving, without looking at what comes out.
            let client = Client::builder()
                .redirect(Policy::none())
                .connect_timeout(super::CONNECT_TIMEOUT)
                .user_agent(super::USER_AGENT)
                .no_proxy()
                .dns_resolver(PublicOnly)
                .build()
                .map_err(|error| FileError::Procore(ProcoreError::Unknown(error.to_string())))?;
            // Somebody else may have been quicker, with the same.
            let _ = self.strangers.set(client);
        }
        self.strangers
            .get()
            .ok_or_else(|| FileError::Procore(ProcoreError::Unknown("no client".to_owned())))
    }
}

/// Where a project's uploads are announced.
fn uploads(project: ProjectId) -> String {
    format!("/rest/v1.1/projects/{project}/uploads")
}

/// Waits at most `longest`, and never beyond `until`.
pub(super) async fn in_time<T>(
    until: Instant,
    longest: Duration,
    work: impl Future<Output = T>,
) -> Result<T, FileError> {
    let limit = (Instant::now() + longest).min(until);
    timeout_at(limit, work).await.map_err(|_| {
        let what = if limit == until {
            "there was not enough time"
        } else {
            "nothing came any more"
        };
        FileError::Passing(ProcoreError::Unknown(what.to_owned()))
    })
}

/// The answer's head. The client's own limit for a whole call does not fit files.
async fn answer(request: RequestBuilder, until: Instant, longest: Duration) -> Result<Response, FileError> {
    // Ours runs out first, and says so in words.
    let whole = until.saturating_duration_since(Instant::now()) + Duration::from_secs(1);
    let sent = in_time(until, longest, request.timeout(whole).send()).await?;
    sent.map_err(cut)
}

async fn spool(mut response: Response, largest: u64, pause: Duration, until: Instant) -> Result<Spooled, FileError> {
    let storage = |error: std::io::Error| {
        FileError::Passing(ProcoreError::Unknown(format!(
            "it could not be kept meanwhile: {error}"
        )))
    };
    let mut spooling = Spooling::new().map_err(storage)?;
    let broke_off = |error| match cut(error) {
        FileError::Passing(error) => FileError::BrokeOff(error),
        other => other,
    };
    while let Some(bytes) = in_time(until, pause, response.chunk()).await?.map_err(broke_off)? {
        if spooling.size() + bytes.len() as u64 > largest {
            return Err(SkipReason::TooLarge { largest }.into());
        }
        spooling.write(&bytes).map_err(storage)?;
    }
    Ok(spooling.finish())
}

/// What a request came to that got no answer, or not all of it.
fn cut(error: reqwest::Error) -> FileError {
    let mut cause: Option<&(dyn Error + 'static)> = Some(&error);
    while let Some(error) = cause {
        if error.is::<NotPublic>() {
            return SkipReason::UnsafeAddress.into();
        }
        cause = error.source();
    }
    // The error's own text would name the address, which may hold a permission.
    FileError::Passing(ProcoreError::Unknown(error.without_url().to_string()))
}

/// Where an answer leads, if it leads anywhere.
fn redirect(response: &Response, from: &Url) -> Option<Url> {
    let leads = matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308);
    let location = response.headers().get(header::LOCATION).filter(|_| leads)?;
    from.join(location.to_str().ok()?).ok()
}

/// What to make of a file that is not handed out.
fn not_handed_out(response: &Response, trusted: bool) -> FileError {
    let status = response.status();
    match status {
        StatusCode::NOT_FOUND | StatusCode::GONE => SkipReason::Gone.into(),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => SkipReason::Forbidden.into(),
        // Procore's own limit counts calls, and is no fault of the file's.
        StatusCode::TOO_MANY_REQUESTS if trusted => {
            FileError::Procore(ProcoreError::Wait(asked_to_wait(response.headers())))
        }
        _ if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
            FileError::Passing(busy(response).unwrap_or_else(|| ProcoreError::Unexpected {
                status: status.as_u16(),
                said: "the file was not handed out".to_owned(),
            }))
        }
        _ => SkipReason::Unreadable {
            status: status.as_u16(),
        }
        .into(),
    }
}

fn busy(response: &Response) -> Option<ProcoreError> {
    let busy = [StatusCode::TOO_MANY_REQUESTS, StatusCode::SERVICE_UNAVAILABLE];
    busy.contains(&response.status())
        .then(|| ProcoreError::Wait(asked_to_wait(response.headers())))
}

/// What a call to the API about an upload came to.
pub(super) fn of_api(error: ProcoreError) -> FileError {
    match error {
        ProcoreError::Invalid(said) => SkipReason::Refused { said }.into(),
        ProcoreError::Unexpected { status: 400..500, said } => SkipReason::Refused { said }.into(),
        ProcoreError::Unknown(_) | ProcoreError::Unexpected { .. } | ProcoreError::ListChanged => {
            FileError::Passing(error)
        }
        ProcoreError::Wait(_)
        | ProcoreError::Unavailable(_)
        | ProcoreError::Unauthorized
        | ProcoreError::App(_)
        | ProcoreError::Forbidden(_)
        | ProcoreError::NotFound => FileError::Procore(error),
    }
}
