//! The log of deliveries: a connection's, or all of a project's, as JSON or as a table for a spreadsheet.

use std::collections::BTreeMap;

use gusset_adapters::{
    http::{Answer, Incoming, Problem, Reply},
    log::{self, Page},
    sessions::Admin,
};
use gusset_domain::{
    activity::{Direction, Row},
    connection::Connection,
    ids::ProjectId,
    names::shown,
    people::Project,
};
use lambda_http::http::header;
use serde_json::json;

use crate::Connections;

/// The most lines of one table. What is more comes with the next one, to which a `Link` leads: all of an answer has to fit into
/// the six megabytes that Lambda gives back.
const MAX_LINES: usize = 5_000;

/// What a table's first line says.
const COLUMNS: [&str; 13] = [
    "Number",
    "Subject",
    "Tool",
    "Direction",
    "From",
    "To",
    "Author",
    "Status",
    "Reason",
    "Files copied",
    "Files",
    "Created (UTC)",
    "Changed (UTC)",
];

/// Both directions of a connection, as both sides see them, or what the query asks for. Service accounts may ask as well.
pub(crate) async fn of_connection(app: &Connections, incoming: &Incoming) -> Reply {
    let (_, connection, side) = app
        .sessions
        .caller(incoming, incoming.project()?, incoming.connection()?)
        .await?;
    let here = connection.party(side).project.id;
    list(app, incoming, &[connection], here).await
}

/// All that was delivered over any of a project's connections, or what the query asks for.
pub(crate) async fn of_project(app: &Connections, incoming: &Incoming, admin: &Admin<'_>) -> Reply {
    let connections = app.sessions.table.connections(admin.project).await?;
    list(app, incoming, &connections, admin.project).await
}

async fn list(app: &Connections, incoming: &Incoming, connections: &[Connection], here: ProjectId) -> Reply {
    let (ask, query) = (incoming.paging()?, incoming.log_query()?);
    let place = ask.place_of_delivery()?;
    let (pairs, table) = (log::pairs(connections), &app.sessions.table);
    if wants_table(incoming)? {
        let page = log::page(table, &pairs, here, &query, place, MAX_LINES, false).await?;
        return as_table(incoming, connections, here, &page);
    }
    let limit = usize::try_from(ask.limit).unwrap_or(usize::MAX);
    let page = log::page(table, &pairs, here, &query, place, limit, false).await?;
    let rows: Vec<&Row> = page.rows.iter().collect();
    let deliveries = table.logged(&rows).await?;
    Ok(Answer::ok(json!({"deliveries": deliveries, "next_cursor": page.next})))
}

/// Whether a table for a spreadsheet is asked for: by `Accept`, or in the address of a link, which can say no `Accept`.
fn wants_table(incoming: &Incoming) -> Result<bool, Problem> {
    match incoming.query("format").as_deref() {
        None | Some("") => {
            let accepted = incoming.header(header::ACCEPT).unwrap_or_default();
            Ok(accepted.split(',').any(|kind| kind.trim().starts_with("text/csv")))
        }
        Some("csv") => Ok(true),
        Some("json") => Ok(false),
        Some(_) => Err(Problem::bad_field("format", "format is one of csv, json.")),
    }
}

fn as_table(incoming: &Incoming, connections: &[Connection], here: ProjectId, page: &Page) -> Reply {
    let text = table(connections, here, &page.rows).map_err(Problem::internal)?;
    let name = format!("attachment; filename=\"gusset-deliveries-{here}.csv\"");
    let answer =
        Answer::text("text/csv; charset=utf-8; header=present", text).header(header::CONTENT_DISPOSITION, name);
    Ok(match &page.next {
        None => answer,
        Some(next) => {
            let next = incoming.address_with("cursor", next);
            answer.header(header::LINK, format!("<{next}>; rel=\"next\""))
        }
    })
}

fn table(
    connections: &[Connection],
    here: ProjectId,
    rows: &[Row],
) -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
    let parties = connections
        .iter()
        .flat_map(|it| [&it.requester.project, &it.recipient.project]);
    let projects: BTreeMap<ProjectId, &Project> = parties.map(|project| (project.id, project)).collect();
    let name = |id: ProjectId| {
        projects
            .get(&id)
            .map_or_else(|| id.to_string(), |project| shown(&project.name))
    };
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(COLUMNS)?;
    for row in rows {
        let direction = match row.direction(here) {
            Direction::Sent => "Sent",
            Direction::Received => "Received",
        };
        writer.write_record([
            harmless(row.number.as_deref().unwrap_or_default()),
            harmless(&shown(&row.title)),
            row.tool.title().to_owned(),
            direction.to_owned(),
            harmless(&name(row.source)),
            harmless(&name(row.target)),
            harmless(&row.author.as_deref().map(shown).unwrap_or_default()),
            row.status.title().to_owned(),
            harmless(&shown(&row.reason)),
            row.files.copied.to_string(),
            row.files.all.to_string(),
            moment(row.created_at),
            moment(row.changed_at),
        ])?;
    }
    // A spreadsheet takes a text without this mark for one in its own country's letters.
    let text = String::from_utf8(writer.into_inner()?)?;
    Ok(format!("\u{feff}{text}"))
}

/// A moment as spreadsheets take it for one, to the second.
fn moment(at: jiff::Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// A text that no spreadsheet takes for a formula: what somebody wrote into an RFI's subject is not run where the table is opened.
fn harmless(text: &str) -> String {
    let is_formula = text.trim_start().starts_with([
        '=', '+', '-', '@', '\t', '\r', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}',
    ]);
    if is_formula {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_run_is_text() {
        for formula in ["=HYPERLINK(\"http://x\")", "+1", "-1", "@SUM(A1)", " =1", "\u{ff1d}1"] {
            assert_eq!(harmless(formula), format!("'{formula}"));
        }
        for text in ["Slab edge", "a=b", ""] {
            assert_eq!(harmless(text), text);
        }
    }
}
