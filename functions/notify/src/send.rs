//! One mail, from the list of what is due to everybody whom it is for.

use std::{collections::BTreeMap, time::Duration};

use gusset_adapters::{
    cadence_links::CadenceLinks,
    chance,
    mail::{MailError, Mailer},
    table::{
        Table, TableError,
        limits::Limited,
        outbox::{Collection, MailKey, Stuck, Taken, What},
        recipients::Recipients,
    },
};
use gusset_domain::{
    cadence::{Cadence, Turn},
    email::EmailAddress,
    ids::{ConnectionId, ProjectId},
    notification::{Audience, Mail, News, Notification, Places, collected, digest_due},
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
    /// Where Procore's pages are.
    pub(crate) procore_url: String,
    /// Where people choose how often they get mails.
    pub(crate) links: CadenceLinks,
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
                let to = std::slice::from_ref(&notice.to);
                self.send_to(&taken, |_| mail.clone(), to).await
            }
            What::Digest(stuck) => self.tell_stuck(&taken, stuck, now).await,
            What::Collected(collection) => self.tell_collected(&taken, collection).await,
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
                let digest = self.table.digest(&connection, stuck.side, stuck.failed, NAMED).await?;
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
        tracing::info!(connection = %notification.connection, "about a connection");
        let all = self.table.recipients(notification.project.id).await?;
        let mut at_once = Vec::new();
        for to in recipients(notification, &all) {
            match turn(notification, &all, &to) {
                Turn::Now => at_once.push(to),
                // Dies after this: it is laid aside once more, which changes nothing.
                Turn::At(due) => self.table.collect(taken, notification, &to, due).await?,
                Turn::Never => {}
            }
        }
        let project = notification.project.id;
        let mail = |to: &EmailAddress| {
            let choice = notification.is_about_items().then(|| self.choice(project, to));
            notification.mail(self.places(), choice.as_deref())
        };
        self.send_to(taken, mail, &at_once).await
    }

    /// Tells somebody in one mail what an hour or a day brought, as far as that person still gets it.
    async fn tell_collected(&self, taken: &Taken, collection: &Collection) -> Result<(), TableError> {
        let (project, to) = (&collection.project, &collection.to);
        let all = self.table.recipients(project.id).await?;
        let is_on_list = all.addresses().iter().any(|address| address.mailbox() == to.mailbox());
        let mut news: Vec<Notification> = Vec::new();
        let mut failed: BTreeMap<ConnectionId, u64> = BTreeMap::new();
        let entries = collection.entries.iter().map(|entry| &entry.notification);
        for told in entries.filter(|told| is_on_list || told.audience != Audience::Project) {
            match &told.news {
                News::Stuck(digest) => *failed.entry(told.connection).or_default() += digest.failed,
                _ => news.push(told.clone()),
            }
        }
        // What came to a stop may go on by now: what is told is how it stands.
        for (connection, failed) in failed {
            let Some(connection) = self.table.connection(project.id, connection).await? else {
                continue;
            };
            if let Some(side) = connection.side_of(project.id) {
                let digest = self.table.digest(&connection, side, failed, NAMED).await?;
                news.extend(Notification::stuck(&connection, side, digest));
            }
        }
        if all.cadence(to) == Cadence::Never {
            news.clear();
        }
        let choice = self.choice(project.id, to);
        match collected(project, &news, self.places(), Some(&choice)) {
            Some(mail) => self.send_to(taken, |_| mail.clone(), std::slice::from_ref(to)).await,
            None => self.table.mail_done(taken, Timestamp::now()).await,
        }
    }

    fn choice(&self, project: ProjectId, to: &EmailAddress) -> String {
        self.links.address(&self.public_url, project, to)
    }

    fn places(&self) -> Places<'_> {
        Places {
            gusset: &self.public_url,
            procore: &self.procore_url,
        }
    }

    async fn send_to(
        &self,
        taken: &Taken,
        mail: impl Fn(&EmailAddress) -> Mail,
        recipients: &[EmailAddress],
    ) -> Result<(), TableError> {
        let mut reached = 0;
        let mut not_now = None;
        let is_left = |recipient: &&EmailAddress| !taken.told.contains(&recipient.mailbox());
        let mut left = recipients.iter().filter(is_left).peekable();
        while let Some(recipient) = left.next() {
            match self.mailer.send(&mail(recipient), recipient).await {
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
            Some(error) if taken.attempts < pacing::MAX_ATTEMPTS => {
                tracing::warn!(%error, attempts = taken.attempts, "a mail is tried again");
                let wait = chance::back_off(taken.attempts);
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
}

fn recipients(notification: &Notification, all: &Recipients) -> Vec<EmailAddress> {
    match &notification.audience {
        Audience::RfiManager(email) => vec![email.clone()],
        Audience::Project => all.addresses(),
    }
}

/// When somebody is told. What is not about items is told at once, whatever was chosen.
fn turn(notification: &Notification, all: &Recipients, to: &EmailAddress) -> Turn {
    if notification.is_about_items() {
        all.cadence(to).turn(Timestamp::now())
    } else {
        Turn::Now
    }
}
