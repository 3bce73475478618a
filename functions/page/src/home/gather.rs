//! All that the list of projects is made from, read side by side.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{
    future::{BoxFuture, FutureExt, try_join},
    stream::{self, StreamExt, TryStreamExt},
};
use gusset_adapters::{
    http::Problem,
    sessions::{Seen, SignedIn},
    table::{Table, TableError, deliveries::Range},
};
use gusset_domain::{
    admin::{AdminAccess, Glance, Glanced, due},
    connection::Connection,
    ids::ProjectId,
    overview::{DAYS, Looked, Overview, Show, Traffic, is_like},
    people::{Person, Project},
};
use jiff::{Span, Timestamp};

use super::ON_A_PAGE;

/// Requests to the table at a time.
const READS_AT_ONCE: usize = 16;

/// Rows of a connection's log that are counted: two queries.
const MAX_ROWS: usize = 5_000;

/// The most projects of which the admins are named to somebody who is none.
const MAX_ASKED_ABOUT: usize = 20;

/// A project, and what may be said of it.
pub(super) struct Line {
    pub(super) project: Project,
    /// None while the right is still to be asked about.
    pub(super) overview: Option<Overview>,
}

/// A project that the person cannot administer.
pub(super) struct Closed {
    pub(super) project: Project,
    /// Whom to ask, where Gusset knows.
    pub(super) admins: Vec<Person>,
}

/// What the page is made of.
pub(super) struct Gathered {
    pub(super) seen: Seen,
    /// Those that need somebody most come first.
    pub(super) lines: Vec<Line>,
    pub(super) closed: Vec<Closed>,
}

impl Gathered {
    /// Reads it. `follows`: for a page that is open already.
    ///
    /// # Errors
    /// 401 when Procore does not accept the person's token any more; when the table does not answer.
    pub(super) async fn of(who: &SignedIn<'_>, table: &Table, follows: bool) -> Result<Self, Problem> {
        let now = Timestamp::now();
        let mut seen = who.seen_projects(follows).await?;
        seen.projects
            .sort_by_cached_key(|project| (project.name.to_lowercase(), project.id));
        let ids: Vec<ProjectId> = seen.projects.iter().map(|project| project.id).collect();
        let open = table.known_projects(&ids).await?;
        let mut known: BTreeMap<ProjectId, AdminAccess> = ids
            .iter()
            .filter_map(|id| Some((*id, who.known_access(*id)?)))
            .collect();
        let are_admin = |known: &BTreeMap<ProjectId, AdminAccess>| {
            let is_admin = |id: &&ProjectId| Glance::of(known.get(id).copied(), now) == Glance::Admin;
            open.iter().filter(is_admin).copied().collect::<BTreeSet<_>>()
        };
        // What is asked about while the rest is read already.
        let asked = due(
            seen.projects.iter().enumerate().filter_map(|(place, project)| {
                let is_open = open.contains(&project.id);
                // Of a thousand that Gusset does not know, the first page is asked about.
                (is_open || place < ON_A_PAGE).then(|| Glanced {
                    project,
                    known: known.get(&project.id).copied(),
                    is_open,
                })
            }),
            now,
        );
        let before = are_admin(&known);
        let read = async { overviews(table, &before, now).await.map_err(Problem::from) };
        let (answered, mut overviews_read) = try_join(who.ask_at_a_glance(asked), read).await?;
        known.extend(answered);
        let after = are_admin(&known);
        let added: BTreeSet<ProjectId> = after.difference(&before).copied().collect();
        overviews_read.extend(overviews(table, &added, now).await?);

        let (mut lines, mut closed) = (Vec::new(), Vec::new());
        for project in &seen.projects {
            let overview = match Glance::of(known.get(&project.id).copied(), now) {
                Glance::NotAdmin => {
                    closed.push(project.clone());
                    continue;
                }
                Glance::Admin => Some(overviews_read.remove(&project.id).unwrap_or_default()),
                Glance::Checking => None,
            };
            lines.push(Line {
                project: project.clone(),
                overview,
            });
        }
        // The others stay in the order of their names.
        lines.sort_by_key(|line| std::cmp::Reverse(line.overview.as_ref().map_or(0, Overview::needs)));
        let closed = with_admins(table, closed, &open).await?;
        Ok(Self { seen, lines, closed })
    }

    /// Whether there is no project at all.
    pub(super) fn is_empty(&self) -> bool {
        self.seen.projects.is_empty()
    }

    /// The lines that are asked for.
    pub(super) fn found(&self, show: Show, search: &str) -> Vec<&Line> {
        let is_found =
            |line: &&Line| show.has(line.overview.as_ref()) && is_like(&line.project, line.overview.as_ref(), search);
        self.lines.iter().filter(is_found).collect()
    }

    /// How many lines are still to be filled.
    pub(super) fn checking(&self) -> u64 {
        let checking = self.lines.iter().filter(|line| line.overview.is_none()).count();
        checking.try_into().unwrap_or(u64::MAX)
    }

    /// How many projects are connected, or have asked.
    pub(super) fn connected(&self) -> usize {
        let overviews = self.lines.iter().filter_map(|line| line.overview.as_ref());
        overviews
            .filter(|it| !it.connected.is_empty() || it.asked > 0 || it.requests() > 0)
            .count()
    }
}

/// The lines of some projects. A query for each, and two or three for each of their connections.
async fn overviews(
    table: &Table,
    projects: &BTreeSet<ProjectId>,
    now: Timestamp,
) -> Result<BTreeMap<ProjectId, Overview>, TableError> {
    let connections = projects.iter().map(|project| table.live_connections(*project).boxed());
    let connections = side_by_side(connections.collect()).await?;
    let (mut of, mut looks) = (Vec::new(), Vec::new());
    for (project, its) in projects.iter().zip(connections) {
        for connection in its {
            of.push(*project);
            looks.push(look(table, *project, connection, now).boxed());
        }
    }
    let mut by_project: BTreeMap<ProjectId, Vec<Looked>> = BTreeMap::new();
    for (project, looked) in of.into_iter().zip(side_by_side(looks).await?) {
        by_project.entry(project).or_default().push(looked);
    }
    let overview = |(project, looked): (ProjectId, Vec<Looked>)| (project, Overview::of(project, &looked));
    Ok(by_project.into_iter().map(overview).collect())
}

/// What waits on a connection, and what went over it, while it is connected. One that was quiet lately takes a query more, for when
/// anything last happened.
async fn look(table: &Table, project: ProjectId, connection: Connection, now: Timestamp) -> Result<Looked, TableError> {
    let (mut waiting, mut traffic) = (Vec::new(), Traffic::default());
    if connection.connected_since().is_some() {
        let pair = connection.pair();
        let lately = Range {
            since: now.checked_sub(Span::new().hours(i64::from(DAYS) * 24)).ok(),
            ..Range::default()
        };
        let (waits, (rows, _)) = try_join(table.waiting(pair), table.log(pair, &lately, MAX_ROWS)).await?;
        waiting = waits;
        traffic = Traffic::of(project, &rows);
        if rows.is_empty() {
            let (latest, _) = table.log(pair, &Range::default(), 1).await?;
            traffic.latest = latest.first().map(|row| row.changed_at);
        }
    }
    Ok(Looked {
        connection,
        waiting,
        traffic,
    })
}

/// Whom to ask: who has opened the project in Gusset, which only an admin can. What nobody opened is not asked of the table.
async fn with_admins(
    table: &Table,
    closed: Vec<Project>,
    open: &BTreeSet<ProjectId>,
) -> Result<Vec<Closed>, TableError> {
    let asked_about = closed.iter().filter(|project| open.contains(&project.id));
    let asked_about: Vec<ProjectId> = asked_about.map(|project| project.id).take(MAX_ASKED_ABOUT).collect();
    let recipients = asked_about.iter().map(|project| table.recipients(*project).boxed());
    let recipients = side_by_side(recipients.collect()).await?;
    let mut admins: BTreeMap<ProjectId, Vec<Person>> = asked_about
        .into_iter()
        .zip(recipients)
        .map(|(project, recipients)| {
            let people = recipients.opened.into_iter().map(|opener| opener.person);
            (project, people.collect())
        })
        .collect();
    let closed = closed.into_iter().map(|project| Closed {
        admins: admins.remove(&project.id).unwrap_or_default(),
        project,
    });
    Ok(closed.collect())
}

/// What some requests to the table find, a few of them at a time.
async fn side_by_side<T>(reads: Vec<BoxFuture<'_, Result<T, TableError>>>) -> Result<Vec<T>, TableError> {
    stream::iter(reads).buffered(READS_AT_ONCE).try_collect().await
}
