//! The actix-web shell: listeners, extractors, the error contract, limits, health, OpenAPI.
//!
//! # For the author of a group
//!
//! A handler takes extractors, calls a service and returns an [`Answer`]; `?` on any error that is a
//! [`kernel::Fault`] gives the right status and body.
//!
//! ```no_run
//! use kernel::{CallError, ClientId, Page};
//! use serde::{Deserialize, Serialize};
//! use utoipa::{IntoParams, OpenApi, ToSchema};
//! use web::actix_web::{HttpRequest, get, post};
//!
//! #[derive(Deserialize, ToSchema)]
//! struct CreateClient { name: kernel::Text<1, 200> }
//! #[derive(Serialize, ToSchema)]
//! struct ClientResponse { id: ClientId, name: String }
//! #[derive(Deserialize, IntoParams)]
//! #[into_params(parameter_in = Query)]
//! struct ClientFilter { status: Option<String> }
//!
//! /// A client by id.
//! #[utoipa::path(get, path = "/api/v1/clients/{id}", tag = "advisory", operation_id = "advisory_get_client",
//!     params(("id" = ClientId, Path, description = "The client")),
//!     responses((status = 200, body = ClientResponse)), security(("bearer" = [])))]
//! #[get("/api/v1/clients/{id}")]
//! async fn get_client(caller: web::Caller, id: web::Path<ClientId>) -> web::Answer {
//!     let _scope = caller.scope()?; // `Caller` and `Context` are a `kernel::CallContext`
//!     web::answer::with_etag(1, &ClientResponse { id: *id, name: "Priya".into() })
//! }
//!
//! /// The clients that the caller may see.
//! #[utoipa::path(get, path = "/api/v1/clients", tag = "advisory", operation_id = "advisory_list_clients",
//!     params(ClientFilter, web::PageParams), responses((status = 200, body = Vec<ClientResponse>)),
//!     security(("bearer" = [])))]
//! #[get("/api/v1/clients")]
//! async fn list_clients(caller: web::Caller, list: web::List<ClientFilter>, request: HttpRequest) -> web::Answer {
//!     let _ = (&list.filter.status, &list.page, caller.tenant());
//!     web::answer::list(&request, Page::<ClientResponse> { items: vec![], next: None, total: None })
//! }
//!
//! /// Adds a client.
//! #[utoipa::path(post, path = "/api/v1/clients", tag = "advisory", operation_id = "advisory_create_client",
//!     request_body = CreateClient, params(web::KeyParam), responses((status = 201, body = ClientResponse)),
//!     security(("bearer" = [])))]
//! #[post("/api/v1/clients")]
//! async fn create_client(_caller: web::Caller, key: web::Key, body: web::Body<CreateClient>) -> web::Answer {
//!     if body.name.as_str() == "nobody" { return Err(CallError::invalid("name", "must be somebody").into()); }
//!     let _key: &kernel::IdempotencyKey = &key;
//!     web::answer::created(&ClientResponse { id: ClientId(Default::default()), name: body.name.to_string() })
//! }
//!
//! # static INFO: kernel::GroupInfo = kernel::GroupInfo { name: "advisory", summary: "", default_port: 0,
//! #   prefixes: &[], modules: &[], calls: &[], asks: &[], hears: &[], rates: &[], openapi: "" };
//! #[derive(OpenApi)]
//! #[openapi(paths(get_client, list_clients, create_client))]
//! struct Api;
//!
//! fn mount() -> web::Mount {
//!     web::Mount::new(&INFO, Api::openapi, |config| {
//!         config.service(get_client).service(list_clients).service(create_client);
//!     })
//! }
//! ```
//!
//! Rules that the shell keeps, so that a handler need not:
//!
//! - **Every route is in the group's OpenAPI**: the route table (rate class, metrics, 405 with `Allow`) is made from
//!   it, and [`Shell::new`] refuses operation ids that do not begin with `<group>_`. Paths, parameters and bodies
//!   are written out in `#[utoipa::path]`; nothing is guessed from the arguments.
//! - **Errors** have the three keys `error`, `message`, `details`. A 404 without details has the same bytes whatever the
//!   group says, so that unknown, foreign and malformed ids cannot be told apart. The statuses that any route may
//!   answer are documented on every operation by the shell.
//! - **Bodies** ([`Body`], [`Form`], [`JsonOrForm`]) refuse unknown fields, so `deny_unknown_fields` is not needed;
//!   do not `#[serde(flatten)]` in them: a flattened struct swallows unknown fields.
//! - **Order of extractors**: they run in the order of the arguments. Put [`Caller`] first: who is not logged in learns
//!   nothing else.
//! - **Rate classes**: `GET` is [`kernel::RateClass::Read`], the rest `Write`; [`kernel::GroupInfo::rates`] says otherwise.

pub mod answer;
mod edge;
mod extract;
mod failure;
mod forward;
mod health;
mod live;
mod metrics;
mod modules;
mod mount;
mod openapi;
mod routes;
mod seam;
mod server;
mod shell;
mod state;
mod system;

pub use actix_web;
pub use actix_web as actix;
pub use edge::hop_of;
pub use extract::{
    Body, Caller, Context, CsvBody, Form, IfMatch, IfMatchParam, JsonOrForm, Key, KeyParam, List, PageParams,
    Path, Query, RawBody, Unproven, from_params, read_json,
};
pub use failure::{Answer, Failure};
pub use forward::{ForwardTable, Where};
pub use health::{Health, HealthSource, Readiness};
pub use live::{Live, SseEvent, Talk, socket, sse};
pub use mount::{Configure, Describe, Mount};
pub use routes::{RouteTable, only};
pub use seam::ContractDocument;
pub use server::{Listeners, RunningServer};
pub use shell::{Shell, ShellError, ShellParts};
pub use utoipa;
