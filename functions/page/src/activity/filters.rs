//! Which deliveries are shown: the page's form, and the address that it leads to.

use gusset_adapters::http::{Incoming, Problem};
use gusset_domain::{
    activity::{Direction, Filter, StatusName},
    connection::{Connection, Side},
    send::Tool,
};
use maud::{Markup, html};

use crate::url_encoded;

/// What a page is filtered by.
pub(super) struct Filters {
    /// As the table is asked.
    pub(super) filter: Filter,
    direction: Option<Direction>,
}

impl Filters {
    /// What the query says.
    ///
    /// # Errors
    /// 422 for a word that is none of the filters'.
    pub(super) fn of(incoming: &Incoming, connection: &Connection, side: Side) -> Result<Self, Problem> {
        let filter = incoming.filter(connection, side)?;
        let here = connection.party(side).project.id;
        let direction = filter.target.map(|target| {
            if target == here {
                Direction::Received
            } else {
                Direction::Sent
            }
        });
        Ok(Self { filter, direction })
    }

    /// Whether nothing is left out.
    pub(super) fn is_everything(&self) -> bool {
        self.filter.is_everything()
    }

    /// The query that says the same, from a place in the list on.
    pub(super) fn query(&self, cursor: Option<&str>) -> String {
        let words = [
            ("tool", self.filter.tool.map(Tool::as_str)),
            ("direction", self.direction.map(Direction::as_str)),
            ("status", self.filter.status.map(StatusName::as_str)),
            ("cursor", cursor),
        ];
        let words = words.into_iter().filter_map(|(name, word)| Some((name, word?)));
        let parts: Vec<String> = words
            .map(|(name, word)| format!("{name}={}", url_encoded(word)))
            .collect();
        if parts.is_empty() {
            String::new()
        } else {
            format!("?{}", parts.join("&"))
        }
    }

    /// The form. `page` is the address that it leads to.
    pub(super) fn form(&self, page: &str) -> Markup {
        let tools = Tool::ALL.map(|tool| (tool.as_str(), tool.title(), self.filter.tool == Some(tool)));
        let directions = [(Direction::Sent, "Sent"), (Direction::Received, "Received")]
            .map(|(direction, title)| (direction.as_str(), title, self.direction == Some(direction)));
        let statuses =
            StatusName::ALL.map(|status| (status.as_str(), status.title(), self.filter.status == Some(status)));
        html! {
            form.filters method="get" action=(page) {
                (choice("tool", "Tool", "All tools", &tools))
                (choice("direction", "Direction", "Both", &directions))
                (choice("status", "Status", "Any", &statuses))
                button.quiet type="submit" { "Filter" }
            }
        }
    }
}

fn choice(name: &str, label: &str, all: &str, options: &[(&str, &str, bool)]) -> Markup {
    html! {
        div {
            label for={ "filter-" (name) } { (label) }
            select id={ "filter-" (name) } name=(name) {
                option value="" { (all) }
                @for (value, title, chosen) in options { option value=(value) selected[*chosen] { (title) } }
            }
        }
    }
}
