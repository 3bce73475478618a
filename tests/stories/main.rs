//! What people do with Gusset, from end to end. Run with `cargo xtask test`.

mod bad_input;
mod connected;
mod diary;
mod first_rfi;
mod guessing;
mod hooks;
mod idempotency;
mod js_sdk;
mod lifecycle;
mod mails;
mod openapi;
mod pages;
mod permissions;
mod policy;
mod races;
mod readme;
mod runtime_interface;
mod service_accounts;
mod sign_in;
mod webhooks;
