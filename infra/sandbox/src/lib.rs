//! A stand-in for Procore: its OAuth, its REST API, its webhooks and a few pages to click in, faithful enough that
//! Procore's own SDK cannot tell the difference, plus a side door (`/sandbox/…`) through which tests make companies,
//! faults and limits. The product never uses the side door.
//!
//! In strict mode it takes and gives only what [`contract`] describes.
//!
//! Everything that changes what a company sees goes through [`world`], whose journal turns each change into webhooks.

pub mod arguments;
pub mod contract;
pub mod server;

mod api;
mod app;
mod calls;
mod differences;
mod faults;
mod files;
mod limits;
mod oauth;
mod pages;
mod papers;
mod params;
mod random;
mod refusal;
mod rest;
mod side_door;
mod strict;
mod webhooks;
mod world;
