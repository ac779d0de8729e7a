use advisory_contract::{
    AdvisoryError, BookClient, BookStub, CheckOutcome, ClientLink, ComplianceClient, ComplianceStub,
    HoldReason, OrderVerdict,
};
use auth_contract::{AuthError, UserStatus, UserSummary, UsersClient, UsersStub};
use events::{
    EventMetrics,
    jobs::{JobId, JobState, Jobs, NewJob, status},
};
use kernel::{AdvisorId, Currency, Role, Scope, TenantId, UserId};
use reqwest::{Method, header::CONTENT_TYPE};
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};
use store::Store;
use testkit::{Harness, Login, Reply, TestServer, eventually};
use wealth::{Wealth, WealthNeeds};

/// A user whom the auth group does not know.
pub(crate) const NOBODY: &str = "0190a5c0-0000-7000-8000-000000000000";

/// Who is in whose book, as the advisory group would answer.
type Book = Arc<Mutex<HashMap<UserId, ClientLink>>>;

/// The group, served. `client` is in the book of `advisor`; `user` is nobody's client.
pub(crate) struct Setting {
    pub(crate) harness: Harness,
    pub(crate) server: TestServer,
    pub(crate) group: Wealth,
    pub(crate) store: Store,
    pub(crate) user: Login,
    pub(crate) client: Login,
    pub(crate) advisor: Login,
    pub(crate) other_advisor: Login,
    pub(crate) admin: Login,
}

impl Setting {
    pub(crate) async fn new() -> Self {
        Self::on(Harness::new()).await
    }

    /// The same over the store of this harness.
    pub(crate) async fn on(harness: Harness) -> Self {
        let [user, client, advisor, other_advisor, admin] = [
            Role::Client,
            Role::Client,
            Role::Advisor,
            Role::Advisor,
            Role::Admin,
        ]
        .map(|role| harness.log_in(role));
        let book = Book::default();
        let link = ClientLink {
            client_id: harness.sources.ids().next(),
            user_id: client.user(),
            advisor_id: AdvisorId(advisor.user().0),
        };
        book.lock().unwrap().insert(link.user_id, link);
        let collections = [wealth::collections(), events::collections()].concat();
        let store = harness.store("wealth", collections).await;
        let group = wealth::build(WealthNeeds {
            store: store.clone(),
            users: users(&harness),
            book: answers(&harness, book.clone()),
            compliance: verdicts(&harness, book),
            currency: Currency::INR,
            timezone: chrono_tz::Asia::Kolkata,
        });
        let server = harness.serve(vec![group.mount.clone()]);
        Self {
            harness,
            server,
            group,
            store,
            user,
            client,
            advisor,
            other_advisor,
            admin,
        }
    }

    /// Lets the group's jobs be done by one process more.
    pub(crate) fn work(&self) {
        let metrics = self.harness.registry.with(EventMetrics::register);
        let jobs = Jobs::new(self.store.clone(), self.harness.tasks.clone(), metrics);
        jobs.run(self.group.jobs.clone());
    }

    /// Asks for everything to be done that is due by now.
    pub(crate) async fn ask_for_due(&self) -> JobId {
        let cx = self.harness.system("wealth");
        let mut batch = self.store.batch(&cx);
        let job = NewJob::new(wealth::DUE, &())
            .unwrap()
            .enqueue(&self.store, &cx, &mut batch);
        self.store.commit(batch).await.unwrap();
        job
    }

    /// Has everything done that is due by now.
    pub(crate) async fn due(&self) {
        let job = self.ask_for_due().await;
        let scope = Scope::Tenant {
            tenant: TenantId::DEFAULT,
        };
        eventually("the job is done", || async {
            let status = status(&self.store, &scope, job).await.unwrap().unwrap();
            assert_ne!(status.state, JobState::Failed, "{:?}", status.error);
            (status.state == JobState::Done).then_some(())
        })
        .await;
    }

    /// Lets the group hear of all quotes since the beginning, as a consumer that starts anew would.
    pub(crate) async fn hear(&self) {
        let feed = self.feed().await;
        let quoted: Vec<&kernel::EventEnvelope> = feed
            .iter()
            .filter(|event| self.group.offers.wants(&event.event_type))
            .collect();
        for projection in [&self.group.offers, &self.group.values] {
            let cx = self.harness.system("wealth");
            let batch = projection.apply_run(&cx, &quoted).await.unwrap();
            assert!(batch.is_empty(), "what it does is committed part by part");
        }
    }

    /// Lets days pass; everybody logs in again.
    pub(crate) fn pass(&mut self, days: i64) {
        self.harness.clock.advance(chrono::TimeDelta::days(days));
        for login in [
            &mut self.user,
            &mut self.client,
            &mut self.advisor,
            &mut self.other_advisor,
            &mut self.admin,
        ] {
            *login = self.harness.log_in_as(login.principal.clone());
        }
    }

    /// The day, where the firm is.
    pub(crate) fn today(&self) -> String {
        let now = self
            .harness
            .sources
            .now()
            .with_timezone(&chrono_tz::Asia::Kolkata);
        now.date_naive().to_string()
    }

    /// The whole feed, once everything that was committed has its place in it.
    pub(crate) async fn feed(&self) -> Vec<kernel::EventEnvelope> {
        // Where a sequencer gives the places, an event may still wait for its own: the last of all comes last.
        let cx = self.harness.system("wealth");
        let mark = kernel::NewEvent::new(
            &cx,
            "test.mark",
            self.harness.sources.ids().next::<uuid::Uuid>().to_string(),
            json!({}),
        );
        let subject = mark.subject.clone();
        let mut batch = self.store.batch(&cx);
        batch.event(mark);
        self.store.commit(batch).await.unwrap();
        let (mut feed, mut after) = (Vec::new(), 0);
        loop {
            let page = eventually("the feed goes on", || async {
                let page = self.store.feed(after, 500).await.unwrap();
                (!page.is_empty()).then_some(page)
            })
            .await;
            after = page.last().unwrap().seq;
            feed.extend(page);
            if feed
                .iter()
                .any(|event: &kernel::EventEnvelope| event.subject == subject)
            {
                return feed;
            }
        }
    }

    /// All pages of a list.
    pub(crate) async fn all(&self, login: &Login, list: &str) -> Vec<Value> {
        let (mut found, mut next) = (Vec::new(), Some(list.to_owned()));
        while let Some(path) = next {
            let page = self.server.get(&path, &login.token).await;
            assert_eq!(page.status, 200, "{}", page.text);
            found.extend(page.body.as_array().unwrap().clone());
            let link = page
                .header("link")
                .and_then(|link| link.split_once("; rel=\"next\""));
            let link = link.and_then(|(before, _)| before.rsplit_once('<'));
            next = link.map(|(_, link)| link.trim_end_matches('>').to_owned());
        }
        found
    }

    /// The events of this type.
    pub(crate) async fn told(&self, event_type: &str) -> Vec<Value> {
        let feed = self.feed().await;
        let events = feed.iter().filter(|event| event.event_type == event_type);
        events.map(|event| serde_json::to_value(event).unwrap()).collect()
    }

    /// Makes an instrument; it must succeed.
    pub(crate) async fn instrument(&self, symbol: &str, class: &str, sector: &str) {
        let body = json!({
            "symbol": symbol, "name": symbol, "class": class, "sector": sector, "product_risk": 3,
        });
        let made = self
            .server
            .post("/api/v1/instruments", &self.admin.token, &body)
            .await;
        assert_eq!(made.status, 201, "{}", made.text);
    }

    /// Keeps a quote; it must succeed.
    pub(crate) async fn quote(&self, symbol: &str, date: &str, price: &str) {
        let body = json!({ "symbol": symbol, "date": date, "price": price });
        let kept = self.server.put("/api/v1/quotes", &self.admin.token, &body).await;
        assert_eq!(kept.status, 200, "{}", kept.text);
    }

    /// Opens a portfolio for whoever is logged in, with one account of this method; answers it.
    pub(crate) async fn portfolio(&self, login: &Login, method: &str) -> Value {
        let body = json!({ "name": "Core", "accounts": [{ "name": "Main", "method": method }] });
        let made = self.server.post("/api/v1/portfolios", &login.token, &body).await;
        assert_eq!(made.status, 201, "{}", made.text);
        made.body
    }

    /// Makes an entry.
    pub(crate) async fn enter(&self, login: &Login, portfolio: &Value, body: &Value) -> Reply {
        let path = format!("{}/entries", place(portfolio));
        self.server.post(&path, &login.token, body).await
    }

    /// Makes an entry; it must succeed.
    pub(crate) async fn entered(&self, login: &Login, portfolio: &Value, body: &Value) -> Value {
        let made = self.enter(login, portfolio, body).await;
        assert_eq!(made.status, 201, "{}", made.text);
        made.body
    }

    /// Reads something below a portfolio; it must succeed.
    pub(crate) async fn read(&self, login: &Login, portfolio: &Value, what: &str) -> Value {
        let read = self
            .server
            .get(&format!("{}{what}", place(portfolio)), &login.token)
            .await;
        assert_eq!(read.status, 200, "{}", read.text);
        read.body
    }

    /// Whether everything that is stored is what the feed says, and must be.
    pub(crate) async fn is_what_the_feed_says(&self) {
        let (_, differences) = self.group.replay.run(false).await.unwrap();
        assert!(differences.is_empty(), "{differences:#?}");
    }

    /// Sends a CSV file.
    pub(crate) async fn file(&self, login: &Login, path: &str, file: &str) -> Reply {
        let request = self.server.request(Method::POST, path, Some(&login.token));
        self.server
            .send(request.header(CONTENT_TYPE, "text/csv").body(file.to_owned()))
            .await
    }
}

/// The id of what was answered.
pub(crate) fn id(value: &Value) -> &str {
    value["id"].as_str().unwrap()
}

/// Where a portfolio can be read.
pub(crate) fn place(portfolio: &Value) -> String {
    format!("/api/v1/portfolios/{}", id(portfolio))
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

fn answers(harness: &Harness, book: Book) -> BookClient {
    BookStub::default()
        .on_link(move |cx, user| {
            let known = book.lock().unwrap().get(&user).copied();
            let advisor = cx
                .principal
                .user()
                .filter(|caller| caller.role == Role::Advisor)
                .map(|caller| caller.user.0);
            let may = known.filter(|link| advisor.is_none_or(|advisor| advisor == link.advisor_id.0));
            async move { may.ok_or(AdvisoryError::ClientNotFound) }
        })
        .into_client(&harness.seam())
}

/// Holds what a client orders for more than 5,000.
fn verdicts(harness: &Harness, book: Book) -> ComplianceClient {
    let check_id = harness.sources.ids().next();
    ComplianceStub::default()
        .on_check_order(move |_, order| {
            let known = book.lock().unwrap().contains_key(&order.user_id);
            let holds = order.amount.amount() > 5_000.into();
            let reason = HoldReason {
                code: "unsuitable_risk".to_owned(),
                message: "too much".to_owned(),
            };
            let verdict = OrderVerdict {
                check_id,
                outcome: if holds {
                    CheckOutcome::Hold
                } else {
                    CheckOutcome::Pass
                },
                reasons: holds.then_some(reason).into_iter().collect(),
                overridden: false,
            };
            async move {
                if known {
                    Ok(verdict)
                } else {
                    Err(AdvisoryError::ClientNotFound)
                }
            }
        })
        .into_client(&harness.seam())
}
