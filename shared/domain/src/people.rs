//! People and projects as Gusset names them to other people.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    email::EmailAddress,
    ids::{CompanyId, ProjectId, UserId},
};

/// A person signed in to Procore.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The id of the person's Procore login.
    pub id: UserId,
    /// The name that Procore shows for the person.
    pub name: String,
}

/// Who receives the RFIs that arrive in a project over a connection, and where to write to that person.
///
/// The address stays with Gusset: no view of a connection shows it, least of all the other side's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RfiManager {
    /// The person.
    #[serde(flatten)]
    pub person: Person,
    /// The person's login in Procore, where it is an e-mail address.
    #[serde(default)]
    pub email: Option<EmailAddress>,
}

/// A project and the company whose account it lives in, with the names they had when the record was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Project {
    /// The project's id in Procore.
    pub id: ProjectId,
    /// The project's name.
    pub name: String,
    /// The company's id in Procore.
    pub company_id: CompanyId,
    /// The company's name.
    pub company_name: String,
}

/// Who did something, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// The person who did it.
    pub by: Person,
    /// When it was done.
    pub at: Timestamp,
}
