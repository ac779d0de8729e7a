//! The shell over real sockets, as a client sees it.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking, and nobody reads its items"
)]

mod bodies;
mod contract;
mod desk;
mod edge;
mod fixture;
mod forms;
mod forward;
mod group;
mod hops;
mod lifecycle;
mod limits;
mod lists;
mod logs;
mod openapi;
mod seam;
mod system;
mod trust;
