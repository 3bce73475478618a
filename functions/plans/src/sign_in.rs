//! Signing in to an estimating account, by a link that is mailed. It works in the browser that asked for it; in any other it
//! asks for the code that the page shows there.
//!
//! Whether an address has an account is not looked at before the link is used: so neither an answer nor how long it takes
//! tells who is a customer. The mail is sent at once and not put into the outbox: the link is a secret, which is kept
//! nowhere but as a hash, and who waits for it can ask again.

use gusset_adapters::{
    accounts::{SeenLink, UsedLink, asked_no_more},
    html::{self, Viewer, problem_page},
    http::{Answer, Incoming, Problem, Reply, redirect},
    mail::MailError,
    table::{accounts::mailbox_hash, limits::Limited},
};
use gusset_domain::{
    email::EmailAddress,
    estimating_account::{CODE_TRIES, LINK_LASTS, LinkCode, NotALinkCode, network, sign_in_mail},
};
use gusset_words::{say, say_html};
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
    let email = EmailAddress::typed(&body.email).map_err(|wrong| Problem::bad_field("email", wrong.to_string()))?;
    let now = Timestamp::now();
    let table = &app.accounts.table;
    let limited = [
        Limited::Network(network(incoming.caller()?)),
        Limited::Mailbox(mailbox_hash(&email)),
    ];
    let counted = table.count_attempts(limited, now).await?;
    let counted = counted.map_err(|until| too_many_links(until, now))?;
    let asked = app.accounts.make_link(&email, incoming, now).await?;
    // Mails are trusted, so the link must lead to us: where no address is configured, it is that by which API Gateway was
    // reached, which answers to no names but its own.
    let mail = sign_in_mail(&asked.token, &incoming.public_url());
    // Dies here: the link is in nobody's hands, and the person asks again.
    match app.mailer.send(&mail, &email).await {
        Ok(()) => {
            let code = asked.code.to_string();
            let sent = json!({"sent_to": email, "expires_in": LINK_LASTS.as_secs(), "code": code});
            Ok(Answer::json(StatusCode::ACCEPTED, sent).cookie(asked.cookie))
        }
        Err(error) => {
            table.give_back_attempts(counted).await;
            Err(not_sent(&error))
        }
    }
}

/// The page to which a link leads. It signs nobody in: mail scanners open links, and a link works once.
pub(crate) async fn page(app: &Plans, incoming: &Incoming) -> Reply {
    let token = incoming.token()?;
    let seen = app.accounts.look_at_link(&token, incoming, Timestamp::now()).await;
    Ok(match seen {
        Ok(Some(link)) => form(StatusCode::OK, &link, None, incoming),
        Ok(None) => on_a_page(&not_good_any_more(), incoming),
        Err(problem) => on_a_page(&problem, incoming),
    })
}

/// The form by which a link is used. `wrong` is what was wrong with it the last time.
fn form(status: StatusCode, link: &SeenLink, wrong: Option<&str>, incoming: &Incoming) -> Answer {
    let body = html! {
        h1 { (say!("link-sign-in")) }
        p { (say_html!("link-sent-to", email = html! { strong { (link.email) } })) }
        @if let Some(wrong) = wrong { div.notice role="alert" { p { (wrong) } } }
        // To this very address, which the page need not hold once more.
        form method="post" {
            @if !link.asked_here {
                p { (say!("link-elsewhere")) }
                label for="code" { (say!("link-code")) }
                input #code name="code" required inputmode="numeric" autocomplete="one-time-code" maxlength="16";
            }
            button type="submit" { (say!("link-go")) }
        }
    };
    let url = incoming.public_url();
    Answer::html(status, html::page(say!("link-sign-in"), Viewer::Nobody, &url, &body))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Shown {
    code: Option<String>,
}

/// Uses a link up and signs in. Only browsers come here, so what goes wrong is told on a page.
pub(crate) async fn finish(app: &Plans, incoming: &Incoming) -> Reply {
    let signed_in = sign_in(app, incoming).await;
    Ok(signed_in.unwrap_or_else(|problem| on_a_page(&problem, incoming)))
}

async fn sign_in(app: &Plans, incoming: &Incoming) -> Reply {
    incoming.same_origin()?;
    let (token, now) = (incoming.token()?, Timestamp::now());
    let shown: Shown = incoming.body()?;
    let code: Option<Result<LinkCode, NotALinkCode>> = shown.code.map(|code| code.parse());
    let wrong = match &code {
        // What is no code at all costs none of the tries.
        Some(Err(wrong)) => wrong.to_string(),
        code => match app
            .accounts
            .use_link(&token, code.and_then(Result::ok), incoming, now)
            .await?
        {
            UsedLink::By(email) => {
                // Dies here: the link is used up, and the person asks for another.
                let session = app.accounts.begin(email, incoming, now).await?;
                let on = redirect(format!("{}/estimating", incoming.public_url()));
                return Ok(on.cookie(session).cookie(asked_no_more(incoming)));
            }
            UsedLink::NotGood => return Err(not_good_any_more()),
            UsedLink::TakesNoCode => return Err(too_many_codes()),
            UsedLink::AsksForCode => NotALinkCode.to_string(),
            UsedLink::WrongCode { left: 0 } => return Err(too_many_codes()),
            UsedLink::WrongCode { left } => say!("link-wrong-code", left = left),
        },
    };
    let link = app.accounts.look_at_link(&token, incoming, now).await?;
    let link = link.ok_or_else(not_good_any_more)?;
    Ok(form(StatusCode::UNPROCESSABLE_ENTITY, &link, Some(&wrong), incoming))
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
        say!("problem-link-expired-title-sign-in"),
        say!("problem-link-expired-detail-sign-in", minutes = minutes),
    )
}

fn too_many_codes() -> Problem {
    Problem::new(
        StatusCode::TOO_MANY_REQUESTS,
        "too-many-codes",
        say!("problem-too-many-codes-title"),
        say!("problem-too-many-codes-detail", tries = CODE_TRIES),
    )
}

fn too_many_links(until: Timestamp, now: Timestamp) -> Problem {
    let wait = until.duration_since(now).unsigned_abs();
    let minutes = wait.as_secs().div_ceil(60).max(1);
    Problem::new(
        StatusCode::TOO_MANY_REQUESTS,
        "too-many-links",
        say!("problem-too-many-links-title"),
        say!("problem-too-many-links-detail", minutes = minutes),
    )
    .retry_after(wait)
}

fn not_sent(error: &MailError) -> Problem {
    match error {
        MailError::Refused(_) => Problem::bad_field("email", say!("problem-bad-field-detail-mailbox")),
        MailError::NotNow(_) => Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "mail-unavailable",
            say!("problem-mail-unavailable-title-sign-in"),
            say!("problem-mail-unavailable-detail-sign-in"),
        )
        .retry_after(MAIL_LATER),
    }
    .because(error)
}
