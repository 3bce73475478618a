//! What people do with Gusset, from end to end. Run with `cargo xtask test`.

mod attachments;
mod bad_input;
mod calendar;
mod costs;
mod dead_letters;
mod deliveries;
mod diary;
mod estimators;
mod fields;
mod first_rfi;
mod graphs;
mod guessing;
mod hooks;
mod idempotency;
mod js_sdk;
mod lifecycle;
mod mails;
mod openapi;
mod pacing;
mod pages;
mod permissions;
mod plan_access;
mod plan_sync;
mod policy;
mod races;
mod readme;
mod reconnecting;
mod runtime_interface;
mod service_accounts;
mod sign_in;
mod sweep;
mod webhooks;

use gusset_tests::connected;
