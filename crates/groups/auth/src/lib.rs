//! The auth group: who users are, what proves them, and what they may do.
//!
//! - [`Accounts`] makes users: by registration, by an operator, by another group's invitation.
//! - Sessions: a log-in answers a short access token and a refresh token that is good once; a session that ends is
//!   refused at once here, and in every other process as soon as it reads the feed of this group.
//! - Roles: one table says what each allows.
//! - The audit log: what every group records, in one chain per firm.

mod audit;
mod error;
mod openapi;
mod passwords;
mod policy;
mod roles;
mod secret_text;
mod sessions;
mod users;

pub use audit::{AuditLog, AuditVerdict, BrokenRow};
pub use error::AuthFailure;
pub use passwords::PasswordCost;
pub use policy::AuthPolicy;
pub use secret_text::SecretText;
pub use users::{Accounts, NewPassword, NewUser, PersonName};

use actix_web::web::{Data, ServiceConfig, scope};
use audit::{AuditHead, AuditProjection, AuditRow};
use auth_contract::{INFO, Revocations, Users};
use events::Projection;
use kernel::Sources;
use passwords::Passwords;
use roles::Roles;
use sessions::{RefreshToken, RevocationLog, Session, Sessions};
use std::sync::Arc;
use store::{Collection, Document, Store};
use trust::TokenIssuer;
use users::{Credential, User};

/// What this group stores.
pub fn collections() -> Vec<&'static Collection> {
    vec![
        User::collection(),
        Credential::collection(),
        Session::collection(),
        RefreshToken::collection(),
        AuditRow::collection(),
        AuditHead::collection(),
    ]
}

/// What this group needs.
pub struct AuthNeeds {
    /// Its own documents.
    pub store: Store,
    /// Time, ids and randomness.
    pub sources: Sources,
    /// Mints access tokens.
    pub issuer: TokenIssuer,
    /// This process's view of what was taken back: what happens here is told to it at once.
    pub revocations: Arc<trust::Revocations>,
    /// What the installation allows.
    pub policy: AuthPolicy,
}

/// What this group gives.
pub struct Auth {
    /// Its routes.
    pub mount: web::Mount,
    /// Who users are, for other groups.
    pub users: Arc<dyn Users>,
    /// What was taken back, for every process that checks tokens.
    pub revocations: Arc<dyn Revocations>,
    /// Makes users, for the command line and the demo data.
    pub accounts: Accounts,
    /// The audit log, for the operator.
    pub audit_log: AuditLog,
    /// Appends to the audit log; hears every group.
    pub audit_projection: Arc<dyn Projection>,
}

/// Builds the group. Refuses a password cost that Argon2 does not know.
pub fn build(needs: AuthNeeds) -> Result<Auth, AuthFailure> {
    let AuthNeeds {
        store,
        sources,
        issuer,
        revocations,
        policy,
    } = needs;
    let passwords = Passwords::new(policy.password_cost, sources)?;
    let policy = Arc::new(policy);
    let accounts = Accounts::new(store.clone(), passwords.clone(), policy.clone());
    let roles = Roles::new(store.clone(), revocations.clone());
    let log = RevocationLog::new(store.clone());
    let audit_log = AuditLog::new(store.clone());
    let audit_projection = Arc::new(AuditProjection::new(store.clone()));
    let sessions = Sessions::new(store, passwords, policy, issuer, revocations);
    let data = (
        Data::new(accounts.clone()),
        Data::new(sessions),
        Data::new(roles),
        Data::new(audit_log.clone()),
    );
    let mount = web::Mount::new(&INFO, openapi::description(), move |config| {
        let (accounts, sessions, roles, audit_log) = data.clone();
        config.app_data(accounts).app_data(sessions).app_data(roles);
        config.app_data(audit_log);
        configure(config);
    });
    Ok(Auth {
        mount,
        users: Arc::new(accounts.clone()),
        revocations: Arc::new(log),
        accounts,
        audit_log,
        audit_projection,
    })
}

fn configure(config: &mut ServiceConfig) {
    for prefix in [openapi::AUTH, openapi::AUTH_V1] {
        let routes = scope(prefix)
            .configure(users::routes::configure_auth)
            .configure(sessions::routes::configure)
            .configure(roles::routes::configure);
        config.service(routes);
    }
    config
        .service(scope(openapi::USERS).configure(users::routes::configure_users))
        .service(scope(openapi::ADMIN).configure(audit::routes::configure));
}
