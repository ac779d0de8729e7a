use crate::house::{House, text};
use auth_contract::{AuthError, NewInvitedUser, UserStatus};
use kernel::{
    CallContext, CallError, IdempotencyKey, Principal, Role, SessionId, TenantId, UserId, UserPrincipal,
};
use serde_json::json;

fn key(text: &str) -> IdempotencyKey {
    IdempotencyKey::parse(text).unwrap()
}

fn invited(role: Role) -> NewInvitedUser {
    NewInvitedUser {
        name: "Priya Sharma".to_owned(),
        role,
    }
}

fn as_role(house: &House, role: Role, tenant: TenantId) -> CallContext {
    let user = UserPrincipal {
        user: house.sources.ids().next(),
        role,
        tenant,
        session: house.sources.ids().next(),
        role_version: 1,
        impersonator: None,
        scopes: None,
    };
    CallContext::at_edge(Principal::User(user), house.sources.ids().next(), None)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_happens_once_for_its_key() {
    let house = House::open().await;
    let cx = as_role(&house, Role::Advisor, TenantId::DEFAULT);
    let first = house
        .users
        .invite(&cx, key("k"), invited(Role::Client))
        .await
        .unwrap();
    let seq = house.store.last_seq().await.unwrap();
    let again = house
        .users
        .invite(&cx, key("k"), invited(Role::Client))
        .await
        .unwrap();
    assert_eq!(first, again);
    assert_eq!(house.store.last_seq().await.unwrap(), seq);
    assert_eq!((first.status, first.email.as_ref()), (UserStatus::Invited, None));
    let mut other = invited(Role::Client);
    other.name = "Somebody else".to_owned();
    let reused = house.users.invite(&cx, key("k"), other).await;
    assert!(matches!(
        reused,
        Err(AuthError::Call {
            call: CallError::KeyReused
        })
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn many_may_be_invited_without_an_email() {
    let house = House::open().await;
    for name in ["a", "b", "c"] {
        house
            .users
            .invite(&house.system(), key(name), invited(Role::Client))
            .await
            .unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_give_roles_invites_clients_only_and_clients_nobody() {
    let house = House::open().await;
    let ask = async |role: Role, wanted: Role| {
        let cx = as_role(&house, role, TenantId::DEFAULT);
        house
            .users
            .invite(&cx, IdempotencyKey::fresh(house.sources.ids()), invited(wanted))
            .await
    };
    assert!(ask(Role::Advisor, Role::Client).await.is_ok());
    assert!(ask(Role::Admin, Role::Advisor).await.is_ok());
    for (role, wanted) in [
        (Role::Advisor, Role::Admin),
        (Role::Client, Role::Client),
        (Role::Compliance, Role::Client),
    ] {
        let refused = ask(role, wanted).await;
        assert!(
            matches!(
                refused,
                Err(AuthError::Call {
                    call: CallError::Forbidden { .. }
                })
            ),
            "{role:?}"
        );
    }
    let mut nameless = invited(Role::Client);
    nameless.name = "  ".to_owned();
    let refused = house.users.invite(&house.system(), key("n"), nameless).await;
    assert!(matches!(
        refused,
        Err(AuthError::Call {
            call: CallError::Invalid { .. }
        })
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_is_known_in_their_own_firm_only() {
    let house = House::open().await;
    let made = house.make(Role::Client, "priya@example.com").await;
    let here = as_role(&house, Role::Advisor, TenantId::DEFAULT);
    assert_eq!(house.users.user(&here, made.id).await.unwrap(), made);
    let elsewhere = as_role(&house, Role::Admin, TenantId(house.sources.ids().next()));
    assert!(matches!(
        house.users.user(&elsewhere, made.id).await,
        Err(AuthError::UserNotFound)
    ));
    let unknown: UserId = house.sources.ids().next();
    assert!(matches!(
        house.users.user(&here, unknown).await,
        Err(AuthError::UserNotFound)
    ));
    let nobody = CallContext::at_edge(Principal::Anonymous, house.sources.ids().next(), None);
    let refused = house.users.user(&nobody, made.id).await;
    assert!(matches!(
        refused,
        Err(AuthError::Call {
            call: CallError::Unauthenticated
        })
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_snapshot_holds_what_was_taken_back_within_the_life_of_a_token() {
    let house = House::open().await;
    let admin = house.user_in(Role::Admin, "admin@example.com").await;
    let old = house.user_in(Role::Client, "old@example.com").await;
    house
        .delete(text(&old["access_token"]), "/api/auth/sessions")
        .await;
    house.advance(400);
    let admin = house.refresh(&admin["refresh_token"]).await.body;
    let priya = house.user_in(Role::Client, "priya@example.com").await;
    let sessions = house
        .get(text(&priya["access_token"]), "/api/auth/sessions")
        .await
        .body;
    let session: SessionId = text(&sessions[0]["id"]).parse().unwrap();
    house
        .delete(text(&priya["access_token"]), "/api/auth/sessions")
        .await;
    let path = format!("/api/auth/rbac/assignments/{}", text(&priya["user"]["id"]));
    house
        .put(text(&admin["access_token"]), &path, &json!({"role": "advisor"}))
        .await;
    let snapshot = house.revocations.snapshot(&house.system()).await.unwrap();
    assert_eq!(snapshot.seq, house.store.last_seq().await.unwrap());
    let ended: Vec<_> = snapshot.sessions.iter().map(|one| one.session_id).collect();
    assert_eq!(ended, [session], "what is older than any token is left out");
    assert_eq!(snapshot.roles.len(), 1);
    assert_eq!(snapshot.roles[0].user_id.to_string(), text(&priya["user"]["id"]));
    assert_eq!(snapshot.roles[0].role_version, 2);
    let refused = house
        .revocations
        .snapshot(&as_role(&house, Role::Admin, TenantId::DEFAULT))
        .await;
    assert!(matches!(
        refused,
        Err(AuthError::Call {
            call: CallError::Forbidden { .. }
        })
    ));
}
