//! The marker in every copy: one line that people can read, and by which a copy is known for what it is.
//!
//! `Sent from Pier 9 Electrical (Southside Electrical) · GST-7ZK3M8Q2W9XB`

use std::{fmt, str::FromStr};

use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};

use crate::{
    ids::{ItemId, ProjectId},
    names::shown,
    people::Project,
    send::Tool,
};

/// Crockford's base 32: no I, L, O, U, so that a reference can be read out over the phone.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const PREFIX: &str = "GST-";
const SYMBOLS: usize = 12;

/// The reference of a delivery: `GST-` and 60 bits. The same for one item sent from one project into another, always,
/// whatever connections the two had.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Reference(String);

/// The text is not a delivery's reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("A delivery's reference is GST- followed by 12 letters and digits.")]
pub struct NotAReference;

impl Reference {
    /// The reference under which an item of `source` is copied into `target`. `repeat`: 0 for the copy that is made once,
    /// from 1 on for each further one that a person asked for.
    #[must_use]
    pub fn of(source: ProjectId, target: ProjectId, tool: Tool, item: ItemId, repeat: u32) -> Self {
        let hash = digest(&SHA256, format!("{source}/{target}/{tool}/{item}/{repeat}").as_bytes());
        let mut bits = hash
            .as_ref()
            .iter()
            .take(8)
            .fold(0_u64, |bits, byte| (bits << 8) | u64::from(*byte));
        let mut text = String::from(PREFIX);
        for _ in 0..SYMBOLS {
            text.push(char::from(ALPHABET[(bits >> 59) as usize]));
            bits <<= 5;
        }
        Self(text)
    }

    /// The text, with its prefix.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<Reference> for String {
    fn from(reference: Reference) -> Self {
        reference.0
    }
}

impl TryFrom<String> for Reference {
    type Error = NotAReference;

    fn try_from(text: String) -> Result<Self, NotAReference> {
        text.parse()
    }
}

impl FromStr for Reference {
    type Err = NotAReference;

    fn from_str(text: &str) -> Result<Self, NotAReference> {
        let symbols = text.strip_prefix(PREFIX).ok_or(NotAReference)?;
        let known = symbols.len() == SYMBOLS && symbols.bytes().all(|symbol| ALPHABET.contains(&symbol));
        known.then(|| Self(text.to_owned())).ok_or(NotAReference)
    }
}

/// The marker's line, as plain text. `what` names the item in its source, for example `RFI #12 by Sam Ortiz`.
#[must_use]
pub fn line(from: &Project, what: &str, reference: &Reference) -> String {
    let what = if what.is_empty() {
        String::new()
    } else {
        format!(", {what}")
    };
    let (project, company) = (shown(&from.name), shown(&from.company_name));
    format!("Sent from {project} ({company}){what} · {reference}")
}

/// The marker in an item's text, where the text carries one: the item is then a copy.
///
/// Only a whole marker counts, not a reference that somebody quotes: a person who writes "see GST-7ZK3M8Q2W9XB" means
/// an item of their own to be sent.
#[must_use]
pub fn find(text: &str) -> Option<Reference> {
    let (_, after) = text.rsplit_once(" · GST-")?;
    let before = &text[..text.len() - after.len()];
    if !before.contains("Sent from ") {
        return None;
    }
    let symbols = after.get(..SYMBOLS)?;
    format!("{PREFIX}{symbols}").parse().ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::ids::CompanyId;

    fn project(id: u64) -> ProjectId {
        ProjectId::new(id).unwrap()
    }

    fn from(name: &str) -> Project {
        Project {
            id: ProjectId::new(30001).unwrap(),
            name: name.to_owned(),
            company_id: CompanyId::new(1002).unwrap(),
            company_name: "Southside Electrical".to_owned(),
        }
    }

    proptest! {
        #[test]
        fn a_marker_is_found_wherever_it_stands(before: String, name: String, target in 1_u64..1 << 40, item in 1_u64..1 << 40) {
            let reference = Reference::of(project(30001), project(target), Tool::Rfis, ItemId::new(item).unwrap(), 0);
            let text = format!("{before}\n{}\n", line(&from(&name), "RFI #1 by Sam", &reference));
            prop_assert_eq!(find(&text), Some(reference));
        }

        #[test]
        fn each_way_each_tool_each_item_and_each_repeat_has_its_own(one in 1_u64..1 << 40, item in 1_u64..1 << 40) {
            let (one, other) = (project(one), project(one + 1));
            let mut all = Vec::new();
            for (source, target) in [(one, other), (other, one)] {
                for tool in Tool::ALL {
                    for (item, repeat) in [(item, 0), (item, 1), (item + 1, 0)] {
                        all.push(Reference::of(source, target, tool, ItemId::new(item).unwrap(), repeat));
                    }
                }
            }
            all.sort();
            all.dedup();
            prop_assert_eq!(all.len(), 18);
        }

        #[test]
        fn no_text_makes_the_search_panic(text: String) {
            let _ = find(&text);
            let _ = find(&format!("Sent from {text} · GST-{text}"));
        }
    }

    #[test]
    fn a_reference_that_is_quoted_is_no_marker() {
        assert_eq!(find("As in GST-7ZK3M8Q2W9XB, please check."), None);
        assert_eq!(find("Sent from the office"), None);
    }
}
