//! An advisor's book: clients and what stands beside them, leads, goals, compliance.

use super::valid::{Facts, Known};
use serde_json::{Value, json};

pub(super) fn book(id: &str, facts: &Facts) -> Option<Known> {
    let body = |body: Value| Known {
        body,
        ..Known::default()
    };
    let at = |name, value: &str, body: Value| Known {
        path: vec![(name, value.to_owned())],
        body,
        ..Known::default()
    };
    let client = |body: Value| at("id", &facts.client, body);
    let absent = || Known {
        status: Some(404),
        ..Known::default()
    };
    let goal = json!({ "client_id": facts.client, "target_amount": 1000, "target_date": "2040-01-31" });
    Some(match id.trim_end_matches("_v1") {
        "advisory_create_household" | "advisory_create_lead" => body(json!({ "advisor_id": facts.advisor })),
        "advisory_get_household" | "advisory_update_household" | "advisory_delete_household" => {
            at("id", &facts.household, Value::Null)
        }
        "advisory_import_clients" => Known {
            query: vec![("advisor_id", facts.advisor.clone())],
            raw: Some(("text/csv", "client_name,email\nAsha Rao,\n")),
            ..Known::default()
        },
        "advisory_create_client_note"
        | "advisory_list_client_notes"
        | "advisory_list_client_assignments"
        | "advisory_list_client_users" => client(Value::Null),
        "advisory_reassign_client" => client(json!({ "advisor_id": facts.advisor })),
        "advisory_link_client_user" => client(json!({ "user_id": facts.advisor })),
        // It was not deleted, and nobody else is linked, has a note or a view.
        "advisory_restore_client" => Known {
            status: Some(404),
            ..client(Value::Null)
        },
        "advisory_delete_client_note"
        | "advisory_unlink_client_user"
        | "advisory_list_view_clients"
        | "advisory_delete_client_view" => absent(),
        "advisory_get_lead"
        | "advisory_delete_lead"
        | "advisory_add_lead_activity"
        | "advisory_get_lead_score"
        | "advisory_convert_lead"
        | "advisory_update_lead" => at("id", &facts.lead, Value::Null),
        "advisory_create_goal" => body(goal),
        "advisory_update_goal" => at("id", &facts.goal, goal),
        "advisory_get_goal" | "advisory_delete_goal" | "advisory_project_goal" => {
            at("id", &facts.goal, Value::Null)
        }
        "advisory_check_order" => body(json!({ "client_id": facts.client, "amount": 1 })),
        "advisory_get_check" | "advisory_override_check" => absent(),
        "advisory_upload_kyc_document" => Known {
            query: vec![("name", "Passport".to_owned())],
            raw: Some(("application/pdf", "%PDF-1.7\n")),
            ..at("client_id", &facts.client, Value::Null)
        },
        "advisory_get_kyc_document_content" | "advisory_delete_kyc_document" => Known {
            status: Some(404),
            ..at("client_id", &facts.client, Value::Null)
        },
        "advisory_get_kyc" | "advisory_list_kyc_reviews" | "advisory_list_kyc_documents" => {
            at("client_id", &facts.client, Value::Null)
        }
        "advisory_review_kyc" => at("client_id", &facts.client, json!({ "reviewed_on": "2025-06-30" })),
        _ => return None,
    })
}
