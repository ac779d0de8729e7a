use super::User;
use crate::sessions::principal;
use kernel::{CallContext, Principal, SessionId};
use store::Stored;
use uuid::Uuid;

/// The same call, made by a user who has proven themselves by a mailed code: through no session.
pub(crate) fn acting_as(cx: &CallContext, user: &Stored<User>) -> CallContext {
    CallContext {
        principal: Principal::User(principal(user, SessionId(Uuid::nil()))),
        ..cx.clone()
    }
}
