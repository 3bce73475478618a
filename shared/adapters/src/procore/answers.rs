//! What a long listing has been answered so far.
//!
//! A listing takes more calls than one of Procore's windows may have left. It is not to sleep through the time until the
//! next one, and handed back it would begin anew, for ever. So who lists keeps the answers ([`Answers`]), lays them aside when
//! it has to wait, and goes on where it stopped.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use gusset_domain::ids::CompanyId;
use serde::{Deserialize, Serialize};

/// An answer: one page of a list, or all there is.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Page {
    /// The body, as JSON text.
    pub(super) body: String,
    /// Whether another page follows.
    pub(super) more: bool,
}

/// The answers to one listing's questions.
#[derive(Debug, Default)]
pub struct Answers(Mutex<BTreeMap<String, Page>>);

impl Answers {
    /// Answers that were laid aside. What cannot be read is as good as none: the questions are asked again.
    #[must_use]
    pub fn read(laid_aside: &[u8]) -> Self {
        Self(Mutex::new(serde_json::from_slice(laid_aside).unwrap_or_default()))
    }

    /// The answers, to be laid aside.
    #[must_use]
    pub fn written(&self) -> Vec<u8> {
        serde_json::to_vec(&*self.all()).unwrap_or_default()
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.all().len()
    }

    pub(super) fn find(&self, question: &str) -> Option<Page> {
        self.all().get(question).cloned()
    }

    pub(super) fn keep(&self, question: String, page: &Page) {
        self.all().insert(question, page.clone());
    }

    fn all(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Page>> {
        // Answers that a panic left behind are as good as any.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is asked, in one text. No two questions are the same text: a path has no `?`, and what is in a query stands in
/// quotes.
pub(super) fn question(company: Option<CompanyId>, path: &str, query: &[(&str, String)]) -> String {
    let company = company.map(|company| company.to_string()).unwrap_or_default();
    format!("{company} {path}?{query:?}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_that_were_laid_aside_are_there_again() {
        let answers = Answers::default();
        let page = Page {
            body: "[1]".to_owned(),
            more: true,
        };
        let asked = |page: &str| question(CompanyId::new(1001), "/rest/v1.0/folders", &[("page", page.to_owned())]);
        answers.keep(asked("1"), &page);
        let again = Answers::read(&answers.written());
        assert_eq!(again.count(), 1);
        assert!(
            again
                .find(&asked("1"))
                .is_some_and(|found| found.body == "[1]" && found.more)
        );
        assert!(again.find(&asked("2")).is_none());
        assert_eq!(Answers::read(b"not json").count(), 0);
    }
}
