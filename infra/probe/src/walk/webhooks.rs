//! A webhook that is made, told of something, and removed.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::Walk;
use crate::{
    procore::{As, Body, id_of},
    report::{Assumption, Verdict},
};

const NAMESPACE: &str = "gusset-probe";
const SECRET: &str = "Bearer gusset-probe";
/// What Gusset listens to in a project, as far as this account has it.
const ITEMS: [&str; 3] = ["RFIs", "Manpower Logs", "Notes Logs"];
const PLANS: [&str; 6] = [
    "Drawings",
    "Drawing Sets",
    "Specification Section Revisions",
    "Project Files",
    "Project File Versions",
    "Project Folders",
];
/// As many pages of ten as a catalogue may have.
const MAX_PAGES: u32 = 30;
const TOLD_WITHIN: Duration = Duration::from_secs(60);

const RESOURCES: Assumption = Assumption {
    name: "resources of items in a project",
    expected: "RFIs, Manpower Logs, Notes Logs",
    consequence: "new items are seen by the sweep alone, up to an hour late",
};
const RESOURCES_OF_PLANS: Assumption = Assumption {
    name: "resources of plans in a project",
    expected: "Drawings, Drawing Sets, Specification Section Revisions, Project Files, Project File Versions, Project Folders",
    consequence: "changed plans are seen every hour",
};
const MADE: Assumption = Assumption {
    name: "a project's webhook",
    expected: "201, active, wrapped in data",
    consequence: "new items are seen by the sweep alone; the app needs Webhooks API: Standard",
};
const MASKED: Assumption = Assumption {
    name: "a webhook's Authorization",
    expected: "is not shown whole",
    consequence: "whoever may list webhooks sees the secret",
};
const TRIGGERS: Assumption = Assumption {
    name: "triggers/bulk with a bare array",
    expected: "201, or 207 where some were refused",
    consequence: "the webhook tells of nothing",
};
const TOLD: Assumption = Assumption {
    name: "an RFI's webhook",
    expected: "Procore tries to deliver it within a minute",
    consequence: "new items are seen by the sweep alone, up to an hour late",
};

impl Walk<'_> {
    /// Makes a webhook with triggers. Returns its id, where all of that worked.
    pub(super) async fn hook(&mut self) -> Result<Option<String>, String> {
        self.resources().await?;
        let hooks = self.procore.webhooks("hooks");
        let ours = [("namespace", NAMESPACE)];
        // What an earlier probe could not remove.
        let listed = self.procore.get(As::App, &hooks, &ours).await?;
        for left in listed.entries().iter().filter_map(id_of) {
            self.procore
                .write(Method::DELETE, &format!("{hooks}/{left}"), Body::None)
                .await?;
        }
        let new = json!({
            "payload_version": "v2.0", "namespace": NAMESPACE, "destination_url": self.arguments.hook_to.as_str(),
            "destination_headers": {"Authorization": SECRET},
        });
        let made = self.procore.write(Method::POST, &hooks, Body::Json(new)).await?;
        let shown = &made.body["data"];
        let as_published = made.status == 201 && shown["status"] == "active";
        self.report.check(MADE, as_published, made.in_words());
        let Some(id) = made.id() else { return Ok(None) };
        let one = format!("{hooks}/{id}");
        self.made(Method::DELETE, one.clone(), "a webhook");
        let listed = self.procore.get(As::App, &hooks, &ours).await?;
        let shows = listed.body.to_string().contains(SECRET);
        self.report.check(MASKED, !shows, "it is shown whole");

        let wanted = json!([{"resource_name": "RFIs", "event_type": "create"}]);
        let path = format!("{one}/triggers/bulk");
        let added = self.procore.write(Method::POST, &path, Body::Json(wanted)).await?;
        self.report
            .check(TRIGGERS, matches!(added.status, 201 | 207), added.in_words());
        self.procore.get(As::App, &format!("{one}/triggers"), &[]).await?;
        let change = json!({"destination_headers": {"Authorization": "Bearer gusset-probe-2"}});
        self.procore.write(Method::PATCH, &one, Body::Json(change)).await?;
        Ok(Some(id))
    }

    async fn resources(&mut self) -> Result<(), String> {
        let path = self.procore.webhooks("resources");
        let mut names: Vec<String> = Vec::new();
        for page in 1..=MAX_PAGES {
            let page = page.to_string();
            let query = [
                ("payload_version", "v2.0"),
                ("page", page.as_str()),
                ("per_page", "100"),
            ];
            let listed = self.procore.get(As::App, &path, &query).await?;
            let found = listed.entries().iter().filter_map(|it: &Value| it["name"].as_str());
            let before = names.len();
            for name in found {
                if !names.iter().any(|known| known == name) {
                    names.push(name.to_owned());
                }
            }
            if names.len() == before {
                break;
            }
        }
        for (assumption, wanted) in [(RESOURCES, &ITEMS[..]), (RESOURCES_OF_PLANS, &PLANS[..])] {
            let missing: Vec<&str> = wanted
                .iter()
                .copied()
                .filter(|name| !names.iter().any(|known| known == name))
                .collect();
            let found = format!("missing among {}: {}", names.len(), missing.join(", "));
            self.report.check(assumption, missing.is_empty(), found);
        }
        Ok(())
    }

    /// Whether Procore tried to tell of the RFI. Waits for it.
    pub(super) async fn told_of(&mut self, hook: &str) -> Result<(), String> {
        let path = self.procore.webhooks(&format!("hooks/{hook}/deliveries"));
        let until = Instant::now() + TOLD_WITHIN;
        loop {
            let listed = self.procore.get(As::App, &path, &[]).await?;
            if !listed.is_success() {
                self.report.add(TOLD, Verdict::Untried(listed.in_words()));
                return Ok(());
            }
            let told = !listed.entries().is_empty();
            if told || Instant::now() >= until {
                self.report.check(TOLD, told, "no attempt within a minute");
                return Ok(());
            }
            tokio::time::sleep(Duration::from_secs(2)).await;
        }
    }
}
