use advisory::{Advisory, AdvisoryNeeds};
use auth_contract::{UserStatus, UserSummary, UsersClient, UsersStub};
use events::{
    EventMetrics,
    jobs::{JobOptions, Jobs},
};
use kernel::{Currency, Role, Tasks, TenantId, UserId};
use runtime::{mail::Mailer, metrics::Registry, settings::MailSettings};
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
        let mut collections = advisory::collections();
        collections.extend(events::collections());
        let store = harness.store("advisory", collections).await;
        let group = advisory::build(AdvisoryNeeds {
            store: store.clone(),
            mailer,
            users: users(&harness, &[advisor.user(), other_advisor.user()]),
            currency: Currency::INR,
            timezone: chrono_tz::Asia::Kolkata,
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
        });
        let options = JobOptions {
            stop_patience: Duration::from_millis(50),
            ..JobOptions::default()
        };
        let metrics = Registry::new().with(EventMetrics::register);
        Jobs::with_options(self.store.clone(), tasks, metrics, options).run(group.jobs);
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
