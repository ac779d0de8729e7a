//! The group behind the real shell, over a real store, with a Triple Whale of our own.

use crate::fake_triplewhale::{FakeTripleWhale, KEY};
use auth_contract::{AuthError, UserStatus, UserSummary, UsersClient, UsersStub};
use finance_contract::ExchangeClient;
use integrations::DatabaseHosts;
use kernel::{Currency, Role};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use std::time::Duration;
use store::Store;
use testkit::{Harness, Reply, TestServer};

pub(crate) const CONNECT: &str = "/api/integrations/triplewhale/connect";
pub(crate) const STATUS: &str = "/api/integrations/triplewhale/status";
pub(crate) const DISCONNECT: &str = "/api/integrations/triplewhale/disconnect";

/// The running group, and what a test holds of it.
pub(crate) struct House {
    pub(crate) store: Store,
    pub(crate) triplewhale: FakeTripleWhale,
    pub(crate) mount: web::Mount,
    harness: Harness,
    server: TestServer,
}

/// An auth group that knows everybody in this state.
pub(crate) fn everybody_is(status: UserStatus) -> UsersStub {
    UsersStub::default().on_user(move |cx, id| async move {
        Ok(UserSummary {
            id,
            email: None,
            name: "Priya Sharma".to_owned(),
            role: Role::Client,
            status,
            tenant_id: cx.tenant(),
        })
    })
}

/// An auth group that knows nobody.
pub(crate) fn nobody_is_known() -> UsersStub {
    UsersStub::default().on_user(|_, _| async { Err(AuthError::UserNotFound) })
}

impl House {
    pub(crate) async fn open() -> Self {
        Self::with(everybody_is(UserStatus::Active)).await
    }

    /// With this auth group behind it.
    pub(crate) async fn with(users: UsersStub) -> Self {
        let harness = Harness::new();
        let users = users.into_client(&harness.seam());
        Self::at(harness, users, Duration::from_secs(5)).await
    }

    /// Without an auth group.
    pub(crate) async fn alone() -> Self {
        let harness = Harness::new();
        let users = UsersClient::unbound(&harness.seam());
        Self::at(harness, users, Duration::from_secs(5)).await
    }

    /// Waiting a tenth of a second for the platform, no longer.
    pub(crate) async fn impatient() -> Self {
        let harness = Harness::new();
        let users = everybody_is(UserStatus::Active).into_client(&harness.seam());
        Self::at(harness, users, Duration::from_millis(100)).await
    }

    async fn at(harness: Harness, users: UsersClient, patience: Duration) -> Self {
        let triplewhale = FakeTripleWhale::start(&harness.tasks);
        let collections = [integrations::collections(), events::collections()].concat();
        let store = harness.store("integrations", collections).await;
        let built = integrations::build(integrations::IntegrationsNeeds {
            store: store.clone(),
            users,
            triplewhale_url: triplewhale.url.clone(),
            platform_timeout: patience,
            exchange: ExchangeClient::unbound(&harness.seam()),
            database_hosts: DatabaseHosts::new(&["db.example.com:5432".to_owned()]),
            tasks: harness.tasks.clone(),
            currency: Currency::INR,
            timezone: chrono_tz::Asia::Kolkata,
        })
        .unwrap();
        let server = harness.serve(vec![built.mount.clone()]);
        Self {
            store,
            triplewhale,
            mount: built.mount,
            harness,
            server,
        }
    }

    /// Another platform, at which nothing of ours should ever arrive.
    pub(crate) fn elsewhere(&self) -> FakeTripleWhale {
        FakeTripleWhale::start(&self.harness.tasks)
    }

    /// An access token of a new user in this role.
    pub(crate) fn token(&self, role: Role) -> String {
        self.harness.log_in(role).token
    }

    pub(crate) fn request(&self, method: Method, path: &str, token: Option<&str>) -> RequestBuilder {
        self.server.request(method, path, token)
    }

    pub(crate) async fn send(&self, request: RequestBuilder) -> Reply {
        self.server.send(request).await
    }

    pub(crate) async fn get(&self, token: &str, path: &str) -> Reply {
        self.server.get(path, token).await
    }

    pub(crate) async fn connect(&self, token: &str, key: Option<&str>, body: &Value) -> Reply {
        let mut request = self.request(Method::POST, CONNECT, Some(token)).json(body);
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        self.send(request).await
    }

    pub(crate) async fn disconnect(&self, token: &str) -> Reply {
        self.send(self.request(Method::POST, DISCONNECT, Some(token)))
            .await
    }

    /// The types of all events.
    pub(crate) async fn acts(&self) -> Vec<String> {
        let feed = self.store.feed(0, 200).await.unwrap();
        feed.iter().map(|event| event.event_type.clone()).collect()
    }

    /// Every file of the store, as bytes, after everything was written out.
    pub(crate) async fn into_raw_store(self) -> Vec<u8> {
        self.server.stop().await;
        self.store.close().await;
        testkit::files_below(self.harness.directory())
            .into_iter()
            .flat_map(|(_, bytes)| bytes)
            .collect()
    }
}

/// Credentials that Triple Whale accepts.
pub(crate) fn good() -> Value {
    json!({"api_key": KEY, "shop_domain": "Priya-Sarees.myshopify.com"})
}

/// The code of an error.
pub(crate) fn code(reply: &Reply) -> &str {
    reply.body["error"].as_str().unwrap_or_default()
}
