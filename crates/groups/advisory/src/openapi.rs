use crate::{
    clients::{self, assignments, files, households, links, notes, ranking, views},
    communications,
    compliance::{checks, kyc},
    goals, leads, meetings,
};
use utoipa::OpenApi;

#[derive(OpenApi)]
#[openapi(
    paths(
        clients::routes::list_clients,
        clients::routes::create_client,
        clients::routes::get_client,
        clients::routes::update_client,
        clients::routes::delete_client,
        ranking::routes::prioritize_clients,
        ranking::routes::list_clients_at_risk,
        files::routes::import_clients,
        files::routes::export_clients,
        households::routes::list_households,
        households::routes::create_household,
        households::routes::get_household,
        households::routes::update_household,
        households::routes::delete_household,
        views::routes::list_views,
        views::routes::save_view,
        views::routes::list_view_clients,
        views::routes::delete_view,
        links::routes::list_linked,
        links::routes::list_client_users,
        links::routes::link_client_user,
        links::routes::unlink_client_user,
        notes::routes::list_notes,
        notes::routes::create_note,
        notes::routes::delete_note,
        assignments::routes::list_assignments,
        assignments::routes::reassign_client,
        assignments::routes::restore_client,
        checks::routes::list_checks,
        checks::routes::check_order,
        checks::routes::get_check,
        checks::routes::override_check,
        leads::routes::list_leads,
        leads::routes::list_lead_scores,
        leads::routes::create_lead,
        leads::routes::get_lead,
        leads::routes::update_lead,
        leads::routes::delete_lead,
        leads::routes::get_lead_score,
        leads::routes::add_lead_activity,
        leads::routes::convert_lead,
        kyc::routes::list_kyc,
        kyc::routes::list_kyc_alerts,
        kyc::routes::get_kyc,
        kyc::routes::list_kyc_reviews,
        kyc::routes::review_kyc,
        kyc::documents::routes::list_kyc_documents,
        kyc::documents::routes::upload_kyc_document,
        kyc::documents::routes::get_kyc_document_content,
        kyc::documents::routes::delete_kyc_document,
        goals::routes::list_goals,
        goals::routes::create_goal,
        goals::routes::get_goal,
        goals::routes::update_goal,
        goals::routes::delete_goal,
        goals::routes::project_goal
    ),
    components(schemas(kernel::ClientId, kernel::UserId)),
    tags((name = "advisory", description = "The advisor's book"))
)]
struct Document;

/// The group's part of the platform's OpenAPI document.
pub(crate) fn document() -> utoipa::openapi::OpenApi {
    let mut document = Document::openapi();
    document.merge(communications::document());
    document.merge(meetings::document());
    document
}
