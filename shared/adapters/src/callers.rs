//! Who acts on one connection: a person, or a program of that person's company with a service account's token.
//!
//! Only the endpoints that ask for a [`Caller`] take tokens. Everywhere else [`Sessions::signed_in`] refuses them, so
//! that an endpoint is closed to service accounts unless it was opened to them on purpose.

use gusset_domain::{
    connection::{Connection, Side},
    ids::{ConnectionId, ProjectId},
    service_account::ServiceAccount,
};
use gusset_words::say;
use jiff::Timestamp;
use lambda_http::http::StatusCode;

use crate::{
    http::{Incoming, Problem},
    sessions::{Admin, Sessions},
};

/// Who acts on one connection.
pub enum Caller<'a> {
    /// An admin of the project.
    Admin(Admin<'a>),
    /// The service account of the project's side of this very connection.
    ServiceAccount(ServiceAccount),
}

impl Sessions {
    /// Who sent a request about a connection of a project, with the connection and the side that the project is on.
    ///
    /// # Errors
    /// 401 when nobody is signed in and there is no token, or one that has stopped; 403 when the person is no admin; 404
    /// when the project has no such connection, or the token is for another one.
    pub async fn caller(
        &self,
        incoming: &Incoming,
        project: ProjectId,
        connection: ConnectionId,
    ) -> Result<(Caller<'_>, Connection, Side), Problem> {
        let Some(token) = incoming.bearer() else {
            let admin = self.admin(incoming, project).await?;
            let (connection, side) = admin.connection(connection).await?;
            return Ok((Caller::Admin(admin), connection, side));
        };
        let account = self.table.bearer(token, Timestamp::now()).await?.ok_or_else(stopped)?;
        let elsewhere = || Problem::not_found(say!("thing-connection"));
        if account.id.project() != project || account.connection != connection {
            return Err(elsewhere());
        }
        let connection = self
            .table
            .connection(project, connection)
            .await?
            .ok_or_else(elsewhere)?;
        // The connection has the last word: it may have ended, or lost this account, since the token was looked up.
        if connection.party(account.side).service_account.id() != Some(account.id) {
            return Err(stopped());
        }
        let side = account.side;
        Ok((Caller::ServiceAccount(account), connection, side))
    }
}

/// A token that is nobody's, for whatever reason: which one is not told.
fn stopped() -> Problem {
    let problem = Problem::new(
        StatusCode::UNAUTHORIZED,
        "token-stopped",
        "This token has expired or was revoked",
        "Tokens last for an hour, and stop when the service account's secret is rotated, the account is deleted or the \
         connection ends. Get a new one from /oauth/token.",
    );
    problem.challenge("Bearer error=\"invalid_token\"")
}
