//! A project's own list of who gets its emails.
//!
//! Whoever administers a project can put any address there. So an address that is nobody's in the project gets nothing but
//! one question, whether it wants these emails, until it says so.

use gusset_words::say;
use std::{collections::BTreeSet, time::Duration};

use crate::{
    email::EmailAddress,
    limit::Limit,
    names::defanged,
    notification::{Letter, Mail},
    people::Project,
};

/// The most addresses on a list.
pub const MAX_ADDRESSES: usize = 50;

/// How many addresses may be asked for a project.
pub const QUESTIONS_OF_PROJECT: Limit = Limit::an_hour(10);

/// How often a mailbox may be asked, for whichever projects.
pub const QUESTIONS_TO_MAILBOX: Limit = Limit {
    most: 3,
    window: Duration::from_secs(24 * 60 * 60),
};

/// How long a question can be answered. Within this time it is not asked again.
pub const QUESTION_LASTS: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// How many emails a project's list may get. Each goes to the whole list; what is beyond is sent when the hour is over.
pub const EMAILS_OF_PROJECT: Limit = Limit::an_hour(120);

/// The most characters of a name in the question.
const LONGEST_NAME: usize = 60;

/// Which of the chosen addresses have to say that they want a project's emails: all but `known` mailboxes, each once.
#[must_use]
pub fn to_be_asked<'a>(chosen: &'a [EmailAddress], known: &BTreeSet<String>) -> Vec<&'a EmailAddress> {
    let mut seen = BTreeSet::new();
    let unknown = |address: &&EmailAddress| !known.contains(&address.mailbox()) && seen.insert(address.mailbox());
    chosen.iter().filter(unknown).collect()
}

/// The email that asks whether an address wants a project's emails. `public_url` is where people reach Gusset.
#[must_use]
pub fn question(project: &Project, token: &str, public_url: &str) -> Mail {
    let (name, company) = (
        defanged(&project.name, LONGEST_NAME),
        defanged(&project.company_name, LONGEST_NAME),
    );
    let letter = Letter {
        // Nothing of what others wrote: the question goes to people who have never heard of the project.
        subject: say!("email-question-subject").to_owned(),
        paragraphs: vec![
            say!("email-question", name = name, company = company),
            say!("email-question-how").to_owned(),
        ],
        sections: Vec::new(),
        invitation: say!("email-question-link"),
    };
    letter.mail(
        &format!("{public_url}/notifications/{token}"),
        say!("email-question-footer"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{CompanyId, ProjectId};

    fn address(text: &str) -> EmailAddress {
        text.parse().unwrap()
    }

    #[test]
    fn who_is_known_is_not_asked_and_nobody_twice() {
        let known = BTreeSet::from(["gina@harbour.example".to_owned()]);
        let chosen = [
            address("Gina@Harbour.example"),
            address("site@harbour.example"),
            address("SITE@harbour.example"),
        ];
        assert_eq!(to_be_asked(&chosen, &known), [&chosen[1]]);
        assert!(to_be_asked(&[], &known).is_empty());
    }

    #[test]
    fn the_question_in_words() {
        let project = Project {
            id: ProjectId::new(20001).unwrap(),
            name: "URGENT, pay at http://evil.example\r\nnow".to_owned(),
            company_id: CompanyId::new(1001).unwrap(),
            company_name: "www.evil.example".to_owned(),
        };
        let mail = question(&project, "c2VjcmV0", "https://gusset.example");
        assert!(!mail.text.contains("evil.example") && !mail.html.contains("evil.example"));
        insta::assert_snapshot!(format!("Subject: {}\n\n{}", mail.subject, mail.text));
    }
}
