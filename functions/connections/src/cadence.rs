//! The page on which somebody chooses how often emails about items come. Its link went to that person alone, who need be no admin
//! and not signed in. Looking changes nothing; the button does, and so does a mail program's own one.

use gusset_adapters::{
    cadence_links::CadenceLinks,
    html::{self, Viewer, problem_page},
    http::{Answer, Incoming, Problem, Reply},
    mail::ONE_CLICK,
    table::Table,
};
use gusset_domain::{
    cadence::{Cadence, CadenceLink, LINK_LASTS},
    names::shown,
};
use gusset_words::{say, say_html};
use lambda_http::http::{Method, StatusCode};
use maud::{Markup, html};
use serde::Deserialize;

/// Where somebody goes on whose link does not work.
const ON: (&str, &str) = ("/", "To Gusset");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    cadence: String,
}

/// The page, and what its form does.
pub(crate) async fn choose(table: &Table, links: &CadenceLinks, incoming: &Incoming) -> Reply {
    let url = incoming.public_url();
    match try_to_choose(table, links, incoming).await {
        Ok(page) => Ok(Answer::html(
            StatusCode::OK,
            html::page("Emails from Gusset", Viewer::Nobody, &url, &page),
        )),
        Err(problem) => Ok(problem_page(&problem, &url, ON)),
    }
}

async fn try_to_choose(table: &Table, links: &CadenceLinks, incoming: &Incoming) -> Result<Markup, Problem> {
    let link = links.read(&incoming.token()?).map_err(|_| expired())?;
    let project = table.project(link.project).await?.ok_or_else(expired)?.project;
    let now = if incoming.method() == Method::GET {
        table.recipients(link.project).await?.cadence(&link.email)
    } else {
        incoming.same_origin()?;
        let chosen = chosen(incoming)?;
        table.choose_cadence(link.project, &link.email, chosen).await?;
        chosen
    };
    let is_saved = incoming.method() != Method::GET;
    Ok(page(&link, &shown(&project.name), now, is_saved))
}

fn chosen(incoming: &Incoming) -> Result<Cadence, Problem> {
    if incoming.bytes()? == ONE_CLICK.as_bytes() {
        return Ok(Cadence::Never);
    }
    let form: Form = incoming.body()?;
    form.cadence
        .parse()
        .map_err(|wrong: gusset_domain::cadence::ParseCadenceError| Problem::bad_field("cadence", wrong.to_string()))
}

fn page(link: &CadenceLink, project: &str, now: Cadence, is_saved: bool) -> Markup {
    html! {
        @if is_saved { div.notice.good role="status" { p { (say!("cadence-saved")) } } }
        h1 { (say!("cadence")) }
        p {
            @let (project, email) = (html! { strong { (project) } }, html! { strong { (link.email) } });
            (say_html!("cadence-what", project = project, email = email))
        }
        // To this very address, which the page need not hold once more.
        form method="post" {
            fieldset {
                legend { (say!("cadence-emails")) }
                @for cadence in Cadence::ALL {
                    div.tick {
                        input id=(cadence) type="radio" name="cadence" value=(cadence) checked[cadence == now];
                        label for=(cadence) { (cadence.title()) }
                    }
                }
            }
            button type="submit" { (say!("cadence-save")) }
        }
        p.hint { (say!("cadence-hint")) }
    }
}

fn expired() -> Problem {
    let days = LINK_LASTS.as_secs() / (24 * 60 * 60);
    let detail = say!("problem-link-expired-detail-cadence", days = days);
    Problem::new(
        StatusCode::GONE,
        "link-expired",
        say!("problem-link-expired-title"),
        detail,
    )
}
