use crate::setting::{Setting, id, place};
use serde_json::json;
use testkit::Harness;

/// Deleting and posting at the same moment: whatever the order, no money lies on an account that is gone.
pub(crate) async fn posting_and_deleting_at_once_never_loses_the_account(harness: Harness) {
    let setting = Setting::on(harness).await;
    for round in 0..12 {
        let account = setting.account(&setting.user, "INR").await;
        let (token, at) = (setting.user.token.as_str(), place(&account));
        let body = json!({ "type": "income", "amount": 5, "account_id": id(&account) });
        let (posted, deleted) = tokio::join!(
            setting.server.post("/api/v1/transactions", token, &body),
            setting.server.delete(&at, token),
        );
        let read = setting.server.get(&at, token).await;
        if posted.status == 200 {
            let balance = read["balance"].to_string();
            assert_eq!(balance, "5.00", "round {round}: {} {}", deleted.text, read.text);
        } else {
            assert_eq!((posted.status, deleted.status, read.status), (404, 204, 404));
        }
    }
}

/// Enough postings for several folds, from several writers at once: each round reads what it wrote, to the cent.
pub(crate) async fn every_write_is_read_exactly_while_changes_are_folded(harness: Harness) {
    let setting = Setting::on(harness).await;
    let account = setting.account(&setting.user, "INR").await;
    let post = async |amount: &str, kind: &str| {
        let body = json!({ "type": kind, "amount": amount, "account_id": id(&account) });
        setting.post(&setting.user, &body).await;
    };
    for round in 1..=50 {
        tokio::join!(
            post("0.10", "income"),
            post("0.20", "income"),
            post("0.03", "expense"),
            post("1000000000.01", "income"),
        );
        let cents = 100_000_000_028_u64 * round;
        let expected = format!("{}.{:02}", cents / 100, cents % 100);
        assert_eq!(setting.balance(&setting.user, &account).await, expected);
    }
}
