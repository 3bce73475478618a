//! What has become of the plans in each account.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use futures_util::{StreamExt, stream};
use gusset_tests::{Company, Person, PlanFile, Project, Stand, revisions, sha256};
use serde_json::{Value, json};

use crate::books::Books;

/// Files that are read at once.
const AT_ONCE: usize = 8;

/// An estimator's account, connected to a company's admin.
pub(crate) struct Account {
    pub(crate) person: Person,
    id: String,
    login: String,
    projects: Vec<Project>,
}

impl Account {
    pub(crate) async fn new(stand: &Stand, company: &Company) -> Self {
        let email = stand.new_email("erin");
        let person = stand.estimator(&email).await;
        let login = company.people[0].0.clone();
        stand.connect(&person, &login).await;
        Self {
            id: stand.account_of(&email).await,
            person,
            login,
            projects: company.projects.clone(),
        }
    }

    /// Presses *Refresh*.
    pub(crate) async fn refresh(&mut self, stand: &Stand) {
        self.look(stand).await;
        let refresh = "/api/account/integration/refresh";
        self.person.post(refresh, json!({})).await.expect(202);
    }

    /// Looks at the page: what it counts is never more than there is. A worker that died with the new tokens has lost them,
    /// which is Procore's design: the person connects again then, and nothing else may have ended the link.
    pub(crate) async fn look(&mut self, stand: &Stand) -> Value {
        let mut link = stand.integration(&self.person).await;
        if link["status"] != "connected" {
            let why = link["why"].as_str().unwrap_or_default();
            assert!(why.contains("lost"), "{link}");
            println!("{} lost its tokens with a worker, and connects again.", self.login);
            stand.connect(&self.person, &self.login).await;
            link = stand.integration(&self.person).await;
        }
        let run = &link["run"];
        let count = |name: &str| run[name].as_u64().unwrap();
        let done = count("copied") + count("failed");
        assert!(done <= count("found"), "{run}");
        assert!(run["stage"] != "done" || done == count("found"), "{run}");
        link
    }

    /// Waits until its run is done.
    pub(crate) async fn settles(&mut self, stand: &Stand, limit: Instant) {
        loop {
            let link = self.look(stand).await;
            // What could not be read is tried again with the next run.
            if link["run"]["stage"] == "done" || link["run"]["stage"] == "incomplete" {
                return;
            }
            assert!(Instant::now() < limit, "the sync does not come to its end: {link}");
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
    }

    /// The records of a project's plans, in DynamoDB's own JSON.
    async fn records(&self, stand: &Stand, project: &Project) -> Vec<Value> {
        stand.records(&format!("PLANS#{}#{}", self.id, project.id)).await
    }
}

/// The files of plans that Procore still has, by the account.
async fn live_files(account: &Account, project: &Project) -> Vec<PlanFile> {
    let mut files = account.person.plan_files(project).await;
    let plans = account.person.plans(project).await;
    let gone = plans.iter().filter(|plan| !plan["gone_since"].is_null());
    let gone: BTreeSet<_> = gone.map(|plan| plan["id"].as_str().unwrap().to_owned()).collect();
    files.retain(|file| !gone.contains(&file.plan));
    files
}

/// What is not as it is in Procore, in words.
pub(crate) async fn missing(books: &Books, accounts: &[Account]) -> Vec<String> {
    let mut missing = Vec::new();
    for account in accounts {
        for project in &account.projects {
            let (there, here) = (books.files(project).await, live_files(account, project).await);
            let whose = |what: &str, file: &PlanFile| format!("{what} {}: {file:?}", account.id);
            missing.extend(
                there
                    .iter()
                    .filter(|file| !here.contains(file))
                    .map(|file| whose("not at", file)),
            );
            missing.extend(
                here.iter()
                    .filter(|file| !there.contains(file))
                    .map(|file| whose("too much at", file)),
            );
            if here.len() != there.len() && missing.is_empty() {
                missing.push(format!("{} files instead of {}", here.len(), there.len()));
            }
        }
    }
    missing
}

/// Holds what is in the accounts to what should be: see each check. Fails with all that is wrong.
pub(crate) async fn hold(stand: &Stand, books: &Books, accounts: &[Account]) {
    let mut wrong = missing(books, accounts).await;
    let deleted = books.deleted_plans();
    let was: BTreeMap<_, _> = books
        .deleted
        .iter()
        .map(|file| ((&*file.plan, &*file.revision), &file.sha256))
        .collect();
    for account in accounts {
        let (mut kept, mut contents) = (0, BTreeSet::new());
        for project in &account.projects {
            let plans = account.person.plans(project).await;
            let ids: BTreeSet<_> = plans.iter().map(|plan| plan["id"].as_str().unwrap()).collect();
            if ids.len() != plans.len() {
                wrong.push(format!("{} plans with {} ids", plans.len(), ids.len()));
            }
            for plan in &plans {
                let is_deleted = deleted.contains(plan["id"].as_str().unwrap());
                if is_deleted != plan["gone_since"].is_string() {
                    wrong.push(format!("deleted: {is_deleted}, but {plan}"));
                }
                for revision in revisions(plan).iter().filter(|_| is_deleted) {
                    let then = was.get(&(plan["id"].as_str().unwrap(), revision["id"].as_str().unwrap()));
                    let now = revision["sha256"].as_str();
                    kept += usize::from(now.is_some());
                    if now.is_some() && now != then.map(|then| then.as_str()) {
                        wrong.push(format!("{then:?} was deleted, and is kept as {revision}"));
                    }
                }
                wrong.extend(failures(plan, is_deleted));
            }
            wrong.extend(bytes_are_right(stand, account, &plans).await);
            // The plans' own records have no file, and are passed over.
            for record in account.records(stand, project).await {
                let copy = &record["copy"]["M"];
                if copy["state"]["S"] == "waiting" {
                    wrong.push(format!("waits still: {record}"));
                }
                for held in [copy, &copy["kept"]["M"]] {
                    for file in ["file", "thumbnail"] {
                        let sha256 = held[file]["M"]["sha256"]["S"].as_str();
                        contents.extend(sha256.map(str::to_owned));
                    }
                }
            }
        }
        wrong.extend(objects_are_right(stand, books, account, &contents).await);
        let link = stand.integration(&account.person).await;
        let run = &link["run"];
        let at_its_end = run["found"] == run["copied"] && run["failed"] == 0 && run["stage"] == "done";
        if link["status"] != "connected" || !at_its_end || !run["problem"].is_null() {
            wrong.push(format!("{link}"));
        }
        println!(
            "{}: {} contents, {kept} of deleted plans.",
            account.login,
            contents.len()
        );
    }
    assert!(wrong.is_empty(), "{} are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// The revisions of a plan that could not be copied. Only of one that was deleted before its turn came.
fn failures(plan: &Value, is_deleted: bool) -> Vec<String> {
    let failed = revisions(plan)
        .into_iter()
        .filter(|revision| revision["state"] != "stored");
    failed
        .filter(|_| !is_deleted)
        .map(|revision| format!("not copied: {} {revision}", plan["id"]))
        .collect()
}

/// Reads each file, as a person does, and compares its bytes with their hash.
async fn bytes_are_right(stand: &Stand, account: &Account, plans: &[Value]) -> Vec<String> {
    let of_plan = |plan: &Value| {
        let id = plan["id"].as_str().unwrap().to_owned();
        let file = move |revision: &Value| {
            let sha256 = revision["sha256"].as_str()?.to_owned();
            let path = format!(
                "/api/account/plans/{id}/file?revision={}",
                revision["id"].as_str().unwrap()
            );
            Some((path, sha256))
        };
        revisions(plan).iter().filter_map(file).collect::<Vec<_>>()
    };
    let files: Vec<_> = plans.iter().flat_map(of_plan).collect();
    let reads = files.into_iter().map(|(path, expected)| async move {
        let bytes = account.person.download(stand, &path).await.bytes;
        let is = sha256(&bytes);
        (is != expected).then(|| format!("{path} has {is} and not {expected}"))
    });
    stream::iter(reads)
        .buffer_unordered(AT_ONCE)
        .filter_map(async |wrong| wrong)
        .collect()
        .await
}

/// There is one object for each content, and no other: but what was copied of a plan and could not be written down before
/// the plan was deleted may have stayed.
async fn objects_are_right(
    stand: &Stand,
    books: &Books,
    account: &Account,
    contents: &BTreeSet<String>,
) -> Vec<String> {
    let prefix = format!("accounts/{}/", account.id);
    let objects = stand.objects(&prefix).await;
    let name = |key: &String| key.rsplit('/').next().unwrap().to_owned();
    let there: BTreeSet<String> = objects.iter().map(name).collect();
    let mut wrong = Vec::new();
    if there.len() != objects.len() {
        wrong.push(format!("{} objects of {} contents", objects.len(), there.len()));
    }
    let of_deleted: BTreeSet<&String> = books.deleted.iter().map(|file| &file.sha256).collect();
    let lost = contents
        .difference(&there)
        .map(|sha256| format!("not in the storage: {sha256}"));
    let spare = there.difference(contents).filter(|sha256| !of_deleted.contains(sha256));
    wrong.extend(lost.chain(spare.map(|sha256| format!("in the storage, and no plan's: {sha256}"))));
    wrong
}

/// Waits until no message is under way but those of other tests, of which there were `others`.
pub(crate) async fn queues_are_empty(stand: &Stand, others: u64, dead_letters: u64, limit: Instant) {
    let more = stand.messages("GUSSET_PLAN_FILES_DEAD_LETTERS_URL").await;
    assert_eq!(more, dead_letters, "nothing became a dead letter");
    loop {
        let waiting = stand.messages("GUSSET_PLAN_FILES_QUEUE_URL").await;
        if waiting <= others {
            return;
        }
        assert!(
            Instant::now() < limit,
            "{waiting} messages on the queue of plan files, and {others} before"
        );
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
}
