//! Connecting an estimating account to a Procore login.

use std::time::Duration;

use gusset_adapters::{
    http::{Incoming, Problem, Reply, redirect},
    sign_in::{self, Door},
};
use gusset_domain::{
    plans::job::{Job, Work},
    return_to::own_page,
};
use gusset_words::say;
use jiff::Timestamp;

use crate::{OauthCallback, exchange, on_a_page};

/// The page from which people connect.
const INTEGRATIONS: (&str, &str) = ("/estimating/integrations", "Back to App Integrations");

/// Sends whoever is signed in to an estimating account to Procore's sign-in.
///
/// It is a link rather than a form, since our pages forbid forms that lead to other sites, and Procore's sign-in may lead
/// on to a company's own. Another site's page that links here could have somebody connect an account unawares: such links
/// are refused.
pub(crate) async fn start(app: &OauthCallback, incoming: &Incoming) -> Reply {
    let reply = async {
        incoming.same_origin()?;
        let estimator = app.accounts.signed_in(incoming).await?;
        let return_to = own_page(incoming.query("return_to").as_deref());
        let (table, procore) = (&app.integrations.table, &app.integrations.procore);
        let begun = sign_in::begin(table, procore, incoming, return_to, Some(estimator.account)).await?;
        Ok(redirect(begun.address).cookie(begun.cookie))
    };
    on_a_page(incoming, reply.await, INTEGRATIONS)
}

/// Connects the account that began this to the login by which the person comes back.
pub(crate) async fn callback(app: &OauthCallback, incoming: &Incoming) -> Reply {
    let reply = async {
        let now = Timestamp::now();
        // What was begun is used up from here on: whatever fails now, the person starts anew.
        let back = sign_in::came_back(&app.integrations.table, incoming, Door::Plans, now).await?;
        let account = app.accounts.signed_in(incoming).await?.account;
        // Who signed out meanwhile, or into another account, connects nothing.
        if back.connect != Some(account) {
            return Err(Problem::not_signed_in(say!("problem-not-signed-in-detail-other")));
        }
        let tokens = exchange(&app.integrations.procore, &back.code, now).await?;
        let (integration, run) = app.integrations.connect(account, &tokens, now).await?;
        let first = Job {
            account,
            login: integration.login.user,
            run: Some(run.id),
            attempts: 0,
            work: Work::Discover { by_hand: true },
        };
        // Dies before this: the account is connected, and its first run waits for the clock or for *Refresh*.
        app.queue.send(&[first], Duration::ZERO).await?;
        Ok(redirect(format!("{}{}", incoming.public_url(), back.return_to)))
    };
    on_a_page(incoming, reply.await, INTEGRATIONS)
}
