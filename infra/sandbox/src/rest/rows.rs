//! The rows of a list, narrowed down step by step by what the request asks for.

use std::cmp::Ordering;

use axum::response::Response;
use jiff::Timestamp;
use serde_json::Value;

use super::listing::Listing;
use crate::refusal::Refusal;
use crate::world::Id;

/// The rows that are left. A step whose parameter is not given keeps all of them.
pub(super) struct Rows<'a, T> {
    listing: &'a Listing,
    rows: Vec<T>,
}

impl<'a, T> Rows<'a, T> {
    pub(super) fn of(listing: &'a Listing, rows: impl IntoIterator<Item = T>) -> Self {
        Self {
            listing,
            rows: rows.into_iter().collect(),
        }
    }

    pub(super) fn keep(mut self, wanted: impl Fn(&T) -> bool) -> Self {
        self.rows.retain(wanted);
        self
    }

    fn among<I: IntoIterator<Item = Id>>(self, wanted: Option<Vec<Id>>, ids: impl Fn(&T) -> I) -> Self {
        match wanted {
            Some(wanted) => self.keep(|row| ids(row).into_iter().any(|id| wanted.contains(&id))),
            None => self,
        }
    }

    /// `filters[name]`: one of these ids.
    pub(super) fn ids<I: IntoIterator<Item = Id>>(self, name: &str, ids: impl Fn(&T) -> I) -> Result<Self, Refusal> {
        let wanted = self.listing.id_filter(name)?;
        Ok(self.among(wanted, ids))
    }

    /// `name=1`, or `name[]=1&name[]=2`: one of these ids.
    pub(super) fn parameter<I: IntoIterator<Item = Id>>(
        self,
        name: &str,
        ids: impl Fn(&T) -> I,
    ) -> Result<Self, Refusal> {
        let wanted = self.listing.ids(name)?;
        Ok(self.among(wanted, ids))
    }

    /// `filters[name]`: one of these texts.
    pub(super) fn texts(self, name: &str, text: impl Fn(&T) -> &str) -> Self {
        match self.listing.filter(name) {
            Some(wanted) => self.keep(|row| wanted.iter().any(|wanted| wanted == text(row))),
            None => self,
        }
    }

    /// `filters[name]`: within this range.
    pub(super) fn times(self, name: &str, time: impl Fn(&T) -> Timestamp) -> Result<Self, Refusal> {
        Ok(match self.listing.range(name)? {
            Some((from, to)) => self.keep(|row| (from..=to).contains(&time(row))),
            None => self,
        })
    }

    /// `filters[search]`: contains this text, be it in capitals or not.
    pub(super) fn search(self, text: impl Fn(&T) -> String) -> Self {
        let wanted = self.listing.filter("search").map(|texts| texts.join(","));
        self.containing(wanted.as_deref(), text)
    }

    pub(super) fn containing(self, wanted: Option<&str>, text: impl Fn(&T) -> String) -> Self {
        match wanted.map(str::to_lowercase) {
            Some(wanted) => self.keep(|row| text(row).to_lowercase().contains(&wanted)),
            None => self,
        }
    }

    /// `sort=name` or, backwards, `sort=-name`.
    pub(super) fn sorted(mut self, name: &str, compare: impl Fn(&T, &T) -> Ordering) -> Self {
        match self.listing.text("sort") {
            Some(asked) if asked == name => self.rows.sort_by(compare),
            Some(asked) if asked.strip_prefix('-') == Some(name) => {
                self.rows.sort_by(|one, other| compare(other, one));
            }
            _ => {}
        }
        self
    }

    pub(super) fn rows(&mut self) -> &mut [T] {
        &mut self.rows
    }

    /// The asked page, each row shown by `view`.
    pub(super) fn answer(self, view: impl Fn(&T) -> Value) -> Result<Response, Refusal> {
        self.listing.answer(&self.rows, view)
    }
}
