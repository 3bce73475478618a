//! Who gets a project's mails: to see it, to change it, and to go back to those who have opened the project's page. Addresses
//! that are nobody's in the project are asked first, and get nothing until they say that they want them.

use std::collections::BTreeSet;

use gusset_adapters::{
    chance,
    html::{self, Viewer, problem_page},
    http::{Answer, Incoming, Problem, Reply},
    mail::{MailError, Mailer},
    sessions::Admin,
    table::{
        Table,
        accounts::mailbox_hash,
        limits::Limited,
        recipients::{Question, Recipients},
    },
};
use gusset_domain::{
    email::{EmailAddress, NotAnEmailAddress},
    names::shown,
    notification_list::{MAX_ADDRESSES, QUESTION_LASTS, question, to_be_asked},
    people::Project,
};
use gusset_words::{say, say_html};
use jiff::Timestamp;
use lambda_http::http::{Method, StatusCode};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::{Value, json};

/// The longest part of a wrong address that is told back.
const LONGEST_TOLD: usize = 80;

/// How long SES is left alone that did not take a mail.
const MAIL_LATER: std::time::Duration = std::time::Duration::from_secs(30);

/// Where somebody goes on who answered a question, or cannot.
const ON: (&str, &str) = ("/", "To Gusset");

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

/// What changing a list takes.
pub(crate) struct Lists<'a> {
    /// The table.
    pub(crate) table: &'a Table,
    /// What asks addresses.
    pub(crate) mailer: &'a Mailer,
}

/// Why an address was not asked.
enum AskError {
    /// SES did not take the email.
    Mail(MailError),
    /// Something of ours failed.
    Ours(Problem),
}

impl From<Problem> for AskError {
    fn from(problem: Problem) -> Self {
        Self::Ours(problem)
    }
}

/// Who gets the mails.
pub(crate) async fn show(table: &Table, admin: &Admin<'_>) -> Reply {
    Ok(Answer::ok(view(&table.recipients(admin.project).await?)))
}

impl Lists<'_> {
    /// Gives the project a list of its own. An empty one means that nobody gets its mails.
    pub(crate) async fn choose(&self, incoming: &Incoming, admin: &Admin<'_>) -> Reply {
        incoming.same_origin()?;
        let body: Body = incoming.body()?;
        self.write(incoming, admin, &body.recipients).await
    }

    /// The same by the page's form, where an empty list means the default.
    pub(crate) async fn choose_by_form(&self, incoming: &Incoming, admin: &Admin<'_>) -> Reply {
        incoming.same_origin()?;
        let form: Form = incoming.body()?;
        let lines: Vec<String> = form.recipients.split_whitespace().map(str::to_owned).collect();
        if lines.is_empty() {
            choose_default(self.table, incoming, admin).await
        } else {
            self.write(incoming, admin, &lines).await
        }
    }

    async fn write(&self, incoming: &Incoming, admin: &Admin<'_>, recipients: &[String]) -> Reply {
        let chosen = addresses(recipients)?;
        let before = self.table.recipients(admin.project).await?;
        let (project, _) = admin.seen().await?;
        let may = |address: &EmailAddress| before.may_be_written_to(address);
        let mut people: BTreeSet<String> = before.people.clone();
        if !chosen.iter().all(may) {
            let in_project = admin.who.addresses_in_project(&project).await?;
            people.extend(in_project.iter().map(EmailAddress::mailbox));
        }
        let known = chosen.iter().filter(|address| may(address)).map(EmailAddress::mailbox);
        let known: BTreeSet<String> = known.chain(people.iter().cloned()).collect();
        let mailboxes: BTreeSet<String> = chosen.iter().map(EmailAddress::mailbox).collect();
        people.retain(|mailbox| mailboxes.contains(mailbox));
        let mut unasked = to_be_asked(&chosen, &known);
        unasked.retain(|address| !before.asked.contains(&address.mailbox()));

        // Refused, it is refused before anything is changed.
        let now = Timestamp::now();
        let mut counted = Vec::new();
        for address in &unasked {
            let limited = [Limited::Asking(admin.project), Limited::Asked(mailbox_hash(address))];
            match self.table.count_attempts(limited, now).await? {
                Ok(attempts) => counted.push(attempts),
                Err(until) => {
                    self.table
                        .give_back_attempts(counted.into_iter().flatten().collect())
                        .await;
                    return Err(too_many_questions(address, until, now));
                }
            }
        }
        let listed = Recipients {
            chosen: Some(chosen.clone()),
            ..Recipients::default()
        };
        self.table
            .choose_recipients(admin.project, Some((listed.listed(), people)))
            .await?;
        // Dies here: those who are still to be asked are when the list is saved again.
        let mut left = counted.into_iter();
        for address in &unasked {
            let attempts = left.next().unwrap_or_default();
            if let Err(error) = self.ask(incoming, &project, address, now).await {
                let unsent = attempts.into_iter().chain(left.flatten());
                self.table.give_back_attempts(unsent.collect()).await;
                return Err(match error {
                    AskError::Mail(error) => not_sent(address, &error),
                    AskError::Ours(problem) => problem,
                });
            }
        }
        show(self.table, admin).await
    }

    /// Asks an address whether it wants a project's mails.
    async fn ask(
        &self,
        incoming: &Incoming,
        project: &Project,
        address: &EmailAddress,
        now: Timestamp,
    ) -> Result<(), AskError> {
        let token = chance::secret().map_err(Problem::from)?;
        let lasts = i64::try_from(QUESTION_LASTS.as_secs()).unwrap_or_default();
        let kept = Question {
            project: project.clone(),
            email: address.clone(),
            expires_at: now.as_second() + lasts,
        };
        self.table
            .put_question(&chance::hash(&token), &kept)
            .await
            .map_err(Problem::from)?;
        // Dies here: the link is in nobody's hands.
        if let Err(error) = self
            .mailer
            .send(&question(project, &token, &incoming.public_url()), address)
            .await
        {
            return Err(AskError::Mail(error));
        }
        // Dies here: the address is asked once more when the list is saved again.
        self.table
            .remember_asked(project.id, address, now)
            .await
            .map_err(Problem::from)?;
        Ok(())
    }
}

/// The page to which a question leads, and the button on it that answers it. Whoever has the link may: it went to the
/// address alone.
pub(crate) async fn answer(table: &Table, incoming: &Incoming) -> Reply {
    let url = incoming.public_url();
    let answered = match try_to_answer(table, incoming).await {
        Ok(answered) => answered,
        Err(problem) => return Ok(problem_page(&problem, &url, ON)),
    };
    Ok(Answer::html(
        StatusCode::OK,
        html::page(say!("question-title"), Viewer::Nobody, &url, &answered),
    ))
}

async fn try_to_answer(table: &Table, incoming: &Incoming) -> Result<Markup, Problem> {
    let hash = chance::hash(&incoming.token()?);
    let asked = table.question(&hash, Timestamp::now()).await?;
    let asked = asked.ok_or_else(expired)?;
    let (project, company) = (shown(&asked.project.name), shown(&asked.project.company_name));
    if incoming.method() == Method::GET {
        return Ok(html! {
            h1 { (say!("question")) }
            p {
                (say_html!(
                    "question-who",
                    project = strong(&project),
                    company = company,
                    email = strong(asked.email.as_str())
                ))
            }
            // To this very address, which the page need not hold once more.
            form method="post" { button type="submit" { (say!("question-yes")) } }
            p.hint { (say!("question-no")) }
        });
    }
    incoming.same_origin()?;
    table.remember_confirmed(asked.project.id, &asked.email).await?;
    Ok(html! {
        h1 { (say!("question-done")) }
        p { (say_html!("question-done-what", email = strong(asked.email.as_str()), project = strong(&project))) }
    })
}

fn strong(words: &str) -> Markup {
    html! { strong { (words) } }
}

fn expired() -> Problem {
    let days = QUESTION_LASTS.as_secs() / (24 * 60 * 60);
    let detail = say!("problem-link-expired-detail-question", days = days);
    Problem::new(
        StatusCode::GONE,
        "link-expired",
        say!("problem-link-expired-title"),
        detail,
    )
}

fn too_many_questions(address: &EmailAddress, until: Timestamp, now: Timestamp) -> Problem {
    let why = say!("problem-too-many-questions-detail", address = address.as_str());
    let title = say!("problem-too-many-questions-title");
    Problem::too_many("too-many-questions", title, &why, until, now)
}

fn not_sent(address: &EmailAddress, error: &MailError) -> Problem {
    match error {
        MailError::Refused(_) => Problem::bad_field(
            "recipients",
            say!("problem-bad-field-detail-recipient", address = address.as_str()),
        ),
        MailError::NotNow(_) => Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "mail-unavailable",
            say!("problem-mail-unavailable-title"),
            say!("problem-mail-unavailable-detail", address = address.as_str()),
        )
        .retry_after(MAIL_LATER),
    }
    .because(error)
}

/// Takes the project's own list back.
pub(crate) async fn choose_default(table: &Table, incoming: &Incoming, admin: &Admin<'_>) -> Reply {
    incoming.same_origin()?;
    table.choose_recipients(admin.project, None).await?;
    show(table, admin).await
}

fn addresses(written: &[String]) -> Result<Vec<EmailAddress>, Problem> {
    if written.len() > MAX_ADDRESSES {
        let detail = say!("problem-bad-field-detail-recipients", most = MAX_ADDRESSES);
        return Err(Problem::bad_field("recipients", detail));
    }
    let address = |text: &String| {
        text.trim().parse().map_err(|wrong: NotAnEmailAddress| {
            let told = gusset_domain::text::one_line(text, LONGEST_TOLD);
            let wrong = wrong.to_string();
            Problem::bad_field(
                "recipients",
                say!("problem-bad-field-detail-no-address", told = told, wrong = wrong),
            )
        })
    };
    written.iter().map(address).collect()
}

/// Each address, with the name of whoever has opened the page with it, and whether it gets the mails already.
fn view(recipients: &Recipients) -> Value {
    let name = |address: &EmailAddress| {
        let of = recipients
            .opened
            .iter()
            .find(|opener| opener.email.mailbox() == address.mailbox());
        of.map(|opener| opener.person.name.as_str())
    };
    let one = |address: &EmailAddress| {
        let confirmed = recipients.may_be_written_to(address);
        json!({"email": address, "name": name(address), "confirmed": confirmed})
    };
    let list: Vec<Value> = recipients.listed().iter().map(one).collect();
    json!({"recipients": list, "default": recipients.chosen.is_none()})
}
