use super::Invitations;
use crate::{
    one_time::GivenCode,
    users::{NewPassword, PersonName, UserView},
};
use actix_web::{
    HttpResponse, post,
    web::{Data, ServiceConfig},
};
use kernel::{Email, ErrorBody, Role, UserId};
use serde::Deserialize;
use utoipa::{OpenApi, ToSchema};
use web::{Answer, Body, Caller, Path, Unproven, answer};

/// Somebody who is to be a user.
#[derive(Debug, Deserialize, ToSchema)]
struct NewInvitation {
    /// Where the invitation is mailed to; it becomes the log-in e-mail.
    email: Email,
    /// The name.
    name: PersonName,
    /// In which role.
    role: Role,
}

/// Where an invitation goes.
#[derive(Debug, Deserialize, ToSchema)]
struct InvitationAddress {
    /// Where it is mailed to; it becomes the log-in e-mail.
    email: Email,
}

/// A first password, proven by a mailed code.
#[derive(Debug, Deserialize, ToSchema)]
struct InvitationAnswer {
    /// As it stands in the mail.
    token: GivenCode,
    /// The password: 8 to 128 characters.
    password: NewPassword,
}

/// Invites somebody
///
/// Makes a user who cannot log in yet, and mails them a code for their first password. Advisors invite clients; admins
/// invite anybody.
#[utoipa::path(
    post, path = "/invitations", tag = "auth", operation_id = "auth_invite",
    request_body = NewInvitation,
    responses(
        (status = 201, description = "The user, who has to accept yet", body = UserView),
        (status = 403, description = "You may not invite in this role", body = ErrorBody),
        (status = 409, description = "The e-mail is taken", body = ErrorBody),
    ),
    security(("bearer" = [])),
)]
#[post("/invitations")]
async fn invite(caller: Caller, invitations: Data<Invitations>, body: Body<NewInvitation>) -> Answer {
    let user = invitations
        .invite(&caller, &body.email, &body.name, body.role)
        .await?;
    answer::created(&UserView::from(&user))
}

/// Mails an invitation again
///
/// Also the first one to a user whom another group made, such as a new client. For who invited them, and for admins.
#[utoipa::path(
    post, path = "/invitations/{user_id}/send", tag = "auth", operation_id = "auth_send_invitation",
    params(("user_id" = UserId, Path, description = "The user")),
    request_body = InvitationAddress,
    responses(
        (status = 202, description = "The mail is on its way"),
        (status = 403, description = "You may not invite", body = ErrorBody),
        (status = 404, description = "No such user, or none that you may invite", body = ErrorBody),
        (status = 409, description = "The user can log in already, or the e-mail is taken", body = ErrorBody),
    ),
    security(("bearer" = [])),
)]
#[post("/invitations/{user_id}/send")]
async fn send(
    caller: Caller,
    invitations: Data<Invitations>,
    id: Path<UserId>,
    body: Body<InvitationAddress>,
) -> Answer {
    invitations.send(&caller, *id, &body.email).await?;
    Ok(HttpResponse::Accepted().finish())
}

/// Accepts an invitation
///
/// Sets the first password. The code is good once and for seven days.
#[utoipa::path(
    post, path = "/invitations/accept", tag = "auth", operation_id = "auth_accept_invitation",
    request_body = InvitationAnswer,
    responses(
        (status = 200, description = "The user, who can log in now", body = UserView),
        (status = 409, description = "Somebody else has the e-mail by now", body = ErrorBody),
        (status = 503, description = "Too many passwords at once, or the store is away", body = ErrorBody),
    ),
)]
#[post("/invitations/accept")]
async fn accept(cx: Unproven, invitations: Data<Invitations>, body: Body<InvitationAnswer>) -> Answer {
    let user = invitations.accept(&cx, &body.token, &body.password).await?;
    answer::ok(&UserView::from(&user))
}

/// The routes below `/api/auth`.
#[derive(OpenApi)]
#[openapi(paths(invite, send, accept))]
pub(crate) struct Api;

pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(invite).service(accept).service(send);
}
