//! A notification in words: subject, text and HTML, all three from one letter, so that they cannot say different things.
//! Other mails are such letters, too.
//!
//! Names and subjects were written by people of another company. They go through [`names::defanged`]: one line each, which can
//! neither end a header nor turn its direction nor become a link. In the HTML they are escaped as well.

use gusset_words::say;
use maud::{DOCTYPE, html};

use super::{Audience, Digest, News, Notification, WaitingItems};
use crate::{names, people::Project, procore_pages, send::Tool};

/// A mail, ready to be sent to anybody whom it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// One line.
    pub subject: String,
    /// The plain text part.
    pub text: String,
    /// The HTML part.
    pub html: String,
    /// Where the recipient can have such mails end, by a button of the mail program's own.
    pub unsubscribe: Option<String>,
}

/// Where people read on. Neither address has a slash at the end.
#[derive(Debug, Clone, Copy)]
pub struct Places<'a> {
    /// Gusset.
    pub gusset: &'a str,
    /// Procore's pages.
    pub procore: &'a str,
}

/// The most characters of a name in a subject.
const LONGEST_IN_SUBJECT: usize = 60;

/// The most characters of a name or reason elsewhere.
const LONGEST: usize = 300;

/// What a mail says, before it is text or HTML.
pub(crate) struct Letter {
    /// One line.
    pub(crate) subject: String,
    /// What it says first.
    pub(crate) paragraphs: Vec<String>,
    /// What it lists after that.
    pub(crate) sections: Vec<Section>,
    /// What the link invites to.
    pub(crate) invitation: &'static str,
}

/// A list in a letter, with what is true of all of it.
pub(crate) struct Section {
    /// What is said once.
    pub(crate) heading: String,
    /// Of what.
    pub(crate) items: Vec<Item>,
}

/// A line of a list.
pub(crate) struct Item {
    /// What it says.
    pub(crate) words: String,
    /// Where it leads.
    pub(crate) address: Option<String>,
}

impl From<String> for Item {
    fn from(words: String) -> Self {
        Self { words, address: None }
    }
}

impl Letter {
    /// The letter as a mail. `footer` says why one gets it.
    pub(crate) fn mail(self, link: &str, footer: &str) -> Mail {
        self.mail_by_choice(link, footer, None)
    }

    /// The same, of which the recipient can choose at an address how often such mails come.
    pub(crate) fn mail_by_choice(self, link: &str, footer: &str, choice: Option<&str>) -> Mail {
        Mail {
            text: as_text(&self, link, footer, choice),
            html: as_html(&self, link, footer, choice),
            subject: self.subject,
            unsubscribe: choice.map(str::to_owned),
        }
    }
}

impl Notification {
    /// The notification as a mail. `choice` is where its recipient can choose how often such mails come.
    #[must_use]
    pub fn mail(&self, places: Places<'_>, choice: Option<&str>) -> Mail {
        self.letter().mail_by_choice(&self.link(places), &self.footer(), choice)
    }

    /// Where to read on. Who is told of RFIs need be no admin, and may open these in Procore alone.
    pub(super) fn link(&self, places: Places<'_>) -> String {
        let project = self.project.id;
        match self.news {
            News::RfiArrived { copy: Some(copy), .. } => procore_pages::item(places.procore, project, Tool::Rfis, copy),
            News::ManagerChosen => procore_pages::rfis(places.procore, project),
            _ => format!("{}/projects/{project}", places.gusset),
        }
    }

    fn letter(&self) -> Letter {
        let (ours, theirs) = (name(&self.project.name), name(&self.other.name));
        let (short_ours, short_theirs) = (short(&self.project.name), short(&self.other.name));
        let company = name(&self.other.company_name);
        let letter = |subject: String, paragraphs: Vec<String>, invitation| Letter {
            subject,
            paragraphs,
            sections: Vec::new(),
            invitation,
        };
        match &self.news {
            News::Requested { by } => letter(
                say!("email-requested-subject", theirs = short_theirs, ours = short_ours),
                vec![
                    say!(
                        "email-requested",
                        by = name(by),
                        company = company,
                        theirs = theirs,
                        ours = ours
                    ),
                    say!("email-requested-then").to_owned(),
                ],
                say!("email-link-answer"),
            ),
            News::Reminded { by } => letter(
                say!("email-reminded-subject", theirs = short_theirs, ours = short_ours),
                vec![
                    say!(
                        "email-reminded",
                        by = name(by),
                        company = company,
                        theirs = theirs,
                        ours = ours
                    ),
                    say!("email-reminded-then").to_owned(),
                ],
                say!("email-link-answer"),
            ),
            News::Accepted { by } => letter(
                say!("email-accepted-subject", theirs = short_theirs, ours = short_ours),
                vec![
                    say!(
                        "email-accepted",
                        by = name(by),
                        company = company,
                        theirs = theirs,
                        ours = ours
                    ),
                    say!("email-accepted-then").to_owned(),
                ],
                say!("email-link-connection"),
            ),
            News::Declined { by } => letter(
                say!("email-declined-subject", theirs = short_theirs, ours = short_ours),
                vec![
                    say!(
                        "email-declined",
                        by = name(by),
                        company = company,
                        theirs = theirs,
                        ours = ours
                    ),
                    say!("email-declined-then").to_owned(),
                ],
                say!("email-link-connections"),
            ),
            News::Withdrawn { by } => letter(
                say!("email-withdrawn-subject", theirs = short_theirs, ours = short_ours),
                vec![
                    say!(
                        "email-withdrawn",
                        by = name(by),
                        company = company,
                        theirs = theirs,
                        ours = ours
                    ),
                    say!("email-withdrawn-then").to_owned(),
                ],
                say!("email-link-connections"),
            ),
            News::Disconnected { by } => letter(
                say!("email-disconnected-subject", theirs = short_theirs, ours = short_ours),
                vec![
                    say!(
                        "email-disconnected",
                        by = name(by),
                        company = company,
                        theirs = theirs,
                        ours = ours
                    ),
                    say!("email-disconnected-then").to_owned(),
                ],
                say!("email-link-connections"),
            ),
            News::Paused { by } => letter(
                say!("email-paused-subject", theirs = short_theirs, ours = short_ours),
                vec![
                    say!(
                        "email-paused",
                        by = name(by),
                        company = company,
                        theirs = theirs.as_str(),
                        ours = ours
                    ),
                    say!("email-paused-then", theirs = theirs.as_str()),
                ],
                say!("email-link-connection"),
            ),
            News::Resumed { still_paused } => letter(
                say!("email-resumed-subject", theirs = short_theirs, ours = short_ours),
                vec![
                    say!(
                        "email-resumed",
                        company = company,
                        theirs = theirs,
                        ours = ours.as_str()
                    ),
                    if *still_paused {
                        say!("email-resumed-still-paused", ours = ours.as_str())
                    } else {
                        say!("email-resumed-then").to_owned()
                    },
                ],
                say!("email-link-connection"),
            ),
            News::ItemsWait { by, waiting } => items_wait(&self.project, &self.other, by, waiting),
            News::ManagerChosen => letter(
                say!("email-manager-subject", theirs = short_theirs, ours = short_ours),
                vec![
                    say!("email-manager", company = company, theirs = theirs, ours = ours),
                    say!("email-manager-then").to_owned(),
                ],
                say!("email-link-rfis"),
            ),
            News::RfiArrived {
                subject,
                reference,
                copy,
                left_out,
            } => Letter {
                sections: not_copied(left_out),
                ..letter(
                    say!("email-rfi-subject", theirs = short_theirs, subject = short(subject)),
                    vec![
                        say!(
                            "email-rfi",
                            theirs = theirs,
                            company = company,
                            ours = ours,
                            subject = name(subject)
                        ),
                        say!("email-rfi-then", reference = reference.to_string()),
                    ],
                    match copy {
                        Some(_) => say!("email-link-rfi"),
                        None => say!("email-link-origin"),
                    },
                )
            },
            News::Stuck(digest) => stuck(digest, &self.project, &self.other),
        }
    }

    /// Why one gets this mail, and how not to.
    pub(super) fn footer(&self) -> String {
        let ours = name(&self.project.name);
        match self.audience {
            Audience::Project => say!("email-footer-project", ours = ours),
            Audience::RfiManager(_) => say!("email-footer-manager", ours = ours),
        }
    }
}

pub(super) fn stuck(digest: &Digest, project: &Project, other: &Project) -> Letter {
    let (ours, theirs, company) = (name(&project.name), name(&other.name), name(&other.company_name));
    let mut paragraphs = Vec::new();
    if digest.held > 0 {
        paragraphs.push(say!(
            "email-held",
            count = digest.held,
            ours = ours.as_str(),
            theirs = theirs.as_str(),
            company = company.as_str()
        ));
    }
    if digest.failed > 0 {
        paragraphs.push(say!(
            "email-failed",
            count = digest.failed,
            ours = ours,
            theirs = theirs,
            company = company
        ));
    }
    let mut sections: Vec<Section> = Vec::new();
    for item in &digest.items {
        let line = say!("email-stuck-item", tool = item.tool.title(), title = name(&item.title));
        add(&mut sections, sentence(&item.reason), line);
    }
    let listed = sections.iter().map(|section| section.items.len()).sum::<usize>();
    let all = digest.held + digest.failed;
    if listed > 0 && u64::try_from(listed).is_ok_and(|listed| listed < all) {
        paragraphs.push(say!("email-stuck-latest").to_owned());
    }
    let (ours, theirs) = (short(&project.name), short(&other.name));
    let subject = if digest.failed == 0 {
        say!("email-held-subject", count = digest.held, ours = ours)
    } else if digest.held == 0 {
        say!(
            "email-failed-subject",
            count = digest.failed,
            ours = ours,
            theirs = theirs
        )
    } else {
        say!("email-stuck-subject", count = all, ours = ours, theirs = theirs)
    };
    Letter {
        subject,
        paragraphs,
        sections,
        invitation: say!("email-link-stopped"),
    }
}

fn items_wait(project: &Project, other: &Project, by: &str, waiting: &[WaitingItems]) -> Letter {
    let (ours, theirs, company) = (name(&project.name), name(&other.name), name(&other.company_name));
    let all: u64 = waiting.iter().map(|group| group.count).sum();
    let mut sections = Vec::new();
    for group in waiting {
        let items = group.tool.counted(group.count, &group.count.to_string());
        add(&mut sections, sentence(&group.reason), items);
    }
    Letter {
        subject: say!("email-reminder-subject", count = all, ours = short(&project.name)),
        paragraphs: vec![say!(
            "email-reminder",
            count = all,
            by = name(by),
            company = company,
            ours = ours,
            theirs = theirs
        )],
        sections,
        invitation: say!("email-link-stopped"),
    }
}

/// Puts an item under its heading, which is said once.
pub(super) fn add(sections: &mut Vec<Section>, heading: String, item: impl Into<Item>) {
    let item = item.into();
    match sections.iter_mut().find(|section| section.heading == heading) {
        Some(section) => section.items.push(item),
        None => sections.push(Section {
            heading,
            items: vec![item],
        }),
    }
}

/// What of an RFI did not come along, a sentence each.
fn not_copied(left_out: &[String]) -> Vec<Section> {
    let mut sections = Vec::new();
    for words in left_out {
        add(&mut sections, say!("email-left-out").to_owned(), sentence(words));
    }
    sections
}

/// A reason, with the full stop that most of them leave to the page that shows them.
fn sentence(reason: &str) -> String {
    let reason = name(reason);
    if reason.is_empty() || reason.ends_with(['.', '!', '?', '…', '"']) {
        reason
    } else {
        format!("{reason}.")
    }
}

pub(super) fn name(written: &str) -> String {
    names::defanged(written, LONGEST)
}

pub(super) fn short(written: &str) -> String {
    names::defanged(written, LONGEST_IN_SUBJECT)
}

fn as_text(letter: &Letter, link: &str, footer: &str, choice: Option<&str>) -> String {
    let mut text = letter.paragraphs.join("\n\n");
    for section in &letter.sections {
        text.push_str("\n\n");
        text.push_str(&section.heading);
        for item in &section.items {
            text.push_str("\n- ");
            text.push_str(&item.words);
            if let Some(address) = &item.address {
                text.push_str("\n  ");
                text.push_str(address);
            }
        }
    }
    let choice = choice.map(|choice| format!("\n{}:\n{choice}\n", say!("email-choose")));
    format!(
        "{text}\n\n{}:\n{link}\n\n-- \n{footer}\n{}",
        letter.invitation,
        choice.unwrap_or_default()
    )
}

fn as_html(letter: &Letter, link: &str, footer: &str, choice: Option<&str>) -> String {
    let page = html! {
        (DOCTYPE)
        html lang=(gusset_words::language()) {
            head { meta charset="utf-8"; title { (letter.subject) } }
            body style="font-family: system-ui, sans-serif; line-height: 1.5; max-width: 36em" {
                @for paragraph in &letter.paragraphs { p { (paragraph) } }
                @for section in &letter.sections {
                    p { (section.heading) }
                    @if !section.items.is_empty() {
                        ul {
                            @for item in &section.items {
                                li {
                                    @match &item.address {
                                        Some(address) => a href=(address) { (item.words) },
                                        None => (item.words),
                                    }
                                }
                            }
                        }
                    }
                }
                p { a href=(link) { (letter.invitation) } }
                p style="font-size: small; opacity: 0.7" {
                    (footer)
                    @if let Some(choice) = choice { " " a href=(choice) { (say!("email-choose")) } }
                }
            }
        }
    };
    page.into_string()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::{
        ids::{CompanyId, ConnectionId, ItemId, ProjectId},
        notification::StuckItem,
    };

    const PLACES: Places<'static> = Places {
        gusset: "https://gusset.example",
        procore: "https://procore.example",
    };

    fn about(news: News) -> Notification {
        let audience = match news {
            News::ManagerChosen | News::RfiArrived { .. } => {
                Audience::RfiManager("omar@harbour.example".parse().unwrap())
            }
            _ => Audience::Project,
        };
        Notification {
            audience,
            connection: ConnectionId(Uuid::nil()),
            project: Project {
                id: ProjectId::new(20001).unwrap(),
                name: "Pier 9 Renewal".to_owned(),
                company_id: CompanyId::new(1001).unwrap(),
                company_name: "Harbour General Contractors".to_owned(),
            },
            other: Project {
                id: ProjectId::new(30001).unwrap(),
                name: "Pier 9 <Electrical>".to_owned(),
                company_id: CompanyId::new(1002).unwrap(),
                company_name: "Southside & Sons".to_owned(),
            },
            news,
        }
    }

    fn every_kind(words: &str) -> Vec<News> {
        let by = || words.to_owned();
        let item = |title: &str| StuckItem {
            tool: Tool::Rfis,
            title: title.to_owned(),
            reason: words.to_owned(),
        };
        let digest = |held, failed| Digest {
            held,
            failed,
            items: vec![item("Beam"), item(words)],
        };
        let waits = |tool, count| WaitingItems {
            tool,
            count,
            reason: words.to_owned(),
        };
        vec![
            News::Requested { by: by() },
            News::Reminded { by: by() },
            News::Accepted { by: by() },
            News::Declined { by: by() },
            News::Withdrawn { by: by() },
            News::Disconnected { by: by() },
            News::Paused { by: by() },
            News::Resumed { still_paused: false },
            News::Resumed { still_paused: true },
            News::ItemsWait {
                by: by(),
                waiting: vec![waits(Tool::Rfis, 14), waits(Tool::Notes, 1)],
            },
            News::ManagerChosen,
            News::RfiArrived {
                subject: by(),
                left_out: vec!["setup.exe did not come along: this project does not take it".to_owned()],
                reference: "GST-7ZK3M8Q2W9XB".parse().unwrap(),
                copy: ItemId::new(501),
            },
            News::Stuck(digest(12, 0)),
            News::Stuck(digest(0, 1)),
            News::Stuck(digest(1, 1)),
        ]
    }

    #[test]
    fn each_mail_in_words() {
        let mails: Vec<String> = every_kind("Sam Okafor")
            .into_iter()
            .map(|news| about(news).mail(PLACES, None))
            .map(|mail| format!("Subject: {}\n\n{}", mail.subject, mail.text))
            .collect();
        insta::assert_snapshot!(mails.join("\n==========\n"));
    }

    #[test]
    fn a_mail_as_html() {
        let mail = about(News::Stuck(Digest {
            held: 0,
            failed: 1,
            items: vec![StuckItem {
                tool: Tool::Rfis,
                title: "<b>Beam</b>".to_owned(),
                reason: "It is gone".to_owned(),
            }],
        }));
        insta::assert_snapshot!(mail.mail(PLACES, Some("https://gusset.example/emails/x")).html);
    }

    proptest! {
        #[test]
        fn what_people_wrote_is_text_and_nothing_else(
            project in "[<>&\"'a-z \r\n\u{0}\u{202e}]{0,80}", company: String, words in "(<script>|\r\nBcc: eve@evil.example|\\PC|\\p{Cc}){0,20}"
        ) {
            for news in every_kind(&words) {
                let kind = about(news);
                let plain = kind.clone().mail(PLACES, None);
                let hostile = Notification {
                    project: Project { name: project.clone(), ..kind.project },
                    other: Project { name: words.clone(), company_name: company.clone(), ..kind.other },
                    ..kind
                };
                let mail = hostile.mail(PLACES, None);
                prop_assert!(!mail.subject.contains(|c: char| c.is_control() || c == '\u{202e}'), "{:?}", mail.subject);
                prop_assert!(mail.subject.chars().count() < 200);
                // As many tags as in the harmless mail: no name has brought one.
                let brackets = |html: &str| html.matches('<').count();
                prop_assert_eq!(brackets(&mail.html), brackets(&plain.html), "{}", mail.html);
                prop_assert!(!mail.text.contains(|c: char| c.is_control() && c != '\n'), "{:?}", mail.text);
                prop_assert_eq!(mail.text.lines().count(), plain.text.lines().count(), "{:?}", mail.text);
            }
        }
    }
}
