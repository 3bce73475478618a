//! Sign-ins that were started and have not come back from Procore yet.

use aws_sdk_dynamodb::types::ReturnValue;
use gusset_domain::ids::AccountId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Table, TableError, conditions::held, key, number, read, record, text};

/// A sign-in on its way.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SignIn {
    /// The hash of the secret that the browser was given with it.
    pub browser: String,
    /// The page to return to.
    pub return_to: String,
    /// The estimating account that is to be connected to Procore by it. None: the person signs in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connect: Option<AccountId>,
    /// Until when it is good, in Unix seconds.
    pub expires_at: i64,
}

fn pk(hash: &str) -> String {
    format!("SIGN_IN#{hash}")
}

impl Table {
    /// Keeps a sign-in, by the hash of its state.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn start_sign_in(&self, hash: &str, sign_in: &SignIn) -> Result<(), TableError> {
        let put = self
            .client
            .put_item()
            .table_name(&self.name)
            .set_item(Some(record(&pk(hash), "SIGN_IN", sign_in)?));
        put.send().await.map(drop).map_err(TableError::new)
    }

    /// Uses up a sign-in, if it is there, still good, was started by a browser with one of these secrets' hashes, of which
    /// there has to be one, and connects an estimating account or does not, as it should. Of two who come with the same
    /// state, one gets it; somebody else's browser does not use it up.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn finish_sign_in(
        &self,
        hash: &str,
        browser: &[String],
        connects: bool,
        now: Timestamp,
    ) -> Result<Option<SignIn>, TableError> {
        let delete = self
            .client
            .delete_item()
            .table_name(&self.name)
            .set_key(Some(key(&pk(hash), "SIGN_IN")));
        let kind = if connects {
            "attribute_exists(#connect)"
        } else {
            "attribute_not_exists(#connect)"
        };
        let names: Vec<String> = (0..browser.len()).map(|place| format!(":browser{place}")).collect();
        let condition = format!("browser IN ({}) AND expires_at > :now AND {kind}", names.join(", "));
        let mut delete = delete
            .condition_expression(condition)
            .expression_attribute_names("#connect", "connect")
            .expression_attribute_values(":now", number(now.as_second()))
            .return_values(ReturnValue::AllOld);
        for (name, hash) in names.into_iter().zip(browser) {
            delete = delete.expression_attribute_values(name, text(hash));
        }
        let deleted = held(delete.send().await)?.and_then(|deleted| deleted.attributes);
        deleted.map(read).transpose()
    }
}
