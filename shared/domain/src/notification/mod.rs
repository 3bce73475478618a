//! What people are told by mail, and whom it is for.
//!
//! A change of a connection decides by itself what is told of it ([`caused_by`]), so that no function can make a change
//! and forget the mail. A notification is kept as names and ids; it becomes words when it is sent ([`Mail`]).

mod account;
mod collected;
mod mail;

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use account::{AccountNews, AccountNotice};
pub use collected::collected;
pub(crate) use mail::Letter;
pub use mail::{Mail, Places};

use crate::{
    activity::{Row, groups},
    connection::{Connection, Ending, Pauses, Side, State},
    delivery::{Delivery, Status},
    email::EmailAddress,
    ids::{ConnectionId, ItemId, ProjectId},
    marker::Reference,
    people::{Person, Project},
    send::Tool,
};

/// The least time between two digests to one side of a connection.
const BETWEEN_DIGESTS: Duration = Duration::from_secs(60 * 60);

/// Something that people are told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notification {
    /// Whom it is for.
    pub audience: Audience,
    /// The connection that it is about.
    pub connection: ConnectionId,
    /// The project of those who are told.
    pub project: Project,
    /// The project across.
    pub other: Project,
    /// What happened.
    pub news: News,
}

/// Whom a notification is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// Those who get the project's mails: who that is, is looked up when it is sent.
    Project,
    /// The project's Connected RFI Manager.
    RfiManager(EmailAddress),
}

/// What happened, with the names that those who are told know it by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "happened", rename_all = "snake_case")]
pub enum News {
    /// The other side asks for a connection.
    Requested {
        /// Who asks.
        by: String,
    },
    /// The other side asks once more for an answer.
    Reminded {
        /// Who asked.
        by: String,
    },
    /// The other side accepted.
    Accepted {
        /// Who accepted.
        by: String,
    },
    /// The other side declined.
    Declined {
        /// Who declined.
        by: String,
    },
    /// The other side took its request back.
    Withdrawn {
        /// Who took it back.
        by: String,
    },
    /// The other side ended the connection.
    Disconnected {
        /// Who ended it.
        by: String,
    },
    /// The other side paused the connection.
    Paused {
        /// Who paused it.
        by: String,
    },
    /// The other side lifted its pause.
    Resumed {
        /// Whether this side's own pause goes on.
        still_paused: bool,
    },
    /// The other side reminds of what waits for somebody of this one.
    ItemsWait {
        /// Who reminds.
        by: String,
        /// What waits, a group for each tool and reason.
        waiting: Vec<WaitingItems>,
    },
    /// The person who is told was chosen as Connected RFI Manager.
    ManagerChosen,
    /// An RFI arrived, as a draft of the person who is told.
    RfiArrived {
        /// Its subject.
        subject: String,
        /// The reference in its marker.
        reference: Reference,
        /// Its copy, to which the email leads.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        copy: Option<ItemId>,
        /// What did not come along, a sentence each.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        left_out: Vec<String>,
    },
    /// Items wait for somebody, or could not be delivered.
    Stuck(Digest),
}

/// What has come to a stop on one side of a connection: one mail however many items it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digest {
    /// How many arriving items wait for somebody of this project now.
    pub held: u64,
    /// How many items that this project sent could not be delivered since the last digest.
    pub failed: u64,
    /// Some of them, the newest first.
    pub items: Vec<StuckItem>,
}

/// An item that has come to a stop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StuckItem {
    /// What it is.
    pub tool: Tool,
    /// Its subject or first words.
    pub title: String,
    /// Why it does not go on.
    pub reason: String,
}

/// Items of a tool that wait for the same. Not which ones: whoever is reminded may not see them yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitingItems {
    /// What they are.
    pub tool: Tool,
    /// How many.
    pub count: u64,
    /// For what they wait.
    pub reason: String,
}

/// What of a log waits for somebody of a project, the largest group first.
#[must_use]
pub fn waiting_for(project: ProjectId, log: &[Row]) -> Vec<WaitingItems> {
    let groups = groups(log, project);
    let asked = groups
        .iter()
        .filter(|group| group.rows.iter().all(|row| row.asks() == Some(project)));
    asked
        .map(|group| WaitingItems {
            tool: group.tool,
            count: u64::try_from(group.rows.len()).unwrap_or(u64::MAX),
            reason: group.reason.to_owned(),
        })
        .collect()
}

/// What people have to be told of a change: of a request where there is no connection yet, and of what became of it.
///
/// Who acts knows already: it is the other side that is told, and a Connected RFI Manager from when items travel.
#[must_use]
pub fn caused_by(old: Option<&Connection>, new: &Connection) -> Vec<Notification> {
    let of_state = match (old.map(|old| &old.state), &new.state) {
        (None, State::Asked { .. }) => Some((Side::Recipient, News::Requested { by: asker(new) })),
        (Some(State::Asked { last_reminder: before }), State::Asked { last_reminder }) if before != last_reminder => {
            Some((Side::Recipient, News::Reminded { by: asker(new) }))
        }
        (Some(State::Asked { .. }), State::Connected { accepted, .. }) => {
            let by = accepted.by.name.clone();
            Some((Side::Requester, News::Accepted { by }))
        }
        (
            Some(State::Asked { .. } | State::Connected { .. }),
            State::Ended {
                ended, ending, by_side, ..
            },
        ) => {
            let by = ended.by.name.clone();
            let news = match ending {
                Ending::Declined => News::Declined { by },
                Ending::Withdrawn => News::Withdrawn { by },
                Ending::Disconnected => News::Disconnected { by },
            };
            Some((by_side.other(), news))
        }
        (Some(State::Connected { paused: before, .. }), State::Connected { paused, .. }) => pause(before, paused),
        _ => None,
    };
    let of_state = of_state.map(|(side, news)| tell(new, side, Audience::Project, news));
    let of_managers = [Side::Requester, Side::Recipient]
        .into_iter()
        .filter_map(|side| manager_chosen(old, new, side));
    of_state.into_iter().chain(of_managers).collect()
}

/// The pause that was made or lifted, told to the side that did not. Who lifted it is not kept: the side is told, not the person.
fn pause(before: &Pauses, now: &Pauses) -> Option<(Side, News)> {
    [Side::Requester, Side::Recipient].into_iter().find_map(|side| {
        let news = match (before.of(side), now.of(side)) {
            (None, Some(stamp)) => News::Paused {
                by: stamp.by.name.clone(),
            },
            (Some(_), None) => News::Resumed {
                still_paused: now.of(side.other()).is_some(),
            },
            _ => return None,
        };
        Some((side.other(), news))
    })
}

fn asker(connection: &Connection) -> String {
    connection.asked.by.name.clone()
}

/// Somebody who was chosen before the connection was made is told once it is: until then nothing arrives.
fn manager_chosen(old: Option<&Connection>, new: &Connection, side: Side) -> Option<Notification> {
    new.connected_since()?;
    let manager = new.party(side).rfi_manager()?;
    let before = old
        .filter(|old| old.connected_since().is_some())
        .and_then(|old| old.party(side).rfi_manager());
    if before.is_some_and(|before| before.person.id == manager.person.id) {
        return None;
    }
    let email = manager.email.clone()?;
    Some(tell(new, side, Audience::RfiManager(email), News::ManagerChosen))
}

fn tell(connection: &Connection, side: Side, audience: Audience, news: News) -> Notification {
    Notification {
        audience,
        connection: connection.id,
        project: connection.party(side).project.clone(),
        other: connection.party(side.other()).project.clone(),
        news,
    }
}

impl Notification {
    /// Whether it tells of items, which each person can have told as often as that person chooses.
    #[must_use]
    pub fn is_about_items(&self) -> bool {
        matches!(self.news, News::RfiArrived { .. } | News::Stuck(_))
    }

    /// That an item arrived, where that is told: an RFI's arrival is, to its Connected RFI Manager, or, where Procore gives
    /// no address of that person, to those who get the project's mails. A Site Diary entry's is not: it is a record of
    /// the day, and asks nobody for anything.
    #[must_use]
    pub fn arrived(connection: &Connection, delivery: &Delivery) -> Option<Self> {
        let to = delivery.job.to;
        let manager = connection.party(to).rfi_manager();
        let audience = manager
            .and_then(|manager| manager.email.clone())
            .map_or(Audience::Project, Audience::RfiManager);
        let news = News::RfiArrived {
            subject: delivery.title.clone(),
            reference: delivery.reference.clone(),
            copy: match delivery.status {
                Status::Delivered { copy } => Some(copy),
                _ => None,
            },
            left_out: delivery.completeness.left_out.iter().map(ToString::to_string).collect(),
        };
        (delivery.job.tool == Tool::Rfis).then(|| tell(connection, to, audience, news))
    }

    /// That items wait for the other side, of which a person on `side` reminds it.
    #[must_use]
    pub fn items_wait(connection: &Connection, side: Side, by: &Person, waiting: Vec<WaitingItems>) -> Self {
        let by = by.name.clone();
        tell(
            connection,
            side.other(),
            Audience::Project,
            News::ItemsWait { by, waiting },
        )
    }

    /// That items have come to a stop. Nothing is told of what goes on again by now.
    #[must_use]
    pub fn stuck(connection: &Connection, side: Side, digest: Digest) -> Option<Self> {
        (digest.held + digest.failed > 0).then(|| tell(connection, side, Audience::Project, News::Stuck(digest)))
    }
}

/// When a digest is to be sent of what began to come to a stop at `since`: once more of the same has had time to `gather`,
/// and an hour after the digest before.
#[must_use]
pub fn digest_due(since: Timestamp, last_digest: Option<Timestamp>, gather: Duration) -> Timestamp {
    let later = |time: Timestamp, by| time.saturating_add(by).unwrap_or(Timestamp::MAX);
    let gathered = later(since, gather);
    last_digest.map_or(gathered, |last| gathered.max(later(last, BETWEEN_DIGESTS)))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{
        connection::{AccountSeeds, Change, ReviewChoice, RfiReview, ServiceUsers, Terms},
        delivery::Job,
        ids::{CompanyId, UserId},
        people::{Actor, RfiManager},
        service_account::Seed,
    };

    fn seeds() -> AccountSeeds {
        AccountSeeds {
            requester: Seed(1),
            recipient: Seed(2),
        }
    }

    fn project(id: u64, name: &str, company_name: &str) -> Project {
        Project {
            id: ProjectId::new(id).unwrap(),
            name: name.to_owned(),
            company_id: CompanyId::new(id).unwrap(),
            company_name: company_name.to_owned(),
        }
    }

    fn person(id: u64, name: &str) -> Person {
        Person {
            id: UserId::new(id).unwrap(),
            name: name.to_owned(),
        }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn managed_by(id: u64, email: Option<&str>) -> Terms {
        let manager = RfiManager {
            person: person(id, "Omar"),
            email: email.map(|email| email.parse().unwrap()),
        };
        Terms {
            review: Some(ReviewChoice::Becomes(RfiReview::Manager(manager))),
            ..Terms::default()
        }
    }

    fn asked() -> Connection {
        Connection::ask(
            ConnectionId(Uuid::nil()),
            project(30001, "Pier 9 Electrical", "Southside"),
            project(20001, "Pier 9", "Harbour"),
            managed_by(8, Some("rita@south.example")),
            Actor {
                by: person(1, "Sam"),
                at: at(0),
            },
        )
        .unwrap()
    }

    fn told(old: Option<&Connection>, new: &Connection) -> Vec<(u64, Audience, News)> {
        caused_by(old, new)
            .into_iter()
            .map(|told| {
                assert_ne!(told.project.id, told.other.id);
                (told.project.id.get(), told.audience, told.news)
            })
            .collect()
    }

    fn manager(email: &str) -> Audience {
        Audience::RfiManager(email.parse().unwrap())
    }

    #[test]
    fn the_side_that_did_not_act_is_told() {
        let (sam, gina) = (person(1, "Sam"), person(2, "Gina"));
        let (by_sam, by_gina) = (|| "Sam".to_owned(), || "Gina".to_owned());
        let asked = asked();
        assert_eq!(
            told(None, &asked),
            [(20001, Audience::Project, News::Requested { by: by_sam() })]
        );
        let reminded = asked.change(Side::Requester, Change::Remind, &sam, at(1)).unwrap();
        assert_eq!(
            told(Some(&asked), &reminded),
            [(20001, Audience::Project, News::Reminded { by: by_sam() })]
        );
        let declined = asked.change(Side::Recipient, Change::Decline, &gina, at(1)).unwrap();
        assert_eq!(
            told(Some(&asked), &declined),
            [(30001, Audience::Project, News::Declined { by: by_gina() })]
        );
        let withdrawn = asked.change(Side::Requester, Change::Disconnect, &sam, at(1)).unwrap();
        assert_eq!(
            told(Some(&asked), &withdrawn),
            [(20001, Audience::Project, News::Withdrawn { by: by_sam() })]
        );

        let terms = managed_by(9, Some("omar@harbour.example"));
        let connected = asked
            .change(
                Side::Recipient,
                Change::Accept(terms, seeds(), ServiceUsers::default()),
                &gina,
                at(1),
            )
            .unwrap();
        assert_eq!(
            told(Some(&asked), &connected),
            [
                (30001, Audience::Project, News::Accepted { by: by_gina() }),
                (30001, manager("rita@south.example"), News::ManagerChosen),
                (20001, manager("omar@harbour.example"), News::ManagerChosen),
            ]
        );
        let over = |side, by: &Person| connected.change(side, Change::Disconnect, by, at(2)).unwrap();
        assert_eq!(
            told(Some(&connected), &over(Side::Recipient, &gina)),
            [(30001, Audience::Project, News::Disconnected { by: by_gina() })]
        );
        assert_eq!(
            told(Some(&connected), &over(Side::Requester, &sam)),
            [(20001, Audience::Project, News::Disconnected { by: by_sam() })]
        );
    }

    #[test]
    fn a_pause_and_its_end_are_told_to_the_other_side() {
        let (sam, gina) = (person(1, "Sam"), person(2, "Gina"));
        let accept = Change::Accept(Terms::default(), seeds(), ServiceUsers::default());
        let connected = asked().change(Side::Recipient, accept, &gina, at(1)).unwrap();
        let change = |connection: &Connection, side, change, by: &Person| {
            let next = connection.change(side, change, by, at(2)).unwrap();
            let told = told(Some(connection), &next);
            (next, told)
        };
        let by = |person: &Person| person.name.clone();
        let (paused, news) = change(&connected, Side::Recipient, Change::Pause, &gina);
        assert_eq!(news, [(30001, Audience::Project, News::Paused { by: by(&gina) })]);
        let (both, news) = change(&paused, Side::Requester, Change::Pause, &sam);
        assert_eq!(news, [(20001, Audience::Project, News::Paused { by: by(&sam) })]);
        let (one, news) = change(&both, Side::Recipient, Change::Resume, &gina);
        assert_eq!(news, [(30001, Audience::Project, News::Resumed { still_paused: true })]);
        let (_, news) = change(&one, Side::Requester, Change::Resume, &sam);
        assert_eq!(
            news,
            [(20001, Audience::Project, News::Resumed { still_paused: false })]
        );
    }

    #[test]
    fn a_digest_waits_for_more_of_the_same_and_comes_once_an_hour() {
        let gather = Duration::from_secs(300);
        assert_eq!(digest_due(at(0), None, gather), at(300));
        assert_eq!(digest_due(at(400), Some(at(310)), gather), at(310 + 3_600));
        assert_eq!(digest_due(at(9_000), Some(at(310)), gather), at(9_300));
    }

    #[test]
    fn what_goes_on_again_is_not_told() {
        let digest = |held, failed| Digest {
            held,
            failed,
            items: Vec::new(),
        };
        assert_eq!(Notification::stuck(&asked(), Side::Recipient, digest(0, 0)), None);
        let told = Notification::stuck(&asked(), Side::Recipient, digest(1, 0)).unwrap();
        assert_eq!((told.project.id.get(), told.audience), (20001, Audience::Project));
    }

    #[test]
    fn a_manager_is_told_once_and_another_one_anew() {
        let gina = person(2, "Gina");
        let accept = Change::Accept(
            managed_by(9, Some("omar@harbour.example")),
            seeds(),
            ServiceUsers::default(),
        );
        let connected = asked().change(Side::Recipient, accept, &gina, at(1)).unwrap();
        let settle = |terms| {
            connected
                .change(Side::Recipient, Change::Settle(terms), &gina, at(2))
                .unwrap()
        };
        assert_eq!(
            told(Some(&connected), &settle(managed_by(9, Some("omar@harbour.example")))),
            []
        );
        assert_eq!(told(Some(&connected), &settle(Terms::default())), []);
        assert_eq!(
            told(Some(&connected), &settle(managed_by(10, None))),
            [],
            "there is no address to write to"
        );
        assert_eq!(
            told(Some(&connected), &settle(managed_by(10, Some("pia@harbour.example")))),
            [(20001, manager("pia@harbour.example"), News::ManagerChosen)]
        );
        let arrives = |connection: &Connection, tool| {
            let job = Job::over(connection, Side::Recipient, tool, ItemId::new(501).unwrap());
            Notification::arrived(connection, &Delivery::new(job, at(3))).map(|told| told.audience)
        };
        assert_eq!(arrives(&connected, Tool::Rfis), Some(manager("omar@harbour.example")));
        assert_eq!(
            arrives(&settle(managed_by(10, None)), Tool::Rfis),
            Some(Audience::Project)
        );
        for diary in [Tool::WorkingHours, Tool::Notes] {
            assert_eq!(
                arrives(&connected, diary),
                None,
                "a day's record asks nobody for anything"
            );
        }
    }
}
