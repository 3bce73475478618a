//! What people do with Gusset in a browser: real Chromium, through the running stand. Run with `cargo xtask test`.

mod activity;
mod backfill;
mod conditions;
mod connecting;
mod estimating;
mod estimators;
mod everyday;
mod home;
mod hostile;
mod live;
mod looks;
mod no_scripts;
mod plan_sync;
mod refusals;
mod send;
mod send_items;
mod settings;
mod sign_in;
