//! What can be held, and what it costs: instruments and their quotes, from files, from requests and from a feed.

mod feed;
mod import;
mod models;
mod prices;
pub(crate) mod requests;
pub(crate) mod routes;
mod service;
mod splits;

use feed::CsvFeed;
pub(crate) use models::{AssetClass, Instrument, Quote, quote_id};
pub(crate) use prices::{Price, Prices};
pub(crate) use service::Market;
pub(crate) use splits::{SplitFactor, comparable, price_on};
