//! A group that has a route for everything that the shell promises.

use kernel::{CallError, ClientId, ErrorKind, Fault, GroupInfo, Page, RateClass, Text};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::Arc;
use tokio::sync::Notify;
use utoipa::{IntoParams, OpenApi, ToSchema};
use web::actix_web::{self, HttpRequest, HttpResponse, get, post, put, web::Data};
use web::{
    Answer, Body, Caller, Context, CsvBody, Failure, IfMatch, JsonOrForm, Key, List, Path, Query, answer,
};

pub const KNOWN: &str = "0190f7c2-1111-7000-8000-000000000001";

/// Lets a test hold a handler and see that it has begun.
#[derive(Default)]
pub struct Gate {
    pub entered: Notify,
    pub open: Notify,
}

#[derive(Debug, thiserror::Error)]
#[error("client {0} is unknown")]
struct Unknown(ClientId);

impl Fault for Unknown {
    fn kind(&self) -> ErrorKind {
        ErrorKind::NotFound
    }
    fn code(&self) -> std::borrow::Cow<'static, str> {
        "client_not_found".into()
    }
}

#[derive(Serialize, ToSchema)]
struct Thing {
    id: ClientId,
    name: String,
}

#[derive(Deserialize, ToSchema)]
struct Tag {
    label: String,
    #[allow(dead_code)]
    weight: Option<u8>,
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Person,
    Firm,
}

#[derive(Deserialize, ToSchema)]
struct NewThing {
    name: Text<1, 20>,
    count: u32,
    kind: Option<Kind>,
    parent: Option<ClientId>,
    email: Option<kernel::Email>,
    amount: Option<kernel::Amount>,
    #[serde(default)]
    tags: Vec<Tag>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    status: Option<String>,
    least: Option<u32>,
}

#[derive(Deserialize, ToSchema)]
struct Login {
    email: String,
}

#[derive(Deserialize, ToSchema)]
struct OAuthLogin {
    username: String,
    #[allow(dead_code)]
    grant_type: Option<String>,
}

#[utoipa::path(get, path = "/api/things/{id}", operation_id = "demo_get", params(("id" = ClientId, Path)),
    responses((status = 200, body = Thing)))]
#[get("/api/things/{id}")]
async fn get_thing(id: Path<ClientId>) -> Answer {
    if id.to_string() != KNOWN {
        return Err(Unknown(*id).into());
    }
    answer::with_etag(
        3,
        &Thing {
            id: *id,
            name: "Priya".into(),
        },
    )
}

#[utoipa::path(put, path = "/api/things/{id}", operation_id = "demo_put", params(("id" = ClientId, Path)),
    responses((status = 204)))]
#[put("/api/things/{id}")]
async fn put_thing(_id: Path<ClientId>, if_match: IfMatch) -> Answer {
    if_match.check(3)?;
    answer::no_content()
}

#[utoipa::path(post, path = "/api/things", operation_id = "demo_create", request_body = NewThing,
    responses((status = 201)))]
#[post("/api/things")]
async fn create_thing(key: Key, body: Body<NewThing>) -> Answer {
    answer::created(&json!({
        "name": *body.name, "count": body.count, "given": key.was_given(), "key": key.as_str(),
        "tags": body.tags.iter().map(|tag| tag.label.clone()).collect::<Vec<_>>(),
        "amount": body.amount, "firm": matches!(body.kind, Some(Kind::Firm)),
        "parent": body.parent, "email": body.email,
    }))
}

#[utoipa::path(get, path = "/api/things", operation_id = "demo_list", params(Filter, web::PageParams),
    responses((status = 200, body = Vec<String>)))]
#[get("/api/things")]
async fn list_things(request: HttpRequest, list: List<Filter>) -> Answer {
    let items = vec![
        list.filter.status.clone().unwrap_or_default(),
        format!("{:?}", list.filter.least),
    ];
    let next = list.page.cursor.is_none().then(|| "a b+c/ü".to_owned());
    let total = list
        .page
        .count
        .then_some(if list.page.limit == 1 { 10_001 } else { 7 });
    answer::list(&request, Page { items, next, total })
}

#[utoipa::path(get, path = "/api/filter", operation_id = "demo_filter", params(Filter), responses((status = 200)))]
#[get("/api/filter")]
async fn filter(query: Query<Filter>) -> Answer {
    answer::ok(&json!({"status": query.status, "least": query.least}))
}

#[utoipa::path(get, path = "/api/me", operation_id = "demo_me", responses((status = 200)), security(("bearer" = [])))]
#[get("/api/me")]
async fn me(caller: Caller) -> Answer {
    answer::ok(&json!({"user": caller.user.user, "request": caller.request_id, "depth": caller.depth}))
}

#[utoipa::path(get, path = "/api/who", operation_id = "demo_who", responses((status = 200)))]
#[get("/api/who")]
async fn who(context: Context, request: HttpRequest) -> Answer {
    let hop = web::hop_of(&request);
    let onward = hop
        .as_ref()
        .map(|hop| format!("{} {} {}", hop.scheme, hop.host, hop.limited));
    answer::ok(&json!({
        "sealed": request.headers().contains_key(trust::HopSeal::HEADER),
        "client": hop.map(|hop| hop.client),
        "onward": onward,
        "who": context.principal.reference(),
        "trace": context.trace.map(|trace| trace.to_string()),
    }))
}

#[utoipa::path(post, path = "/api/refresh", operation_id = "demo_refresh", responses((status = 200)))]
#[post("/api/refresh")]
async fn refresh(context: web::Unproven) -> Answer {
    answer::ok(&json!({"who": context.principal.reference(), "request": context.request_id}))
}

#[utoipa::path(get, path = "/api/panic", operation_id = "demo_panic", responses((status = 200)))]
#[get("/api/panic")]
async fn panics() -> Answer {
    panic!("the handler of rajesh@example.com fell over")
}

#[utoipa::path(get, path = "/api/broken", operation_id = "demo_broken", responses((status = 200)))]
#[get("/api/broken")]
async fn broken() -> Answer {
    Err(CallError::internal(std::io::Error::other("disk on fire")).into())
}

#[utoipa::path(get, path = "/api/away", operation_id = "demo_away", responses((status = 200)))]
#[get("/api/away")]
async fn away() -> Answer {
    Err(CallError::DependencyUnavailable {
        target: "finance".into(),
    }
    .into())
}

#[utoipa::path(get, path = "/api/bare", operation_id = "demo_bare", responses((status = 200)))]
#[get("/api/bare")]
async fn bare() -> HttpResponse {
    HttpResponse::Conflict().body("plain words")
}

#[utoipa::path(get, path = "/api/actix", operation_id = "demo_actix", responses((status = 200)))]
#[get("/api/actix")]
async fn actix_error(_missing: Data<Notify>) -> HttpResponse {
    HttpResponse::Ok().finish()
}

#[utoipa::path(get, path = "/api/slow", operation_id = "demo_slow", responses((status = 200)))]
#[get("/api/slow")]
async fn slow(gate: Data<Gate>) -> Answer {
    gate.entered.notify_one();
    gate.open.notified().await;
    answer::ok("done")
}

#[utoipa::path(post, path = "/api/import", operation_id = "demo_import", responses((status = 200)))]
#[post("/api/import")]
async fn import(body: CsvBody) -> Answer {
    let mut body = body.0;
    let mut bytes = 0;
    while let Some(chunk) = body.chunk().await? {
        bytes += chunk.len();
    }
    answer::ok(&bytes)
}

#[utoipa::path(post, path = "/api/login", operation_id = "demo_login", responses((status = 200)))]
#[post("/api/login")]
async fn login(body: JsonOrForm<Login, OAuthLogin>) -> Answer {
    answer::ok(&match body {
        JsonOrForm::Json(login) => login.email,
        JsonOrForm::Form(login) => login.username,
    })
}

#[utoipa::path(post, path = "/api/pay", operation_id = "demo_pay", responses((status = 200)))]
#[post("/api/pay")]
async fn pay() -> Answer {
    Ok::<_, Failure>(HttpResponse::Ok().json("paid"))
}

#[derive(OpenApi)]
#[openapi(paths(
    get_thing,
    put_thing,
    create_thing,
    list_things,
    filter,
    me,
    who,
    panics,
    broken,
    away,
    bare,
    actix_error,
    slow,
    import,
    login,
    pay,
    refresh
))]
pub struct Api;

pub const INFO: GroupInfo = GroupInfo {
    name: "demo",
    summary: "For tests.",
    default_port: 0,
    prefixes: &["/api"],
    modules: &[],
    calls: &[],
    asks: &[],
    hears: &[],
    rates: &[("demo_pay", RateClass::Transaction)],
    openapi: "",
};

pub fn mount(gate: Arc<Gate>) -> web::Mount {
    web::Mount::new(&INFO, Api::openapi, move |config| {
        config
            .app_data(Data::from(gate.clone()))
            .service(get_thing)
            .service(put_thing)
            .service(create_thing)
            .service(list_things)
            .service(filter)
            .service(me)
            .service(who)
            .service(panics)
            .service(broken)
            .service(away)
            .service(bare)
            .service(actix_error)
            .service(slow)
            .service(import)
            .service(login)
            .service(pay)
            .service(refresh);
    })
}
