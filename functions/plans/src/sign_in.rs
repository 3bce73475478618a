//! Signing in to an estimating account, by a link that is mailed.
//!
//! Whether an address has an account is not looked at before the link is used: so neither an answer nor how long it takes
//! tells who is a customer. The mail is sent at once and not put into the outbox: the link is a secret, which is kept
//! nowhere but as a hash, and who waits for it can ask again.

use gusset_adapters::{
    html::{self, Viewer, problem_page},
    http::{Answer, Incoming, Problem, Reply, redirect},
    mail::MailError,
    table::{accounts::mailbox_hash, limits::Limited},
};
use gusset_domain::{
    email::{EmailAddress, NotAnEmailAddress},
    estimating_account::{LINK_LASTS, network, sign_in_mail},
};
use jiff::Timestamp;
use lambda_http::http::StatusCode;
use maud::html;
use serde::Deserialize;
use serde_json::json;

use crate::Plans;

/// Where one asks for a link.
const ASK: (&str, &str) = ("/estimating", "Ask for a new link");

/// How long SES is left alone that did not take a mail.
const MAIL_LATER: std::time::Duration = std::time::Duration::from_secs(30);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    email: String,
}

/// Sends a link to an address.
pub(crate) async fn ask(app: &Plans, incoming: &Incoming) -> Reply {
    incoming.same_origin()?;
    let body: Body = incoming.body()?;
    let email: EmailAddress = body
        .email
        .trim()
        .parse()
        .map_err(|wrong: NotAnEmailAddress| Problem::bad_field("email", wrong.to_string()))?;
    let now = Timestamp::now();
    let table = &app.accounts.table;
    let limited = [
        Limited::Network(network(incoming.caller()?)),
        Limited::Mailbox(mailbox_hash(&email)),
    ];
    let counted = table.count_attempts(limited, now).await?;
    let counted = counted.map_err(|until| too_many_links(until, now))?;
    let token = app.accounts.make_link(&email, now).await?;
    // Mails are trusted, so the link must lead to us: where no address is configured, it is that by which API Gateway was
    // reached, which answers to no names but its own.
    let mail = sign_in_mail(&token, &incoming.public_url());
    // Dies here: the link is in nobody's hands, and the person asks again.
    match app.mailer.send(&mail, &email).await {
        Ok(()) => {
            let sent = json!({"sent_to": email, "expires_in": LINK_LASTS.as_secs()});
            Ok(Answer::json(StatusCode::ACCEPTED, sent))
        }
        Err(error) => {
            table.give_back_attempts(counted).await;
            Err(not_sent(&error))
        }
    }
}

/// The page to which a link leads. It signs nobody in: mail scanners open links, and a link works once.
pub(crate) async fn page(app: &Plans, incoming: &Incoming) -> Reply {
    let url = incoming.public_url();
    let token = incoming.token()?;
    let email = match app.accounts.look_at_link(&token, Timestamp::now()).await {
        Ok(email) => email,
        Err(problem) => return Ok(on_a_page(&problem, incoming)),
    };
    let Some(email) = email else {
        return Ok(on_a_page(&not_good_any_more(), incoming));
    };
    let body = html! {
        h1 { "Sign in to plan sync" }
        p { "The link was sent to " strong { (email) } "." }
        // To this very address, which the page need not hold once more.
        form method="post" { button type="submit" { "Sign in" } }
    };
    let page = html::page("Sign in to plan sync", Viewer::Nobody, &url, &body);
    Ok(Answer::html(StatusCode::OK, page))
}

/// Uses a link up and signs in. Only browsers come here, so what goes wrong is told on a page.
pub(crate) async fn finish(app: &Plans, incoming: &Incoming) -> Reply {
    let signed_in = sign_in(app, incoming).await;
    Ok(signed_in.unwrap_or_else(|problem| on_a_page(&problem, incoming)))
}

async fn sign_in(app: &Plans, incoming: &Incoming) -> Reply {
    incoming.same_origin()?;
    let now = Timestamp::now();
    let email = app.accounts.use_link(&incoming.token()?, now).await?;
    // Dies after this: the link is used up, and the person asks for another.
    let email = email.ok_or_else(not_good_any_more)?;
    let session = app.accounts.begin(email, incoming, now).await?;
    Ok(redirect(format!("{}/estimating", incoming.public_url())).cookie(session))
}

fn on_a_page(problem: &Problem, incoming: &Incoming) -> Answer {
    tracing::warn!(
        problem = problem.slug(),
        cause = problem.cause(),
        "a sign-in did not succeed"
    );
    problem_page(problem, &incoming.public_url(), ASK)
}

fn not_good_any_more() -> Problem {
    let minutes = LINK_LASTS.as_secs() / 60;
    Problem::new(
        StatusCode::GONE,
        "link-expired",
        "This link is not good any more",
        format!(
            "A link works once, within {minutes} minutes. This one was used, is older, or was not copied as a whole."
        ),
    )
}

fn too_many_links(until: Timestamp, now: Timestamp) -> Problem {
    let wait = until.duration_since(now).unsigned_abs();
    let minutes = wait.as_secs().div_ceil(60).max(1);
    Problem::new(
        StatusCode::TOO_MANY_REQUESTS,
        "too-many-links",
        "Too many links were asked for",
        format!(
            "Look whether one has arrived, in your spam folder, too. The next can be asked for in {minutes} {}.",
            if minutes == 1 { "minute" } else { "minutes" }
        ),
    )
    .retry_after(wait)
}

fn not_sent(error: &MailError) -> Problem {
    match error {
        MailError::Refused(_) => Problem::bad_field("email", "No mail can be sent to this address."),
        MailError::NotNow(_) => Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "mail-unavailable",
            "The mail could not be sent",
            "Gusset cannot send mails for the moment. Try again shortly.",
        )
        .retry_after(MAIL_LATER),
    }
    .because(error)
}
