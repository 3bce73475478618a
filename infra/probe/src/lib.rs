//! Asks a Procore account, by reading alone, whether it is as Gusset assumes. It makes, changes and removes nothing.

pub mod arguments;
pub mod assumptions;
pub mod shape;
pub mod walk;
