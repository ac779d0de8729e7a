use super::output::{self, Format};
use crate::PlatformError;
use clap::{Args, ValueEnum};
use runtime::Settings;

/// What is made anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Replayed {
    /// Balances and totals of every book, from the journal entries in the feed.
    Finance,
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
    let Replayed::Finance = args.group;
    let platform = super::platform(settings).await?;
    let replayed = platform.replay_ledger(!args.check).await;
    platform.stop().await;
    let replayed = replayed?;
    let columns = ["FIRM", "BOOK", "FIGURE", "STORED", "REPLAYED"];
    output::print(format, &replayed.differences, &columns, |difference| {
        vec![
            difference.firm.to_string(),
            difference.book.to_string(),
            difference.figure.clone(),
            difference.stored.clone(),
            difference.replayed.clone(),
        ]
    })?;
    let (books, found) = (replayed.books, replayed.differences.len());
    match replayed.differences.first() {
        Some(first) if args.check => Err(PlatformError::Command(format!(
            "{found} figures of {books} books are stored otherwise than the journal says; the first is {} of book {}: {} is stored, {} is right; put them right with wealthctl replay finance",
            first.figure, first.book, first.stored, first.replayed
        ))),
        _ => Ok(()),
    }
}
