//! Clients that move money, and what each of them wrote down before and after every request.

mod advisor;
mod api;
mod client;
mod journal;
mod messages;
mod request;

pub(crate) use advisor::Advisor;
pub(crate) use api::{Api, Outcome, Reply, Session};
pub(crate) use client::{Client, Progress};
pub(crate) use journal::{Entry, Journal};
pub(crate) use messages::Messages;
pub(crate) use request::{Posting, Request, What};
