//! Admins list, rename, rotate, delete and make again the service accounts of their project.

use gusset_adapters::{
    chance,
    held::{self, Which},
    http::{Answer, Incoming, Nothing, Problem, Reply},
    sessions::Admin,
};
use gusset_domain::{
    connection::{Change, Connection, Side},
    ids::ConnectionId,
    service_account::{AccountName, Seed, ServiceAccount},
};
use gusset_words::say;
use jiff::Timestamp;
use lambda_http::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::ServiceAccounts;

/// What names the connection whose account is to be made again.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Again {
    connection: ConnectionId,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rename {
    name: String,
}

/// An account with its credentials: the only answer that ever holds them.
#[derive(Serialize)]
struct WithSecret<'a> {
    #[serde(flatten)]
    account: &'a ServiceAccount,
    client_id: String,
    client_secret: String,
}

/// The project's accounts, those of the newest connections first, none with its secret.
pub(crate) async fn list(app: &ServiceAccounts, incoming: &Incoming, admin: &Admin<'_>) -> Reply {
    let ask = incoming.paging()?;
    let accounts = app.sessions.table.service_accounts(admin.project).await?;
    // A connection has one account on each side, so its id is the account's place in the list.
    let (page, next) = ask.newest_first(accounts, |account| account.connection);
    Ok(Answer::ok(json!({"service_accounts": page, "next_cursor": next})))
}

/// Gives an account another name.
pub(crate) async fn rename(app: &ServiceAccounts, incoming: &Incoming, admin: &Admin<'_>) -> Reply {
    let account = find(app, incoming, admin).await?;
    let body: Rename = incoming.body()?;
    let name: AccountName = body
        .name
        .parse()
        .map_err(|wrong: gusset_domain::service_account::NotAName| Problem::bad_field("name", wrong.to_string()))?;
    let renamed = app.sessions.table.rename_service_account(account.id, &name).await?;
    Ok(Answer::ok(renamed.ok_or_else(no_such_account)?))
}

/// Gives an account a new secret, and shows it this once. The old one has stopped when this answers.
pub(crate) async fn rotate(app: &ServiceAccounts, incoming: &Incoming, admin: &Admin<'_>) -> Reply {
    let account = find(app, incoming, admin).await?;
    incoming.body::<Nothing>()?;
    if account.secret_version == 0 {
        // Whoever made it again may not have got as far as to send on what had waited for it.
        let (connection, side) = admin.connection(account.connection).await?;
        held::send_on(&app.sessions.table, &app.copies, &connection, Which::Settled(side)).await?;
    }
    give_secret(app, account, StatusCode::OK).await
}

/// Deletes an account: its secret and tokens stop, and what arrives on this side waits. Both sides see it.
pub(crate) async fn delete(app: &ServiceAccounts, incoming: &Incoming, admin: &Admin<'_>) -> Reply {
    let account = find(app, incoming, admin).await?;
    let this_one = |connection: &Connection, side: Side| {
        let is_it = connection.party(side).service_account.id() == Some(account.id);
        is_it
            .then_some(Change::DeleteServiceAccount)
            .ok_or_else(no_such_account)
    };
    let deleted = admin
        .change(admin.connection(account.connection).await?, this_one)
        .await?;
    Ok(Answer::ok(deleted.after.seen_from(deleted.side)))
}

/// Makes a deleted account again, under a new id, and sends on what has waited for it.
///
/// If the process dies before the secret is shown, the account is there without one: rotating shows one, and sends on
/// what still waits.
pub(crate) async fn make_again(app: &ServiceAccounts, incoming: &Incoming, admin: &Admin<'_>) -> Reply {
    let body: Again = incoming.body()?;
    let seed = Seed(chance::bits()?);
    let make = |_: &Connection, _: Side| Ok(Change::MakeServiceAccount(seed));
    let made_again = admin.change(admin.connection(body.connection).await?, make).await?;
    let (connection, side) = (made_again.after, made_again.side);
    let id = connection
        .party(side)
        .service_account
        .id()
        .ok_or_else(no_such_account)?;
    let (table, copies) = (&app.sessions.table, &app.copies);
    held::send_on(table, copies, &connection, Which::Settled(side)).await?;
    let made = table.service_account(id).await?.ok_or_else(no_such_account)?;
    give_secret(app, made, StatusCode::CREATED).await
}

/// The account that the path names, if it is the project's.
async fn find(app: &ServiceAccounts, incoming: &Incoming, admin: &Admin<'_>) -> Result<ServiceAccount, Problem> {
    let id = incoming.service_account()?;
    if id.project() != admin.project {
        return Err(no_such_account());
    }
    let found = app.sessions.table.service_account(id).await?;
    found.ok_or_else(no_such_account)
}

async fn give_secret(app: &ServiceAccounts, mut account: ServiceAccount, status: StatusCode) -> Reply {
    let (secret, now) = (chance::secret()?, Timestamp::now());
    if !app.sessions.table.rotate_secret(&account, &secret, now).await? {
        return Err(Problem::changed_meanwhile());
    }
    account.secret_version += 1;
    account.secret_made_at = Some(now);
    let shown = WithSecret {
        account: &account,
        client_id: account.id.to_string(),
        client_secret: secret,
    };
    Ok(Answer::json(status, shown).as_it_is())
}

fn no_such_account() -> Problem {
    Problem::not_found(say!("thing-service-account"))
}
