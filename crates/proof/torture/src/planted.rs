use clap::ValueEnum;

/// A mistake that is planted in the platform, to prove that the harness would find it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Planted {
    /// A commit is acknowledged and made a moment later.
    AcknowledgeBeforeCommit,
    /// What a key did is not kept with it.
    ForgetKey,
    /// A commit leaves out an event.
    DropOutboxRow,
    /// A consumer passes over what happened while it was away.
    SkipRebuild,
    /// A document is written over whatever another wrote meanwhile.
    IgnoreVersion,
    /// A consumer gives up silently what failed once.
    LoseRetry,
}

impl Planted {
    /// All six.
    pub(crate) const ALL: [Planted; 6] = [
        Planted::AcknowledgeBeforeCommit,
        Planted::ForgetKey,
        Planted::DropOutboxRow,
        Planted::SkipRebuild,
        Planted::IgnoreVersion,
        Planted::LoseRetry,
    ];

    /// As on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Planted::AcknowledgeBeforeCommit => "acknowledge-before-commit",
            Planted::ForgetKey => "forget-key",
            Planted::DropOutboxRow => "drop-outbox-row",
            Planted::SkipRebuild => "skip-rebuild",
            Planted::IgnoreVersion => "ignore-version",
            Planted::LoseRetry => "lose-retry",
        }
    }

    /// Whether it shows only where consumers get to work between two deaths.
    pub(crate) fn needs_calm(self) -> bool {
        matches!(self, Planted::SkipRebuild | Planted::LoseRetry)
    }

    /// How many kills bring it to light.
    pub(crate) fn kills(self) -> u64 {
        if self.needs_calm() { 2 } else { 4 }
    }

    /// The fail point and its action.
    pub(crate) fn armed(self) -> &'static str {
        match self {
            Planted::AcknowledgeBeforeCommit => "planted.commit=return(acknowledge_before_commit)",
            Planted::ForgetKey => "planted.commit=30%return(forget_key)",
            Planted::DropOutboxRow => "planted.commit=20%return(drop_outbox_row)",
            Planted::SkipRebuild => "planted.skip_rebuild=30%return",
            Planted::IgnoreVersion => "planted.commit=return(ignore_version)",
            Planted::LoseRetry => "planted.lose_retry=return;consumer.fail=40%return",
        }
    }
}
