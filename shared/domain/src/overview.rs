//! What a person's list of projects says of each: how it is connected, what went over in the last days, and what waits for
//! somebody of it.

use gusset_words::say;
use jiff::Timestamp;

use crate::{
    activity::{Row, StatusName},
    connection::{Connection, Status},
    delivery::{Waiting, WaitsFor},
    ids::{ConnectionId, ProjectId},
    people::Project,
    send::Tool,
};

/// The days of which a list counts what was sent and received.
pub const DAYS: u8 = 7;

/// What went over a connection lately, as one side sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Traffic {
    /// Items of this side that arrived in the other project.
    pub sent: u32,
    /// Items of the other side that arrived in this project.
    pub received: u32,
    /// Items of either that failed.
    pub failed: u32,
    /// When anything last happened.
    pub latest: Option<Timestamp>,
}

/// A connection with all that its line in a list is made from.
#[derive(Debug, Clone)]
pub struct Looked {
    /// The connection.
    pub connection: Connection,
    /// What waits between its two projects.
    pub waiting: Vec<Waiting>,
    /// What went over it.
    pub traffic: Traffic,
}

/// What somebody of a project has to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// Answer a request.
    Answer,
    /// Choose a Connected RFI Manager, for whom so many RFIs wait.
    ChooseManager(u32),
    /// See to so many other items, each of which says what it waits for.
    Release(u32),
    /// Look at so many items that failed.
    Inspect(u32),
}

impl Need {
    /// How many things wait for it.
    #[must_use]
    pub fn count(self) -> u32 {
        match self {
            Self::Answer => 1,
            Self::ChooseManager(count) | Self::Release(count) | Self::Inspect(count) => count,
        }
    }
}

/// Something that somebody of a project has to do about one of its connections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// The connection.
    pub connection: ConnectionId,
    /// The project across.
    pub other: Project,
    /// What is to be done.
    pub need: Need,
}

/// A project's line in the list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Overview {
    /// The projects that it is connected with, by name.
    pub connected: Vec<String>,
    /// Requests of its own that were not answered yet.
    pub asked: u32,
    /// What its people have to do, the most pressing first.
    pub tasks: Vec<Task>,
    /// What went over all its connections.
    pub traffic: Traffic,
}

impl Overview {
    /// The line of a project, from its live connections.
    #[must_use]
    pub fn of(project: ProjectId, connections: &[Looked]) -> Self {
        let mut overview = Self::default();
        for looked in connections {
            let Some(side) = looked.connection.side_of(project) else {
                continue;
            };
            let other = &looked.connection.party(side.other()).project;
            let needs = match looked.connection.status(side) {
                Status::RequestPending => vec![Need::Answer],
                Status::AwaitingResponse => {
                    overview.asked += 1;
                    Vec::new()
                }
                Status::Connected => {
                    overview.connected.push(other.name.clone());
                    overview.traffic.add(looked.traffic);
                    needs(project, looked)
                }
                Status::Ended => Vec::new(),
            };
            overview.tasks.extend(needs.into_iter().map(|need| Task {
                connection: looked.connection.id,
                other: other.clone(),
                need,
            }));
        }
        overview.tasks.sort_by_key(|task| task.need);
        overview
    }

    /// Whether one connection is all there is, and no request waits for an answer from either side.
    #[must_use]
    pub fn has_one_connection(&self) -> bool {
        self.connected.len() == 1 && self.asked == 0 && self.requests() == 0
    }

    /// Requests that wait for an answer.
    #[must_use]
    pub fn requests(&self) -> usize {
        self.tasks.iter().filter(|task| task.need == Need::Answer).count()
    }

    /// How many things wait for somebody of the project.
    #[must_use]
    pub fn needs(&self) -> u32 {
        self.tasks.iter().map(|task| task.need.count()).sum()
    }
}

impl Traffic {
    /// What rows of a log say, as a project's side sees them.
    #[must_use]
    pub fn of(project: ProjectId, rows: &[Row]) -> Self {
        let mut traffic = Self::default();
        for row in rows {
            match row.status {
                StatusName::Delivered if row.source == project => traffic.sent += 1,
                StatusName::Delivered => traffic.received += 1,
                StatusName::Failed => traffic.failed += 1,
                _ => {}
            }
            traffic.latest = traffic.latest.max(Some(row.changed_at));
        }
        traffic
    }

    fn add(&mut self, other: Self) {
        self.sent += other.sent;
        self.received += other.received;
        self.failed += other.failed;
        self.latest = self.latest.max(other.latest);
    }
}

fn needs(project: ProjectId, looked: &Looked) -> Vec<Need> {
    let (mut managers, mut others) = (0, 0);
    for waiting in looked.waiting.iter().filter(|waiting| waiting.asks() == Some(project)) {
        match (waiting.waits_for, waiting.job.tool) {
            (Some(WaitsFor::Manager), Tool::Rfis) => managers += 1,
            _ => others += 1,
        }
    }
    let needs = [
        Need::ChooseManager(managers),
        Need::Release(others),
        Need::Inspect(looked.traffic.failed),
    ];
    needs.into_iter().filter(|need| need.count() > 0).collect()
}

/// Which lines of the list are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Show {
    /// All.
    #[default]
    All,
    /// Where something waits for somebody of the project.
    NeedsYou,
    /// Where a request waits for an answer.
    Requests,
    /// Where nothing is connected.
    NotConnected,
}

impl Show {
    /// Every choice, in the order in which pages list them.
    pub const ALL: [Self; 4] = [Self::All, Self::NeedsYou, Self::Requests, Self::NotConnected];

    /// The name in addresses.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::NeedsYou => "needs-you",
            Self::Requests => "requests",
            Self::NotConnected => "not-connected",
        }
    }

    /// The name on pages.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::All => say!("show-all"),
            Self::NeedsYou => say!("show-needs-you"),
            Self::Requests => say!("show-requests"),
            Self::NotConnected => say!("show-not-connected"),
        }
    }

    /// The choice of this name; all lines for any other.
    #[must_use]
    pub fn named(name: Option<&str>) -> Self {
        let found = Self::ALL.into_iter().find(|show| Some(show.as_str()) == name);
        found.unwrap_or_default()
    }

    /// Whether a line is shown. One that is still to be filled is none, and is among all lines only.
    #[must_use]
    pub fn has(self, line: Option<&Overview>) -> bool {
        match (self, line) {
            (Self::All, _) => true,
            (_, None) => false,
            (Self::NeedsYou, Some(line)) => line.needs() > 0,
            (Self::Requests, Some(line)) => line.requests() > 0,
            (Self::NotConnected, Some(line)) => line.connected.is_empty(),
        }
    }
}

/// Whether a project, with those that it is connected with or that wait for it, has all words of a search in its names.
#[must_use]
pub fn is_like(project: &Project, line: Option<&Overview>, search: &str) -> bool {
    let mut names = format!("{} {}", project.name, project.company_name);
    if let Some(line) = line {
        let others = line.tasks.iter().map(|task| &task.other.name);
        for name in line.connected.iter().chain(others) {
            names.push(' ');
            names.push_str(name);
        }
    }
    let names = names.to_lowercase();
    search
        .to_lowercase()
        .split_whitespace()
        .all(|word| names.contains(word))
}

#[cfg(test)]
mod tests {
    use jiff::civil::Date;
    use uuid::Uuid;

    use super::*;
    use crate::{
        connection::{Ending, Party, Pauses, RfiReview, Side, State},
        delivery::{Delivery, Job},
        ids::{CompanyId, ItemId, UserId},
        people::{Actor, Person},
        send::SendModes,
        service_account::Holding,
    };

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn project(id: u64, name: &str) -> Project {
        Project {
            id: ProjectId::new(id).unwrap(),
            name: name.to_owned(),
            company_id: CompanyId::new(7).unwrap(),
            company_name: "Harbour".to_owned(),
        }
    }

    fn stamp() -> Actor {
        let by = Person {
            id: UserId::new(1).unwrap(),
            name: "Gina".to_owned(),
        };
        Actor { by, at: at(1) }
    }

    fn connected() -> Looked {
        looked(State::Connected {
            accepted: stamp(),
            paused: Pauses::default(),
        })
    }

    fn looked(state: State) -> Looked {
        let party = |id, name| Party {
            project: project(id, name),
            send: SendModes::default(),
            automatic_since: std::collections::BTreeMap::new(),
            rfi_review: RfiReview::NotChosen,
            accepts_rfis_since: None,
            service_account: Holding::None,
            service_user: None,
        };
        Looked {
            connection: Connection {
                id: ConnectionId(Uuid::nil()),
                version: 1,
                requester: party(1, "Tower"),
                recipient: party(2, "Structure"),
                asked: stamp(),
                state,
            },
            waiting: Vec::new(),
            traffic: Traffic::default(),
        }
    }

    fn waits(to: Side, tool: Tool, waits_for: Option<WaitsFor>) -> Waiting {
        let ids = [1, 2].map(|id| ProjectId::new(id).unwrap());
        let (source, target) = match to {
            Side::Recipient => (ids[0], ids[1]),
            Side::Requester => (ids[1], ids[0]),
        };
        let job = Job {
            connection: ConnectionId(Uuid::nil()),
            to,
            tool,
            source,
            target,
            item: ItemId::new(5).unwrap(),
            repeat: 0,
            by_hand: false,
            may_be_private: false,
        };
        Waiting {
            job,
            waits_for,
            day: None::<Date>,
            since: at(2),
        }
    }

    fn of(id: u64, looked: &Looked) -> Overview {
        Overview::of(ProjectId::new(id).unwrap(), std::slice::from_ref(looked))
    }

    #[test]
    fn a_request_is_for_the_project_that_was_asked() {
        let asked = looked(State::Asked { last_reminder: None });
        let (requester, recipient) = (of(1, &asked), of(2, &asked));
        assert_eq!((requester.asked, requester.requests(), requester.needs()), (1, 0, 0));
        assert_eq!((recipient.asked, recipient.requests(), recipient.needs()), (0, 1, 1));
        assert_eq!(recipient.tasks[0].other.name, "Tower");
        assert!(Show::Requests.has(Some(&recipient)) && Show::NotConnected.has(Some(&recipient)));
        assert!(!Show::Requests.has(Some(&requester)));
    }

    #[test]
    fn what_waits_counts_for_the_side_that_can_do_something_about_it() {
        let mut connected = connected();
        connected.waiting = vec![
            waits(Side::Recipient, Tool::Rfis, Some(WaitsFor::Manager)),
            waits(Side::Recipient, Tool::Rfis, Some(WaitsFor::Manager)),
            waits(Side::Recipient, Tool::Notes, Some(WaitsFor::Approval)),
            waits(Side::Requester, Tool::Notes, Some(WaitsFor::OpenDay)),
            waits(Side::Recipient, Tool::Rfis, Some(WaitsFor::ResumeBySource)),
            waits(Side::Recipient, Tool::Rfis, None),
        ];
        connected.traffic.failed = 3;
        let (tower, structure) = (of(1, &connected), of(2, &connected));
        let needs = |overview: &Overview| overview.tasks.iter().map(|task| task.need).collect::<Vec<_>>();
        assert_eq!(needs(&tower), [Need::Release(2), Need::Inspect(3)]);
        assert_eq!(needs(&structure), [Need::ChooseManager(2), Need::Inspect(3)]);
        assert_eq!((tower.needs(), structure.needs()), (5, 5));
        assert_eq!(tower.connected, ["Structure"]);
        assert!(Show::NeedsYou.has(Some(&tower)) && !Show::NotConnected.has(Some(&tower)));
    }

    #[test]
    fn what_went_over_is_added_up_and_what_has_ended_is_left_out() {
        let mut connected = connected();
        connected.traffic = Traffic {
            sent: 2,
            received: 3,
            failed: 0,
            latest: Some(at(9)),
        };
        let ended = looked(State::Ended {
            accepted: None,
            ended: stamp(),
            ending: Ending::Declined,
            by_side: Side::Recipient,
        });
        let all = [connected.clone(), connected, ended];
        let overview = Overview::of(ProjectId::new(1).unwrap(), &all);
        assert_eq!((overview.traffic.sent, overview.traffic.received), (4, 6));
        assert_eq!(overview.traffic.latest, Some(at(9)));
        assert_eq!((overview.connected.len(), overview.needs()), (2, 0));
        assert!(!overview.has_one_connection() && of(1, &all[0]).has_one_connection());
    }

    #[test]
    fn rows_of_a_log_count_by_where_they_go_and_what_they_came_to() {
        let row = |source, status, changed_at| Row {
            status,
            changed_at: at(changed_at),
            ..Row::of(&Delivery::picked(
                Job {
                    source: ProjectId::new(source).unwrap(),
                    target: ProjectId::new(3 - source).unwrap(),
                    ..waits(Side::Recipient, Tool::Rfis, None).job
                },
                Vec::new(),
                "",
                at(1),
            ))
        };
        let rows = [
            row(1, StatusName::Delivered, 5),
            row(2, StatusName::Delivered, 9),
            row(2, StatusName::Delivered, 7),
            row(1, StatusName::Failed, 3),
            row(1, StatusName::Held, 4),
        ];
        let expected = |sent, received| Traffic {
            sent,
            received,
            failed: 1,
            latest: Some(at(9)),
        };
        assert_eq!(Traffic::of(ProjectId::new(1).unwrap(), &rows), expected(1, 2));
        assert_eq!(Traffic::of(ProjectId::new(2).unwrap(), &rows), expected(2, 1));
    }

    #[test]
    fn a_line_that_is_still_to_be_filled_is_among_all_only() {
        assert_eq!(Show::ALL.map(|show| show.has(None)), [true, false, false, false]);
        for show in Show::ALL {
            assert_eq!(Show::named(Some(show.as_str())), show);
        }
        assert_eq!(Show::named(Some("nonsense")), Show::All);
    }

    #[test]
    fn projects_are_found_by_any_of_their_names() {
        let line = Overview {
            connected: vec!["Pier 9 Structure".to_owned()],
            tasks: vec![Task {
                connection: ConnectionId(Uuid::nil()),
                other: project(2, "Pier 9 Water"),
                need: Need::Answer,
            }],
            ..Overview::default()
        };
        let tower = project(1, "Pier 9 Tower");
        for (search, found) in [
            ("", true),
            ("tower", true),
            ("TOWER pier", true),
            ("harb", true),
            ("structure", true),
            ("water", true),
            ("library", false),
        ] {
            assert_eq!(is_like(&tower, Some(&line), search), found, "{search}");
        }
        assert!(!is_like(&tower, None, "structure"));
    }
}
