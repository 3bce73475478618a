//! One mail, from the list of what is due to everybody whom it is for.

use std::time::Duration;

use gusset_adapters::{
    chance,
    mail::{MailError, Mailer},
    table::{
        Table, TableError,
        limits::Limited,
        outbox::{MailKey, Stuck, Taken, What},
    },
};
use gusset_domain::{
    email::EmailAddress,
    notification::{Audience, Mail, Notification, digest_due},
    pacing,
};
use jiff::Timestamp;

/// How many stuck items a digest names.
const NAMED: usize = 10;

/// Sends mails.
pub(crate) struct Sender {
    /// The table.
    pub(crate) table: Table,
    /// SES.
    pub(crate) mailer: Mailer,
    /// Where people reach this stack.
    pub(crate) public_url: String,
    /// How long a digest waits for more of the same.
    pub(crate) gather: Duration,
    /// How long a mail that was taken is left alone by others: as long as this function may run.
    pub(crate) lease: Duration,
}

impl Sender {
    /// Sends a mail to all who have not got it yet, unless another is at it.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer. What could not be sent is due again.
    pub(crate) async fn send(&self, key: MailKey) -> Result<(), TableError> {
        let now = Timestamp::now();
        let until = now.saturating_add(self.lease).unwrap_or(Timestamp::MAX);
        // Dies after this: the mail is due again when the lease has run out.
        let Some(taken) = self.table.take_mail(key, now, until).await? else {
            tracing::info!("sent already, or another is sending it");
            return Ok(());
        };
        match &taken.what {
            What::News(notification) => self.tell(&taken, notification).await,
            What::Account(notice) => {
                let mail = notice.mail(&self.public_url);
                self.send_to(&taken, &mail, std::slice::from_ref(&notice.to)).await
            }
            What::Digest(stuck) => self.tell_stuck(&taken, stuck, now).await,
        }
    }

    /// Gathers what has come to a stop, and tells it unless it goes on again by now.
    async fn tell_stuck(&self, taken: &Taken, stuck: &Stuck, now: Timestamp) -> Result<(), TableError> {
        let due = digest_due(stuck.since, stuck.last_digest, self.gather);
        if now < due {
            return self.table.put_mail_off(taken, due).await;
        }
        let notification = match self.table.connection(stuck.project, stuck.connection).await? {
            Some(connection) => {
                let digest = self.table.digest(stuck, &connection, NAMED).await?;
                Notification::stuck(&connection, stuck.side, digest)
            }
            None => None,
        };
        match notification {
            Some(notification) => self.tell(taken, &notification).await,
            None => self.table.mail_done(taken, now).await,
        }
    }

    async fn tell(&self, taken: &Taken, notification: &Notification) -> Result<(), TableError> {
        // A list may have many addresses on it, and what is told to it is caused by people of another company. One that a
        // former try began is gone on with.
        if notification.audience == Audience::Project && taken.told.is_empty() {
            let now = Timestamp::now();
            let limited = [Limited::Emails(notification.project.id)];
            if let Err(until) = self.table.count_attempts(limited, now).await? {
                tracing::warn!(project = %notification.project.id, "a project's mails are put off: it has had many within the hour");
                return self.table.put_mail_off(taken, until).await;
            }
        }
        let recipients = self.recipients(notification).await?;
        let mail = notification.mail(&self.public_url);
        tracing::info!(connection = %notification.connection, "about a connection");
        self.send_to(taken, &mail, &recipients).await
    }

    async fn send_to(&self, taken: &Taken, mail: &Mail, recipients: &[EmailAddress]) -> Result<(), TableError> {
        let mut reached = 0;
        let mut not_now = None;
        let is_left = |recipient: &&EmailAddress| !taken.told.contains(&recipient.mailbox());
        let mut left = recipients.iter().filter(is_left).peekable();
        while let Some(recipient) = left.next() {
            match self.mailer.send(mail, recipient).await {
                // Dies between the two: this person, and nobody else, gets the mail once more.
                Ok(()) => {
                    reached += 1;
                    // With the last one the mail is done, which says as much. Most mails have one recipient.
                    if left.peek().is_some() || not_now.is_some() {
                        self.table.mail_reached(taken, recipient).await?;
                    }
                }
                Err(error @ MailError::Refused(_)) => tracing::warn!(%error, "a recipient is left out"),
                Err(error @ MailError::NotNow(_)) => not_now = Some(error),
            }
        }
        match not_now {
            Some(error) if taken.attempts < pacing::MOST_ATTEMPTS => {
                tracing::warn!(%error, attempts = taken.attempts, "a mail is tried again");
                let wait = pacing::back_off(taken.attempts, chance::bits().unwrap_or_default());
                let until = Timestamp::now().saturating_add(wait).unwrap_or(Timestamp::MAX);
                self.table.put_mail_off(taken, until).await
            }
            error => {
                if let Some(error) = error {
                    tracing::error!(%error, attempts = taken.attempts, "a mail is given up");
                }
                self.table.mail_done(taken, Timestamp::now()).await?;
                tracing::info!(reached, of = recipients.len(), "told");
                Ok(())
            }
        }
    }

    async fn recipients(&self, notification: &Notification) -> Result<Vec<EmailAddress>, TableError> {
        match &notification.audience {
            Audience::RfiManager(email) => Ok(vec![email.clone()]),
            Audience::Project => Ok(self.table.recipients(notification.project.id).await?.addresses()),
        }
    }
}
