//! Demo data: a small firm that a newcomer can look at. It goes in through the same HTTP routes that everybody uses,
//! with fixed idempotency keys, so that putting it in again changes nothing.

mod api;
mod people;

pub use people::DemoLogin;

use crate::{PlatformError, RunningPlatform};
use api::DemoApi;
use people::{ADMIN, ADVISOR, CLIENTS, LOGINS};
use serde_json::json;

/// Puts the demo data in and answers its log-ins.
pub async fn seed(running: &RunningPlatform) -> Result<Vec<DemoLogin>, PlatformError> {
    for login in LOGINS {
        running
            .platform()
            .ensure_user(login.email, login.password, login.name, login.role)
            .await?;
    }
    let api = DemoApi::new(running.address())?;
    let admin = api.log_in(&ADMIN).await?;
    let advisor = api.log_in(&ADVISOR).await?;
    for client in CLIENTS {
        let user = api.log_in(&client.login).await?;
        let known = api
            .list(&admin, &format!("/api/v1/clients?email={}", client.login.email))
            .await?;
        if known.is_empty() {
            let body = json!({
                "client_name": client.login.name,
                "email": client.login.email,
                "phone": client.phone,
                "risk_profile": client.risk_profile,
                "kyc_expiry_date": client.kyc_expiry_date,
                "total_assets": client.total_assets,
                "advisor_id": advisor.user_id,
                "user_id": user.user_id,
            });
            api.post(
                &admin,
                "/api/v1/clients",
                &format!("demo-client-{}", client.key),
                &body,
            )
            .await?;
        }
        for account in client.accounts {
            let key = format!("demo-account-{}-{}", client.key, account.key);
            let body = json!({ "name": account.name, "kind": account.kind, "currency": "INR" });
            let made = api.post(&user, "/api/v1/accounts", &key, &body).await?;
            let id = made.get("id").and_then(|id| id.as_str()).unwrap_or_default();
            api.import(&user, id, account.statement).await?;
        }
    }
    Ok(LOGINS.to_vec())
}
