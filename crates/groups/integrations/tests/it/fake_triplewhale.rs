//! A Triple Whale for tests: the part of its public API (version 2) that is used, on a free port of this machine.
//!
//! `GET /api/v2/users/api-keys/me` with `x-api-key`: 200 and a JSON object with the headers of its rate limit for a key
//! that it knows, 401 for one that it does not; 429 comes with `Retry-After`.

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, dev::ServerHandle, web};
use std::sync::{Arc, Mutex};
use url::Url;

/// The key that it knows.
pub(crate) const KEY: &str = "tw-0f8fad5b-d9cb-469f-a165-70867728950e";

/// How it behaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Mood {
    /// As documented.
    Well,
    /// It knows no key.
    BadRequest,
    /// It has had enough of us.
    Limited,
    /// It is broken.
    Broken,
    /// It never answers.
    Silent,
    /// Something in between answers in its place.
    Portal,
    /// Its answer has no end.
    Endless,
    /// It sends callers elsewhere.
    Redirecting(String),
}

#[derive(Debug)]
struct Shared {
    mood: Mutex<Mood>,
    asked: Mutex<Vec<String>>,
}

pub(crate) struct FakeTripleWhale {
    pub(crate) url: Url,
    shared: Arc<Shared>,
    handle: ServerHandle,
}

impl FakeTripleWhale {
    pub(crate) fn start(tasks: &kernel::Tasks) -> Self {
        let shared = Arc::new(Shared {
            mood: Mutex::new(Mood::Well),
            asked: Mutex::new(Vec::new()),
        });
        let for_workers = shared.clone();
        let server = HttpServer::new(move || {
            App::new()
                .app_data(web::Data::from(for_workers.clone()))
                .default_service(web::to(answer))
        })
        .workers(1)
        .disable_signals()
        .shutdown_timeout(0)
        .bind("127.0.0.1:0")
        .unwrap();
        let url = format!("http://{}/api/v2/", server.addrs()[0]).parse().unwrap();
        let running = server.run();
        let handle = running.handle();
        drop(tasks.spawn(running));
        Self { url, shared, handle }
    }

    pub(crate) fn set(&self, mood: Mood) {
        *self.shared.mood.lock().unwrap() = mood;
    }

    /// What was asked so far: method and path.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.shared.asked.lock().unwrap().clone()
    }

    /// Nothing listens any more.
    pub(crate) async fn stop(&self) {
        self.handle.stop(false).await;
    }
}

async fn answer(request: HttpRequest, shared: web::Data<Shared>) -> HttpResponse {
    let asked = format!("{} {}", request.method(), request.uri());
    shared.asked.lock().unwrap().push(asked);
    let mood = shared.mood.lock().unwrap().clone();
    match mood {
        Mood::Well => well(&request),
        Mood::BadRequest => HttpResponse::BadRequest().json(serde_json::json!({})),
        Mood::Limited => HttpResponse::TooManyRequests()
            .insert_header(("Retry-After", "60"))
            .finish(),
        Mood::Broken => HttpResponse::InternalServerError().body("stack trace of somebody else"),
        Mood::Silent => std::future::pending().await,
        Mood::Portal => HttpResponse::Ok()
            .content_type("text/html")
            .body("<html>Welcome to the Wi-Fi</html>"),
        Mood::Endless => {
            HttpResponse::Ok()
                .content_type("application/json")
                .streaming(futures::stream::repeat_with(|| {
                    Ok::<_, std::io::Error>(web::Bytes::from_static(&[b' '; 4096]))
                }))
        }
        Mood::Redirecting(place) => HttpResponse::Found().insert_header(("Location", place)).finish(),
    }
}

fn well(request: &HttpRequest) -> HttpResponse {
    if request.method() != "GET" || request.path() != "/api/v2/users/api-keys/me" {
        return HttpResponse::NotFound().finish();
    }
    match request
        .headers()
        .get("x-api-key")
        .and_then(|key| key.to_str().ok())
    {
        Some(KEY) => HttpResponse::Ok()
            .insert_header(("RateLimit-Policy", "100;w=60"))
            .json(serde_json::json!({"id": "key-1", "scopes": ["summary-page:read"]})),
        _ => HttpResponse::Unauthorized().json(serde_json::json!({"message": "Unauthorized"})),
    }
}
