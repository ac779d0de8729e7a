use crate::setting::Setting;
use reqwest::Method;
use serde_json::{Value, json};

const NOBODY: &str = "0190a5c0-0000-7000-8000-000000000000";

/// Everything of one advisor's, on every route that takes an id, asked by another: the same bytes as for an id that nobody has.
#[tokio::test]
async fn every_route_answers_alike_for_what_is_foreign_and_what_is_unknown() {
    let setting = Setting::new().await;
    let client = json!({ "client_name": "Priya", "email": "priya@example.com" });
    let client = setting.made("/api/v1/clients", &client).await;
    let mut ids = vec![client["id"].clone(), client["user_id"].clone()];
    let client_id = client["id"].as_str().unwrap();
    let mut made = vec![
        (
            "/api/v1/clients/households".to_owned(),
            json!({ "name": "Sharma" }),
        ),
        (
            format!("/api/v1/clients/{client_id}/notes"),
            json!({ "text": "a note" }),
        ),
        ("/api/v1/leads".to_owned(), json!({ "name": "Anil" })),
        (
            "/api/v1/compliance/checks".to_owned(),
            json!({ "client_id": client_id, "side": "buy", "instrument": "X", "amount": 5 }),
        ),
    ];
    made.extend(crate::setting::more_of(client_id));
    for (path, body) in made {
        ids.push(setting.made(&path, &body).await["id"].clone());
    }
    let document = serde_json::to_value(setting.group.mount.openapi().unwrap()).unwrap();
    let (server, thief) = (&setting.server, setting.other_advisor.token.as_str());
    let mut asked = 0;
    for (pattern, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let Ok(method) = Method::from_bytes(method.to_uppercase().as_bytes()) else {
                continue;
            };
            if pattern.contains('{') {
                let nobody = ask(&setting, &method, pattern, NOBODY, operation).await;
                for id in &ids {
                    let foreign = ask(&setting, &method, pattern, id.as_str().unwrap(), operation).await;
                    assert_eq!(foreign, nobody, "{method} {pattern} {id}");
                    asked += 1;
                }
            } else if method == Method::GET {
                let seen = server.get(pattern, thief).await;
                for id in &ids {
                    assert!(
                        !seen.text.contains(id.as_str().unwrap()),
                        "{pattern}: {}",
                        seen.text
                    );
                }
            }
        }
    }
    assert!(asked > 100, "only {asked} requests were made");
    let own = server.get("/api/v1/clients", &setting.advisor.token).await;
    assert_eq!(own.body[0]["client_name"], "Priya", "nothing was changed");
}

async fn ask(
    setting: &Setting,
    method: &Method,
    pattern: &str,
    id: &str,
    operation: &Value,
) -> (u16, String) {
    let path: Vec<&str> = pattern
        .split('/')
        .map(|part| if part.starts_with('{') { id } else { part })
        .collect();
    let token = Some(setting.other_advisor.token.as_str());
    let request = setting.server.request(method.clone(), &path.join("/"), token);
    let request = match operation.get("requestBody") {
        Some(_) => request.json(&body_for(operation["operationId"].as_str().unwrap())),
        None => request,
    };
    let reply = setting.server.send(request).await;
    (reply.status, reply.text.replace(id, NOBODY))
}

/// A body that the operation would take, so that it is the id that is refused.
fn body_for(operation: &str) -> Value {
    match operation {
        "advisory_update_client" => json!({ "client_name": "Taken over", "risk_profile": "moderate" }),
        "advisory_update_household" => json!({ "name": "Taken over" }),
        "advisory_create_client_note" => json!({ "text": "taken over" }),
        "advisory_link_client_user" => json!({ "user_id": NOBODY, "relation": "viewer" }),
        "advisory_reassign_client" => json!({ "advisor_id": NOBODY }),
        "advisory_override_check" => json!({ "reason": "because I can do it" }),
        "advisory_update_lead" => json!({ "name": "Taken over", "source": "other", "stage": "new" }),
        "advisory_add_lead_activity" => json!({ "kind": "call" }),
        other => crate::setting::more_bodies(other),
    }
}
