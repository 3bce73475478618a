//! All current plans of a project in one file.

use gusset_adapters::table::archives::{ArchiveRecord, ArchiveState};
use gusset_domain::ids::ProjectId;
use gusset_words::{say, say_html};
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
                h2 #archive-name tabindex="-1" { (say!("archive")) }
                @if packing {
                    p.company { (say!("archive-packing")) }
                } @else if let Some((at, bytes)) = ready {
                    p.company { (say_html!("archive-packed", size = size(bytes), at = time(at))) }
                } @else {
                    p.company { (say!("archive-what")) }
                }
            }
            div.actions {
                @if packing {
                    progress aria-labelledby="archive-name" data-soon {}
                } @else if ready.is_some() {
                    a.button href={ (api) "?download=1" } download { (say!("archive-download")) }
                    (pack(say!("archive-again"), "quiet"))
                } @else {
                    (pack(say!("archive-download"), "quiet"))
                }
            }
        }
        @if failed { p.notice { (say!("archive-failed")) } }
    };
    let says = match (packing, ready) {
        (true, _) => say!("archive-says-packing"),
        (false, Some(_)) => say!("archive-says-ready"),
        (false, None) => "",
    };
    live::part("archive", says, &body)
}
