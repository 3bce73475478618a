//! A project's connections.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use gusset_adapters::{
    html,
    http::{Answer, Cookie, Incoming, Problem, Reply},
};
use gusset_domain::{
    connection::{Action, Ending, Status, View},
    people::Person,
    policy::Ruling,
    send::{SendMode, SendModes, Tool},
};
use jiff::Timestamp;
use lambda_http::http::StatusCode;
use maud::{Markup, html};
use serde::Deserialize;

use crate::{Page, mails};

/// What a form did not do, and why.
#[derive(Deserialize)]
struct Notice {
    title: String,
    detail: String,
}

const NOTICE: &str = "gusset_notice";

/// The Project Connections page.
pub(crate) async fn page(app: &Page, incoming: &Incoming, project: &str) -> Reply {
    let project = project.parse().map_err(|_| Problem::not_found("project"))?;
    let admin = app.sessions.admin(incoming, project).await?;
    let known = admin.opened().await?;
    let managers = admin.who.potential_rfi_managers(&known.project).await?;
    let connections = app.sessions.table.connections(project).await?;
    let recipients = app.sessions.table.recipients(project).await?;
    let mut views: Vec<View> = connections
        .iter()
        .filter_map(|connection| Some(connection.seen_from(connection.side_of(project)?)))
        .collect();
    views.sort_by_key(|view| std::cmp::Reverse(view.id));
    let (ended, live): (Vec<View>, Vec<View>) = views.into_iter().partition(|view| view.status == Status::Ended);

    let url = incoming.public_url();
    let now = Timestamp::now();
    let ruling = app.policy.ruling(project, &app.contact, now);
    let frame = Frame {
        base: format!("{url}/api/projects/{project}"),
        back: format!("/projects/{project}"),
        managers,
    };
    let notice = notice(incoming);
    let body = html! {
        p.crumbs { a href={ (url) "/" } { "Your projects" } }
        h1 { (known.project.name) }
        p.company { (known.project.company_name) }
        @if let Some(notice) = &notice {
            div.notice role="alert" { strong { (notice.title) } p { (notice.detail) } }
        }
        section {
            h2 { "Your Connection Code" }
            p { "Give this code to the company that you want to connect with." }
            p.code { (known.code) }
            form method="post" action={ (frame.base) "/code" } {
                (frame.comes_back())
                button.quiet type="submit" { "Replace code" }
            }
        }
        (add(&frame, &ruling))
        section {
            h2 { "Connections" }
            @if live.is_empty() { p { "No connections yet." } }
            @for view in &live { (card(&frame, view, now)) }
        }
        (mails::section(&format!("{}/notifications", frame.base), &frame.comes_back(), &recipients))
        @if !ended.is_empty() {
            details {
                summary { "History" }
                @for view in &ended { (card(&frame, view, now)) }
            }
        }
    };
    let page = html::page(&known.project.name, Some(&admin.who.person().name), &url, &body);
    let answer = Answer::html(StatusCode::OK, page);
    Ok(match notice {
        None => answer,
        Some(_) => answer.cookie(Cookie {
            name: NOTICE,
            value: String::new(),
            path: "/",
            lasts: std::time::Duration::ZERO,
            secure: url.starts_with("https:"),
        }),
    })
}

/// What every form of the page needs.
struct Frame {
    base: String,
    back: String,
    managers: Vec<Person>,
}

impl Frame {
    fn comes_back(&self) -> Markup {
        html! { input type="hidden" name="return_to" value=(self.back); }
    }
}

fn add(frame: &Frame, ruling: &Ruling) -> Markup {
    html! {
        section {
            h2 { "Add New Connection" }
            @if let Some(reason) = &ruling.reason {
                p { (reason) }
            } @else {
                form method="post" action={ (frame.base) "/connections" } {
                    (frame.comes_back())
                    label for="code" { "The other project's code" }
                    input id="code" name="code" inputmode="numeric" autocomplete="off" placeholder="1234 5678" required maxlength="40";
                    (choices(frame, "new", None, None))
                    button type="submit" { "Ask to connect" }
                }
            }
        }
    }
}

/// What this side sends and who receives its RFIs. Where nothing was chosen yet, sending all by itself is proposed.
fn choices(frame: &Frame, id: &str, send: Option<&SendModes>, manager: Option<&Person>) -> Markup {
    html! {
        fieldset {
            legend { "What your project sends" }
            @for tool in Tool::ALL {
                @let field = format!("{id}-{tool}");
                @let chosen = send.map_or(SendMode::Automatic, |send| send.of(tool));
                div.row {
                    label for=(field) { (tool.title()) }
                    select id=(field) name={ "send." (tool) } {
                        (mode("automatic", "Each new one, by itself", chosen == SendMode::Automatic))
                        (mode("manual", "Only those that somebody picks", chosen == SendMode::Manual))
                        (mode("off", "None", chosen == SendMode::Off))
                    }
                }
            }
        }
        div.row {
            label for={ (id) "-manager" } { "Connected RFI Manager" }
            select id={ (id) "-manager" } name="rfi_manager_id" {
                option value="none" selected[manager.is_none()] { "Nobody yet: arriving RFIs wait" }
                @for person in &frame.managers {
                    option value=(person.id) selected[manager.is_some_and(|manager| manager.id == person.id)] { (person.name) }
                }
            }
        }
    }
}

fn mode(value: &str, words: &str, chosen: bool) -> Markup {
    html! { option value=(value) selected[chosen] { (words) } }
}

fn card(frame: &Frame, view: &View, now: Timestamp) -> Markup {
    let base = format!("{}/connections/{}", frame.base, view.id);
    let may = |action| view.actions.contains(&action);
    html! {
        article {
            h3 { (view.other.name) " " span.badge data-status=(status_word(view.status)) { (view.status.title()) } }
            p.company { (view.other.company_name) }
            p { (story(view)) }
            @for words in &view.waiting { p.notice { (words) "." } }
            @if may(Action::Accept) {
                form method="post" action={ (base) "/accept" } {
                    (frame.comes_back())
                    (choices(frame, &format!("accept-{}", view.id), None, None))
                    button type="submit" { "Accept" }
                }
            }
            @if may(Action::Settle) {
                form method="post" action=(base) {
                    (frame.comes_back())
                    (choices(frame, &format!("settle-{}", view.id), Some(&view.send), view.rfi_manager.as_ref()))
                    button type="submit" { "Save" }
                }
            }
            @if may(Action::Decline) { (button(frame, &format!("{base}/decline"), "Decline")) }
            @if may(Action::Remind) {
                @if view.remind_at.is_some_and(|earliest| earliest > now) {
                    p { "The next reminder can be sent from " (view.remind_at.map(time).unwrap_or_default()) " on." }
                } @else {
                    (button(frame, &format!("{base}/remind"), "Send Reminder"))
                }
            }
            @if may(Action::Withdraw) { (button(frame, &format!("{base}/disconnect"), "Withdraw")) }
            @if may(Action::Disconnect) {
                p { "Disconnecting stops what both sides send, at once. Everything that was copied stays." }
                (button(frame, &format!("{base}/disconnect"), "Disconnect"))
            }
        }
    }
}

fn button(frame: &Frame, action: &str, words: &str) -> Markup {
    html! {
        form.inline method="post" action=(action) {
            (frame.comes_back())
            button.quiet type="submit" { (words) }
        }
    }
}

fn status_word(status: Status) -> &'static str {
    match status {
        Status::AwaitingResponse => "waiting",
        Status::RequestPending => "pending",
        Status::Connected => "connected",
        Status::Ended => "ended",
    }
}

fn story(view: &View) -> Markup {
    let asked = &view.asked;
    html! {
        @if let Some(ended) = &view.ended {
            @match ended.how {
                Ending::Declined => "Declined",
                Ending::Withdrawn => "Withdrawn",
                Ending::Disconnected => "Disconnected",
            }
            " by " (ended.stamp.by.name) " on " (time(ended.stamp.at)) ". What was copied stays."
        } @else if let Some(accepted) = &view.accepted {
            "Asked by " (asked.by.name) ", accepted by " (accepted.by.name) " on " (time(accepted.at)) "."
        } @else {
            "Asked by " (asked.by.name) " on " (time(asked.at)) "."
        }
    }
}

fn time(at: Timestamp) -> Markup {
    let day = at.strftime("%e %B %Y, %H:%M UTC").to_string();
    html! { time datetime=(at) { (day.trim_start()) } }
}

fn notice(incoming: &Incoming) -> Option<Notice> {
    let words = URL_SAFE_NO_PAD.decode(incoming.cookie(NOTICE)?).ok()?;
    serde_json::from_slice(&words).ok()
}
