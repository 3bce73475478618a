//! Between API Gateway and the functions: requests in, answers and problem documents out.

mod answer;
mod problem;
mod request;
mod serve;

pub use answer::{Answer, Cookie, redirect};
pub use problem::{Problem, Slug};
pub use request::{Ask, Incoming, Nothing, PublicUrl};
pub use serve::{Reply, serve};
