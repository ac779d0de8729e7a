//! What is believed of a request that another process forwarded.

use crate::{
    desk::{SECRET, hops},
    fixture::{Site, refused, settings, site_with},
};
use kernel::Sources;
use reqwest::RequestBuilder;
use serde_json::Value;
use trust::{Hop, HopSeal};

fn hop(client: &str, limited: bool) -> Hop {
    Hop {
        client: client.parse().unwrap(),
        scheme: "https".to_owned(),
        host: "wealth.example".to_owned(),
        limited,
        request_id: Sources::system().ids().next(),
    }
}

async fn limited() -> Site {
    let mut settings = settings();
    settings.limits.enabled = true;
    settings.limits.read_per_minute = 2;
    site_with(settings).await
}

fn forwarded(site: &Site, sealed: &str) -> RequestBuilder {
    site.get("/api/who").header(HopSeal::HEADER, sealed)
}

async fn status(request: RequestBuilder) -> u16 {
    request.send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn what_was_counted_at_the_edge_is_not_counted_again() {
    let site = limited().await;
    for _ in 0..10 {
        let sealed = hops(SECRET).seal(&hop("203.0.113.7", true), "demo");
        let answer = forwarded(&site, &sealed).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        assert!(!answer.headers().contains_key("ratelimit-limit"));
    }
}

#[tokio::test]
async fn a_forwarded_client_is_known_by_its_own_address() {
    let site = limited().await;
    let send = async |client: &str| {
        let sealed = hops(SECRET).seal(&hop(client, false), "demo");
        status(forwarded(&site, &sealed)).await
    };
    for _ in 0..2 {
        assert_eq!(send("203.0.113.7").await, 200);
    }
    assert_eq!(send("203.0.113.7").await, 429);
    assert_eq!(send("203.0.113.8").await, 200, "another client");
    assert_eq!(
        status(site.get("/api/who")).await,
        200,
        "and whoever forwarded them"
    );
}

#[tokio::test]
async fn a_forged_hop_is_worth_nothing() {
    let site = limited().await;
    let good = hop("203.0.113.7", true);
    let genuine = hops(SECRET).seal(&good, "demo");
    for _ in 0..2 {
        assert_eq!(status(site.get("/api/who")).await, 200);
    }
    for forged in [
        hops("another secret of thirty-two bytes").seal(&good, "demo"),
        hops(SECRET).seal(&good, "notes"),
        genuine[..genuine.len() - 1].to_owned(),
        "limited".to_owned(),
        String::new(),
        "a".repeat(4000),
    ] {
        let answer = forwarded(&site, &forged).send().await.unwrap();
        refused(answer, 429).await;
    }
    let twice = forwarded(&site, &genuine).header(HopSeal::HEADER, "x");
    refused(twice.send().await.unwrap(), 429).await;
    assert_eq!(status(forwarded(&site, &genuine)).await, 200);
}

#[tokio::test]
async fn the_id_of_the_edge_is_kept_and_the_seal_goes_no_further() {
    let site = site_with(settings()).await;
    let told = hop("203.0.113.7", true);
    let sealed = hops(SECRET).seal(&told, "demo");
    let answer = forwarded(&site, &sealed).send().await.unwrap();
    assert_eq!(
        answer.headers()["x-request-id"],
        told.request_id.to_string().as_str()
    );
    let seen: Value = answer.json().await.unwrap();
    assert_eq!(
        seen["sealed"], false,
        "no handler and no forwarder sees what came in"
    );
    assert_eq!(seen["client"], "203.0.113.7");
    assert_eq!(seen["onward"], "https wealth.example true");

    let seen: Value = forwarded(&site, "forged")
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(seen["sealed"], false);
    assert_eq!(seen["client"], "127.0.0.1");
    assert_eq!(seen["onward"], format!("http {} false", site.address));
}
