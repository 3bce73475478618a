//! `/rest/v1.1/projects/{project_id}/uploads`, and the storage that the segments are put to.

use axum::Json;
use axum::body::Body as RawBody;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use serde_json::{Value, json};
use uuid::Uuid;

use super::body::Body;
use super::caller::Caller;
use crate::api::refuse_token_at_storage;
use crate::app::App;
use crate::params::Fields;
use crate::random;
use crate::refusal::Refusal;
use crate::world::{Id, Segment, Upload, UploadStatus, World};

/// 100 MiB
const LARGEST_SEGMENT: u64 = 100 * 1024 * 1024;

pub(super) async fn create(
    State(app): State<App>,
    caller: Caller,
    Path(project_id): Path<Id>,
    body: Body,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let mut world = app.world();
    caller.enter(&world, project_id)?;
    world.require_active(project_id)?;
    let mut fields = Fields::of(&body.values);
    let filename = fields.required_text("response_filename");
    let ending = filename.rsplit_once('.').map(|(_, ending)| ending.to_lowercase());
    if let Some(ending) = ending
        && world.project(project_id)?.refused_file_types.contains(&ending)
    {
        fields.complain("response_filename", &format!("must not be a .{ending} file"));
    }
    let content_type = fields.text("response_content_type").unwrap_or_default();
    fields.finish()?;
    // In a form, the segments may come as JSON text.
    let segments = match body.values.get("segments") {
        Some(Value::String(text)) => serde_json::from_str(text).unwrap_or(Value::Null),
        Some(segments) => segments.clone(),
        None => Value::Null,
    };
    let segments = segments.as_array().filter(|segments| !segments.is_empty());
    let segments = segments.ok_or_else(|| Refusal::invalid("segments", "must be a list of at least one segment"))?;
    let segments = segments.iter().map(segment).collect::<Result<_, _>>()?;
    let upload = Upload {
        uuid: Uuid::new_v4(),
        project_id,
        filename,
        content_type,
        segments,
        status: UploadStatus::Pending,
    };
    let shown = view(&app, &upload);
    world.uploads.insert(upload.uuid, upload);
    Ok((StatusCode::CREATED, Json(shown)))
}

fn segment(values: &Value) -> Result<Segment, Refusal> {
    let mut fields = Fields::of(values);
    let size = fields.id("size");
    if size.is_none_or(|size| size > LARGEST_SEGMENT) {
        fields.complain("segments", "size must be given and at most 104857600 bytes");
    }
    let sha256 = fields.required_text("sha256").to_ascii_lowercase();
    if sha256.len() != 64 || !sha256.chars().all(|digit| digit.is_ascii_hexdigit()) {
        fields.complain("segments", "sha256 must be 64 hexadecimal digits");
    }
    fields.finish()?;
    Ok(Segment {
        key: random::token(),
        size: size.unwrap_or_default(),
        sha256,
        blob: None,
    })
}

pub(super) async fn show(
    State(app): State<App>,
    caller: Caller,
    Path((project_id, uuid)): Path<(Id, Uuid)>,
) -> Result<Json<Value>, Refusal> {
    let world = app.world();
    caller.enter(&world, project_id)?;
    let upload = world
        .uploads
        .get(&uuid)
        .filter(|upload| upload.project_id == project_id)
        .ok_or(Refusal::NotFound)?;
    Ok(Json(view(&app, upload)))
}

pub(super) async fn complete(
    State(app): State<App>,
    caller: Caller,
    Path((project_id, uuid)): Path<(Id, Uuid)>,
    body: Body,
) -> Result<Json<Value>, Refusal> {
    let mut world = app.world();
    caller.enter(&world, project_id)?;
    let upload = world
        .uploads
        .get_mut(&uuid)
        .filter(|upload| upload.project_id == project_id);
    let upload = upload.ok_or(Refusal::NotFound)?;
    let given = body
        .values
        .get("segments")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    if given.len() != upload.segments.len() {
        let expected = upload.segments.len();
        return Err(Refusal::invalid(
            "segments",
            format!("must name all {expected} segment(s) with their etag"),
        ));
    }
    for (number, (segment, given)) in (1..).zip(upload.segments.iter().zip(given)) {
        let Some(blob) = &segment.blob else {
            return Err(Refusal::invalid("segments", format!("segment {number} was not put")));
        };
        let etag = given.get("etag").and_then(Value::as_str).unwrap_or_default();
        if etag.trim_matches('"') != etag_of(&blob.sha256) {
            return Err(Refusal::invalid(
                "segments",
                format!("the etag of segment {number} is not the one it got"),
            ));
        }
    }
    upload.status = UploadStatus::Complete;
    Ok(Json(view(&app, upload)))
}

/// Storage's tag for a segment: like S3's, 32 hexadecimal digits.
fn etag_of(sha256: &str) -> &str {
    sha256.get(..32).unwrap_or(sha256)
}

fn view(app: &App, upload: &Upload) -> Value {
    let segments: Vec<Value> = upload
        .segments
        .iter()
        .map(|segment| {
            json!({
                "size": segment.size,
                "sha256": segment.sha256,
                "etag": segment.blob.as_ref().map(|blob| etag_of(&blob.sha256).to_owned()),
                "url": format!("{}/segments/{}", app.addresses.storage, segment.key),
                "headers": {
                    "x-amz-content-sha256": segment.sha256,
                    "content-length": segment.size.to_string(),
                },
            })
        })
        .collect();
    json!({"uuid": upload.uuid, "status": upload.status.name(), "segments": segments})
}

/// Takes the bytes of a segment, as long as exactly the promised headers, size and digest come.
pub(super) async fn put_segment(
    State(app): State<App>,
    Path(key): Path<String>,
    headers: HeaderMap,
    body: RawBody,
) -> Response {
    if let Some(refused) = refuse_token_at_storage(&headers) {
        return refused;
    }
    let Some((size, sha256)) =
        find_segment(&mut app.world(), &key).map(|segment| (segment.size, segment.sha256.clone()))
    else {
        return storage_error(StatusCode::FORBIDDEN, "AccessDenied", "There is no such address.");
    };
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if header("x-amz-content-sha256") != Some(sha256.as_str()) || header("content-length") != Some(&size.to_string()) {
        let message = "The headers are not those that the address was signed for.";
        return storage_error(StatusCode::FORBIDDEN, "SignatureDoesNotMatch", message);
    }
    let blob = match receive(&app, body).await {
        Ok(blob) => blob,
        Err(problem) => return storage_error(StatusCode::BAD_REQUEST, "IncompleteBody", &problem),
    };
    if blob.size != size || blob.sha256 != sha256 {
        let message = "The provided 'x-amz-content-sha256' header does not match what was computed.";
        return storage_error(StatusCode::BAD_REQUEST, "XAmzContentSHA256Mismatch", message);
    }
    let etag = format!("\"{}\"", etag_of(&blob.sha256));
    match find_segment(&mut app.world(), &key) {
        Some(segment) => segment.blob = Some(blob),
        None => return storage_error(StatusCode::FORBIDDEN, "AccessDenied", "There is no such address."),
    }
    (StatusCode::OK, [(header::ETAG, etag)]).into_response()
}

async fn receive(app: &App, body: RawBody) -> Result<std::sync::Arc<crate::files::Blob>, String> {
    let mut writer = app.store.create().await.map_err(|error| error.to_string())?;
    let mut chunks = body.into_data_stream();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|error| error.to_string())?;
        writer.write(&chunk).await.map_err(|error| error.to_string())?;
    }
    writer.finish().await.map_err(|error| error.to_string())
}

fn find_segment<'a>(world: &'a mut World, key: &str) -> Option<&'a mut Segment> {
    world
        .uploads
        .values_mut()
        .filter(|upload| upload.status == UploadStatus::Pending)
        .flat_map(|upload| &mut upload.segments)
        .find(|segment| segment.key == key)
}

fn storage_error(status: StatusCode, code: &str, message: &str) -> Response {
    let body = format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>");
    (status, [(header::CONTENT_TYPE, "application/xml")], body).into_response()
}
