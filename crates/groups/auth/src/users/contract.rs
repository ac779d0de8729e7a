use super::Accounts;
use auth_contract::{AuthError, NewInvitedUser, UserSummary, Users};
use kernel::{CallContext, IdempotencyKey, UserId};

#[rpc::async_trait]
impl Users for Accounts {
    async fn user(&self, cx: &CallContext, id: UserId) -> Result<UserSummary, AuthError> {
        Ok(self.of_firm(cx, id).await?)
    }

    async fn invite(
        &self,
        cx: &CallContext,
        key: IdempotencyKey,
        user: NewInvitedUser,
    ) -> Result<UserSummary, AuthError> {
        Ok(Accounts::invite(self, cx, key, user).await?)
    }
}
