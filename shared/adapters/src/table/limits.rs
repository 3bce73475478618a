//! What may be done so often only: wrong codes, counted for a user and for a project; links that sign in, counted for a
//! mailbox and for a network; questions about projects that a person cannot see; requests for connections; and emails.
//!
//! An attempt is counted before it is made, and given back when it was none: so no number of requests at once can make
//! more attempts than are allowed.

use std::fmt;

use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;
use gusset_domain::{
    admin::{UNSEEN_PROJECT, UNSEEN_PROJECTS},
    connection_code::MISSES,
    estimating_account::{LINKS_FROM_NETWORK, LINKS_TO_MAILBOX},
    ids::{ConnectionId, ProjectId, UserId},
    invitation::{INVITATIONS_BY_PERSON, INVITATIONS_TO_PROJECT},
    limit::{Attempt, CLEARINGS, Count, Limit},
    notification_list::{EMAILS_OF_PROJECT, QUESTIONS_OF_PROJECT, QUESTIONS_TO_MAILBOX},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    Table, TableError,
    conditions::{held, outcome},
    key, number, read, record,
};

/// Whose attempts are counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Limited {
    /// Codes that a person mistypes, from whichever project.
    Guesser(UserId),
    /// Codes that are mistyped from a project, by whichever person.
    GuessingProject(ProjectId),
    /// Links sent to a mailbox, by its hash.
    Mailbox(String),
    /// Links asked for from a network, as [`gusset_domain::estimating_account::network`] names it.
    Network(String),
    /// Questions to Procore about projects that it does not show a person.
    Stranger(UserId),
    /// Questions to Procore about one project that it does not show a person.
    StrangerTo(UserId, ProjectId),
    /// Requests for connections that a person makes.
    Inviter(UserId),
    /// Requests for connections that a project gets.
    Invited(ProjectId),
    /// Questions whether an address wants a project's emails, asked for a project.
    Asking(ProjectId),
    /// Such questions, asked of a mailbox, by its hash.
    Asked(String),
    /// Emails to those who get a project's.
    Emails(ProjectId),
    /// Looks for what an ended connection left behind.
    Clearing(ConnectionId),
}

impl Limited {
    fn limit(&self) -> Limit {
        match self {
            Self::Guesser(_) | Self::GuessingProject(_) => MISSES,
            Self::Mailbox(_) => LINKS_TO_MAILBOX,
            Self::Network(_) => LINKS_FROM_NETWORK,
            Self::Stranger(_) => UNSEEN_PROJECTS,
            Self::StrangerTo(..) => UNSEEN_PROJECT,
            Self::Inviter(_) => INVITATIONS_BY_PERSON,
            Self::Invited(_) => INVITATIONS_TO_PROJECT,
            Self::Asking(_) => QUESTIONS_OF_PROJECT,
            Self::Asked(_) => QUESTIONS_TO_MAILBOX,
            Self::Emails(_) => EMAILS_OF_PROJECT,
            Self::Clearing(_) => CLEARINGS,
        }
    }

    fn sk(&self) -> &'static str {
        match self {
            Self::Guesser(_) | Self::GuessingProject(_) => "MISSES",
            Self::Mailbox(_) | Self::Network(_) => "LINKS",
            Self::Stranger(_) | Self::StrangerTo(..) => "UNSEEN",
            Self::Inviter(_) | Self::Invited(_) => "INVITES",
            Self::Asking(_) | Self::Asked(_) => "QUESTIONS",
            Self::Emails(_) => "EMAILS",
            Self::Clearing(_) => "CLEARED",
        }
    }
}

impl fmt::Display for Limited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Guesser(user) => write!(f, "MISSES#USER#{user}"),
            Self::GuessingProject(project) => write!(f, "MISSES#PROJECT#{project}"),
            Self::Mailbox(hash) => write!(f, "LINKS#MAILBOX#{hash}"),
            Self::Network(network) => write!(f, "LINKS#NETWORK#{network}"),
            Self::Stranger(user) => write!(f, "UNSEEN#USER#{user}"),
            Self::StrangerTo(user, project) => write!(f, "UNSEEN#USER#{user}#{project}"),
            Self::Inviter(user) => write!(f, "INVITES#USER#{user}"),
            Self::Invited(project) => write!(f, "INVITES#PROJECT#{project}"),
            Self::Asking(project) => write!(f, "QUESTIONS#PROJECT#{project}"),
            Self::Asked(hash) => write!(f, "QUESTIONS#MAILBOX#{hash}"),
            Self::Emails(project) => write!(f, "EMAILS#PROJECT#{project}"),
            Self::Clearing(connection) => write!(f, "CLEARED#{connection}"),
        }
    }
}

/// An attempt that was counted.
#[derive(Debug, Clone)]
pub struct Counted {
    whose: Limited,
    since: i64,
}

#[derive(Serialize, Deserialize)]
struct CountRecord {
    count: u32,
    /// Unix milliseconds.
    since: i64,
    expires_at: i64,
}

/// Tries again where the window was opened or ran out just then.
const TRIES: u32 = 10;

impl Table {
    /// Counts an attempt for each of several, or says until when one of them may make none; then it is counted for none.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn count_attempts<const N: usize>(
        &self,
        all: [Limited; N],
        now: Timestamp,
    ) -> Result<Result<Vec<Counted>, Timestamp>, TableError> {
        let mut counted = Vec::with_capacity(N);
        for whose in all {
            match self.count_attempt(whose, now).await? {
                Ok(attempt) => counted.push(attempt),
                Err(until) => {
                    self.give_back_attempts(counted).await;
                    return Ok(Err(until));
                }
            }
        }
        Ok(Ok(counted))
    }

    /// Gives attempts back: they were none that count. One that is not, because the table fails just now, costs the person
    /// one of those that are allowed until the window is over. It must not cost them what they came for.
    pub async fn give_back_attempts(&self, counted: Vec<Counted>) {
        for attempt in counted {
            if let Err(error) = self.count(&attempt.whose, attempt.since, -1).await {
                tracing::warn!(%error, "an attempt was not given back");
            }
        }
    }

    async fn count_attempt(&self, whose: Limited, now: Timestamp) -> Result<Result<Counted, Timestamp>, TableError> {
        let mut known: Option<CountRecord> = self.get(&whose.to_string(), whose.sk()).await?;
        for _ in 0..TRIES {
            let counted = known.as_ref().and_then(|known| {
                Some(Count {
                    count: known.count,
                    since: Timestamp::from_millisecond(known.since).ok()?,
                })
            });
            let written = match whose.limit().attempt(counted, now) {
                Attempt::RefusedUntil(until) => return Ok(Err(until)),
                Attempt::OpensWindow => self.open_window(&whose, known.as_ref(), now).await?,
                Attempt::CountedInWindow => {
                    self.count(&whose, known.as_ref().map_or(0, |known| known.since), 1)
                        .await?
                }
            };
            match written {
                Ok(since) => return Ok(Ok(Counted { whose, since })),
                Err(present) => known = present,
            }
        }
        Err(TableError("a count of attempts changes too fast".to_owned()))
    }

    async fn count(
        &self,
        whose: &Limited,
        since: i64,
        by: i32,
    ) -> Result<Result<i64, Option<CountRecord>>, TableError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(key(&whose.to_string(), whose.sk())));
        let update = update
            .update_expression("ADD #count :by")
            .condition_expression("since = :since AND #count < :most")
            .expression_attribute_names("#count", "count")
            .expression_attribute_values(":by", number(by))
            .expression_attribute_values(":since", number(since))
            // What is given back must not be stopped by the limit that it was counted towards.
            .expression_attribute_values(":most", number(if by > 0 { whose.limit().most } else { u32::MAX }))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match outcome(update.send().await)? {
            Ok(_) => Ok(Ok(since)),
            Err(failed) => Ok(Err(failed.item.map(read).transpose()?)),
        }
    }

    async fn open_window(
        &self,
        whose: &Limited,
        over: Option<&CountRecord>,
        now: Timestamp,
    ) -> Result<Result<i64, Option<CountRecord>>, TableError> {
        let since = now.as_millisecond();
        let expires_at = now.as_second() + i64::try_from(whose.limit().window.as_secs()).unwrap_or(i64::MAX / 2);
        let fresh = record(
            &whose.to_string(),
            whose.sk(),
            &CountRecord {
                count: 1,
                since,
                expires_at,
            },
        )?;
        let put = self.client.put_item().table_name(&self.name).set_item(Some(fresh));
        let put = match over {
            None => put.condition_expression("attribute_not_exists(pk)"),
            Some(over) => put
                .condition_expression("since = :since")
                .expression_attribute_values(":since", number(over.since)),
        };
        match held(put.send().await)? {
            Some(_) => Ok(Ok(since)),
            None => Ok(Err(self.get(&whose.to_string(), whose.sk()).await?)),
        }
    }
}
