//! The running stack and `openapi.json` agree: what the document promises is answered, and nothing else is.

use std::process::Stdio;

use gusset_tests::{Stand, setting};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::process::Command;

use crate::connected::Pair;

#[tokio::test]
async fn the_running_stack_does_what_its_document_says() {
    let pair = Pair::asked().await;
    let (harbour, gina) = &pair.harbour;
    // Ids that exist, or nearly every request would end at "not found".
    let mut document = gina.get("/openapi.json").await.expect(200);
    let parameters = &mut document["components"]["parameters"];
    parameters["project"]["schema"] = json!({"enum": [harbour.project().id, 7]});
    parameters["connection"]["schema"] = json!({"enum": [pair.connection, "00000000-0000-7000-8000-000000000000"]});
    let company = pair.stand.planned("Schema", 1).await;
    // It asks faster than any person, and an answer that it is Procore's limit would be told as an error of the server's.
    for id in [harbour.id, pair.south.0.id, company.id] {
        let lifted = json!({"company_id": id, "hour": 1_000_000, "spike": 100_000});
        pair.stand.side_door(Method::PUT, "/limits", lifted).await;
    }
    let estimator = pair.stand.synced_estimator(&company.people[0].0).await;
    let plans = estimator.plans(company.project()).await;
    let plans: Vec<&Value> = plans.iter().map(|plan| &plan["id"]).collect();
    parameters["bidProject"]["schema"] = json!({"enum": [company.project().id, 7]});
    parameters["plan"]["schema"] = json!({"enum": plans});
    let path = format!("{}/openapi-with-ids.json", setting("GUSSET_STAND_DIR"));
    std::fs::write(&path, document.to_string()).unwrap();
    let cookies = format!(
        "Cookie: __Host-gusset_session={}; __Host-gusset_account={}",
        gina.cookie("__Host-gusset_session").unwrap(),
        estimator.cookie("__Host-gusset_account").unwrap()
    );
    let schemathesis = setting("GUSSET_SCHEMATHESIS");
    let run = Command::new(&schemathesis)
        .args(["run", &path])
        // It uses up what may be asked for from one address.
        .args(["--url", &pair.stand.gusset_from_elsewhere().await])
        .args(["--header", &cookies])
        .args([
            "--checks",
            "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance",
        ])
        .args([
            "--phases",
            "examples,coverage,fuzzing",
            "--max-examples",
            "10",
            "--seed",
            "7",
            // With more of them Python 3.11 fails now and then: its reader of Python is not made for two threads.
            "--workers",
            "1",
        ])
        // Signing out in the middle would leave the rest of it signed out.
        .args(["--exclude-operation-id", "signOut"])
        .args(["--exclude-operation-id", "signOutOfAccount"])
        .args(["--suppress-health-check", "all"])
        // It keeps a cache where it runs.
        .current_dir(setting("GUSSET_STAND_DIR"))
        .env("NO_COLOR", "1")
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(std::time::Duration::from_secs(600), run)
        .await
        .expect("it ends in time")
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{said}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(said.contains("passed"), "{said}");
}

#[tokio::test]
async fn every_route_of_the_template_is_in_the_document() {
    let stand = Stand::new();
    let document = stand.stranger().get("/openapi.json").await.expect(200);
    let template = include_str!("../../template.yaml");
    let mut routes = 0;
    for line in template
        .lines()
        .filter(|line| line.contains("Type: Api,") && !line.contains("{proxy+}"))
    {
        let field = |name: &str| {
            let after = line.split(&format!("{name}: ")).nth(1).unwrap();
            after
                .trim_start_matches('"')
                .split(['"', ',', ' '])
                .next()
                .unwrap()
                .to_owned()
        };
        let (path, method) = (field("Path"), field("Method").to_lowercase());
        if path == "/" {
            continue;
        }
        assert!(
            document["paths"][&path][&method].is_object(),
            "{method} {path} is not in openapi.json"
        );
        routes += 1;
    }
    assert!(routes >= 55, "{routes}");
}
