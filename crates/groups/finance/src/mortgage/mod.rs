//! Mortgages: what a loan costs, what somebody can afford, and which of several loans is the better one. Nothing is
//! stored; the figures are those of [`calculator`].

mod affordability;
mod requests;
pub(crate) mod routes;
mod service;

pub(crate) use service::MortgageService;
