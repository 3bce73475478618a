//! Links to plans' files and pictures. The files themselves go past this function, from the storage to the browser.

use gusset_adapters::{
    http::{Incoming, Problem, Reply, redirect},
    storage::{Disposition, FileKey},
};
use gusset_domain::{
    items::attachment::FileName,
    plans::{Copy, Plan, Revision, RevisionId, StoredFile},
};
use gusset_words::say;
use lambda_http::http::StatusCode;

use crate::Plans;

/// Leads to a revision's file, to be saved, or with `show` to be shown.
pub(crate) async fn file(app: &Plans, incoming: &Incoming) -> Reply {
    let who = app.who(incoming).await?;
    let plan = app.plan(&who, incoming).await?;
    let revision = revision(&plan, incoming)?;
    let file = revision.file().ok_or_else(|| not_here(revision))?;
    let disposition = match incoming.query("show") {
        Some(_) => Disposition::Inline,
        None => Disposition::Attachment,
    };
    lead_to(app, who.account.0, file, &revision.file_name, disposition).await
}

/// Leads to a revision's picture, to be shown.
pub(crate) async fn thumbnail(app: &Plans, incoming: &Incoming) -> Reply {
    let who = app.who(incoming).await?;
    let plan = app.plan(&who, incoming).await?;
    let picture = revision(&plan, incoming)?.thumbnail();
    let picture = picture.ok_or_else(|| Problem::not_found(say!("thing-picture")))?;
    lead_to(
        app,
        who.account.0,
        picture,
        &picture_name(&plan, picture),
        Disposition::Inline,
    )
    .await
}

async fn lead_to(app: &Plans, account: uuid::Uuid, file: &StoredFile, name: &str, disposition: Disposition) -> Reply {
    let key = FileKey::of(account, &file.sha256).map_err(Problem::internal)?;
    let (name, content_type) = (FileName::nearest(name), &file.content_type);
    let link = app.storage.link(&key, &name, content_type, disposition, app.links_last);
    Ok(redirect(link.await?))
}

/// The revision that the query names, or else the one that holds.
fn revision<'a>(plan: &'a Plan, incoming: &Incoming) -> Result<&'a Revision, Problem> {
    let found = match incoming.query("revision") {
        None => plan.current().map(|(_, revision)| revision),
        Some(id) => id.parse().ok().and_then(|id: RevisionId| plan.revisions.get(&id)),
    };
    found.ok_or_else(|| Problem::not_found(say!("thing-revision")))
}

fn picture_name(plan: &Plan, picture: &StoredFile) -> String {
    let ending = picture.content_type.rsplit('/').next().unwrap_or_default();
    format!("{}.{ending}", plan.name())
}

/// Why there is no file, and what to do about it.
fn not_here(revision: &Revision) -> Problem {
    let title = say!("problem-file-not-here-title");
    match &revision.copy {
        Copy::Failed { reason, .. } => Problem::conflict("file-not-here", title, reason),
        Copy::NotOffered => Problem::new(
            StatusCode::NOT_FOUND,
            "file-not-offered",
            say!("problem-file-not-offered-title"),
            say!("problem-file-not-offered-detail"),
        ),
        Copy::Waiting { .. } | Copy::Stored(_) => {
            Problem::conflict("file-not-here", title, say!("problem-file-not-here-detail"))
        }
    }
}
