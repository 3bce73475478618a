//! A project in an estimator's bid calendar, and when its bids are due.

use std::time::Duration;

use gusset_words::say;
use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use serde::{Deserialize, Serialize};

use crate::{
    ids::{RunId, UserId},
    integration::Integration,
    people::Project,
    plans::reconcile::{self, ManyMissing},
    text,
};

/// A bid package of Procore's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BidPackage {
    /// Its id.
    pub id: u64,
    /// What is bid for.
    pub title: String,
    /// When bids are due.
    #[serde(default)]
    pub due_at: Option<Timestamp>,
    /// When the first look began that did not find it, while that is not certain yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing_since: Option<Timestamp>,
}

/// A project's bid packages after a look: those that were shown, and those that are not gone yet. `whole` is whether all were
/// listed. As for plans, none is gone on one look: see [`reconcile::absent`].
#[must_use]
pub fn packages_after(known: &[BidPackage], shown: Vec<BidPackage>, whole: bool, began: Timestamp) -> Vec<BidPackage> {
    let is_shown = |known: &&BidPackage| shown.iter().any(|shown| shown.id == known.id);
    let missing: Vec<&BidPackage> = known.iter().filter(|known| !is_shown(known)).collect();
    let after = reconcile::gone_after(reconcile::are_many(missing.len(), known.len()));
    let stays = |package: &BidPackage| {
        let since = package.missing_since.unwrap_or(began);
        let is_gone = whole && since.checked_add(after).is_ok_and(|from| from <= began);
        let missing_since = package.missing_since.or(whole.then_some(began));
        (!is_gone).then(|| BidPackage {
            missing_since,
            ..package.clone()
        })
    };
    let stay: Vec<BidPackage> = missing.into_iter().filter_map(stays).collect();
    shown.into_iter().chain(stay).collect()
}

/// Tools of Procore that plans come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanTool {
    /// Drawings.
    Drawings,
    /// Specifications.
    Specifications,
    /// Documents.
    Documents,
    /// Bidding, for the due dates.
    Bidding,
}

impl PlanTool {
    /// What Procore calls it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Drawings => "Drawings",
            Self::Specifications => "Specifications",
            Self::Documents => "Documents",
            Self::Bidding => "Bidding",
        }
    }
}

/// A tool that could not be read the last time. What was synced of it stays, and it is tried again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unread {
    /// Which.
    pub tool: PlanTool,
    /// Why, in words that go on after "could not be read: ".
    pub why: String,
}

/// How Gusset hears of changes in a project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Told {
    /// Procore tells of each one.
    Webhooks,
    /// Procore tells of none, so that it is looked for them every hour.
    Clock {
        /// Whether the login lacks the permission to have Procore tell.
        lacks_permission: bool,
    },
}

/// A project on record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncedProject {
    /// The project, with the names that Procore last showed.
    #[serde(flatten)]
    pub project: Project,
    /// The login by which it came last.
    pub login: UserId,
    /// The name of that login, for people.
    pub login_name: String,
    /// Since when that login does not see it any more, or Procore counts it as closed.
    #[serde(default)]
    pub lost_since: Option<Timestamp>,
    /// Its bid packages, as Procore last showed them.
    #[serde(default)]
    pub bid_packages: Vec<BidPackage>,
    /// When bids are due by what somebody set by hand. It wins.
    #[serde(default)]
    pub bid_due_at: Option<Timestamp>,
    /// When its plans were last looked at, from the beginning of that look.
    #[serde(default)]
    pub listed_at: Option<Timestamp>,
    /// The run in which they were.
    #[serde(default)]
    pub listed_in: Option<RunId>,
    /// Tools that Procore does not show to that login.
    #[serde(default)]
    pub closed_tools: Vec<PlanTool>,
    /// How Gusset hears of changes, where that has been settled.
    #[serde(default)]
    pub told: Option<Told>,
    /// When it was last looked whether Procore tells of changes.
    #[serde(default)]
    pub told_checked_at: Option<Timestamp>,
    /// Tools that could not be read the last time.
    #[serde(default)]
    pub unread: Vec<Unread>,
    /// What kept its plans from being looked at the last time, in words.
    #[serde(default)]
    pub problem: Option<String>,
    /// Many plans that Procore does not show any more, and that are kept as they are until that is certain.
    #[serde(default)]
    pub many_missing: Option<ManyMissing>,
}

/// How often it is looked whether Procore still tells of a project's changes.
const HOOK_CHECKED_EVERY: Duration = Duration::from_secs(24 * 60 * 60);

/// The years in which bids can be due: whatever else is typed is a slip, and calendars would not take all of it.
const YEARS: std::ops::RangeInclusive<i16> = 2000..=2199;

/// Why a text is no due date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotADueDate {
    /// It is no date and time.
    #[error("{}", say!("problem-bad-field-detail-due"))]
    Unreadable,
    /// It is a local time, and nobody knows where.
    #[error("{}", say!("problem-bad-field-detail-due-where"))]
    Where,
    /// The time zone is none.
    #[error("{}", say!("problem-bad-field-detail-due-zone"))]
    NoSuchZone,
    /// Its year is not one in which bids are due.
    #[error("{}", say!("problem-bad-field-detail-due-year", from = YEARS.start(), to = YEARS.end()))]
    Year,
}

/// When bids are due, as somebody wrote it: a moment with its offset, or the time on the clocks of a time zone, which is
/// given by its name.
///
/// # Errors
/// [`NotADueDate`], in words for whoever wrote it.
pub fn due_at(text: &str, zone: Option<&str>) -> Result<Timestamp, NotADueDate> {
    let text = text.trim();
    let at = match text.parse::<Timestamp>() {
        Ok(at) => at,
        Err(_) => {
            let local: DateTime = text.parse().map_err(|_| NotADueDate::Unreadable)?;
            let zone = TimeZone::get(zone.ok_or(NotADueDate::Where)?).map_err(|_| NotADueDate::NoSuchZone)?;
            zone.to_timestamp(local).map_err(|_| NotADueDate::Year)?
        }
    };
    let year = at.to_zoned(TimeZone::UTC).year();
    YEARS.contains(&year).then_some(at).ok_or(NotADueDate::Year)
}

/// Something that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// When.
    pub at: Timestamp,
    /// The bid package, where it is one's. None where somebody set the date by hand.
    pub package: Option<(u64, String)>,
}

impl SyncedProject {
    /// A project that a login sees for the first time.
    #[must_use]
    pub fn found(project: Project, login: UserId, login_name: &str) -> Self {
        Self {
            project,
            login,
            login_name: login_name.to_owned(),
            lost_since: None,
            bid_packages: Vec::new(),
            bid_due_at: None,
            listed_at: None,
            listed_in: None,
            closed_tools: Vec::new(),
            told: None,
            told_checked_at: None,
            unread: Vec::new(),
            problem: None,
            many_missing: None,
        }
    }

    /// Whether the last look could read all that the login may see.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.problem.is_none() && self.unread.is_empty()
    }

    /// Returns whether a sync of a login's, which was connected at `since`, is to see to it that Procore tells of changes. That
    /// takes a call or more, so it is done once a day: a project is synced every hour whatever Procore tells. Who refreshes by
    /// hand has it done where it did not work, as somebody may have granted what was missing. What was found before the login was
    /// connected counts for nothing: disconnecting removes the hook.
    #[must_use]
    pub fn is_hook_due(&self, (login, since): (UserId, Timestamp), by_hand: bool, now: Timestamp) -> bool {
        let tells = self.told == Some(Told::Webhooks);
        let checked_at = self
            .told_checked_at
            .filter(|checked| self.login == login && *checked >= since);
        let is_recent = |checked: Timestamp| checked.saturating_add(HOOK_CHECKED_EVERY).is_ok_and(|due| now < due);
        (by_hand && !tells) || !checked_at.is_some_and(is_recent)
    }

    /// That changes are looked for every hour only, and what to do about it, in words for the person of the account. None where
    /// Procore tells of them.
    #[must_use]
    pub fn why_hourly(&self) -> Option<String> {
        let Some(Told::Clock { lacks_permission }) = self.told else {
            return None;
        };
        let login = text::one_line(&self.login_name, 80);
        Some(if lacks_permission {
            say!("plans-hourly-permission", login = login)
        } else {
            say!("plans-hourly").to_owned()
        })
    }

    /// All that the last look could not read, in words for the person of the account. None where it read everything.
    #[must_use]
    pub fn why_not_whole(&self) -> Option<String> {
        let unread = self.unread.iter().map(|unread| {
            let why = text::one_line(&unread.why, 300);
            say!("plans-tool-unread", tool = unread.tool.name(), why = why)
        });
        let all: Vec<String> = self.problem.iter().cloned().chain(unread).collect();
        (!all.is_empty()).then(|| all.join(" "))
    }

    /// Whether it receives updates, as things stand.
    #[must_use]
    pub fn receives_updates(&self, integration: Option<&Integration>) -> bool {
        self.lost_since.is_none() && integration.is_some_and(|integration| integration.serves(self.login))
    }

    /// Why it receives no updates, in words for the person of the account. None where it does.
    #[must_use]
    pub fn why_no_updates(&self, integration: Option<&Integration>) -> Option<String> {
        if self.receives_updates(integration) {
            return None;
        }
        let came_by = text::one_line(&self.login_name, 80);
        Some(match integration {
            Some(integration) if integration.is_connected() && integration.login.user != self.login => {
                let connected = text::one_line(&integration.login.name, 80);
                format!("It came with the Procore login of {came_by}, and that of {connected} is connected now.")
            }
            Some(integration) if integration.is_connected() => {
                format!("{came_by} does not see it in Procore any more, or it is closed there.")
            }
            _ => "No Procore login is connected.".to_owned(),
        })
    }

    /// All that is due, the earliest first: what was set by hand, or else each bid package with a date.
    #[must_use]
    pub fn due(&self) -> Vec<Due> {
        if let Some(at) = self.bid_due_at {
            return vec![Due { at, package: None }];
        }
        let package = |package: &BidPackage| {
            let title = text::one_line(&package.title, 200);
            package.due_at.map(|at| Due {
                at,
                package: Some((package.id, title)),
            })
        };
        let mut due: Vec<Due> = self.bid_packages.iter().filter_map(package).collect();
        due.sort_by_key(|due| due.at);
        due
    }

    /// When its next bids are due, or else when its last ones were.
    #[must_use]
    pub fn bid_due(&self, now: Timestamp) -> Option<Timestamp> {
        let due = self.due();
        let next = due.iter().find(|due| now <= due.at).or_else(|| due.last());
        next.map(|due| due.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{CompanyId, ProjectId};

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn project(due: &[Option<i64>]) -> SyncedProject {
        let project = Project {
            id: ProjectId::new(20001).unwrap(),
            name: "Pier 9 Tower".to_owned(),
            company_id: CompanyId::new(1001).unwrap(),
            company_name: "Harbour".to_owned(),
        };
        let packages = (1..).zip(due).map(|(id, due)| BidPackage {
            id,
            title: format!("Package {id}"),
            due_at: due.map(at),
            missing_since: None,
        });
        SyncedProject {
            bid_packages: packages.collect(),
            ..SyncedProject::found(project, UserId::new(101).unwrap(), "Gina")
        }
    }

    #[test]
    fn the_next_package_counts_and_once_all_are_past_the_last() {
        let project = project(&[Some(300), None, Some(100)]);
        assert_eq!(project.bid_due(at(50)), Some(at(100)));
        assert_eq!(project.bid_due(at(100)), Some(at(100)));
        assert_eq!(project.bid_due(at(101)), Some(at(300)));
        assert_eq!(project.bid_due(at(999)), Some(at(300)));
        assert_eq!(self::project(&[None]).bid_due(at(0)), None);
    }

    #[test]
    fn why_there_are_no_updates_is_said_in_words() {
        let login = |user: u64, name: &str| crate::integration::Login {
            user: UserId::new(user).unwrap(),
            name: name.to_owned(),
            login: format!("{name}@harbour.example"),
        };
        let mut project = project(&[]);
        let why = |project: &SyncedProject, integration: Option<&Integration>| project.why_no_updates(integration);
        let gina = Integration::begin(login(101, "Gina"), at(0));
        let sam = Integration::begin(login(102, "Sam"), at(0));
        assert_eq!(why(&project, Some(&gina)), None);
        assert_eq!(why(&project, None).unwrap(), "No Procore login is connected.");
        let ended = gina.ended(crate::integration::Why::Revoked, at(1)).unwrap();
        assert_eq!(why(&project, Some(&ended)).unwrap(), "No Procore login is connected.");
        assert_eq!(
            why(&project, Some(&sam)).unwrap(),
            "It came with the Procore login of Gina, and that of Sam is connected now."
        );
        project.lost_since = Some(at(5));
        assert_eq!(
            why(&project, Some(&gina)).unwrap(),
            "Gina does not see it in Procore any more, or it is closed there."
        );
    }

    #[test]
    fn a_due_date_is_a_moment_or_the_time_on_the_clocks_somewhere() {
        let read = |text: &str, zone: Option<&str>| due_at(text, zone).map(|at| at.to_string());
        let five = Ok("2026-11-24T16:00:00Z".to_owned());
        assert_eq!(read("2026-11-24T17:00:00+01:00", None), five);
        assert_eq!(read("2026-11-24T16:00:00Z", Some("Asia/Tokyo")), five);
        assert_eq!(read(" 2026-11-24T17:00 ", Some("Europe/Berlin")), five);
        assert_eq!(
            read("2026-07-24T17:00", Some("Europe/Berlin")),
            Ok("2026-07-24T15:00:00Z".to_owned())
        );
        // A time that the clocks skip is the one that they show instead.
        assert_eq!(
            read("2026-03-29T02:30", Some("Europe/Berlin")),
            Ok("2026-03-29T01:30:00Z".to_owned())
        );
        assert_eq!(read("2026-11-24T17:00", None), Err(NotADueDate::Where));
        assert_eq!(
            read("2026-11-24T17:00", Some("Europe/Atlantis")),
            Err(NotADueDate::NoSuchZone)
        );
        for text in ["", "tomorrow", "17:00", "2026-13-01T00:00"] {
            assert_eq!(read(text, Some("UTC")), Err(NotADueDate::Unreadable), "{text:?}");
        }
        for text in ["1999-12-31T23:59:59Z", "2200-01-01T00:00:00Z", "0026-11-24T17:00"] {
            assert_eq!(read(text, Some("UTC")), Err(NotADueDate::Year), "{text:?}");
        }
    }

    #[test]
    fn a_bid_package_is_gone_once_a_second_look_agrees_and_many_after_an_hour() {
        let packages = |count: u64| project(&vec![Some(300); usize::try_from(count).unwrap()]).bid_packages;
        let ids = |packages: &[BidPackage]| packages.iter().map(|package| package.id).collect::<Vec<_>>();
        let after = |known: &[BidPackage], shown: u64, whole, began| {
            let shown: Vec<_> = packages(20).into_iter().take(usize::try_from(shown).unwrap()).collect();
            packages_after(known, shown, whole, at(began))
        };
        let first = after(&packages(3), 1, true, 100);
        assert_eq!((ids(&first), first[1].missing_since), (vec![1, 2, 3], Some(at(100))));
        assert_eq!(ids(&after(&first, 1, true, 119)), [1, 2, 3]);
        assert_eq!(ids(&after(&first, 1, false, 200)), [1, 2, 3]);
        assert_eq!(ids(&after(&first, 1, true, 120)), [1]);
        // One that comes back was never gone.
        let back = after(&first, 3, true, 150);
        assert!(back.iter().all(|package| package.missing_since.is_none()) && back.len() == 3);
        let many = after(&packages(20), 0, true, 100);
        assert_eq!(after(&many, 0, true, 1_000).len(), 20);
        assert_eq!(after(&many, 0, true, 100 + 3_600).len(), 0);
    }

    #[test]
    fn who_may_make_no_hook_is_told_which_permission_is_missing() {
        let mut project = project(&[]);
        assert_eq!(project.why_hourly(), None);
        project.told = Some(Told::Webhooks);
        assert_eq!(project.why_hourly(), None);
        project.told = Some(Told::Clock { lacks_permission: true });
        assert_eq!(
            project.why_hourly().unwrap(),
            "Checked every hour. For changes within seconds Gina needs Standard on the Webhooks API tool in Procore. Press Refresh \
             once that is granted."
        );
        project.told = Some(Told::Clock {
            lacks_permission: false,
        });
        assert!(project.why_hourly().unwrap().starts_with("Checked every hour."));
    }

    #[test]
    fn a_projects_hook_is_looked_at_once_a_day_and_by_hand_where_it_is_missing() {
        let mut project = project(&[]);
        let (gina, other) = ((project.login, at(0)), (UserId::new(102).unwrap(), at(0)));
        assert!(project.is_hook_due(gina, false, at(0)), "it was never looked at");
        project.told = Some(Told::Webhooks);
        project.told_checked_at = Some(at(0));
        for by_hand in [false, true] {
            assert!(!project.is_hook_due(gina, by_hand, at(86_399)));
            assert!(project.is_hook_due(gina, by_hand, at(86_400)));
            assert!(
                project.is_hook_due(other, by_hand, at(1)),
                "another login has other permissions"
            );
            assert!(
                project.is_hook_due((project.login, at(1)), by_hand, at(1)),
                "it was disconnected in between, which removes the hook"
            );
        }
        project.told = Some(Told::Clock { lacks_permission: true });
        assert!(!project.is_hook_due(gina, false, at(86_399)));
        assert!(project.is_hook_due(gina, true, at(1)));
    }

    #[test]
    fn what_could_not_be_read_is_said_in_words() {
        let mut project = project(&[]);
        assert_eq!((project.is_whole(), project.why_not_whole()), (true, None));
        project.unread.push(Unread {
            tool: PlanTool::Documents,
            why: "the project has more than 5,000 folders".to_owned(),
        });
        assert_eq!(
            project.why_not_whole().unwrap(),
            "Documents could not be read: the project has more than 5,000 folders. Gusset tries again within the hour; what \
             is here stays."
        );
    }

    #[test]
    fn a_date_set_by_hand_wins() {
        let mut project = project(&[Some(300), Some(100)]);
        project.bid_due_at = Some(at(7));
        assert_eq!(
            project.due(),
            [Due {
                at: at(7),
                package: None
            }]
        );
        assert_eq!(project.bid_due(at(50)), Some(at(7)));
    }
}
