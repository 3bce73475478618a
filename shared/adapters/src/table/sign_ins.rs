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

    /// Uses up a sign-in, if it is there, still good, and was started by this browser. Of two who come with the same
    /// state, one gets it; somebody else's browser does not use it up.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn finish_sign_in(
        &self,
        hash: &str,
        browser: &str,
        now: Timestamp,
    ) -> Result<Option<SignIn>, TableError> {
        let delete = self
            .client
            .delete_item()
            .table_name(&self.name)
            .set_key(Some(key(&pk(hash), "SIGN_IN")));
        let delete = delete
            .condition_expression("browser = :browser AND expires_at > :now")
            .expression_attribute_values(":browser", text(browser))
            .expression_attribute_values(":now", number(now.as_second()))
            .return_values(ReturnValue::AllOld);
        let deleted = held(delete.send().await)?.and_then(|deleted| deleted.attributes);
        deleted.map(read).transpose()
    }
}
