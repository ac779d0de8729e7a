use super::{TOPOLOGIES, reports::Reports, socket::Socket};
use crate::{
    deployment::{Conditions, Topology},
    world::{User, World},
};
use chrono::TimeDelta;
use futures::future::join_all;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

async fn in_every_topology(conditions: Conditions, story: impl AsyncFn(&mut World)) {
    let told = TOPOLOGIES.map(|topology: Topology| {
        let (conditions, story) = (&conditions, &story);
        async move {
            let mut world = World::start(topology, conditions).await;
            story(&mut world).await;
            world.stop().await;
        }
    });
    join_all(told).await;
}

async fn posted(world: &mut World, by: &User, body: &Value) -> Value {
    let posted = world.post("/api/v1/transactions", body).by(by).expect(200).await;
    posted["data"].clone()
}

/// The sender is answered, who may see it is told, and who may not hears nothing of it.
#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_is_told_to_who_may_see_it() {
    in_every_topology(Conditions::default(), async |world| {
        let admin = world.admin().await;
        let advisor = world.newcomer("asha", "advisor").await;
        let other = world.newcomer("bala", "advisor").await;
        let payer = world.newcomer("payer", "client").await;
        let client = json!({ "client_name": "Rajesh" });
        let client = world.post("/api/v1/clients", &client).by(&advisor).expect(201).await;
        world.settle(&admin).await;
        let mut sockets = Vec::new();
        for user in [&payer, &advisor, &other] {
            sockets.push(Socket::open(world, user, "").await);
        }
        let [mut own, mut advisors, mut others] = <[Socket; 3]>::try_from(sockets).ok().unwrap();

        let said = json!({ "event": "create_transaction", "id": "s-1", "data": { "type": "expense", "amount": 12.5 } });
        own.say(&said).await;
        let mut both = [own.told().await, own.told().await];
        both.sort_by_key(|told| told["event"].to_string());
        let [news, answer] = both;
        assert_eq!(answer["event"], "transaction_created", "{answer}");
        assert_eq!(answer["id"], "s-1");
        assert_eq!(news["event"], "new_transaction", "{news}");
        assert_eq!(news["data"]["id"], answer["data"]["transaction_id"]);
        // Said again it is the same one, and nobody is told anew.
        own.say(&said).await;
        let again = own.told_of("transaction_created").await;
        assert_eq!(again["data"]["transaction_id"], answer["data"]["transaction_id"]);

        // By another way in, for a client of the advisor: the first thing that the advisor is told.
        let body = json!({ "type": "income", "amount": 7, "user_id": client["user_id"] });
        let of_client = posted(world, &advisor, &body).await;
        let told = advisors.told().await;
        assert_eq!(told["event"], "new_transaction", "{told}");
        assert_eq!(told["data"]["id"], of_client["id"]);
        let body = json!({ "type": "income", "amount": 1 });
        let of_other = posted(world, &other, &body).await;
        assert_eq!(others.told().await["data"]["id"], of_other["id"]);

        // Whoever comes back with the place misses nothing.
        let after = news["seq"].as_u64().unwrap() - 1;
        let mut back = Socket::open(world, &payer, &format!("?after={after}")).await;
        assert_eq!(back.told().await, news);

        // What is wrong is said over the socket, and it stays open.
        for (wrong, field) in [
            (json!({ "event": "create_transaction", "data": { "type": "gift", "amount": 1 } }), "params.type"),
            (json!({ "event": "create_transaction", "data": [] }), "params"),
            (json!({ "event": "make_rich", "data": {} }), "command"),
            (json!(["create_transaction"]), "message"),
        ] {
            own.say(&wrong).await;
            let refused = own.told_of("error").await;
            assert_eq!(refused["data"]["details"][0]["field"], field, "{refused}");
        }
        own.say(&said).await;
        own.told_of("transaction_created").await;
    })
    .await;
}

/// A ticket opens one stream, within its minute; without one or a token there is none.
#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_opens_one_stream() {
    in_every_topology(Conditions::default(), async |world| {
        let payer = world.newcomer("payer", "client").await;
        for stream in ["socket", "reports"] {
            let issued = world
                .post("/api/v1/events/ticket", &json!({}))
                .by(&payer)
                .expect(200)
                .await;
            let query = format!("?ticket={}", issued.text("ticket"));
            let late = world
                .post("/api/v1/events/ticket", &json!({}))
                .by(&payer)
                .expect(200)
                .await;
            let late = format!("?ticket={}", late.text("ticket"));
            if stream == "socket" {
                let mut socket = Socket::try_open(world, &query, &[]).await.ok().unwrap();
                assert_eq!(socket.told().await["event"], "ready");
            } else {
                let request = world.request(reqwest::Method::GET, &format!("/api/v1/events{query}"));
                let (_, report) = Reports::open(request).await.next().await;
                assert_eq!(report["transactions"], 0);
            }
            world.wait(TimeDelta::seconds(61));
            for query in [query.as_str(), late.as_str(), "", "?ticket=made-up"] {
                assert_eq!(
                    Socket::try_open(world, query, &[]).await.err(),
                    Some(401),
                    "{query}"
                );
                world.get(format!("/api/v1/events{query}")).expect(401).await;
            }
        }
        // A token that is no good is refused before anything is forwarded.
        let refused = Socket::try_open(world, "", &[("authorization", "Bearer x.y.z")]).await;
        assert_eq!(refused.err(), Some(401));
        world.get("/ws/transactions").by(&payer).expect(400).await;
    })
    .await;
}

/// The report comes at once, whenever it changes, and again after the interval; not held up on its way.
#[tokio::test(flavor = "multi_thread")]
async fn the_report_comes_as_it_changes() {
    in_every_topology(Conditions::with_reports_every(600), async |world| {
        let payer = world.newcomer("payer", "client").await;
        let events = |world: &World| {
            let request = world.request(reqwest::Method::GET, "/api/v1/events");
            request.bearer_auth(&payer.token)
        };
        let began = Instant::now();
        let mut reports = Reports::open(events(world)).await;
        let headers = reports.headers();
        assert_eq!(headers["content-type"], "text/event-stream");
        assert_eq!(headers["cache-control"], "no-cache");
        assert_eq!(headers["x-accel-buffering"], "no");
        assert!(!headers.contains_key("content-length"));
        let (first, report) = reports.next().await;
        assert_eq!(report["transactions"], 0);
        assert!(
            reports.comments.iter().any(|part| part.starts_with("retry:")),
            "{:?}",
            reports.comments
        );
        let mut last = first.clone();
        for number in 1..=3 {
            posted(world, &payer, &json!({ "type": "income", "amount": number })).await;
            let (id, report) = reports.next_after(&last).await;
            assert_eq!(report["transactions"], number, "{report}");
            last = id;
        }
        // Long before the interval is over: each change came by itself.
        assert!(began.elapsed() < Duration::from_secs(300));

        // Whoever has the last one waits for the next; whoever has another gets the last one at once.
        let mut back = Reports::open(events(world).header("last-event-id", &last)).await;
        let mut behind = Reports::open(events(world).header("last-event-id", &first)).await;
        assert_eq!(behind.next().await.0, last);
        posted(world, &payer, &json!({ "type": "income", "amount": 4 })).await;
        let (_, report) = back.next().await;
        assert_eq!(report["transactions"], 4, "{report}");
    })
    .await;
}

/// Nothing changes: the report comes again after the interval, and signs of life in between.
#[tokio::test(flavor = "multi_thread")]
async fn the_report_comes_again_after_the_interval() {
    in_every_topology(Conditions::with_reports_every(7), async |world| {
        let payer = world.newcomer("payer", "client").await;
        let request = world.request(reqwest::Method::GET, "/api/v1/events");
        let mut reports = Reports::open(request.bearer_auth(&payer.token)).await;
        let (first, _) = reports.next().await;
        assert_eq!(reports.next().await.0, first);
        let alive = |part: &String| part.starts_with(": alive");
        assert!(reports.comments.iter().any(alive), "{:?}", reports.comments);
    })
    .await;
}

/// A log-in that is ended ends what it opened, whichever process holds it.
#[tokio::test(flavor = "multi_thread")]
async fn streams_end_with_their_log_in() {
    in_every_topology(Conditions::default(), async |world| {
        let payer = world.newcomer("payer", "client").await;
        let mut socket = Socket::open(world, &payer, "").await;
        let request = world.request(reqwest::Method::GET, "/api/v1/events");
        let mut reports = Reports::open(request.bearer_auth(&payer.token)).await;
        reports.next().await;
        let refresh = json!({ "refresh_token": payer.refresh_token });
        world.post("/api/auth/logout", &refresh).by(&payer).send().await;
        let why = socket.closed().await.unwrap();
        assert_eq!(u16::from(why.code), 1008, "{why:?}");
        reports.ended().await;
    })
    .await;
}
