//! Who gets a project's emails.

use gusset_adapters::{
    http::{Incoming, Reply},
    table::recipients::Recipients,
};
use gusset_domain::{email::EmailAddress, names::shown};
use gusset_words::say;
use maud::{Markup, html};

use crate::{
    Page,
    connections::opening,
    project::{Form, Opened, Tab},
};

/// The page.
pub(crate) async fn page(app: &Page, incoming: &Incoming, project: &str) -> Reply {
    let opened = Opened::new(app, incoming, project).await?;
    let recipients = app.sessions.table.recipients(opened.project().id).await?;
    let mine: Option<EmailAddress> = opened.admin.who.login().parse().ok();
    let mine = mine.filter(|mine| recipients.addresses().iter().any(|it| it.mailbox() == mine.mailbox()));
    let choice = match &mine {
        Some(mine) => {
            let links = app.calendars().await?.cadence_links();
            Some(links.address(&opened.url, opened.project().id, mine))
        }
        None => None,
    };
    let title = say!("notifications-title", name = shown(&opened.project().name));
    Ok(opened.page(
        incoming,
        &title,
        Tab::Notifications,
        &section(&opened, &recipients, choice.as_deref()),
    ))
}

fn section(opened: &Opened<'_>, recipients: &Recipients, choice: Option<&str>) -> Markup {
    let addresses = recipients.listed();
    let lines: Vec<&str> = addresses.iter().map(EmailAddress::as_str).collect();
    let me = opened.admin.who.person().id;
    let gets_none = recipients.chosen.is_none() && recipients.opened.iter().all(|opener| opener.person.id != me);
    let back = format!("{}/notifications", opened.path());
    let change = Form {
        action: format!("{}/notifications", opened.api()),
        back: &back,
        done: "saved",
    };
    let fields = html! {
        label for="recipients" { (say!("notifications-addresses")) }
        textarea #recipients name="recipients" rows="4" aria-describedby="recipients-hint" { (lines.join("\n")) }
        p #recipients-hint.hint {
            (say!("notifications-hint"))
        }
        button type="submit" { (say!("notifications-save")) }
    };
    html! {
        section {
            h2 { (say!("notifications-emails")) }
            @if recipients.chosen.is_some() {
                p { (say!("notifications-list")) }
            } @else {
                p { (say!("notifications-admins")) }
            }
            @if lines.is_empty() {
                p { (say!("notifications-nobody")) }
            } @else {
                ul {
                    @for address in &addresses {
                        li {
                            (address)
                            @if !recipients.may_be_written_to(address) { " " span.hint { (say!("notifications-asked")) } }
                        }
                    }
                }
            }
            @if gets_none {
                (opening(&opened.url, opened.project().id, "", &html! { button.quiet type="submit" { (say!("notifications-get")) } }))
            }
            @if let Some(choice) = choice { p { a href=(choice) { (say!("notifications-choose")) } } }
            details {
                summary { (say!("notifications-change")) }
                (change.with(&fields))
            }
        }
    }
}
