//! Queries and lists.

use crate::fixture::{fields, refused, site};

#[tokio::test]
async fn a_list_is_an_array_with_its_paging_in_headers() {
    let site = site().await;
    let answer = site.get("/api/things?status=a%20b&limit=2").send().await.unwrap();
    assert!(!answer.headers().contains_key("x-total-count"));
    let link = answer.headers()["link"].to_str().unwrap().to_owned();
    assert!(answer.text().await.unwrap().starts_with('['));
    let next = link
        .strip_prefix('<')
        .unwrap()
        .strip_suffix(">; rel=\"next\"")
        .unwrap();
    let answer = site.get(next).send().await.unwrap();
    assert_eq!(answer.status(), 200, "{next}");
    assert!(!answer.headers().contains_key("link"), "the last page has none");
    assert_eq!(
        answer.json::<Vec<String>>().await.unwrap()[0],
        "a b",
        "the filter is kept"
    );
}

#[tokio::test]
async fn a_count_is_told_when_asked_for_and_capped() {
    let site = site().await;
    let answer = site.get("/api/things?count=true").send().await.unwrap();
    assert_eq!(answer.headers()["x-total-count"], "7");
    let answer = site.get("/api/things?count=true&limit=1").send().await.unwrap();
    assert_eq!(answer.headers()["x-total-count"], "10000+");
}

#[tokio::test]
async fn wrong_parameters_are_named() {
    let site = site().await;
    for (query, field) in [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=ten", "limit"),
        ("limit=99999999999999999999", "limit"),
        ("limit=1&limit=2", "limit"),
        ("count=yes", "count"),
        ("cursor=", "cursor"),
        ("colour=red", "colour"),
        ("least=-1", "least"),
        ("least=a", "least"),
        ("least=", "least"),
        ("status=a&status=b", "status"),
        ("status[$gt]=1", "status[$gt]"),
    ] {
        let error = refused(
            site.get(&format!("/api/things?{query}")).send().await.unwrap(),
            422,
        )
        .await;
        assert_eq!(fields(&error), [field], "{query}");
    }
    refused(site.get("/api/things?status=%ff").send().await.unwrap(), 400).await;
}

#[tokio::test]
async fn a_plain_query_refuses_paging_too() {
    let site = site().await;
    assert_eq!(
        site.get("/api/filter?least=7").send().await.unwrap().status(),
        200
    );
    let error = refused(site.get("/api/filter?limit=7").send().await.unwrap(), 422).await;
    assert_eq!(fields(&error), ["limit"]);
}
