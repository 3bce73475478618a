//! Items set out: because Procore tells of them, because somebody picks one, or because somebody wants one tried again.

mod by_hand;
mod webhook;

use std::{process::ExitCode, sync::Arc};

use gusset_adapters::{
    aws::Aws,
    envelope::Envelope,
    hooks::Hooks,
    http::{Incoming, Reply, serve},
    procore::Procore,
    queue::Copies,
    sessions::Sessions,
    settings,
    table::Table,
};

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
        let table = Table::new(aws.dynamodb(), settings::required("TABLE_NAME")?);
        let procore = Procore::from_environment(aws.secret(&settings::required("PROCORE_CLIENT_SECRET_ARN")?).await?)?;
        let envelope = Envelope::new(aws.kms(), settings::required("KMS_KEY_ID")?);
        let copies = Copies::new(aws.sqs(), settings::required("COPIES_QUEUE_URL")?);
        let hooks = Hooks::new(aws.secret(&settings::required("MASTER_SECRET_ARN")?).await?);
        let client_id = settings::required("PROCORE_CLIENT_ID")?;
        serve(
            ForwardItem {
                sessions: Sessions::new(table, procore, envelope),
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
    } else if resource.ends_with("/retry") {
        by_hand::retry(&app, &incoming).await
    } else {
        webhook::hear(&app, &incoming).await
    }
}
