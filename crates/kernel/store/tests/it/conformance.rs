//! What every engine must do, asserted through the store's public API: the same tests run on SQLite and on MongoDB.

pub(crate) mod place;
pub(crate) mod samples;

mod atomicity;
mod backups;
mod consumers;
mod documents;
mod encryption;
mod erasure;
mod events;
mod filters;
mod once;
mod order;
mod paging;
mod scope;
mod uniqueness;
mod values;

/// Makes a test of each function for each engine.
macro_rules! on_every_engine {
    ($($module:ident { $($test:ident),* $(,)? })*) => {
        mod on_sqlite { $(mod $module { $(
            #[tokio::test]
            async fn $test() {
                let place = crate::conformance::place::Place::sqlite();
                crate::conformance::$module::$test(&place).await;
                place.dispose().await;
            }
        )* })* }
        mod on_mongodb { $(mod $module { $(
            #[tokio::test]
            async fn $test() {
                let place = crate::conformance::place::Place::mongodb();
                crate::conformance::$module::$test(&place).await;
                place.dispose().await;
            }
        )* })* }
    };
}

on_every_engine! {
    atomicity {
        one_refused_write_undoes_the_whole_batch, a_requirement_holds_or_refuses,
        a_requirement_and_a_change_of_the_same_document_exclude_each_other,
        updates_under_contention_lose_nothing,
        a_scope_is_changed_page_by_page_and_loses_nothing, writes_of_a_batch_happen_in_order,
    }
    backups {
        everything_comes_back_from_a_backup, a_backup_under_load_is_one_moment, what_is_there_is_kept_unless_told,
        a_changed_file_is_refused, an_empty_place_cannot_be_backed_up,
    }
    consumers {
        a_lease_is_held_by_one_until_it_ends, a_cursor_moves_once_and_with_its_effect,
    }
    documents {
        a_document_lives_from_insert_to_removal, a_stale_version_is_refused,
        an_id_is_taken_even_by_a_deleted_document, unknown_fields_survive_a_replace,
        what_a_handle_commits_another_reads_at_once,
    }
    encryption {
        sensitive_fields_never_reach_the_engine, ciphertext_opens_only_in_its_place, a_lookup_finds_an_encrypted_text,
        everything_is_encrypted_anew_after_a_rotation,
    }
    erasure {
        the_blobs_of_an_erased_user_go_and_nobody_elses, a_field_with_several_places_matches_at_any_of_them,
    }
    events {
        events_are_dense_and_in_the_order_of_their_commits, the_feed_is_read_in_parts,
        nothing_appears_behind_a_reader_while_many_write, another_handle_hears_of_new_events,
        events_read_back_as_they_were_written,
    }
    filters {
        a_range_holds_its_beginning_and_not_its_end, a_beginning_is_text_and_not_a_pattern, an_array_matches_by_any_element,
        null_and_absent_are_found_alike, operators_as_values_are_data, several_filters_narrow_together,
        what_is_not_served_is_refused_by_name,
    }
    once {
        the_same_key_gets_the_same_answer, the_same_key_for_another_request_is_refused, a_race_happens_once,
        what_refuses_a_second_sending_is_the_first, a_key_is_forgotten_after_thirty_days, a_refused_effect_leaves_its_key_free,
    }
    order {
        texts_sort_by_their_folded_form, whole_numbers_sort_by_size, decimals_sort_by_value_whatever_their_scale,
        moments_sort_by_time, ids_sort_by_their_bytes, false_sorts_before_true,
    }
    paging {
        pages_meet_without_gap_or_repeat, inserts_between_pages_disturb_nothing, a_thousand_documents_page_stably,
        a_count_stops_at_its_cap, a_cursor_of_another_list_is_refused,
    }
    scope {
        no_query_crosses_the_firm, an_advisor_sees_the_book_and_nothing_else, a_client_sees_their_own,
        services_read_across_firms,
    }
    uniqueness {
        a_value_is_unique_in_its_firm, a_value_is_unique_in_the_installation, null_does_not_count,
        a_deleted_document_frees_its_value, a_race_for_a_value_has_one_winner,
    }
    values {
        awkward_json_reads_back_exactly, large_documents_are_kept_or_refused_in_words,
    }
}
