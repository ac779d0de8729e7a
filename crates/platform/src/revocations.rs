use crate::{kit::Kit, token_keys};
use auth_contract::{
    INFO, ROLE_CHANGED, RevocationsClient, RoleChanged, SESSION_REVOKED, SessionRevoked, TokenKeyringClient,
};
use events::{Failure, WatchState, Watcher};
use kernel::{CallContext, EventEnvelope};
use std::sync::Arc;
use trust::{RevocationEvent, RevocationSnapshot, Revocations, TokenKeys};

/// Keeps this process's view of what is no longer good: what counts now, then every `session.revoked` and
/// `role.changed` as it is committed.
struct RevocationWatcher {
    source: RevocationsClient,
    keyring: TokenKeyringClient,
    keys: Arc<TokenKeys>,
    view: Arc<Revocations>,
}

#[rpc::async_trait]
impl Watcher for RevocationWatcher {
    fn name(&self) -> &'static str {
        "revocations"
    }

    async fn snapshot(&self, cx: &CallContext) -> Result<u64, Failure> {
        // A process that knows no keys could prove nobody: it is not ready before it does.
        token_keys::read(&self.keyring, &self.keys, cx)
            .await
            .map_err(Failure::from_fault)?;
        let snapshot = self.source.snapshot(cx).await.map_err(Failure::from_fault)?;
        let sessions = snapshot
            .sessions
            .into_iter()
            .map(|revoked| RevocationEvent::SessionRevoked {
                session: revoked.session_id,
                at: revoked.at,
            });
        let roles = snapshot
            .roles
            .into_iter()
            .map(|least| RevocationEvent::RoleChanged {
                user: least.user_id,
                role_version: least.role_version,
                at: least.at,
            });
        self.view.load(RevocationSnapshot {
            events: sessions.chain(roles).collect(),
        });
        Ok(snapshot.seq)
    }

    fn apply(&self, event: &EventEnvelope) {
        let read = match event.event_type.as_str() {
            SESSION_REVOKED => {
                event
                    .data_as::<SessionRevoked>()
                    .map(|data| RevocationEvent::SessionRevoked {
                        session: data.session_id,
                        at: event.time,
                    })
            }
            ROLE_CHANGED => event
                .data_as::<RoleChanged>()
                .map(|data| RevocationEvent::RoleChanged {
                    user: data.user_id,
                    role_version: data.role_version,
                    at: event.time,
                }),
            _ => return,
        };
        match read {
            Ok(revocation) => self.view.apply(revocation),
            Err(error) => tracing::error!(%error, seq = event.seq, "a revocation could not be read"),
        }
    }
}

/// Watches the auth group's feed, and says whether the view is fresh.
pub(crate) fn watch(kit: &Kit) {
    let Some(feed) = kit.handles.feed(INFO.name).cloned() else {
        return;
    };
    let view = kit.verifier.revocations().clone();
    let watcher = Arc::new(RevocationWatcher {
        source: kit.handles.revocations.clone(),
        keyring: kit.handles.keyring.clone(),
        keys: kit.token_keys.clone(),
        view: view.clone(),
    });
    let watch = events::watch(&kit.tasks, &kit.sources, &kit.metrics, "platform", feed, watcher);
    let (mut changes, stopping) = (watch.changes(), kit.tasks.token());
    drop(kit.tasks.spawn(async move {
        let follow = async {
            loop {
                view.set_fresh(*changes.borrow_and_update() == WatchState::Fresh);
                if changes.changed().await.is_err() {
                    return;
                }
            }
        };
        stopping.run_until_cancelled(follow).await;
    }));
}
