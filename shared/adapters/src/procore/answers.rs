//! What a long listing has been answered so far.
//!
//! A listing takes more calls than one of Procore's windows may have left. It is not to sleep through the time until the
//! next one, and handed back it would begin anew, for ever. So who lists keeps the answers ([`ListingCache`]), lays them aside when
//! it has to wait, and goes on where it stopped: listings of plans, of what a sweep looks through, of places, and of what a copy
//! may be among.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{endpoint::Endpoint, paging::Next};

/// An answer: one page of a list, or all there is.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Page {
    /// The body, as JSON text.
    pub(super) body: String,
    /// Whether another page follows.
    pub(super) next: Next,
    /// How many entries the whole list has, where it says so.
    pub(super) total: Option<usize>,
}

/// The answers to one listing's questions.
#[derive(Debug)]
pub struct ListingCache {
    began: Timestamp,
    all: Mutex<BTreeMap<String, Page>>,
    /// What was asked since a part of the listing began.
    part: Mutex<Vec<String>>,
}

/// Answers as they are laid aside.
#[derive(Serialize, Deserialize)]
struct Note<A> {
    began: Timestamp,
    answers: A,
}

impl ListingCache {
    /// None yet.
    #[must_use]
    pub fn none(now: Timestamp) -> Self {
        Self {
            began: now,
            all: Mutex::default(),
            part: Mutex::default(),
        }
    }

    /// Answers that were laid aside. What cannot be read is as good as none: the questions are asked again.
    #[must_use]
    pub fn read(laid_aside: &[u8], now: Timestamp) -> Self {
        match serde_json::from_slice::<Note<BTreeMap<String, Page>>>(laid_aside) {
            Ok(note) => Self {
                began: note.began,
                all: Mutex::new(note.answers),
                part: Mutex::default(),
            },
            Err(_) => Self::none(now),
        }
    }

    /// The answers, to be laid aside.
    #[must_use]
    pub fn written(&self) -> Vec<u8> {
        let note = Note {
            began: self.began,
            answers: &*self.all(),
        };
        serde_json::to_vec(&note).unwrap_or_default()
    }

    /// When the first question was asked, at the latest: what has changed since then may be missing.
    #[must_use]
    pub fn began(&self) -> Timestamp {
        self.began
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.all().len()
    }

    /// Begins a part of the listing that may turn out not to make sense.
    pub fn begin_part(&self) {
        self.part().clear();
    }

    /// Forgets what was answered since that part began, so that it is asked anew.
    pub fn forget_part(&self) {
        for question in self.part().drain(..) {
            self.all().remove(&question);
        }
    }

    pub(super) fn find(&self, question: &str) -> Option<Page> {
        self.part().push(question.to_owned());
        self.all().get(question).cloned()
    }

    pub(super) fn keep(&self, question: String, page: &Page) {
        self.all().insert(question, page.clone());
    }

    /// Forgets an answer that turned out to be none to go on with.
    pub(super) fn forget(&self, question: &str) {
        self.all().remove(question);
    }

    fn part(&self) -> std::sync::MutexGuard<'_, Vec<String>> {
        self.part.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn all(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Page>> {
        // Answers that a panic left behind are as good as any.
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is asked, in one text. No two questions are the same text: a path has no `?`, and what is in a query stands in
/// quotes.
pub(super) fn question(endpoint: Endpoint<'_>, query: &[(&str, String)]) -> String {
    let company = endpoint.company().map(|company| company.to_string());
    format!("{} {}?{query:?}", company.unwrap_or_default(), endpoint.path())
}

#[cfg(test)]
mod tests {
    use gusset_domain::ids::CompanyId;

    use super::*;

    #[test]
    fn answers_that_were_laid_aside_are_there_again() {
        let (then, now) = (Timestamp::UNIX_EPOCH, Timestamp::MAX);
        let answers = ListingCache::none(then);
        let page = Page {
            body: "[1]".to_owned(),
            next: Next::Yes,
            total: Some(2_001),
        };
        let asked = |page: &str| {
            question(
                Endpoint::of(CompanyId::new(1001).unwrap(), "/rest/v1.0/folders"),
                &[("page", page.to_owned())],
            )
        };
        answers.keep(asked("1"), &page);
        let again = ListingCache::read(&answers.written(), now);
        // Not since the look that goes on: what changed in between is not in the answers.
        assert_eq!((again.count(), again.began()), (1, then));
        assert!(
            again
                .find(&asked("1"))
                .is_some_and(|found| found.body == "[1]" && found.next == Next::Yes)
        );
        assert!(again.find(&asked("2")).is_none());
        again.begin_part();
        assert!(again.find(&asked("1")).is_some());
        again.forget_part();
        assert_eq!(again.count(), 0);
        let unreadable = ListingCache::read(b"not json", now);
        assert_eq!((unreadable.count(), unreadable.began()), (0, now));
    }
}
