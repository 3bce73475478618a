//! Mails on their way out, through SES.

use aws_sdk_sesv2::{
    error::{DisplayErrorContext, SdkError},
    types::{Body, Content, Destination, EmailContent, Message, MessageHeader},
};
use gusset_domain::{email::EmailAddress, notification::Mail};

/// What a mail program posts to the address at which mails end, as RFC 8058 has it.
pub const ONE_CLICK: &str = "List-Unsubscribe=One-Click";

/// SES did not take a mail.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// It will never take this one.
    #[error("SES refuses the mail: {0}")]
    Refused(String),
    /// It may take it later: it is busy, or the sender has to be verified or let out of SES's sandbox first.
    #[error("SES does not take the mail now: {0}")]
    NotNow(String),
}

/// Sends mails.
pub struct Mailer {
    ses: aws_sdk_sesv2::Client,
    from: String,
}

impl Mailer {
    /// Sends mails from an address that SES has verified.
    #[must_use]
    pub fn new(ses: aws_sdk_sesv2::Client, from: &EmailAddress) -> Self {
        Self {
            ses,
            from: format!("Gusset <{from}>"),
        }
    }

    /// Sends a mail to one person: nobody sees who else gets it.
    ///
    /// # Errors
    /// [`MailError`]. An answer that was lost is tried again by the client, so that one mail may arrive twice.
    pub async fn send(&self, mail: &Mail, to: &EmailAddress) -> Result<(), MailError> {
        let body = Body::builder()
            .text(content(&mail.text)?)
            .html(content(&mail.html)?)
            .build();
        let mut message = Message::builder().subject(content(&mail.subject)?).body(body);
        if let Some(address) = &mail.unsubscribe {
            // RFC 8058: a mail program's own button posts to the address.
            message = message
                .headers(header("List-Unsubscribe", &format!("<{address}>"))?)
                .headers(header("List-Unsubscribe-Post", ONE_CLICK)?);
        }
        let message = message.build();
        let sent = self
            .ses
            .send_email()
            .from_email_address(&self.from)
            .destination(Destination::builder().to_addresses(to.as_str()).build())
            .content(EmailContent::builder().simple(message).build());
        match sent.send().await {
            Ok(_) => Ok(()),
            Err(error) => {
                let refused =
                    matches!(&error, SdkError::ServiceError(service) if service.err().is_bad_request_exception());
                let said = DisplayErrorContext(error).to_string();
                Err(if refused {
                    MailError::Refused(said)
                } else {
                    MailError::NotNow(said)
                })
            }
        }
    }
}

fn header(name: &str, value: &str) -> Result<MessageHeader, MailError> {
    let header = MessageHeader::builder().name(name).value(value).build();
    header.map_err(|error| MailError::Refused(error.to_string()))
}

fn content(text: &str) -> Result<Content, MailError> {
    Content::builder()
        .data(text)
        .charset("UTF-8")
        .build()
        .map_err(|error| MailError::Refused(error.to_string()))
}
