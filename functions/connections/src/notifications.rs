//! Who gets a project's mails: to see it, to change it, and to go back to those who have opened the project's page.

use gusset_adapters::{
    http::{Answer, Incoming, Problem, Reply},
    sessions::Admin,
    table::{Table, recipients::Recipients},
};
use gusset_domain::email::{EmailAddress, NotAnEmailAddress};
use serde::Deserialize;
use serde_json::{Value, json};

/// The most addresses on a project's own list.
const MOST: usize = 50;

/// The longest part of a wrong address that is told back.
const LONGEST_TOLD: usize = 80;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    recipients: Vec<String>,
}

/// The fields of the page's form: an address a line.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    #[serde(default)]
    recipients: String,
}

/// Who gets the mails.
pub(crate) async fn show(table: &Table, admin: &Admin<'_>) -> Reply {
    Ok(Answer::ok(view(&table.recipients(admin.project).await?)))
}

/// Gives the project a list of its own. An empty one means that nobody gets its mails.
pub(crate) async fn choose(table: &Table, incoming: &Incoming, admin: &Admin<'_>) -> Reply {
    incoming.same_origin()?;
    let body: Body = incoming.body()?;
    write(table, admin, &body.recipients).await
}

/// The same by the page's form, where an empty list means the default.
pub(crate) async fn choose_by_form(table: &Table, incoming: &Incoming, admin: &Admin<'_>) -> Reply {
    incoming.same_origin()?;
    let form: Form = incoming.body()?;
    let lines: Vec<String> = form.recipients.split_whitespace().map(str::to_owned).collect();
    if lines.is_empty() {
        choose_default(table, incoming, admin).await
    } else {
        write(table, admin, &lines).await
    }
}

async fn write(table: &Table, admin: &Admin<'_>, recipients: &[String]) -> Reply {
    let chosen = Recipients {
        chosen: Some(addresses(recipients)?),
        opened: Vec::new(),
    };
    table.choose_recipients(admin.project, Some(chosen.addresses())).await?;
    show(table, admin).await
}

/// Takes the project's own list back.
pub(crate) async fn choose_default(table: &Table, incoming: &Incoming, admin: &Admin<'_>) -> Reply {
    incoming.same_origin()?;
    table.choose_recipients(admin.project, None).await?;
    show(table, admin).await
}

fn addresses(written: &[String]) -> Result<Vec<EmailAddress>, Problem> {
    if written.len() > MOST {
        let detail = format!("At most {MOST} addresses can get a project's mails; a group's address counts as one.");
        return Err(Problem::bad_field("recipients", detail));
    }
    let address = |text: &String| {
        text.trim().parse().map_err(|wrong: NotAnEmailAddress| {
            let shown = gusset_domain::text::one_line(text, LONGEST_TOLD);
            Problem::bad_field("recipients", format!("\"{shown}\" is no address. {wrong}"))
        })
    };
    written.iter().map(address).collect()
}

/// Each address, with the name of whoever has opened the page with it.
fn view(recipients: &Recipients) -> Value {
    let name = |address: &EmailAddress| {
        let of = recipients
            .opened
            .iter()
            .find(|opener| opener.email.mailbox() == address.mailbox());
        of.map(|opener| opener.person.name.as_str())
    };
    let list: Vec<Value> = recipients
        .addresses()
        .iter()
        .map(|address| json!({"email": address, "name": name(address)}))
        .collect();
    json!({"recipients": list, "default": recipients.chosen.is_none()})
}
