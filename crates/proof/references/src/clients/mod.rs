//! `GET /api/v1/clients/{id}`, written by hand: one handler that does all of it.

mod database;
mod record;

pub(crate) use database::{create, insert};
pub(crate) use record::{Answered, Body, Found};

use crate::{
    access::{Access, Claims, Role},
    error::Error,
    log_line,
    sealed::Seal,
};
use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer,
    http::header,
    web::{self, Data, Path},
};
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family},
    registry::Registry,
};
use std::{path::PathBuf, sync::Arc, time::Instant};
use uuid::Uuid;

const ROUTE: &str = "/api/v1/clients/{id}";

/// How it is served.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    #[arg(long)]
    port: u16,
    /// The database that `seed` made.
    #[arg(long)]
    database: PathBuf,
    /// The secret that signs access tokens.
    #[arg(long, env = "JWT_SECRET", hide_env_values = true)]
    jwt_secret: String,
    /// The key of sealed fields, 32 bytes in hex.
    #[arg(long)]
    key: String,
    #[arg(long, default_value_t = 2)]
    workers: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    method: &'static str,
    route: &'static str,
    status: u16,
}

struct Shared {
    access: Access,
    seal: Seal,
    database: PathBuf,
    requests: Family<Labels, Counter>,
    registry: Registry,
}

/// Serves until the process is stopped.
pub(crate) fn serve(options: Options) -> Result<(), Error> {
    let mut registry = Registry::default();
    let requests = Family::default();
    registry.register("http_requests", "Requests.", requests.clone());
    let shared = Data::from(Arc::new(Shared {
        access: Access::new(&options.jwt_secret),
        seal: Seal::new(&options.key)?,
        database: options.database,
        requests,
        registry,
    }));
    let app = move || {
        App::new()
            .app_data(shared.clone())
            .route(ROUTE, web::get().to(get_client))
            .route("/metrics", web::get().to(metrics))
            .route("/ready", web::get().to(HttpResponse::Ok))
    };
    let server = HttpServer::new(app)
        .workers(options.workers)
        .tcp_nodelay(true)
        .bind(("127.0.0.1", options.port))?;
    Ok(actix_web::rt::System::new().block_on(server.run())?)
}

async fn get_client(
    request: HttpRequest,
    id: Path<Uuid>,
    shared: Data<Shared>,
) -> Result<HttpResponse, Error> {
    let began = Instant::now();
    let request_id = log_line::new_id();
    let claims = shared.access.of(request.headers())?;
    let found = database::get(&shared.database, *id)?
        .filter(|found| may_see(&claims, found))
        .ok_or(Error::NotFound)?;
    let version = found.version;
    let body = serde_json::to_vec(&found.answered(&shared.seal)?)?;
    let bytes = body.len();
    let answer = HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "application/json"))
        .insert_header((header::ETAG, format!("\"{version}\"")))
        .insert_header(("x-request-id", request_id.to_string()))
        .body(body);
    let labels = Labels {
        method: "GET",
        route: ROUTE,
        status: 200,
    };
    shared.requests.get_or_create(&labels).inc();
    log_line::write(&log_line::Request {
        method: "GET",
        route: ROUTE,
        path: request.path(),
        status: 200,
        bytes,
        id: request_id,
        user: claims.sub,
        began,
    });
    Ok(answer)
}

/// An advisor sees the own book, a client the own record, others of the firm everything.
fn may_see(claims: &Claims, found: &Found) -> bool {
    found.tenant_id == claims.tenant_id
        && match claims.role {
            Role::Advisor => found.body.advisor_id == claims.sub,
            Role::Client => found.body.user_id == claims.sub,
            Role::Other => true,
        }
}

async fn metrics(shared: Data<Shared>) -> HttpResponse {
    let mut text = String::new();
    match prometheus_client::encoding::text::encode(&mut text, &shared.registry) {
        Ok(()) => HttpResponse::Ok().body(text),
        Err(_) => HttpResponse::InternalServerError().finish(),
    }
}
