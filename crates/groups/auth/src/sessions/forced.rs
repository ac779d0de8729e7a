use super::{
    Sessions,
    models::{EndReason, Session},
};
use crate::AuthFailure;
use kernel::{CallContext, MAX_PAGE, Scope, TenantId, UserId};
use store::{Query, Sort};

impl Sessions {
    /// Ends all sessions of a user in the name of whoever may.
    pub(crate) async fn force_out(
        &self,
        cx: &CallContext,
        tenant: TenantId,
        user: UserId,
    ) -> Result<(), AuthFailure> {
        let of_user = Scope::Own { tenant, user };
        loop {
            let query = Query::sorted(Sort::ascending("expires_at"))
                .equals("ended", false)
                .limit(MAX_PAGE);
            let page = self.store.find::<Session>(&of_user, query).await?;
            if page.items.is_empty() {
                return Ok(());
            }
            for session in page.items {
                self.end(cx, session, EndReason::ForcedOut).await?;
            }
        }
    }
}
