use advisory::{Advisory, AdvisoryNeeds};
use auth_contract::{UserStatus, UserSummary, UsersClient, UsersStub};
use events::{
    EventMetrics,
    jobs::{JobOptions, Jobs},
};
use kernel::{Currency, Role, Tasks, TenantId, UserId};
use runtime::{mail::Mailer, metrics::Registry, settings::MailSettings};
use serde_json::{Value, json};
use std::time::Duration;
use store::Store;
use testkit::{Harness, Login, MailServer, TestServer};

/// The group, served, with an auth group that knows everybody it invited and one advisor beside.
pub(crate) struct Setting {
    pub(crate) harness: Harness,
    pub(crate) server: TestServer,
    pub(crate) group: Advisory,
    pub(crate) mail: MailServer,
    pub(crate) store: Store,
    pub(crate) advisor: Login,
    pub(crate) other_advisor: Login,
    pub(crate) admin: Login,
}

impl Setting {
    pub(crate) async fn new() -> Self {
        let harness = Harness::new();
        let (advisor, other_advisor) = (harness.log_in(Role::Advisor), harness.log_in(Role::Advisor));
        let admin = harness.log_in(Role::Admin);
        let mail = MailServer::start().await;
        let mailer = Mailer::new(&mail.settings(), harness.directory(), harness.sources.clone()).unwrap();
        let store = harness.store("advisory", collections()).await;
        let group = advisory::build(AdvisoryNeeds {
            store: store.clone(),
            mailer,
            users: users(&harness, &[advisor.user(), other_advisor.user()]),
            currency: Currency::INR,
            timezone: chrono_tz::Asia::Kolkata,
            sanctions: advisory::Sanctions::parse("Doe, John"),
        });
        let server = harness.serve(vec![group.mount.clone()]);
        Self {
            harness,
            server,
            group,
            mail,
            store,
            advisor,
            other_advisor,
            admin,
        }
    }

    /// Lets the group's jobs be done.
    pub(crate) fn work(&self) {
        let metrics = self.harness.registry.with(EventMetrics::register);
        let jobs = Jobs::new(self.store.clone(), self.harness.tasks.clone(), metrics);
        jobs.run(self.group.jobs.clone());
    }

    /// Lets the group's jobs be done by a process of its own, which sends mail so, until its tasks are stopped.
    pub(crate) async fn work_with(&self, mail: &MailSettings, tasks: Tasks) {
        let sources = self.harness.sources.clone();
        let group = advisory::build(AdvisoryNeeds {
            store: self.store.clone(),
            mailer: Mailer::new(mail, self.harness.directory(), sources).unwrap(),
            users: users(&self.harness, &[]),
            currency: Currency::INR,
            timezone: chrono_tz::Asia::Kolkata,
            sanctions: advisory::Sanctions::default(),
        });
        let options = JobOptions {
            stop_patience: Duration::from_millis(50),
            ..JobOptions::default()
        };
        let metrics = Registry::new().with(EventMetrics::register);
        Jobs::with_options(self.store.clone(), tasks, metrics, options).run(group.jobs);
    }

    /// Lets the group hear its own feed, from its beginning.
    pub(crate) async fn settle(&self) {
        let store = self.harness.store("advisory", advisory::collections()).await;
        let events = store.feed(0, 1000).await.unwrap();
        for event in &events {
            for projection in [&self.group.stamps, &self.group.worth, &self.group.deadlines] {
                if projection.wants(&event.event_type) {
                    let cx = self.harness.system("advisory");
                    let batch = projection.apply(&cx, event).await.unwrap();
                    store.commit(batch).await.unwrap();
                }
            }
        }
    }

    /// Lets the group hear of another group what clients own.
    pub(crate) async fn hear(&self, event_type: &str, data: Value, seq: u64) {
        let event = kernel::EventEnvelope {
            seq,
            id: uuid::Uuid::from_u128(seq.into()).into(),
            event_type: event_type.to_owned(),
            version: 1,
            time: chrono::DateTime::UNIX_EPOCH,
            producer: "wealth".to_owned(),
            tenant: TenantId::DEFAULT,
            actor: "system/wealth".to_owned(),
            subject: "portfolio/1".to_owned(),
            correlation: uuid::Uuid::from_u128(2).into(),
            causation: None,
            data,
        };
        assert!(self.group.worth.wants(event_type));
        let cx = self.harness.system("advisory");
        let batch = self.group.worth.apply(&cx, &event).await.unwrap();
        self.store.commit(batch).await.unwrap();
    }

    /// Lets time pass; the advisor logs in again.
    pub(crate) fn pass(&mut self, days: i64) {
        self.harness.clock.advance(chrono::TimeDelta::days(days));
        self.advisor = self.harness.log_in_as(self.advisor.principal.clone());
        self.other_advisor = self.harness.log_in_as(self.other_advisor.principal.clone());
    }

    /// Posts something and answers it.
    pub(crate) async fn made(&self, path: &str, body: &serde_json::Value) -> serde_json::Value {
        let made = self.server.post(path, &self.advisor.token, body).await;
        assert!(made.status < 300, "{path}: {}", made.text);
        made.body
    }

    /// Makes a client in the advisor's book.
    pub(crate) async fn client(&self, name: &str) -> serde_json::Value {
        let body = serde_json::json!({ "client_name": name });
        let made = self
            .server
            .post("/api/v1/clients", &self.advisor.token, &body)
            .await;
        assert_eq!(made.status, 201, "{}", made.text);
        made.body
    }
}

fn users(harness: &Harness, advisors: &[UserId]) -> UsersClient {
    let ids = harness.sources.ids().clone();
    let advisors = advisors.to_vec();
    let summary = |id: UserId, name: &str, role: Role| UserSummary {
        id,
        email: None,
        name: name.to_owned(),
        role,
        status: UserStatus::Invited,
        tenant_id: TenantId::DEFAULT,
    };
    UsersStub::default()
        .on_invite(move |_, _, user| {
            let made = summary(ids.next(), &user.name, user.role);
            async move { Ok(made) }
        })
        .on_user(move |_, id| {
            let role = if advisors.contains(&id) {
                Role::Advisor
            } else {
                Role::Client
            };
            async move { Ok(summary(id, "Somebody", role)) }
        })
        .into_client(&harness.seam())
}

/// A figure, whatever its trailing zeros.
pub(crate) fn number(value: &serde_json::Value) -> rust_decimal::Decimal {
    value.to_string().parse().unwrap()
}

/// What stands in the group's store.
pub(crate) fn collections() -> Vec<&'static store::Collection> {
    [advisory::collections(), events::collections()].concat()
}

/// What else an advisor has, by the path that makes it.
pub(crate) fn more_of(client: &str) -> Vec<(String, Value)> {
    let goal = json!({ "client_id": client, "name": "x", "target_amount": 1, "target_date": "2040-01-01" });
    let review = json!({ "result": "verified", "risk_rating": "low", "reviewed_on": "2020-01-01" });
    vec![
        ("/api/v1/goals".to_owned(), goal),
        (format!("/api/v1/compliance/kyc/{client}/reviews"), review),
    ]
}

/// Bodies that operations would take.
pub(crate) fn more_bodies(operation: &str) -> Value {
    let nobody = "0190a5c0-0000-7000-8000-000000000000";
    match operation {
        "advisory_update_goal" => {
            json!({ "client_id": nobody, "name": "x", "target_amount": 1, "target_date": "2040-01-01" })
        }
        "advisory_review_kyc" => {
            json!({ "result": "verified", "risk_rating": "low", "reviewed_on": "2020-01-01" })
        }
        _ => json!({}),
    }
}
