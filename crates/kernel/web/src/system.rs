//! The routes that every process has.

use crate::{
    Answer, Failure, answer,
    state::{RequestState, Shared},
};
use actix_web::{
    HttpRequest, HttpResponse, get,
    http::header,
    web::{self, Data, ServiceConfig},
};
use bytes::Bytes;
use kernel::{ErrorKind, FieldError};
use runtime::metrics::CONTENT_TYPE;
use serde::Serialize;
use serde_json::Value;
use utoipa::{OpenApi, ToSchema};
use utoipa_swagger_ui::{Config, SwaggerUi};

#[derive(OpenApi)]
#[openapi(paths(health, ready, metrics))]
struct Api;

/// The description of these routes.
pub(crate) fn openapi() -> utoipa::openapi::OpenApi {
    Api::openapi()
}

/// Adds these routes.
pub(crate) fn configure(config: &mut ServiceConfig, docs: bool) {
    status(config);
    config.service(description);
    if docs {
        let pages = SwaggerUi::new("/docs/{_:.*}").config(Config::from("/openapi.json"));
        config.service(home).service(docs_home).service(pages);
    }
}

/// Adds those that say how the process is.
pub(crate) fn status(config: &mut ServiceConfig) {
    config.service(health).service(ready).service(metrics);
}

/// How the process is.
#[derive(Serialize, ToSchema)]
struct HealthResponse {
    /// `healthy`.
    status: &'static str,
    /// What it is made of and how each part is.
    #[schema(value_type = Object)]
    details: Value,
}

/// Whether the process wants requests.
#[derive(Serialize, ToSchema)]
struct ReadyResponse {
    /// `ready`.
    status: &'static str,
    /// The parts that are away.
    degraded: Vec<String>,
}

/// Whether the process does its work.
#[utoipa::path(get, path = "/health", tag = "system", operation_id = "system_health",
    responses((status = 200, body = HealthResponse)))]
#[get("/health")]
async fn health(shared: Data<Shared>) -> Answer {
    let health = shared.health.health().await;
    if health.operational {
        return answer::ok(&HealthResponse {
            status: "healthy",
            details: health.details,
        });
    }
    let details = health.details.as_object().into_iter().flatten();
    let details = details
        .map(|(part, state)| FieldError::new(part, plain(state)))
        .collect();
    Err(Failure::new(ErrorKind::Unavailable, "System unhealthy").with_details(details))
}

/// Whether the process wants requests, and which parts it does without.
#[utoipa::path(get, path = "/ready", tag = "system", operation_id = "system_ready",
    responses((status = 200, body = ReadyResponse)))]
#[get("/ready")]
async fn ready(shared: Data<Shared>) -> Answer {
    if shared.traffic.is_draining() || shared.tasks.is_stopping() {
        let reason = FieldError::new("process", "is stopping");
        return Err(not_ready().with_details(vec![reason]));
    }
    let readiness = shared.health.ready().await;
    if !readiness.ready {
        return Err(not_ready().with_details(readiness.reasons));
    }
    answer::ok(&ReadyResponse {
        status: "ready",
        degraded: readiness.degraded,
    })
}

/// Metrics in the OpenMetrics text format.
#[utoipa::path(get, path = "/metrics", tag = "system", operation_id = "system_metrics",
    responses((status = 200, body = String, content_type = "application/openmetrics-text")))]
#[get("/metrics")]
pub(crate) async fn metrics(shared: Data<Shared>) -> Answer {
    let text = shared.registry.encode().map_err(Failure::internal)?;
    Ok(HttpResponse::Ok().content_type(CONTENT_TYPE).body(text))
}

#[get("/openapi.json")]
async fn description(shared: Data<Shared>) -> Answer {
    let text = match shared.document.known() {
        Some(text) => text,
        None => written(shared).await?,
    };
    Ok(HttpResponse::Ok()
        .content_type("application/json")
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .body(text))
}

/// The description, written once however many ask for it at the same time.
async fn written(shared: Data<Shared>) -> Result<Bytes, Failure> {
    let _turn = shared.document.turn().await;
    let writer = shared.clone();
    web::block(move || writer.openapi())
        .await
        .map_err(Failure::internal)?
        .map_err(Failure::internal)
}

#[get("/")]
async fn home() -> HttpResponse {
    to("/docs/")
}

#[get("/docs")]
async fn docs_home() -> HttpResponse {
    to("/docs/")
}

fn to(place: &'static str) -> HttpResponse {
    HttpResponse::TemporaryRedirect()
        .insert_header((header::LOCATION, place))
        .finish()
}

fn not_ready() -> Failure {
    Failure::new(ErrorKind::Unavailable, "not ready").retry_after(1)
}

fn plain(state: &Value) -> String {
    match state {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// What no route answers: 405 where the path knows other methods, else 404.
pub(crate) async fn fallback(request: HttpRequest) -> Answer {
    RequestState::with(&request, |state| match &state.route {
        Some(route) if !route.methods.is_empty() => Err(route.not_allowed()),
        _ => Err(Failure::not_found()),
    })
}
