//! The table of figures.

use std::{thread, time::Duration};

use jiff::Zoned;
use serde_json::{Value, json};

/// The middle, and what all but one in a hundred stay below, of a number of times. In seconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Percentiles {
    pub(crate) p50: f64,
    pub(crate) p99: f64,
    /// How many times there were.
    pub(crate) of: usize,
}

impl Percentiles {
    /// By nearest rank: both are times that were measured.
    pub(crate) fn of(times: impl IntoIterator<Item = Duration>) -> Self {
        let mut times: Vec<_> = times.into_iter().collect();
        assert!(!times.is_empty(), "there is something to take percentiles of");
        times.sort_unstable();
        let at = |percent: usize| times[(times.len() * percent).div_ceil(100) - 1].as_secs_f64();
        Self {
            p50: at(50),
            p99: at(99),
            of: times.len(),
        }
    }
}

/// What a figure is to reach.
pub(crate) struct Target {
    words: String,
    reached: Reached,
}

enum Reached {
    AtMost(f64),
    Judged(bool),
}

impl Target {
    /// At most so much, in the figure's own unit.
    pub(crate) fn at_most(most: f64, shown: fn(f64) -> Shown) -> Self {
        Self {
            words: format!("at most {}", shown(most).text),
            reached: Reached::AtMost(most),
        }
    }

    /// Anything else, said in words.
    pub(crate) fn judged(words: &str, reached: bool) -> Self {
        Self {
            words: words.to_owned(),
            reached: Reached::Judged(reached),
        }
    }
}

/// A figure as it is printed, and as a number.
pub(crate) struct Shown {
    text: String,
    number: Value,
}

impl From<String> for Shown {
    fn from(text: String) -> Self {
        Self {
            number: json!(text),
            text,
        }
    }
}

fn shown(text: String, number: f64) -> Shown {
    Shown {
        text,
        number: json!(number),
    }
}

/// A number of things.
pub(crate) fn count(number: f64) -> Shown {
    let text = format!("{number:.2}");
    shown(text.strip_suffix(".00").unwrap_or(&text).to_owned(), number)
}

/// A multiple.
pub(crate) fn ratio(number: f64) -> Shown {
    shown(format!("{number:.2} ×"), number)
}

/// Seconds, told in seconds.
pub(crate) fn seconds(number: f64) -> Shown {
    shown(format!("{number:.1} s"), number)
}

/// Seconds, told in milliseconds.
pub(crate) fn millis(number: f64) -> Shown {
    shown(format!("{:.0} ms", number * 1000.0), number)
}

/// Bytes.
pub(crate) fn bytes(number: f64) -> Shown {
    shown(format!("{:.1} MiB", number / f64::from(1 << 20)), number)
}

struct Row {
    section: String,
    name: String,
    shown: Shown,
    target: Option<(String, bool)>,
}

/// The columns' widths.
const NAME: usize = 66;
const FIGURE: usize = 10;

/// All that was measured. It is printed as it comes: should a later part fail, the earlier ones are there.
pub(crate) struct Table {
    head: String,
    section: String,
    rows: Vec<Row>,
}

impl Table {
    /// Without any figure yet.
    pub(crate) fn new(profile: &str) -> Self {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let day = Zoned::now().strftime("%Y-%m-%d").to_string();
        let head = format!("{day}, {cores} cores, AWS emulated, built with cargo's profile {profile}");
        println!("{head}");
        Self {
            head,
            section: String::new(),
            rows: Vec::new(),
        }
    }

    /// Begins a section. Its name may take several lines.
    pub(crate) fn section(&mut self, name: &str) {
        println!("\n{name}");
        self.section = name.replace('\n', " ");
    }

    /// Adds a figure. A number that has to be at most so much has its target judged by it.
    pub(crate) fn row(&mut self, name: &str, figure: impl Into<Shown>, target: Option<Target>) {
        let shown = figure.into();
        let target = target.map(|target| {
            let reached = match target.reached {
                Reached::AtMost(most) => shown.number.as_f64().is_some_and(|number| number <= most),
                Reached::Judged(reached) => reached,
            };
            (target.words, reached)
        });
        let line = format!("  {name:NAME$}  {:>FIGURE$}", shown.text);
        match &target {
            None => println!("{line}"),
            Some((words, true)) => println!("{line}   {words}: reached"),
            Some((words, false)) => println!("{line}   {words}: MISSED"),
        }
        self.rows.push(Row {
            section: self.section.clone(),
            name: name.to_owned(),
            shown,
            target,
        });
    }

    /// Adds the percentiles of a time, and of how many. The target is one for p99.
    pub(crate) fn percentiles(&mut self, name: &str, times: &Percentiles, target: Option<Target>) {
        self.row(&format!("{name}, p50 of {}", times.of), millis(times.p50), None);
        self.row(&format!("{name}, p99 of {}", times.of), millis(times.p99), target);
    }

    /// The same for programs. Times are in seconds, memory in bytes.
    pub(crate) fn json(&self) -> String {
        let rows = self.rows.iter().map(|row| {
            let mut figure = json!({
                "section": row.section, "name": row.name, "figure": row.shown.number, "shown": row.shown.text,
            });
            if let Some((words, reached)) = &row.target {
                figure["target"] = json!(words);
                figure["reached"] = json!(reached);
            }
            figure
        });
        let all = json!({"measured": self.head, "figures": rows.collect::<Vec<_>>()});
        format!("{all:#}\n")
    }
}
