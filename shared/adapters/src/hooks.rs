//! One hook for each project with connections: made with the first, shared by all, removed with the last.

use gusset_domain::{ids::ProjectId, people::Project, webhook};

use crate::{
    procore::{Procore, ProcoreError},
    table::{Table, TableError},
};

/// Registers projects' hooks in Procore.
pub struct Hooks {
    master_secret: Vec<u8>,
}

/// Why a hook is not in place.
#[derive(Debug, thiserror::Error)]
pub enum HookError {
    /// Procore did not agree.
    #[error(transparent)]
    Procore(#[from] ProcoreError),
    /// The table did not answer.
    #[error(transparent)]
    Table(#[from] TableError),
}

impl Hooks {
    /// With the secret from which each project's is derived.
    #[must_use]
    pub fn new(master_secret: String) -> Self {
        Self {
            master_secret: master_secret.into_bytes(),
        }
    }

    /// Whether a webhook for a project carries that project's secret.
    #[must_use]
    pub fn is_authentic(&self, project: ProjectId, authorization: Option<&str>) -> bool {
        webhook::is_authentic(&self.master_secret, project, authorization)
    }

    /// Makes sure that a project has our hook with all its triggers, exactly once.
    ///
    /// It looks before it makes, and looks again afterwards: two who do this at once, or one whose answer was lost, may
    /// have made two, and then all but the oldest are removed. Whoever looks last sees them all. Wherever the process
    /// dies, doing it again completes it.
    ///
    /// # Errors
    /// [`HookError`]. What has been done so far stays, and is found the next time.
    pub async fn put_in_place(
        &self,
        procore: &Procore,
        table: &Table,
        project: &Project,
        public_url: &str,
    ) -> Result<(), HookError> {
        let destination = format!("{public_url}/webhooks/procore/{}", project.id);
        let ours = |hooks: Vec<crate::procore::Hook>| {
            hooks
                .into_iter()
                .filter(|hook| hook.destination_url == destination)
                .collect::<Vec<_>>()
        };
        let mut hooks = ours(procore.hooks(project.company_id, project.id).await?);
        if hooks.is_empty() {
            let authorization = webhook::authorization(&self.master_secret, project.id);
            match procore
                .create_hook(project.company_id, project.id, &destination, &authorization)
                .await
            {
                // Procore takes one hook for each namespace and project: another worker's is the one.
                Ok(_) | Err(ProcoreError::Invalid(_)) => {}
                Err(error) => return Err(error.into()),
            }
            hooks = ours(procore.hooks(project.company_id, project.id).await?);
        }
        let mut hooks = hooks.into_iter();
        let Some(hook) = hooks.next() else {
            return Err(ProcoreError::Invalid(
                "the project already has a hook called \"gusset\" that leads elsewhere".to_owned(),
            )
            .into());
        };
        for doubled in hooks {
            procore.delete_hook(project.company_id, project.id, doubled.id).await?;
        }
        procore
            .complete_triggers(project.company_id, project.id, hook.id)
            .await?;
        table.set_hook(project.id, Some(hook.id)).await?;
        Ok(())
    }
}
