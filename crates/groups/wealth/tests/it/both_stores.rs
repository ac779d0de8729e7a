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
    actions_once { many_at_once_apply_to_nobody_twice, what_a_request_left_a_job_does }
    funding {
        what_is_to_go_out_is_set_aside_and_cannot_be_taken_twice,
        of_many_who_take_the_last_money_at_once_one_gets_it,
    }
    interrupted { instalments_survive_processes_that_end_in_the_middle }
    many_orders { positions_are_the_fills_and_cash_the_flows_whatever_many_callers_do_at_once }
    orders { an_order_ends_after_its_last_day_whatever_was_done_of_it }
    quoted {
        a_book_is_valued_page_by_page_and_so_is_another_currency,
        an_order_that_waits_is_filled_once_when_its_price_comes,
    }
    schedules {
        an_instalment_creates_an_order_on_its_day_once_with_two_replicas,
        what_was_missed_is_made_late_and_once_or_left_out,
    }
}
