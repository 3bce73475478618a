//! What people do with Gusset, from end to end. Run with `cargo xtask test`.

mod bad_input;
mod connected;
mod first_rfi;
mod guessing;
mod hooks;
mod idempotency;
mod lifecycle;
mod openapi;
mod races;
mod sign_in;
mod webhooks;
