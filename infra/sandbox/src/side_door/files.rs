//! Attachments as the side door makes them, and `/sandbox/files/{id}`.

use axum::Json;
use axum::extract::{Path, State};
use serde::Deserialize;
use serde_json::{Value, json};

use super::json::{Input, wrong};
use crate::app::App;
use crate::files::{Conduct, StoredFile};
use crate::refusal::Refusal;
use crate::world::Id;

/// The largest file that is made up.
const LARGEST: u64 = 1 << 30;

/// An attachment to be made. Its name is kept as it is, whatever it is.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewFile {
    name: String,
    #[serde(default)]
    content_type: String,
    #[serde(default)]
    text: String,
    /// Bytes made up, instead of the text.
    size: Option<u64>,
    #[serde(default)]
    conduct: Conduct,
}

/// The files that a JSON body lists as `attachments`.
pub(super) async fn listed(app: &App, body: &Value) -> Result<Vec<StoredFile>, Refusal> {
    let listed = body.get("attachments").cloned().unwrap_or_else(|| json!([]));
    let listed: Vec<NewFile> =
        serde_json::from_value(listed).map_err(|error| Refusal::invalid("attachments", error.to_string()))?;
    let mut files = Vec::with_capacity(listed.len());
    for new in listed {
        let mut writer = app.store.create().await?;
        match new.size {
            None => writer.write(new.text.as_bytes()).await?,
            Some(size) if size > LARGEST => return Err(Refusal::invalid("attachments", "size is at most 1 GiB")),
            Some(size) => {
                let mut piece: Vec<u8> = (0..PIECE).map(|at| (at % 251) as u8).collect();
                for start in (0..size).step_by(PIECE) {
                    // No two pieces are alike, so that one in a wrong place shows.
                    piece[..8].copy_from_slice(&start.to_be_bytes());
                    let length = usize::try_from(size - start).unwrap_or(PIECE).min(PIECE);
                    writer.write(&piece[..length]).await?;
                }
            }
        }
        let mut file = StoredFile::new(&new.name, &new.content_type, vec![writer.finish().await?]);
        (file.name, file.conduct) = (new.name, new.conduct);
        files.push(file);
    }
    Ok(files)
}

const PIECE: usize = 64 * 1024;

/// Changes how a file behaves when it is read. What is left out behaves well.
pub(super) async fn conduct(
    State(app): State<App>,
    Path(file_id): Path<Id>,
    Input(conduct): Input<Conduct>,
) -> Result<Json<Value>, Refusal> {
    if conduct
        .redirect
        .as_ref()
        .is_some_and(|to| axum::http::HeaderValue::from_str(to).is_err())
    {
        return Err(wrong("redirect is no address".to_owned()));
    }
    let mut world = app.world();
    let file = world.files.get_mut(&file_id).ok_or(Refusal::NotFound)?;
    file.conduct = conduct;
    Ok(Json(json!({"id": file.id, "name": file.name, "conduct": file.conduct})))
}
