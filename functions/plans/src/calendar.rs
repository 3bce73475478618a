//! The bid calendar as a feed for phones and calendar programs. Whoever knows its address can read it, and nothing else.

use gusset_adapters::http::{Answer, Incoming, Problem, Reply};
use gusset_domain::{bid_calendar, estimating_account::CalendarToken, ids::AccountId};
use gusset_words::say;
use jiff::Timestamp;
use lambda_http::http::header;
use ring::digest::{SHA256, digest};
use url::Url;

use crate::Plans;

/// The feed. Programs ask for it again and again: they get it once for each time that it has changed.
pub(crate) async fn feed(app: &Plans, incoming: &Incoming) -> Reply {
    let account = whose(app, incoming).await?;
    let mut projects = app.table().synced_projects(account).await?;
    // An order that does not change with time.
    projects.sort_by_key(|project| project.project.id);
    let integration = app.table().integration(account).await?.map(|record| record.integration);
    let url = incoming.public_url();
    let host = Url::parse(&url).ok().and_then(|url| url.host_str().map(str::to_owned));
    let (host, page) = (host.unwrap_or_default(), format!("{url}/estimating/projects"));
    let at = |now| bid_calendar::feed(&projects, integration.as_ref(), &host, &page, now);
    // The feed says when it was made: what has not changed otherwise has not changed.
    let tag = tag(&at(Timestamp::UNIX_EPOCH));
    if is_known(incoming, &tag) {
        return Ok(Answer::not_modified(&tag).header(header::CACHE_CONTROL, "private, no-cache"));
    }
    Ok(Answer::text("text/calendar; charset=utf-8", at(Timestamp::now())).header(header::ETAG, tag))
}

/// Whose feed it is. A token that is well-formed takes one read and one comparison, whether it is good or not.
async fn whose(app: &Plans, incoming: &Incoming) -> Result<AccountId, Problem> {
    let nobodys = || Problem::not_found(say!("thing-calendar"));
    let file: String = incoming.path_id("file", say!("thing-calendar"))?;
    let token: CalendarToken = file
        .strip_suffix(".ics")
        .and_then(|token| token.parse().ok())
        .ok_or_else(nobodys)?;
    let account = app.table().account(token.account()).await?;
    let generation = account.as_ref().map_or(0, |account| account.calendar_generation);
    let is_genuine = app.calendars.is_genuine(&token, generation);
    (is_genuine && account.is_some())
        .then_some(token.account())
        .ok_or_else(nobodys)
}

/// Weak: two feeds with the same tag may have been made at different times.
fn tag(feed: &str) -> String {
    let digest = digest(&SHA256, feed.as_bytes());
    let short: String = digest
        .as_ref()
        .iter()
        .take(12)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("W/\"{short}\"")
}

fn is_known(incoming: &Incoming, tag: &str) -> bool {
    let known = incoming.header(header::IF_NONE_MATCH).unwrap_or_default();
    // Some programs and proxies make a strong tag of a weak one.
    known
        .split(',')
        .any(|known| known.trim().trim_start_matches("W/") == tag.trim_start_matches("W/"))
}
