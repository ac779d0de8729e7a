//! Two advisors of one firm: what is one's does not exist for the other, whatever route they try it on.

use crate::{
    firms::{NOBODY, ask, filled, id},
    served::{Reply, Served, access},
};
use reqwest::Method;
use serde_json::{Value, json};

/// An advisor and everything that is theirs.
struct Advisor {
    token: String,
    ids: Vec<String>,
}

async fn post(served: &Served, token: &str, path: &str, body: Value) -> Value {
    let reply = served.post(path, token, &body).await;
    assert!(reply.status < 300, "{path}: {}", reply.text);
    reply.body
}

/// Registers an advisor, who works: a client, an account, a transaction, an API key, a second log-in.
async fn advisor(served: &Served, email: &str) -> Advisor {
    let login = served.newcomer(email, "advisor").await;
    let token = access(&login).to_owned();
    let mut ids = vec![id(&login["user"]["id"])];
    let client = post(
        served,
        &token,
        "/api/v1/clients",
        json!({ "client_name": "Rajesh" }),
    )
    .await;
    let owner = client["user_id"].clone();
    ids.extend([id(&client["id"]), id(&owner)]);
    let account = json!({ "name": "Savings", "kind": "savings", "user_id": owner });
    let account = post(served, &token, "/api/v1/accounts", account).await;
    ids.push(id(&account["id"]));
    let posting = json!({ "type": "income", "amount": 5, "user_id": owner, "account_id": account["id"] });
    let posted = post(served, &token, "/api/v1/transactions", posting).await;
    ids.push(id(&posted["data"]["id"]));
    let key = json!({ "name": "key", "scopes": ["advisory.read"], "expires_in_days": 1 });
    let key = post(served, &token, "/api/auth/api-keys", key).await;
    ids.push(id(&key["key"]["id"]));
    let sessions = served.get("/api/auth/sessions", &token).await.body;
    ids.push(id(&sessions[0]["id"]));
    Advisor { token, ids }
}

/// The names of a route's query parameters that take an id.
fn id_queries(operation: &Value) -> Vec<&str> {
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    parameters
        .filter(|parameter| parameter["in"] == "query")
        .filter_map(|parameter| parameter["name"].as_str())
        .filter(|name| name.ends_with("_id") || *name == "subject" || *name == "actor")
        .collect()
}

fn shown(reply: &Reply, id: &str) -> (u16, String) {
    (reply.status, reply.text.replace(id, NOBODY))
}

#[tokio::test(flavor = "multi_thread")]
async fn no_route_tells_an_advisor_of_what_is_another_advisors() {
    let served = Served::new().await;
    let victim = advisor(&served, "rajesh@example.com").await;
    let thief = advisor(&served, "eve@example.com").await;
    let client = served.newcomer("client@example.com", "client").await;
    let api = served.get("/openapi.json", "").await.body;
    let mut asked = 0;
    for (pattern, item) in api["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let Ok(method) = Method::from_bytes(method.to_uppercase().as_bytes()) else {
                continue;
            };
            let name = operation["operationId"].as_str().unwrap_or_default();
            let places: Vec<String> = match pattern.contains('{') {
                true => vec![String::new()],
                false if method == Method::GET => id_queries(operation)
                    .iter()
                    .map(|query| format!("?{query}="))
                    .collect(),
                false => Vec::new(),
            };
            for place in places {
                let path = |id: &str| match place.is_empty() {
                    true => filled(pattern, id),
                    false => format!("{pattern}{place}{id}"),
                };
                for token in [thief.token.as_str(), access(&client)] {
                    let nobody = ask(&served, &method, &path(NOBODY), token, name).await;
                    for id in &victim.ids {
                        let foreign = ask(&served, &method, &path(id), token, name).await;
                        let nobody = (nobody.status, nobody.text.clone());
                        assert_eq!(shown(&foreign, id), nobody, "{method} {}", path(id));
                        asked += 1;
                    }
                }
            }
        }
    }
    assert!(asked > 300, "only {asked} requests were made");
    in_bodies(&served, &victim, &thief).await;
    in_lists(&served, &api, &victim, &thief).await;
    let own = served.get("/api/v1/clients", &victim.token).await;
    assert_eq!(
        own.body[0]["client_name"], "Rajesh",
        "nothing of theirs was changed"
    );
    let own = served.get("/api/v1/transactions", &victim.token).await;
    assert_eq!(own.body.as_array().unwrap().len(), 1, "{}", own.text);
    served.stop().await;
}

/// Ids of somebody else in the body of what is written: refused like an id that nobody has, and nothing is written.
async fn in_bodies(served: &Served, victim: &Advisor, thief: &Advisor) {
    let own_account = &thief.ids[3];
    let bodies = |id: &str| {
        [
            (
                "/api/v1/transactions",
                json!({ "type": "income", "amount": 5, "user_id": id, "account_id": own_account }),
            ),
            (
                "/api/v1/transactions",
                json!({ "type": "income", "amount": 5, "account_id": id }),
            ),
            (
                "/api/v1/transactions",
                json!({ "type": "expense", "amount": 5, "user_id": id }),
            ),
            (
                "/api/v1/accounts",
                json!({ "name": "Mine now", "kind": "savings", "user_id": id }),
            ),
            (
                "/api/v1/clients",
                json!({ "client_name": "Mine now", "advisor_id": id }),
            ),
        ]
    };
    for (place, (path, body)) in bodies(NOBODY).into_iter().enumerate() {
        let nobody = served.post(path, &thief.token, &body).await;
        assert!((400..500).contains(&nobody.status), "{path}: {}", nobody.text);
        for id in &victim.ids {
            let body = &bodies(id)[place].1;
            let foreign = served.post(path, &thief.token, body).await;
            assert_eq!(
                shown(&foreign, id),
                (nobody.status, nobody.text.clone()),
                "{path}: {body}"
            );
        }
    }
}

/// No list, export or report shows an id of somebody else.
async fn in_lists(served: &Served, api: &Value, victim: &Advisor, thief: &Advisor) {
    let mut looked = 0;
    for (pattern, item) in api["paths"].as_object().unwrap() {
        if pattern.contains('{') || item.get("get").is_none() {
            continue;
        }
        let seen = served.get(pattern, &thief.token).await;
        looked += usize::from(seen.status == 200);
        for id in &victim.ids {
            assert!(
                !seen.text.contains(id.as_str()),
                "{pattern} shows {id}: {}",
                seen.text
            );
        }
    }
    assert!(looked > 10, "only {looked} lists answered");
}
