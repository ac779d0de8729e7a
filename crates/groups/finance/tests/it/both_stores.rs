//! What must hold on SQLite and on MongoDB alike.

/// Makes a test of each function for each engine.
macro_rules! on_both_stores {
    ($($module:ident { $($test:ident),* $(,)? })*) => {
        mod on_sqlite { $(mod $module { $(
            #[tokio::test]
            async fn $test() {
                crate::$module::$test(testkit::Harness::new()).await;
            }
        )* })* }
        mod on_mongodb { $(mod $module { $(
            #[tokio::test]
            async fn $test() {
                crate::$module::$test(testkit::Harness::on_mongodb()).await;
            }
        )* })* }
    };
}

on_both_stores! {
    erasure { receipts_of_an_erased_user_are_gone }
    funding { what_is_settled_is_posted_once }
    ledger { no_posting_slips_through_a_close, a_reversal_restores_everything_and_there_is_one }
    older_stores { the_ledger_of_an_older_version_is_brought_up_to_date_by_itself }
    races { posting_and_deleting_at_once_never_loses_the_account, every_write_is_read_exactly_while_changes_are_folded }
    transfers {
        a_transfer_is_found_at_both_accounts_with_its_sign, reversals_of_transfers_and_of_imported_rows_restore,
        a_replay_finds_what_is_stored,
    }
}
