//! People with an estimating account.

use serde_json::json;

use crate::{Person, Stand};

impl Stand {
    /// An e-mail address that nobody has had.
    pub fn new_email(&self, name: &str) -> String {
        format!("{name}.{:016x}@bidders.example", fastrand::u64(..))
    }

    /// The path of the latest link that was mailed to an address.
    pub async fn link_mailed_to(&self, email: &str) -> String {
        let mails = self.mails_to(email).await;
        let mail = mails.last().unwrap_or_else(|| panic!("{email} has a mail"));
        let link = mail.text.lines().find_map(|line| line.strip_prefix(&self.gusset));
        link.unwrap_or_else(|| panic!("{}", mail.text)).to_owned()
    }

    /// The id of the account of an e-mail address.
    pub async fn account_of(&self, email: &str) -> String {
        let found = json!({
            "FilterExpression": "sk = :account AND email = :email",
            "ExpressionAttributeValues": {":account": {"S": "ACCOUNT"}, ":email": {"S": email}},
        });
        let found = self.scan(found).await;
        assert_eq!(found.len(), 1, "{found:?}");
        let account = found[0]["pk"]["S"].as_str().unwrap().strip_prefix("ESTIMATOR#");
        account.unwrap().to_owned()
    }

    /// Signs somebody in to an estimating account by the link that is mailed, from an address of its own.
    pub async fn estimator(&self, email: &str) -> Person {
        let person = self.elsewhere().stranger();
        person.post("/api/sign-in", json!({"email": email})).await.expect(202);
        let link = self.link_mailed_to(email).await;
        let done = person.submit(&link, &[]).await;
        assert_eq!(done.location(), format!("{}/estimating", self.gusset));
        assert!(person.cookie("__Host-gusset_account").is_some(), "{email} is signed in");
        person
    }
}
