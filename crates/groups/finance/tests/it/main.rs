//! The finance group over its real store and the real shell; the auth and advisory groups are stubs of their contracts.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what went wrong by panicking"
)]

mod accounts;
mod attachments;
mod away;
mod bad_files;
mod book;
mod both_stores;
mod budgets;
mod category_rules;
mod commands;
mod contract;
mod days;
mod erasure;
mod exports;
mod formats;
mod funding;
mod fx_rates;
mod hostile_files;
mod import_properties;
mod imports;
mod inventory;
mod inventory_files;
mod large_imports;
mod ledger;
mod lists;
mod mappings;
mod mortgage;
mod older_stores;
mod races;
mod realtime;
mod replenishment;
mod report;
mod roles;
mod series;
mod setting;
mod statements;
mod traces;
mod transactions;
mod transfers;
