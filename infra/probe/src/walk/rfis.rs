//! An RFI with a question, an attachment and a reply.

use jiff::{Timestamp, ToSpan};
use reqwest::Method;
use serde_json::{Value, json};

use super::Walk;
use crate::{
    procore::{As, Body, id_of},
    report::{Assumption, Verdict},
};

const MANAGER: Assumption = Assumption {
    name: "who may manage RFIs",
    expected: "at least one person of the project",
    consequence: "no RFI can arrive: each needs a manager",
};
const CREATED: Assumption = Assumption {
    name: "an RFI by JSON, with its manager",
    expected: "is created with 201",
    consequence: "no RFI arrives",
};
const ATTACHED: Assumption = Assumption {
    name: "an RFI's question.upload_ids",
    expected: "attach the upload, which the answer shows",
    consequence: "copies of RFIs count as without their attachments",
};
const COST: Assumption = Assumption {
    name: "the cost of one RFI",
    expected: "is text, \"12039.55\"",
    consequence: "none for reading, which takes both; the stand-in is wrong",
};
const RANGE: Assumption = Assumption {
    name: "filters[created_at]=FROM...TO",
    expected: "leaves out what was created before",
    consequence: "looking for a copy reads all of a project's RFIs",
};
const REPLY: Assumption = Assumption {
    name: "a reply",
    expected: "is shown with its RFI, in questions[].answers[]",
    consequence: "answers are not seen",
};
const RECYCLED: Assumption = Assumption {
    name: "an RFI in the recycle bin",
    expected: "is 404, or says that it is deleted",
    consequence: "a deleted RFI is copied all the same",
};

impl Walk<'_> {
    pub(super) async fn rfi(&mut self, upload: Option<&str>) -> Result<(), String> {
        let rfis = self.procore.in_project("rfis");
        let managers = format!("{rfis}/potential_rfi_managers");
        let managers = self.procore.get(As::App, &managers, &[]).await?;
        let manager = managers.entries().first().and_then(|person| person["id"].as_u64());
        self.report.check(MANAGER, manager.is_some(), managers.in_words());
        let Some(manager) = manager else { return Ok(()) };
        let question = json!({"body": "<p>Gusset probe, to be removed.</p>", "upload_ids": upload.into_iter().collect::<Vec<_>>()});
        let new = json!({"rfi": {
            "subject": "Gusset probe, to be removed", "rfi_manager_id": manager, "question": question,
            "cost_impact": {"status": "yes_known", "value": "12039.55"},
            "schedule_impact": {"status": "yes_known", "value": 1.5},
        }});
        let created = self.procore.write(Method::POST, &rfis, Body::Json(new)).await?;
        self.report.check(CREATED, created.status == 201, created.in_words());
        let Some(id) = created.id() else { return Ok(()) };
        let one = format!("{rfis}/{id}");
        self.made(Method::PATCH, format!("{one}/recycle"), "an RFI");

        let shown = self.procore.get(As::App, &one, &[]).await?;
        let question = &shown.body["questions"][0];
        match upload {
            Some(_) => {
                let count = question["attachments"].as_array().map_or(0, Vec::len);
                self.report
                    .check(ATTACHED, count == 1, format!("{count} attachments are shown"));
            }
            None => self
                .report
                .add(ATTACHED, Verdict::Untried("nothing could be uploaded".to_owned())),
        }
        let cost = &shown.body["cost_impact"]["value"];
        let kind = if cost.is_number() { "a number" } else { "something else" };
        self.report.check(COST, cost.is_string(), kind);

        let (past, future) = (range(-1), range(1));
        let in_range = async |walk: &mut Self, range: &str| {
            let query = [("filters[created_at]", range)];
            let listed = walk.procore.get(As::App, &rfis, &query).await?;
            Ok::<bool, String>(
                listed
                    .entries()
                    .iter()
                    .any(|rfi: &Value| id_of(rfi).as_ref() == Some(&id)),
            )
        };
        let found = (in_range(self, &past).await?, in_range(self, &future).await?);
        self.report.check(
            RANGE,
            found == (true, false),
            format!("it is in the range of (yesterday, tomorrow): {found:?}"),
        );

        let reply = json!({"reply": {"body": "Gusset probe, to be removed.", "official": false}});
        let replied = self
            .procore
            .write(Method::POST, &format!("{one}/replies"), Body::Json(reply))
            .await?;
        let shown = self.procore.get(As::App, &one, &[]).await?;
        let answers = shown.body["questions"][0]["answers"].as_array().map_or(0, Vec::len);
        self.report.check(
            REPLY,
            replied.status == 201 && answers == 1,
            format!("{}, {answers} answers", replied.in_words()),
        );

        let recycled = self
            .procore
            .write(Method::PATCH, &format!("{one}/recycle"), Body::None)
            .await?;
        let shown = self.procore.get(As::App, &one, &[]).await?;
        let is_gone = shown.status == 404 || shown.body["deleted"] == true;
        self.report.check(
            RECYCLED,
            recycled.is_success() && is_gone,
            format!("{}, then {}", recycled.in_words(), shown.in_words()),
        );
        Ok(())
    }
}

/// The two days that begin so many days from now.
fn range(days: i64) -> String {
    let from = Timestamp::now() + (days * 24).hours();
    let to = from + 48.hours();
    let whole = |moment: Timestamp| moment.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    format!("{}...{}", whole(from), whole(to))
}
