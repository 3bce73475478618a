//! What the walk found.

use std::{collections::BTreeMap, fmt};

use serde_json::{Map, Value};

/// Something that Gusset relies on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assumption {
    /// Unique among the assumptions.
    pub name: &'static str,
    /// What is published, or how we read it.
    pub expected: &'static str,
    /// What a difference would mean for Gusset.
    pub consequence: &'static str,
}

/// What became of an assumption.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It holds.
    Holds,
    /// It does not: what was found, without contents.
    Differs(String),
    /// It could not be tried on this account: why.
    Untried(String),
}

/// One line of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// What is assumed.
    pub assumption: String,
    /// What is published, or how we read it.
    pub expected: String,
    /// What was found.
    pub verdict: Verdict,
    /// What a difference means for Gusset.
    pub consequence: String,
}

/// All that was found.
#[derive(Debug, Default)]
pub struct Report {
    /// In the order of the walk.
    pub rows: Vec<Row>,
    /// The answers' shapes, by call and status.
    pub shapes: BTreeMap<String, Value>,
    /// What could not be removed again, for the operator to do by hand.
    pub left_behind: Vec<String>,
}

impl Report {
    /// Writes down what became of an assumption.
    pub fn add(&mut self, assumption: Assumption, verdict: Verdict) {
        self.rows.push(Row {
            assumption: assumption.name.to_owned(),
            expected: assumption.expected.to_owned(),
            verdict,
            consequence: assumption.consequence.to_owned(),
        });
    }

    /// Writes down whether an assumption holds, or what was found instead.
    pub fn check(&mut self, assumption: Assumption, holds: bool, found: impl Into<String>) {
        let verdict = if holds {
            Verdict::Holds
        } else {
            Verdict::Differs(found.into())
        };
        self.add(assumption, verdict);
    }

    /// The assumptions that do not hold.
    pub fn differences(&self) -> impl Iterator<Item = &Row> {
        self.rows
            .iter()
            .filter(|row| matches!(row.verdict, Verdict::Differs(_)))
    }

    /// The shapes, as they are written to a file.
    #[must_use]
    pub fn shapes(&self) -> String {
        let shapes: Map<String, Value> = self.shapes.clone().into_iter().collect();
        format!("{:#}\n", Value::Object(shapes))
    }
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "assumption · expected · found · consequence")?;
        let mut counts = [0; 3];
        for row in &self.rows {
            let (count, found, consequence) = match &row.verdict {
                Verdict::Holds => (0, "as expected", "none"),
                Verdict::Differs(found) => (1, found.as_str(), row.consequence.as_str()),
                Verdict::Untried(why) => (2, why.as_str(), "not known"),
            };
            counts[count] += 1;
            let mark = ["  ", "! ", "? "][count];
            writeln!(
                formatter,
                "{mark}{} · {} · {found} · {consequence}",
                row.assumption, row.expected
            )?;
        }
        for left in &self.left_behind {
            writeln!(formatter, "Left behind, to be removed by hand: {left}")?;
        }
        let [held, differ, untried] = counts;
        writeln!(formatter, "{held} hold, {differ} differ, {untried} could not be tried.")
    }
}
