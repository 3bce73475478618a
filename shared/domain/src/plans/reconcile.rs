//! What to do about a plan, given what is on record and what Procore shows.
//!
//! What has not changed is neither written nor fetched. A revision's file is fetched once; that of the revision that holds
//! is fetched again when Procore says that it has changed. A former revision's file is final: publishing the next one
//! changes when Procore last touched it, and not its sheet.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{
    Copy, Own, Plan, PlanId, Revision, RevisionId,
    job::Source,
    listing::{Listed, ListedRevision},
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

/// What to do about a plan.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Decision {
    /// The record to write, if it has changed.
    pub write: Option<Plan>,
    /// By how much the files grow that are counted by the run of the record to write. Less than nothing where files are not
    /// waited for any more that it counts.
    pub found: i64,
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
        revisions.insert(shown.id, revision(shown, copy));
    }
    // What Procore does not list any more is kept: it was synced, and stays.
    for (id, revision) in known.iter().flat_map(|plan| &plan.revisions) {
        revisions.entry(*id).or_insert_with(|| kept(revision));
    }
    let (run, found) = counted(known, &revisions, look.run);
    let fresh = Plan {
        id,
        details: listed.details.clone(),
        revisions,
        gone_since: None,
        seen_at: known.and_then(|plan| plan.seen_at),
        run,
        own: known.map_or_else(Own::default, |plan| plan.own.clone()),
        version: known.map_or(0, |plan| plan.version),
    };
    Decision {
        found,
        write: (known != Some(&fresh)).then_some(Plan {
            seen_at: Some(look.began),
            ..fresh
        }),
        fetch,
    }
}

/// The run that counts a plan's waiting files from now on, and by how much they grow in it. `run` is the one that looks.
///
/// Whoever counts some of them counts all, until none waits any more: a look that belongs to no run, as when Procore tells of
/// a change, must not take files away from a run that waits for them.
fn counted(
    known: Option<&Plan>,
    revisions: &BTreeMap<RevisionId, Revision>,
    run: Option<RunId>,
) -> (Option<RunId>, i64) {
    let before = known.map_or(0, Plan::waiting).cast_signed();
    let waits = |revision: &&Revision| revision.copy.is_waiting();
    let now = (revisions.values().filter(waits).count() as u64).cast_signed();
    let former = known.and_then(|plan| plan.run);
    let stays = now == 0 || run == former || (run.is_none() && before > 0);
    match if stays { former } else { run } {
        None => (None, 0),
        counting if stays => (counting, now - before),
        counting => (counting, now),
    }
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

fn revision(shown: &ListedRevision, copy: Copy) -> Revision {
    Revision {
        number: shown.number.clone(),
        set: shown.set.clone(),
        issued: shown.issued,
        received: shown.received,
        file_name: shown.file_name.clone(),
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

/// The plans on record that Procore does not show any more, as they are to be written. To be asked only where all plans of
/// a tool were listed.
#[must_use]
pub fn gone<'a>(
    known: impl IntoIterator<Item = &'a Plan>,
    listed: &BTreeSet<PlanId>,
    look: &Look,
    now: Timestamp,
) -> Vec<Plan> {
    let is_gone = |plan: &&Plan| plan.gone_since.is_none() && !listed.contains(&plan.id) && !look.is_late(plan);
    let mark = |plan: &Plan| Plan {
        gone_since: Some(now),
        seen_at: Some(look.began),
        ..plan.clone()
    };
    known.into_iter().filter(is_gone).map(mark).collect()
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
                address: format!("https://api.procore.com/files/{id}"),
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
            plan.revisions.get_mut(&source.revision).unwrap().copy = Copy::Stored(Stored {
                file: StoredFile {
                    sha256: "0".repeat(64),
                    size: 1,
                    content_type: "application/pdf".to_owned(),
                },
                thumbnail: None,
                stamp: source.stamp.clone(),
            });
        }
        plan.version += 1;
        plan
    }

    fn synced(revisions: &[(u64, &str)], current: u64) -> Plan {
        let decision = reconcile(project(), None, &listed(revisions, current), run(1), Again::Passing);
        fetched(&decision.write.unwrap(), &decision.fetch)
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
        assert_eq!((numbers(&decision), decision.found), (vec![1, 2], 2));
        let plan = decision.write.unwrap();
        assert_eq!(
            (plan.waiting(), plan.run, plan.current().unwrap().0),
            (2, run(1), RevisionId(2))
        );
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
        assert_eq!((numbers(&decision), decision.found), (vec![2], 1));
    }

    #[test]
    fn a_changed_file_of_the_revision_that_holds_is_read_again() {
        let plan = synced(&[(1, "a")], 1);
        let decision = reconcile(project(), Some(&plan), &listed(&[(1, "b")], 1), run(2), Again::Passing);
        assert_eq!((numbers(&decision), decision.found), (vec![1], 1));
    }

    #[test]
    fn a_file_that_changes_while_it_is_fetched_waits_for_what_it_has_become() {
        let first = reconcile(project(), None, &listed(&[(1, "a")], 1), run(1), Again::Passing);
        let waiting = first.write.unwrap();
        assert!(waiting.revisions[&RevisionId(1)].copy.waits_for("a"));
        let next = reconcile(project(), Some(&waiting), &listed(&[(1, "b")], 1), None, Again::Passing);
        assert_eq!((numbers(&next), next.found), (vec![1], 0));
        let copy = &next.write.unwrap().revisions[&RevisionId(1)].copy;
        assert!(copy.is_waiting() && copy.waits_for("b") && !copy.waits_for("a"));
    }

    #[test]
    fn a_look_that_is_repeated_counts_no_file_twice_but_has_those_that_wait_fetched() {
        let look = listed(&[(1, "a"), (2, "b")], 2);
        let first = reconcile(project(), None, &look, run(1), Again::Passing).write.unwrap();
        let repeated = reconcile(project(), Some(&first), &look, run(1), Again::Passing);
        assert_eq!(
            (repeated.write.clone(), repeated.found, numbers(&repeated)),
            (None, 0, vec![1, 2])
        );
        // The next run counts what is left over as its own.
        let next = reconcile(project(), Some(&first), &look, run(2), Again::Passing);
        assert_eq!((next.found, next.write.unwrap().run), (2, run(2)));
    }

    #[test]
    fn a_look_that_belongs_to_no_run_counts_nothing() {
        let decision = reconcile(project(), None, &listed(&[(1, "a")], 1), None, Again::Passing);
        assert_eq!((decision.found, numbers(&decision)), (0, vec![1]));
    }

    #[test]
    fn a_look_that_belongs_to_no_run_leaves_waiting_files_to_the_run_that_counts_them() {
        let look = listed(&[(1, "a"), (2, "b")], 2);
        let waiting = reconcile(project(), None, &look, run(1), Again::Passing).write.unwrap();
        let same = reconcile(project(), Some(&waiting), &look, None, Again::Passing);
        assert_eq!((same.write.clone(), same.found, numbers(&same)), (None, 0, vec![1, 2]));
        let more = listed(&[(1, "a"), (2, "b"), (3, "c")], 3);
        let more = reconcile(project(), Some(&waiting), &more, None, Again::Passing);
        assert_eq!((more.found, more.write.unwrap().run), (1, run(1)));
        // Once they are here, that run is done, and is left in peace.
        let done = fetched(&waiting, &same.fetch);
        let next = reconcile(project(), Some(&done), &listed(&[(3, "c")], 3), None, Again::Passing);
        assert_eq!((next.found, next.write.unwrap().run), (0, None));
    }

    #[test]
    fn a_file_that_is_not_waited_for_any_more_is_not_counted_any_more() {
        let look = listed(&[(1, "a"), (2, "b")], 2);
        let waiting = reconcile(project(), None, &look, run(1), Again::Passing).write.unwrap();
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
            assert_eq!((decision.found, decision.write.unwrap().run), (-2, run(1)));
        }
        let one = reconcile(project(), Some(&waiting), &listed(&[(2, "b")], 2), None, Again::Passing);
        assert_eq!((one.found, one.write.unwrap().run), (-1, run(1)));
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
        let written = reconcile(project(), Some(&plan), &listed(&[(1, "a")], 1), run(2), Again::Passing)
            .write
            .unwrap();
        assert_eq!(written.own, plan.own);
        assert_eq!(written.details.title, "Level 1");
    }

    #[test]
    fn what_is_gone_is_marked_once_and_unmarked_when_it_comes_back() {
        let (now, plan) = (Timestamp::UNIX_EPOCH, synced(&[(1, "a")], 1));
        let gone = |known, listed: &_| super::gone([known], listed, &look(0, run(2), Again::Passing), now);
        let marked = gone(&plan, &BTreeSet::new()).remove(0);
        assert_eq!(
            (marked.gone_since, marked.revisions == plan.revisions),
            (Some(now), true)
        );
        assert!(gone(&marked, &BTreeSet::new()).is_empty());
        assert!(gone(&plan, &BTreeSet::from([plan.id])).is_empty());
        let back = reconcile(
            project(),
            Some(&marked),
            &listed(&[(1, "a")], 1),
            run(2),
            Again::Passing,
        );
        assert_eq!((back.write.unwrap().gone_since, back.fetch), (None, vec![]));
    }

    #[test]
    fn a_look_that_comes_late_does_not_undo_what_a_later_one_saw() {
        let (early, late) = (look(10, run(1), Again::All), look(20, None, Again::Passing));
        let of = |known, revisions: &[(u64, &str)], current, look: &Look| {
            super::reconcile(project(), known, &listed(revisions, current), look)
        };
        let plan = synced(&[(1, "a")], 1);
        let published = of(Some(&plan), &[(1, "a"), (2, "b")], 2, &late).write.unwrap();
        assert_eq!(of(Some(&published), &[(1, "a")], 1, &early), Decision::default());
        assert_eq!(super::gone([&published], &BTreeSet::new(), &early, Timestamp::MAX), []);
        let gone = super::gone([&plan], &BTreeSet::new(), &late, Timestamp::MAX).remove(0);
        assert_eq!(of(Some(&gone), &[(1, "a")], 1, &early), Decision::default());
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
                prop_assert_eq!(decision.found, (decision.fetch.len() as u64).cast_signed());
                let before = plan.clone();
                let written = decision.write.or(plan).unwrap();
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
    }
}
