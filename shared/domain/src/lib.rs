//! Gusset's rules, as values in and decisions out.
//!
//! Nothing here reads a clock, draws a random number, or talks to anybody: time, ids and randomness are passed in by
//! the functions, and what comes back is a decision for them to carry out. The words are those of the design: a
//! *connection* links two *projects*, *items* are forwarded over it, and each sending is a *delivery*.

pub mod activity;
pub mod address;
pub mod admin;
pub mod backfill;
pub mod bid_calendar;
pub mod cadence;
pub mod connection;
pub mod connection_code;
pub mod delivery;
pub mod email;
pub mod estimating_account;
pub mod ids;
pub mod integration;
pub mod invitation;
pub mod items;
pub mod limit;
pub mod marker;
pub mod names;
pub mod notification;
pub mod notification_list;
pub mod offered;
pub mod overview;
pub mod pacing;
pub mod parameters;
pub mod people;
pub mod plans;
pub mod policy;
pub mod procore_pages;
pub mod return_to;
pub mod rich_text;
pub mod send;
pub mod service_account;
pub mod sweep;
pub mod text;
pub mod webhook;
pub mod webhook_secret;
