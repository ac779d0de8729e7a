use crate::house::{House, code, text};
use auth::{AuditLog, BrokenRow};
use events::{EventFeedClient, Projector, StoreFeed};
use kernel::{AuditRecord, CallContext, Role, Tasks, TenantId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock},
    time::Duration,
};
use store::{Batch, Collection, Document, Scoping};
use testkit::eventually;
use uuid::Uuid;

/// The log of a house whose own feed is heard.
struct Heard {
    house: House,
    admin: String,
    tasks: Tasks,
}

impl Heard {
    async fn open() -> Self {
        let house = House::open().await;
        let tasks = Tasks::new();
        let projector = Projector::new(house.store.clone(), tasks.clone(), house.event_metrics());
        let feed = EventFeedClient::unbound(&house.seam(), "auth");
        feed.bind_local(Arc::new(StoreFeed::new(projector.clone())));
        projector.run(house.audit_projection.clone(), [feed]);
        let admin = house.user_in(Role::Admin, "admin@example.com").await;
        let admin = text(&admin["access_token"]).to_owned();
        Self { house, admin, tasks }
    }

    /// The rows, oldest first, once there are so many.
    async fn rows(&self, expected: usize) -> Vec<Value> {
        eventually("the log is written", async || {
            let reply = self
                .house
                .get(&self.admin, "/api/v1/admin/audit?sort=at&limit=200")
                .await;
            assert_eq!(reply.status, 200, "{}", reply.text);
            let mut rows = reply.body.as_array().unwrap().clone();
            rows.sort_by_key(|row| row["seq"].as_u64());
            (rows.len() >= expected).then_some(rows)
        })
        .await
    }

    async fn stop(&self) {
        self.tasks.stop(Duration::from_secs(5)).await;
    }

    /// An act of some group in the name of `cx`.
    async fn record(&self, cx: &CallContext, record: AuditRecord) {
        let mut batch = self.house.store.batch(cx);
        batch.event(record.into_event(cx));
        self.house.store.commit(batch).await.unwrap();
    }

    async fn verify(&self) -> Option<BrokenRow> {
        let log: &AuditLog = &self.house.audit_log;
        let verdicts = log.verify().await.unwrap();
        verdicts.into_iter().find_map(|verdict| verdict.broken)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_recorded_is_chained_and_can_be_read_by_overseers_only() {
    let heard = Heard::open().await;
    let advisor = heard.house.advisor("rajesh@example.com").await;
    let path = format!("/api/auth/rbac/assignments/{}", text(&advisor["user"]["id"]));
    let given = heard
        .house
        .put(&heard.admin, &path, &json!({"role": "client"}))
        .await;
    assert_eq!(given.status, 200, "{}", given.text);
    let rows = heard.rows(5).await;
    let acts: Vec<_> = rows.iter().map(|row| text(&row["action"])).collect();
    assert_eq!(
        acts,
        [
            "user.registered",
            "session.started",
            "user.registered",
            "session.started",
            "role.assigned"
        ]
    );
    let assigned = rows.last().unwrap();
    assert_eq!(assigned["changed"], json!(["role"]));
    assert_eq!(
        (&assigned["before"], &assigned["after"]),
        (&json!({"role": "advisor"}), &json!({"role": "client"}))
    );
    assert_eq!(assigned["request_id"], given.header("x-request-id").unwrap());
    for (place, row) in rows.iter().enumerate() {
        assert_eq!(row["seq"], json!(place + 1));
    }
    for pair in rows.windows(2) {
        assert_eq!(pair[1]["previous_hash"], pair[0]["hash"]);
    }
    assert_eq!(heard.verify().await, None);
    for token in [None, Some(text(&advisor["access_token"]))] {
        let request = heard.house.request(reqwest::Method::GET, "/api/v1/admin/audit");
        let request = match token {
            Some(token) => request.bearer_auth(token),
            None => request,
        };
        assert_eq!(
            heard.house.send(request).await.status,
            401,
            "no token, or one of an older role"
        );
    }
    let client = heard.house.log_in("rajesh@example.com").await;
    for path in ["/api/v1/admin/audit", "/api/v1/admin/audit/export"] {
        let refused = heard.house.get(text(&client["access_token"]), path).await;
        assert_eq!((refused.status, code(&refused)), (403, "forbidden"));
        assert!(refused.text.contains("audit.read"), "{}", refused.text);
    }
    heard.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_narrowed_and_written_out_without_formulas() {
    let heard = Heard::open().await;
    let cx = heard.house.system();
    heard
        .record(
            &cx,
            AuditRecord::new("thing.done", "=HYPERLINK(\"x\")").changing("amount", Some("1.50"), Some("2")),
        )
        .await;
    heard
        .record(&cx, AuditRecord::new("thing.tried", "thing/1").refused())
        .await;
    heard.rows(4).await;
    let get = async |query: &str| {
        let reply = heard
            .house
            .get(&heard.admin, &format!("/api/v1/admin/audit?{query}"))
            .await;
        assert_eq!(reply.status, 200, "{query}: {}", reply.text);
        let rows = reply.body.as_array().unwrap().clone();
        rows.iter()
            .map(|row| text(&row["action"]).to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(get("action=thing.done").await, ["thing.done"]);
    assert_eq!(get("subject=thing/1").await, ["thing.tried"]);
    assert_eq!(get("actor=system/tests&sort=at").await.len(), 3);
    assert_eq!(get("producer=finance").await, [""; 0]);
    assert_eq!(get("from=2100-01-01T00:00:00Z").await, [""; 0]);
    assert_eq!(get("until=2100-01-01T00:00:00Z").await.len(), 4);
    let both = heard
        .house
        .get(&heard.admin, "/api/v1/admin/audit?action=a&subject=b")
        .await;
    assert_eq!(both.status, 422, "{}", both.text);

    let lines = heard.house.get(&heard.admin, "/api/v1/admin/audit/export").await;
    assert_eq!(lines.header("content-type"), Some("application/jsonl"));
    let read: Vec<Value> = lines
        .text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(read[2]["before"], json!({"amount": "1.50"}));
    let csv = heard
        .house
        .get(
            &heard.admin,
            "/api/v1/admin/audit/export?format=csv&actor=system/tests",
        )
        .await;
    assert!(csv.text.contains("\"'=HYPERLINK(\"\"x\"\")\""), "{}", csv.text);
    assert!(csv.text.starts_with("\"seq\",\"id\","), "{}", csv.text);
    assert_eq!(csv.text.lines().count(), 4);
    let exports = heard.rows(6).await;
    assert_eq!(
        exports
            .iter()
            .filter(|row| row["action"] == "audit.exported")
            .count(),
        2
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_firm_has_a_chain_of_its_own() {
    let heard = Heard::open().await;
    let other = TenantId(heard.house.sources.ids().next());
    let cx = CallContext::system("tests", other, heard.house.sources.ids());
    heard.record(&cx, AuditRecord::new("thing.done", "thing/1")).await;
    heard
        .record(&heard.house.system(), AuditRecord::new("thing.seen", "thing/2"))
        .await;
    let rows = heard.rows(3).await;
    assert_eq!(rows[2]["action"], "thing.seen");
    assert_eq!(
        rows[2]["seq"],
        json!(3),
        "the other firm's row does not stand in this chain"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_appends_nothing_twice() {
    let heard = Heard::open().await;
    heard.rows(2).await;
    let events = heard.house.events().await;
    let told = events
        .iter()
        .find(|event| event.event_type == AuditRecord::EVENT_TYPE)
        .unwrap();
    let batch = heard
        .house
        .audit_projection
        .apply(&heard.house.system(), told)
        .await
        .unwrap();
    assert!(batch.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_is_changed_taken_out_or_put_in_is_named() {
    let heard = Heard::open().await;
    for number in 0..4 {
        let act = AuditRecord::new("thing.done", format!("thing/{number}"));
        heard.record(&heard.house.system(), act).await;
    }
    heard.rows(6).await;
    heard.stop().await;
    let (store, cx) = (&heard.house.store, heard.house.system());
    let mut rows = Vec::new();
    for row in heard.rows(6).await {
        let id: Uuid = text(&row["id"]).parse().unwrap();
        rows.push(store.get_anywhere::<ForgedRow>(id).await.unwrap().unwrap());
    }
    assert_eq!(heard.verify().await, None);
    let write = async |change: &dyn Fn(&mut Batch)| {
        let mut batch = store.batch(&cx);
        change(&mut batch);
        store.commit(batch).await.unwrap();
    };
    // Changed.
    write(&|batch| drop(batch.replace(&rows[2].changed(|row| row.subject = "thing/9".to_owned())))).await;
    let broken = heard.verify().await.unwrap();
    assert_eq!((broken.seq, broken.id), (3, Some(rows[2].id)), "{broken:?}");
    let forged = store
        .get_anywhere::<ForgedRow>(rows[2].id)
        .await
        .unwrap()
        .unwrap();
    write(&|batch| drop(batch.replace(&forged.with(rows[2].data.clone())))).await;
    assert_eq!(heard.verify().await, None);
    // Taken out of the middle.
    write(&|batch| batch.remove(&rows[3])).await;
    assert_eq!(heard.verify().await.unwrap().seq, 4);
    write(&|batch| drop(batch.insert(rows[3].id, rows[3].data.clone()))).await;
    // Cut off at the end.
    write(&|batch| batch.remove(&rows[5])).await;
    let broken = heard.verify().await.unwrap();
    assert!((broken.seq, broken.id) != (6, Some(rows[5].id)), "{broken:?}");
    assert!(broken.seq <= 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_without_its_sealed_end_is_broken_and_nothing_is_appended_to_it() {
    let heard = Heard::open().await;
    heard.rows(2).await;
    heard.stop().await;
    let (store, cx) = (&heard.house.store, heard.house.system());
    let head = Uuid::new_v5(
        &Uuid::NAMESPACE_OID,
        format!("audit head\u{0}{}", TenantId::DEFAULT).as_bytes(),
    );
    let head = store.get_anywhere::<ForgedHead>(head).await.unwrap().unwrap();
    let sealed = head.end.as_str().unwrap();
    assert!(sealed.starts_with("enc:"), "{sealed}");
    let mut batch = store.batch(&cx);
    let forged = batch.replace(&head.with(ForgedHead {
        end: json!("enc:test:bm90IGEgc2VhbCBhdCBhbGw"),
    }));
    store.commit(batch).await.unwrap();
    assert_eq!(heard.verify().await.unwrap().seq, 1);
    let mut batch = store.batch(&cx);
    batch.remove(&forged);
    heard.house.store.commit(batch).await.unwrap();
    assert_eq!(heard.verify().await.unwrap().seq, 1);
    heard.record(&cx, AuditRecord::new("thing.done", "thing/1")).await;
    let events = heard.house.events().await;
    let refused = heard
        .house
        .audit_projection
        .apply(&cx, events.last().unwrap())
        .await;
    assert!(refused.is_err_and(|failure| failure.is_transient()));
}

/// A row as somebody sees it who can write to the database.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct ForgedRow {
    subject: String,
    #[serde(flatten)]
    rest: BTreeMap<String, Value>,
}

impl Document for ForgedRow {
    fn collection() -> &'static Collection {
        static ROWS: LazyLock<Collection> = LazyLock::new(|| Collection::new("audit_log", Scoping::Tenant));
        &ROWS
    }
}

/// The end of a chain, to somebody without the key.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct ForgedHead {
    end: Value,
}

impl Document for ForgedHead {
    fn collection() -> &'static Collection {
        static HEADS: LazyLock<Collection> =
            LazyLock::new(|| Collection::new("audit_heads", Scoping::Tenant));
        &HEADS
    }
}
