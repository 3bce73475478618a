//! Plan sync: estimators who connect a Procore login, what a sync should find, and what Gusset shows of it.

use std::collections::BTreeMap;

use reqwest::{Method, header};
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};

use crate::{Answer, Company, Person, Project, Stand, eventually, setting};

/// A file of a plan's revision.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PlanFile {
    /// The plan's id in Gusset.
    pub plan: String,
    /// The revision's id in Procore.
    pub revision: String,
    /// The SHA-256 of its bytes, in hexadecimal digits. Empty where it is not there.
    pub sha256: String,
}

/// What a link to a file gave.
#[derive(Debug, Clone)]
pub struct Download {
    /// The link.
    pub link: String,
    /// How a browser is to treat it.
    pub disposition: String,
    /// Its media type.
    pub content_type: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// The SHA-256 of bytes, in hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    let digest = digest(&SHA256, bytes);
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Stand {
    /// A company for a story about plans: an admin who may make webhooks, and a reader. Each of its projects has some drawings; the first has a sheet
    /// with two revisions, a section with two, a document with two versions, and two bid packages as well.
    pub async fn planned(&self, name: &str, projects: usize) -> Company {
        let names: Vec<Value> = (1..=projects).map(|n| json!({"name": format!("{name} {n}")})).collect();
        let company = self
            .make_company(json!({
                "name": name, "projects": names,
                "people": [
                    {"name": format!("{name} admin"), "level": "admin", "company_admin": true,
                        "levels": {"webhooks_api": "standard"}},
                    {"name": format!("{name} reader"), "level": "read_only"},
                ],
            }))
            .await;
        let first = company.project();
        for revision in ["0", "1"] {
            let sheet = json!({"number": "A-900", "title": "Roof: plan & details", "revision": revision, "area": "Tower",
                "discipline": "Architectural", "drawing_date": "2026-06-30", "size": 20_000});
            self.publish(&company, first, "drawing", sheet).await;
            let section = json!({"number": "07 50 00", "description": "Membrane Roofing", "revision": revision});
            self.publish(&company, first, "specification_section", section).await;
            let file = json!({"name": "Survey.pdf", "folder": "03 Reports > Survey", "notes": revision});
            self.publish(&company, first, "file", file).await;
        }
        for (title, due) in [("Roofing", "2027-03-01T17:00:00Z"), ("Glazing", "2027-02-01T17:00:00Z")] {
            let package = json!({"title": title, "bid_due_date": due});
            self.publish(&company, first, "bid_package", package).await;
        }
        for project in &company.projects {
            self.add_sheets(project, 2).await;
        }
        company
    }

    /// Adds sheets to a project that were always there: no webhook tells of them.
    pub async fn add_sheets(&self, project: &Project, count: u64) {
        let path = format!("/projects/{}/sheets", project.id);
        self.side_door(Method::POST, &path, json!({"count": count})).await;
    }

    /// Publishes a revision or version of a plan, or makes a bid package, as a company's admin does. `field` is what Procore
    /// calls it: `drawing`, `specification_section`, `file` or `bid_package`.
    pub async fn publish(&self, company: &Company, project: &Project, field: &str, plan: Value) -> Value {
        let path = format!("/projects/{}/{field}s", project.id);
        let body = json!({"login": company.people[0].0, field: plan});
        self.side_door(Method::POST, &path, body).await
    }

    /// What a sync should find in a project, as the stand-in for Procore has it.
    pub async fn published(&self, project: &Project) -> Value {
        let path = format!("/projects/{}/plans", project.id);
        self.side_door(Method::GET, &path, Value::Null).await
    }

    /// The files that a sync should bring from a project.
    pub async fn published_files(&self, project: &Project) -> Vec<PlanFile> {
        let published = self.published(project).await;
        let file = |kind: &str, plan: &Value, revision: &Value| PlanFile {
            plan: format!("{}-{kind}-{plan}", project.id),
            revision: revision["id"].to_string(),
            sha256: revision["sha256"].as_str().unwrap().to_owned(),
        };
        let mut files = Vec::new();
        for revision in published["drawing_revisions"].as_array().unwrap() {
            files.push(file("drawing", &revision["drawing_id"], revision));
        }
        for revision in published["specification_section_revisions"].as_array().unwrap() {
            files.push(file("specification", &revision["specification_section_id"], revision));
        }
        for document in published["files"].as_array().unwrap() {
            for version in document["file_versions"].as_array().unwrap() {
                files.push(file("document", &document["id"], version));
            }
        }
        files.sort();
        files
    }

    /// Somebody with an estimating account that is connected to a login, and synced.
    pub async fn synced_estimator(&self, login: &str) -> Person {
        let person = self.estimator(&self.new_email("erin")).await;
        self.connect(&person, login).await;
        self.synced(&person).await;
        person
    }

    /// Connects somebody's estimating account to a login, on Gusset's and Procore's own pages.
    pub async fn connect(&self, person: &Person, login: &str) {
        let done = self.try_to_connect(person, login).await;
        assert_eq!(done.location(), format!("{}/estimating/integrations", self.gusset));
    }

    /// As [`Self::connect`], where it may be refused. Gives Gusset's answer when the person comes back from Procore.
    pub async fn try_to_connect(&self, person: &Person, login: &str) -> Answer {
        let start = person
            .get("/oauth/start?connect=plans&return_to=/estimating/integrations")
            .await;
        let back = person.consent_as(&start.location(), login).await;
        person.get(&back).await
    }

    /// The account's link to Procore.
    pub async fn integration(&self, person: &Person) -> Value {
        person.get("/api/account/integration").await.expect(200)["integration"].clone()
    }

    /// Waits until the latest run is done, and gives the link to Procore.
    pub async fn synced(&self, person: &Person) -> Value {
        eventually("the sync is done", || async {
            let integration = self.integration(person).await;
            (integration["run"]["stage"] == "done").then_some(integration)
        })
        .await
    }

    /// Has everything looked at again, and waits until that is done.
    pub async fn refreshed(&self, person: &Person) -> Value {
        let asked = person
            .post("/api/account/integration/refresh", json!({}))
            .await
            .expect(202);
        let integration = self.synced(person).await;
        assert_eq!(integration["run"]["id"], asked["run"]["id"]);
        integration
    }

    /// The hooks by which Procore tells of a project's plans, with the secrets that its API masks.
    pub async fn plan_hooks(&self, project: &Project) -> Vec<Value> {
        self.hooks(project, "gusset-plans").await
    }

    /// The hook by which Procore tells of the plans of a company's first project, once each of its projects has one with all
    /// its triggers.
    pub async fn watched(&self, company: &Company) -> Value {
        eventually("the company's projects are watched", || async {
            let mut hooks = Vec::new();
            for project in &company.projects {
                let found = self.plan_hooks(project).await;
                assert!(found.len() <= 1, "{found:?}");
                // They are made all at once: what becomes of six resources.
                hooks.extend(
                    found
                        .into_iter()
                        .filter(|hook| hook["status"] == "active" && hook["triggers"].as_array().unwrap().len() == 18),
                );
            }
            (hooks.len() == company.projects.len()).then(|| hooks.remove(0))
        })
        .await
    }

    /// Calls for what the clock calls for: `check` or `sync`, for every account that is connected.
    pub async fn plan_clock(&self, call: &str) {
        let function = setting("GUSSET_SYNC_PLANS_FUNCTION");
        let url = format!(
            "{}/2015-03-31/functions/{function}/invocations",
            setting("AWS_ENDPOINT_URL")
        );
        let answer = self.http.post(url).json(&json!({"clock": call})).send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
    }

    /// What is at a signed link, which nobody has to be signed in for.
    pub async fn follow(&self, link: &str) -> Download {
        let file = self.http.get(link).send().await.unwrap();
        assert_eq!(file.status(), 200, "{link}");
        let header = |name: header::HeaderName| file.headers()[name].to_str().unwrap().to_owned();
        Download {
            link: link.to_owned(),
            disposition: header(header::CONTENT_DISPOSITION),
            content_type: header(header::CONTENT_TYPE),
            bytes: file.bytes().await.unwrap().to_vec(),
        }
    }

    /// The apps that may act for a login, as Procore's own page lists them.
    pub async fn connected_apps(&self, login: &str) -> String {
        let sign_in = self.http.post(format!("{}/sign-in", self.procore));
        let signed_in = sign_in.form(&[("login", login)]).send().await.unwrap();
        let cookie = signed_in.headers()[header::SET_COOKIE].to_str().unwrap();
        let cookie = cookie.split(';').next().unwrap().to_owned();
        let page = self.http.get(format!("{}/profile/apps", self.procore));
        page.header(header::COOKIE, cookie)
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap()
    }

    /// The record of an account's link to Procore, in DynamoDB's own JSON, by the login that is connected or was.
    pub async fn integration_record(&self, login: &str) -> Value {
        let found = json!({
            "FilterExpression": "sk = :integration AND login.login = :login",
            "ExpressionAttributeValues": {":integration": {"S": "INTEGRATION"}, ":login": {"S": login}},
        });
        let mut found = self.scan(found).await;
        assert_eq!(found.len(), 1, "{found:?}");
        found.remove(0)
    }

    /// Lets the access token of a login that is connected run out; with `unfinished`, leaves it as a process does that died
    /// while it was refreshing it.
    pub async fn age_tokens(&self, login: &str, unfinished: bool) {
        let record = self.integration_record(login).await;
        let until = if unfinished { "1000" } else { "0" };
        let aged = json!({
            "Key": {"pk": record["pk"], "sk": record["sk"]},
            "UpdateExpression": "SET tokens_expire_at = :past, refreshing_until = :until",
            "ExpressionAttributeValues": {":past": {"N": "1000"}, ":until": {"N": until}},
        });
        self.table("UpdateItem", aged).await;
    }
}

impl Person {
    /// All entries of a list of Gusset's, of all pages.
    pub async fn all(&self, path: &str, name: &str) -> Vec<Value> {
        let mut all = Vec::new();
        let mut cursor = String::new();
        loop {
            let with = if path.contains('?') { '&' } else { '?' };
            let page = self.get(&format!("{path}{with}limit=100{cursor}")).await.expect(200);
            all.extend(page[name].as_array().unwrap().clone());
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return all,
            }
        }
    }

    /// The projects of the bid calendar.
    pub async fn bid_projects(&self) -> Vec<Value> {
        self.all("/api/account/projects", "projects").await
    }

    /// A project's plans.
    pub async fn plans(&self, project: &Project) -> Vec<Value> {
        self.all(&format!("/api/account/projects/{}/plans", project.id), "plans")
            .await
    }

    /// The plans of a project by number or file name.
    pub async fn plans_by_number(&self, project: &Project) -> BTreeMap<String, Value> {
        let name = |plan: &Value| {
            let number = plan["number"].as_str().unwrap();
            let title = plan["title"].as_str().unwrap();
            if number.is_empty() { title } else { number }.to_owned()
        };
        self.plans(project)
            .await
            .into_iter()
            .map(|plan| (name(&plan), plan))
            .collect()
    }

    /// The files of a project's plans that are here.
    pub async fn plan_files(&self, project: &Project) -> Vec<PlanFile> {
        let mut files = Vec::new();
        for plan in self.plans(project).await {
            for revision in revisions(&plan) {
                files.push(PlanFile {
                    plan: plan["id"].as_str().unwrap().to_owned(),
                    revision: revision["id"].as_str().unwrap().to_owned(),
                    sha256: revision["sha256"].as_str().unwrap_or_default().to_owned(),
                });
            }
        }
        files.sort();
        files
    }

    /// Downloads what a path of Gusset's leads to.
    pub async fn download(&self, stand: &Stand, path: &str) -> Download {
        let leads = self.get(path).await;
        assert_eq!(leads.status, 303, "{path}: {}", leads.text);
        stand.follow(&leads.location()).await
    }
}

/// All revisions of a plan, the one that holds first.
pub fn revisions(plan: &Value) -> Vec<Value> {
    let mut revisions = vec![plan["current"].clone()];
    revisions.retain(|revision| !revision.is_null());
    revisions.extend(plan["former"].as_array().unwrap().clone());
    revisions
}
