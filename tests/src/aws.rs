//! What AWS has of ours, past Gusset: messages on queues, files in the bucket, and room for functions.

use reqwest::{Method, header};
use serde_json::{Value, json};

use crate::{Stand, setting};

/// Whoever signs with the account's own key may do everything. The emulator looks at who signed, and not at the signature.
const SIGNED: &str =
    "AWS4-HMAC-SHA256 Credential=test/20261122/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=none";

impl Stand {
    /// How many messages are in a queue or on their way out of it. `queue` is the setting with its address.
    pub async fn messages(&self, queue: &str) -> u64 {
        let all = json!({"AttributeNames": ["All"]});
        let of = self.queue(queue, "GetQueueAttributes", all).await;
        let counts = [
            "ApproximateNumberOfMessages",
            "ApproximateNumberOfMessagesNotVisible",
            "ApproximateNumberOfMessagesDelayed",
        ];
        let number = |name: &str| of["Attributes"][name].as_str().unwrap().parse::<u64>().unwrap();
        counts.into_iter().map(number).sum()
    }

    /// The keys of the plans' bucket that begin with a text.
    pub async fn objects(&self, prefix: &str) -> Vec<String> {
        let bucket = format!(
            "{}/{}",
            setting("AWS_ENDPOINT_URL"),
            setting("GUSSET_PLANS_BUCKET_NAME")
        );
        let (mut keys, mut after) = (Vec::new(), String::new());
        loop {
            let list = self
                .http
                .get(&bucket)
                .query(&[("list-type", "2"), ("prefix", prefix), ("start-after", &after)])
                .header(header::AUTHORIZATION, SIGNED)
                .send()
                .await
                .unwrap();
            let (status, list) = (list.status(), list.text().await.unwrap());
            assert!(status.is_success(), "{status} {list}");
            let found = list.split("<Key>").skip(1).map(|key| key.split('<').next().unwrap());
            keys.extend(found.map(str::to_owned));
            if !list.contains("<IsTruncated>true") {
                return keys;
            }
            after = keys.last().unwrap().clone();
        }
    }

    /// Leaves a deployed function room for so many invocations at once, or as many as there are where it is None. The
    /// function has the name that it is deployed by.
    pub async fn leave_room(&self, function: &str, room: Option<u8>) {
        let aws = setting("AWS_ENDPOINT_URL");
        let url = format!("{aws}/2017-10-31/functions/{function}/concurrency");
        let request = match room {
            Some(room) => {
                let room = json!({"ReservedConcurrentExecutions": room});
                self.http.request(Method::PUT, url).json(&room)
            }
            None => self.http.request(Method::DELETE, url),
        };
        let answer = request.send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
    }

    /// All records under a `pk`, in DynamoDB's own JSON, in however many pages.
    pub async fn records(&self, pk: &str) -> Vec<Value> {
        let query = json!({
            "KeyConditionExpression": "pk = :pk", "ExpressionAttributeValues": {":pk": {"S": pk}}, "ConsistentRead": true,
        });
        self.all_pages("Query", query).await
    }
}
