//! Sending on what waited for a person.

use gusset_domain::connection::{Connection, Side};

use crate::{http::Problem, queue::Copies, table::Table};

/// Sends on what waited for somebody on one side, who has just done something about it. A worker that gets one looks
/// anew at what it waited for.
///
/// If the process dies before all are sent, those that are not still wait, and doing it once more sends them.
///
/// # Errors
/// When the table or the queue does not answer.
pub async fn send_on(table: &Table, copies: &Copies, connection: &Connection, side: Side) -> Result<(), Problem> {
    let waiting = table.held(connection.id, side).await?;
    let company = connection.party(side.other()).project.company_id;
    Ok(copies.send(company, &waiting).await?)
}
