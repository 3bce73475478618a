//! What to do about a plan, given what is on record and what Procore shows.
//!
//! What has not changed is neither written nor fetched. A revision's file is fetched once; that of the revision that holds
//! is fetched again when Procore says that it has changed. A former revision's file is final: publishing the next one
//! changes when Procore last touched it, and not its sheet.
//!
//! Nothing is gone on one look: see [`absent`].

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    Copy, Own, Plan, PlanId, PlanKind, Revision, RevisionId,
    job::Source,
    listing::{Listed, ListedRevision},
    run::FileState,
};
use crate::ids::{ProjectId, RunId};

/// Which failed files are tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// Those that failed for passing reasons.
    Passing,
    /// All of them: a person asked.
    All,
}

/// Who looks, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// When it began: Procore has shown the plans as they were then, or later.
    pub began: Timestamp,
    /// The run that looks, if one does.
    pub run: Option<RunId>,
    /// Which failed files it has tried again.
    pub again: Again,
}

impl Look {
    /// Whether a later look has changed a plan already. Two may be under way at once, and the earlier one may have had to wait
    /// for Procore.
    fn is_late(&self, plan: &Plan) -> bool {
        plan.seen_at.is_some_and(|seen_at| self.began < seen_at)
    }
}

/// How a file counts in a run from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// The run.
    pub run: RunId,
    /// The revision whose file it is.
    pub revision: RevisionId,
    /// What it counts as.
    pub state: FileState,
}

/// A plan as it is to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The plan, with the versions that it and its revisions had when they were read; zero where they are new.
    pub plan: Plan,
    /// The revisions that are to be written.
    pub revisions: Vec<RevisionId>,
    /// What changes in the counts of runs: to be written together with the revisions.
    pub counted: Vec<Counted>,
}

impl Change {
    /// What has changed of a plan. None where nothing has.
    fn of(known: Option<&Plan>, plan: Plan, look: &Look) -> Option<Self> {
        if known == Some(&plan) {
            return None;
        }
        let was = |id: &RevisionId| known.and_then(|known| known.revisions.get(id));
        let changed = plan.revisions.iter().filter(|(id, now)| was(id) != Some(now));
        let revisions: Vec<RevisionId> = changed.map(|(id, _)| *id).collect();
        let counted = revisions
            .iter()
            .flat_map(|id| counted(*id, was(id), &plan.revisions[id]))
            .collect();
        Some(Self {
            revisions,
            counted,
            plan: Plan {
                seen_at: Some(look.began),
                ..plan
            },
        })
    }
}

/// What to do about a plan.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Decision {
    /// What is to be written, if anything has changed.
    pub write: Option<Change>,
    /// The files to fetch.
    pub fetch: Vec<Source>,
}

/// Compares a plan on record with what Procore shows of it.
#[must_use]
pub fn reconcile(project: ProjectId, known: Option<&Plan>, listed: &Listed, look: &Look) -> Decision {
    if known.is_some_and(|known| look.is_late(known)) {
        return Decision::default();
    }
    let id = PlanId {
        project,
        kind: listed.kind,
        entity: listed.entity,
    };
    let was = |revision: RevisionId| known.and_then(|plan| plan.revisions.get(&revision));
    let mut revisions: BTreeMap<RevisionId, Revision> = BTreeMap::new();
    let mut fetch = Vec::new();
    for shown in &listed.revisions {
        let holds = listed.details.current == Some(shown.id);
        let copy = copy(was(shown.id), shown, holds, look.again);
        if copy.is_waiting() {
            fetch.extend(shown.source.clone());
        }
        revisions.insert(shown.id, revision(was(shown.id), shown, copy, look.run));
    }
    // What Procore does not list any more is kept: it was synced, and stays.
    for (id, revision) in known.iter().flat_map(|plan| &plan.revisions) {
        revisions.entry(*id).or_insert_with(|| kept(revision));
    }
    let fresh = Plan {
        id,
        details: listed.details.clone(),
        revisions,
        missing_since: None,
        gone_since: None,
        seen_at: known.and_then(|plan| plan.seen_at),
        own: known.map_or_else(Own::default, |plan| plan.own.clone()),
        version: known.map_or(0, |plan| plan.version),
    };
    Decision {
        write: Change::of(known, fresh, look),
        fetch,
    }
}

/// The run that counts a revision's file from now on. `run` is the one that looks.
///
/// A look that belongs to no run, as when Procore tells of a change, does not take a waiting file away from the run that waits
/// for it.
fn counting(was: Option<&Revision>, copy: &Copy, run: Option<RunId>) -> Option<RunId> {
    let former = was.and_then(|was| was.run);
    let waited = was.is_some_and(|was| was.copy.is_waiting());
    match run {
        _ if !copy.is_waiting() => former,
        None if waited => former,
        run => run,
    }
}

/// What changes in the counts of runs with a revision: a run counts a file as waiting exactly as long as the revision's record
/// names that run and waits.
fn counted(revision: RevisionId, was: Option<&Revision>, now: &Revision) -> Vec<Counted> {
    let waits_in = |revision: &Revision| revision.run.filter(|_| revision.copy.is_waiting());
    let (before, after) = (was.and_then(waits_in), waits_in(now));
    if before == after {
        return Vec::new();
    }
    let counted = |state| move |run| Counted { run, revision, state };
    let withdrawn = before.map(counted(FileState::Withdrawn));
    withdrawn
        .into_iter()
        .chain(after.map(counted(FileState::Waiting)))
        .collect()
}

/// What the copy of a revision's file should be now.
fn copy(was: Option<&Revision>, shown: &ListedRevision, holds: bool, again: Again) -> Copy {
    let was = was.map(|was| &was.copy);
    let kept = was.and_then(Copy::stored);
    let Some(source) = &shown.source else {
        // Who has had the file keeps it.
        return kept.cloned().map_or(Copy::NotOffered, Copy::Stored);
    };
    match was {
        Some(Copy::Stored(stored)) if !holds || stored.stamp == source.stamp => Copy::Stored(stored.clone()),
        Some(
            failed @ Copy::Failed {
                for_good: true, stamp, ..
            },
        ) if again == Again::Passing && *stamp == source.stamp => failed.clone(),
        _ => Copy::Waiting {
            stamp: source.stamp.clone(),
            kept: kept.cloned(),
        },
    }
}

fn revision(was: Option<&Revision>, shown: &ListedRevision, copy: Copy, run: Option<RunId>) -> Revision {
    Revision {
        number: shown.number.clone(),
        set: shown.set.clone(),
        issued: shown.issued,
        received: shown.received,
        file_name: shown.file_name.clone(),
        run: counting(was, &copy, run),
        version: was.map_or(0, |was| was.version),
        copy,
    }
}

/// A revision that Procore does not list any more. What of it is not here cannot be fetched any more either.
fn kept(revision: &Revision) -> Revision {
    let copy = match &revision.copy {
        Copy::Waiting { kept, .. } => kept.clone().map_or(Copy::NotOffered, Copy::Stored),
        other => other.clone(),
    };
    Revision {
        copy,
        ..revision.clone()
    }
}

/// How long after the first look that did not find a plan a second one has to begin to be believed. Longer than an answer of
/// Procore's that is wrong for a moment is given again.
pub const SECOND_LOOK_AFTER: Duration = Duration::from_secs(20);

/// The same where many plans would go at once: an hour, less what the clock's hourly look may come early.
pub const MANY_GO_AFTER: Duration = Duration::from_secs(55 * 60);

/// Up to so many plans may go without anybody being told, whatever part of the project's they are.
const FEW: usize = 5;

/// Of so many plans of a project one may go without anybody being told.
const TENTH: usize = 10;

/// Whether so many of something would go that a person is told before.
#[must_use]
pub fn are_many(missing: usize, of: usize) -> bool {
    missing > FEW && missing.saturating_mul(TENTH) > of
}

/// How long something must have been missing to be gone.
#[must_use]
pub fn gone_after(many: bool) -> Duration {
    if many { MANY_GO_AFTER } else { SECOND_LOOK_AFTER }
}

/// Many plans of a project that Procore does not show, of which a person is told before they count as gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManyMissing {
    /// How many.
    pub count: usize,
    /// How many plans the project has, these included.
    pub of: usize,
    /// Since when: the beginning of the first look that did not find the last one of them.
    pub since: Timestamp,
}

impl ManyMissing {
    /// From when on a look that does not find them either is believed.
    #[must_use]
    pub fn believed_from(&self) -> Timestamp {
        self.since.checked_add(MANY_GO_AFTER).unwrap_or(Timestamp::MAX)
    }
}

/// What to do about plans that a look did not find.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Absent {
    /// What is to be written.
    pub writes: Vec<Change>,
    /// Whether, and how many, are so many that a person is told.
    pub many: Option<ManyMissing>,
    /// From when on another look can settle what this one could not, where nobody has to be told first.
    pub look_again_from: Option<Timestamp>,
}

/// Decides about the plans on record that a look did not find. `known` are all of the project's; `whole` are the kinds of which
/// all plans were listed.
///
/// A plan is gone once two whole looks did not find it and none in between did, of which the second began
/// [some time](SECOND_LOOK_AFTER) after the first; [an hour](MANY_GO_AFTER) where they are [many](are_many). A look that was not
/// whole says nothing about what it did not find.
#[must_use]
pub fn absent<'a>(
    known: impl IntoIterator<Item = &'a Plan>,
    whole: &BTreeSet<PlanKind>,
    listed: &BTreeSet<PlanId>,
    look: &Look,
    now: Timestamp,
) -> Absent {
    let present: Vec<&Plan> = known.into_iter().filter(|plan| plan.gone_since.is_none()).collect();
    let is_whole = |plan: &Plan| whole.contains(&plan.id.kind);
    // What an earlier look did not find is missing still, where this one could not see.
    let missing: Vec<&Plan> = (present.iter().copied())
        .filter(|plan| !listed.contains(&plan.id) && !look.is_late(plan))
        .filter(|plan| is_whole(plan) || plan.missing_since.is_some())
        .collect();
    let many = are_many(missing.len(), present.len());
    let (mut writes, mut left) = (Vec::new(), 0);
    let (mut since_last, mut look_again_from) = (look.began, None);
    for plan in missing {
        let since = plan.missing_since.unwrap_or(look.began);
        if is_whole(plan) && since.checked_add(gone_after(many)).is_ok_and(|from| from <= look.began) {
            let revisions = plan.revisions.iter().map(|(id, revision)| (*id, kept(revision)));
            let gone = Plan {
                gone_since: Some(now),
                missing_since: None,
                revisions: revisions.collect(),
                ..plan.clone()
            };
            writes.extend(Change::of(Some(plan), gone, look));
            continue;
        }
        since_last = if left == 0 { since } else { since_last.max(since) };
        left += 1;
        // Where this look could not see, another one soon would not either: the clock's will.
        if is_whole(plan) && !many {
            look_again_from = look_again_from.max(since.checked_add(SECOND_LOOK_AFTER).ok());
        }
        let marked = Plan {
            missing_since: Some(since),
            ..plan.clone()
        };
        writes.extend(Change::of(Some(plan), marked, look));
    }
    Absent {
        writes,
        many: (many && left > 0).then_some(ManyMissing {
            count: left,
            of: present.len(),
            since: since_last,
        }),
        look_again_from,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::plans::{Details, PlanKind, Stored, StoredFile};

    fn project() -> ProjectId {
        ProjectId::new(20001).unwrap()
    }

    fn run(number: u128) -> Option<RunId> {
        Some(RunId(Uuid::from_u128(number)))
    }

    fn listed(revisions: &[(u64, &str)], current: u64) -> Listed {
        let revision = |(id, stamp): &(u64, &str)| ListedRevision {
            id: RevisionId(*id),
            number: id.to_string(),
            set: None,
            issued: None,
            received: None,
            stamp: (*stamp).to_owned(),
            file_name: "A-101.pdf".to_owned(),
            source: Some(Source {
                revision: RevisionId(*id),
                address: Some(format!("https://api.procore.com/files/{id}")),
                thumbnail: None,
                stamp: (*stamp).to_owned(),
            }),
        };
        Listed {
            kind: PlanKind::Drawing,
            entity: 7,
            details: Details {
                number: "A-101".to_owned(),
                title: "Level 1".to_owned(),
                place: vec!["Tower".to_owned()],
                discipline: None,
                obsolete: false,
                current: Some(RevisionId(current)),
            },
            revisions: revisions.iter().map(revision).collect(),
        }
    }

    /// What a worker makes of a plan: all its waiting files are here.
    fn fetched(plan: &Plan, fetch: &[Source]) -> Plan {
        let mut plan = plan.clone();
        for source in fetch {
            let revision = plan.revisions.get_mut(&source.revision).unwrap();
            revision.version += 1;
            revision.copy = Copy::Stored(Stored {
                file: StoredFile {
                    sha256: "0".repeat(64),
                    size: 1,
                    content_type: "application/pdf".to_owned(),
                },
                thumbnail: None,
                stamp: source.stamp.clone(),
            });
        }
        plan
    }

    /// A plan as it is on record after a decision.
    fn written(decision: &Decision) -> Plan {
        recorded(decision.write.clone().unwrap())
    }

    fn recorded(change: Change) -> Plan {
        let Change {
            mut plan, revisions, ..
        } = change;
        plan.version += 1;
        for id in revisions {
            plan.revisions.get_mut(&id).unwrap().version += 1;
        }
        plan
    }

    /// What changes in the counts of runs by a decision.
    fn counts(decision: &Decision) -> Vec<(Option<RunId>, u64, FileState)> {
        let counted = decision.write.iter().flat_map(|change| &change.counted);
        counted
            .map(|counted| (Some(counted.run), counted.revision.0, counted.state))
            .collect()
    }

    fn synced(revisions: &[(u64, &str)], current: u64) -> Plan {
        let decision = reconcile(project(), None, &listed(revisions, current), run(1), Again::Passing);
        fetched(&written(&decision), &decision.fetch)
    }

    fn look(began: i64, run: Option<RunId>, again: Again) -> Look {
        let began = Timestamp::from_second(began).unwrap();
        Look { began, run, again }
    }

    /// One look after the other, as far as the time is concerned.
    fn reconcile(
        project: ProjectId,
        known: Option<&Plan>,
        listed: &Listed,
        run: Option<RunId>,
        again: Again,
    ) -> Decision {
        super::reconcile(project, known, listed, &look(0, run, again))
    }

    fn numbers(decision: &Decision) -> Vec<u64> {
        decision.fetch.iter().map(|source| source.revision.0).collect()
    }

    #[test]
    fn a_new_plan_is_written_with_all_its_revisions_to_be_fetched() {
        let decision = reconcile(
            project(),
            None,
            &listed(&[(1, "a"), (2, "b")], 2),
            run(1),
            Again::Passing,
        );
        let waiting = |id| (run(1), id, FileState::Waiting);
        assert_eq!(
            (numbers(&decision), counts(&decision)),
            (vec![1, 2], vec![waiting(1), waiting(2)])
        );
        let plan = written(&decision);
        assert_eq!((plan.waiting(), plan.current().unwrap().0), (2, RevisionId(2)));
        assert!(plan.revisions.values().all(|revision| revision.run == run(1)));
    }

    #[test]
    fn what_has_not_changed_is_neither_written_nor_fetched() {
        let plan = synced(&[(1, "a"), (2, "b")], 2);
        let decision = reconcile(
            project(),
            Some(&plan),
            &listed(&[(1, "a"), (2, "b")], 2),
            run(2),
            Again::All,
        );
        assert_eq!(decision, Decision::default());
    }

    #[test]
    fn a_next_revision_is_fetched_and_the_former_one_is_not_read_again_although_procore_touched_it() {
        let plan = synced(&[(1, "a")], 1);
        let decision = reconcile(
            project(),
            Some(&plan),
            &listed(&[(1, "a, touched"), (2, "b")], 2),
            run(2),
            Again::Passing,
        );
        assert_eq!(
            (numbers(&decision), counts(&decision)),
            (vec![2], vec![(run(2), 2, FileState::Waiting)])
        );
        // Of 2,500 revisions, one is written.
        assert_eq!(decision.write.unwrap().revisions, [RevisionId(2)]);
    }

    #[test]
    fn a_changed_file_of_the_revision_that_holds_is_read_again() {
        let plan = synced(&[(1, "a")], 1);
        let decision = reconcile(project(), Some(&plan), &listed(&[(1, "b")], 1), run(2), Again::Passing);
        assert_eq!(
            (numbers(&decision), counts(&decision)),
            (vec![1], vec![(run(2), 1, FileState::Waiting)])
        );
    }

    #[test]
    fn a_file_that_changes_while_it_is_fetched_waits_for_what_it_has_become() {
        let first = reconcile(project(), None, &listed(&[(1, "a")], 1), run(1), Again::Passing);
        let waiting = written(&first);
        assert!(waiting.revisions[&RevisionId(1)].copy.waits_for("a"));
        let next = reconcile(project(), Some(&waiting), &listed(&[(1, "b")], 1), None, Again::Passing);
        assert_eq!((numbers(&next), counts(&next)), (vec![1], vec![]));
        let copy = &written(&next).revisions[&RevisionId(1)].copy;
        assert!(copy.is_waiting() && copy.waits_for("b") && !copy.waits_for("a"));
    }

    #[test]
    fn a_look_that_is_repeated_counts_no_file_twice_but_has_those_that_wait_fetched() {
        let look = listed(&[(1, "a"), (2, "b")], 2);
        let first = written(&reconcile(project(), None, &look, run(1), Again::Passing));
        let repeated = reconcile(project(), Some(&first), &look, run(1), Again::Passing);
        assert_eq!((repeated.write.clone(), numbers(&repeated)), (None, vec![1, 2]));
        // The next run counts what is left over as its own, and the former one no more.
        let next = reconcile(project(), Some(&first), &look, run(2), Again::Passing);
        let moved = |id| [(run(1), id, FileState::Withdrawn), (run(2), id, FileState::Waiting)];
        assert_eq!(counts(&next), [moved(1), moved(2)].concat());
    }

    #[test]
    fn a_look_that_belongs_to_no_run_counts_nothing() {
        let decision = reconcile(project(), None, &listed(&[(1, "a")], 1), None, Again::Passing);
        assert_eq!((counts(&decision), numbers(&decision)), (vec![], vec![1]));
    }

    #[test]
    fn a_look_that_belongs_to_no_run_leaves_waiting_files_to_the_run_that_counts_them() {
        let look = listed(&[(1, "a"), (2, "b")], 2);
        let waiting = written(&reconcile(project(), None, &look, run(1), Again::Passing));
        let same = reconcile(project(), Some(&waiting), &look, None, Again::Passing);
        assert_eq!((same.write.clone(), numbers(&same)), (None, vec![1, 2]));
        // What is new is nobody's, and the others stay the run's.
        let more = listed(&[(1, "a"), (2, "b"), (3, "c")], 3);
        let more = reconcile(project(), Some(&waiting), &more, None, Again::Passing);
        assert_eq!(counts(&more), []);
        let of = written(&more)
            .revisions
            .values()
            .map(|revision| revision.run)
            .collect::<Vec<_>>();
        assert_eq!(of, [run(1), run(1), None]);
    }

    #[test]
    fn a_file_that_is_not_waited_for_any_more_is_not_counted_any_more() {
        let look = listed(&[(1, "a"), (2, "b")], 2);
        let waiting = written(&reconcile(project(), None, &look, run(1), Again::Passing));
        for looks in [None, run(1), run(2)] {
            let none = listed(&[(3, "c")], 3);
            let none = Listed {
                revisions: vec![ListedRevision {
                    source: None,
                    ..none.revisions[0].clone()
                }],
                ..none
            };
            let decision = reconcile(project(), Some(&waiting), &none, looks, Again::Passing);
            let withdrawn = |id| (run(1), id, FileState::Withdrawn);
            assert_eq!(counts(&decision), [withdrawn(1), withdrawn(2)]);
        }
    }

    #[test]
    fn what_failed_for_good_is_tried_again_when_it_changes_or_somebody_asks() {
        let mut plan = synced(&[(1, "a")], 1);
        plan.revisions.get_mut(&RevisionId(1)).unwrap().copy = Copy::Failed {
            reason: "too large".to_owned(),
            for_good: true,
            stamp: "a".to_owned(),
            kept: None,
        };
        let look = |stamp, again| reconcile(project(), Some(&plan), &listed(&[(1, stamp)], 1), run(2), again);
        assert_eq!(look("a", Again::Passing), Decision::default());
        assert_eq!(numbers(&look("b", Again::Passing)), [1]);
        assert_eq!(numbers(&look("a", Again::All)), [1]);
    }

    #[test]
    fn labels_and_notes_outlast_a_sync_and_names_do_not() {
        let mut plan = synced(&[(1, "a")], 1);
        plan.own.note = Some("ask about the sleeve".to_owned());
        plan.details.title = "My own title".to_owned();
        let decision = reconcile(project(), Some(&plan), &listed(&[(1, "a")], 1), run(2), Again::Passing);
        let written = decision.write.unwrap();
        assert_eq!((written.plan.own, written.revisions), (plan.own, vec![]));
        assert_eq!(written.plan.details.title, "Level 1");
    }

    /// A project's sheets, all of them here.
    fn sheets(count: u64) -> Vec<Plan> {
        let sheet = |entity| Plan {
            id: PlanId {
                entity,
                ..synced(&[(1, "a")], 1).id
            },
            ..synced(&[(1, "a")], 1)
        };
        (1..=count).map(sheet).collect()
    }

    /// What is on record after a look that listed the sheets with some numbers, and of it, what is gone.
    fn after(known: &[Plan], shown: &BTreeSet<u64>, whole: bool, began: i64) -> (Vec<Plan>, Absent) {
        let look = look(began, None, Again::Passing);
        let listed: BTreeSet<PlanId> = known
            .iter()
            .map(|plan| plan.id)
            .filter(|id| shown.contains(&id.entity))
            .collect();
        let whole = if whole { PlanKind::ALL.into() } else { BTreeSet::new() };
        let absent = absent(known, &whole, &listed, &look, look.began);
        let mut next: BTreeMap<PlanId, Plan> = known.iter().map(|plan| (plan.id, plan.clone())).collect();
        for plan in known.iter().filter(|plan| listed.contains(&plan.id)) {
            let seen = Listed {
                entity: plan.id.entity,
                ..self::listed(&[(1, "a")], 1)
            };
            let decision = super::reconcile(project(), Some(plan), &seen, &look);
            next.extend(decision.write.map(|change| (plan.id, recorded(change))));
        }
        next.extend(
            absent
                .writes
                .iter()
                .map(|change| (change.plan.id, recorded(change.clone()))),
        );
        (next.into_values().collect(), absent)
    }

    fn gone(plans: &[Plan]) -> Vec<u64> {
        let gone = plans.iter().filter(|plan| plan.gone_since.is_some());
        gone.map(|plan| plan.id.entity).collect()
    }

    #[test]
    fn what_is_gone_is_marked_once_a_second_look_agrees_and_unmarked_when_it_comes_back() {
        let all: BTreeSet<u64> = (1..=3).collect();
        let without = BTreeSet::from([1, 3]);
        let (first, said) = after(&sheets(3), &without, true, 100);
        assert_eq!((gone(&first), said.many), (vec![], None));
        assert_eq!(said.look_again_from, Some(Timestamp::from_second(120).unwrap()));
        // Too soon, and one that could not see.
        assert_eq!(gone(&after(&first, &without, true, 119).0), [0; 0]);
        let (blind, said) = after(&first, &BTreeSet::new(), false, 500);
        assert_eq!((gone(&blind), said.look_again_from), (vec![], None));
        let (second, said) = after(&first, &without, true, 120);
        assert_eq!((gone(&second), said.many, said.look_again_from), (vec![2], None, None));
        assert_eq!(second[1].revisions, sheets(3)[1].revisions);
        // It is marked once.
        assert_eq!(after(&second, &without, true, 200).1, Absent::default());
        assert_eq!(gone(&after(&second, &all, true, 200).0), [0; 0]);
        // One that comes back in between was never missing.
        let (back, _) = after(&first, &all, true, 110);
        assert_eq!(gone(&after(&back, &without, true, 500).0), [0; 0]);
    }

    #[test]
    fn where_more_than_a_tenth_and_more_than_five_would_go_a_person_is_told_and_an_hour_passes() {
        let none = BTreeSet::new();
        let (first, said) = after(&sheets(29), &none, true, 100);
        let many = said.many.unwrap();
        assert_eq!((many.count, many.of, said.look_again_from), (29, 29, None));
        assert_eq!(many.believed_from(), Timestamp::from_second(100 + 55 * 60).unwrap());
        let (minutes_later, said) = after(&first, &none, true, 1_000);
        assert_eq!((gone(&minutes_later), said.many), (vec![], Some(many)));
        assert_eq!(gone(&after(&minutes_later, &none, true, 100 + 3_600).0).len(), 29);
        // Five go without a word, whatever part of the project's they are, and so does a tenth.
        let (five, said) = after(&sheets(5), &none, true, 100);
        assert_eq!((said.many, gone(&after(&five, &none, true, 200).0).len()), (None, 5));
        let but_six: BTreeSet<u64> = (7..=60).collect();
        assert_eq!(after(&sheets(60), &but_six, true, 100).1.many, None);
        assert!(after(&sheets(59), &but_six, true, 100).1.many.is_some());
    }

    #[test]
    fn what_waits_for_a_plan_that_is_gone_is_not_waited_for_any_more() {
        let waiting = written(&reconcile(
            project(),
            None,
            &listed(&[(1, "a")], 1),
            run(1),
            Again::Passing,
        ));
        let (first, _) = after(&[waiting], &BTreeSet::new(), true, 100);
        assert_eq!(first[0].waiting_sources().len(), 1);
        let (second, said) = after(&first, &BTreeSet::new(), true, 200);
        assert_eq!((gone(&second), second[0].waiting()), (vec![7], 0));
        let counted: Vec<_> = said.writes.iter().flat_map(|change| &change.counted).collect();
        assert_eq!((counted.len(), counted[0].state), (1, FileState::Withdrawn));
    }

    #[test]
    fn a_look_that_comes_late_does_not_undo_what_a_later_one_saw() {
        let (early, late) = (look(10, run(1), Again::All), look(20, None, Again::Passing));
        let of = |known, revisions: &[(u64, &str)], current, look: &Look| {
            super::reconcile(project(), known, &listed(revisions, current), look)
        };
        let plan = synced(&[(1, "a")], 1);
        let published = written(&of(Some(&plan), &[(1, "a"), (2, "b")], 2, &late));
        assert_eq!(of(Some(&published), &[(1, "a")], 1, &early), Decision::default());
        let whole = PlanKind::ALL.into();
        let absent = |look| super::absent([&published], &whole, &BTreeSet::new(), look, Timestamp::MAX);
        assert_eq!(absent(&early), Absent::default());
        let missing = recorded(absent(&look(30, None, Again::Passing)).writes.remove(0));
        assert_eq!(of(Some(&missing), &[(1, "a")], 1, &late), Decision::default());
        // One that found nothing new has changed nothing, and stands in nobody's way.
        assert_eq!(of(Some(&plan), &[(1, "a")], 1, &late), Decision::default());
        assert_eq!(numbers(&of(Some(&plan), &[(1, "a"), (2, "b")], 2, &early)), [2]);
    }

    proptest! {
        /// Whatever is listed in whatever order, runs settle: with all files fetched, the next look finds nothing to do, and
        /// no file that was stored is lost.
        #[test]
        fn every_sequence_of_looks_settles_and_loses_no_file(
            looks in proptest::collection::vec((proptest::collection::btree_map(1_u64..6, 0_u8..3, 1..5), any::<bool>()), 1..8),
        ) {
            let mut plan: Option<Plan> = None;
            for (number, (revisions, by_hand)) in (1..).zip(looks) {
                let stamps: Vec<(u64, String)> = revisions.iter().map(|(id, stamp)| (*id, stamp.to_string())).collect();
                let stamps: Vec<(u64, &str)> = stamps.iter().map(|(id, stamp)| (*id, stamp.as_str())).collect();
                let look = listed(&stamps, *revisions.keys().last().unwrap());
                let again = if by_hand { Again::All } else { Again::Passing };
                let decision = reconcile(project(), plan.as_ref(), &look, run(number), again);
                prop_assert_eq!(counts(&decision).len(), decision.fetch.len());
                let before = plan.clone();
                let written = decision.write.clone().map(recorded).or(plan).unwrap();
                prop_assert_eq!(written.waiting(), decision.fetch.len() as u64);
                let now = fetched(&written, &decision.fetch);
                // Not while a file waits to be fetched again, either: the access may end meanwhile.
                for (id, revision) in before.iter().flat_map(|plan| &plan.revisions) {
                    prop_assert!(revision.file().is_none() || written.revisions[id].file().is_some());
                }
                for (id, revision) in before.iter().flat_map(|plan| &plan.revisions) {
                    prop_assert!(revision.file().is_none() || now.revisions[id].file().is_some());
                }
                prop_assert_eq!(reconcile(project(), Some(&now), &look, run(number + 100), again), Decision::default());
                plan = Some(now);
            }
        }

        /// Whoever looks, in whatever order, and whichever files arrive in between: what a run counts as waiting is what waits
        /// on record and names that run, file by file.
        #[test]
        fn what_a_run_counts_as_waiting_is_what_waits(
            looks in proptest::collection::vec(
                (proptest::collection::btree_map(1_u64..6, 0_u8..3, 1..5), 0_u128..3, any::<bool>(), 0_usize..4), 1..10),
        ) {
            let mut plan: Option<Plan> = None;
            let mut counted: BTreeMap<(RunId, RevisionId), FileState> = BTreeMap::new();
            for (began, (revisions, by_run, gone, arrive)) in (1_i64..).zip(looks) {
                let by = (by_run > 0).then(|| run(by_run)).flatten();
                let look = look(began * 1_000, by, Again::Passing);
                let stamps: Vec<(u64, String)> = revisions.iter().map(|(id, stamp)| (*id, stamp.to_string())).collect();
                let stamps: Vec<(u64, &str)> = stamps.iter().map(|(id, stamp)| (*id, stamp.as_str())).collect();
                let change = match &plan {
                    Some(known) if gone => {
                        absent([known], &PlanKind::ALL.into(), &BTreeSet::new(), &look, look.began).writes.pop()
                    }
                    known => super::reconcile(project(), known.as_ref(), &listed(&stamps, *revisions.keys().last().unwrap()), &look).write,
                };
                for one in change.iter().flat_map(|change| &change.counted) {
                    counted.insert((one.run, one.revision), one.state);
                }
                plan = change.map(recorded).or(plan);
                let Some(known) = &plan else { continue };
                let sources: Vec<Source> = known.waiting_sources().into_iter().take(arrive).collect();
                for source in &sources {
                    if let Some(run) = known.revisions[&source.revision].run {
                        counted.insert((run, source.revision), FileState::Copied);
                    }
                }
                let known = fetched(known, &sources);
                let waits: BTreeSet<(RunId, RevisionId)> = known.revisions.iter()
                    .filter(|(_, revision)| revision.copy.is_waiting())
                    .filter_map(|(id, revision)| Some((revision.run?, *id)))
                    .collect();
                let counts: BTreeSet<_> = counted.iter().filter(|(_, state)| **state == FileState::Waiting).map(|(key, _)| *key).collect();
                prop_assert_eq!(waits, counts);
                plan = Some(known);
            }
        }

        /// Whatever lies and whatever is not whole, in whatever order and however soon after one another: a plan that is gone
        /// was missing in two whole looks with none between them that showed it, which lie a while apart; a long while where
        /// many were missing. And once Procore is honest twice, what it shows is here and nothing else is.
        #[test]
        fn no_sequence_of_looks_removes_what_an_honest_pair_still_shows(
            count in 1_u64..24,
            looks in proptest::collection::vec((0_u8..3, proptest::collection::btree_set(1_u64..24, 0..24), 1_i64..4_000), 1..14),
            honest in proptest::collection::btree_set(1_u64..24, 0..24),
        ) {
            let all: BTreeSet<u64> = (1..=count).collect();
            let mut plans = sheets(count);
            let mut at = 0;
            // Since when each is missing in every whole look, and in how many.
            let mut unseen: BTreeMap<u64, (i64, u32)> = BTreeMap::new();
            for (kind, lie, passes) in looks {
                at += passes;
                // Honest, lying, or not whole.
                let shown = if kind == 0 { all.clone() } else { &all & &lie };
                let whole = kind < 2;
                let before = gone(&plans);
                let present = plans.len() - before.len();
                let missing = unseen.keys().copied().filter(|id| !before.contains(id) && !shown.contains(id));
                let missing: BTreeSet<u64> = match whole {
                    true => all.iter().copied().filter(|id| !shown.contains(id) && !before.contains(id)).collect(),
                    false => missing.collect(),
                };
                (plans, _) = after(&plans, &shown, whole, at);
                unseen.retain(|id, _| !shown.contains(id));
                if whole {
                    for id in all.difference(&shown) {
                        let (_, looks) = unseen.entry(*id).or_insert((at, 0));
                        *looks += 1;
                    }
                }
                for id in gone(&plans).iter().filter(|id| !before.contains(id)) {
                    let (since, looks) = unseen[id];
                    prop_assert!(whole && looks >= 2 && at - since >= 20, "{id}: {looks} looks in {} s", at - since);
                    let many = missing.len() > 5 && missing.len() * 10 > present;
                    prop_assert!(!many || at - since >= 3_300, "{id}: {} of {present} after {} s", missing.len(), at - since);
                }
                prop_assert!(gone(&plans).iter().all(|id| !shown.contains(id)));
            }
            let honest = &all & &honest;
            for _ in 0..2 {
                at += 4_000;
                (plans, _) = after(&plans, &honest, true, at);
            }
            let expected: Vec<u64> = all.difference(&honest).copied().collect();
            prop_assert_eq!(gone(&plans), expected);
        }
    }
}
