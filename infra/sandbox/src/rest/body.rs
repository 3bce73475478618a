//! Request bodies: JSON, forms and multipart forms alike. Files go to disk as they come.

use axum::extract::{FromRequest, Multipart, Request};
use axum::http::header;
use serde_json::{Map, Value};

use crate::app::App;
use crate::contract;
use crate::files::StoredFile;
use crate::params;
use crate::refusal::Refusal;
use crate::strict::{self, Described};

const JSON_LIMIT: usize = 16 * 1024 * 1024;

/// Parameters, and the files among them with the names of their fields.
pub(crate) struct Body {
    pub(crate) values: Value,
    files: Vec<(String, StoredFile)>,
}

impl Body {
    /// The object under `key`, in which Procore's bodies wrap a resource.
    pub(crate) fn wrapped(&self, key: &str) -> Result<&Value, Refusal> {
        let inner = self.values.get(key).filter(|value| value.is_object());
        inner.ok_or_else(|| Refusal::BadRequest(format!("param is missing or the value is empty: {key}")))
    }

    /// Adds a file, as if it had been sent as an attachment.
    pub(crate) fn attach(&mut self, file: StoredFile) {
        self.files.push(("attachments[]".to_owned(), file));
    }

    /// The files sent as `…attachments[]`.
    pub(crate) fn attachments(&mut self) -> Vec<StoredFile> {
        let is_attachment = |(name, _): &(String, StoredFile)| name.contains("attachments");
        self.files
            .extract_if(.., |file| is_attachment(file))
            .map(|(_, file)| file)
            .collect()
    }
}

impl FromRequest<App> for Body {
    type Rejection = Refusal;

    async fn from_request(request: Request, app: &App) -> Result<Self, Refusal> {
        let query = params::parse_urlencoded(request.uri().query().unwrap_or_default());
        let kind = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok());
        let kind = kind.unwrap_or_default().to_ascii_lowercase();
        let mut body = if kind.starts_with("multipart/form-data") {
            multipart(request, app).await?
        } else {
            let text = text(request).await?;
            // `curl -d` calls JSON a form as well.
            let is_form = kind.starts_with("application/x-www-form-urlencoded") && !text.starts_with('{');
            let values = if is_form {
                params::parse_urlencoded(&text)
            } else if text.trim().is_empty() {
                Value::Object(Map::new())
            } else {
                serde_json::from_str(&text).map_err(|error| bad(format!("the body is not JSON: {error}")))?
            };
            Self {
                values,
                files: Vec::new(),
            }
        };
        // As in Rails, what the body does not say may come in the query.
        if let (Some(values), Value::Object(query)) = (body.values.as_object_mut(), query) {
            for (name, value) in query {
                values.entry(name).or_insert(value);
            }
        } else {
            return Err(bad("the body has to be an object".to_owned()));
        }
        Ok(body)
    }
}

fn bad(reason: String) -> Refusal {
    Refusal::BadRequest(reason)
}

async fn text(request: Request) -> Result<String, Refusal> {
    let bytes = axum::body::to_bytes(request.into_body(), JSON_LIMIT).await;
    let bytes = bytes.map_err(|error| bad(format!("the body cannot be read: {error}")))?;
    String::from_utf8(bytes.into()).map_err(|_| bad("the body is not UTF-8".to_owned()))
}

async fn multipart(request: Request, app: &App) -> Result<Body, Refusal> {
    let broken = |error: axum::extract::multipart::MultipartError| bad(format!("the form cannot be read: {error}"));
    let described = request.extensions().get::<Described>().copied();
    let form = Multipart::from_request(request, app).await;
    let mut form = form.map_err(|error| bad(format!("the form cannot be read: {error}")))?;
    let mut values = Map::new();
    let mut files = Vec::new();
    let mut said = Map::new();
    while let Some(mut field) = form.next_field().await.map_err(broken)? {
        let name = field.name().unwrap_or_default().to_owned();
        let Some(filename) = field.file_name().map(str::to_owned) else {
            let text = Value::String(field.text().await.map_err(broken)?);
            params::insert(&mut said, &name, text.clone());
            params::insert(&mut values, &name, text);
            continue;
        };
        params::insert(&mut said, &name, contract::file());
        let content_type = field.content_type().unwrap_or_default().to_owned();
        let mut writer = app.store.create().await?;
        while let Some(chunk) = field.chunk().await.map_err(broken)? {
            writer.write(&chunk).await?;
        }
        // A browser sends an empty part for a file that was not chosen.
        if !(filename.is_empty() && writer.size() == 0) {
            files.push((
                name,
                StoredFile::new(&filename, &content_type, vec![writer.finish().await?]),
            ));
        }
    }
    strict::hold_form(app, described, &Value::Object(said))?;
    Ok(Body {
        values: Value::Object(values),
        files,
    })
}
