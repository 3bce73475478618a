//! What an estimating account is told by mail.

use gusset_words::say;
use serde::{Deserialize, Serialize};

use super::{
    Mail,
    mail::{Letter, name},
};
use crate::{email::EmailAddress, integration::Why};

/// Something that an account is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountNotice {
    /// The account's address.
    pub to: EmailAddress,
    /// What happened.
    #[serde(flatten)]
    pub news: AccountNews,
}

/// What happened to an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "happened", rename_all = "snake_case")]
pub enum AccountNews {
    /// Its plans are not kept in step with Procore any more, without anybody having asked for that here.
    AccessEnded {
        /// The login that was connected.
        login: String,
        /// Why.
        why: Why,
    },
}

impl AccountNotice {
    /// The notice as a mail. `public_url` is where people reach Gusset, without a slash at the end.
    #[must_use]
    pub fn mail(&self, public_url: &str) -> Mail {
        let AccountNews::AccessEnded { login, why } = &self.news;
        // An address is what the reader signs in with, and leads nowhere.
        let login = login
            .parse()
            .map_or_else(|_| name(login), |address: EmailAddress| address.to_string());
        let letter = Letter {
            subject: say!("email-access-subject").to_owned(),
            paragraphs: vec![
                say!("email-access", login = login, why = why.words()),
                say!("email-access-stays").to_owned(),
                say!("email-access-again").to_owned(),
            ],
            sections: Vec::new(),
            invitation: say!("email-access-link"),
        };
        letter.mail(
            &format!("{public_url}/estimating/integrations"),
            say!("email-access-footer"),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_the_access_in_words() {
        let mails = [Why::Revoked, Why::TokensLost].map(|why| {
            let news = AccountNews::AccessEnded {
                login: "gina.admin@harbour.example\r\nBcc: eve@evil.example".to_owned(),
                why,
            };
            let to = "esther@estimates.example".parse().unwrap();
            let mail = AccountNotice { to, news }.mail("https://gusset.example");
            format!("Subject: {}\n\n{}", mail.subject, mail.text)
        });
        insta::assert_snapshot!(mails.join("\n==========\n"));
    }
}
