//! Which entry of the other project is the copy that an attempt of ours made unheard.
//!
//! A copy is known by its record and its author. Only where the outcome of an attempt of ours is not known, and there can be no
//! record yet, its text counts: the line with the very reference that was sent. Where somebody has edited that line away
//! meanwhile, the other facts decide: our service account created it since the first attempt, it carries no other
//! reference, and it says what was sent.

use jiff::Timestamp;

use super::Delivery;
use crate::{
    ids::{ItemId, UserId},
    items::Item,
    marker::Reference,
    sweep::Listed,
    text,
};

/// The shortest text that is enough to know a copy by, in characters: two people may well have written "See drawing."
const TELLING: usize = 20;

/// The search for one copy, through the entries that could be it.
#[derive(Debug)]
pub struct Search<'a> {
    item: &'a Item,
    reference: &'a Reference,
    /// The user as whom our app acts in the other project's company, where that is known.
    ours: Option<UserId>,
    since: Timestamp,
    alike: Vec<ItemId>,
}

impl<'a> Search<'a> {
    /// A search for the copy that a delivery's earlier attempts may have made of an item. `since`: before then none of them
    /// was made.
    #[must_use]
    pub fn new(delivery: &'a Delivery, item: &'a Item, ours: Option<UserId>, since: Timestamp) -> Self {
        Self {
            item,
            reference: &delivery.reference,
            ours,
            since,
            alike: Vec::new(),
        }
    }

    /// When the copy was created at the earliest.
    #[must_use]
    pub fn since(&self) -> Timestamp {
        self.since
    }

    /// Looks at some entries of the other project. Gives the copy, where one carries its reference.
    pub fn look_at(&mut self, entries: &[Listed]) -> Option<ItemId> {
        for entry in entries.iter().map(|listed| &listed.item) {
            let author = entry.author();
            // Where Procore does not say who wrote it, its reference has to be enough.
            let is_foreign = author.is_some() && self.ours.is_some() && author != self.ours;
            if is_foreign || entry.is_deleted() {
                continue;
            }
            if entry.mentions(self.reference) {
                return Some(entry.id());
            }
            if author.is_some() && author == self.ours && self.is_alike(entry) {
                self.alike.push(entry.id());
            }
        }
        None
    }

    /// Those that may be the copy with its line edited away, the first first. One that is on record as another's copy is not.
    #[must_use]
    pub fn alike(self) -> Vec<ItemId> {
        self.alike
    }

    fn is_alike(&self, entry: &Item) -> bool {
        let is_in_time = entry.created_at().is_none_or(|created| created >= self.since);
        if !is_in_time || entry.marker().is_some() {
            return false;
        }
        let same_text = {
            let (sent, there) = (self.item.words(), entry.words());
            sent.chars().count() >= TELLING && there.contains(&sent)
        };
        same_text
            || match (self.item, entry) {
                (Item::Rfi(sent), Item::Rfi(there)) => {
                    text::one_line(&sent.named_subject(), usize::MAX) == text::one_line(&there.subject, usize::MAX)
                }
                (Item::WorkingHours(sent), Item::WorkingHours(there)) => {
                    (sent.entry.date, sent.workers, &sent.hours) == (there.entry.date, there.workers, &there.hours)
                }
                (Item::Note(sent), Item::Note(there)) => {
                    (sent.entry.date, sent.is_issue_day) == (there.entry.date, there.is_issue_day)
                        && sent.entry.date.is_some()
                }
                _ => false,
            }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{
        connection::Side,
        delivery::Job,
        ids::{ConnectionId, ProjectId},
        items::{Entry, Note},
        send::Tool,
    };

    const GUSSET: u64 = 9;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn note(id: u64, author: u64, created: i64, comment: &str) -> Item {
        let entry = Entry {
            id: ItemId::new(id).unwrap(),
            date: Some(jiff::civil::Date::constant(2026, 11, 20)),
            comment: comment.to_owned(),
            created_at: Some(at(created)),
            author: None,
            author_id: UserId::new(author),
            deleted: false,
            pending: false,
            location: None,
            attachments: Vec::new(),
            named: Vec::new(),
            unreadable: Vec::new(),
        };
        Item::Note(Note {
            entry,
            is_issue_day: false,
        })
    }

    fn delivery() -> Delivery {
        let job = Job {
            connection: ConnectionId(Uuid::nil()),
            to: Side::Recipient,
            tool: Tool::Notes,
            source: ProjectId::new(30001).unwrap(),
            target: ProjectId::new(20001).unwrap(),
            item: ItemId::new(501).unwrap(),
            repeat: 0,
            by_hand: false,
            may_be_private: false,
        };
        Delivery::new(job, at(100))
    }

    fn found(entries: Vec<Item>) -> (Option<ItemId>, Vec<ItemId>) {
        let (delivery, sent) = (delivery(), note(501, 4, 50, "Poured the slab of level 2"));
        let mut search = Search::new(&delivery, &sent, UserId::new(GUSSET), at(90));
        let entries: Vec<Listed> = entries
            .into_iter()
            .map(|item| Listed { item, changed_at: None })
            .collect();
        (search.look_at(&entries), search.alike())
    }

    fn id(id: u64) -> ItemId {
        ItemId::new(id).unwrap()
    }

    #[test]
    fn the_copy_is_what_we_wrote_with_the_very_reference_that_was_sent() {
        let line = format!("Slab\nSent from Pier 9 (South) · {}", delivery().reference);
        let quoted = note(1, 4, 100, &line);
        let ours = note(2, GUSSET, 100, &line);
        assert_eq!(found(vec![quoted.clone(), ours]).0, Some(id(2)));
        assert_eq!(found(vec![quoted]), (None, vec![]), "somebody else wrote it");
    }

    #[test]
    fn where_the_line_was_edited_away_the_other_facts_decide() {
        let edited = "Poured the slab of level 2. Seen by Gina.";
        assert_eq!(found(vec![note(1, GUSSET, 100, edited)]), (None, vec![id(1)]));
        assert_eq!(found(vec![note(1, 4, 100, edited)]).1, [], "a person wrote it");
        assert_eq!(found(vec![note(1, GUSSET, 89, edited)]).1, [], "it was there before");
        let anothers = format!("{edited}\nSent from Pier 9 (South) · GST-AAAAAAAAAAAA");
        assert_eq!(
            found(vec![note(1, GUSSET, 100, &anothers)]).1,
            [],
            "it is another's copy"
        );
    }
}
