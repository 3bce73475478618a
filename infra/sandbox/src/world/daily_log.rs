//! The Site Diary, which Procore's API calls the daily log: working hours (manpower logs) and notes.

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::Value;

use super::{Actor, Change, Id, Level, Resource, Tool, World, now, today};
use crate::files::{Owner, StoredFile};
use crate::params::Fields;
use crate::refusal::Refusal;
use crate::webhooks::EventType;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DailyLogKind {
    Manpower,
    Notes,
}

impl DailyLogKind {
    pub(crate) fn resource(self) -> Resource {
        match self {
            Self::Manpower => Resource::ManpowerLogs,
            Self::Notes => Resource::NotesLogs,
        }
    }

    /// What its addresses end in.
    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::Manpower => "manpower_logs",
            Self::Notes => "notes_logs",
        }
    }

    /// The key that wraps an entry in a request's body.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::Manpower => "manpower_log",
            Self::Notes => "notes_log",
        }
    }
}

/// What an entry says.
#[derive(Debug, Clone)]
pub(crate) enum Entry {
    Manpower {
        num_workers: i64,
        num_hours: f64,
        notes: Option<String>,
        user_id: Option<Id>,
    },
    Notes {
        comment: Option<String>,
        is_issue_day: bool,
    },
}

/// One entry of one day.
#[derive(Debug, Clone)]
pub(crate) struct DailyLog {
    pub(crate) id: Id,
    pub(crate) project_id: Id,
    pub(crate) kind: DailyLogKind,
    pub(crate) date: Date,
    pub(crate) timestamp: Option<Timestamp>,
    /// Whether it waits for approval. Lists show it only to who asks for it.
    pub(crate) pending: bool,
    pub(crate) entry: Entry,
    pub(crate) location_id: Option<Id>,
    pub(crate) attachments: Vec<Id>,
    pub(crate) position: usize,
    pub(crate) created_by: Id,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

impl World {
    pub(crate) fn visible_daily_log(
        &self,
        person_id: Id,
        project_id: Id,
        kind: DailyLogKind,
        id: Id,
    ) -> Result<&DailyLog, Refusal> {
        self.require(person_id, project_id, Tool::DailyLog, Level::ReadOnly)?;
        let log = self
            .daily_logs
            .get(&id)
            .filter(|log| log.project_id == project_id && log.kind == kind);
        log.ok_or(Refusal::NotFound)
    }

    pub(crate) fn may_change_daily_log(&self, person_id: Id, log: &DailyLog) -> bool {
        match self.project_level(person_id, log.project_id, Tool::DailyLog) {
            Level::Admin => true,
            Level::Standard => log.created_by == person_id,
            Level::ReadOnly | Level::None => false,
        }
    }

    pub(crate) fn create_daily_log(
        &mut self,
        actor: &Actor,
        project_id: Id,
        kind: DailyLogKind,
        values: &Value,
        files: Vec<StoredFile>,
    ) -> Result<Id, Refusal> {
        self.require(actor.person_id, project_id, Tool::DailyLog, Level::Standard)?;
        self.require_active(project_id)?;
        let entry = match kind {
            DailyLogKind::Manpower => Entry::Manpower {
                num_workers: 0,
                num_hours: 0.0,
                notes: None,
                user_id: None,
            },
            DailyLogKind::Notes => Entry::Notes {
                comment: None,
                is_issue_day: false,
            },
        };
        let of_the_day = |log: &&DailyLog| log.project_id == project_id && log.kind == kind;
        let mut log = DailyLog {
            id: 0,
            project_id,
            kind,
            date: today(),
            timestamp: None,
            pending: false,
            entry,
            location_id: None,
            attachments: Vec::new(),
            position: 0,
            created_by: actor.person_id,
            created_at: now(),
            updated_at: now(),
        };
        self.read_daily_log(&mut log, values, true)?;
        self.locate_daily_log(&mut log, values)?;
        approve(&mut log, actor, values)?;
        let date = log.date;
        if self.project(project_id)?.completed_days.contains(&date) {
            return Err(Refusal::invalid("base", format!("Daily log for {date} is complete")));
        }
        log.position = 1 + self
            .daily_logs
            .values()
            .filter(of_the_day)
            .filter(|log| log.date == date)
            .count();
        log.id = self.new_id();
        log.attachments = self.keep_files(project_id, Owner::DailyLog(log.id), files);
        let id = log.id;
        self.daily_logs.insert(id, log);
        self.record_daily_log(actor, project_id, kind, id, EventType::Create);
        Ok(id)
    }

    pub(crate) fn update_daily_log(
        &mut self,
        actor: &Actor,
        project_id: Id,
        kind: DailyLogKind,
        id: Id,
        values: &Value,
        files: Vec<StoredFile>,
    ) -> Result<(), Refusal> {
        let mut log = self.changeable_daily_log(actor, project_id, kind, id)?.clone();
        self.read_daily_log(&mut log, values, false)?;
        self.locate_daily_log(&mut log, values)?;
        approve(&mut log, actor, values)?;
        let added = self.keep_files(project_id, Owner::DailyLog(id), files);
        log.attachments.extend(added);
        log.updated_at = now();
        self.daily_logs.insert(id, log);
        self.record_daily_log(actor, project_id, kind, id, EventType::Update);
        Ok(())
    }

    pub(crate) fn delete_daily_log(
        &mut self,
        actor: &Actor,
        project_id: Id,
        kind: DailyLogKind,
        id: Id,
    ) -> Result<(), Refusal> {
        self.changeable_daily_log(actor, project_id, kind, id)?;
        self.daily_logs.remove(&id);
        self.files.retain(|_, file| file.owner != Some(Owner::DailyLog(id)));
        self.record_daily_log(actor, project_id, kind, id, EventType::Delete);
        Ok(())
    }

    fn changeable_daily_log(
        &self,
        actor: &Actor,
        project_id: Id,
        kind: DailyLogKind,
        id: Id,
    ) -> Result<&DailyLog, Refusal> {
        let log = self.visible_daily_log(actor.person_id, project_id, kind, id)?;
        self.require_active(project_id)?;
        if self.may_change_daily_log(actor.person_id, log) {
            Ok(log)
        } else {
            Err(Refusal::forbidden("Only the author or an admin may change this entry"))
        }
    }

    /// Reads what the request says into the entry.
    fn read_daily_log(&self, log: &mut DailyLog, values: &Value, new: bool) -> Result<(), Refusal> {
        let mut fields = Fields::of(values);
        let timestamp = fields.timestamp("datetime");
        if let Some(timestamp) = timestamp.or_else(|| fields.timestamp("timestamp")) {
            log.timestamp = Some(timestamp);
            log.date = jiff::tz::TimeZone::UTC.to_datetime(timestamp).date();
        }
        if let Some(date) = fields.date("date") {
            log.date = date;
        }
        match &mut log.entry {
            Entry::Manpower {
                num_workers,
                num_hours,
                notes,
                user_id,
            } => {
                *num_workers = fields.integer("num_workers").unwrap_or(*num_workers);
                if *num_workers < 0 {
                    fields.complain("num_workers", "must be greater than or equal to 0");
                }
                *num_hours = fields.decimal("num_hours").unwrap_or(*num_hours);
                if !(0.0..=24.0 * 31.0).contains(num_hours) {
                    fields.complain("num_hours", "must be greater than or equal to 0");
                }
                if fields.names("notes") {
                    *notes = fields.text("notes");
                }
                if fields.names("user_id") {
                    *user_id = fields.id("user_id");
                    if user_id.is_some_and(|id| !self.sees_project(id, log.project_id)) {
                        fields.complain("user_id", "is not in this project");
                    }
                }
            }
            Entry::Notes { comment, is_issue_day } => {
                if new {
                    *comment = Some(fields.required_text("comment"));
                } else if fields.names("comment") {
                    *comment = fields.text("comment");
                }
                *is_issue_day = fields.boolean("is_issue_day").unwrap_or(*is_issue_day);
            }
        }
        fields.finish()
    }

    fn locate_daily_log(&mut self, log: &mut DailyLog, values: &Value) -> Result<(), Refusal> {
        let mut fields = Fields::of(values);
        let location_id = fields.id("location_id");
        let path = fields.texts("mt_location");
        fields.finish()?;
        if !path.is_empty() {
            log.location_id = self.location_at(log.project_id, &path)?;
        } else if values.get("location_id").is_some() {
            log.location_id = self.checked_location(log.project_id, location_id)?;
        }
        Ok(())
    }

    fn record_daily_log(&mut self, actor: &Actor, project_id: Id, kind: DailyLogKind, id: Id, event_type: EventType) {
        self.record(
            actor,
            Change {
                project_id,
                resource: kind.resource(),
                resource_id: id,
                event_type,
            },
        );
    }
}

/// Puts an entry into the state of approval that a person says. The API knows no way of doing that.
fn approve(log: &mut DailyLog, actor: &Actor, values: &Value) -> Result<(), Refusal> {
    let mut fields = Fields::of(values);
    let status = fields.text("status").filter(|_| actor.application.is_none());
    match status.as_deref() {
        None => {}
        Some("pending") => log.pending = true,
        Some("approved") => log.pending = false,
        Some(_) => fields.complain("status", "must be pending or approved"),
    }
    fields.finish()
}
