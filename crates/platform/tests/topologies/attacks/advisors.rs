//! Two advisors of one firm: what is one's does not exist for the other, whatever route they try it on.

use super::{
    firms::{NOBODY, ask, filled, id},
    target::{Target, access},
};
use reqwest::Method;
use serde_json::{Value, json};
use testkit::Reply;

/// An advisor and everything that is theirs.
struct Advisor {
    token: String,
    ids: Vec<String>,
}

async fn post(target: &Target, token: &str, path: &str, body: Value) -> Value {
    let reply = target.post(path, token, &body).await;
    assert!(reply.status < 300, "{path}: {}", reply.text);
    reply.body
}

/// Registers an advisor, who works: a client, an account, a transaction, an API key, a second log-in.
async fn advisor(target: &Target, email: &str) -> Advisor {
    let login = target.newcomer(email, "advisor").await;
    let token = access(&login).to_owned();
    let mut ids = vec![id(&login["user"]["id"])];
    let client = post(
        target,
        &token,
        "/api/v1/clients",
        json!({ "client_name": "Rajesh" }),
    )
    .await;
    let owner = client["user_id"].clone();
    ids.extend([id(&client["id"]), id(&owner)]);
    let account = json!({ "name": "Savings", "kind": "savings", "user_id": owner });
    let account = post(target, &token, "/api/v1/accounts", account).await;
    ids.push(id(&account["id"]));
    let posting = json!({ "type": "income", "amount": 5, "user_id": owner, "account_id": account["id"] });
    let posted = post(target, &token, "/api/v1/transactions", posting).await;
    ids.push(id(&posted["data"]["id"]));
    ids.extend(contact(target, &token, &client["id"]).await);
    let portfolio = json!({ "name": "Core", "user_id": owner });
    let portfolio = post(target, &token, "/api/v1/portfolios", portfolio).await;
    ids.extend([id(&portfolio["id"]), id(&portfolio["accounts"][0]["id"])]);
    ids.extend(orders(target, &token, &portfolio["id"]).await);
    let deposit = json!({ "portfolio_id": portfolio["id"], "kind": "deposit", "amount": 5 });
    let deposit = post(target, &token, "/api/v1/funding", deposit).await;
    ids.push(id(&deposit["id"]));
    let key = json!({ "name": "key", "scopes": ["advisory.read"], "expires_in_days": 1 });
    let key = post(target, &token, "/api/auth/api-keys", key).await;
    ids.push(id(&key["key"]["id"]));
    ids.extend(book(target, &token, &client["id"]).await);
    let sessions = target.get("/api/auth/sessions", &token).await.body;
    ids.push(id(&sessions[0]["id"]));
    Advisor { token, ids }
}

/// What stands in an advisor's book beside the client.
async fn book(target: &Target, token: &str, client: &Value) -> Vec<String> {
    let place = format!("/api/v1/clients/{}", id(client));
    let made = [
        (
            "/api/v1/clients/households".to_owned(),
            json!({ "name": "Kumar" }),
        ),
        (format!("{place}/notes"), json!({ "text": "a note" })),
        ("/api/v1/leads".to_owned(), json!({ "name": "Anil" })),
        (
            "/api/v1/goals".to_owned(),
            json!({ "client_id": client, "name": "x", "target_amount": 1, "target_date": "2040-01-01" }),
        ),
        (
            "/api/v1/compliance/checks".to_owned(),
            json!({ "client_id": client, "side": "buy", "instrument": "X", "amount": 5 }),
        ),
    ];
    let mut ids = Vec::new();
    for (path, body) in made {
        ids.push(id(&post(target, token, &path, body).await["id"]));
    }
    ids
}

/// What is ordered for a client, once and again and again.
async fn orders(target: &Target, token: &str, portfolio: &Value) -> Vec<String> {
    let symbol = format!("X{}", &id(portfolio)[28..]).to_uppercase();
    let instrument = json!({ "symbol": symbol, "name": "X", "class": "equity", "product_risk": 1 });
    post(target, token, "/api/v1/instruments", instrument).await;
    let order = json!({ "portfolio_id": portfolio, "symbol": symbol, "side": "buy", "quantity": 1 });
    let order = post(target, token, "/api/v1/orders", order).await;
    let schedule = json!({
        "portfolio_id": portfolio, "symbol": symbol, "type": "SIP", "quantity": 1, "frequency": "monthly",
    });
    let schedule = post(target, token, "/api/v1/schedules", schedule).await;
    vec![id(&order["id"]), id(&schedule["id"])]
}

/// What an advisor writes to a client, and when they meet.
async fn contact(target: &Target, token: &str, client: &Value) -> Vec<String> {
    let things = [
        (
            "communications/templates",
            json!({ "name": "Review", "subject": "Your review", "body": "Shall we meet?" }),
        ),
        (
            "communications",
            json!({ "client_id": client, "subject": "Your review", "body": "Shall we meet?" }),
        ),
        (
            "communications/suppressions",
            json!({ "email": "nobody@example.com", "reason": "bounces" }),
        ),
        (
            "meetings",
            json!({
                "client_id": client, "title": "Review", "starts_at": "2026-02-01T10:00:00Z",
                "ends_at": "2026-02-01T11:00:00Z"
            }),
        ),
        (
            "meetings/tasks",
            json!({ "client_id": client, "title": "Call", "due_date": "2026-01-30" }),
        ),
    ];
    let mut ids = Vec::new();
    for (folder, body) in things {
        let made = post(target, token, &format!("/api/v1/{folder}"), body).await;
        ids.push(id(&made["id"]));
    }
    ids
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

/// Every route with every id of the one, asked by the other and by a client of nobody's.
pub(super) async fn swap_ids(target: &Target) {
    let victim = advisor(target, "rajesh@example.com").await;
    let thief = advisor(target, "eve@example.com").await;
    let client = target.newcomer("client@example.com", "client").await;
    let api = target.get("/openapi.json", "").await.body;
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
                    let nobody = ask(target, &method, &path(NOBODY), token, name).await;
                    for id in &victim.ids {
                        let foreign = ask(target, &method, &path(id), token, name).await;
                        let nobody = (nobody.status, nobody.text.clone());
                        assert_eq!(shown(&foreign, id), nobody, "{method} {}", path(id));
                        asked += 1;
                    }
                }
            }
        }
    }
    assert!(asked > 300, "only {asked} requests were made");
    in_bodies(target, &victim, &thief).await;
    in_lists(target, &api, &victim, &thief).await;
    let own = target.get("/api/v1/clients", &victim.token).await;
    assert_eq!(
        own.body[0]["client_name"], "Rajesh",
        "nothing of theirs was changed"
    );
    let own = target.get("/api/v1/transactions", &victim.token).await;
    assert_eq!(own.body.as_array().unwrap().len(), 1, "{}", own.text);
}

/// Ids of somebody else in the body of what is written: refused like an id that nobody has, and nothing is written.
async fn in_bodies(target: &Target, victim: &Advisor, thief: &Advisor) {
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
            ("/api/v1/portfolios", json!({ "name": "Mine now", "user_id": id })),
            (
                "/api/v1/clients",
                json!({ "client_name": "Mine now", "advisor_id": id }),
            ),
            (
                "/api/v1/communications",
                json!({ "client_id": id, "subject": "a", "body": "b" }),
            ),
            (
                "/api/v1/communications",
                json!({ "client_id": thief.ids[1], "template_id": id }),
            ),
            (
                "/api/v1/meetings",
                json!({
                    "client_id": id, "title": "a", "starts_at": "2026-02-01T10:00:00Z",
                    "ends_at": "2026-02-01T11:00:00Z"
                }),
            ),
            (
                "/api/v1/meetings/tasks",
                json!({ "title": "a", "due_date": "2026-01-30", "client_id": id }),
            ),
            (
                "/api/v1/meetings/tasks",
                json!({ "title": "a", "due_date": "2026-01-30", "meeting_id": id }),
            ),
        ]
    };
    for (place, (path, body)) in bodies(NOBODY).into_iter().enumerate() {
        let nobody = target.post(path, &thief.token, &body).await;
        assert!((400..500).contains(&nobody.status), "{path}: {}", nobody.text);
        for id in &victim.ids {
            let body = &bodies(id)[place].1;
            let foreign = target.post(path, &thief.token, body).await;
            assert_eq!(
                shown(&foreign, id),
                (nobody.status, nobody.text.clone()),
                "{path}: {body}"
            );
        }
    }
}

/// No list, export or report shows an id of somebody else.
async fn in_lists(target: &Target, api: &Value, victim: &Advisor, thief: &Advisor) {
    let mut looked = 0;
    for (pattern, item) in api["paths"].as_object().unwrap() {
        if pattern.contains('{') || item.get("get").is_none() {
            continue;
        }
        let seen = target.get(pattern, &thief.token).await;
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
