//! Clients that move money, and what each of them wrote down before and after every request.

mod advisor;
mod api;
mod client;
mod crowd;
mod investor;
mod journal;
mod messages;
mod request;
mod sender;

pub(crate) use advisor::Advisor;
pub(crate) use api::{Api, Outcome, Reply, Session};
pub(crate) use client::{Client, Progress};
pub(crate) use crowd::Crowd;
pub(crate) use investor::{Investor, Market, SYMBOLS};
pub(crate) use journal::{Entry, Journal};
pub(crate) use messages::Messages;
pub(crate) use request::{Posting, Request, Step, What};
pub(crate) use sender::Sender;
