//! A notification in words: subject, text and HTML, all three from one letter, so that they cannot say different things.
//! Other mails are such letters, too.
//!
//! Names and subjects were written by people of another company. They go through [`names::defanged`]: one line each, which can
//! neither end a header nor turn its direction nor become a link. In the HTML they are escaped as well.

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
                format!("{short_theirs} asks to connect to {short_ours}"),
                vec![
                    format!("{} of {company} asks to connect the project {theirs} to your project {ours}.", name(by)),
                    "If you accept, RFIs and Site Diary entries can be sent from one project to the other. Nothing leaves \
                     your project unless somebody of your company chooses to send it."
                        .to_owned(),
                ],
                "Accept or decline the request",
            ),
            News::Reminded { by } => letter(
                format!("Reminder: {short_theirs} asks to connect to {short_ours}"),
                vec![
                    format!(
                        "{company} still waits for an answer: {} asked to connect the project {theirs} to your project {ours}.",
                        name(by)
                    ),
                    "If you do not want the connection, decline it, and no more reminders come.".to_owned(),
                ],
                "Accept or decline the request",
            ),
            News::Accepted { by } => letter(
                format!("{short_ours} is connected to {short_theirs}"),
                vec![
                    format!("{} of {company} has accepted your request to connect {ours} to {theirs}.", name(by)),
                    "From now on your project sends what you chose to send. RFIs that arrive go to your Connected RFI \
                     Manager; until you choose one, they wait."
                        .to_owned(),
                ],
                "See the connection",
            ),
            News::Declined { by } => letter(
                format!("{short_theirs} declined to connect to {short_ours}"),
                vec![
                    format!("{} of {company} has declined your request to connect {ours} to {theirs}.", name(by)),
                    "Nothing was sent. You can ask again at any time.".to_owned(),
                ],
                "See your connections",
            ),
            News::Withdrawn { by } => letter(
                format!("{short_theirs} no longer asks to connect to {short_ours}"),
                vec![
                    format!("{} of {company} has withdrawn the request to connect {theirs} to {ours}.", name(by)),
                    "There is nothing left for you to do.".to_owned(),
                ],
                "See your connections",
            ),
            News::Disconnected { by } => letter(
                format!("{short_theirs} is disconnected from {short_ours}"),
                vec![
                    format!("{} of {company} has ended the connection between {ours} and {theirs}.", name(by)),
                    "What was copied stays in both projects. What was still on its way is not sent any more.".to_owned(),
                ],
                "See your connections",
            ),
            News::Paused { by } => letter(
                format!("{short_theirs} paused its connection with {short_ours}"),
                vec![
                    format!("{} of {company} has paused the connection between {ours} and {theirs}.", name(by)),
                    format!(
                        "What is new in either project waits until {theirs} resumes the connection, and nothing is lost. There is \
                         nothing for you to do."
                    ),
                ],
                "See the connection",
            ),
            News::Resumed { still_paused } => letter(
                format!("{short_theirs} resumed its connection with {short_ours}"),
                vec![
                    format!("{theirs} of {company} has resumed the connection between {ours} and {theirs}."),
                    if *still_paused {
                        format!("Your project {ours} has paused it, too: what is new waits until you resume it.")
                    } else {
                        "What waited for that is being sent now.".to_owned()
                    },
                ],
                "See the connection",
            ),
            News::ItemsWait { by, waiting } => items_wait(&self.project, &self.other, by, waiting),
            News::ManagerChosen => letter(
                format!("You receive the RFIs that {short_theirs} sends to {short_ours}"),
                vec![
                    format!(
                        "You are the Connected RFI Manager of {ours} for its connection with {theirs} of {company}."
                    ),
                    "Each RFI that arrives is a draft with you as its manager: review it in Procore, give it a number and \
                     open it. You get a mail for each."
                        .to_owned(),
                ],
                "Open the RFIs in Procore",
            ),
            News::RfiArrived {
                subject,
                reference,
                copy,
                left_out,
            } => Letter {
                sections: not_copied(left_out),
                ..letter(
                    format!("RFI from {short_theirs}: {}", short(subject)),
                    vec![
                        format!("An RFI from {theirs} of {company} has arrived in {ours}: {}", name(subject)),
                        format!(
                            "It is a draft: review it in Procore, give it a number and open it. Its reference is {reference}."
                        ),
                    ],
                    match copy {
                        Some(_) => "Open it in Procore",
                        None => "See where it came from",
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
            Audience::Project => format!(
                "You get this mail because you opened the Project Connections page of {ours}, or somebody put you on its \
                 list. An admin of the project can change who gets these mails."
            ),
            Audience::RfiManager(_) => format!(
                "You get this mail because you are a Connected RFI Manager of {ours}. An admin of the project can choose \
                 another one."
            ),
        }
    }
}

pub(super) fn stuck(digest: &Digest, project: &Project, other: &Project) -> Letter {
    let theirs = name(&other.name);
    let mut paragraphs = Vec::new();
    if digest.held > 0 {
        paragraphs.push(format!(
            "{} for somebody of your project {}, in its connection with {theirs} of {}.",
            count(digest.held, "item waits", "items wait"),
            name(&project.name),
            name(&other.company_name),
        ));
    }
    if digest.failed > 0 {
        paragraphs.push(format!(
            "{} from your project {} could not be delivered to {theirs} of {}.",
            count(digest.failed, "item", "items"),
            name(&project.name),
            name(&other.company_name),
        ));
    }
    let mut sections: Vec<Section> = Vec::new();
    for item in &digest.items {
        let line = format!("{}: {}", item.tool.title(), name(&item.title));
        add(&mut sections, sentence(&item.reason), line);
    }
    let listed = sections.iter().map(|section| section.items.len()).sum::<usize>();
    let all = digest.held + digest.failed;
    if listed > 0 && u64::try_from(listed).is_ok_and(|listed| listed < all) {
        paragraphs.push("The latest of them:".to_owned());
    }
    let (ours, theirs) = (short(&project.name), short(&other.name));
    let subject = if digest.failed == 0 {
        format!(
            "{} for somebody of {ours}",
            count(digest.held, "item waits", "items wait")
        )
    } else if digest.held == 0 {
        format!(
            "{} from {ours} not delivered to {theirs}",
            count(digest.failed, "item", "items")
        )
    } else {
        format!("{} to look at between {ours} and {theirs}", count(all, "item", "items"))
    };
    Letter {
        subject,
        paragraphs,
        sections,
        invitation: "See what to do about it",
    }
}

fn items_wait(project: &Project, other: &Project, by: &str, waiting: &[WaitingItems]) -> Letter {
    let (ours, theirs, company) = (name(&project.name), name(&other.name), name(&other.company_name));
    let all = count(
        waiting.iter().map(|group| group.count).sum(),
        "item waits",
        "items wait",
    );
    let mut sections = Vec::new();
    for group in waiting {
        let (one, more) = group.tool.counted();
        add(&mut sections, sentence(&group.reason), count(group.count, one, more));
    }
    Letter {
        subject: format!("Reminder: {all} for somebody of {}", short(&project.name)),
        paragraphs: vec![format!(
            "{} of {company} reminds you: {all} for somebody of your project {ours}, in its connection with {theirs}.",
            name(by)
        )],
        sections,
        invitation: "See what to do about it",
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
        add(&mut sections, "Not all of it came along:".to_owned(), sentence(words));
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

pub(super) fn count(number: u64, one: &str, more: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { more })
}

pub(super) fn name(written: &str) -> String {
    names::defanged(written, LONGEST)
}

pub(super) fn short(written: &str) -> String {
    names::defanged(written, LONGEST_IN_SUBJECT)
}

/// What the link to the choice says.
const CHOOSE: &str = "Choose how often you get these emails";

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
    let choice = choice.map(|choice| format!("\n{CHOOSE}:\n{choice}\n"));
    format!(
        "{text}\n\n{}:\n{link}\n\n-- \n{footer}\n{}",
        letter.invitation,
        choice.unwrap_or_default()
    )
}

fn as_html(letter: &Letter, link: &str, footer: &str, choice: Option<&str>) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
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
                    @if let Some(choice) = choice { " " a href=(choice) { (CHOOSE) } }
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
