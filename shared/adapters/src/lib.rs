//! The outside of Gusset: the table, the queue, keys and secrets, Procore, and the glue between Lambda and HTTP.
//!
//! Adapters translate and carry out; what to do is decided in `gusset-domain`. Each function builds just the adapters
//! that it uses, so that what it touches can be read off its `main.rs` and its policy in the template.

pub mod accounts;
pub mod aws;
pub mod batch;
pub mod cadence_links;
pub mod callers;
pub mod chance;
pub mod envelope;
pub mod held;
pub mod hooks;
pub mod html;
pub mod http;
pub mod idempotency;
pub mod integrations;
pub mod log;
pub mod mail;
pub mod metrics;
pub mod offered;
pub mod procore;
pub mod queue;
pub mod sessions;
pub mod settings;
pub mod sign_in;
pub mod spool;
pub mod start;
pub mod storage;
pub mod table;
pub mod terms;
pub mod tokens;
