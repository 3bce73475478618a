//! What an hour or a day brought, in one mail to one person.

use super::{
    Mail, News, Notification, Places,
    mail::{Item, Letter, Section, add, name, short, stuck},
};
use crate::{people::Project, procore_pages};
use gusset_words::say;

/// The mail with all that `news` tells of one project's items. None where that is nothing.
#[must_use]
pub fn collected(project: &Project, news: &[Notification], places: Places<'_>, choice: Option<&str>) -> Option<Mail> {
    let footer = news.first()?.footer();
    let (mut arrived, mut stopped) = (0, 0);
    let (mut of_arrived, mut of_stopped) = (Vec::new(), Vec::new());
    for told in news {
        match &told.news {
            News::RfiArrived { subject, left_out, .. } => {
                arrived += 1;
                let (theirs, company) = (name(&told.other.name), name(&told.other.company_name));
                let subject = name(subject);
                let item = Item {
                    words: if left_out.is_empty() {
                        subject
                    } else {
                        say!("email-collected-in-part", subject = subject)
                    },
                    address: Some(told.link(places)),
                };
                add(
                    &mut of_arrived,
                    say!("email-collected-from", theirs = theirs, company = company),
                    item,
                );
            }
            News::Stuck(digest) => {
                stopped += digest.held + digest.failed;
                let letter = stuck(digest, &told.project, &told.other);
                let heading = letter.paragraphs.join(" ");
                of_stopped.push(Section {
                    heading,
                    items: Vec::new(),
                });
                of_stopped.extend(letter.sections);
            }
            _ => {}
        }
    }
    let ours = short(&project.name);
    let arrivals = || say!("email-collected-arrived", count = arrived, ours = ours.as_str());
    let subject = match (arrived, stopped) {
        (0, 0) => return None,
        (_, 0) => arrivals(),
        (0, _) => say!("email-collected-stopped", count = stopped, ours = ours),
        _ => say!(
            "email-collected-both",
            arrived = arrivals(),
            stopped = say!("email-collected-stopped-too", count = stopped)
        ),
    };
    let only_rfis = stopped == 0;
    let letter = Letter {
        subject,
        paragraphs: vec![say!("email-collected", ours = name(&project.name))],
        sections: of_arrived.into_iter().chain(of_stopped).collect(),
        invitation: if only_rfis {
            say!("email-link-rfis")
        } else {
            say!("email-link-stopped")
        },
    };
    let link = if only_rfis {
        procore_pages::rfis(places.procore, project.id)
    } else {
        format!("{}/projects/{}", places.gusset, project.id)
    };
    Some(letter.mail_by_choice(&link, &footer, choice))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{
        ids::{CompanyId, ConnectionId, ItemId, ProjectId},
        notification::{Audience, Digest, StuckItem},
        send::Tool,
    };

    fn project(id: u64, name: &str, company_name: &str) -> Project {
        Project {
            id: ProjectId::new(id).unwrap(),
            name: name.to_owned(),
            company_id: CompanyId::new(id).unwrap(),
            company_name: company_name.to_owned(),
        }
    }

    #[test]
    fn all_that_came_is_one_mail_by_sender_and_reason() {
        let ours = project(1, "Pier 9 Tower", "Harbour");
        let told = |other: Project, news| Notification {
            audience: Audience::Project,
            connection: ConnectionId(Uuid::nil()),
            project: project(1, "Pier 9 Tower", "Harbour"),
            other,
            news,
        };
        let electrical = || project(2, "Pier 9 Electrical", "Southside");
        let rfi = |other, subject: &str, copy, left_out: &[&str]| {
            let left_out = left_out.iter().map(|&words| words.to_owned()).collect();
            let news = News::RfiArrived {
                subject: subject.to_owned(),
                reference: "GST-7ZK3M8Q2W9XB".parse().unwrap(),
                copy: ItemId::new(copy),
                left_out,
            };
            told(other, news)
        };
        let item = |title: &str| StuckItem {
            tool: Tool::Notes,
            title: title.to_owned(),
            reason: "The day is closed".to_owned(),
        };
        let digest = Digest {
            held: 2,
            failed: 0,
            items: vec![item("Rain"), item("Wind")],
        };
        let news = [
            rfi(electrical(), "Beam", 501, &[]),
            rfi(
                project(3, "Pier 9 Water", "Clear"),
                "Riser",
                502,
                &["setup.exe did not come along"],
            ),
            rfi(electrical(), "Conduit", 503, &[]),
            told(electrical(), News::Stuck(digest)),
        ];
        let places = Places {
            gusset: "https://gusset.example",
            procore: "https://procore.example",
        };
        let mail = |news: &[Notification]| collected(&ours, news, places, Some("https://gusset.example/emails/x"));
        assert_eq!(mail(&[]), None);
        assert_eq!(mail(&news[..3]).unwrap().subject, "3 RFIs arrived in Pier 9 Tower");
        assert_eq!(mail(&news[3..]).unwrap().subject, "2 items to look at in Pier 9 Tower");
        let mail = mail(&news).unwrap();
        assert_eq!(mail.unsubscribe.as_deref(), Some("https://gusset.example/emails/x"));
        insta::assert_snapshot!(format!("Subject: {}\n\n{}", mail.subject, mail.text));
    }
}
