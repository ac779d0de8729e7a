use crate::setting::{Setting, id};
use kernel::EventEnvelope;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Login, Reply};

pub(crate) const ITEMS: &str = "/api/v1/inventory/items";
const MOVEMENTS: &str = "/api/v1/inventory/movements";
pub(crate) const REORDERS: &str = "/api/v1/inventory/reorders";

pub(crate) async fn item(setting: &Setting, login: &Login, more: Value) -> Value {
    let mut body = json!({ "sku": "RICE-5", "name": "Rice 5 kg", "currency": "INR" });
    for (field, value) in more.as_object().unwrap() {
        body[field] = value.clone();
    }
    let made = setting.server.post(ITEMS, &login.token, &body).await;
    assert_eq!(made.status, 201, "{}", made.text);
    made.body
}

pub(crate) async fn try_move(
    setting: &Setting,
    login: &Login,
    item: &Value,
    kind: &str,
    quantity: &str,
    more: Value,
) -> Reply {
    let mut body = json!({ "item_id": id(item), "type": kind, "quantity": quantity });
    for (field, value) in more.as_object().unwrap() {
        body[field] = value.clone();
    }
    setting.server.post(MOVEMENTS, &login.token, &body).await
}

/// Posts a movement of the user; answers its cost as it is written.
pub(crate) async fn moved(
    setting: &Setting,
    item: &Value,
    kind: &str,
    quantity: &str,
    more: Value,
) -> String {
    let posted = try_move(setting, &setting.user, item, kind, quantity, more).await;
    assert_eq!(posted.status, 201, "{}", posted.text);
    posted["cost"].to_string()
}

pub(crate) async fn read(setting: &Setting, item: &Value) -> Value {
    let path = format!("{ITEMS}/{}", id(item));
    let read = setting.server.get(&path, &setting.user.token).await;
    assert_eq!(read.status, 200, "{}", read.text);
    read.body
}

pub(crate) async fn said(setting: &Setting, event: &str) -> Vec<EventEnvelope> {
    let events = setting.store.feed(0, 500).await.unwrap();
    events
        .into_iter()
        .filter(|told| told.event_type == event)
        .collect()
}

#[tokio::test]
async fn every_method_takes_its_own_cost() {
    let setting = Setting::new().await;
    for (method, first, second, left) in [
        ("fifo", "20.00", "19.00", "6.00"),
        ("lifo", "25.00", "18.00", "2.00"),
        ("average", "22.50", "18.00", "4.50"),
    ] {
        let made = item(
            &setting,
            &setting.user,
            json!({ "sku": method, "valuation": method }),
        )
        .await;
        moved(&setting, &made, "receipt", "10", json!({ "unit_cost": 1 })).await;
        moved(&setting, &made, "receipt", "10", json!({ "unit_cost": "2.00" })).await;
        assert_eq!(
            moved(&setting, &made, "issue", "15", json!({})).await,
            first,
            "{method}"
        );
        moved(&setting, &made, "receipt", "5", json!({ "unit_cost": 3 })).await;
        assert_eq!(
            moved(&setting, &made, "issue", "8", json!({})).await,
            second,
            "{method}"
        );
        let now = read(&setting, &made).await;
        assert_eq!(
            (now["on_hand"].to_string(), now["value"].to_string()),
            ("2".into(), left.into())
        );
    }
}

#[tokio::test]
async fn a_cost_that_does_not_divide_is_kept_to_the_last_unit() {
    let setting = Setting::new().await;
    let made = item(&setting, &setting.user, json!({})).await;
    moved(
        &setting,
        &made,
        "receipt",
        "3",
        json!({ "unit_cost": "33.333333" }),
    )
    .await;
    let mut costs = Vec::new();
    for _ in 0..3 {
        costs.push(moved(&setting, &made, "issue", "1", json!({})).await);
    }
    assert_eq!(costs, ["33.33", "33.34", "33.33"]);
    assert_eq!(read(&setting, &made).await["value"].to_string(), "0.00");
}

#[tokio::test]
async fn what_is_not_there_cannot_go_out_unless_it_may() {
    let setting = Setting::new().await;
    let made = item(&setting, &setting.user, json!({})).await;
    moved(&setting, &made, "receipt", "2", json!({ "unit_cost": 5 })).await;
    let refused = try_move(&setting, &setting.user, &made, "issue", "3", json!({})).await;
    refused.assert_error(409, "insufficient_stock");
    let path = format!("{ITEMS}/{}", id(&made));
    let change = json!({ "name": "Rice", "allow_negative": true });
    assert_eq!(
        setting
            .server
            .put(&path, &setting.user.token, &change)
            .await
            .status,
        200
    );
    assert_eq!(moved(&setting, &made, "issue", "3", json!({})).await, "15.00");
    let now = read(&setting, &made).await;
    assert_eq!(
        (now["on_hand"].to_string(), now["value"].to_string()),
        ("-1".into(), "-5.00".into())
    );
    // The one that was missing cost 7, not 5.
    let settled = try_move(
        &setting,
        &setting.user,
        &made,
        "receipt",
        "2",
        json!({ "unit_cost": 7 }),
    )
    .await;
    assert_eq!(settled["cost_adjustment"].to_string(), "2.00");
    let now = read(&setting, &made).await;
    assert_eq!(
        (now["on_hand"].to_string(), now["value"].to_string()),
        ("1".into(), "7.00".into())
    );
}

#[tokio::test]
async fn of_two_who_sell_the_last_one_wins() {
    let setting = Setting::new().await;
    let made = item(&setting, &setting.user, json!({})).await;
    for _ in 0..8 {
        moved(&setting, &made, "receipt", "1", json!({ "unit_cost": 5 })).await;
        let (first, second) = tokio::join!(
            try_move(&setting, &setting.user, &made, "issue", "1", json!({})),
            try_move(&setting, &setting.user, &made, "issue", "1", json!({})),
        );
        let mut statuses = [first.status, second.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409], "{} {}", first.text, second.text);
        assert_eq!(read(&setting, &made).await["on_hand"].to_string(), "0");
    }
}

#[tokio::test]
async fn the_same_key_moves_once() {
    let setting = Setting::new().await;
    let made = item(&setting, &setting.user, json!({})).await;
    let body = json!({ "item_id": id(&made), "type": "receipt", "quantity": 4, "unit_cost": 1 });
    let mut answers = Vec::new();
    for _ in 0..2 {
        let request = setting
            .server
            .request(Method::POST, MOVEMENTS, Some(&setting.user.token));
        let request = request.header("Idempotency-Key", "delivery-1").json(&body);
        answers.push(setting.server.send(request).await.text);
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(read(&setting, &made).await["on_hand"].to_string(), "4");
    let path = format!("{MOVEMENTS}?item_id={}", id(&made));
    let listed = setting.server.get(&path, &setting.user.token).await;
    assert_eq!(listed.body.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn stock_lies_where_it_was_put() {
    let setting = Setting::new().await;
    let token = setting.user.token.as_str();
    let made = item(&setting, &setting.user, json!({})).await;
    let place = setting
        .server
        .post("/api/v1/inventory/locations", token, &json!({ "name": "Shelf" }))
        .await;
    assert_eq!(place.status, 201, "{}", place.text);
    let shelf = place["id"].clone();
    moved(&setting, &made, "receipt", "5", json!({ "unit_cost": 2 })).await;
    assert_eq!(
        moved(
            &setting,
            &made,
            "transfer",
            "2",
            json!({ "to_location_id": shelf })
        )
        .await,
        "0.00"
    );
    let refused = try_move(
        &setting,
        &setting.user,
        &made,
        "issue",
        "3",
        json!({ "location_id": shelf }),
    )
    .await;
    refused.assert_error(409, "insufficient_stock");
    moved(&setting, &made, "issue", "2", json!({ "location_id": shelf })).await;
    moved(&setting, &made, "lost", "1", json!({})).await;
    moved(&setting, &made, "found", "2", json!({})).await;
    let now = read(&setting, &made).await;
    assert_eq!(now["places"], json!([{ "location_id": null, "quantity": 4 }]));
    assert_eq!(now["value"].to_string(), "8.00");
}

#[tokio::test]
async fn what_moves_is_in_the_ledger_in_the_same_moment() {
    let setting = Setting::new().await;
    let token = setting.user.token.as_str();
    let made = item(&setting, &setting.user, json!({ "allow_negative": true })).await;
    let legs = async || {
        let listed = setting
            .server
            .get("/api/v1/transactions?sort=-created_at", token)
            .await;
        let mut legs = Vec::new();
        for posted in listed.body.as_array().unwrap() {
            let path = format!("/api/v1/ledger/entries/{}", id(posted));
            let entry = setting.server.get(&path, token).await;
            assert_eq!(entry["type"], "entry", "{}", entry.text);
            let all = entry["legs"].as_array().unwrap().iter();
            legs.extend(all.map(|leg| format!("{} {}", leg["account"].as_str().unwrap(), leg["amount"])));
        }
        legs.sort();
        legs
    };
    moved(&setting, &made, "receipt", "2", json!({ "unit_cost": 5 })).await;
    assert_eq!(
        legs().await,
        ["asset:inventory 10.00", "liability:goods received -10.00"]
    );
    moved(&setting, &made, "issue", "3", json!({})).await;
    moved(&setting, &made, "receipt", "2", json!({ "unit_cost": 7 })).await;
    assert_eq!(
        legs().await,
        [
            "asset:inventory -15.00",
            "asset:inventory -2.00",
            "asset:inventory 10.00",
            "asset:inventory 14.00",
            "expense:cost of goods sold 15.00",
            "expense:cost of goods sold 2.00",
            "liability:goods received -10.00",
            "liability:goods received -14.00",
        ]
    );
    assert_eq!(read(&setting, &made).await["value"].to_string(), "7.00");
}

#[tokio::test]
async fn items_are_counted_for_the_operator() {
    let setting = Setting::new().await;
    let made = item(
        &setting,
        &setting.user,
        json!({ "replenishment": { "reorder_point": 1 } }),
    )
    .await;
    item(&setting, &setting.client, json!({})).await;
    moved(&setting, &made, "receipt", "1", json!({ "unit_cost": 1 })).await;
    testkit::eventually("both gauges are right", || async {
        let text = setting.harness.registry.encode().unwrap();
        let has = |line: &str| text.lines().any(|found| found == line);
        (has("inventory_items_total 2") && has("inventory_low_stock_items 1")).then_some(())
    })
    .await;
}

#[tokio::test]
async fn nobody_elses_stock_can_be_seen_or_moved() {
    let setting = Setting::new().await;
    let made = item(&setting, &setting.client, json!({})).await;
    let path = format!("{ITEMS}/{}", id(&made));
    assert_eq!(
        setting.server.get(&path, &setting.advisor.token).await.status,
        200
    );
    for login in [&setting.user, &setting.other_advisor] {
        let token = login.token.as_str();
        setting
            .server
            .get(&path, token)
            .await
            .assert_error(404, "not_found");
        setting
            .server
            .delete(&path, token)
            .await
            .assert_error(404, "not_found");
        setting
            .server
            .put(&path, token, &json!({ "name": "x" }))
            .await
            .assert_error(404, "not_found");
        let reply = try_move(&setting, login, &made, "receipt", "1", json!({ "unit_cost": 1 })).await;
        reply.assert_error(404, "not_found");
        let reply = setting
            .server
            .post(REORDERS, token, &json!({ "item_id": id(&made) }))
            .await;
        reply.assert_error(404, "not_found");
        for list in [
            ITEMS,
            MOVEMENTS,
            REORDERS,
            "/api/v1/inventory/locations",
            "/api/v1/inventory/low-stock",
        ] {
            assert_eq!(setting.server.get(list, token).await.body, json!([]), "{list}");
        }
    }
}

#[tokio::test]
async fn what_is_senseless_is_refused_by_name() {
    let setting = Setting::new().await;
    let token = setting.user.token.as_str();
    let made = item(&setting, &setting.user, json!({})).await;
    let twice = setting
        .server
        .post(ITEMS, token, &json!({ "sku": "rice-5", "name": "x" }))
        .await;
    twice.assert_error(409, "sku_in_use");
    for (quantity, kind, more, field) in [
        ("0", "receipt", json!({ "unit_cost": 1 }), "quantity"),
        ("-1", "receipt", json!({ "unit_cost": 1 }), "quantity"),
        ("0.0000001", "receipt", json!({ "unit_cost": 1 }), "quantity"),
        ("1000000000000", "receipt", json!({ "unit_cost": 1 }), "quantity"),
        ("NaN", "receipt", json!({ "unit_cost": 1 }), "quantity"),
        ("1", "receipt", json!({}), "unit_cost"),
        ("1", "receipt", json!({ "unit_cost": -1 }), "unit_cost"),
        ("1", "issue", json!({ "unit_cost": 1 }), "unit_cost"),
        ("1", "transfer", json!({}), "to_location_id"),
        (
            "1",
            "receipt",
            json!({ "unit_cost": 1, "location_id": crate::setting::NOBODY }),
            "location_id",
        ),
        ("1", "gift", json!({}), "type"),
    ] {
        let refused = try_move(&setting, &setting.user, &made, kind, quantity, more).await;
        assert_eq!(
            (refused.status, refused.fields()),
            (422, vec![field]),
            "{}",
            refused.text
        );
    }
    let body = json!({ "sku": "x", "name": "x", "replenishment": { "service_level": 1 } });
    let refused = setting.server.post(ITEMS, token, &body).await;
    assert_eq!(refused.fields(), ["replenishment.service_level"]);
    moved(&setting, &made, "receipt", "1", json!({ "unit_cost": 1 })).await;
    let path = format!("{ITEMS}/{}", id(&made));
    setting
        .server
        .delete(&path, token)
        .await
        .assert_error(409, "item_in_stock");
}
