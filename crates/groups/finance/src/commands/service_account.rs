use crate::error::Error;
use auth_contract::{NewInvitedUser, UsersClient};
use kernel::{CallContext, IdempotencyKey, Role, Sources, TenantId, UserId};
use std::sync::PoisonError;
use std::{collections::HashMap, sync::Mutex};

/// The user of each firm to whom commands belong that come over a queue and say no other: made at the first of them,
/// cannot log in.
pub(crate) struct ServiceAccount {
    users: UsersClient,
    sources: Sources,
    known: Mutex<HashMap<TenantId, UserId>>,
}

impl ServiceAccount {
    pub(crate) fn new(users: UsersClient, sources: Sources) -> Self {
        Self {
            users,
            sources,
            known: Mutex::default(),
        }
    }

    /// The service account of the caller's firm.
    pub(crate) async fn of_firm(&self, cx: &CallContext) -> Result<UserId, Error> {
        let tenant = cx.tenant();
        let known = self
            .known
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&tenant)
            .copied();
        if let Some(user) = known {
            return Ok(user);
        }
        // Always asked for in the same name and under the same key: every process finds the same user.
        let asking = CallContext::system("finance", tenant, self.sources.ids()).with_deadline(cx.deadline);
        let key = IdempotencyKey::parse("finance-service-account")?;
        let user = NewInvitedUser {
            name: "Message queue".to_owned(),
            role: Role::Service,
        };
        let user = self.users.invite(&asking, key, user).await?.id;
        self.known
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(tenant, user);
        Ok(user)
    }
}
