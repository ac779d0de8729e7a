use crate::served::{Served, access};
use serde_json::json;

/// Two platforms in one process share nothing: no user, no token, no metric.
#[tokio::test(flavor = "multi_thread")]
async fn two_platforms_in_one_process_do_not_know_each_other() {
    let (one, two) = (Served::new().await, Served::new().await);
    let login = one.newcomer("advisor@example.com", "advisor").await;
    let made = one
        .post(
            "/api/v1/clients",
            access(&login),
            &json!({ "client_name": "Rajesh Kumar" }),
        )
        .await;
    assert_eq!(made.status, 201, "{}", made.text);

    assert_eq!(two.get("/api/v1/clients", access(&login)).await.status, 401);
    let proof = json!({ "email": "advisor@example.com", "password": "correct horse battery" });
    assert_eq!(two.post("/api/auth/login", "", &proof).await.status, 401);
    let other = two.newcomer("advisor@example.com", "advisor").await;
    assert_eq!(two.get("/api/v1/clients", access(&other)).await.body, json!([]));
    let counted = |metrics: String| {
        metrics.lines().any(|line| {
            line.starts_with("http_requests_total")
                && line.contains("/api/v1/clients\"")
                && line.contains("POST")
        })
    };
    assert!(counted(one.get("/metrics", "").await.text));
    assert!(!counted(two.get("/metrics", "").await.text));
    one.stop().await;
    two.stop().await;
}

/// A group that is nowhere: the process is not ready and says what is missing, paths are unknown, and what needs the
/// group says so; everything else is answered.
#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_calls_a_group_which_is_nowhere_is_not_ready_and_says_so() {
    let served =
        Served::with(|settings| settings.server.groups = vec!["auth".into(), "finance".into()]).await;
    let missing = json!([{
        "field": "advisory",
        "message": "runs nowhere: say where with --remote advisory=URL or ADVISORY_SERVICE_URL",
    }]);
    testkit::eventually("the only thing that is missing", || async {
        let ready = served.get("/ready", "").await;
        ((ready.status, &ready.body["details"]) == (503, &missing)).then_some(())
    })
    .await;
    let login = served.newcomer("advisor@example.com", "advisor").await;
    assert_eq!(served.get("/api/v1/clients", access(&login)).await.status, 404);
    let stranger =
        json!({ "name": "Savings", "kind": "savings", "user_id": "0190a5c0-0000-7000-8000-000000000000" });
    let refused = served.post("/api/v1/accounts", access(&login), &stranger).await;
    assert_eq!(
        (refused.status, &refused.body["error"]),
        (503, &json!("dependency_unavailable")),
        "{}",
        refused.text
    );
    served.stop().await;
}

/// A route module can be left out: its paths are as unknown as those that never were, and nothing describes them.
#[tokio::test(flavor = "multi_thread")]
async fn a_module_that_is_left_out_is_unknown() {
    let served = Served::with(|settings| {
        settings.server.modules = vec!["auth".into(), "accounts".into()];
    })
    .await;
    let login = served.newcomer("client@example.com", "client").await;
    let me = served.get("/api/auth/me", access(&login)).await;
    let user = me.body["id"].as_str().unwrap();
    let accounts = served
        .get(&format!("/api/v1/accounts/{user}"), access(&login))
        .await;
    assert_eq!(accounts.status, 200, "{}", accounts.text);
    let unknown = served.get("/api/v1/no/such/path", access(&login)).await;
    for path in ["/api/v1/transactions", "/api/v1/clients", "/api/auth/sessions"] {
        let left_out = served.get(path, access(&login)).await;
        assert_eq!((left_out.status, &left_out.text), (404, &unknown.text), "{path}");
    }
    let document = served.get("/openapi.json", "").await;
    let paths = document.body["paths"].as_object().unwrap();
    assert!(paths.contains_key("/api/v1/accounts/{user_id}"));
    assert!(paths.contains_key("/health"));
    assert!(!paths.keys().any(|path| path.starts_with("/api/v1/transactions")));
    served.stop().await;
}
