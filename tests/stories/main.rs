//! What people do with Gusset, from end to end. Run with `cargo xtask test`.

mod bad_input;
mod connected;
mod first_rfi;
mod js_sdk;
mod readme;
mod runtime_interface;
mod sign_in;
mod webhooks;
