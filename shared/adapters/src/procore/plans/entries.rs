//! Lists, and whether all of one was read.
//!
//! A list is read page by page, and may change meanwhile: an entry that is deleted moves the next ones to the page that was read
//! already. So a list counts as whole only where each entry came once and they are as many as Procore says there are. Where not,
//! it is read anew, a few times.

use std::collections::HashSet;

use gusset_domain::ids::CompanyId;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{
    super::{
        Authority, Procore, ProcoreError, answers,
        endpoint::Endpoint,
        paging::{self, MAX_PAGES, Next},
        parsed, without_end,
    },
    absurd, inner,
};

/// How often a list is read that changes while it is read, or of which Procore counts other entries than it lists.
const MAX_READS: u32 = 3;

/// The entries of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entries<T> {
    /// Those that can be read, each once.
    pub(super) all: Vec<T>,
    /// Whether these are all that there are.
    pub(super) whole: bool,
}

/// What one reading of a list brought.
#[derive(Default)]
struct Reading {
    entries: Vec<Value>,
    ids: HashSet<u64>,
    /// What the pages said that there is, each in its turn.
    totals: Vec<Option<usize>>,
    doubled: bool,
    /// Whether the latest page had an entry that none before it had.
    fresh: bool,
}

impl Reading {
    fn take(&mut self, page: Vec<Value>, total: Option<usize>) {
        self.totals.push(total);
        let before = self.entries.len();
        for entry in page {
            match entry.get("id").and_then(inner::as_id) {
                // It was on the page before, and has moved: what stood between may have moved past.
                Some(id) if !self.ids.insert(id) => self.doubled = true,
                _ => self.entries.push(entry),
            }
        }
        self.fresh = self.entries.len() > before;
    }

    /// Returns whether another page is to be asked for. Not every list says so: a `full` page may have a next one.
    fn goes_on(&self, full: bool, more: bool) -> bool {
        let total = self.totals.last().copied().flatten();
        self.fresh && (more || full || total.is_some_and(|total| self.entries.len() < total))
    }

    fn adds_up(&self) -> bool {
        let first = self.totals.first().copied().flatten();
        !self.doubled
            && self.totals.iter().all(|total| *total == first)
            && first.is_none_or(|total| total == self.entries.len())
    }
}

impl Procore {
    /// All entries of a list. One call a page, and as many again where they do not add up. An entry that cannot be read
    /// is left out, and the list is not whole then.
    ///
    /// # Errors
    /// [`ProcoreError`]. [`ProcoreError::Unexpected`] where the answer is no list, or goes on for ever.
    pub(super) async fn entries<T: DeserializeOwned>(
        &self,
        authority: Authority<'_>,
        company: CompanyId,
        path: &str,
        query: &[(&str, String)],
    ) -> Result<Entries<T>, ProcoreError> {
        let mut reads = 1;
        let reading = loop {
            let (reading, questions) = self.reading(authority, company, path, query).await?;
            if reading.adds_up() || reads == MAX_READS {
                break reading;
            }
            reads += 1;
            // What was answered is as good as nothing: it is asked anew.
            for question in authority
                .answers()
                .into_iter()
                .flat_map(|answers| questions.iter().map(move |one| (answers, one)))
            {
                question.0.forget(question.1);
            }
        };
        let mut whole = reading.adds_up();
        let mut all = Vec::with_capacity(reading.entries.len());
        for entry in reading.entries {
            match serde_json::from_value(entry) {
                Ok(entry) => all.push(entry),
                Err(error) => {
                    tracing::warn!(path, %error, "an entry of a list cannot be read");
                    whole = false;
                }
            }
        }
        Ok(Entries { all, whole })
    }

    /// Reads a list once. Gives what was asked, too.
    async fn reading(
        &self,
        authority: Authority<'_>,
        company: CompanyId,
        path: &str,
        query: &[(&str, String)],
    ) -> Result<(Reading, Vec<String>), ProcoreError> {
        let per_page = paging::per_page(path);
        let (mut reading, mut questions) = (Reading::default(), Vec::new());
        for page in 1..=MAX_PAGES {
            let mut query = query.to_vec();
            query.push(("page", page.to_string()));
            query.push(("per_page", per_page.to_string()));
            let answer = self.page(authority, Endpoint::of(company, path), &query).await?;
            questions.push(answers::question(Endpoint::of(company, path), &query));
            let Ok(Value::Array(entries)) = parsed(&answer) else {
                return Err(absurd("what Procore answers is no list"));
            };
            let full = entries.len() >= per_page;
            reading.take(entries, answer.total);
            if !reading.goes_on(full, answer.next == Next::Yes) {
                return Ok((reading, questions));
            }
        }
        Err(without_end(path))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    /// Reads a list as `entries` does, of which `delete` says which entry is deleted before a page is read, if one is.
    fn read(list: &[u64], per_page: usize, tells_total: bool, delete: impl Fn(usize) -> Option<u64>) -> Reading {
        let mut list = list.to_vec();
        let mut reading = Reading::default();
        for page in 0.. {
            let gone = delete(page);
            list.retain(|id| Some(*id) != gone);
            let shown: Vec<Value> = list
                .iter()
                .skip(page * per_page)
                .take(per_page)
                .map(|id| json!({"id": id}))
                .collect();
            let more = list.len() > (page + 1) * per_page;
            reading.take(shown, tells_total.then_some(list.len()));
            if !reading.goes_on(false, more) {
                break;
            }
        }
        reading
    }

    #[test]
    fn a_list_that_is_short_of_its_total_or_comes_twice_does_not_add_up() {
        let mut short = Reading::default();
        short.take(Vec::new(), Some(3));
        assert!(!short.adds_up() && !short.goes_on(false, false));
        let mut silent = Reading::default();
        silent.take(vec![json!({"id": 1})], None);
        assert!(silent.adds_up());
        let mut moved = Reading::default();
        moved.take(vec![json!({"id": 1}), json!({"id": "2"})], Some(3));
        moved.take(vec![json!({"id": 2}), json!({"id": 3})], Some(3));
        assert!(!moved.adds_up());
        assert_eq!(moved.entries.len(), 3);
    }

    #[test]
    fn a_list_that_says_its_total_and_has_no_links_is_read_to_its_end() {
        let mut pages = Reading::default();
        pages.take(vec![json!({"id": 1})], Some(2));
        assert!(pages.goes_on(false, false));
        pages.take(vec![json!({"id": 2})], Some(2));
        assert!(!pages.goes_on(false, false) && pages.adds_up());
    }

    proptest! {
        /// An entry that is deleted while the list is read, and which moves others past the reader, is noticed; and a list that
        /// stays as it is adds up.
        #[test]
        fn a_list_that_adds_up_misses_no_entry(count in 0_u64..30, per_page in 1_usize..7, at in 0_usize..6, deleted in 0_u64..30) {
            let list: Vec<u64> = (0..count).collect();
            let quiet = read(&list, per_page, true, |_| None);
            prop_assert!(quiet.adds_up());
            prop_assert_eq!(quiet.entries.len(), list.len());
            let reading = read(&list, per_page, true, |page| (page == at).then_some(deleted));
            let stay = list.iter().filter(|id| **id != deleted);
            let all_there = stay.clone().all(|id| reading.ids.contains(id));
            prop_assert!(!reading.adds_up() || all_there);
        }
    }
}
