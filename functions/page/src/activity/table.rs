//! The table of the log: filters, chips with counts, rows to tick, and what is done to many at once.

use gusset_domain::{
    activity::{Column, Direction, Query, Row, Sort, StatusName},
    names::shown,
    send::Tool,
};
use gusset_words::say;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use maud::{Markup, html};

use super::{Asked, Found, Scope, class, one, query_of, titled};
use crate::{live, project::Form, time::day_and_time, words::number};

/// How deliveries are chosen by how they stand.
fn by_status() -> [(&'static str, &'static [StatusName]); 5] {
    [
        (say!("chip-all"), &[]),
        (say!("chip-attention"), &[StatusName::Held, StatusName::Failed]),
        (
            say!("chip-under-way"),
            &[StatusName::Queued, StatusName::Copying, StatusName::Retrying],
        ),
        (say!("chip-delivered"), &[StatusName::Delivered]),
        (say!("chip-cancelled"), &[StatusName::Cancelled]),
    ]
}

/// Lines of a file for a spreadsheet, as the API gives it. The script asks on, and makes one of all.
const MAX_LINES: u64 = 5_000;

/// What is tried again when somebody wants that.
const RETRIED: [StatusName; 3] = [StatusName::Held, StatusName::Retrying, StatusName::Failed];

/// What can be put aside.
const DISMISSED: [StatusName; 2] = [StatusName::Held, StatusName::Failed];

/// A page of the log.
pub(super) struct Shown<'a> {
    pub(super) scope: &'a Scope,
    pub(super) asked: &'a Asked,
    pub(super) found: &'a Found,
}

impl Shown<'_> {
    /// What is searched for and filtered by, beside the chips.
    pub(super) fn filters(&self) -> Markup {
        let query = &self.asked.query;
        let page = format!("{}{}", self.scope.url, self.scope.path());
        let directions = [
            (Direction::Sent, say!("filter-sent")),
            (Direction::Received, say!("filter-received")),
        ]
        .map(|(direction, title)| (direction.as_str(), title, query.direction == Some(direction)));
        let by_status = &self.found.page.by_status;
        let found = if query.status.is_empty() {
            by_status.all()
        } else {
            by_status.of(&query.status)
        };
        let status: Vec<&str> = query.status.iter().map(|status| status.as_str()).collect();
        let more = if self.found.page.is_cut { "+" } else { "" };
        let of_them = format!("{}{more}", number(found));
        let exported = html! { span.hint { (say!("filter-found", count = found, number = of_them)) } };
        html! {
            form #log.bar method="get" action=(page) data-filters {
                label.unseen for="filter-q" { (say!("filter-search")) }
                input #filter-q type="search" name="q" value=(query.text) placeholder=(say!("filter-search-hint")) maxlength="200";
                (choice("direction", say!("filter-direction"), say!("filter-both"), &directions))
                span.pair {
                    label for="filter-since" { (say!("filter-since")) }
                    input #filter-since type="date" name="since" value=[query.since.map(day)];
                }
                span.pair {
                    label for="filter-until" { (say!("filter-until")) }
                    input #filter-until type="date" name="until" value=[query.until.map(last_day)];
                }
                @if let Some(tool) = query.tool { input type="hidden" name="tool" value=(tool); }
                @if !status.is_empty() { input type="hidden" name="status" value=(status.join(",")); }
                @if query.sort != Sort::default() { input type="hidden" name="sort" value=(query.sort); }
                button.quiet type="submit" { (say!("filter-go")) }
                @if !query.is_everything() { a href={ (page) "#log" } { (say!("filter-clear")) } }
                a data-csv href=(self.csv()) { (say!("filter-csv")) }
                @if self.found.log.is_some() { div #exported data-parts { (live::empty("exported-now", &exported)) } }
                @if found > MAX_LINES {
                    noscript { span.hint { (say!("filter-csv-cut", most = number(MAX_LINES), found = number(found))) } }
                }
            }
        }
    }

    fn csv(&self) -> String {
        let (url, here) = (&self.scope.url, self.scope.here);
        let query = self.asked.query(&[("format", "csv")]);
        match self.scope.only {
            Some(connection) => format!("{url}/api/projects/{here}/connections/{connection}/deliveries{query}"),
            None => format!("{url}/api/projects/{here}/deliveries{query}"),
        }
    }

    /// How many there are of each kind of status and of each tool, and the way to them.
    pub(super) fn chips(&self) -> Markup {
        let (asked, page) = (&self.asked.query, &self.found.page);
        let by_status = html! {
            nav.chips aria-label=(say!("chips-by-status")) {
                @for (title, statuses) in by_status() {
                    @let words: Vec<&str> = statuses.iter().map(|status| status.as_str()).collect();
                    @let count = if statuses.is_empty() { page.by_status.all() } else { page.by_status.of(statuses) };
                    (self.chip(title, ("status", &words.join(",")), asked.status == statuses.iter().copied().collect(), count))
                }
            }
        };
        let by_tool = html! {
            nav.chips aria-label=(say!("chips-by-tool")) {
                (self.chip(say!("chip-all-tools"), ("tool", ""), asked.tool.is_none(), page.by_tool.all()))
                @for tool in Tool::ALL {
                    (self.chip(tool.title(), ("tool", tool.as_str()), asked.tool == Some(tool), page.by_tool.of(&[tool])))
                }
            }
        };
        html! {
            (live::empty("status-chips", &by_status))
            (live::empty("tool-chips", &by_tool))
            @if self.found.log.is_some() { (live::empty("saved-views", &self.saved())) }
        }
    }

    /// The filters that the person has saved, with forms that save this one and delete one.
    fn saved(&self) -> Markup {
        let page = format!("{}{}", self.scope.url, self.scope.path());
        let api = format!("{}/api/projects/{}/views", self.scope.url, self.scope.here);
        let (views, asked) = (&self.found.views, self.asked.query(&[]));
        let is_asked = |query: &str| asked.trim_start_matches('?') == query;
        let back = format!("{}{asked}#log", self.scope.path());
        let save = Form {
            action: api.clone(),
            back: &back,
            done: "view",
        };
        let delete = Form {
            action: format!("{api}/delete"),
            back: &back,
            done: "view-deleted",
        };
        html! {
            div.bar {
                @if !views.is_empty() {
                    nav.chips aria-label=(say!("views")) {
                        @for view in views.iter() {
                            a href={ (page) "?" (view.query) "#log" } aria-current=[is_asked(&view.query).then_some("true")] { (shown(view.name.as_str())) }
                        }
                    }
                }
                @if !self.asked.query.is_everything() && !views.iter().any(|view| is_asked(&view.query)) {
                    details #save-view {
                        summary { (say!("view-save")) }
                        (save.with(&html! {
                            input type="hidden" name="query" value=(asked.trim_start_matches('?'));
                            label for="view-name" { (say!("view-name")) }
                            input #view-name name="name" required maxlength="60" autocomplete="off";
                            button type="submit" { (say!("view-save-it")) }
                        }))
                    }
                }
                @if !views.is_empty() {
                    details #delete-view {
                        summary { (say!("view-delete")) }
                        (delete.with(&html! {
                            label for="view-deleted" { (say!("view-to-delete")) }
                            select #view-deleted name="name" required {
                                option value="" { (say!("view-choose")) }
                                @for view in views.iter() { option value=(view.name) { (shown(view.name.as_str())) } }
                            }
                            button.quiet type="submit" { (say!("view-delete-it")) }
                        }))
                    }
                }
            }
        }
    }

    fn chip(&self, title: &str, changed: (&str, &str), is_chosen: bool, count: u64) -> Markup {
        let page = format!("{}{}", self.scope.url, self.scope.path());
        html! {
            a data-filter href={ (page) (self.asked.query(&[changed])) "#log" } aria-current=[is_chosen.then_some("true")] {
                (title)
                @if self.found.log.is_some() { span.count { (number(count)) @if self.found.page.is_cut { "+" } } }
            }
        }
    }

    /// The rows, and what is done to those that are ticked.
    pub(super) fn table(&self) -> Markup {
        let api = format!("{}/api/projects/{}/deliveries", self.scope.url, self.scope.here);
        let back = format!("{}{}", self.scope.path(), self.asked.query(&[]));
        let separator = if back.contains('?') { '&' } else { '?' };
        html! {
            form method="post" action={ (api) "/retry" } data-form="many" {
                input type="hidden" name="return_to" value={ (back) (separator) "done=many" };
                div #many data-parts { (self.many(&api)) }
                div.log-box {
                    table.log.stack {
                        (self.columns())
                        tbody #rows data-parts {
                            @for row in &self.found.page.rows { (self.row(row)) }
                        }
                    }
                }
                div #rest data-parts { (self.rest()) }
            }
        }
    }

    fn many(&self, api: &str) -> Markup {
        let of = |statuses: &[StatusName]| {
            let asked = &self.asked.query.status;
            let is_wanted = |status: &&StatusName| asked.is_empty() || asked.contains(*status);
            let query = Query {
                status: statuses.iter().filter(is_wanted).copied().collect(),
                ..self.asked.query.clone()
            };
            (self.found.page.by_status.of(&query.status), query)
        };
        let text = |query: &Query| query_of(query, &[("sort", "")]).trim_start_matches('?').to_owned();
        let (retried, retry) = of(&RETRIED);
        let (dismissed, dismiss) = of(&DISMISSED);
        let can = self.found.page.rows.iter().any(|row| RETRIED.contains(&row.status));
        let is_counted = self.found.log.is_some();
        let body = html! {
            @if can {
                div.bar {
                    button.quiet type="submit" { (say!("many-retry")) }
                    button.quiet type="submit" formaction={ (api) "/dismiss" } { (say!("many-dismiss")) }
                    @if is_counted && retried > 1 {
                        button.quiet type="submit" name="matching" value=(text(&retry)) { (say!("many-retry-all", number = number(retried))) }
                    }
                    @if is_counted && dismissed > 1 {
                        details #dismiss-all {
                            summary { (say!("many-dismiss-all", number = number(dismissed))) }
                            p { (say!("many-dismiss-what")) }
                            button.grave type="submit" formaction={ (api) "/dismiss" } name="matching" value=(text(&dismiss)) { (say!("many-dismiss-them", number = number(dismissed))) }
                        }
                    }
                }
            }
        };
        live::empty("many-actions", &body)
    }

    fn columns(&self) -> Markup {
        let page = format!("{}{}", self.scope.url, self.scope.path());
        let sort = self.asked.query.sort;
        let head = |column: Column, title: &str| {
            let is_sorted = sort.by == column;
            let order = if sort.is_descending { "descending" } else { "ascending" };
            // Times begin with the newest, words with the first letter; once more turns it round.
            let starts_down = matches!(column, Column::Created | Column::Changed);
            let next = Sort {
                by: column,
                is_descending: if is_sorted { !sort.is_descending } else { starts_down },
            };
            let next = if next == Sort::default() {
                String::new()
            } else {
                next.to_string()
            };
            html! {
                th scope="col" aria-sort=[is_sorted.then_some(order)] {
                    a data-filter href={ (page) (self.asked.query(&[("sort", &next)])) "#log" } { (title) }
                }
            }
        };
        let cells = html! {
                    th scope="col" { input #tick-all.scripted type="checkbox" data-ticks="deliveries" aria-label=(say!("column-tick-all")); span.unseen { (say!("column-tick")) } }
                    (head(Column::Number, say!("column-number")))
                    (head(Column::Subject, say!("column-subject")))
                    (head(Column::Tool, say!("column-tool")))
                    th scope="col" { (say!("column-project")) }
                    (head(Column::Author, say!("column-author")))
                    (head(Column::Status, say!("column-status")))
                    th scope="col" { (say!("column-files")) }
                    (head(Column::Created, say!("column-created")))
                    (head(Column::Changed, say!("column-changed")))
        };
        html! { thead #columns data-parts { tr #column-heads data-part=(live::fingerprint(&cells.0)) { (cells) } } }
    }

    fn row(&self, row: &Row) -> Markup {
        let other = self.scope.other(row);
        let view = self.scope.view(row.connection, other);
        let title = titled(&row.title);
        let id = format!("row-{}", row.reference);
        let page = view.map(|view| {
            format!(
                "{}/projects/{}/connections/{}/deliveries/{}",
                self.scope.url, self.scope.here, view.id, row.reference
            )
        });
        let name = view.map_or_else(|| other.to_string(), |view| shown(&view.other.name));
        let files = row.files;
        let cells = html! {
            td data-label=(say!("column-tick")) {
                @if RETRIED.contains(&row.status) {
                    input id={ "tick-" (row.reference) } type="checkbox" name="deliveries" value=(row.reference) aria-label=(say!("row-tick", title = title.as_str()));
                }
            }
            td data-label=(say!("column-number")) class=[row.number.is_none().then_some("none")] { (row.number.as_deref().map(shown).unwrap_or_default()) }
            th.cut scope="row" title=(title) {
                @match &page {
                    Some(page) => a data-panel href=(page) { (title) },
                    None => (title),
                }
            }
            td data-label=(say!("column-tool")) { (one(row.tool)) }
            td.cut data-label=(say!("column-project")) {
                @match row.direction(self.scope.here) {
                    Direction::Sent => (say!("row-to", name = name)),
                    Direction::Received => (say!("row-from", name = name)),
                }
            }
            td data-label=(say!("column-author")) class=(if row.author.is_none() { "cut none" } else { "cut" }) { (row.author.as_deref().map(shown).unwrap_or_default()) }
            td data-label=(say!("column-status")) title=[(!row.reason.is_empty()).then(|| shown(&row.reason))] {
                span class={ "badge " (class(row.status)) } { @if row.is_incomplete { (say!("row-in-part", status = row.status.title())) } @else { (row.status.title()) } }
            }
            td data-label=(say!("column-files")) class=[(files.all == 0).then_some("none")] {
                @if files.all > 0 && row.copy.is_some() { (files.copied) "/" (files.all) @if files.copied < files.all { " ⚠" } }
            }
            td data-label=(say!("column-created")) { (day_and_time(row.created_at)) }
            td data-label=(say!("column-changed")) { (day_and_time(row.changed_at)) }
        };
        let says = say!("row-says", title = title, status = row.status.title());
        html! { tr id=(id) data-part=(live::fingerprint(&cells.0)) data-says=(says) { (cells) } }
    }

    /// What stands below the rows: why there are none, and the way to more.
    fn rest(&self) -> Markup {
        let page = format!("{}{}", self.scope.url, self.scope.path());
        let found = &self.found.page;
        let is_connected = self
            .scope
            .views
            .iter()
            .any(|view| view.status == gusset_domain::connection::Status::Connected);
        let body = html! {
            @if found.rows.is_empty() {
                p {
                    @if !self.asked.query.is_everything() {
                        @if found.is_cut { (say!("rest-not-found-cut")) } @else { (say!("rest-not-found")) }
                    } @else if self.asked.behind.is_some() {
                        (say!("rest-nothing-older"))
                    } @else if is_connected {
                        (say!("rest-nothing-yet"))
                    } @else {
                        (say!("rest-nothing"))
                    }
                }
            }
            div.actions {
                @if let Some(next) = &found.next {
                    a.button.quiet href={ (page) (self.asked.query(&[("cursor", next)])) "#log" } { (say!("rest-older")) }
                }
                @if self.asked.behind.is_some() {
                    a.button.quiet href={ (page) (self.asked.query(&[])) } { (say!("rest-newest")) }
                }
            }
        };
        live::empty("log-rest", &body)
    }
}

fn choice(name: &str, label: &str, all: &str, options: &[(&str, &str, bool)]) -> Markup {
    html! {
        label.unseen for={ "filter-" (name) } { (label) }
        select id={ "filter-" (name) } name=(name) {
            option value="" { (all) }
            @for (value, title, chosen) in options { option value=(value) selected[*chosen] { (title) } }
        }
    }
}

/// The day of a moment, as a field takes it.
fn day(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).date().to_string()
}

/// The last day that an end leaves in.
fn last_day(until: Timestamp) -> String {
    day(until.saturating_sub(SignedDuration::from_millis(1)).unwrap_or(until))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_that_was_asked_for_stands_in_its_field_again() {
        let query = Query::of(|name| match name {
            "since" => Some("2026-03-01".to_owned()),
            "until" => Some("2026-03-31".to_owned()),
            _ => None,
        })
        .unwrap();
        assert_eq!(query.since.map(day).as_deref(), Some("2026-03-01"));
        assert_eq!(query.until.map(last_day).as_deref(), Some("2026-03-31"));
    }
}
