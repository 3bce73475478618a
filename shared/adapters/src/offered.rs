//! What a person may choose from to send: the items that fit, as Procore shows them to that person.

use std::collections::HashMap;

use gusset_domain::{
    connection::{Connection, Side},
    delivery::{Job, Origin},
    ids::ItemId,
    items::Item,
    offered::{Standing, Wanted, Whose, may_be_ticked},
    people::Project,
    send::{SendMode, Tool},
};

use crate::{
    http::Problem,
    sessions::{Busy, Freshness, ItemLists, SignedIn},
    table::{Table, TableError},
};

/// Why there is nothing of a tool to choose from.
#[derive(Debug)]
pub enum Missing {
    /// The project sends none.
    SwitchedOff,
    /// The other project accepts none.
    NotAccepted,
    /// Procore shows it not to the person, in these words.
    Closed(String),
}

/// What a person may choose from.
pub struct Offered {
    /// What fits, the newest first.
    pub items: Vec<Item>,
    /// How many fit of the project's own.
    pub ours: usize,
    /// How many fit of those that arrived in it.
    pub others: usize,
    /// The copies that arrived in the project, and where each came from.
    pub copies: HashMap<(Tool, ItemId), Vec<Origin>>,
    /// The tools of which there is nothing.
    pub missing: Vec<(Tool, Missing)>,
    /// Where Procore did not answer for all tools.
    pub lacking: Option<Busy>,
}

/// The side of a connection from which somebody looks.
pub struct Viewpoint<'a> {
    /// The connection.
    pub connection: &'a Connection,
    /// The side.
    pub side: Side,
}

impl Viewpoint<'_> {
    fn project(&self) -> &Project {
        &self.connection.party(self.side).project
    }

    fn job(&self, item: &Item) -> Job {
        Job::over(self.connection, self.side.other(), item.tool(), item.id())
    }

    /// Why no items of a tool are sent, where none are.
    fn not_sent(&self, tool: Tool) -> Option<Missing> {
        if self.connection.party(self.side).send.of(tool) == SendMode::Off {
            Some(Missing::SwitchedOff)
        } else if !self.connection.accepts(self.side.other(), tool) {
            Some(Missing::NotAccepted)
        } else {
            None
        }
    }
}

impl Offered {
    /// Reads what Procore shows the person of the tools that are asked for: no tool that cannot be sent. Copies are told from the
    /// project's own items by one query of the table.
    ///
    /// # Errors
    /// As [`SignedIn::items`], but for a tool that is closed to the person, or a Procore that is away.
    pub async fn read(
        (who, lists, freshness): (&SignedIn<'_>, &ItemLists, Freshness),
        table: &Table,
        from: &Viewpoint<'_>,
        wanted: &Wanted,
    ) -> Result<Self, Problem> {
        let (mut items, mut missing, mut lacking) = (Vec::new(), Vec::new(), None);
        for tool in Tool::ALL {
            if wanted.tool.is_some_and(|wanted| wanted != tool) {
                continue;
            }
            if let Some(why) = from.not_sent(tool) {
                missing.push((tool, why));
                continue;
            }
            match who.items(lists, from.project(), tool, wanted.reach, freshness).await {
                Ok(listed) => items.extend(listed),
                // The person has no access to that tool: the others are still of use.
                Err(problem) if matches!(problem.status, 403 | 404) => {
                    missing.push((tool, Missing::Closed(problem.detail)));
                }
                Err(problem) => {
                    lacking = Some(Busy::of(&problem, None).ok_or(problem)?);
                    break;
                }
            }
        }
        items.retain(|item| !item.is_deleted() && wanted.has_words(item));
        items.sort_by_key(|item| std::cmp::Reverse((item.created_at(), item.id())));
        items.dedup_by_key(|item| (item.tool(), item.id()));
        let copies = if items.is_empty() {
            HashMap::new()
        } else {
            table.copies_in(from.project().id).await?
        };
        let all = items.len();
        items.retain(|item| {
            let is_copy = copies.contains_key(&(item.tool(), item.id()));
            is_copy == (wanted.whose == Whose::Others)
        });
        let (chosen, rest) = (items.len(), all - items.len());
        let (ours, others) = match wanted.whose {
            Whose::Ours => (chosen, rest),
            Whose::Others => (rest, chosen),
        };
        Ok(Self {
            items,
            ours,
            others,
            copies,
            missing,
            lacking,
        })
    }

    /// Where an item came from, where it is a copy.
    #[must_use]
    pub fn came_from(&self, item: &Item) -> &[Origin] {
        let came_from = self.copies.get(&(item.tool(), item.id()));
        came_from.map(Vec::as_slice).unwrap_or_default()
    }

    /// Those of the items that may be sent together, the oldest first. A request to the table for each fifty.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn sendable(&self, table: &Table, from: &Viewpoint<'_>) -> Result<Vec<&Item>, TableError> {
        let jobs: Vec<Job> = self.items.iter().map(|item| from.job(item)).collect();
        let known = table.heard_of(&jobs).await?.deliveries;
        let sendable = self.items.iter().zip(&jobs).filter(|(item, job)| {
            let standing = Standing::of(known.get(&job.reference()), self.came_from(item), job.target);
            may_be_ticked(item, standing)
        });
        Ok(sendable.map(|(item, _)| item).rev().collect())
    }
}
