use super::{Accounts, AuditLog, SigningKeys, Wired};
use crate::{
    FirstAdmin, PlatformError,
    assembly::{EnsuredUser, TokenKeyState, VerifiedChain},
    kit::Kit,
};
use auth_contract::INFO;
use chrono::TimeDelta;
use kernel::{CallContext, Email, Role, Sources, TenantId};
use runtime::settings::Unverified;
use std::{path::Path, sync::Arc};

pub(super) async fn wire(kit: &Kit) -> Result<Wired, PlatformError> {
    let store = kit.open_store(&INFO, ::auth::collections()).await?;
    let auth = &kit.settings.auth;
    let policy = ::auth::AuthPolicy {
        open_registration: kit.settings.open_registration(),
        access_token_life: TimeDelta::minutes(i64::from(auth.access_token_minutes)),
        refresh_token_life: TimeDelta::days(i64::from(auth.refresh_token_days)),
        session_life: TimeDelta::days(i64::from(auth.session_days)),
        password_cost: ::auth::PasswordCost::default(),
        breached_passwords: breached_passwords(auth.breached_passwords_file.as_deref())?,
        link_base: kit.settings.mail.link_base.clone(),
        slow_down_guessing: kit.settings.limits.enabled,
        secure_cookies: kit.settings.is_production(),
        unverified_scopes: kit.settings.limits_unverified().then(scopes_of_unverified),
        unverified_log_in: auth.unverified != Some(Unverified::Refused),
        impersonation_scopes: Some(scopes_of_impersonation()),
        mfa_required: auth.mfa_required.clone(),
    };
    let group = ::auth::build(::auth::AuthNeeds {
        store: store.clone(),
        sources: kit.sources.clone(),
        issuer: kit.issuer.clone(),
        token_keys: kit.token_keys.clone(),
        revocations: kit.verifier.revocations().clone(),
        mailer: kit.mailer.clone(),
        personal: kit
            .handles
            .personal()
            .iter()
            .map(|(_, client)| client.clone())
            .collect(),
        policy,
    })
    .map_err(|error| PlatformError::Command(error.to_string()))?;
    let wrong = |error: ::auth::AuthFailure| PlatformError::Command(error.to_string());
    group.signing_keys.refresh().await.map_err(wrong)?;
    let accounts = LocalAccounts {
        accounts: group.accounts,
        setup: group.setup,
        sources: kit.sources.clone(),
    };
    Ok(Wired {
        accounts: Some(Arc::new(accounts)),
        token_keys: Some(Arc::new(LocalKeys {
            keys: group.signing_keys,
            sources: kit.sources.clone(),
        })),
        audit_log: Some(Arc::new(LocalAuditLog(group.audit_log))),
        ..Wired::new(kit, group.mount, store)
            .answering(&kit.handles.users, group.users)
            .answering(&kit.handles.revocations, group.revocations)
            .answering(&kit.handles.keyring, group.keyring)
            .hearing_all(group.audit_projection)
            .working(group.jobs)
            .every(TimeDelta::hours(1), ::auth::HOUSEKEEPING)
    })
}

/// Reading everywhere, and writing where one's own account is kept.
fn scopes_of_unverified() -> Vec<String> {
    let reading = crate::known_groups()
        .into_iter()
        .map(|info| format!("{}.read", info.name));
    reading.chain([format!("{}.write", INFO.name)]).collect()
}

/// Everything but the account of the user: whoever acts as somebody changes no password, key, second factor or session of
/// theirs.
fn scopes_of_impersonation() -> Vec<String> {
    let of_group = |name: &str| [format!("{name}.read"), format!("{name}.write")];
    let own = format!("{}.write", INFO.name);
    let all = crate::known_groups()
        .into_iter()
        .flat_map(|info| of_group(info.name));
    all.filter(|scope| *scope != own).collect()
}

fn breached_passwords(file: Option<&Path>) -> Result<::auth::BreachedPasswords, PlatformError> {
    let Some(file) = file else {
        return Ok(::auth::BreachedPasswords::default());
    };
    ::auth::BreachedPasswords::read(file).map_err(|error| {
        PlatformError::Command(format!(
            "auth.breached_passwords_file: {} cannot be read ({error}): name a list of passwords, one a line",
            file.display()
        ))
    })
}

struct LocalAccounts {
    accounts: ::auth::Accounts,
    setup: ::auth::Setup,
    sources: Sources,
}

#[rpc::async_trait]
impl Accounts for LocalAccounts {
    async fn ensure(
        &self,
        email: &str,
        password: &str,
        name: &str,
        role: Role,
    ) -> Result<EnsuredUser, PlatformError> {
        let wrong = |field: &str, why: String| PlatformError::Command(format!("{field} {why}"));
        let user = ::auth::NewUser {
            email: Email::parse(email).map_err(|why| wrong("the e-mail", why))?,
            password: ::auth::NewPassword::parse(password).map_err(|why| wrong("the password", why))?,
            name: ::auth::PersonName::parse(name).map_err(|why| wrong("the name", why))?,
            role,
        };
        let cx = CallContext::system("auth", TenantId::DEFAULT, self.sources.ids());
        match self.accounts.create(&cx, user).await {
            Ok(_) => Ok(EnsuredUser::Created),
            Err(::auth::AuthFailure::EmailTaken) => Ok(EnsuredUser::Existed),
            Err(error) => Err(PlatformError::Command(error.to_string())),
        }
    }

    async fn is_admin_needed(&self) -> Result<bool, PlatformError> {
        let needed = self.setup.is_needed().await;
        needed.map_err(|error| PlatformError::Command(error.to_string()))
    }

    async fn setup_link(&self) -> Result<FirstAdmin, PlatformError> {
        let link = self.setup.first_link().await;
        let link = link.map_err(|error| PlatformError::Command(error.to_string()))?;
        Ok(link.map_or(FirstAdmin::NotNeeded, |link| FirstAdmin::Link {
            token: link.token,
            expires_at: link.expires_at,
        }))
    }
}

struct LocalKeys {
    keys: ::auth::SigningKeys,
    sources: Sources,
}

#[rpc::async_trait]
impl SigningKeys for LocalKeys {
    async fn rotate(&self) -> Result<(), PlatformError> {
        let cx = CallContext::system("auth", TenantId::DEFAULT, self.sources.ids());
        let rotated = self.keys.rotate(&cx).await;
        rotated
            .map(drop)
            .map_err(|error| PlatformError::Command(error.to_string()))
    }

    async fn list(&self) -> Result<Vec<TokenKeyState>, PlatformError> {
        let keys = self.keys.list().await;
        let keys = keys.map_err(|error| PlatformError::Command(error.to_string()))?;
        let state = |key: &::auth::KeySummary| match key.state {
            ::auth::KeyState::Next => "next",
            ::auth::KeyState::Signs => "signs",
            ::auth::KeyState::Verifies => "verifies",
            ::auth::KeyState::Over => "over",
        };
        let states = keys.into_iter().map(|key| TokenKeyState {
            state: state(&key).to_owned(),
            kid: key.kid,
            signs_from: key.signs_from,
        });
        Ok(states.collect())
    }

    async fn keep_fresh(&self) {
        self.keys.keep_fresh().await;
    }
}

struct LocalAuditLog(::auth::AuditLog);

#[rpc::async_trait]
impl AuditLog for LocalAuditLog {
    async fn verify(&self) -> Result<Vec<VerifiedChain>, PlatformError> {
        let verdicts = self.0.verify().await;
        let verdicts = verdicts.map_err(|error| PlatformError::Command(error.to_string()))?;
        Ok(verdicts
            .into_iter()
            .map(|verdict| VerifiedChain {
                chain: "audit log",
                firm: verdict.tenant,
                rows: verdict.rows,
                broken_row: verdict.broken.as_ref().map(|row| row.seq),
                broken_id: verdict.broken.as_ref().and_then(|row| row.id),
                reason: verdict.broken.map(|row| row.reason),
            })
            .collect())
    }
}
