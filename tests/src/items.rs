//! Items of every tool that travels, and their copies.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{Company, Project, Stand};

/// A tool whose items travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tool {
    /// RFIs.
    Rfis,
    /// The Site Diary's working hours.
    WorkingHours,
    /// The Site Diary's notes.
    Notes,
}

/// An item, as a person created it or as it arrived.
#[derive(Debug, Clone)]
pub struct Item {
    /// The tool that it is in.
    pub tool: Tool,
    /// Its id in Procore.
    pub id: u64,
    /// A copy's reference, from its marker.
    pub reference: Option<String>,
    /// All of it, as Procore has it.
    pub all: Value,
}

impl Tool {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Rfis, Self::WorkingHours, Self::Notes];

    /// What Gusset calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rfis => "rfis",
            Self::WorkingHours => "working_hours",
            Self::Notes => "notes",
        }
    }

    /// What Procore's addresses call it.
    pub fn path(self) -> &'static str {
        match self {
            Self::Rfis => "rfis",
            Self::WorkingHours => "manpower_logs",
            Self::Notes => "notes_logs",
        }
    }

    /// What Procore calls one of its items.
    pub fn field(self) -> &'static str {
        match self {
            Self::Rfis => "rfi",
            Self::WorkingHours => "manpower_log",
            Self::Notes => "notes_log",
        }
    }

    /// What Procore's events call it.
    pub fn resource(self) -> &'static str {
        match self {
            Self::Rfis => "RFIs",
            Self::WorkingHours => "Manpower Logs",
            Self::Notes => "Notes Logs",
        }
    }

    /// An item, as Procore's API takes it. An RFI is open.
    pub fn item(self, company: &Company, title: &str) -> Value {
        match self {
            Self::Rfis => json!({
                "subject": title, "draft": false, "rfi_manager_id": company.people[1].1,
                "question": {"body": "<p>Which <b>route</b>?</p>"},
            }),
            Self::WorkingHours => json!({"date": "2026-11-20", "num_workers": 4, "num_hours": "7.5", "notes": title}),
            Self::Notes => json!({"date": "2026-11-20", "comment": title}),
        }
    }
}

impl Stand {
    /// Has a company's admin create an item in its project, and gives its id.
    pub async fn create(&self, company: &Company, tool: Tool, title: &str) -> u64 {
        self.create_as(company, tool, tool.item(company, title), json!([]))
            .await
    }

    /// As [`Self::create`], with the fields as Procore takes them and attachments as the side door does.
    pub async fn create_as(&self, company: &Company, tool: Tool, fields: Value, attachments: Value) -> u64 {
        let path = format!("/projects/{}/{}", company.project().id, tool.path());
        let body = json!({"login": company.people[0].0, tool.field(): fields, "attachments": attachments});
        self.side_door(Method::POST, &path, body).await["id"].as_u64().unwrap()
    }

    /// Changes an item of a company's project as its admin would.
    pub async fn change(&self, company: &Company, tool: Tool, id: u64, fields: Value) {
        let path = format!("/projects/{}/{}/{id}", company.project().id, tool.path());
        let body = json!({"login": company.people[0].0, tool.field(): fields});
        self.side_door(Method::PATCH, &path, body).await;
    }

    /// All that is in a project, whoever may see it.
    pub async fn items(&self, project: &Project) -> Vec<Item> {
        let project = self
            .side_door(Method::GET, &format!("/projects/{}", project.id), Value::Null)
            .await;
        let mut items = Vec::new();
        for tool in Tool::ALL {
            items.extend(project[tool.path()].as_array().unwrap().iter().map(|all| Item {
                tool,
                id: all["id"].as_u64().unwrap(),
                reference: reference(&all.to_string()),
                all: all.clone(),
            }));
        }
        items
    }

    /// What arrived in a project over its connections.
    pub async fn arrived(&self, project: &Project) -> Vec<Item> {
        let mut items = self.items(project).await;
        items.retain(|item| item.reference.is_some());
        items
    }
}

/// The reference in a copy's marker.
fn reference(text: &str) -> Option<String> {
    let (_, after) = text.split_once(" · GST-")?;
    Some(format!("GST-{}", after.get(..12)?))
}
