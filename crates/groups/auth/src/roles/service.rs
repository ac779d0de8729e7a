use super::permission::Permission;
use crate::{
    AuthFailure,
    anew::anew,
    users::{User, audit, changed},
};
use auth_contract::{ROLE_CHANGED, RoleChanged, USER_UPDATED};
use kernel::{CallContext, NewEvent, Page, PageRequest, Role, UserId};
use std::sync::Arc;
use store::{Query, Store, Stored};
use trust::{RevocationEvent, Revocations};

/// The rules about who has which role.
#[derive(Clone)]
pub(crate) struct Roles {
    store: Store,
    revocations: Arc<Revocations>,
}

impl Roles {
    pub(crate) fn new(store: Store, revocations: Arc<Revocations>) -> Self {
        Self { store, revocations }
    }

    /// Who of the firm has which role, oldest user first.
    pub(crate) async fn assignments(
        &self,
        cx: &CallContext,
        role: Option<Role>,
        page: PageRequest,
        sort: store::Sort,
    ) -> Result<Page<Stored<User>>, AuthFailure> {
        Permission::RolesRead.require(cx)?;
        let mut query = Query::sorted(sort).page(page);
        if let Some(role) = role {
            query = query.equals("role", role.as_str());
        }
        Ok(self.store.find(&cx.scope()?, query).await?)
    }

    /// Gives a user of the firm another role. Access tokens of the old one are refused from now on, here at once and
    /// in other processes as soon as they read the feed. The role that the user has already changes nothing.
    pub(crate) async fn assign(
        &self,
        cx: &CallContext,
        id: UserId,
        role: Role,
    ) -> Result<Stored<User>, AuthFailure> {
        Permission::RolesAssign.require(cx)?;
        if cx.principal.user().is_some_and(|caller| caller.user == id) {
            return Err(AuthFailure::OwnRole);
        }
        let assigned = anew(&self.store, cx, async || {
            let user = self.store.get::<User>(&cx.scope()?, id).await?;
            let user = user.ok_or(AuthFailure::UserNotFound)?;
            match user.role == role {
                true => Ok(user),
                false => self.commit_role(cx, &user, role).await,
            }
        });
        assigned.await
    }

    async fn commit_role(
        &self,
        cx: &CallContext,
        user: &Stored<User>,
        role: Role,
    ) -> Result<Stored<User>, AuthFailure> {
        let mut batch = self.store.batch(cx);
        let at = batch.now();
        let next = batch.replace(&user.changed(|user| {
            user.role = role;
            user.role_version = user.role_version.saturating_add(1);
            user.role_changed_at = Some(at);
        }));
        batch.event(role_changed(cx, &next)?);
        batch.event(changed(cx, USER_UPDATED, &next)?);
        batch.event(audit(cx, "role.assigned", Some(user), &next, &["role"]));
        self.store.commit(batch).await?;
        self.revocations.apply(RevocationEvent::RoleChanged {
            user: id_of(&next),
            role_version: next.role_version,
            at,
        });
        Ok(next)
    }
}

fn id_of(user: &Stored<User>) -> UserId {
    UserId(user.id)
}

pub(crate) fn role_changed(cx: &CallContext, user: &Stored<User>) -> Result<NewEvent, AuthFailure> {
    let facts = RoleChanged {
        user_id: id_of(user),
        role_version: user.role_version,
    };
    let data = serde_json::to_value(facts).map_err(AuthFailure::internal)?;
    let event = NewEvent::new(cx, ROLE_CHANGED, format!("user/{}", user.id), data);
    Ok(event.at_version(user.version).in_tenant(user.tenant_id))
}
