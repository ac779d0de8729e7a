//! The auth group: who users are, what proves them, and what they may do.
//!
//! - [`Accounts`] makes users: by registration, by an operator, by another group's invitation. Mailed codes confirm
//!   addresses, set forgotten passwords, accept invitations, and take a deletion back.
//! - Sessions: a log-in answers a short access token and a refresh token that is good once; a session that ends is
//!   refused at once here, and in every other process as soon as it reads the feed of this group.
//! - A second factor: codes of an authenticator app, asked for at log-in and for sensitive acts.
//! - Roles: one table says what each allows.
//! - The audit log: what every group records, in one chain per firm.

mod admin;
mod anew;
mod api_keys;
mod argon;
mod audit;
mod background;
mod breached;
mod credentials;
mod emails;
mod error;
mod firms;
mod housekeeping;
mod invitations;
mod keys;
mod legal;
mod lifecycle;
mod mail;
mod mfa;
mod one_time;
mod opaque_token;
mod openapi;
mod passwords;
mod patience;
mod personal;
mod policy;
mod roles;
mod secret_text;
mod sessions;
mod setup;
mod step_up;
mod users;

pub use audit::{AuditLog, AuditVerdict, BrokenRow};
pub use breached::BreachedPasswords;
pub use error::AuthFailure;
pub use keys::{KeyState, KeySummary, SigningKeys};
pub use passwords::PasswordCost;
pub use policy::AuthPolicy;
pub use secret_text::SecretText;
pub use setup::{Setup, SetupLink};
pub use users::{Accounts, NewPassword, NewUser, PersonName};

use actix_web::web::{Data, ServiceConfig, scope};
use admin::{Administration, Impersonation};
use api_keys::{ApiKey, ApiKeys};
use audit::{AuditHead, AuditProjection, AuditRow};
use auth_contract::{INFO, Revocations, TokenKeyring, Users};
use credentials::Credentials;
use emails::Emails;
use events::{PersonalDataClient, Projection, jobs::JobHandler};
use firms::{Firm, Firms};
use housekeeping::Housekeeping;
use invitations::Invitations;
use kernel::Sources;
use keys::SigningKey;
use legal::{Legal, LegalAcceptance, LegalDocument};
use lifecycle::Lifecycle;
use mail::{LetterJob, MailAllowance};
use mfa::{Factors, Mfa, MfaFactor};
use one_time::OneTimeToken;
use passwords::Passwords;
use patience::LoginAttempts;
use personal::{Erasure, ErasureJob, Erasures, PersonalRecords};
use roles::Roles;
use runtime::mail::Mailer;
use sessions::{RefreshToken, RevocationLog, Session, Sessions};
use setup::SetupToken;
use std::sync::Arc;
use step_up::StepUp;
use store::{Collection, Document, Store};
use trust::{TokenIssuer, TokenKeys};
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
        OneTimeToken::collection(),
        MailAllowance::collection(),
        MfaFactor::collection(),
        Impersonation::collection(),
        ApiKey::collection(),
        SetupToken::collection(),
        Firm::collection(),
        LoginAttempts::collection(),
        LegalDocument::collection(),
        LegalAcceptance::collection(),
        SigningKey::collection(),
        Erasure::collection(),
    ]
}

/// The kind of the job that removes what has served its time: to be asked for every hour.
pub const HOUSEKEEPING: &str = Housekeeping::KIND;

/// What this group needs.
pub struct AuthNeeds {
    /// Its own documents.
    pub store: Store,
    /// Time, ids and randomness.
    pub sources: Sources,
    /// Mints access tokens.
    pub issuer: TokenIssuer,
    /// What it mints them with: pairs of keys are kept by this group.
    pub token_keys: Arc<TokenKeys>,
    /// This process's view of what was taken back: what happens here is told to it at once.
    pub revocations: Arc<trust::Revocations>,
    /// Sends this group's mail.
    pub mailer: Mailer,
    /// What every group knows about users.
    pub personal: Vec<PersonalDataClient>,
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
    /// Makes the first administrator of a firm.
    pub setup: Setup,
    /// The audit log, for the operator.
    pub audit_log: AuditLog,
    /// Appends to the audit log; hears every group.
    pub audit_projection: Arc<dyn Projection>,
    /// The keys of access tokens, for the operator and to be kept fresh.
    pub signing_keys: SigningKeys,
    /// The same, for every process that checks tokens.
    pub keyring: Arc<dyn TokenKeyring>,
    /// What does this group's jobs: sends its mail, and removes what has served its time.
    pub jobs: Vec<Arc<dyn JobHandler>>,
}

/// Builds the group. Refuses a password cost that Argon2 does not know.
pub fn build(needs: AuthNeeds) -> Result<Auth, AuthFailure> {
    let AuthNeeds {
        store,
        sources,
        issuer,
        token_keys,
        revocations,
        mailer,
        personal,
        policy,
    } = needs;
    let passwords = Passwords::new(policy.password_cost, policy.breached_passwords.clone(), sources)?;
    let policy = Arc::new(policy);
    let factors = Factors::new(store.clone());
    let step_up = StepUp::new(store.clone(), passwords.clone(), factors.clone());
    let accounts = Accounts::new(store.clone(), passwords.clone(), policy.clone());
    let roles = Roles::new(store.clone(), revocations.clone());
    let signing_keys = SigningKeys::new(store.clone(), token_keys);
    let log = RevocationLog::new(store.clone());
    let audit_log = AuditLog::new(store.clone());
    let audit_projection = Arc::new(AuditProjection::new(store.clone()));
    let sessions = Sessions::new(
        store.clone(),
        passwords.clone(),
        factors.clone(),
        policy.clone(),
        issuer.clone(),
        revocations.clone(),
    );
    let setup = Setup::new(store.clone(), accounts.clone());
    let administration = Administration::new(
        store.clone(),
        sessions.clone(),
        factors.clone(),
        step_up.clone(),
        issuer.clone(),
        policy.clone(),
        revocations.clone(),
    );
    let api_keys = ApiKeys::new(
        store.clone(),
        factors.clone(),
        issuer,
        policy.clone(),
        revocations,
    );
    let credentials = Credentials::new(
        store.clone(),
        passwords.clone(),
        step_up.clone(),
        sessions.clone(),
    );
    let personal = PersonalRecords::new(store.clone(), administration.clone(), personal);
    let erasures = ErasureJob::new(Erasures::new(store.clone()), personal.clone());
    let data = Services {
        emails: Data::new(Emails::new(store.clone(), step_up.clone())),
        credentials: Data::new(credentials),
        lifecycle: Data::new(Lifecycle::new(store.clone(), step_up.clone(), sessions.clone())),
        invitations: Data::new(Invitations::new(store.clone(), passwords, accounts.clone())),
        mfa: Data::new(Mfa::new(
            store.clone(),
            factors.clone(),
            step_up.clone(),
            policy.clone(),
        )),
        accounts: Data::new(accounts.clone()),
        sessions: Data::new(sessions),
        roles: Data::new(roles),
        firms: Data::new(Firms::new(store.clone(), setup.clone())),
        legal: Data::new(Legal::new(store.clone())),
        personal: Data::new(personal),
        administration: Data::new(administration),
        api_keys: Data::new(api_keys),
        audit_log: Data::new(audit_log.clone()),
        setup: Data::new(setup.clone()),
        signing_keys: Data::new(signing_keys.clone()),
    };
    let mount = web::Mount::new(&INFO, openapi::description, move |config| data.configure(config));
    let housekeeping = Housekeeping::new(store.clone(), signing_keys.clone());
    let letters = LetterJob::new(store, mailer, policy.link_base.clone());
    Ok(Auth {
        mount,
        users: Arc::new(accounts.clone()),
        revocations: Arc::new(log),
        accounts,
        setup,
        audit_log,
        audit_projection,
        keyring: Arc::new(signing_keys.clone()),
        signing_keys,
        jobs: vec![Arc::new(letters), Arc::new(housekeeping), Arc::new(erasures)],
    })
}

/// What the routes call.
#[derive(Clone)]
struct Services {
    accounts: Data<Accounts>,
    sessions: Data<Sessions>,
    roles: Data<Roles>,
    emails: Data<Emails>,
    credentials: Data<Credentials>,
    lifecycle: Data<Lifecycle>,
    invitations: Data<Invitations>,
    mfa: Data<Mfa>,
    firms: Data<Firms>,
    legal: Data<Legal>,
    personal: Data<PersonalRecords>,
    administration: Data<Administration>,
    api_keys: Data<ApiKeys>,
    audit_log: Data<AuditLog>,
    setup: Data<Setup>,
    signing_keys: Data<SigningKeys>,
}

impl Services {
    fn configure(&self, config: &mut ServiceConfig) {
        config
            .app_data(self.accounts.clone())
            .app_data(self.sessions.clone())
            .app_data(self.roles.clone())
            .app_data(self.emails.clone())
            .app_data(self.credentials.clone())
            .app_data(self.lifecycle.clone())
            .app_data(self.invitations.clone())
            .app_data(self.mfa.clone())
            .app_data(self.firms.clone())
            .app_data(self.legal.clone())
            .app_data(self.personal.clone())
            .app_data(self.administration.clone())
            .app_data(self.api_keys.clone())
            .app_data(self.audit_log.clone())
            .app_data(self.setup.clone())
            .app_data(self.signing_keys.clone());
        configure(config);
    }
}

fn configure(config: &mut ServiceConfig) {
    for prefix in [openapi::AUTH, openapi::AUTH_V1] {
        let routes = scope(prefix)
            .configure(users::routes::configure_auth)
            .configure(sessions::routes::configure)
            .configure(emails::routes::configure)
            .configure(credentials::routes::configure)
            .configure(lifecycle::routes::configure)
            .configure(invitations::routes::configure)
            .configure(mfa::routes::configure)
            .configure(keys::routes::configure)
            .configure(roles::routes::configure)
            .configure(setup::routes::configure)
            .configure(api_keys::routes::configure)
            .configure(personal::routes::configure);
        config.service(routes);
    }
    config
        .service(scope(openapi::LEGAL).configure(legal::routes::configure))
        .service(scope(openapi::USERS).configure(users::routes::configure_users))
        .service(
            scope(openapi::ADMIN)
                .configure(audit::routes::configure)
                .configure(admin::routes::configure)
                .configure(api_keys::routes::configure_admin)
                .configure(firms::routes::configure)
                .configure(personal::routes::configure_admin),
        );
}
