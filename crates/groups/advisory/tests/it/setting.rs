use advisory::{Advisory, AdvisoryNeeds};
use auth_contract::{UserStatus, UserSummary, UsersClient, UsersStub};
use kernel::{Currency, Role, TenantId, UserId};
use testkit::{Harness, Login, TestServer};

/// The group, served, with an auth group that knows everybody it invited and one advisor beside.
pub(crate) struct Setting {
    pub(crate) harness: Harness,
    pub(crate) server: TestServer,
    pub(crate) group: Advisory,
    pub(crate) advisor: Login,
    pub(crate) other_advisor: Login,
    pub(crate) admin: Login,
}

impl Setting {
    pub(crate) async fn new() -> Self {
        let harness = Harness::new();
        let (advisor, other_advisor) = (harness.log_in(Role::Advisor), harness.log_in(Role::Advisor));
        let admin = harness.log_in(Role::Admin);
        let group = advisory::build(AdvisoryNeeds {
            store: harness.store("advisory", advisory::collections()).await,
            users: users(&harness, &[advisor.user(), other_advisor.user()]),
            currency: Currency::INR,
            timezone: chrono_tz::Asia::Kolkata,
        });
        let server = harness.serve(vec![group.mount.clone()]);
        Self {
            harness,
            server,
            group,
            advisor,
            other_advisor,
            admin,
        }
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
