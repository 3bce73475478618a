//! Drives a real server over HTTP. One program, as eight would link eight times.

#![allow(clippy::unwrap_used, reason = "the lint exempts tests, but not their helpers")]

mod contract;
mod documents;
mod drawings;
mod files;
mod limits_and_faults;
mod lists_that_lie;
mod oauth;
mod pages;
mod permissions;
mod plan_pages;
mod rfis;
mod site_diary;
mod specifications;
mod support;
mod webhooks;
