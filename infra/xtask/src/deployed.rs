//! Compares what is deployed with what was asked for.
//!
//! Neither the SAM CLI nor the emulator complains of a parameter that arrived cut short: `rate(1` was deployed as a schedule
//! once, and no clock ran.

use anyhow::{Result, bail};

use crate::aws::NOT_SHOWN;

/// The template's schedules, and the parameters that say how often each runs.
const SCHEDULES: [(&str, &str); 4] = [
    ("NotifyDue", "NotifyRate"),
    ("SweepClock", "SweepRate"),
    ("SyncPlansCheck", "PlanCheckRate"),
    ("SyncPlansSync", "PlanSyncRate"),
];

/// Compares the stack's parameters with those asked for, and its schedules with its parameters. Pairs are of names and values.
///
/// # Errors
/// A sentence for each difference.
pub(crate) fn compare(
    asked: &[(&str, String)],
    parameters: &[(String, String)],
    schedules: &[(String, String)],
) -> Result<()> {
    let mut differences = Vec::new();
    for (name, value) in asked {
        match of(parameters, name) {
            Some(deployed) if deployed == value || deployed == NOT_SHOWN => {}
            Some(deployed) => differences.push(format!(
                "The parameter {name} is deployed as `{deployed}`; `{value}` was asked for."
            )),
            None => differences.push(format!("The parameter {name} is not deployed.")),
        }
    }
    for (schedule, parameter) in SCHEDULES {
        match (of(schedules, schedule), of(parameters, parameter)) {
            (Some(runs), Some(rate)) if runs == rate => {}
            (None, _) => differences.push(format!("The schedule {schedule} is not deployed.")),
            (Some(runs), rate) => differences.push(format!(
                "The schedule {schedule} runs by `{runs}`; {parameter} says `{}`.",
                rate.unwrap_or_default()
            )),
        }
    }
    for (schedule, runs) in schedules {
        if !SCHEDULES.iter().any(|(known, _)| known == schedule) {
            differences.push(format!(
                "The schedule {schedule} runs by `{runs}`, which nothing is compared with: add it to SCHEDULES in {}.",
                file!()
            ));
        }
    }
    if differences.is_empty() {
        return Ok(());
    }
    bail!(
        "What is deployed is not what was asked for:\n{}",
        differences.join("\n")
    )
}

fn of<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let (_, value) = pairs.iter().find(|(key, _)| key == name)?;
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    const EACH_MINUTE: &str = "rate(1 minute)";

    /// A stack that is deployed as it should be, with these pairs in place of its own.
    fn compared(parameters: &[(&str, &str)], schedules: &[(&str, &str)]) -> String {
        let with = |mut all: Vec<(String, String)>, others: &[(&str, &str)]| {
            for (name, value) in others {
                all.retain(|(known, _)| known != name);
                if !value.is_empty() {
                    all.push(((*name).to_owned(), (*value).to_owned()));
                }
            }
            all
        };
        let each_minute = |name: &str| (name.to_owned(), EACH_MINUTE.to_owned());
        let rates = SCHEDULES.map(|(_, parameter)| each_minute(parameter)).to_vec();
        let clocks = SCHEDULES.map(|(schedule, _)| each_minute(schedule)).to_vec();
        let mut deployed = rates.clone();
        deployed.push(("ProcoreClientSecret".to_owned(), NOT_SHOWN.to_owned()));
        let mut asked: Vec<(&str, String)> = SCHEDULES.map(|(_, name)| (name, EACH_MINUTE.to_owned())).to_vec();
        asked.push(("ProcoreClientSecret", "secret".to_owned()));
        match compare(&asked, &with(deployed, parameters), &with(clocks, schedules)) {
            Ok(()) => String::new(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn a_stack_that_is_as_asked_for_is_let_pass() {
        assert_eq!(compared(&[], &[]), "");
    }

    #[test]
    fn a_rate_cut_at_its_space_is_told_with_both_values() {
        let told = compared(&[("SweepRate", "rate(1")], &[("SweepClock", "rate(1")]);
        assert!(
            told.ends_with("The parameter SweepRate is deployed as `rate(1`; `rate(1 minute)` was asked for."),
            "{told}"
        );
    }

    #[test]
    fn a_schedule_with_another_expression_is_told() {
        let told = compared(&[], &[("SyncPlansCheck", "rate(5 minutes)")]);
        assert!(
            told.ends_with(
                "The schedule SyncPlansCheck runs by `rate(5 minutes)`; PlanCheckRate says `rate(1 minute)`."
            ),
            "{told}"
        );
    }

    #[test]
    fn what_is_missing_or_unknown_is_told() {
        assert!(compared(&[("PlanSyncRate", "")], &[]).contains("The parameter PlanSyncRate is not deployed."));
        assert!(compared(&[], &[("NotifyDue", "")]).contains("The schedule NotifyDue is not deployed."));
        assert!(compared(&[], &[("NewClock", "rate(1 day)")]).contains("The schedule NewClock runs by `rate(1 day)`"));
    }
}
