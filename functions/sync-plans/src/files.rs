//! A plan's files: from Procore into our storage, each once.

use gusset_adapters::{
    integrations::Access,
    procore::{Fetched, FileError, ProcoreError, plans::RevisionListed},
    storage::FileKey,
};
use gusset_domain::{
    ids::CompanyId,
    items::attachment::SkipReason,
    plans::{
        Copy, Plan, PlanId, PlanKind, Stored, StoredFile,
        job::{Job, Source},
    },
};

use crate::{
    SyncPlans,
    listing::stamp,
    work::{Error, MAX_ATTEMPTS, Shift, words},
};

/// Files up to this part of the storage are fetched several at once; a larger one has all of it to itself.
const SMALL_PART: u64 = 8;

/// The largest picture of a plan, in bytes.
const LARGEST_THUMBNAIL: u64 = 5_000_000;

/// From this size on it is worth asking whether a content is here already before it is sent.
const WORTH_ASKING: u64 = 1_000_000;

/// Fetches what is waited for of a plan's files.
pub(crate) async fn fetch(
    app: &SyncPlans,
    job: &Job,
    access: &Access,
    plan: PlanId,
    company: CompanyId,
    files: &[Source],
    shift: &Shift,
) -> Result<(), Error> {
    let table = &app.integrations.table;
    let Some(plan) = table.plan(job.account, plan).await? else {
        return Ok(());
    };
    let fetcher = Fetcher {
        app,
        access,
        plan: &plan,
        company,
        shift,
        last: job.attempts + 1 >= MAX_ATTEMPTS,
    };
    for source in files {
        if !plan.waits_for(source) {
            continue;
        }
        if shift.is_half_over() {
            return Err(Error::TooLate);
        }
        let copy = fetcher.copy(source).await?;
        // Dies before this: the file is in the storage under the name of its content, the message comes again, and the same
        // is put there once more; or stays there for nobody, where it is gone from Procore by then. Dies after it: the message comes again, and the file is not waited for any more.
        table.file_done(job.account, &plan, source, &copy).await?;
        if let Copy::Failed { reason, .. } = &copy {
            tracing::warn!(account = %job.account, plan = %plan.id, revision = %source.revision, reason, "not copied");
        } else {
            tracing::info!(account = %job.account, plan = %plan.id, revision = %source.revision, "copied");
        }
    }
    Ok(())
}

struct Fetcher<'a> {
    app: &'a SyncPlans,
    access: &'a Access,
    plan: &'a Plan,
    company: CompanyId,
    shift: &'a Shift,
    /// Whether it is not tried again in this run.
    last: bool,
}

impl Fetcher<'_> {
    /// What becomes of a revision's file.
    async fn copy(&self, source: &Source) -> Result<Copy, Error> {
        match self.stored(source).await {
            Ok(stored) => Ok(Copy::Stored(stored)),
            Err(FetchError::SkipReason(why)) => Ok(self.failed(source, &reason(&why), true)),
            Err(FetchError::Error(trouble)) => Err(trouble),
        }
    }

    fn failed(&self, source: &Source, reason: &str, for_good: bool) -> Copy {
        failed(self.plan, source, reason, for_good)
    }

    async fn stored(&self, source: &Source) -> Result<Stored, FetchError> {
        let (file, source) = match &source.address {
            Some(address) => match self.file(address, self.app.largest).await {
                // An address may have stopped working while the message waited: Procore is asked for another one.
                Err(FetchError::SkipReason(
                    SkipReason::Gone | SkipReason::Forbidden | SkipReason::Unreadable { .. },
                )) => self.renewed_file(source).await?,
                other => (other?, source.clone()),
            },
            None => self.renewed_file(source).await?,
        };
        Ok(Stored {
            file,
            thumbnail: self.thumbnail(&source).await?,
            stamp: source.stamp,
        })
    }

    /// The file at the address that Procore gives now.
    async fn renewed_file(&self, source: &Source) -> Result<(StoredFile, Source), FetchError> {
        let renewed = self.renewed(source).await?;
        let address = renewed
            .address
            .as_ref()
            .ok_or(FetchError::SkipReason(SkipReason::NoAddress))?;
        Ok((self.file(address, self.app.largest).await?, renewed))
    }

    /// A picture is a help, and nothing is missed without it.
    async fn thumbnail(&self, source: &Source) -> Result<Option<StoredFile>, FetchError> {
        let Some(address) = &source.thumbnail else {
            return Ok(None);
        };
        match self.file(address, LARGEST_THUMBNAIL).await {
            Ok(file) if file.content_type.starts_with("image/") => Ok(Some(file)),
            Ok(_) | Err(FetchError::SkipReason(_)) => Ok(None),
            Err(FetchError::Error(Error::Procore(error))) if self.last && error != ProcoreError::Unauthorized => {
                Ok(None)
            }
            Err(stop) => Err(stop),
        }
    }

    /// The revision as Procore shows it now.
    async fn renewed(&self, source: &Source) -> Result<Source, FetchError> {
        let (procore, authority) = (&self.app.integrations.procore, self.access.authority());
        let (id, revision) = (self.plan.id, source.revision.0);
        let shown: Result<RevisionListed, ProcoreError> = match id.kind {
            PlanKind::Drawing => {
                procore
                    .drawing_revision(authority, self.company, id.project, revision)
                    .await
            }
            PlanKind::Specification => {
                procore
                    .specification_revision(authority, self.company, id.project, revision)
                    .await
            }
            PlanKind::Document => {
                procore
                    .document_version(authority, self.company, id.project, id.entity, revision)
                    .await
            }
        };
        let shown = match shown {
            Ok(shown) => shown,
            Err(ProcoreError::NotFound) => return Err(FetchError::SkipReason(SkipReason::Gone)),
            Err(ProcoreError::Forbidden(_)) => return Err(FetchError::SkipReason(SkipReason::Forbidden)),
            Err(error) => return Err(FetchError::Error(error.into())),
        };
        Ok(Source {
            revision: source.revision,
            // Where Procore does not say there when it was changed, it is what was waited for.
            stamp: shown.changed_at.map_or_else(|| source.stamp.clone(), |_| stamp(&shown)),
            thumbnail: shown.thumbnail,
            address: shown.address,
        })
    }

    /// Brings a file into the storage. Small files share the room; a large one waits until it has it alone.
    async fn file(&self, address: &str, largest: u64) -> Result<StoredFile, FetchError> {
        let small = self.app.largest / SMALL_PART;
        {
            let _shared = self.app.spool.read().await;
            match self.spooled(address, largest.min(small)).await {
                Err(FetchError::SkipReason(SkipReason::TooLarge { .. })) if largest > small => {}
                other => return self.put(other?).await,
            }
        }
        let _alone = self.app.spool.write().await;
        // The wait for it may have been long.
        if self.shift.is_half_over() {
            return Err(FetchError::Error(Error::TooLate));
        }
        let fetched = self.spooled(address, largest).await?;
        self.put(fetched).await
    }

    async fn spooled(&self, address: &str, largest: u64) -> Result<Fetched, FetchError> {
        let until = self.shift.last_moment();
        let fetched = self
            .app
            .integrations
            .procore
            .fetch(self.access.authority(), self.company, address, largest, until)
            .await;
        fetched.map_err(|error| match error {
            FileError::SkipReason(why) => FetchError::SkipReason(why),
            FileError::Passing(_) | FileError::BrokeOff(_)
                if self.shift.last_moment() <= tokio::time::Instant::now() =>
            {
                FetchError::Error(Error::OutOfTime)
            }
            FileError::Passing(error) | FileError::BrokeOff(error) | FileError::Procore(error) => {
                FetchError::Error(error.into())
            }
        })
    }

    async fn put(&self, fetched: Fetched) -> Result<StoredFile, FetchError> {
        let sha256 = fetched.file.sha256().to_owned();
        let size = fetched.file.size();
        let own = |error: gusset_adapters::storage::StorageError| FetchError::Error(error.into());
        let key = FileKey::of(self.access.account().0, &sha256)
            .map_err(|error| FetchError::Error(ProcoreError::Unknown(error.to_string()).into()))?;
        let storage = &self.app.storage;
        let is_here = size >= WORTH_ASKING && storage.has(&key).await.map_err(own)?;
        if !is_here {
            storage
                .put(&key, &fetched.file, &fetched.content_type)
                .await
                .map_err(own)?;
        }
        Ok(StoredFile {
            sha256,
            size,
            content_type: fetched.content_type,
        })
    }
}

/// Why a file was not brought here.
enum FetchError {
    /// For good.
    SkipReason(SkipReason),
    /// This time.
    Error(Error),
}

fn reason(why: &SkipReason) -> String {
    match why {
        SkipReason::Gone => "Procore does not have the file any more.".to_owned(),
        other => format!("The file could not be copied: {other}."),
    }
}

fn failed(plan: &Plan, source: &Source, reason: &str, for_good: bool) -> Copy {
    let revision = plan.revisions.get(&source.revision);
    let kept = revision.and_then(|revision| revision.copy.stored().cloned());
    Copy::Failed {
        reason: reason.to_owned(),
        for_good,
        stamp: source.stamp.clone(),
        kept,
    }
}

/// Records that files are not tried any more, before the next sync.
pub(crate) async fn give_up(
    app: &SyncPlans,
    job: &Job,
    plan: PlanId,
    files: &[Source],
    trouble: &Error,
) -> Result<(), Error> {
    let table = &app.integrations.table;
    let Some(plan) = table.plan(job.account, plan).await? else {
        return Ok(());
    };
    let reason = format!(
        "The file could not be copied: {}. The next sync tries again.",
        words(trouble)
    );
    for source in files.iter().filter(|source| plan.waits_for(source)) {
        let copy = failed(&plan, source, &reason, false);
        table.file_done(job.account, &plan, source, &copy).await?;
    }
    Ok(())
}
