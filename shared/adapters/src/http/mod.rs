//! Between API Gateway and the functions: requests in, answers and problem documents out.

mod answer;
mod cookie;
mod notice;
mod problem;
mod request;
mod serve;

pub use answer::{Answer, redirect};
pub use cookie::Cookie;
pub use notice::Notice;
pub use problem::{Problem, Slug};
pub use request::{Ask, Incoming, Nothing, PublicUrl};
pub use serve::{Reply, serve};
