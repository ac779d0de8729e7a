use super::{TOPOLOGIES, socket::Socket};
use crate::{
    deployment::{Conditions, Topology},
    world::{Reply, World},
};
use futures::future::join_all;
use serde_json::json;

const PER_MINUTE: u32 = 2;

/// The paths by which a transaction is posted.
const PATHS: [&str; 4] = [
    "/api/v1/transactions",
    "/create_transaction",
    "/api/accounting/create_transaction",
    "/api/finance/commands",
];

fn assert_refused(refused: &Reply, place: &str) {
    let number = |name: &str| -> u64 {
        let value = refused.header(name);
        value
            .and_then(|value| value.parse().ok())
            .unwrap_or_else(|| panic!("{place}: {name}: {value:?}"))
    };
    assert!((1..=60).contains(&number("retry-after")), "{place}");
    assert_eq!(number("ratelimit-limit"), u64::from(PER_MINUTE), "{place}");
    assert_eq!(number("ratelimit-remaining"), 0, "{place}");
    assert!((1..=60).contains(&number("ratelimit-reset")), "{place}");
    assert_eq!(
        refused["error"], "too_many_requests",
        "{place}: {}",
        refused.exchange.body
    );
}

/// Each address has its own count, whichever process answers: the client's, and not that of what forwards it.
async fn each_address_by_itself(topology: Topology) {
    let mut world = World::start(topology, &Conditions::limited_transactions(PER_MINUTE)).await;
    let payer = world.newcomer("payer", "client").await;
    let posting = json!({ "type": "income", "amount": 1 });
    for client in ["198.51.100.1", "198.51.100.2", "2001:db8::1"] {
        let mut left = PER_MINUTE;
        for path in &PATHS[..PER_MINUTE as usize] {
            let posted = world
                .post(*path, &posting)
                .by(&payer)
                .header("x-forwarded-for", client);
            let posted = posted.expect(200).await;
            left -= 1;
            assert_eq!(
                posted.header("ratelimit-remaining"),
                Some(left.to_string().as_str()),
                "{topology:?} {path}"
            );
        }
        for path in PATHS {
            let refused = world
                .post(path, &posting)
                .by(&payer)
                .header("x-forwarded-for", client);
            let refused = refused.expect(429).await;
            assert_refused(&refused, &format!("{topology:?}: {client}: {path}"));
        }
    }
    // Over the socket it is counted where the socket is held, by the client's address all the same.
    let bearer = format!("Bearer {}", payer.token);
    for client in ["198.51.100.11", "198.51.100.12"] {
        let headers = [("authorization", bearer.as_str()), ("x-forwarded-for", client)];
        let mut socket = Socket::try_open(&world, "", &headers).await.ok().unwrap();
        let said = json!({ "event": "create_transaction", "data": posting });
        for _ in 0..PER_MINUTE {
            socket.say(&said).await;
            socket.told_of("transaction_created").await;
        }
        socket.say(&said).await;
        let refused = socket.told_of("error").await;
        assert_eq!(
            refused["data"]["error"], "too_many_requests",
            "{topology:?}: {refused}"
        );
    }
    let report = world.unrecorded("/api/v1/financial-report", &payer).await;
    assert_eq!(report["transactions"], 5 * PER_MINUTE, "{topology:?}");

    // Behind the gateway nobody gets round it: who asks the service itself is counted there.
    let service = world.addresses().pop().unwrap();
    if service != world.base_url() {
        let client = runtime::http::client().unwrap();
        let mut statuses = Vec::new();
        for _ in 0..=PER_MINUTE {
            let url = format!("{}{}", finance(&world), PATHS[0]);
            let request = client.post(url).bearer_auth(&payer.token).json(&posting);
            // A forged seal is worth nothing.
            let request = request
                .header("x-wealthos-hop", "forged")
                .header("x-forwarded-for", "198.51.100.21");
            statuses.push(request.send().await.unwrap().status().as_u16());
        }
        assert_eq!(statuses, [200, 200, 429], "{topology:?}");
    }
    world.stop().await;
}

/// Where finance itself listens: beside a monolith the last one; in a split one of them, in the order of ports.
fn finance(world: &World) -> String {
    let addresses = world.addresses();
    let groups = platform::known_groups();
    let place = groups.iter().position(|info| info.name == "finance").unwrap();
    match addresses.len() {
        2 => addresses[1].clone(),
        _ => addresses[place + 1].clone(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn postings_are_counted_by_the_address_of_the_client_in_every_topology() {
    join_all(TOPOLOGIES.map(each_address_by_itself)).await;
}
