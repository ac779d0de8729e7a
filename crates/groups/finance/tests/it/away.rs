use crate::setting::Setting;
use serde_json::json;
use std::sync::atomic::Ordering;

#[tokio::test]
async fn without_advisory_people_still_post_their_own_and_nobody_guesses_whose_client_somebody_is() {
    let setting = Setting::new().await;
    let heard = setting.account(&setting.client, "INR").await;
    setting.advisory_away.store(true, Ordering::SeqCst);
    let body = json!({ "type": "income", "amount": 1 });
    setting.post(&setting.user, &body).await;
    setting.post(&setting.admin, &body).await;
    // What is stamped already is decided without asking.
    assert_eq!(setting.balance(&setting.advisor, &heard).await, "0.00");
    let stranger = json!({ "name": "x", "kind": "cash", "user_id": setting.user.user() });
    for login in [&setting.advisor, &setting.other_advisor] {
        let refused = setting
            .server
            .post("/api/v1/accounts", &login.token, &stranger)
            .await;
        refused.assert_error(503, "dependency_unavailable");
    }
}
