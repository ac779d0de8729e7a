use super::target::{Target, access, answer};
use crate::world::PASSWORD;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::Reply;

pub(super) const NOBODY: &str = "0190a5c0-0000-7000-8000-000000000000";

/// The admin of a firm, and the ids of what is the firm's.
struct Firm {
    admin: String,
    ids: Vec<String>,
}

/// Sets a firm up and lets its advisor work.
async fn firm(target: &Target, token: &str, name: &str) -> Firm {
    let setup = json!({
        "token": token, "email": format!("admin@{name}.example"), "password": PASSWORD, "name": "Admin"
    });
    let made = target.post("/api/auth/setup", "", &setup).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let login = target.log_in(&format!("admin@{name}.example")).await;
    let admin = access(&login).to_owned();
    let mut ids = vec![id(&login["user"]["id"])];
    let post = async |token: &str, path: &str, body: Value| {
        let reply = target.post(path, token, &body).await;
        assert!(reply.status < 300, "{path}: {}", reply.text);
        reply.body
    };
    let invited = json!({ "email": format!("advisor@{name}.example"), "name": "Advisor", "role": "advisor" });
    let invited = post(&admin, "/api/auth/invitations", invited).await;
    ids.push(id(&invited["id"]));
    let client = json!({ "client_name": "Rajesh", "advisor_id": invited["id"] });
    let client = post(&admin, "/api/v1/clients", client).await;
    let owner = client["user_id"].clone();
    ids.extend([id(&client["id"]), id(&owner)]);
    let account = json!({ "name": "Savings", "kind": "savings", "user_id": owner });
    let account = post(&admin, "/api/v1/accounts", account).await;
    ids.push(id(&account["id"]));
    let posting = json!({ "type": "income", "amount": 5, "user_id": owner, "account_id": account["id"] });
    let posted = post(&admin, "/api/v1/transactions", posting).await;
    ids.push(id(&posted["data"]["id"]));
    let budget = json!({
        "name": "Home", "categories": [{ "category": "food", "amount": 1 }], "user_id": owner
    });
    ids.push(id(&post(&admin, "/api/v1/budget", budget).await["id"]));
    let item = json!({ "sku": "RICE-5", "name": "Rice", "user_id": owner });
    let item = post(&admin, "/api/v1/inventory/items", item).await;
    ids.push(id(&item["id"]));
    let reorder = json!({ "item_id": item["id"] });
    ids.push(id(
        &post(&admin, "/api/v1/inventory/reorders", reorder).await["id"],
    ));
    let robot = post(
        &admin,
        "/api/v1/admin/service-accounts",
        json!({ "name": "Robot" }),
    )
    .await;
    ids.push(id(&robot["id"]));
    let key = json!({ "name": "key", "scopes": ["auth.read"], "expires_in_days": 1 });
    let key = post(&admin, "/api/auth/api-keys", key).await;
    ids.push(id(&key["key"]["id"]));
    let legal = json!({ "kind": "terms", "title": "Terms", "text": "be kind" });
    ids.push(id(&post(&admin, "/api/legal/documents", legal).await["id"]));
    let sessions = target.get("/api/auth/sessions", &admin).await.body;
    ids.push(id(&sessions[0]["id"]));
    Firm { admin, ids }
}

pub(super) fn id(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("no id: {value}"))
        .to_owned()
}

/// A body that the operation would take.
fn body_for(operation: &str) -> Value {
    match operation {
        "auth_assign_role" | "auth_assign_role_v1" => json!({ "role": "client" }),
        "auth_admin_impersonate_user" => json!({ "reason": "curiosity" }),
        "auth_admin_make_service_api_key" => {
            json!({ "name": "mine now", "scopes": ["auth.read"], "expires_in_days": 1 })
        }
        "advisory_update_client" => json!({ "client_name": "Taken over", "risk_profile": "moderate" }),
        "advisory_update_household" => json!({ "name": "Taken over" }),
        "advisory_create_client_note" => json!({ "text": "taken over" }),
        "advisory_link_client_user" => json!({ "user_id": NOBODY, "relation": "viewer" }),
        "advisory_reassign_client" => json!({ "advisor_id": NOBODY }),
        "advisory_override_check" => json!({ "reason": "because I can do it" }),
        "advisory_update_lead" => json!({ "name": "Taken over", "source": "other", "stage": "new" }),
        "advisory_add_lead_activity" => json!({ "kind": "call" }),
        "advisory_review_kyc" => {
            json!({ "result": "verified", "risk_rating": "low", "reviewed_on": "2020-01-01" })
        }
        "advisory_update_goal" => {
            json!({ "client_id": NOBODY, "name": "x", "target_amount": 1, "target_date": "2040-01-01" })
        }
        "advisory_update_template" => json!({ "name": "x", "subject": "Taken over", "body": "x" }),
        "advisory_update_message" => json!({ "subject": "Taken over", "body": "x" }),
        "advisory_update_meeting" => json!({
            "title": "Taken over", "starts_at": "2026-02-01T10:00:00Z", "ends_at": "2026-02-01T11:00:00Z"
        }),
        "advisory_update_task" => json!({ "title": "Taken over", "due_date": "2026-01-30" }),
        "finance_update_budget" => {
            json!({ "name": "Taken over", "categories": [{ "category": "food", "amount": 1 }] })
        }
        "finance_update_inventory_item" => json!({ "name": "Taken over" }),
        "finance_close_inventory_reorder" => json!({ "status": "cancelled" }),
        "finance_update_account" => json!({ "name": "Taken over", "kind": "savings" }),
        operation if operation.contains("invitation") => json!({ "email": "thief@example.com" }),
        "auth_admin_reset_mfa" => json!({ "proof": { "password": PASSWORD } }),
        _ => json!({}),
    }
}

pub(super) async fn ask(target: &Target, method: &Method, path: &str, token: &str, operation: &str) -> Reply {
    let request = target.request(method.clone(), path, token);
    let request = match *method {
        Method::GET | Method::DELETE => request,
        _ => request.json(&body_for(operation)),
    };
    answer(request).await
}

/// Every route with an id in its path, with every id of one firm, asked by the other firm: the same bytes as for an id
/// that nobody has.
pub(super) async fn swap_ids(target: &Target) {
    let operator = target.admin().await;
    let mut firms = Vec::new();
    for name in ["one", "two"] {
        let made = target
            .post("/api/v1/admin/firms", access(&operator), &json!({ "name": name }))
            .await;
        assert_eq!(made.status, 201, "{}", made.text);
        firms.push(firm(target, made.body["setup_token"].as_str().unwrap(), name).await);
    }
    let (victim, thief) = (&firms[0], &firms[1]);
    let stranger = target.newcomer("stranger@example.com", "advisor").await;
    let api = target.get("/openapi.json", "").await.body;
    let mut asked = 0;
    for (pattern, item) in api["paths"].as_object().unwrap() {
        if !pattern.contains('{') {
            continue;
        }
        for (method, operation) in item.as_object().unwrap() {
            let Ok(method) = Method::from_bytes(method.to_uppercase().as_bytes()) else {
                continue;
            };
            let name = operation["operationId"].as_str().unwrap_or_default();
            for token in [thief.admin.as_str(), access(&stranger)] {
                let nobody = ask(target, &method, &filled(pattern, NOBODY), token, name).await;
                for id in &victim.ids {
                    let foreign = ask(target, &method, &filled(pattern, id), token, name).await;
                    let shown = (foreign.status, foreign.text.replace(id.as_str(), NOBODY));
                    assert_eq!(
                        shown,
                        (nobody.status, nobody.text.clone()),
                        "{method} {pattern} with {id}"
                    );
                    asked += 1;
                }
            }
        }
    }
    assert!(asked > 300, "only {asked} requests were made");
    let lists = [
        "/api/v1/clients",
        "/api/v1/transactions",
        "/api/v1/budget",
        "/api/v1/inventory/items",
        "/api/v1/inventory/reorders",
        "/api/v1/admin/users",
        "/api/v1/admin/audit",
        "/api/v1/admin/api-keys",
        "/api/auth/rbac/assignments",
        "/api/legal/acceptances",
        "/api/legal/versions",
        "/api/infrastructure/events",
    ];
    for list in lists {
        let seen = target.get(list, &thief.admin).await;
        assert_eq!(seen.status, 200, "{list}: {}", seen.text);
        for id in &victim.ids {
            assert!(
                !seen.text.contains(id.as_str()),
                "{list} shows {id} of another firm"
            );
        }
    }
    let own = target.get("/api/v1/clients", &victim.admin).await;
    assert_eq!(
        own.body[0]["client_name"], "Rajesh",
        "nothing of the firm was changed"
    );
}

pub(super) fn filled(pattern: &str, id: &str) -> String {
    let mut path = String::new();
    for part in pattern.split('/').skip(1) {
        path.push('/');
        path.push_str(if part.starts_with('{') { id } else { part });
    }
    path
}
