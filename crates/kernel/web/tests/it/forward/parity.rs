//! A client cannot tell whether a group is here or elsewhere.

use super::stage::endpoints;
use crate::{
    fixture::{Site, settings, site, site_of},
    group::{Api, Gate, INFO, KNOWN},
};
use chrono::TimeDelta;
use reqwest::{RequestBuilder, Response};
use std::{collections::BTreeMap, sync::Arc};
use utoipa::OpenApi;
use web::{ForwardTable, Mount, Where};

const ID: &str = "0190f7c2-2222-7000-8000-000000000002";

/// A site that knows the demo group only by its description, and forwards it to the other.
async fn edge_of(group: &Site) -> Site {
    let table = Arc::new(ForwardTable::new(&[&INFO]));
    table.set("demo", Where::At(endpoints(&[group.address])));
    let mount = Mount {
        info: &INFO,
        configure: None,
        describe: Arc::new(|| Ok(Api::openapi())),
    };
    site_of(settings(), Arc::new(Gate::default()), vec![mount], table).await
}

/// Everything that a client sees of an answer, but for the date and what is about the connection.
async fn seen(answer: Response) -> (u16, BTreeMap<String, Vec<String>>, String) {
    let status = answer.status().as_u16();
    let mut headers = BTreeMap::<String, Vec<String>>::new();
    for (name, value) in answer.headers() {
        let value = value.to_str().unwrap().to_owned();
        headers.entry(name.to_string()).or_default().push(value);
    }
    headers.remove("date");
    headers.remove("connection");
    (status, headers, answer.text().await.unwrap())
}

type Ask = Box<dyn Fn(&Site) -> RequestBuilder>;

fn asks() -> Vec<(&'static str, Ask)> {
    fn ask(request: impl Fn(&Site) -> RequestBuilder + 'static) -> Ask {
        Box::new(request)
    }
    fn json(site: &Site, path: &str, body: &'static str) -> RequestBuilder {
        site.post(path)
            .header("content-type", "application/json")
            .header("idempotency-key", "the-key")
            .body(body)
    }
    vec![
        (
            "a document",
            ask(|site| site.get(&format!("/api/things/{KNOWN}"))),
        ),
        (
            "an unknown one",
            ask(|site| site.get(&format!("/api/things/{ID}"))),
        ),
        ("a bad id", ask(|site| site.get("/api/things/%2e%2e%2f"))),
        (
            "a worse id",
            ask(|site| site.get("/api/things/x%2Fy?a=b%20c&a=d")),
        ),
        (
            "a head",
            ask(|site| site.request("HEAD", &format!("/api/things/{KNOWN}"))),
        ),
        ("no head", ask(|site| site.request("HEAD", "/api/nothing"))),
        (
            "a list",
            ask(|site| site.get("/api/things?count=true&status=a%20b")),
        ),
        ("an unknown path", ask(|site| site.get("/api/nothing/at/all"))),
        ("an unknown prefix", ask(|site| site.get("/nothing"))),
        (
            "another method",
            ask(|site| site.request("DELETE", "/api/things")),
        ),
        (
            "an unknown method",
            ask(|site| site.request("BREW", "/api/things")),
        ),
        (
            "a made thing",
            ask(|site| {
                json(
                    site,
                    "/api/things",
                    r#"{"name": "n", "count": 2, "amount": 0.10}"#,
                )
            }),
        ),
        (
            "a wrong thing",
            ask(|site| json(site, "/api/things", r#"{"name": ""}"#)),
        ),
        ("no thing", ask(|site| json(site, "/api/things", "nonsense"))),
        ("nothing at all", ask(|site| site.post("/api/things"))),
        (
            "a packed thing",
            ask(|site| json(site, "/api/things", "{}").header("content-encoding", "gzip")),
        ),
        (
            "much too much",
            ask(|site| site.post("/api/things").body(vec![b'x'; 2 << 20])),
        ),
        ("me without a token", ask(|site| site.get("/api/me"))),
        (
            "me with rubbish",
            ask(|site| site.get("/api/me").bearer_auth("rubbish")),
        ),
        (
            "me with an old token",
            ask(|site| site.get("/api/me").bearer_auth(site.token(TimeDelta::hours(1)))),
        ),
        (
            "anybody with rubbish",
            ask(|site| site.get("/api/who").bearer_auth("rubbish")),
        ),
        (
            "a refresh with rubbish",
            ask(|site| site.post("/api/refresh").bearer_auth("rubbish")),
        ),
        (
            "a trace",
            ask(|site| {
                let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
                site.get("/api/who").header("traceparent", trace)
            }),
        ),
        (
            "a page of another origin",
            ask(|site| site.get("/api/who").header("origin", "http://localhost:5173")),
        ),
        (
            "its question beforehand",
            ask(|site| {
                site.request("OPTIONS", "/api/things")
                    .header("origin", "http://localhost:5173")
                    .header("access-control-request-method", "POST")
            }),
        ),
        (
            "a form",
            ask(|site| {
                site.post("/api/login")
                    .header("content-type", "application/x-www-form-urlencoded")
                    .body("username=a")
            }),
        ),
        (
            "a stale version",
            ask(|site| {
                site.request("PUT", &format!("/api/things/{KNOWN}"))
                    .header("if-match", "\"2\"")
            }),
        ),
        (
            "no content",
            ask(|site| {
                site.request("PUT", &format!("/api/things/{KNOWN}"))
                    .header("if-match", "\"3\"")
            }),
        ),
        (
            "an import",
            ask(|site| {
                let rows = vec![b'r'; 3 << 20];
                site.post("/api/import")
                    .header("content-type", "text/csv")
                    .body(rows)
            }),
        ),
        ("a broken handler", ask(|site| site.get("/api/broken"))),
        ("a panic", ask(|site| site.get("/api/panic"))),
        ("something away", ask(|site| site.get("/api/away"))),
        ("plain words", ask(|site| site.get("/api/bare"))),
        ("the description", ask(|site| site.get("/openapi.json"))),
    ]
}

#[tokio::test]
async fn every_answer_is_the_same_wherever_the_group_is() {
    let whole = site().await;
    let edge = edge_of(&whole).await;
    for (what, ask) in asks() {
        let here = ask(&whole)
            .header("x-request-id", ID)
            .header("host", "site.test")
            .send()
            .await
            .unwrap();
        let there = ask(&edge)
            .header("x-request-id", ID)
            .header("host", "site.test")
            .send()
            .await
            .unwrap();
        assert_eq!(seen(there).await, seen(here).await, "{what}");
    }
}

#[tokio::test]
async fn a_good_token_arrives_and_the_request_has_one_id() {
    let whole = site().await;
    let edge = edge_of(&whole).await;
    let token = edge.token(TimeDelta::zero());
    let answer = edge.get("/api/me").bearer_auth(token).send().await.unwrap();
    let id = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
    let me: serde_json::Value = answer.json().await.unwrap();
    assert_eq!(me["user"], edge.user.user.to_string());
    assert_eq!(me["request"], id);
}

#[tokio::test]
async fn a_bad_token_is_refused_at_the_edge_where_one_is_wanted() {
    let whole = site().await;
    let edge = edge_of(&whole).await;
    whole.server.stop(true).await;
    let refused = edge.get("/api/me").bearer_auth("rubbish").send().await.unwrap();
    assert_eq!(refused.status(), 401, "no group was needed");
    let unknown = edge.get("/api/me").send().await.unwrap();
    assert_eq!(unknown.status(), 503, "a missing token is for the group to judge");
}
