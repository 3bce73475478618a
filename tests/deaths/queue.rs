//! A queue that no worker of the stand's reads, played to a function as Lambda plays SQS.

use gusset_tests::{Stand, eventually};
use serde_json::{Value, json};

use crate::host::{Ended, Function};

/// A queue of its own on the emulator.
pub(crate) struct Queue {
    stand: Stand,
    /// Its address.
    pub(crate) url: String,
}

/// The messages of a queue come back so soon, in seconds, when their worker died.
const VISIBILITY: &str = "1";

impl Queue {
    /// A new, empty queue.
    pub(crate) async fn new(stand: &Stand, name: &str) -> Self {
        let made = json!({"QueueName": name, "Attributes": {"VisibilityTimeout": VISIBILITY}});
        let made = stand.aws("AmazonSQS.CreateQueue", made).await.unwrap();
        Self {
            stand: stand.clone(),
            url: made["QueueUrl"].as_str().unwrap().to_owned(),
        }
    }

    async fn sqs(&self, operation: &str, mut request: Value) -> Value {
        request["QueueUrl"] = json!(self.url);
        self.stand
            .aws(&format!("AmazonSQS.{operation}"), request)
            .await
            .unwrap()
    }

    /// Puts a message on it.
    pub(crate) async fn send(&self, body: &Value) {
        let message = json!({"MessageBody": body.to_string()});
        self.sqs("SendMessage", message).await;
    }

    /// Whether it has neither messages nor any on their way.
    pub(crate) async fn is_empty(&self) -> bool {
        let ask = json!({"AttributeNames": ["All"]});
        let of = self.sqs("GetQueueAttributes", ask).await;
        let counts = [
            "ApproximateNumberOfMessages",
            "ApproximateNumberOfMessagesNotVisible",
            "ApproximateNumberOfMessagesDelayed",
        ];
        counts.iter().all(|name| of["Attributes"][*name] == "0")
    }

    /// The next message, once there is one.
    async fn receive(&self) -> Value {
        let receive = json!({"MaxNumberOfMessages": 1, "WaitTimeSeconds": 20, "AttributeNames": ["All"]});
        eventually("a message comes", || async {
            let received = self.sqs("ReceiveMessage", receive.clone()).await;
            received["Messages"].get(0).cloned()
        })
        .await
    }

    async fn delete(&self, message: &Value) {
        let done = json!({"ReceiptHandle": message["ReceiptHandle"]});
        self.sqs("DeleteMessage", done).await;
    }

    /// Takes the next message off it, once there is one.
    pub(crate) async fn take(&self) -> Value {
        let message = self.receive().await;
        self.delete(&message).await;
        serde_json::from_str(message["Body"].as_str().unwrap()).unwrap()
    }

    /// Hands the next message to a function, once there is one, and removes it if the function is done with it.
    pub(crate) async fn hand_to(&self, function: &mut Function) -> Ended {
        let message = self.receive().await;
        let event = json!({"Records": [{
            "messageId": message["MessageId"], "receiptHandle": message["ReceiptHandle"], "body": message["Body"],
            "attributes": message["Attributes"], "messageAttributes": {}, "eventSource": "aws:sqs",
        }]});
        let ended = function.invoke(&event).await;
        if let Ended::Answered(answer) = &ended
            && answer["batchItemFailures"] == json!([])
        {
            self.delete(&message).await;
        }
        ended
    }

    /// Removes it.
    pub(crate) async fn remove(self) {
        self.sqs("DeleteQueue", json!({})).await;
    }
}
