//! Working hours and a note of the Site Diary, with files.

use jiff::{Timestamp, tz::TimeZone};
use reqwest::Method;
use serde_json::{Value, json};

use super::Walk;
use crate::{
    procore::{As, Body, id_of},
    report::Assumption,
};

const HOURS: Assumption = Assumption {
    name: "working hours by JSON",
    expected: "are created with 201",
    consequence: "no working hours arrive",
};
const FILE_OF_HOURS: Assumption = Assumption {
    name: "a file of working hours, by PATCH in a form",
    expected: "is shown in the answer's attachments",
    consequence: "copies of working hours count as without their files",
};
const NOTE: Assumption = Assumption {
    name: "a note by JSON",
    expected: "is created with 201",
    consequence: "no note arrives",
};
const FILE_OF_A_NOTE: Assumption = Assumption {
    name: "a file of a note, by PATCH in a form",
    expected: "is shown in the answer's attachments",
    consequence: "copies of notes count as without their files",
};
const DAYS: Assumption = Assumption {
    name: "start_date and end_date of 90 days",
    expected: "list the entry of today",
    consequence: "the sweep misses entries whose webhook was lost",
};

/// A kind of entries.
struct Kind {
    path: &'static str,
    key: &'static str,
    new: Value,
    /// A field that a form in parts repeats, so that it is no empty form.
    field: (&'static str, String),
    name: &'static str,
    created: Assumption,
    file: Assumption,
}

impl Walk<'_> {
    pub(super) async fn site_diary(&mut self) -> Result<(), String> {
        let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
        let headers = self.procore.in_project("daily_log_headers");
        self.procore
            .get(As::App, &headers, &[("log_date", &today.to_string())])
            .await?;
        let text = "Gusset probe, to be removed.";
        let hours = Kind {
            path: "manpower_logs",
            key: "manpower_log",
            new: json!({"date": today.to_string(), "notes": text, "num_workers": 1, "num_hours": "1.5"}),
            field: ("manpower_log[notes]", text.to_owned()),
            name: "working hours",
            created: HOURS,
            file: FILE_OF_HOURS,
        };
        let note = Kind {
            path: "notes_logs",
            key: "notes_log",
            new: json!({"date": today.to_string(), "comment": text, "is_issue_day": false}),
            field: ("notes_log[comment]", text.to_owned()),
            name: "a note",
            created: NOTE,
            file: FILE_OF_A_NOTE,
        };
        let (from, to) = (
            today.saturating_sub(jiff::Span::new().days(89)).to_string(),
            today.to_string(),
        );
        let mut listed = Vec::new();
        for kind in [hours, note] {
            let (path, name) = (self.procore.in_project(kind.path), kind.name);
            let Some(id) = self.entry(kind).await? else { continue };
            let query = [
                ("start_date", from.as_str()),
                ("end_date", to.as_str()),
                ("filters[status]", "all"),
            ];
            let answer = self.procore.get(As::App, &path, &query).await?;
            if !answer.entries().iter().any(|entry| id_of(entry).as_ref() == Some(&id)) {
                listed.push(format!("{name}: {}", answer.in_words()));
            }
            // Removed at once, so that what is described of it is asked as well.
            self.procore
                .write(Method::DELETE, &format!("{path}/{id}"), Body::None)
                .await?;
        }
        self.report
            .check(DAYS, listed.is_empty(), format!("not listed: {}", listed.join(", ")));
        Ok(())
    }

    /// Makes an entry with a file. Returns its id.
    async fn entry(&mut self, kind: Kind) -> Result<Option<String>, String> {
        let path = self.procore.in_project(kind.path);
        let new = json!({ kind.key: kind.new });
        let created = self.procore.write(Method::POST, &path, Body::Json(new)).await?;
        self.report
            .check(kind.created, created.status == 201, created.in_words());
        let Some(id) = created.id() else { return Ok(None) };
        let one = format!("{path}/{id}");
        self.made(Method::DELETE, one.clone(), kind.name);
        let changed = self.procore.write(Method::PATCH, &one, Self::file(kind.field)).await?;
        let count = changed.body["attachments"].as_array().map_or(0, Vec::len);
        let found = format!("{}, {count} attachments", changed.in_words());
        self.report.check(kind.file, changed.is_success() && count == 1, found);
        self.procore.get(As::App, &one, &[]).await?;
        Ok(Some(id))
    }
}
