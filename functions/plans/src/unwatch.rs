//! Has Procore stop telling of companies whose plans nobody keeps here any more.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use futures_util::future::try_join_all;
use gusset_adapters::{
    integrations::{Access, AccessError},
    procore::Authority,
    table::TableError,
};
use gusset_domain::ids::{AccountId, CompanyId, ProjectId};

use crate::Plans;

/// How long a person who disconnects waits for it, at the most.
const PATIENCE: Duration = Duration::from_secs(10);

/// Projects of which it is asked at once who else has them.
const AT_ONCE: usize = 10;

/// Removes the hooks of an account's companies, as far as no other account is connected that has projects of them. To be done
/// while the account still has access.
///
/// What does not work is logged and left: such a hook's events find nobody. Dies in between: hooks are gone of an account that
/// is connected still, and the next look at its companies puts them back.
pub(crate) async fn unwatch(app: &Plans, account: AccountId, public_url: &str) {
    let Ok(done) = tokio::time::timeout(PATIENCE, companies(app, account, public_url)).await else {
        tracing::warn!(%account, "Procore was too slow to stop telling of its companies");
        return;
    };
    if let Err(error) = done {
        tracing::warn!(%account, ?error, "Procore goes on telling of its companies");
    }
}

async fn companies(app: &Plans, account: AccountId, public_url: &str) -> Result<(), AccessError> {
    let Some(access) = app.integrations.access(account).await? else {
        return Ok(());
    };
    let mut companies = BTreeMap::<CompanyId, Vec<ProjectId>>::new();
    for synced in app.table().synced_projects(account).await? {
        let project = &synced.project;
        companies.entry(project.company_id).or_default().push(project.id);
    }
    for (company, projects) in companies {
        if !others_have_some(app, account, &projects).await? {
            remove(app, &access, company, &projects, public_url).await?;
        }
    }
    Ok(())
}

/// Removes a company's hook, and puts it back if somebody has connected meanwhile: they may have found it still there.
async fn remove(
    app: &Plans,
    access: &Access,
    company: CompanyId,
    projects: &[ProjectId],
    public_url: &str,
) -> Result<(), AccessError> {
    let (procore, authority) = (&app.integrations.procore, Authority::Person(access.token()));
    let removed = app
        .hooks
        .remove_plan_hook(procore, authority, company, public_url)
        .await;
    if let Err(error) = removed {
        // The login may be no admin of this company: then it was not by it that the hook was made.
        tracing::info!(%company, %error, "its hook on plans was not removed");
    } else if others_have_some(app, access.account(), projects).await? {
        let placed = app
            .hooks
            .put_plan_hook_in_place(procore, authority, company, public_url);
        placed.await.map_err(AccessError::Procore)?;
    }
    Ok(())
}

/// Whether another account is connected that has one of some projects.
async fn others_have_some(app: &Plans, account: AccountId, projects: &[ProjectId]) -> Result<bool, TableError> {
    let mut others = BTreeSet::new();
    for some in projects.chunks(AT_ONCE) {
        let synced_by = some.iter().map(|project| app.table().synced_by(*project));
        let synced_by = try_join_all(synced_by).await?;
        others.extend(synced_by.into_iter().flatten().map(|by| by.account));
    }
    others.remove(&account);
    for other in others {
        let record = app.table().integration(other).await?;
        if record.is_some_and(|record| record.integration.is_connected()) {
            return Ok(true);
        }
    }
    Ok(false)
}
