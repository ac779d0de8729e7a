//! Bare servers that the benchmarks compare with: the same work written by hand on actix-web and rusqlite, as somebody
//! would who wants this one thing and nothing else. They are measured, never shipped.

mod access;
mod clients;
mod error;
mod forward;
mod log_line;
mod sealed;
mod seed;
mod transactions;
mod upstream;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Which reference.
#[derive(Debug, Parser)]
#[command(about)]
struct Arguments {
    #[command(subcommand)]
    reference: Reference,
}

#[derive(Debug, Subcommand)]
enum Reference {
    /// `GET /api/v1/clients/{id}`: token, scope, point read, decryption, JSON, a counter and a log line.
    Clients(clients::Options),
    /// `POST /api/v1/transactions`: one durable transaction for each request.
    Transactions(transactions::Options),
    /// What is forwarded to: answers of a given size, server-sent events and a WebSocket.
    Upstream(upstream::Options),
    /// A bare forwarder on actix-web and hyper.
    Forward(forward::Options),
    /// Makes the database of `clients` from what our API answered.
    Seed(seed::Options),
}

fn main() -> ExitCode {
    let done = match Arguments::parse().reference {
        Reference::Clients(options) => clients::serve(options),
        Reference::Transactions(options) => transactions::serve(&options),
        Reference::Upstream(options) => upstream::serve(&options),
        Reference::Forward(options) => forward::serve(&options),
        Reference::Seed(options) => seed::run(&options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            log_line::complain(&error);
            ExitCode::FAILURE
        }
    }
}
