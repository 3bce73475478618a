//! Procore's own JavaScript client works against the stand-in for Procore, unchanged: so what works here works there.

use std::path::Path;

use gusset_tests::{Stand, setting};
use serde_json::{Value, json};
use tokio::process::Command;

#[tokio::test]
async fn procores_own_client_signs_in_reads_projects_and_creates_an_rfi() {
    let stand = Stand::new();
    let (company, _) = stand.company("Harbour").await;
    let (login, manager) = (&company.people[0].0, company.people[1].1);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("js/sandbox.mjs");
    let ran = Command::new(setting("GUSSET_NODE"))
        .arg(script)
        .env("NODE_MODULES", setting("GUSSET_NODE_MODULES"))
        .env("PROCORE", &stand.procore)
        .env("COMPANY", company.id.to_string())
        .env("PROJECT", company.project().id.to_string())
        .env("LOGIN", login)
        .env("MANAGER", manager.to_string())
        .kill_on_drop(true)
        .output()
        .await
        .unwrap();
    let complaint = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{complaint}");
    let said: Value = serde_json::from_slice(&ran.stdout).unwrap();

    assert_eq!(said["expires_in"], 5400);
    assert_eq!(said["me"], *login);
    assert_eq!(said["projects"], json!([company.project().id]));
    assert_eq!(said["total"], "1");
    let rfi = &said["created"];
    assert_eq!(
        said["read"],
        json!({"id": rfi, "subject": "Riser 2 has no sleeve", "question": "May we core the slab?"})
    );
    assert_eq!(said["read_by_program"], *rfi);
    assert_eq!(said["service_account_can_refresh"], false);
    assert_eq!(said["refused"], 404);
    assert_eq!(said["info"], "gusset-local");
    assert_eq!(stand.rfis(company.project()).await.len(), 1);
}
