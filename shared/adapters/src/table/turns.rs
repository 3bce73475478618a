//! The line of those who wait for a company's turn, whichever worker they came to.
//!
//! It is asked for only where somebody has to wait, once for all messages that a worker hands back together.

use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use gusset_domain::{ids::CompanyId, pacing::Turns};
use jiff::Timestamp;

use super::{CONFLICTS, Table, TableError, conditions::held, key, number, stand_back};

const SK: &str = "TURNS";

fn pk(company: CompanyId) -> String {
    format!("TURNS#{company}")
}

/// How the line stands when turns are added to it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Line {
    /// Its end is still to come when the company may be asked again: the turns go behind it.
    Waits,
    /// Nobody is in it by then.
    Over,
}

impl Table {
    /// Gives `count` turns with a company to the caller and to nobody else: the first ones from `wanted.first` on that are not
    /// given yet. One request, and a second one where nobody is in the line.
    ///
    /// Dies here: the turns are given and used by nobody. The company is left alone for as long as they would have taken.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer. The turns may be given all the same.
    pub async fn take_turns(&self, company: CompanyId, wanted: Turns, count: u32) -> Result<Turns, TableError> {
        let mut line = Line::Waits;
        for tries in 0..CONFLICTS {
            if let Some(end) = self.lengthen(company, wanted, count, line).await? {
                let first = end.checked_sub(wanted.each.saturating_mul(count));
                return Ok(wanted.behind(first.ok()));
            }
            line = match line {
                Line::Waits => Line::Over,
                Line::Over => Line::Waits,
            };
            if tries > 1 {
                stand_back(tries).await;
            }
        }
        Err(TableError("a company's line changes too fast".to_owned()))
    }

    /// Adds turns to the line, if it stands so. Gives its end.
    async fn lengthen(
        &self,
        company: CompanyId,
        wanted: Turns,
        count: u32,
        line: Line,
    ) -> Result<Option<Timestamp>, TableError> {
        let span = wanted.each.saturating_mul(count);
        let expires_at = wanted.after(count).as_second().saturating_add(KEPT);
        let update = self.client.update_item().table_name(&self.name);
        let update = update
            .set_key(Some(key(&pk(company), SK)))
            .return_values(ReturnValue::UpdatedNew)
            .expression_attribute_values(":first", number(wanted.first.as_millisecond()))
            .expression_attribute_values(":expires_at", number(expires_at));
        let update = match line {
            Line::Waits => update
                .update_expression("SET ends = ends + :span, expires_at = :expires_at")
                .condition_expression("ends >= :first")
                .expression_attribute_values(":span", number(span.as_millis())),
            Line::Over => update
                .update_expression("SET ends = :end, expires_at = :expires_at")
                .condition_expression("attribute_not_exists(ends) OR ends < :first")
                .expression_attribute_values(":end", number(wanted.after(count).as_millisecond())),
        };
        let Some(updated) = held(update.send().await)? else {
            return Ok(None);
        };
        let updated = updated.attributes.unwrap_or_default();
        let ends = updated.get("ends").and_then(|ends| AttributeValue::as_n(ends).ok());
        let ends = ends.and_then(|ends| Timestamp::from_millisecond(ends.parse().ok()?).ok());
        ends.map(Some)
            .ok_or_else(|| TableError("a company's line has no end".to_owned()))
    }
}

/// How long a line is kept that nobody stands in any more, in seconds. It may be removed early, when others have lengthened it
/// since: whoever waits then comes too early, and waits once more.
const KEPT: i64 = 24 * 60 * 60;
