//! What the stories need: the running stand, people who sign in to it, and the stand-in for Procore.
//!
//! Each story makes its own companies, projects and people, so that all of them can run at once.

mod aws;
mod bidding;
mod browser;
mod calls;
pub mod connected;
mod elsewhere;
mod estimators;
pub mod functions;
mod items;
mod mails;
mod people;
mod plans;
mod processes;
mod procore;
mod requests;
pub mod seed;
mod stand;
mod sweeps;
mod tally;
mod webdriver;

pub use browser::{Browser, Scripts};
pub use calls::Call;
pub use items::{Item, Tool};
pub use mails::Mail;
pub use people::{Answer, Person};
pub use plans::{Download, PlanFile, revisions, sha256};
pub use processes::{kill_function, peak_memory};
pub use procore::{Company, Project};
pub use requests::Request;
pub use stand::{Stand, eventually, eventually_within, setting};
pub use tally::Tally;
pub use webdriver::{Element, Refused};

/// A project's page of the API, for example `api(project, "/connections")`.
pub fn api(project: &Project, rest: &str) -> String {
    format!("/api/projects/{}{rest}", project.id)
}
