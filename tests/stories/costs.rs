//! What one item costs: calls to Procore, and requests to AWS. `cargo xtask bench` measures the same for many.

use gusset_tests::{Call, Project, Request, Stand, eventually};
use reqwest::Method;
use serde_json::json;

use crate::connected::Pair;

/// Where the lists of calls and requests end at a moment.
struct Before {
    calls: u64,
    requests: u64,
}

impl Before {
    async fn now(stand: &Stand) -> Self {
        Self {
            calls: stand.calls(u64::MAX).await.1,
            requests: stand.requests(u64::MAX, &[]).await.1,
        }
    }

    /// What Gusset has asked of Procore about a pair's companies since then, by itself.
    async fn calls(&self, pair: &Pair) -> Vec<String> {
        let companies = [pair.south.0.id, pair.harbour.0.id];
        let concerns = |call: &Call| call.by_gusset && call.company.is_some_and(|id| companies.contains(&id));
        let (calls, _) = pair.stand.calls(self.calls).await;
        let calls = calls.into_iter().filter(concerns);
        calls.map(|call| format!("{} {}", call.method, call.path)).collect()
    }

    /// What forwarding and copying has asked of AWS about a pair since then. Mails are not among it.
    async fn requests(&self, pair: &Pair) -> Vec<String> {
        let about = [
            pair.connection.clone(),
            pair.south.0.project().id.to_string(),
            pair.harbour.0.project().id.to_string(),
        ];
        let (requests, _) = pair.stand.requests(self.requests, &about).await;
        let forwarding = |request: &Request| ["ForwardItem", "CopyItem"].contains(&request.function.as_str());
        let requests = requests.into_iter().filter(forwarding);
        requests
            .map(|request| format!("{} {} {}", request.function, request.service, request.operation))
            .collect()
    }
}

async fn delivered(pair: &Pair) -> usize {
    let path = gusset_tests::api(
        pair.south.0.project(),
        &format!("/connections/{}/deliveries", pair.connection),
    );
    let list = pair.south.1.get(&path).await.expect(200);
    let deliveries = list["deliveries"].as_array().unwrap();
    deliveries.iter().filter(|one| one["status"] == "delivered").count()
}

/// Once the webhook about the copy has been answered, too, nothing about an item is left to be asked.
async fn settled(pair: &Pair, number: usize) {
    eventually("it is delivered", || async {
        (delivered(pair).await == number).then_some(())
    })
    .await;
    for project in [pair.south.0.project(), pair.harbour.0.project()] {
        pair.stand.settled_events(project).await;
    }
}

#[tokio::test]
async fn an_item_costs_two_calls_to_procore_four_to_the_table_and_one_to_the_queue() {
    let pair = Pair::automatic().await;
    let (stand, (south, sam), (harbour, _)) = (&pair.stand, &pair.south, &pair.harbour);
    // A sweep by the clock costs something of its own, and might come between.
    stand.leave_unswept(south.project()).await;
    stand.leave_unswept(harbour.project()).await;
    let rfi = json!({"subject": "Costs", "draft": false, "rfi_manager_id": south.people[1].1,
        "question": {"body": "<p>What does it cost?</p>"}});
    let items = [
        ("rfis", "rfi", rfi),
        (
            "manpower_logs",
            "manpower_log",
            json!({"num_workers": 1, "num_hours": "1.0", "notes": "Costs"}),
        ),
        ("notes_logs", "notes_log", json!({"comment": "Costs"})),
    ];
    for (number, (kind, field, item)) in items.into_iter().enumerate() {
        let before = Before::now(stand).await;
        let of = |project: &Project| format!("/projects/{}/{kind}", project.id);
        let item = json!({"login": sam.login, field: item});
        let created = stand.side_door(Method::POST, &of(south.project()), item).await;
        settled(&pair, number + 1).await;

        let read = format!("GET /rest/v1.0{}/{}", of(south.project()), created["id"]);
        let create = format!("POST /rest/v1.0{}", of(harbour.project()));
        assert_eq!(before.calls(&pair).await, [read, create]);
        assert_eq!(
            before.requests(&pair).await,
            [
                "ForwardItem dynamodb Query",
                "ForwardItem sqs SendMessageBatch",
                "CopyItem dynamodb GetItem",
                "CopyItem dynamodb TransactWriteItems",
                "CopyItem dynamodb TransactWriteItems",
            ],
            "{kind}"
        );
    }
}

#[tokio::test]
async fn a_list_of_projects_costs_nothing_of_procore_while_it_is_remembered_and_few_queries_a_project() {
    let pair = Pair::automatic().await;
    let (stand, harbour, gina) = (&pair.stand, &pair.harbour.0, &pair.harbour.1);
    let concerns = |call: &Call| call.company == Some(harbour.id);
    let first = Before::now(stand).await;
    assert_eq!(gina.get("/").await.status, 200);
    let (calls, _) = stand.calls(first.calls).await;
    let calls: Vec<String> = calls.into_iter().filter(concerns).map(|call| call.path).collect();
    // The list. The right is known from connecting.
    assert_eq!(calls, ["/rest/v1.0/projects"]);

    let second = Before::now(stand).await;
    assert_eq!(gina.get("/live").await.status, 200);
    let (calls, _) = stand.calls(second.calls).await;
    assert_eq!(calls.into_iter().filter(concerns).count(), 0);
    let about = [harbour.project().id.to_string()];
    let (requests, _) = stand.requests(second.requests, &about).await;
    let of_page = requests.into_iter().filter(|request| request.function == "Page");
    let of_page: Vec<String> = of_page
        .map(|request| format!("{} {}", request.service, request.operation))
        .collect();
    // Whether Gusset knows it, its connections, what waits on the one that it has, what went over it lately, and what at all, as
    // nothing did.
    assert_eq!(
        of_page,
        [
            "dynamodb BatchGetItem",
            "dynamodb Query",
            "dynamodb Query",
            "dynamodb Query",
            "dynamodb Query"
        ]
    );
}
