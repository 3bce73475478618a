//! The walk over an account. It removes what it made, however it ends.

mod people;
mod person;
mod plans;
mod rfis;
mod sign_in;
mod site_diary;
mod uploads;
mod webhooks;

use reqwest::Method;
use tokio::signal::unix::{SignalKind, signal};

use crate::{
    arguments::Arguments,
    procore::{Body, Procore},
    report::Report,
};

/// What was made and has to go again: how, and its name for people.
pub(crate) struct Made {
    method: Method,
    path: String,
    name: &'static str,
}

/// A walk under way.
pub(crate) struct Walk<'a> {
    arguments: &'a Arguments,
    procore: Procore,
    report: Report,
    made: Vec<Made>,
    tell: fn(&str),
}

impl Walk<'_> {
    /// Has something removed at the end.
    pub(crate) fn made(&mut self, method: Method, path: String, name: &'static str) {
        self.made.push(Made { method, path, name });
    }

    /// Removes what was made, the latest first.
    async fn clean_up(&mut self) {
        while let Some(Made { method, path, name }) = self.made.pop() {
            let removed = self.procore.write(method, &path, Body::None).await;
            let problem = match removed {
                Ok(answer) if answer.is_success() || answer.status == 404 => continue,
                Ok(answer) => answer.in_words(),
                Err(problem) => problem,
            };
            self.report.left_behind.push(format!("{name} ({path}): {problem}"));
        }
    }

    async fn all(&mut self, secret: &str) -> Result<(), String> {
        self.sign_in(secret).await?;
        (self.tell)("Signed in. Looking at people, places and plans.");
        self.people().await?;
        self.plans().await?;
        (self.tell)("Making a webhook, an RFI and two Site Diary entries.");
        let hook = self.hook().await?;
        let upload = self.upload().await?;
        self.rfi(upload.as_deref()).await?;
        self.site_diary().await?;
        if let Some(hook) = hook {
            (self.tell)("Waiting until Procore has tried to tell of the RFI.");
            self.told_of(&hook).await?;
        }
        if self.arguments.browser {
            self.person(secret).await?;
        }
        Ok(())
    }
}

/// Waits until somebody presses Ctrl-C, closes the terminal or sends SIGTERM.
async fn stopped() {
    let heard = async |kind: SignalKind| match signal(kind) {
        Ok(mut signals) => drop(signals.recv().await),
        // It cannot be heard, and ends the probe at once.
        Err(_) => std::future::pending().await,
    };
    tokio::select! {
        () = heard(SignalKind::interrupt()) => {}
        () = heard(SignalKind::terminate()) => {}
        () = heard(SignalKind::hangup()) => {}
    }
}

/// Walks over the account. `tell` gets what to show meanwhile.
///
/// # Errors
/// One sentence, where there is no token, Procore does not answer, or somebody stops it. What was made is removed also then.
pub async fn walk(arguments: &Arguments, secret: &str, tell: fn(&str)) -> Result<Report, String> {
    let mut walk = Walk {
        arguments,
        procore: Procore::new(arguments)?,
        report: Report::default(),
        made: Vec::new(),
        tell,
    };
    let ended = tokio::select! {
        ended = walk.all(secret) => ended,
        () = stopped() => Err("Stopped.".to_owned()),
    };
    // Dies here, or before: what was made stays, and bears the name "Gusset probe".
    walk.clean_up().await;
    let Walk {
        procore, mut report, ..
    } = walk;
    if let Err(problem) = ended {
        let left: String = report
            .left_behind
            .iter()
            .map(|left| format!("\nLeft behind: {left}"))
            .collect();
        return Err(format!("{problem}{left}"));
    }
    procore.end(&mut report);
    Ok(report)
}
