//! A project's plans.

mod archive;
mod card;
mod due;
mod shown;

use gusset_domain::names;
use std::{collections::HashMap, time::SystemTime};

use gusset_adapters::{
    http::{Answer, Incoming, Problem, Reply},
    storage::FileKey,
    table::{Table, archives::ArchiveRecord},
};
use gusset_domain::{
    ids::{AccountId, ProjectId},
    integration::Integration,
    plans::{Plan, PlanId, PlanKind, StoredFile, project::SyncedProject},
};
use gusset_words::say;
use jiff::Timestamp;
use maud::{Markup, html};

use super::{CALENDAR, Opened, Tab, updates};
use crate::{Page, live, url_encoded};
use card::Cards;
use shown::{Asked, Shown};

/// What changes on the page, but for the plans themselves.
struct Head {
    project: SyncedProject,
    integration: Option<Integration>,
    archive: Option<ArchiveRecord>,
    now: Timestamp,
}

impl Head {
    /// Three reads.
    async fn read(table: &Table, account: AccountId, project: ProjectId) -> Result<Self, Problem> {
        let found = table.synced_project(account, project).await?;
        let integration = table.integration(account).await?;
        Ok(Self {
            project: found.ok_or_else(|| Problem::not_found(say!("thing-project-in-account")))?,
            integration: integration.map(|found| found.integration),
            archive: table.archive(account, project).await?,
            now: Timestamp::now(),
        })
    }

    /// By what one tells that the plans have been looked at since.
    fn look(&self) -> String {
        let listed = self.project.listed_at.map(Timestamp::as_millisecond);
        listed.unwrap_or_default().to_string()
    }

    fn updates(&self, url: &str) -> Markup {
        let stopped = updates::notice(&self.project, self.integration.as_ref(), url);
        let problem = self.project.why_not_whole();
        html! {
            div #updates data-parts {
                @if !stopped.0.is_empty() {
                    (live::part("stopped", say!("stopped"), &stopped))
                } @else {
                    @if let Some(problem) = problem {
                        (live::part("problem", &problem, &html! {
                            div.notice.wait { strong { (say!("plans-not-whole")) } p { (problem) } }
                        }))
                    }
                    @if let Some(hourly) = self.project.why_hourly() {
                        (live::part("hourly", "", &html! { p.hint { (hourly) } }))
                    }
                    @if let Some(missing) = &self.project.many_missing {
                        @let title = updates::many_missing_title(missing);
                        (live::part("missing", &title, &html! {
                            div.notice.wait { strong { (title) } p { (updates::many_missing(missing)) } }
                        }))
                    }
                }
            }
        }
    }

    fn archives(&self, url: &str) -> Markup {
        html! {
            div #archives data-parts { (archive::part(url, self.project.project.id, self.archive.as_ref(), self.now)) }
        }
    }
}

/// The page.
pub(crate) async fn page(app: &Page, incoming: &Incoming, project: &str) -> Reply {
    let opened = Opened::new(app, incoming).await?;
    let (table, account) = (&app.accounts.table, opened.who.account);
    let id: ProjectId = project.parse().map_err(|_| Problem::not_found(say!("thing-project")))?;
    let head = Head::read(table, account, id).await?;
    let plans = table.plans(account, id).await?;
    let asked = Asked::of(incoming, &plans);
    let shown = Shown::of(&plans, &asked);
    let url = &opened.url;
    let known = &head.project.project;
    let list = list(app, account, url, &asked, &shown).await?;
    let live = format!("{url}{}", live_path(id, &asked, &head, &plans));
    let body = html! {
        p.crumbs { a href={ (url) (CALENDAR) } { (say!("plans-back")) } }
        h1 { (names::shown(&known.name)) }
        p.company { (names::shown(&known.company_name)) }
        div data-live=(live) {
            (head.updates(url))
            (due::section(url, &head.project, head.now))
            (head.archives(url))
            nav.switch aria-label=(say!("plans-kinds")) {
                @for kind in PlanKind::ALL {
                    @let count = plans.iter().filter(|plan| plan.id.kind == kind).count();
                    a href={ (url) (asked.of_kind(kind)) } aria-current=[(kind == asked.kind).then_some("page")] {
                        (shown::title(kind)) " " span.count { (count) }
                    }
                }
            }
            @if shown.all == 0 && plans.is_empty() {
                p { (nothing(&head)) }
            } @else {
                p.hint { (card::lock()) " " (say!("plans-names")) }
                (shown::filters(url, &asked, &shown))
            }
            (list)
        }
        (shown::pages(url, &asked, &shown))
    };
    let answer = opened.page(
        incoming,
        &say!("plans-of", name = names::shown(&known.name)),
        Tab::Plans,
        &body,
    );
    Ok(answer.with_pictures_from(&app.pictures))
}

/// What changes on the page, for its script. Three reads; and a query for all plans only where they may have changed: they
/// have been looked at since, or a file of theirs is being copied.
pub(crate) async fn live(app: &Page, incoming: &Incoming, project: &str) -> Reply {
    let who = app.accounts.signed_in(incoming).await?;
    let table = &app.accounts.table;
    let id: ProjectId = project.parse().map_err(|_| Problem::not_found(say!("thing-project")))?;
    let head = Head::read(table, who.account, id).await?;
    let url = incoming.public_url();
    let parts = html! { (head.updates(&url)) (head.archives(&url)) };
    if incoming.query("since").is_some_and(|since| since == head.look()) {
        return Ok(live::answer(incoming, parts));
    }
    let plans = table.plans(who.account, id).await?;
    let asked = Asked::of(incoming, &plans);
    let shown = Shown::of(&plans, &asked);
    let list = list(app, who.account, &url, &asked, &shown).await?;
    let next = format!("{url}{}", live_path(id, &asked, &head, &plans));
    let of = format!("{}{}{next}", parts.0, shown.made_of());
    let lists = html! {
        (parts)
        (list)
        div hidden data-live-next=(next) {}
    };
    Ok::<Answer, Problem>(live::answer_made_of(incoming, &of, lists))
}

/// From where the script asks for what has changed.
fn live_path(project: ProjectId, asked: &Asked, head: &Head, plans: &[Plan]) -> String {
    let waits = plans.iter().any(|plan| plan.waiting() > 0);
    let mut query = asked.query(asked.page);
    if !waits {
        query.push(format!("since={}", url_encoded(&head.look())));
    }
    format!("/estimating/projects/{project}/live?{}", query.join("&"))
}

/// What stands where a search, or a group, has no plans.
fn nothing_found(asked: &Asked) -> String {
    let search = names::shown(&asked.search);
    match (asked.kind, asked.search.is_empty()) {
        (PlanKind::Drawing, true) => say!("plans-none-drawings").to_owned(),
        (PlanKind::Specification, true) => say!("plans-none-specifications").to_owned(),
        (PlanKind::Document, true) => say!("plans-none-documents").to_owned(),
        (PlanKind::Drawing, false) => say!("plans-not-found-drawings", search = search),
        (PlanKind::Specification, false) => say!("plans-not-found-specifications", search = search),
        (PlanKind::Document, false) => say!("plans-not-found-documents", search = search),
    }
}

async fn list(app: &Page, account: AccountId, url: &str, asked: &Asked, shown: &Shown<'_>) -> Result<Markup, Problem> {
    let now = SystemTime::now();
    let shown_files = shown
        .plans()
        .filter_map(|plan| Some((plan.id, plan.current()?.1.thumbnail()?)));
    let files: Vec<(PlanId, &StoredFile)> = shown_files.collect();
    let mut pictures = HashMap::new();
    for (id, file) in files {
        let key = FileKey::of(account.0, &file.sha256).map_err(Problem::internal)?;
        let signed = app.storage.picture(&key, &file.content_type, now).await;
        pictures.insert(id, signed.map_err(Problem::internal)?);
    }
    let cards = Cards {
        url,
        back: asked.path(asked.page),
        pictures,
    };
    Ok(html! {
        div #plans data-parts {
            @if shown.groups.is_empty() && shown.searched {
                (live::empty("none-like-this", &html! { p { (nothing_found(asked)) } }))
            }
            @for group in &shown.groups {
                (live::empty(&format!("group-{}", live::fingerprint(&group.title)), &html! {
                    h2.group { (group.title) " " span.count { (group.all) } }
                }))
                @for plan in &group.plans { (cards.card(plan)) }
            }
        }
    })
}

fn nothing(head: &Head) -> &'static str {
    match head.project.listed_at {
        None => say!("plans-unread"),
        Some(_) => say!("plans-nothing"),
    }
}
