use crate::{
    actions, analysis, entries, funding, market, orders, performance, planning, portfolios, schedules,
};
use utoipa::OpenApi;

#[derive(OpenApi)]
#[openapi(
    paths(
        market::routes::list_instruments,
        market::routes::create_instrument,
        market::routes::import_instruments,
        market::routes::get_instrument,
        market::routes::update_instrument,
        market::routes::list_quotes,
        market::routes::put_quote,
        market::routes::import_quotes,
        portfolios::routes::list_portfolios,
        portfolios::routes::create_portfolio,
        portfolios::routes::get_portfolio,
        portfolios::routes::update_portfolio,
        portfolios::routes::delete_portfolio,
        portfolios::routes::create_portfolio_account,
        portfolios::routes::list_positions,
        portfolios::routes::get_allocation,
        entries::routes::list_entries,
        entries::routes::create_entry,
        entries::routes::list_lots,
        entries::routes::verify_portfolio,
        planning::routes::list_drift,
        planning::routes::put_targets,
        planning::routes::get_drift,
        planning::routes::plan_rebalance,
        orders::routes::list_orders,
        orders::routes::create_order,
        orders::routes::get_order,
        orders::routes::check_order,
        orders::routes::place_order,
        orders::routes::fill_order,
        orders::routes::cancel_order,
        orders::routes::reject_order,
        orders::routes::expire_order,
        schedules::routes::list_calendars,
        schedules::routes::list_schedules,
        schedules::routes::create_schedule,
        schedules::routes::get_schedule,
        schedules::routes::update_schedule,
        schedules::routes::pause_schedule,
        schedules::routes::resume_schedule,
        schedules::routes::cancel_schedule,
        schedules::routes::list_instalments,
        funding::routes::list_funding,
        funding::routes::create_funding,
        funding::routes::get_funding_forecast,
        funding::routes::get_funding_summary,
        funding::routes::get_funding,
        funding::routes::approve_funding,
        funding::routes::settle_funding,
        funding::routes::fail_funding,
        funding::routes::cancel_funding,
        actions::routes::list_corporate_actions,
        actions::routes::create_corporate_action,
        actions::routes::get_corporate_action,
        actions::routes::preview_corporate_action,
        actions::routes::list_participations,
        actions::routes::apply_corporate_action,
        actions::routes::undo_corporate_action,
        actions::routes::cancel_corporate_action,
        actions::routes::elect,
        performance::routes::get_performance,
        performance::routes::list_valuations,
        analysis::routes::get_ai_analysis,
        analysis::routes::analyze_symbols
    ),
    tags((name = "wealth", description = "Portfolios, performance, orders, tax, corporate actions, funding, market data"))
)]
struct Document;

/// The group's part of the platform's OpenAPI document.
pub(crate) fn document() -> utoipa::openapi::OpenApi {
    Document::openapi()
}
