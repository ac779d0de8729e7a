//! Groups move while requests are served.

use super::stage::{FAR, answering, edge, endpoints, ok};
use crate::{
    fixture::{Site, refused, settings, site_of, site_with},
    group::{Api, Gate, INFO, mount},
};
use chrono::TimeDelta;
use kernel::{Principal, UserId, UserPrincipal};
use std::sync::Arc;
use web::{ForwardTable, Where};

#[tokio::test]
async fn a_group_moves_there_and_back() {
    let (there, _) = answering(ok("there")).await;
    let table = Arc::new(ForwardTable::new(&[&INFO]));
    let gate = Arc::new(Gate::default());
    let site = site_of(settings(), gate.clone(), vec![mount(gate)], table.clone()).await;
    let ask = async || site.get("/api/who").send().await.unwrap().text().await.unwrap();
    assert!(ask().await.contains("anonymous"));
    table.set("demo", Where::At(endpoints(&[there])));
    assert_eq!(ask().await, "there");
    table.set("demo", Where::Here);
    assert!(ask().await.contains("anonymous"));
}

#[tokio::test]
async fn a_part_of_the_callers_moves_and_each_stays_on_its_side() {
    let (there, _) = answering(ok("there")).await;
    let table = Arc::new(ForwardTable::new(&[&INFO]));
    let gate = Arc::new(Gate::default());
    let site = site_of(settings(), gate.clone(), vec![mount(gate)], table.clone()).await;
    let split = |percent| Where::Split {
        endpoints: endpoints(&[there]),
        percent,
    };
    table.set("demo", split(40));
    let mut moved = 0;
    for number in 0..40_u128 {
        let user = UserPrincipal {
            user: UserId(uuid::Uuid::from_u128(number)),
            ..site.user.clone()
        };
        let expected = rpc::place_of(&Principal::User(user.clone())) < 40;
        let token = site.token_of(&user, TimeDelta::zero());
        for _ in 0..2 {
            let answer = site.get("/api/me").bearer_auth(&token).send().await.unwrap();
            assert_eq!(answer.text().await.unwrap() == "there", expected);
        }
        moved += u32::from(expected);
    }
    assert!((5..36).contains(&moved), "{moved}");
    let ask = async || site.get("/api/who").send().await.unwrap().text().await.unwrap();
    table.set("demo", split(0));
    assert_ne!(ask().await, "there");
    table.set("demo", split(100));
    assert_eq!(ask().await, "there");
}

#[tokio::test]
async fn a_group_that_is_said_to_be_here_and_is_not_is_away() {
    let table = Arc::new(ForwardTable::new(&[&FAR]));
    let gate = Arc::new(Gate::default());
    let site = site_of(settings(), gate.clone(), vec![mount(gate)], table).await;
    let error = refused(site.get("/far/x").send().await.unwrap(), 503).await;
    assert_eq!(error.error, "dependency_unavailable");
}

#[tokio::test]
async fn the_shells_own_routes_are_never_forwarded() {
    let (group, asked) = answering(ok("there")).await;
    let edge = edge(&[group]).await;
    for path in ["/health", "/ready", "/metrics", "/openapi.json"] {
        let answer = edge.get(path).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
    }
    assert!(asked.lock().unwrap().is_empty());
    edge.get("/far/x").send().await.unwrap();
    let metrics = edge.get("/metrics").send().await.unwrap().text().await.unwrap();
    let line = "http_forwarded_total{group=\"far\",outcome=\"answered\"} 1";
    assert!(metrics.contains(line), "{metrics}");
}

#[tokio::test]
async fn two_that_point_at_each_other_make_no_circle() {
    let first = endpoints(&[]);
    let second = edge_of(&INFO, first.clone()).await;
    let edge = edge_of(&INFO, endpoints(&[second.address])).await;
    first.replace([format!("http://{}", edge.address)]).unwrap();
    let error = refused(edge.get("/api/who").send().await.unwrap(), 503).await;
    assert_eq!(error.error, "dependency_unavailable");
}

#[tokio::test]
async fn limits_count_once_and_by_the_client() {
    let group = site_with(limited()).await;
    let table = Arc::new(ForwardTable::new(&[&INFO]));
    table.set("demo", Where::At(endpoints(&[group.address])));
    let edge = site_of(limited(), Arc::default(), vec![described()], table).await;
    for left in (0..5).rev() {
        let answer = edge.get("/api/who").send().await.unwrap();
        assert_eq!(answer.status(), 200);
        let remaining: Vec<_> = answer.headers().get_all("ratelimit-remaining").iter().collect();
        assert_eq!(remaining, [left.to_string().as_str()]);
    }
    refused(edge.get("/api/who").send().await.unwrap(), 429).await;
    for _ in 0..5 {
        let direct = group.get("/api/who").send().await.unwrap();
        assert_eq!(direct.status(), 200, "what was forwarded was not counted again");
    }
}

fn limited() -> runtime::Settings {
    let mut settings = settings();
    settings.limits.enabled = true;
    settings.limits.read_per_minute = 5;
    settings
}

fn described() -> web::Mount {
    web::Mount {
        info: &INFO,
        configure: None,
        describe: Arc::new(|| Ok(<Api as utoipa::OpenApi>::openapi())),
    }
}

async fn edge_of(info: &'static kernel::GroupInfo, endpoints: Arc<rpc::Endpoints>) -> Site {
    let table = Arc::new(ForwardTable::new(&[info]));
    table.set(info.name, Where::At(endpoints));
    site_of(settings(), Arc::default(), vec![described()], table).await
}
