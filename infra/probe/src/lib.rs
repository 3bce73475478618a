//! Finds out on a real Procore account whether it is as Gusset assumes: it walks over all calls that the contract of the
//! stand-in describes, holds the answers against it, and removes what it made.

pub mod arguments;
pub mod procore;
pub mod report;
pub mod shape;
pub mod walk;
