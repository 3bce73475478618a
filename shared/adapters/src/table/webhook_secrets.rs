//! Which secret of a project's webhook is in use. It lies beside the project's live connections, so that whoever hears a
//! webhook reads both with one query.

use gusset_domain::{
    connection::Connection,
    ids::ProjectId,
    webhook_secret::{Generation, WebhookSecret},
};

use super::{
    Record, Table, TableError,
    conditions::held,
    connections::{LIVE, connection, pk},
    key, number, read, text,
};

/// Sorts right behind the connections, live and ended.
const SK: &str = "CONNECTION~SECRET";

impl Table {
    /// Which secret of a project's webhook is in use. One read.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn webhook_secret(&self, project: ProjectId) -> Result<WebhookSecret, TableError> {
        let found: Option<WebhookSecret> = self.get(&pk(project), SK).await?;
        Ok(found.unwrap_or_default())
    }

    /// A project's connections that are asked for or connected, and which secret of its webhook is in use. One query.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn live_connections_and_secret(
        &self,
        project: ProjectId,
    ) -> Result<(Vec<Connection>, WebhookSecret), TableError> {
        let query = self.client.query().table_name(&self.name).consistent_read(true);
        let query = query
            .key_condition_expression("pk = :pk AND sk BETWEEN :first AND :last")
            .expression_attribute_values(":pk", text(pk(project)))
            .expression_attribute_values(":first", text(LIVE))
            .expression_attribute_values(":last", text(SK));
        let mut pages = query.into_paginator().items().send();
        let (mut connections, mut secret) = (Vec::new(), WebhookSecret::default());
        while let Some(found) = pages.next().await {
            let found = found.map_err(TableError::new)?;
            if is_secret(&found) {
                secret = read(found)?;
            } else {
                connections.push(connection(found)?);
            }
        }
        Ok((connections, secret))
    }

    /// Records that a project's secret was replaced. False where it is not `old` any more: somebody else has just replaced
    /// it, and nothing is written.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn replace_webhook_secret(
        &self,
        project: ProjectId,
        old: &WebhookSecret,
        new: &WebhookSecret,
    ) -> Result<bool, TableError> {
        let put = self.client.put_item().table_name(&self.name);
        let put = put.set_item(Some(super::record(&pk(project), SK, new)?));
        let put = put
            .condition_expression("attribute_not_exists(pk) OR generation = :old")
            .expression_attribute_values(":old", number(old.generation));
        Ok(held(put.send().await)?.is_some())
    }

    /// Records that the project's hook in Procore carries a secret. False where that one is not in use any more.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn webhook_secret_is_carried(
        &self,
        project: ProjectId,
        generation: Generation,
    ) -> Result<bool, TableError> {
        let update = self.client.update_item().table_name(&self.name);
        let update = update
            .set_key(Some(key(&pk(project), SK)))
            .update_expression("SET carried = :generation")
            .condition_expression("generation = :generation")
            .expression_attribute_values(":generation", number(generation));
        Ok(held(update.send().await)?.is_some())
    }
}

fn is_secret(record: &Record) -> bool {
    record
        .get("sk")
        .and_then(|sk| sk.as_s().ok())
        .is_some_and(|sk| sk == SK)
}

#[cfg(test)]
mod tests {
    use gusset_domain::{ids::UserId, people::Person};
    use jiff::Timestamp;

    use super::*;
    use crate::table::record;

    #[test]
    fn a_secret_comes_back_from_the_table_as_it_was() {
        let gina = Person {
            id: UserId::new(101).unwrap(),
            name: "Gina".to_owned(),
        };
        let secret = WebhookSecret::default().replaced(Some(gina), Timestamp::from_second(9).unwrap());
        let kept = record("PROJECT#1", SK, &secret).unwrap();
        assert!(is_secret(&kept));
        assert_eq!(read::<WebhookSecret>(kept).unwrap(), secret);
    }

    #[test]
    fn it_sorts_behind_the_connections_and_is_none_of_them() {
        assert!(SK > "CONNECTION#LIVE#ffffffff-ffff-ffff-ffff-ffffffffffff");
        assert!(!SK.starts_with("CONNECTION#"));
        assert!(SK < "COPY#" && SK < "PROJECT");
    }
}
