//! All current plans of a project in one file.

use gusset_adapters::table::archives::{ArchiveRecord, ArchiveState};
use gusset_domain::ids::ProjectId;
use jiff::Timestamp;
use maud::{Markup, html};

use crate::{live, project::Form, time::time, words::size};

/// For how many seconds an archive is offered. The storage throws it away a day after it was packed.
const OFFERED: i64 = 20 * 60 * 60;

/// After how many seconds nobody is packing any more.
const PACKING: i64 = 15 * 60;

/// The part of the page that has it packed, says that it is being packed, or leads to it.
pub(super) fn part(url: &str, project: ProjectId, archive: Option<&ArchiveRecord>, now: Timestamp) -> Markup {
    let api = format!("{url}/api/account/projects/{project}/archive");
    let back = format!("/estimating/projects/{project}");
    let pack = |words: &str, class: &str| {
        let form = Form {
            action: api.clone(),
            back: &back,
            done: "packing",
        };
        form.button(words, class, "archive-name")
    };
    let young = |seconds: i64| move |archive: &&ArchiveRecord| now.as_second() - archive.at.as_second() < seconds;
    let ready = archive.filter(young(OFFERED)).and_then(|archive| match archive.state {
        ArchiveState::Ready { size } => Some((archive.at, size)),
        _ => None,
    });
    let is = |state| {
        archive
            .filter(young(PACKING))
            .is_some_and(|archive| archive.state == state)
    };
    let (packing, failed) = (is(ArchiveState::Packing), is(ArchiveState::Failed));
    let body = html! {
        div.head {
            div {
                h2 #archive-name tabindex="-1" { "All plans in one file" }
                @if packing {
                    p.company { "Packing… It shows here as soon as it is ready." }
                } @else if let Some((at, bytes)) = ready {
                    p.company { "Zip, " (size(bytes)) ", packed " (time(at)) }
                } @else {
                    p.company { "The current revision of each plan, in folders, as a zip." }
                }
            }
            div.actions {
                @if packing {
                    progress aria-labelledby="archive-name" data-soon {}
                } @else if ready.is_some() {
                    a.button href={ (api) "?download=1" } download { "Download all" }
                    (pack("Rebuild zip", "quiet"))
                } @else {
                    (pack("Download all", "quiet"))
                }
            }
        }
        @if failed { p.notice { "The plans could not be packed, or have changed meanwhile. Try again." } }
    };
    let says = match (packing, ready) {
        (true, _) => "Packing all plans",
        (false, Some(_)) => "All plans are ready to download",
        (false, None) => "",
    };
    live::part("archive", says, &body)
}
