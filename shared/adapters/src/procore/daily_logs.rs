//! The Site Diary, Procore's daily log: working hours (manpower logs) and notes (notes logs).

use gusset_domain::{
    delivery::Search,
    ids::{CompanyId, ItemId, ProjectId, UserId},
    items::{Entry, Item, Note, NoteCopy, WorkingHours, WorkingHoursCopy},
    sweep::Listed,
};
use jiff::{Span, civil::Date};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Authority, List, Procore, ProcoreError, Work,
    endpoint::Endpoint,
    lenient::{Fields, Odd, as_count, as_day, as_decimal, as_id, as_moment, as_name, as_text, as_truth, as_written},
    shapes::{attachments, created, item_id, not_an_item},
};

/// A day of the Site Diary.
#[derive(Deserialize)]
struct DayAnswer {
    completed: Option<bool>,
}

pub(super) const WORKING_HOURS: &str = "manpower_logs";
pub(super) const NOTES: &str = "notes_logs";

impl Procore {
    /// A working-hours entry, as our service account sees it.
    ///
    /// # Errors
    /// [`ProcoreError`].
    pub async fn working_hours(
        &self,
        company: CompanyId,
        project: ProjectId,
        item: ItemId,
    ) -> Result<WorkingHours, ProcoreError> {
        let path = format!("/rest/v1.0/projects/{project}/{WORKING_HOURS}/{item}");
        let answer: Value = self
            .get(Authority::ServiceAccount, Endpoint::of(company, &path), &[])
            .await?;
        read_working_hours(&answer, Some(item)).ok_or_else(|| not_an_item(200))
    }

    /// The working-hours entries about some days, the first and the last included. One call for each 2,000 of them, and
    /// one for none.
    ///
    /// # Errors
    /// [`ProcoreError`].
    pub async fn working_hours_of(
        &self,
        work: Work<'_>,
        company: CompanyId,
        project: ProjectId,
        days: (Date, Date),
    ) -> Result<List<Listed>, ProcoreError> {
        self.entries_of(
            work,
            (company, project),
            WORKING_HOURS,
            days,
            Approval::Given,
            listed_hours,
        )
        .await
    }

    /// A note, as our service account sees it.
    ///
    /// # Errors
    /// [`ProcoreError`].
    pub async fn note(&self, company: CompanyId, project: ProjectId, item: ItemId) -> Result<Note, ProcoreError> {
        let path = format!("/rest/v1.0/projects/{project}/{NOTES}/{item}");
        let answer: Value = self
            .get(Authority::ServiceAccount, Endpoint::of(company, &path), &[])
            .await?;
        read_note(&answer, Some(item)).ok_or_else(|| not_an_item(200))
    }

    /// The notes about some days, the first and the last included. One call for each 2,000 of them, and one for none.
    ///
    /// # Errors
    /// [`ProcoreError`].
    pub async fn notes_of(
        &self,
        work: Work<'_>,
        company: CompanyId,
        project: ProjectId,
        days: (Date, Date),
    ) -> Result<List<Listed>, ProcoreError> {
        self.entries_of(work, (company, project), NOTES, days, Approval::Given, listed_note)
            .await
    }

    /// The entries about some days, in as many lists as Procore's longest range takes.
    async fn entries_of<T>(
        &self,
        work: Work<'_>,
        (company, project): (CompanyId, ProjectId),
        kind: &str,
        days: (Date, Date),
        approval: Approval,
        read: impl Fn(&Value) -> Option<T>,
    ) -> Result<List<T>, ProcoreError> {
        let path = format!("/rest/v1.0/projects/{project}/{kind}");
        let mut entries = List::default();
        for (first, last) in ranges(days) {
            let mut query = vec![("start_date", first.to_string()), ("end_date", last.to_string())];
            query.extend(approval.filter());
            let list = self.readable_list(work, company, &path, &query, &read).await?;
            entries.entries.extend(list.entries);
            entries.changed |= list.changed;
        }
        Ok(entries)
    }

    /// Creates a copy of a working-hours entry, and gives it as Procore shows it.
    ///
    /// # Errors
    /// [`ProcoreError`]; see [`ProcoreError::may_have_happened`].
    pub async fn create_working_hours(
        &self,
        company: CompanyId,
        project: ProjectId,
        copy: &WorkingHoursCopy,
    ) -> Result<WorkingHours, ProcoreError> {
        let path = format!("/rest/v1.0/projects/{project}/{WORKING_HOURS}");
        let body = json!({"manpower_log": copy});
        let answer: Value = self
            .post(Authority::ServiceAccount, Endpoint::of(company, &path), &body)
            .await?;
        created(read_working_hours(&answer, None))
    }

    /// Creates a copy of a note, and gives it as Procore shows it.
    ///
    /// # Errors
    /// [`ProcoreError`]; see [`ProcoreError::may_have_happened`].
    pub async fn create_note(
        &self,
        company: CompanyId,
        project: ProjectId,
        copy: &NoteCopy,
    ) -> Result<Note, ProcoreError> {
        let path = format!("/rest/v1.0/projects/{project}/{NOTES}");
        let answer: Value = self
            .post(
                Authority::ServiceAccount,
                Endpoint::of(company, &path),
                &json!({"notes_log": copy}),
            )
            .await?;
        created(read_note(&answer, None))
    }

    /// Looks for a copy of a working-hours entry among the entries about some days, the first and the last included.
    ///
    /// # Errors
    /// [`ProcoreError`].
    pub async fn find_working_hours(
        &self,
        work: Work<'_>,
        company: CompanyId,
        project: ProjectId,
        search: &mut Search<'_>,
        days: (Date, Date),
    ) -> Result<Option<ItemId>, ProcoreError> {
        // A copy may wait for approval, where our app may not approve it itself.
        let list = self
            .entries_of(
                work,
                (company, project),
                WORKING_HOURS,
                days,
                Approval::Any,
                listed_hours,
            )
            .await?;
        list.searched(search)
    }

    /// Looks for a copy of a note among the entries about some days, the first and the last included.
    ///
    /// # Errors
    /// [`ProcoreError`].
    pub async fn find_note(
        &self,
        work: Work<'_>,
        company: CompanyId,
        project: ProjectId,
        search: &mut Search<'_>,
        days: (Date, Date),
    ) -> Result<Option<ItemId>, ProcoreError> {
        // As above.
        let list = self
            .entries_of(work, (company, project), NOTES, days, Approval::Any, listed_note)
            .await?;
        list.searched(search)
    }

    /// Whether a day of a project's Site Diary is marked complete, as our service account sees it: nothing can be written into
    /// it then.
    ///
    /// # Errors
    /// [`ProcoreError`].
    pub async fn day_is_closed(&self, company: CompanyId, project: ProjectId, day: Date) -> Result<bool, ProcoreError> {
        let path = format!("/rest/v1.0/projects/{project}/daily_log_headers");
        let query = [("log_date", day.to_string())];
        let header: DayAnswer = self
            .get(Authority::ServiceAccount, Endpoint::of(company, &path), &query)
            .await?;
        Ok(header.completed.unwrap_or(false))
    }
}

fn listed_hours(answer: &Value) -> Option<Listed> {
    let hours = read_working_hours(answer, None)?;
    Some(Listed {
        changed_at: hours.entry.created_at,
        item: Item::WorkingHours(hours),
    })
}

fn listed_note(answer: &Value) -> Option<Listed> {
    let note = read_note(answer, None)?;
    Some(Listed {
        changed_at: note.entry.created_at,
        item: Item::Note(note),
    })
}

/// Which entries a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Approval {
    /// Approved ones, as Procore does by itself.
    Given,
    /// Pending ones as well.
    Any,
}

impl Approval {
    pub(super) fn filter(self) -> Option<(&'static str, String)> {
        (self == Self::Any).then(|| ("filters[status]", "all".to_owned()))
    }
}

/// The longest range of days that one list is asked for, the first and the last included.
const LONGEST_RANGE: i64 = 90;

/// Days in ranges that Procore takes, without gaps. None where the last day is before the first.
fn ranges((first, last): (Date, Date)) -> impl Iterator<Item = (Date, Date)> {
    let mut next = Some(first).filter(|first| *first <= last);
    std::iter::from_fn(move || {
        let begin = next?;
        let end = begin.saturating_add(Span::new().days(LONGEST_RANGE - 1)).min(last);
        next = end.tomorrow().ok().filter(|next| *next <= last);
        Some((begin, end))
    })
}

/// What else an entry names, and what that is called.
const NAMED: [(&str, &str); 5] = [
    ("vendor", "Company"),
    ("user", "Person"),
    ("contact", "Contact"),
    ("trade", "Trade"),
    ("cost_code", "Cost code"),
];

/// Reads a working-hours entry as an answer shows it, be it alone or in a list. None where it is none, or has no id and
/// none was `asked` for.
pub(super) fn read_working_hours(answer: &Value, asked: Option<ItemId>) -> Option<WorkingHours> {
    let mut fields = Fields::of(answer)?;
    let workers = fields.told("num_workers", "Workers", as_count);
    let hours = fields.told("num_hours", "Hours", as_decimal);
    let mut entry = read_entry(&mut fields, asked)?;
    entry.unreadable = fields.unreadable();
    Some(WorkingHours { entry, workers, hours })
}

/// Reads a note, in the same way.
pub(super) fn read_note(answer: &Value, asked: Option<ItemId>) -> Option<Note> {
    let mut fields = Fields::of(answer)?;
    let is_issue_day = fields.told("is_issue_day", "Issue day", as_truth).unwrap_or(false);
    let mut entry = read_entry(&mut fields, asked)?;
    entry.unreadable = fields.unreadable();
    Some(Note { entry, is_issue_day })
}

/// What both kinds of entry have, without what cannot be read.
fn read_entry(fields: &mut Fields<'_>, asked: Option<ItemId>) -> Option<Entry> {
    let id = item_id(fields, asked)?;
    let creator = fields.get("created_by");
    let status = fields.quiet("status", as_text).unwrap_or_default();
    // A manpower log has notes, a notes log a comment.
    let comment = fields.told("notes", "Comment", as_written);
    let comment = comment.or_else(|| fields.told("comment", "Comment", as_written));
    // The day is what an entry is filed under. Where it cannot be read, the time says which one it was.
    let time = fields.quiet("datetime", as_day);
    let date = match fields.get("date").map(as_day) {
        None | Some(Ok(None)) => time,
        Some(Ok(day)) => day,
        Some(Err(Odd)) if time.is_some() => time,
        Some(Err(Odd)) => fields.told("date", "Day", as_day),
    };
    Some(Entry {
        id,
        date,
        comment: comment.unwrap_or_default(),
        created_at: fields.quiet("created_at", as_moment),
        author: creator.and_then(|by| as_name(by).unwrap_or_default()),
        author_id: creator
            .and_then(Fields::of)
            .and_then(|by| by.quiet("id", as_id(UserId::new))),
        deleted: fields.quiet("deleted_at", as_text).is_some(),
        pending: matches!(status.to_ascii_lowercase().as_str(), "pending" | "rejected"),
        location: fields.told("location", "Location", as_name),
        attachments: attachments(fields, "attachments"),
        named: NAMED
            .iter()
            .filter_map(|(name, title)| Some((*title, fields.told(name, title, as_name)?)))
            .collect(),
        unreadable: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::procore::lenient::tests::any_json;

    fn answer() -> Value {
        json!({
            "id": 601, "date": "2026-11-20", "datetime": "2026-11-20T12:00:00Z", "status": "approved", "created_at": "2026-11-20T17:00:00Z",
            "deleted_at": null, "created_by": {"id": 104, "name": "Sam"}, "location": {"id": 7, "name": "Roof"}, "notes": "Slab",
            "num_workers": 4, "num_hours": "7.5", "vendor": {"id": 1, "name": "Volt"}, "user": {"id": 2, "name": "Pat"},
            "contact": null, "trade": null, "cost_code": null, "is_issue_day": true,
            "attachments": [{"id": 12, "filename": "a.jpg", "url": "https://api.procore.com/files/12"}],
        })
    }

    fn without(mut entry: Entry, field: &str) -> Entry {
        match field {
            "id" => entry.id = ItemId::new(1).expect("an id"),
            "date" | "datetime" => entry.date = None,
            "notes" => entry.comment.clear(),
            "created_at" => entry.created_at = None,
            "deleted_at" => entry.deleted = false,
            "status" => entry.pending = false,
            "created_by" => (entry.author, entry.author_id) = (None, None),
            "location" => entry.location = None,
            "attachments" => entry.attachments.clear(),
            "vendor" | "user" | "contact" | "trade" | "cost_code" => entry.named.clear(),
            _ => {}
        }
        entry.unreadable.clear();
        entry
    }

    proptest! {
        #[test]
        fn anything_in_any_field_leaves_the_others_as_they_were(odd in any_json(), within in any::<prop::sample::Index>()) {
            let fields: Vec<String> = answer().as_object().unwrap().keys().cloned().collect();
            let field = within.get(&fields).as_str();
            let mut changed = answer();
            changed[field] = odd;
            let (plain, odd) = (answer(), changed);
            let id = ItemId::new(601);
            let hours = (read_working_hours(&plain, id).unwrap(), read_working_hours(&odd, id).unwrap());
            prop_assert!(hours.0.entry.unreadable.is_empty());
            prop_assert_eq!(without(hours.0.entry, field), without(hours.1.entry, field));
            prop_assert!(field == "num_workers" || hours.0.workers == hours.1.workers);
            prop_assert!(field == "num_hours" || hours.0.hours == hours.1.hours);
            let notes = (read_note(&plain, id).unwrap(), read_note(&odd, id).unwrap());
            prop_assert_eq!(without(notes.0.entry, field), without(notes.1.entry, field));
            prop_assert!(field == "is_issue_day" || notes.0.is_issue_day == notes.1.is_issue_day);
        }

        #[test]
        fn no_range_is_too_long_and_no_day_is_left_out(first in 0_i64..40_000, days in 0_i64..1_000) {
            let day = |number: i64| Date::constant(1950, 1, 1).saturating_add(Span::new().days(number));
            let all: Vec<(Date, Date)> = ranges((day(first), day(first + days))).collect();
            prop_assert_eq!((all[0].0, all[all.len() - 1].1), (day(first), day(first + days)));
            for (begin, end) in &all {
                prop_assert!(end.since(*begin).unwrap().get_days() < 90);
            }
            for pair in all.windows(2) {
                prop_assert_eq!(pair[0].1.tomorrow().unwrap(), pair[1].0);
            }
        }
    }

    #[test]
    fn what_a_day_says_that_cannot_be_read_is_said_unless_the_time_says_it() {
        let mut odd = answer();
        odd["date"] = json!("soon");
        assert_eq!(
            read_note(&odd, None).unwrap().entry.date,
            Some(Date::constant(2026, 11, 20))
        );
        odd["datetime"] = json!(null);
        let entry = read_note(&odd, None).unwrap().entry;
        assert_eq!(
            (entry.date, entry.unreadable[0].to_string().as_str()),
            (None, "Day could not be read: soon")
        );
    }

    #[test]
    fn a_pending_entry_is_known_and_parties_are_kept_by_name() {
        let mut odd = answer();
        (odd["status"], odd["vendor"], odd["user"]) = (json!("pending"), json!("Volt"), json!({"name": "Pat Fitter"}));
        let entry = read_working_hours(&odd, None).unwrap().entry;
        assert!(entry.pending);
        assert_eq!(
            entry.named,
            [("Company", "Volt".to_owned()), ("Person", "Pat Fitter".to_owned())]
        );
    }
}
