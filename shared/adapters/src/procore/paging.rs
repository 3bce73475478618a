//! Pages of lists: how long they are asked for, and where a list ends.

use reqwest::header::{self, HeaderMap};
use serde::{Deserialize, Serialize};

use super::header_text;

/// Pages read of one list. With pages of 2,000 entries, that is more than anybody has: a list beyond that is a fault, and must
/// not hold a function for ever.
pub(super) const MAX_PAGES: u32 = 100;

/// Returns how many entries of an endpoint's list are asked for at once. Procore may give fewer.
///
/// From `procore-api.md`: v1 takes up to 2,000, its lists of projects 300, v2.1's specifications 1,000, v2 otherwise 100.
pub(super) fn per_page(path: &str) -> usize {
    match path {
        _ if path.starts_with("/rest/v1.1/projects") && path.matches('/').count() == 3 => 300,
        _ if path.starts_with("/rest/v2.1/") && path.contains("specification") => 1_000,
        _ if path.starts_with("/rest/v2.") => 100,
        _ => 2_000,
    }
}

/// Whether another page follows, as far as an answer's headers say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Next {
    /// One does.
    Yes,
    /// None does.
    No,
    /// They do not say: a page that is not full is the last one.
    Unsaid,
}

/// Returns whether another page follows the `number`-th one (from 1). `Link` says so, or else `Total` and `Per-Page`, which
/// may be less than what was asked for.
pub(super) fn next(headers: &HeaderMap, number: usize, per_page: usize) -> Next {
    let mut links = headers.get_all(header::LINK).iter().peekable();
    if links.peek().is_some() {
        let mut links = links.filter_map(|link| link.to_str().ok());
        let more = links.any(|link| link.contains("rel=\"next\"") || link.contains("rel=next"));
        return if more { Next::Yes } else { Next::No };
    }
    let count = |name| header_text(headers, name).and_then(|text| text.trim().parse::<usize>().ok());
    match total(headers) {
        Some(total) => {
            let given = count("per-page").filter(|given| *given > 0).unwrap_or(per_page);
            if number.saturating_mul(given) < total {
                Next::Yes
            } else {
                Next::No
            }
        }
        None => Next::Unsaid,
    }
}

/// Returns how many entries the whole list has, where the answer says so.
pub(super) fn total(headers: &HeaderMap) -> Option<usize> {
    header_text(headers, "total")?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(all: &[(&'static str, &str)]) -> HeaderMap {
        let all = all.iter().map(|(name, value)| {
            let name = header::HeaderName::from_static(name);
            (name, value.parse().unwrap())
        });
        all.collect()
    }

    #[test]
    fn pages_are_as_long_as_the_endpoint_takes_them() {
        for (path, entries) in [
            ("/rest/v1.0/projects/1/locations", 2_000),
            ("/rest/v1.1/projects", 300),
            ("/rest/v1.1/projects/1/drawing_sets", 2_000),
            (
                "/rest/v2.1/companies/1/projects/2/specification_section_revisions",
                1_000,
            ),
            ("/rest/v2.0/companies/1/projects/2/webhooks/hooks", 100),
        ] {
            assert_eq!(per_page(path), entries, "{path}");
        }
    }

    #[test]
    fn a_list_ends_where_its_links_or_its_total_say() {
        let last = "<https://x/?page=1>; rel=\"first\", <https://x/?page=2>; rel=\"prev\"";
        for (said, number, expected) in [
            (&[("link", "<https://x/?page=2>; rel=\"next\"")][..], 1, Next::Yes),
            (&[("link", last), ("total", "9000"), ("per-page", "2000")], 3, Next::No),
            (&[("total", "4000"), ("per-page", "2000")], 1, Next::Yes),
            (&[("total", "4000"), ("per-page", "2000")], 2, Next::No),
            // It gave less than it was asked for.
            (&[("total", "4000"), ("per-page", "100")], 2, Next::Yes),
            (&[("total", "4001")], 2, Next::Yes),
            (&[("total", "0"), ("per-page", "0")], 1, Next::No),
            (&[("total", "many")], 1, Next::Unsaid),
            (&[], 1, Next::Unsaid),
        ] {
            assert_eq!(next(&headers(said), number, 2_000), expected, "{said:?}");
        }
    }
}
