//! The table of items: how to look, the rows to tick, and the way to further pages.

use gusset_domain::{
    items::Item,
    names::shown,
    offered::{Reach, Standing, Wanted, Whose, may_be_ticked},
    send::Tool,
};
use gusset_words::say;
use maud::{Markup, html};

use super::{Asked, ON_A_PAGE, Offered, Row, all::many_items, note, words};
use crate::{activity::one, project::Form, query_text, time::day_and_time, words::number};

/// A page of the table.
pub(super) struct Shown<'a> {
    pub(super) url: &'a str,
    /// The path of the connection's Activity.
    pub(super) base: &'a str,
    /// Where the API has the connection.
    pub(super) api: String,
    /// The project across.
    pub(super) other: String,
    pub(super) asked: &'a Asked,
    pub(super) offered: &'a Offered,
    pub(super) rows: &'a [Row<'a>],
}

impl Shown<'_> {
    pub(super) fn whole(&self) -> Markup {
        html! {
            div.wide {
                (self.filters())
                (self.chips())
                @if self.asked.wanted.whose == Whose::Others {
                    p.notice.wait {
                        (say!("items-others-warning"))
                    }
                }
                @for (tool, missing) in &self.offered.missing { p.hint { (words(missing, *tool, &self.other)) } }
                (self.table())
                (self.pages())
            }
        }
    }

    fn filters(&self) -> Markup {
        let wanted = &self.asked.wanted;
        let page = format!("{}{}/send", self.url, self.base);
        html! {
            form #items.bar method="get" action=(page) {
                label.unseen for="filter-q" { (say!("items-search")) }
                input #filter-q type="search" name="q" value=(wanted.text) placeholder=(say!("items-search-hint")) maxlength="200";
                label.unseen for="filter-tool" { (say!("items-tool")) }
                select #filter-tool name="tool" {
                    option value="" { (say!("items-all-tools")) }
                    @for tool in Tool::ALL { option value=(tool) selected[wanted.tool == Some(tool)] { (tool.title()) } }
                }
                label.unseen for="filter-range" { (say!("items-range")) }
                select #filter-range name="range" {
                    @for reach in Reach::EACH { option value=(reach) selected[wanted.reach == reach] { (reach.title()) } }
                }
                @if wanted.whose == Whose::Others { input type="hidden" name="from" value="others"; }
                button.quiet type="submit" { (say!("items-show")) }
                @if *wanted != Wanted::default() { a href=(page) { (say!("items-clear")) } }
            }
        }
    }

    fn chips(&self) -> Markup {
        let chips = [
            (Whose::Ours, say!("items-ours"), self.offered.ours),
            (Whose::Others, say!("items-others"), self.offered.others),
        ];
        html! {
            nav.chips aria-label=(say!("items-whose")) {
                @for (whose, title, count) in chips {
                    @let is_chosen = self.asked.wanted.whose == whose;
                    @let wanted = Wanted { whose, ..self.asked.wanted.clone() };
                    a href=(self.address(&wanted, 1)) aria-current=[is_chosen.then_some("true")] {
                        (title) span.count { (number(count as u64)) }
                    }
                }
            }
        }
    }

    fn table(&self) -> Markup {
        if self.rows.is_empty() {
            return html! { p { (self.nothing()) } };
        }
        let form = Form {
            action: format!("{}/items", self.api),
            back: self.base,
            done: "sent",
        };
        let can = self.rows.iter().any(|row| may_be_ticked(row.item, row.standing));
        let fields = html! {
            div.log-box {
                table.log.stack {
                    thead {
                        tr {
                            th scope="col" {
                                // A browser that comes back ticks what was ticked by its place, whatever stands there by now.
                                @if can {
                                    input #tick-all.scripted type="checkbox" autocomplete="off" data-ticks="items" aria-label=(say!("items-tick-all"));
                                }
                                span.unseen { (say!("items-tick")) }
                            }
                            @for title in [say!("items-column-number"), say!("items-column-subject"), say!("items-tool"), say!("items-column-created"), say!("items-column-author"), say!("items-column-state")] { th scope="col" { (title) } }
                        }
                    }
                    tbody { @for row in self.rows { (self.row(row)) } }
                }
            }
            @if can {
                div.bar {
                    button type="submit" { (say!("items-button")) }
                    @let query = query_text(self.asked.wanted.parameters());
                    a href={ (self.url) (self.base) "/send/all" (query) } { (say!("items-all-link")) }
                }
            }
        };
        form.with(&fields)
    }

    fn row(&self, row: &Row<'_>) -> Markup {
        let item = row.item;
        let (tool, id) = (item.tool(), item.id());
        let (tick, name) = (format!("{tool}-{id}"), format!("name-{tool}-{id}"));
        let delivery = row.delivery.as_ref();
        let delivery = delivery.map(|reference| format!("{}{}/deliveries/{reference}", self.url, self.base));
        html! {
            tr {
                td data-label=(say!("items-tick")) {
                    @if may_be_ticked(item, row.standing) {
                        input id=(tick) type="checkbox" name="items" value={ (tool) ":" (id) } autocomplete="off" aria-labelledby=(name);
                    }
                }
                td data-label=(say!("items-column-number")) class=[item.number().is_none().then_some("none")] { (item.number().map(shown).unwrap_or_default()) }
                th.cut scope="row" {
                    a id=(name) data-panel href={ (self.url) (self.base) "/send/" (tool) "/" (id) } { (titled(item)) }
                    @if let Some(note) = note(item) { " " span.hint { (note) } }
                }
                td data-label=(say!("items-tool")) { (one(tool)) }
                td data-label=(say!("items-column-created")) class=[item.created_at().is_none().then_some("none")] { @if let Some(at) = item.created_at() { (day_and_time(at)) } }
                td.cut data-label=(say!("items-column-author")) { (item.author_name().map(shown).unwrap_or_default()) }
                td.cut data-label=(say!("items-column-state")) {
                    @match &delivery {
                        Some(page) => a data-panel href=(page) { span class={ "badge " (class(row.standing)) } { (row.standing.title()) } },
                        None => span class={ "badge " (class(row.standing)) } { (row.standing.title()) },
                    }
                    @if let Some(origin) = row.came_from.last().filter(|_| row.standing != Standing::CameFromThere) { " " span.hint { (say!("items-from", name = shown(&origin.name))) } }
                }
            }
        }
    }

    /// Why there is no row.
    fn nothing(&self) -> String {
        let (wanted, offered) = (&self.asked.wanted, self.offered);
        let time = match wanted.reach {
            Reach::Fortnight => say!("items-in-fortnight"),
            Reach::Quarter => say!("items-in-quarter"),
            Reach::All => "",
        };
        if !offered.items.is_empty() {
            return say!("items-no-page").to_owned();
        }
        match wanted.whose {
            _ if !wanted.text.is_empty() => say!("items-none-with-words", time = time),
            Whose::Ours => say!("items-none-ours", time = time),
            Whose::Others => say!("items-none-others", time = time),
        }
    }

    fn pages(&self) -> Markup {
        let (all, page) = (self.offered.items.len(), self.asked.page);
        let last = all.div_ceil(ON_A_PAGE).max(1);
        let wanted = &self.asked.wanted;
        let first = (page - 1) * ON_A_PAGE;
        html! {
            @if !self.rows.is_empty() {
                p.hint {
                    @if last == 1 { (say!("items-count", items = many_items(all as u64))) }
                    @else { (say!("items-place", first = number(first as u64 + 1), last = number((first + self.rows.len()) as u64), all = number(all as u64))) }
                }
            }
            @if last > 1 || page > last {
                nav.actions aria-label=(say!("items-further")) {
                    @if page > 1 { a.button.quiet href=(self.address(wanted, (page - 1).min(last))) { (say!("items-newer")) } }
                    @if page < last { a.button.quiet href=(self.address(wanted, page + 1)) { (say!("items-older")) } }
                }
            }
        }
    }

    fn address(&self, wanted: &Wanted, page: usize) -> String {
        let page = (page > 1).then(|| ("page", page.to_string()));
        let query = query_text(wanted.parameters().into_iter().chain(page));
        format!("{}{}/send{query}", self.url, self.base)
    }
}

/// A line by which people know an item again.
fn titled(item: &Item) -> String {
    let title = item.title();
    if title.is_empty() {
        "Without words".to_owned()
    } else {
        shown(&title)
    }
}

/// What a state looks like.
fn class(standing: Standing) -> &'static str {
    match standing {
        Standing::NotSent | Standing::CameFromThere => "",
        Standing::OnItsWay => "new",
        Standing::Sent => "good",
        Standing::NotArrived(_) => "bad",
    }
}
