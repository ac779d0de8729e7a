use crate::{
    accounts, attachments, budgets, category_rules, commands, exports, imports, inventory, mortgage,
    realtime, report, tags, transactions,
};
use utoipa::OpenApi;

#[derive(OpenApi)]
#[openapi(
    paths(
        accounts::routes::list_accounts,
        accounts::routes::create_account,
        accounts::routes::get_account,
        accounts::routes::update_account,
        accounts::routes::delete_account,
        attachments::routes::list_attachments,
        attachments::routes::create_attachment,
        attachments::routes::upload_attachment,
        attachments::routes::get_attachment_content,
        attachments::routes::delete_attachment,
        category_rules::routes::get_category_rules,
        category_rules::routes::put_category_rules,
        category_rules::routes::preview_category_rules,
        exports::routes::export_transactions,
        tags::routes::list_tagged,
        tags::routes::get_tags,
        tags::routes::put_tags,
        imports::routes::import_transactions,
        imports::routes::list_imports,
        imports::routes::get_import,
        imports::mappings::routes::list_import_mappings,
        imports::mappings::routes::create_import_mapping,
        imports::mappings::routes::get_import_mapping,
        imports::mappings::routes::update_import_mapping,
        imports::mappings::routes::delete_import_mapping,
        budgets::routes::recommend_budget,
        budgets::routes::list_budgets,
        budgets::routes::create_budget,
        budgets::routes::get_budget,
        budgets::routes::update_budget,
        budgets::routes::delete_budget,
        budgets::routes::get_budget_actual,
        inventory::routes::items::list_inventory_items,
        inventory::routes::items::list_low_stock,
        inventory::routes::items::create_inventory_item,
        inventory::routes::items::get_inventory_item,
        inventory::routes::items::update_inventory_item,
        inventory::routes::items::delete_inventory_item,
        inventory::routes::items::import_inventory_items,
        inventory::routes::items::export_inventory_items,
        inventory::routes::items::list_inventory_locations,
        inventory::routes::items::create_inventory_location,
        inventory::routes::movements::list_inventory_movements,
        inventory::routes::movements::create_inventory_movement,
        inventory::routes::movements::list_inventory_reorders,
        inventory::routes::movements::create_inventory_reorder,
        inventory::routes::movements::close_inventory_reorder,
        mortgage::routes::calculate_mortgage,
        mortgage::routes::compare_mortgages,
        mortgage::routes::calculate_affordability,
        transactions::routes::list_transactions,
        transactions::routes::create_transaction,
        transactions::routes::get_transaction,
        transactions::routes::get_transaction_history,
        report::routes::financial_report,
        commands::routes::run_command,
        realtime::routes::issue_ticket,
        realtime::routes::stream_reports,
        realtime::routes::transaction_socket,
        commands::routes::create_transaction_at_root,
        commands::routes::financial_report_at_root
    ),
    tags((name = "finance", description = "Accounts, transactions, statements and the financial report"))
)]
struct Document;

/// The group's part of the platform's OpenAPI document.
pub(crate) fn document() -> utoipa::openapi::OpenApi {
    Document::openapi()
}
