//! Items set out: because Procore tells of them, because somebody picks one, or because somebody wants one tried again.

mod backfill;
mod by_hand;
mod many;
mod webhook;

use std::{process::ExitCode, sync::Arc};

use gusset_adapters::{
    aws::Aws,
    hooks::Hooks,
    http::{Incoming, Reply, serve},
    queue::Copies,
    sessions::Sessions,
    settings,
};
use lambda_http::http::Method;

/// What the function works with.
struct ForwardItem {
    sessions: Sessions,
    copies: Copies,
    hooks: Hooks,
    client_id: String,
}

fn main() -> ExitCode {
    gusset_adapters::start::run(async || {
        let aws = Aws::from_environment()?;
        let copies = Copies::from_environment(&aws)?;
        let hooks = Hooks::from_environment(&aws).await?;
        let client_id = settings::required("PROCORE_CLIENT_ID")?;
        serve(
            ForwardItem {
                sessions: Sessions::from_environment(&aws).await?,
                copies,
                hooks,
                client_id,
            },
            handle,
        )
        .await
    })
}

async fn handle(app: Arc<ForwardItem>, incoming: Arc<Incoming>) -> Reply {
    let resource = incoming.resource();
    if resource.ends_with("/items") {
        by_hand::send(&app, &incoming).await
    } else if resource.ends_with("/backfill") && incoming.method() == Method::GET {
        backfill::show(&app, &incoming).await
    } else if resource.ends_with("/backfill") {
        backfill::start(&app, &incoming).await
    } else if resource.ends_with("/backfill/{act}") {
        backfill::act(&app, &incoming).await
    } else if resource.ends_with("}/retry") {
        by_hand::retry(&app, &incoming).await
    } else if resource.ends_with("/deliveries/retry") {
        many::act(&app, &incoming, many::Act::Retry).await
    } else if resource.ends_with("/deliveries/dismiss") {
        many::act(&app, &incoming, many::Act::Dismiss).await
    } else {
        webhook::hear(&app, &incoming).await
    }
}
