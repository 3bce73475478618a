//! Wrong codes, counted for a user and for a project.
//!
//! An attempt is counted before it is made, and given back when it hits: so no number of requests at once can make more
//! attempts than are allowed.

use std::fmt;

use aws_sdk_dynamodb::{error::SdkError, types::ReturnValuesOnConditionCheckFailure};
use gusset_domain::{
    guessing::{Attempt, MISSES_ALLOWED, Misses, WINDOW, attempt},
    ids::{ProjectId, UserId},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Table, TableError, key, number, read, record};

/// Whose misses are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guesser {
    /// A person, from whichever project.
    User(UserId),
    /// A project, by whichever person.
    Project(ProjectId),
}

impl fmt::Display for Guesser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(user) => write!(f, "MISSES#USER#{user}"),
            Self::Project(project) => write!(f, "MISSES#PROJECT#{project}"),
        }
    }
}

/// An attempt that was counted.
#[derive(Debug, Clone, Copy)]
pub struct Counted {
    guesser: Guesser,
    since: i64,
}

#[derive(Serialize, Deserialize)]
struct MissesRecord {
    count: u32,
    /// Unix milliseconds.
    since: i64,
    expires_at: i64,
}

/// Tries again where the window was opened or ran out just then.
const TRIES: u32 = 10;

impl Table {
    /// Counts an attempt, or says until when none may be made.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn count_attempt(
        &self,
        guesser: Guesser,
        now: Timestamp,
    ) -> Result<Result<Counted, Timestamp>, TableError> {
        let mut known: Option<MissesRecord> = self.get(&guesser.to_string(), "MISSES").await?;
        for _ in 0..TRIES {
            let misses = known.as_ref().and_then(|known| {
                Some(Misses {
                    count: known.count,
                    since: Timestamp::from_millisecond(known.since).ok()?,
                })
            });
            let written = match attempt(misses, now) {
                Attempt::RefusedUntil(until) => return Ok(Err(until)),
                Attempt::OpensWindow => self.open_window(guesser, known.as_ref(), now).await?,
                Attempt::CountedInWindow => {
                    self.count(guesser, known.as_ref().map_or(0, |known| known.since), 1)
                        .await?
                }
            };
            match written {
                Ok(since) => return Ok(Ok(Counted { guesser, since })),
                Err(present) => known = present,
            }
        }
        Err(TableError("the count of wrong codes changes too fast".to_owned()))
    }

    /// Gives an attempt back: it was no miss.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn give_back_attempt(&self, counted: Counted) -> Result<(), TableError> {
        self.count(counted.guesser, counted.since, -1).await.map(drop)
    }

    async fn count(
        &self,
        guesser: Guesser,
        since: i64,
        by: i32,
    ) -> Result<Result<i64, Option<MissesRecord>>, TableError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(key(&guesser.to_string(), "MISSES")));
        let update = update
            .update_expression("ADD #count :by")
            .condition_expression("since = :since AND #count < :most")
            .expression_attribute_names("#count", "count")
            .expression_attribute_values(":by", number(by))
            .expression_attribute_values(":since", number(since))
            // What is given back must not be stopped by the limit that it was counted towards.
            .expression_attribute_values(":most", number(if by > 0 { MISSES_ALLOWED } else { u32::MAX }))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match update.send().await {
            Ok(_) => Ok(Ok(since)),
            Err(SdkError::ServiceError(service)) if service.err().is_conditional_check_failed_exception() => {
                match service.into_err() {
                    aws_sdk_dynamodb::operation::update_item::UpdateItemError::ConditionalCheckFailedException(
                        failed,
                    ) => Ok(Err(failed.item.map(read).transpose()?)),
                    error => Err(TableError::new(error)),
                }
            }
            Err(error) => Err(TableError::new(error)),
        }
    }

    async fn open_window(
        &self,
        guesser: Guesser,
        over: Option<&MissesRecord>,
        now: Timestamp,
    ) -> Result<Result<i64, Option<MissesRecord>>, TableError> {
        let since = now.as_millisecond();
        let expires_at = now.as_second() + i64::try_from(WINDOW.as_secs()).unwrap_or(i64::MAX / 2);
        let fresh = record(
            &guesser.to_string(),
            "MISSES",
            &MissesRecord {
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
        match put.send().await {
            Ok(_) => Ok(Ok(since)),
            Err(SdkError::ServiceError(service)) if service.err().is_conditional_check_failed_exception() => {
                Ok(Err(self.get(&guesser.to_string(), "MISSES").await?))
            }
            Err(error) => Err(TableError::new(error)),
        }
    }
}
