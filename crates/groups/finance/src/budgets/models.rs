use crate::access::Owner;
use chrono::NaiveDate;
use kernel::{AdvisorId, ClientId, Currency, UserId};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A budget as it is stored: the same plan for every month from its first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct BudgetRecord {
    pub(crate) user_id: UserId,
    pub(crate) client_id: Option<ClientId>,
    pub(crate) advisor_id: Option<AdvisorId>,
    pub(crate) name: String,
    pub(crate) currency: Currency,
    /// The first day of its first month.
    pub(crate) starts_on: NaiveDate,
    pub(crate) lines: Vec<BudgetLine>,
}

/// What may be spent on a category in a month.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct BudgetLine {
    /// In folded form.
    pub(crate) category: String,
    /// With the decimals of the currency.
    pub(crate) amount: Decimal,
    pub(crate) rollover: bool,
}

impl BudgetRecord {
    pub(crate) fn owner(&self) -> Owner {
        Owner {
            user_id: self.user_id,
            client_id: self.client_id,
            advisor_id: self.advisor_id,
        }
    }
}

/// That it was said that a line of a budget was exceeded in a month. Its id is made of the three, so it is said once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct BudgetAlert {
    pub(crate) budget_id: Uuid,
    pub(crate) category: String,
    pub(crate) month: NaiveDate,
}

impl BudgetAlert {
    pub(crate) fn id(&self) -> Uuid {
        let name = format!(
            "budget-alert\u{0}{}\u{0}{}\u{0}{}",
            self.budget_id, self.category, self.month
        );
        Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes())
    }
}
