//! A project's current plans in one file, which a worker packs: it may be larger than any answer of a function.

use std::time::Duration;

use gusset_adapters::{
    accounts::Estimator,
    http::{Answer, Incoming, Nothing, Problem, Reply, redirect},
    storage::{ArchiveKey, Disposition},
    table::archives::{ArchiveRecord, ArchiveState},
};
use gusset_domain::{
    items::attachment::FileName,
    people::Project,
    plans::{
        archive::{contents, fingerprint},
        job::{Job, Work},
        project::SyncedProject,
    },
};
use gusset_words::say;
use jiff::Timestamp;
use lambda_http::http::StatusCode;
use serde_json::json;
use url::Url;

use crate::Plans;

/// How long an archive is counted on. The bucket removes it after a day.
const READY_LASTS: Duration = Duration::from_secs(20 * 60 * 60);

/// How long one is packed at most. After that nobody may be at it: to have it packed twice does no harm.
const PACKING_TAKES: Duration = Duration::from_secs(15 * 60);

/// Has the plans packed as they are now, unless they are already.
pub(crate) async fn pack(app: &Plans, incoming: &Incoming) -> Reply {
    let who = app.who_changes(incoming).await?;
    let project = app.project(&who, incoming).await?;
    incoming.body::<Nothing>()?;
    let entries = contents(&app.table().plans(who.account, project.project.id).await?);
    if entries.is_empty() {
        return Err(nothing_to_pack());
    }
    let (fingerprint, now) = (fingerprint(&entries), Timestamp::now());
    let known = latest(app, &who, &project.project, now).await?;
    let known = known.filter(|known| known.fingerprint == fingerprint && known.state != ArchiveState::Failed);
    let archive = match known {
        Some(known) => known,
        None => begin(app, &who, &project, fingerprint, now).await?,
    };
    shown(app, &who, &project.project, Some(&archive), StatusCode::ACCEPTED).await
}

/// How far the latest archive is, and where it can be had; with `download`, leads there.
pub(crate) async fn show(app: &Plans, incoming: &Incoming) -> Reply {
    let who = app.who(incoming).await?;
    let project = app.project(&who, incoming).await?.project;
    let archive = latest(app, &who, &project, Timestamp::now()).await?;
    if incoming.query("download").is_none() {
        return shown(app, &who, &project, archive.as_ref(), StatusCode::OK).await;
    }
    let ready = archive.filter(|archive| matches!(archive.state, ArchiveState::Ready { .. }));
    let ready = ready.ok_or_else(not_ready)?;
    Ok(redirect(link(app, &who, &project, &ready).await?))
}

/// Dies between the two: it counts as being packed for a while, and is asked for again then.
async fn begin(
    app: &Plans,
    who: &Estimator,
    project: &SyncedProject,
    fingerprint: String,
    now: Timestamp,
) -> Result<ArchiveRecord, Problem> {
    let mut archive = ArchiveRecord {
        fingerprint: fingerprint.clone(),
        at: now,
        state: ArchiveState::Packing,
    };
    let id = project.project.id;
    app.table().archive_asked(who.account, id, &archive).await?;
    let work = Work::Archive {
        project: id,
        fingerprint,
    };
    let job = Job {
        account: who.account,
        login: project.login,
        run: None,
        attempts: 0,
        work,
    };
    if let Err(error) = app.queue.send(&[job], Duration::ZERO).await {
        archive.state = ArchiveState::Failed;
        app.table()
            .archive_done(who.account, id, &archive.fingerprint, &archive)
            .await?;
        return Err(error.into());
    }
    Ok(archive)
}

/// The latest archive, as long as there is something to expect of it.
async fn latest(
    app: &Plans,
    who: &Estimator,
    project: &Project,
    now: Timestamp,
) -> Result<Option<ArchiveRecord>, Problem> {
    let lasts = |archive: &ArchiveRecord| {
        let age = now.duration_since(archive.at).unsigned_abs();
        match archive.state {
            ArchiveState::Packing => age < PACKING_TAKES,
            ArchiveState::Ready { .. } | ArchiveState::Failed => age < READY_LASTS,
        }
    };
    Ok(app.table().archive(who.account, project.id).await?.filter(lasts))
}

async fn shown(
    app: &Plans,
    who: &Estimator,
    project: &Project,
    archive: Option<&ArchiveRecord>,
    status: StatusCode,
) -> Reply {
    let shown = match archive.map(|archive| (archive, archive.state)) {
        None => json!({"state": "none"}),
        Some((_, ArchiveState::Packing)) => json!({"state": "packing"}),
        Some((_, ArchiveState::Failed)) => json!({"state": "failed"}),
        Some((archive, ArchiveState::Ready { size })) => {
            let link = link(app, who, project, archive).await?;
            json!({"state": "ready", "size": size, "packed_at": archive.at, "url": link})
        }
    };
    Ok(Answer::json(status, shown))
}

async fn link(app: &Plans, who: &Estimator, project: &Project, archive: &ArchiveRecord) -> Result<Url, Problem> {
    let key = ArchiveKey::of(who.account.0, &archive.fingerprint).map_err(Problem::internal)?;
    let name = FileName::nearest(&format!("{} plans.zip", project.name));
    let link = app
        .storage
        .link(&key, &name, "application/zip", Disposition::Attachment, app.links_last);
    Ok(link.await?)
}

fn nothing_to_pack() -> Problem {
    Problem::conflict(
        "nothing-to-pack",
        say!("problem-nothing-to-pack-title"),
        say!("problem-nothing-to-pack-detail"),
    )
}

fn not_ready() -> Problem {
    Problem::conflict(
        "archive-not-ready",
        say!("problem-archive-not-ready-title"),
        say!("problem-archive-not-ready-detail"),
    )
}
