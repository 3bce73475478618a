//! A file that is uploaded for an RFI.

use reqwest::Method;
use ring::digest::{SHA256, digest};
use serde_json::json;

use super::Walk;
use crate::{procore::Body, report::Assumption};

const SEGMENT: Assumption = Assumption {
    name: "a segment of an upload",
    expected: "is taken at its address, without a token, and answered with an ETag",
    consequence: "no attachment is carried over",
};

pub(super) const FILE: &[u8] = b"Gusset probe, to be removed.\n";

impl Walk<'_> {
    /// Uploads a file. Returns its id, where Procore took it.
    pub(super) async fn upload(&mut self) -> Result<Option<String>, String> {
        let uploads = format!("/rest/v1.1/projects/{}/uploads", self.procore.project);
        let digest = digest(&SHA256, FILE);
        let sha256: String = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        let segment = json!({"size": FILE.len(), "sha256": sha256});
        let new = json!({
            "response_filename": "gusset-probe.txt", "response_content_type": "text/plain", "segments": [segment],
        });
        let begun = self.procore.write(Method::POST, &uploads, Body::Json(new)).await?;
        let (uuid, place) = (begun.body["uuid"].as_str(), &begun.body["segments"][0]);
        let (Some(uuid), Some(url)) = (uuid, place["url"].as_str()) else {
            self.report
                .check(SEGMENT, false, format!("no address: {}", begun.in_words()));
            return Ok(None);
        };
        let filled = self.procore.fill(url, &place["headers"], FILE).await?;
        let etag = filled.header("etag").map(|etag| etag.trim_matches('"').to_owned());
        let taken = filled.is_success() && etag.is_some();
        self.report.check(
            SEGMENT,
            taken,
            format!("status {}, ETag {}", filled.status, etag.is_some()),
        );
        let mut segment = segment;
        segment["etag"] = json!(etag);
        let done = json!({"segments": [segment]});
        let path = format!("{uploads}/{uuid}");
        let completed = self.procore.write(Method::PATCH, &path, Body::Json(done)).await?;
        Ok(completed.is_success().then(|| uuid.to_owned()))
    }

    /// The file, as forms in parts take it.
    pub(super) fn file(field: (&'static str, String)) -> Body {
        Body::File {
            field,
            file: ("gusset-probe.txt", FILE),
        }
    }
}
