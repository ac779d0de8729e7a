use advisory_contract::{AdvisoryError, BookClient, BookStub, ClientLink};
use auth_contract::{AuthError, UserStatus, UserSummary, UsersClient, UsersStub};
use events::{EventMetrics, jobs::Jobs};
use finance::{Finance, FinanceNeeds, InventoryMetrics, LedgerMetrics};
use kernel::{AdvisorId, CallError, Currency, Role, TenantId, UserId};
use reqwest::{Method, header::CONTENT_TYPE};
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};
use store::Store;
use testkit::{Harness, Login, Reply, TestServer};

/// A user whom the auth group does not know.
pub(crate) const NOBODY: &str = "0190a5c0-0000-7000-8000-000000000000";

/// Who is in whose book, as the advisory group would answer.
pub(crate) type Book = Arc<Mutex<HashMap<UserId, ClientLink>>>;

/// The group, served. `client` is in the book of `advisor`; `user` is nobody's client.
pub(crate) struct Setting {
    pub(crate) harness: Harness,
    pub(crate) server: TestServer,
    pub(crate) group: Finance,
    pub(crate) store: Store,
    pub(crate) book: Book,
    /// Whether the advisory group cannot be reached.
    pub(crate) advisory_away: Arc<AtomicBool>,
    pub(crate) user: Login,
    pub(crate) client: Login,
    pub(crate) advisor: Login,
    pub(crate) other_advisor: Login,
    pub(crate) admin: Login,
}

impl Setting {
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// With a harness that is changed before anything stands on it.
    pub(crate) async fn with(change: impl FnOnce(&mut Harness)) -> Self {
        let mut harness = Harness::new();
        change(&mut harness);
        Self::on(harness).await
    }

    /// On this harness, whatever lies in its store already.
    pub(crate) async fn on(harness: Harness) -> Self {
        let [user, client, advisor, other_advisor, admin] = [
            Role::Client,
            Role::Client,
            Role::Advisor,
            Role::Advisor,
            Role::Admin,
        ]
        .map(|role| harness.log_in(role));
        let (book, advisory_away) = (Book::default(), Arc::new(AtomicBool::new(false)));
        let link = link(&harness, &client, &advisor);
        book.lock().unwrap().insert(link.user_id, link);
        let collections = [finance::collections(), events::collections()].concat();
        let store = harness.store("finance", collections).await;
        let group = finance::build(FinanceNeeds {
            store: store.clone(),
            sources: harness.sources.clone(),
            tasks: harness.tasks.clone(),
            users: users(&harness),
            book: answers(&harness, book.clone(), advisory_away.clone()),
            currency: Currency::INR,
            timezone: chrono_tz::Asia::Kolkata,
            events_interval: std::time::Duration::from_secs(2),
            metrics: harness.registry.with(LedgerMetrics::register),
            inventory_metrics: harness.registry.with(InventoryMetrics::register),
        });
        group.upgrade.run().await.unwrap();
        let event_metrics = harness.registry.with(EventMetrics::register);
        Jobs::new(store.clone(), harness.tasks.clone(), event_metrics).run(group.jobs.clone());
        let server = harness.serve(vec![group.mount.clone()]);
        Self {
            harness,
            server,
            group,
            store,
            book,
            advisory_away,
            user,
            client,
            advisor,
            other_advisor,
            admin,
        }
    }

    /// Opens an account for whoever is logged in; answers it.
    pub(crate) async fn account(&self, login: &Login, currency: &str) -> Value {
        let body = json!({ "name": "Everyday", "kind": "checking", "currency": currency });
        let made = self.server.post("/api/v1/accounts", &login.token, &body).await;
        assert_eq!(made.status, 201, "{}", made.text);
        made.body
    }

    /// Posts a transaction; it must succeed.
    pub(crate) async fn post(&self, login: &Login, body: &Value) -> Value {
        let posted = self.server.post("/api/v1/transactions", &login.token, body).await;
        assert_eq!(posted.status, 200, "{}", posted.text);
        posted.body
    }

    /// Posts a transaction under a key.
    pub(crate) async fn post_with_key(&self, login: &Login, key: &str, body: &Value) -> Reply {
        let request = self
            .server
            .request(Method::POST, "/api/v1/transactions", Some(&login.token));
        self.server
            .send(request.header("Idempotency-Key", key).json(body))
            .await
    }

    /// Sends a statement.
    pub(crate) async fn import(&self, login: &Login, account: &Value, more: &str, file: &[u8]) -> Reply {
        let path = format!("/api/v1/transactions/import?account_id={}{more}", id(account));
        let request = self.server.request(Method::POST, &path, Some(&login.token));
        self.server
            .send(request.header(CONTENT_TYPE, "text/csv").body(file.to_vec()))
            .await
    }

    /// Sends a statement of another type.
    pub(crate) async fn import_as(
        &self,
        login: &Login,
        account: &Value,
        media_type: &str,
        more: &str,
        file: impl Into<Vec<u8>>,
    ) -> Reply {
        let path = format!("/api/v1/transactions/import?account_id={}{more}", id(account));
        let request = self.server.request(Method::POST, &path, Some(&login.token));
        self.server
            .send(request.header(CONTENT_TYPE, media_type).body(file.into()))
            .await
    }

    /// Waits until an import in the background has ended; answers how.
    pub(crate) async fn ended(&self, login: &Login, accepted: &Reply) -> Value {
        assert_eq!(accepted.status, 202, "{}", accepted.text);
        let place = accepted.header("location").unwrap().to_owned();
        let mut rows_read = Value::Null;
        loop {
            let read = testkit::eventually("the import goes on", || async {
                let read = self.server.get(&place, &login.token).await;
                assert_eq!(read.status, 200, "{}", read.text);
                let ended = matches!(read["state"].as_str(), Some("done" | "failed"));
                (ended || read["rows_read"] != rows_read).then_some(read.body)
            })
            .await;
            if matches!(read["state"].as_str(), Some("done" | "failed")) {
                return read;
            }
            rows_read = read["rows_read"].clone();
        }
    }

    /// What the account holds, as it is written.
    pub(crate) async fn balance(&self, login: &Login, account: &Value) -> String {
        let read = self.server.get(&place(account), &login.token).await;
        assert_eq!(read.status, 200, "{}", read.text);
        read["balance"].to_string()
    }

    /// How many transactions the account has.
    pub(crate) async fn count(&self, login: &Login, account: &Value) -> usize {
        let path = format!(
            "/api/v1/transactions?account_id={}&count=true&limit=1",
            id(account)
        );
        let listed = self.server.get(&path, &login.token).await;
        assert_eq!(listed.status, 200, "{}", listed.text);
        listed.header("x-total-count").unwrap().parse().unwrap()
    }
}

/// The id of what was answered.
pub(crate) fn id(value: &Value) -> &str {
    value["id"].as_str().unwrap()
}

/// Where an account can be read.
pub(crate) fn place(account: &Value) -> String {
    let user = account["user_id"].as_str().unwrap();
    format!("/api/v1/accounts/{user}/{}", id(account))
}

/// The relationship between these two.
pub(crate) fn link(harness: &Harness, client: &Login, advisor: &Login) -> ClientLink {
    ClientLink {
        client_id: harness.sources.ids().next(),
        user_id: client.user(),
        advisor_id: AdvisorId(advisor.user().0),
    }
}

fn users(harness: &Harness) -> UsersClient {
    let nobody: UserId = NOBODY.parse().unwrap();
    UsersStub::default()
        .on_user(move |_, id| async move {
            if id == nobody {
                return Err(AuthError::UserNotFound);
            }
            Ok(UserSummary {
                id,
                email: None,
                name: "Somebody".to_owned(),
                role: Role::Client,
                status: UserStatus::Active,
                tenant_id: TenantId::DEFAULT,
            })
        })
        .into_client(&harness.seam())
}

fn answers(harness: &Harness, book: Book, away: Arc<AtomicBool>) -> BookClient {
    BookStub::default()
        .on_link(move |cx, user| {
            let known = book.lock().unwrap().get(&user).copied();
            let advisor = cx
                .principal
                .user()
                .filter(|caller| caller.role == Role::Advisor)
                .map(|caller| caller.user.0);
            let may = known.filter(|link| advisor.is_none_or(|advisor| advisor == link.advisor_id.0));
            let answer = match away.load(Ordering::SeqCst) {
                true => Err(AdvisoryError::from(CallError::DependencyUnavailable {
                    target: "advisory".to_owned(),
                })),
                false => may.ok_or(AdvisoryError::ClientNotFound),
            };
            async move { answer }
        })
        .into_client(&harness.seam())
}
