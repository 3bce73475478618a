//! How often what happened.

use std::{collections::BTreeMap, fmt};

/// Counts by name. Shown as `cut 3, hang 1`.
#[derive(Debug, Default)]
pub struct Tally(BTreeMap<&'static str, usize>);

impl Tally {
    /// It happened so many times more.
    pub fn count(&mut self, name: &'static str, times: usize) {
        *self.0.entry(name).or_default() += times;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts: Vec<_> = self.0.iter().map(|(name, times)| format!("{name} {times}")).collect();
        f.write_str(&counts.join(", "))
    }
}
