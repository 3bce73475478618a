//! What people do with Gusset, from end to end. Run with `cargo xtask test`.

mod bad_input;
mod connected;
mod first_rfi;
mod mails;
mod sign_in;
mod webhooks;
