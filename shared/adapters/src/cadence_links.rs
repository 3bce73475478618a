//! The links by which people choose how often they get emails about items.

use gusset_domain::{
    cadence::{CadenceLink, ParseCadenceLinkError},
    email::EmailAddress,
    ids::ProjectId,
};
use jiff::Timestamp;

use crate::{aws::Aws, settings};

/// Makes and reads the links.
pub struct CadenceLinks {
    master_secret: Vec<u8>,
}

impl CadenceLinks {
    /// With the stack's master secret, by which they are signed.
    ///
    /// # Errors
    /// When the secret is not named or cannot be read: the function must not start.
    pub async fn from_environment(aws: &Aws) -> Result<Self, lambda_http::Error> {
        let master_secret = aws.secret(&settings::required("MASTER_SECRET_ARN")?).await?;
        Ok(Self::new(master_secret.into_bytes()))
    }

    pub(crate) fn new(master_secret: Vec<u8>) -> Self {
        Self { master_secret }
    }

    /// The address at which somebody chooses, of an email that is sent now.
    #[must_use]
    pub fn address(&self, public_url: &str, project: ProjectId, to: &EmailAddress) -> String {
        let link = CadenceLink::new(project, to.clone(), Timestamp::now());
        format!("{public_url}/emails/{}", link.expose(&self.master_secret))
    }

    /// What a link that somebody opens says.
    ///
    /// # Errors
    /// [`ParseCadenceLinkError`] where it is none of ours, or has expired.
    pub fn read(&self, token: &str) -> Result<CadenceLink, ParseCadenceLinkError> {
        CadenceLink::read(token, &self.master_secret, Timestamp::now())
    }
}
