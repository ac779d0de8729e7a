use super::output::{self, Format};
use crate::{
    PlatformError,
    assembly::{HoldingDifference, HoldingsReplayed, LedgerDifference, LedgerReplayed},
};
use clap::{Args, ValueEnum};
use runtime::Settings;
use std::fmt::Display;

/// What is made anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Replayed {
    /// Balances and totals of every book, from the journal entries in the feed.
    Finance,
    /// Cash, lots and positions of every portfolio, orders and fundings, from what happened in the feed.
    Wealth,
}

/// Makes figures anew from the events that led to them.
#[derive(Debug, Args)]
pub(super) struct ReplayArgs {
    /// Of which group.
    #[arg(value_enum)]
    group: Replayed,
    /// Only says what differs, and fails when something does.
    #[arg(long)]
    check: bool,
}

/// Runs it. Servers may go on meanwhile.
pub(super) async fn run(settings: Settings, args: ReplayArgs, format: Format) -> Result<(), PlatformError> {
    let platform = super::platform(settings).await?;
    let replayed = match args.group {
        Replayed::Finance => platform.replay_ledger(!args.check).await.map(Found::of_ledger),
        Replayed::Wealth => platform
            .replay_holdings(!args.check)
            .await
            .map(Found::of_holdings),
    };
    platform.stop().await;
    let found = replayed?;
    match &found.rows {
        Rows::Books(rows) => output::print(format, rows, &found.columns("BOOK"), |row| {
            cells(&row.firm, &row.book, [&row.figure, &row.stored, &row.replayed])
        })?,
        Rows::Portfolios(rows) => output::print(format, rows, &found.columns("PORTFOLIO"), |row| {
            cells(
                &row.firm,
                &row.portfolio,
                [&row.figure, &row.stored, &row.replayed],
            )
        })?,
    }
    match found.complaint() {
        Some(complaint) if args.check => Err(PlatformError::Command(complaint)),
        _ => Ok(()),
    }
}

/// What was found, of whichever group.
struct Found {
    looked_at: usize,
    rows: Rows,
}

enum Rows {
    Books(Vec<LedgerDifference>),
    Portfolios(Vec<HoldingDifference>),
}

impl Found {
    fn of_ledger(replayed: LedgerReplayed) -> Self {
        Self {
            looked_at: replayed.books,
            rows: Rows::Books(replayed.differences),
        }
    }

    fn of_holdings(replayed: HoldingsReplayed) -> Self {
        Self {
            looked_at: replayed.portfolios,
            rows: Rows::Portfolios(replayed.differences),
        }
    }

    fn columns(&self, of: &'static str) -> [&'static str; 5] {
        ["FIRM", of, "FIGURE", "STORED", "REPLAYED"]
    }

    /// What differs, in a sentence; nothing when nothing does.
    fn complaint(&self) -> Option<String> {
        let all = self.looked_at;
        match &self.rows {
            Rows::Books(rows) => rows.first().map(|first| {
                format!(
                    "{} figures of {all} books are stored otherwise than the journal says; the first is {} of book {}: {} is stored, {} is right; put them right with wealthctl replay finance",
                    rows.len(), first.figure, first.book, first.stored, first.replayed
                )
            }),
            Rows::Portfolios(rows) => rows.first().map(|first| {
                format!(
                    "{} figures of {all} portfolios are stored otherwise than the feed says; the first is {} of portfolio {}: {} is stored, {} is right; put them right with wealthctl replay wealth",
                    rows.len(), first.figure, first.portfolio, first.stored, first.replayed
                )
            }),
        }
    }
}

fn cells(firm: &dyn Display, of: &dyn Display, rest: [&String; 3]) -> Vec<String> {
    let mut cells = vec![firm.to_string(), of.to_string()];
    cells.extend(rest.into_iter().cloned());
    cells
}
