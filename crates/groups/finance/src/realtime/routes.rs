use super::{reports::Reports, socket::TransactionSocket, tickets::Tickets};
use crate::{
    commands::CommandsService,
    error::Error,
    report::{ReportFilter, ReportService},
    transactions::TransactionsService,
};
use actix_web::{
    HttpRequest, get, post,
    web::{Data, Payload, ServiceConfig},
};
use kernel::{CallError, Principal, UserPrincipal};
use serde::{Deserialize, Serialize};
use std::{sync::Arc, time::Duration};
use store::Store;
use utoipa::{IntoParams, ToSchema};
use web::{Answer, Caller, Context, Live, Query, answer};

/// After which time a client is to come back.
const RETRY: Duration = Duration::from_secs(3);

/// What the routes stand on.
pub(crate) struct Realtime {
    pub(crate) report: Arc<ReportService>,
    pub(crate) commands: Arc<CommandsService>,
    pub(crate) transactions: Arc<TransactionsService>,
    pub(crate) tickets: Tickets,
    pub(crate) store: Store,
    /// How often the report is sent while nothing changes.
    pub(crate) every: Duration,
}

/// Mounts the routes of what goes out while it happens.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(issue_ticket)
        .service(stream_reports)
        .service(transaction_socket);
}

/// Opens one stream in place of a token.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct TicketResponse {
    /// To be sent as the query parameter `ticket`, once.
    ticket: String,
    /// How long it is good, in seconds.
    expires_in: u32,
}

/// How a stream is opened.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct StreamQuery {
    /// A ticket in place of the token in the header.
    ticket: Option<kernel::Text<1, 200>>,
}

/// How the socket is opened.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SocketQuery {
    /// A ticket in place of the token in the header.
    ticket: Option<kernel::Text<1, 200>>,
    /// The `seq` of the last event that the client has: what came after it is told first.
    after: Option<u64>,
}

/// A ticket that opens one stream within a minute: for browsers, which cannot send a header with it.
#[utoipa::path(
    post, path = "/api/v1/events/ticket", tag = "finance", operation_id = "finance_issue_stream_ticket",
    security(("bearer" = [])),
    responses((status = 200, description = "The ticket", body = TicketResponse))
)]
#[post("/api/v1/events/ticket")]
pub(crate) async fn issue_ticket(caller: Caller, realtime: Data<Realtime>) -> Answer {
    answer::ok(&TicketResponse {
        ticket: realtime.tickets.issue(&caller, &caller.user).await?,
        expires_in: 60,
    })
}

/// The caller's financial report as server-sent events: at once, whenever it changes, and every 30 seconds. The id of an
/// event is the report's fingerprint; who comes back with `Last-Event-ID` gets the report only if it is another.
#[utoipa::path(
    get, path = "/api/v1/events", tag = "finance", operation_id = "finance_stream_reports",
    params(StreamQuery), security((), ("bearer" = [])),
    responses((status = 200, description = "The stream", content_type = "text/event-stream", body = String))
)]
#[get("/api/v1/events")]
pub(crate) async fn stream_reports(
    request: HttpRequest,
    context: Context,
    query: Query<StreamQuery>,
    live: Live,
    realtime: Data<Realtime>,
) -> Answer {
    let user = opener(&context, query.ticket.as_deref(), &realtime).await?;
    let last = request.headers().get("last-event-id");
    let reports = Reports {
        service: realtime.report.clone(),
        live: live.clone(),
        user: user.clone(),
        filter: ReportFilter::default(),
        every: realtime.every,
        last: last.and_then(|id| Some(id.to_str().ok()?.to_owned())),
        changes: Reports::changes_of(&realtime.store),
        due: None,
    };
    Ok(web::sse(live, user, RETRY, reports.stream()))
}

/// The WebSocket of transactions. `{"event": "create_transaction", "data": {…}, "id": "…"}` is answered by
/// `transaction_created` or `error` with the same `id`; `new_transaction` with its `seq` tells of every transaction that
/// the user may see. Come back with `after` to miss none.
#[utoipa::path(
    get, path = "/ws/transactions", tag = "finance", operation_id = "finance_open_transaction_socket",
    params(SocketQuery), security((), ("bearer" = [])),
    responses((status = 101, description = "The socket is open"))
)]
#[get("/ws/transactions")]
pub(crate) async fn transaction_socket(
    request: HttpRequest,
    context: Context,
    query: Query<SocketQuery>,
    live: Live,
    payload: Payload,
    realtime: Data<Realtime>,
) -> Answer {
    let user = opener(&context, query.ticket.as_deref(), &realtime).await?;
    let talk = TransactionSocket {
        live: live.clone(),
        user: user.clone(),
        commands: realtime.commands.clone(),
        transactions: realtime.transactions.clone(),
        store: realtime.store.clone(),
        after: query.after,
        changes: realtime.store.feed_changes(),
    };
    web::socket(&request, payload, live, user, talk)
}

/// Who opens a stream: whoever the token in the header proves, or the ticket.
async fn opener(
    context: &Context,
    ticket: Option<&str>,
    realtime: &Realtime,
) -> Result<UserPrincipal, Error> {
    match (&context.principal, ticket) {
        (Principal::User(user), _) => Ok(user.clone()),
        (_, Some(ticket)) => realtime.tickets.redeem(context, ticket).await,
        _ => Err(CallError::Unauthenticated.into()),
    }
}
