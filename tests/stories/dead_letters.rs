//! What is left after the last attempt is laid aside, where an operator finds it and can send it back.

use gusset_tests::{Stand, api, eventually, setting};
use reqwest::Method;
use serde_json::{Value, json};

use crate::connected::Pair;

const DEAD_LETTERS: &str = "GUSSET_COPIES_DEAD_LETTERS_URL";
const COPIES: &str = "GUSSET_COPIES_QUEUE_URL";

/// Takes the dead letter of a copy that contains a text off its queue.
async fn dead_letter(stand: &Stand, text: &str) -> String {
    dead_letter_on(stand, DEAD_LETTERS, text).await
}

/// Takes the dead letter that contains a text off a queue. Those of other stories come back to them after a second.
pub(crate) async fn dead_letter_on(stand: &Stand, queue: &str, text: &str) -> String {
    eventually(&format!("a dead letter about {text}"), || async {
        let ask = json!({"MaxNumberOfMessages": 10, "VisibilityTimeout": 1});
        let found = stand.queue(queue, "ReceiveMessage", ask).await;
        for message in found["Messages"].as_array()? {
            let body = message["Body"].as_str().unwrap();
            if body.contains(text) {
                let receipt = json!({"ReceiptHandle": message["ReceiptHandle"]});
                stand.queue(queue, "DeleteMessage", receipt).await;
                return Some(body.to_owned());
            }
        }
        None
    })
    .await
}

#[tokio::test]
async fn a_copy_that_was_given_up_says_so_and_is_tried_anew_when_an_operator_sends_it_back() {
    let pair = Pair::automatic().await;
    let (stand, (south, sam), (harbour, gina)) = (&pair.stand, &pair.south, &pair.harbour);
    let broken = json!({"method": "POST", "path": format!("/rest/v1.0/projects/{}/rfis", harbour.project().id),
        "company_id": harbour.id, "times": 1000, "status": 500, "body": {"errors": "we broke it"}});
    stand.side_door(Method::POST, "/faults", broken).await;
    let rfi = json!({"subject": "Given up", "draft": false, "rfi_manager_id": south.people[1].1});
    stand.create_rfi(south.project(), &sam.login, rfi).await;
    let deliveries = api(
        harbour.project(),
        &format!("/connections/{}/deliveries", pair.connection),
    );
    let with_status = async |status: &'static str| {
        eventually(&format!("it is {status}"), || async {
            let list = gina.get(&deliveries).await.expect(200);
            let one = list["deliveries"].get(0)?.clone();
            (one["status"] == status).then_some(one)
        })
        .await
    };
    let retrying = with_status("retrying").await;

    // A day of attempts, made short: all but the last are behind it.
    let key = json!({
        "pk": {"S": pair.deliveries()},
        "sk": {"S": format!("DELIVERY#{}", retrying["reference"].as_str().unwrap())},
    });
    eventually("the delivery is between two attempts", || async {
        let set = json!({
            "Key": key, "UpdateExpression": "SET attempts = :attempts ADD version :one",
            "ConditionExpression": "#status = :retrying", "ExpressionAttributeNames": {"#status": "status"},
            "ExpressionAttributeValues": {":attempts": {"N": "39"}, ":one": {"N": "1"}, ":retrying": {"S": "retrying"}},
            "ReturnValues": "ALL_NEW",
        });
        stand.try_table("UpdateItem", set).await.ok()
    })
    .await;
    let failed = with_status("failed").await;
    let reason = failed["reason"].as_str().unwrap();
    assert!(reason.starts_with("Given up after 40 attempts"), "{reason}");
    assert!(reason.contains("we broke it"), "{reason}");

    let letter = dead_letter(stand, &pair.connection).await;
    stand
        .side_door(
            Method::DELETE,
            &format!("/faults?company_id={}", harbour.id),
            Value::Null,
        )
        .await;
    stand.queue(COPIES, "SendMessage", json!({"MessageBody": letter})).await;
    let delivered = with_status("delivered").await;
    assert_eq!(delivered["attempts"], 1);
    assert_eq!(stand.copies(harbour.project()).await.len(), 1);

    // Sent back once more, it is there already.
    stand.queue(COPIES, "SendMessage", json!({"MessageBody": letter})).await;
    let reference = delivered["reference"].as_str().unwrap();
    eventually("a worker finds it settled", || async {
        let log = std::fs::read_to_string(setting("GUSSET_FUNCTIONS_LOG")).unwrap();
        let is_it = |line: &str| line.contains(reference) && line.contains("it is settled already");
        log.lines().any(is_it).then_some(())
    })
    .await;
    assert_eq!(stand.copies(harbour.project()).await.len(), 1);
}

#[tokio::test]
async fn a_message_that_cannot_be_read_is_a_dead_letter_at_once_and_as_it_is() {
    let stand = Stand::new();
    for work in ["COPIES", "SWEEPS", "PLAN_FILES"] {
        let queue = format!("GUSSET_{work}_QUEUE_URL");
        for (number, wrong) in [
            json!("not a job"),
            json!({"connection": "x"}),
            json!({"tool": "drawings", "item": -1}),
        ]
        .into_iter()
        .enumerate()
        {
            let mark = format!("unreadable {number} on {work} of {}", std::process::id());
            let body = json!({"mark": mark, "wrong": wrong}).to_string();
            let sent = stand.queue(&queue, "SendMessage", json!({"MessageBody": body})).await;
            let found = dead_letter_on(&stand, &format!("GUSSET_{work}_DEAD_LETTERS_URL"), &mark).await;
            assert_eq!(found, body);
            let told = stand.log_with(sent["MessageId"].as_str().unwrap());
            assert_eq!(told.len(), 1, "{told:#?}");
        }
    }
}
