//! What the parameters of an address say.

use std::{fmt, str::FromStr};

use crate::text;

/// The longest text that is searched for, in characters.
const LONGEST_NEEDLE: usize = 200;

/// A parameter's name, and why what it says is none of what it may.
pub type Wrong = (&'static str, String);

/// The parameters of an address, by name. One that is empty says nothing.
pub(crate) struct Parameters<F>(pub(crate) F);

impl<F: Fn(&str) -> Option<String>> Parameters<F> {
    /// What one says.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        (self.0)(name).filter(|text| !text.is_empty())
    }

    /// What one says, read.
    ///
    /// # Errors
    /// [`Wrong`], where it cannot be read.
    pub(crate) fn read<T: FromStr<Err: fmt::Display>>(&self, name: &'static str) -> Result<Option<T>, Wrong> {
        self.text(name).map(|text| read(name, &text)).transpose()
    }

    /// The words that are searched for, by `q`: one line, that may be empty.
    pub(crate) fn needle(&self) -> String {
        text::one_line(self.text("q").unwrap_or_default().trim(), LONGEST_NEEDLE)
    }
}

/// Reads a part of what a parameter says.
///
/// # Errors
/// [`Wrong`], where it cannot be read.
pub(crate) fn read<T: FromStr<Err: fmt::Display>>(name: &'static str, text: &str) -> Result<T, Wrong> {
    text.parse().map_err(|wrong: T::Err| (name, wrong.to_string()))
}
