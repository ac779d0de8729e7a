use finance_contract::{BALANCE_CHANGED, BalanceChanged};
use kernel::{CallContext, Money, NewEvent, UserId};
use store::Batch;
use uuid::Uuid;

/// Adds that an account's balance moved to the commit that moves it.
pub(crate) fn announce_balance(
    cx: &CallContext,
    batch: &mut Batch,
    account_id: Uuid,
    user_id: UserId,
    change: Money,
) {
    let facts = BalanceChanged {
        account_id,
        user_id,
        change,
    };
    let data = serde_json::to_value(facts).unwrap_or_default();
    let subject = format!("account/{account_id}");
    batch.event(NewEvent::new(cx, BALANCE_CHANGED, subject, data));
}
