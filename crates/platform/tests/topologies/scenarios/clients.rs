use crate::world::World;
use serde_json::{Value, json};

/// An id that nobody has.
const NOBODY: &str = "0190a5c0-0000-7000-8000-000000000000";

/// A client from being taken in to being let go, with the versions in between.
pub(crate) async fn clients(world: &mut World) {
    let advisor = world.newcomer("asha", "advisor").await;
    let whole = json!({
        "client_name": "Rajesh Kumar", "email": "rajesh@example.com", "phone": "+91 98765 43210",
        "tax_id": "ABCDE1234F", "risk_profile": "aggressive", "kyc_expiry_date": "2027-03-31",
        "total_assets": 12_345_678.90, "currency": "INR"
    });
    let made = world
        .post("/api/v1/clients", &whole)
        .by(&advisor)
        .expect(201)
        .await;
    let place = made.header("location").unwrap().to_owned();
    let first = made.header("etag").unwrap().to_owned();
    world.get(place.clone()).by(&advisor).expect(200).await;

    let change = json!({ "client_name": "Rajesh K.", "risk_profile": "moderate" });
    let changed = world
        .put(place.clone(), &change)
        .by(&advisor)
        .if_match(&first)
        .expect(200)
        .await;
    world
        .put(place.clone(), &change)
        .by(&advisor)
        .if_match(&first)
        .expect(412)
        .await;
    world
        .put(place.clone(), &change)
        .by(&advisor)
        .if_match("W/\"1\"")
        .expect(412)
        .await;
    world
        .put(place.clone(), &change)
        .by(&advisor)
        .if_match("2")
        .expect(400)
        .await;
    world
        .put(place.clone(), &change)
        .by(&advisor)
        .if_match("*")
        .expect(200)
        .await;
    let mut stale = change.clone();
    stale["version"] = changed["version"].clone();
    world.put(place.clone(), &stale).by(&advisor).expect(409).await;
    stale["version"] = json!(3);
    world.put(place.clone(), &stale).by(&advisor).expect(200).await;

    for (field, value) in [
        ("client_name", json!("")),
        ("risk_profile", json!("reckless")),
        ("email", json!("nobody")),
        ("total_assets", json!(-1)),
        ("total_assets", json!("1.234")),
        ("kyc_expiry_date", json!("2027-02-30")),
        ("colour", json!("red")),
    ] {
        let mut wrong = whole.clone();
        wrong[field] = value;
        world
            .post("/api/v1/clients", &wrong)
            .by(&advisor)
            .expect(422)
            .await;
    }
    world
        .post("/api/v1/clients", &json!({}))
        .by(&advisor)
        .expect(422)
        .await;

    world
        .delete(place.clone())
        .by(&advisor)
        .if_match(&first)
        .expect(412)
        .await;
    world.delete(place.clone()).by(&advisor).expect(204).await;
    world.get(place.clone()).by(&advisor).expect(404).await;
    world.put(place.clone(), &change).by(&advisor).expect(404).await;
    world.delete(place).by(&advisor).expect(404).await;
    world.get("/api/v1/clients").by(&advisor).expect(200).await;
}

/// Pages, orders, filters and searches over a book.
pub(crate) async fn client_lists(world: &mut World) {
    let advisor = world.newcomer("asha", "advisor").await;
    let profiles = ["conservative", "moderate", "aggressive"];
    for (number, name) in ["Émile", "anil", "Zoya", "Bina", "emilia", "Chandra", "Ána"]
        .iter()
        .enumerate()
    {
        let client = json!({
            "client_name": name, "email": format!("c{number}@example.com"), "risk_profile": profiles[number % 3],
            "total_assets": 1000 * ((number * 3) % 7), "kyc_expiry_date": format!("2027-01-{:02}", 20 - number)
        });
        world
            .post("/api/v1/clients", &client)
            .by(&advisor)
            .expect(201)
            .await;
    }
    for sort in ["client_name", "created_at", "total_assets", "kyc_expiry_date"] {
        for direction in ["", "-"] {
            let mut place = Some(format!(
                "/api/v1/clients?sort={direction}{sort}&limit=3&count=true"
            ));
            let mut seen = 0;
            while let Some(path) = place {
                let page = world.get(path).by(&advisor).expect(200).await;
                seen += page.body.as_array().unwrap().len();
                place = page.next();
            }
            assert_eq!(seen, 7, "{direction}{sort}");
        }
    }
    for query in [
        "risk_profile=moderate",
        "risk_profile=moderate&sort=-total_assets",
        "search=em",
        "search=%C3%89MI",
        "search=nobody",
        "email=c3%40example.com",
        "limit=200",
        "count=false",
    ] {
        world
            .get(format!("/api/v1/clients?{query}"))
            .by(&advisor)
            .expect(200)
            .await;
    }
    let page = world
        .get("/api/v1/clients?limit=2")
        .by(&advisor)
        .expect(200)
        .await;
    let elsewhere = page
        .next()
        .unwrap()
        .replace("limit=2", "limit=2&sort=-created_at");
    world.get(elsewhere).by(&advisor).send().await;
    for query in [
        "limit=0",
        "limit=201",
        "limit=many",
        "limit=1&limit=2",
        "count=perhaps",
        "sort=colour",
        "risk_profile=reckless",
        "cursor=",
        "cursor=made-up",
        "colour=red",
        "search=",
    ] {
        world
            .get(format!("/api/v1/clients?{query}"))
            .by(&advisor)
            .expect(422)
            .await;
    }
}

/// What is in another advisor's book cannot be told from what does not exist, byte for byte, in any group.
pub(crate) async fn books(world: &mut World) {
    let admin = world.admin().await;
    let asha = world.newcomer("asha", "advisor").await;
    let other = world.newcomer("other", "advisor").await;
    let made = world
        .post("/api/v1/clients", &json!({ "client_name": "Priya Sharma" }))
        .by(&asha)
        .expect(201)
        .await;
    let (client, user) = (made.text("id"), made.text("user_id"));
    world.settle(&admin).await;
    let account = json!({ "name": "Savings", "kind": "savings", "user_id": user });
    let account = world
        .post("/api/v1/accounts", &account)
        .by(&asha)
        .expect(201)
        .await
        .text("id");
    let posting = json!({ "type": "income", "amount": 10, "user_id": user, "account_id": account });
    let posting = world
        .post("/api/v1/transactions", &posting)
        .by(&asha)
        .expect(200)
        .await
        .text("transaction_id");
    // The total follows in a moment.
    let total: Value = serde_json::from_str("10.00").unwrap();
    world
        .get(format!("/api/v1/clients/{client}"))
        .by(&asha)
        .until(200, |reply| reply["total_assets"] == total)
        .await;

    for (mine, nobodys) in [
        (
            format!("/api/v1/clients/{client}"),
            format!("/api/v1/clients/{NOBODY}"),
        ),
        (
            format!("/api/v1/accounts/{user}"),
            format!("/api/v1/accounts/{NOBODY}"),
        ),
        (
            format!("/api/v1/accounts/{user}/{account}"),
            format!("/api/v1/accounts/{user}/{NOBODY}"),
        ),
        (
            format!("/api/v1/transactions/{posting}"),
            format!("/api/v1/transactions/{NOBODY}"),
        ),
        (
            format!("/api/v1/transactions/{posting}/history"),
            format!("/api/v1/transactions/{NOBODY}/history"),
        ),
        (
            format!("/api/v1/financial-report?user_id={user}"),
            format!("/api/v1/financial-report?user_id={NOBODY}"),
        ),
    ] {
        world.get(mine.clone()).by(&asha).expect(200).await;
        world.get(mine.clone()).by(&admin).expect(200).await;
        let foreign = world.get(mine).by(&other).expect(404).await;
        let unknown = world.get(nobodys).by(&other).expect(404).await;
        assert_eq!(foreign.exchange.body, unknown.exchange.body);
    }
    let foreign = [
        (
            "/api/v1/accounts",
            json!({ "name": "Mine", "kind": "cash", "user_id": user }),
        ),
        (
            "/api/v1/transactions",
            json!({ "type": "income", "amount": 1, "user_id": user }),
        ),
        (
            "/api/v1/transactions",
            json!({ "type": "income", "amount": 1, "account_id": account }),
        ),
    ];
    for (path, body) in foreign {
        world.post(path, &body).by(&other).expect(404).await;
    }
    for path in ["/api/v1/clients", "/api/v1/transactions"] {
        let list = world.get(path).by(&other).expect(200).await;
        assert_eq!(list.body, json!([]));
    }
    let theirs = world
        .get("/api/v1/clients?count=true")
        .by(&admin)
        .expect(200)
        .await;
    assert_eq!(theirs.body.as_array().map(Vec::len), Some(1));

    move_to_another_book(world, &admin, &asha, &other, &made.body).await;
}

/// The client leaves the book; what belongs to them follows.
async fn move_to_another_book(
    world: &mut World,
    admin: &crate::world::User,
    asha: &crate::world::User,
    other: &crate::world::User,
    client: &Value,
) {
    let (id, user) = (
        client["id"].as_str().unwrap(),
        client["user_id"].as_str().unwrap(),
    );
    world
        .delete(format!("/api/v1/clients/{id}"))
        .by(asha)
        .expect(204)
        .await;
    world.settle(admin).await;
    world
        .get(format!("/api/v1/accounts/{user}"))
        .by(asha)
        .expect(404)
        .await;
    let again = json!({ "client_name": "Priya Sharma", "advisor_id": other.id, "user_id": user });
    world.post("/api/v1/clients", &again).by(asha).send().await;
    world.post("/api/v1/clients", &again).by(admin).expect(201).await;
    world.settle(admin).await;
    world
        .get(format!("/api/v1/accounts/{user}"))
        .by(other)
        .expect(200)
        .await;
    world.get("/api/v1/transactions").by(other).expect(200).await;
    world
        .get(format!("/api/v1/accounts/{user}"))
        .by(asha)
        .expect(404)
        .await;
}
