//! Companies, projects and items in the stand-in for Procore.

use reqwest::{Method, Response, StatusCode, header};
use serde_json::{Value, json};
use url::Url;

use crate::{Person, Stand, eventually};

/// The header that every call to a company's endpoint carries.
const COMPANY_HEADER: &str = "Procore-Company-Id";

/// A company that a story made.
#[derive(Debug, Clone)]
pub struct Company {
    /// Its id.
    pub id: u64,
    /// Its name.
    pub name: String,
    /// Its projects.
    pub projects: Vec<Project>,
    /// Its people, in the order in which they were asked for: logins and ids.
    pub people: Vec<(String, u64)>,
}

/// A project that a story made.
#[derive(Debug, Clone)]
pub struct Project {
    /// Its id.
    pub id: u64,
    /// Its name.
    pub name: String,
}

impl Company {
    /// Its only, or first, project.
    pub fn project(&self) -> &Project {
        &self.projects[0]
    }
}

impl Stand {
    /// Makes a company as the side door's `POST /sandbox/companies` describes it. It has the limits that Procore typically
    /// sets: 25 calls in 10 s, and 3,600 an hour.
    pub async fn make_company(&self, description: Value) -> Company {
        let made = self.side_door(Method::POST, "/companies", description).await;
        let id = made["id"].as_u64().unwrap();
        let projects = made["projects"].as_array().unwrap().iter().map(|project| Project {
            id: project["id"].as_u64().unwrap(),
            name: project["name"].as_str().unwrap().to_owned(),
        });
        let people = made["people"].as_array().unwrap().iter();
        Company {
            id,
            name: made["name"].as_str().unwrap().to_owned(),
            projects: projects.collect(),
            people: people
                .map(|person| {
                    (
                        person["login"].as_str().unwrap().to_owned(),
                        person["id"].as_u64().unwrap(),
                    )
                })
                .collect(),
        }
    }

    /// A company with one project, an admin who is signed in, and an RFI manager. One location and one specification
    /// section are in every such project, others in this company's only.
    pub async fn company(&self, name: &str) -> (Company, Person) {
        self.company_with(name, &[]).await
    }

    /// As [`Self::company`], with some more locations.
    pub async fn company_with(&self, name: &str, more_locations: &[String]) -> (Company, Person) {
        let mut locations = vec!["Tower > Level 2".to_owned(), format!("{name} Annex")];
        locations.extend_from_slice(more_locations);
        let company = self
            .make_company(json!({
                "name": name,
                "projects": [{
                    "name": format!("{name} project"),
                    "locations": locations,
                    "specification_sections": ["03 30 00", format!("{name} 1")],
                }],
                "people": [
                    {"name": format!("{name} admin"), "level": "admin", "company_admin": true},
                    {"name": format!("{name} manager"), "level": "standard", "rfi_manager": true},
                    {"name": format!("{name} reader"), "level": "read_only"},
                ],
            }))
            .await;
        let admin = self.sign_in(&company.people[0].0).await;
        (company, admin)
    }

    /// Creates an RFI as a person would on Procore's pages, and gives its id.
    pub async fn create_rfi(&self, project: &Project, login: &str, mut rfi: Value) -> u64 {
        if rfi.get("question").is_none() {
            rfi["question"] = json!({"body": "<p>Which route?</p>"});
        }
        let path = format!("/projects/{}/rfis", project.id);
        let created = self
            .side_door(Method::POST, &path, json!({"login": login, "rfi": rfi}))
            .await;
        created["id"].as_u64().unwrap()
    }

    /// A project's hooks of a namespace, by whichever of Procore's APIs they were made, with the secrets that those mask.
    pub async fn hooks(&self, project: &Project, namespace: &str) -> Vec<Value> {
        let path = format!("/webhooks/hooks?project_id={}", project.id);
        let hooks = self.side_door(Method::GET, &path, Value::Null).await;
        let mut hooks = hooks["hooks"].as_array().unwrap().clone();
        hooks.retain(|hook| hook["namespace"] == namespace);
        hooks
    }

    /// Changes a hook past Gusset: its `status`, as Procore does with one that fails for long, or its `authorization`.
    pub async fn change_hook(&self, hook: &Value, change: Value) {
        let path = format!("/webhooks/hooks/{}", hook["id"].as_str().unwrap());
        self.side_door(Method::PUT, &path, change).await;
    }

    /// Makes it so long ago that a project's hook was looked at that the next sweep does so again.
    pub async fn hook_is_due(&self, project: &Project) {
        let past = json!({
            "Key": {"pk": {"S": format!("HOOK#{}", project.id)}, "sk": {"S": "HOOK"}},
            "UpdateExpression": "SET checked_at = :past", "ConditionExpression": "attribute_exists(pk)",
            "ExpressionAttributeValues": {":past": {"S": "2026-01-01T00:00:00Z"}},
        });
        self.table("UpdateItem", past).await;
    }

    /// The path of a project's webhooks in Procore.
    pub fn webhooks_of(company: &Company, project: &Project) -> String {
        format!("/rest/v2.0/companies/{}/projects/{}/webhooks", company.id, project.id)
    }

    /// Grants the Webhooks API in a project, or takes it away: from a person by the login, or else from our service account.
    pub async fn permit_webhooks(&self, company: &Company, project: &Project, login: Option<&str>, level: &str) {
        let ours = format!("gusset-local@{}.service.example", company.id);
        let path = format!("/people/{}/permissions", login.unwrap_or(&ours));
        let permission = json!({"project_id": project.id, "tool": "webhooks_api", "level": level});
        self.side_door(Method::PUT, &path, permission).await;
    }

    /// A token of Gusset's own service account.
    async fn service_token(&self) -> String {
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", "gusset-local"),
            ("client_secret", "gusset-local-secret"),
        ];
        let token = self
            .http
            .post(format!("{}/oauth/token", self.procore))
            .form(&form)
            .send()
            .await
            .unwrap();
        let token: Value = token.json().await.unwrap();
        token["access_token"].as_str().unwrap().to_owned()
    }

    /// A token of a person by whom our app may act.
    async fn person_token(&self, login: &str) -> String {
        let back = format!("{}/oauth/callback", self.gusset);
        let query = [
            ("response_type", "code"),
            ("client_id", "gusset-local"),
            ("redirect_uri", &back),
            ("state", "s"),
        ];
        let consent = self
            .http
            .post(format!("{}/oauth/authorize", self.procore))
            .query(&query);
        let consent = consent.form(&[("login", login)]).send().await.unwrap();
        let back_with = Url::parse(consent.headers()[header::LOCATION].to_str().unwrap()).unwrap();
        let code = back_with.query_pairs().find(|(name, _)| name == "code").unwrap().1;
        let form = [
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", &back),
            ("client_id", "gusset-local"),
            ("client_secret", "gusset-local-secret"),
        ];
        let token = self.http.post(format!("{}/oauth/token", self.procore)).form(&form);
        let token: Value = token.send().await.unwrap().json().await.unwrap();
        token["access_token"].as_str().unwrap().to_owned()
    }

    /// What Procore's API answers to a person by whom our app may act, past Gusset.
    pub async fn as_person(&self, login: &str, path: &str) -> Value {
        let request = self.http.get(format!("{}{path}", self.procore));
        let answer = request
            .header(COMPANY_HEADER, self.company_of(path).await)
            .bearer_auth(self.person_token(login).await)
            .send()
            .await;
        answer.unwrap().json().await.unwrap()
    }

    /// The company that a call concerns whose address or body names it, or its project.
    async fn company_of_call(&self, path: &str, body: &Value) -> String {
        match (body["company_id"].as_u64(), body["project_id"].as_u64()) {
            (Some(company), _) => company.to_string(),
            (None, Some(project)) => self.company_of(&format!("project_id={project}")).await,
            (None, None) => self.company_of(path).await,
        }
    }

    /// The company that a call concerns: as its address says, or that of the project in it.
    async fn company_of(&self, address: &str) -> String {
        let id_after = |name: &str| {
            let rest = address.split_once(name)?.1;
            let id: String = rest.chars().take_while(char::is_ascii_digit).collect();
            (!id.is_empty()).then_some(id)
        };
        if let Some(company) = id_after("/companies/").or_else(|| id_after("company_id=")) {
            return company;
        }
        let project = id_after("/projects/").or_else(|| id_after("project_id="));
        let project = project.unwrap_or_else(|| panic!("{address} names no company and no project"));
        let project = self
            .side_door(Method::GET, &format!("/projects/{project}"), Value::Null)
            .await;
        project["company_id"].to_string()
    }

    /// Makes something as a person by whom our app may act, past Gusset.
    pub async fn post_as_person(&self, login: &str, path: &str, body: Value) -> Value {
        let token = self.person_token(login).await;
        self.post_past_gusset(token, path, body).await
    }

    /// Makes something with Gusset's own service account, past Gusset.
    pub async fn post_as_gusset(&self, path: &str, body: Value) -> Value {
        let token = self.service_token().await;
        self.post_past_gusset(token, path, body).await
    }

    async fn post_past_gusset(&self, token: String, path: &str, body: Value) -> Value {
        let request = self.http.post(format!("{}{path}", self.procore)).json(&body);
        let request = request.header(COMPANY_HEADER, self.company_of_call(path, &body).await);
        let answer = request.bearer_auth(token).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.json().await.unwrap()
    }

    /// What Procore's API answers to Gusset's own service account.
    pub async fn as_gusset(&self, path: &str) -> Value {
        self.call_as_gusset(Method::GET, path).await.json().await.unwrap()
    }

    /// Deletes something with Gusset's own service account, past Gusset.
    pub async fn delete_as_gusset(&self, path: &str) {
        let answer = self.call_as_gusset(Method::DELETE, path).await;
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
    }

    /// Changes something with Gusset's own service account, past Gusset.
    pub async fn patch_as_gusset(&self, path: &str, body: Value) {
        let request = self.http.patch(format!("{}{path}", self.procore)).json(&body);
        let request = request.header(COMPANY_HEADER, self.company_of_call(path, &body).await);
        let answer = request.bearer_auth(self.service_token().await).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
    }

    /// A call that meets the company's limit is made again: Gusset's own calls count to it as well.
    async fn call_as_gusset(&self, method: Method, path: &str) -> Response {
        eventually("Procore takes the call", || async {
            let request = self.http.request(method.clone(), format!("{}{path}", self.procore));
            let request = request.header(COMPANY_HEADER, self.company_of(path).await);
            let answer = request.bearer_auth(self.service_token().await).send().await.unwrap();
            (answer.status() != StatusCode::TOO_MANY_REQUESTS).then_some(answer)
        })
        .await
    }

    /// The bytes of an attachment, as Procore shows it in an item.
    pub async fn file(&self, attachment: &Value) -> Vec<u8> {
        let address = attachment["url"].as_str().unwrap();
        let leads = self
            .http
            .get(address)
            .bearer_auth(self.service_token().await)
            .send()
            .await
            .unwrap();
        assert_eq!(leads.status(), 302, "{attachment}");
        let storage = leads.headers()[header::LOCATION].to_str().unwrap();
        let file = self.http.get(storage).send().await.unwrap();
        assert_eq!(file.status(), 200, "{attachment}");
        file.bytes().await.unwrap().to_vec()
    }

    /// All RFIs of a project, whoever may see them.
    pub async fn rfis(&self, project: &Project) -> Vec<Value> {
        let project = self
            .side_door(Method::GET, &format!("/projects/{}", project.id), Value::Null)
            .await;
        project["rfis"].as_array().unwrap().clone()
    }

    /// The RFIs of a project that are copies of ours.
    pub async fn copies(&self, project: &Project) -> Vec<Value> {
        let mut rfis = self.rfis(project).await;
        rfis.retain(|rfi| rfi.to_string().contains(" · GST-"));
        rfis
    }

    /// The working hours or notes of a project that are copies of ours: `kind` is `manpower_logs` or `notes_logs`.
    pub async fn diary_copies(&self, project: &Project, kind: &str) -> Vec<Value> {
        let project = self
            .side_door(Method::GET, &format!("/projects/{}", project.id), Value::Null)
            .await;
        let mut entries = project[kind].as_array().unwrap().clone();
        entries.retain(|entry| entry.to_string().contains(" · GST-"));
        entries
    }

    /// The events of a project, once Procore has nothing more to send about it.
    pub async fn settled_events(&self, project: &Project) -> Vec<Value> {
        let path = format!("/webhooks/events?project_id={}", project.id);
        crate::eventually("all webhooks are delivered", || async {
            let events = self.side_door(Method::GET, &path, Value::Null).await;
            let events = events["events"].as_array().unwrap().clone();
            events.iter().all(|event| event["waiting"] == 0).then_some(events)
        })
        .await
    }
}
