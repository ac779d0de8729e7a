//! Series for charts: what one is worth at the end of each month or day, and what came in and went out in it.
//!
//! Both are read from the sums by which reports are made, never by scanning transactions, and have a point for every month
//! or day, also for those in which nothing happened. Currencies are never mixed: each has its own series.

mod points;
mod requests;
pub(crate) mod routes;
mod service;

pub(crate) use service::SeriesService;
