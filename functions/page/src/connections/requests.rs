//! Requests that nobody has answered yet, in a table: those to answer, and those of this side.

use gusset_domain::{
    connection::{Action, View},
    names::shown,
};
use gusset_words::{say, say_html};
use maud::{Markup, html};

use super::card::{Cards, facts, status_badge};
use crate::{live, time::time};

impl Cards<'_> {
    /// A table of requests under a heading; hidden while there is none. `id` is that of its rows.
    pub(super) fn requests<'v>(&self, id: &str, title: &str, views: impl Iterator<Item = &'v View>) -> Markup {
        let rows: Vec<Markup> = views.map(|view| self.request(view)).collect();
        let heading = format!("{id}-title");
        let columns = [
            say!("request-project"),
            say!("request-company"),
            say!("request-by"),
            say!("request-when"),
            say!("request-status"),
        ];
        // Roles are said because a phone lays the table out as blocks.
        html! {
            div data-box hidden[rows.is_empty()] {
                h2 id=(heading) { (title) }
                div.log-box {
                    table.log.stack role="table" aria-labelledby=(heading) {
                        thead role="rowgroup" {
                            tr role="row" {
                                @for column in columns { th scope="col" role="columnheader" { (column) } }
                                th scope="col" role="columnheader" { span.unseen { (say!("request-answer")) } }
                            }
                        }
                        tbody id=(id) data-parts role="rowgroup" { @for row in &rows { (row) } }
                    }
                }
            }
        }
    }

    fn request(&self, view: &View) -> Markup {
        let (project, company) = (shown(&view.other.name), shown(&view.other.company_name));
        let by = shown(&view.asked.by.name);
        let name = format!("name-{}", view.id);
        let body = html! {
            th.cut id=(name) scope="row" role="rowheader" title=(project) { (project) }
            td.cut role="cell" data-label=(say!("request-company")) title=(company) { (company) }
            td.cut role="cell" data-label=(say!("request-by")) title=(by) { (by) }
            td role="cell" data-label=(say!("request-when")) { (time(view.asked.at)) }
            td role="cell" data-label=(say!("request-status")) { (status_badge(view.status)) }
            td.act role="cell" { (self.answers(view, &name)) }
        };
        let says = say!("connection-says", name = project, status = view.status.title());
        html! {
            tr id={ "request-" (view.id) } role="row" data-part=(live::fingerprint(&body.0)) data-says=(says) { (body) }
        }
    }

    /// Exactly what this side may do with the request now.
    fn answers(&self, view: &View, name: &str) -> Markup {
        let may = |action| view.actions.contains(&action);
        let terms = format!("{}/terms", self.page(view));
        let too_soon = view.remind_at.filter(|earliest| *earliest > self.now);
        html! {
            div.actions {
                @if may(Action::Accept) { a.button href=(terms) aria-describedby=(name) { (say!("request-accept")) } }
                @if may(Action::Settle) { a.button.quiet href=(terms) aria-describedby=(name) { (say!("request-change")) } }
                @if may(Action::Remind) && too_soon.is_none() {
                    (self.form(view, "remind", "reminded").button(say!("request-remind"), "quiet", name))
                }
                (self.confirmed(view, name))
                details id={ "details-" (view.id) } {
                    summary aria-describedby=(name) { (say!("request-details")) }
                    (facts(view))
                }
                @if let (true, Some(earliest)) = (may(Action::Remind), too_soon) {
                    p.hint { (say_html!("request-remind-from", at = time(earliest))) }
                }
            }
        }
    }
}
