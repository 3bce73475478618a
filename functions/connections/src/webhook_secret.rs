//! Replacing the secret that a project's webhooks carry.

use gusset_adapters::{
    hooks::{Carried, Hooks},
    http::{Answer, Incoming, Nothing, Reply},
    sessions::{Admin, Sessions},
};
use gusset_domain::webhook_secret::WebhookSecret;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;

/// How far the hook in Procore has come.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum HookState {
    /// It carries the secret in use.
    Updated,
    /// Procore did not take it. The next sweep tries again.
    Updating,
    /// The project is not connected, and has no hook.
    None,
}

/// Replaces the secret, and has the hook in Procore carry the new one, on the authority of our service account.
///
/// If the process dies before the hook has it, the former secret is good for an hour, within which the sweep gives the hook
/// the new one.
pub(crate) async fn replace(sessions: &Sessions, hooks: &Hooks, incoming: &Incoming, admin: &Admin<'_>) -> Reply {
    incoming.same_origin()?;
    incoming.body::<Nothing>()?;
    let project = admin.opened().await?.project;
    let (table, now) = (&sessions.table, Timestamp::now());
    let by = Some(admin.who.person().clone());
    let secret = hooks.replace_secret(table, project.id, by, now).await?;
    let connections = table.live_connections(project.id).await?;
    let connected = connections
        .iter()
        .any(|connection| connection.connected_since().is_some());
    let hook = if connected {
        let public_url = incoming.public_url();
        let updated = hooks.reconcile(&sessions.procore, table, &project, &public_url, Carried::AsRecorded);
        match updated.await {
            Ok(()) => HookState::Updated,
            Err(error) => {
                tracing::warn!(project = %project.id, %error, "a project's hook does not carry the new secret yet");
                HookState::Updating
            }
        }
    } else {
        HookState::None
    };
    Ok(Answer::ok(shown(&secret, &hook)))
}

/// When it was replaced, and never the secret itself.
fn shown(secret: &WebhookSecret, hook: &HookState) -> serde_json::Value {
    json!({
        "replaced_at": secret.replaced_at,
        "former_good_until": secret.former_until(),
        "hook": hook,
    })
}
