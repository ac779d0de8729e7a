use super::{models::BudgetRecord, month::Month};
use chrono::{DateTime, NaiveDate, Utc};
use kernel::{AdvisorId, Amount, CalendarDate, ClientId, Currency, Text, UserId};
use serde::{Deserialize, Serialize};
use store::Stored;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// How an income is divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub(crate) enum BudgetMethod {
    /// 50% needs, 30% wants, 20% savings (Warren and Tyagi, "All Your Worth", 2005).
    #[default]
    #[serde(rename = "50/30/20")]
    FiftyThirtyTwenty,
    /// Every unit of the income has a task: what the categories cost on average, and the rest is saved.
    #[serde(rename = "zero_based", alias = "zero-based")]
    ZeroBased,
    /// In the proportions in which money was spent and left over in past months.
    #[serde(rename = "from_history", alias = "history")]
    FromHistory,
}

/// An income to be divided.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct BudgetRecommendRequest {
    /// The income of a month: more than 0. The average of past months when it is left out.
    pub(crate) income: Option<Amount>,
    /// How it is divided; `50/30/20` when it is left out.
    pub(crate) method: Option<BudgetMethod>,
    /// How many months before the current one count as history, 1 to 36; 3 when it is left out.
    #[schema(minimum = 1, maximum = 36)]
    pub(crate) months: Option<u32>,
    /// The currency; the installation's when it is left out.
    pub(crate) currency: Option<Currency>,
    /// Whose history; the caller's own when it is left out.
    pub(crate) user_id: Option<UserId>,
}

/// How an income could be divided.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct BudgetRecommendResponse {
    /// How it was divided.
    pub(crate) method: BudgetMethod,
    /// The currency of every amount.
    pub(crate) currency: Currency,
    /// The income of a month.
    #[schema(value_type = f64)]
    pub(crate) income: Amount,
    /// The parts. Their amounts make the income exactly.
    pub(crate) categories: Vec<RecommendedCategory>,
    /// The sum of the parts: the income.
    #[schema(value_type = f64)]
    pub(crate) total: Amount,
    /// The months of history that were looked at, if any.
    pub(crate) history: Option<HistoryMonths>,
}

/// A part of an income.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct RecommendedCategory {
    /// What it is for.
    pub(crate) category: String,
    /// How much in a month.
    #[schema(value_type = f64)]
    pub(crate) amount: Amount,
    /// What was spent on it in an average month, where that was looked at.
    pub(crate) average: Option<Amount>,
}

/// Which months count as history.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct HistoryMonths {
    /// The first day of the first.
    pub(crate) from: NaiveDate,
    /// The first day of the last.
    pub(crate) to: NaiveDate,
}

/// What may be spent on a category each month.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct BudgetLineRequest {
    /// The category, whatever its case and accents.
    pub(crate) category: Text<1, 64>,
    /// How much: 0 or more.
    pub(crate) amount: Amount,
    /// Whether what is left, or was spent beyond it, is carried into the next month; no when it is left out.
    pub(crate) rollover: Option<bool>,
}

/// A new budget.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct BudgetCreateRequest {
    /// What the owner calls it.
    pub(crate) name: Text<1, 120>,
    /// The currency, for ever; the installation's when it is left out. Accounts in it count.
    pub(crate) currency: Option<Currency>,
    /// A day of its first month; the current month when it is left out.
    pub(crate) starts_on: Option<CalendarDate>,
    /// 1 to 100 categories, each once.
    #[schema(min_items = 1, max_items = 100)]
    pub(crate) categories: Vec<BudgetLineRequest>,
    /// Whose; the caller's own when it is left out.
    pub(crate) user_id: Option<UserId>,
}

/// A budget's new data. It counts for all its months.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct BudgetUpdateRequest {
    /// What the owner calls it.
    pub(crate) name: Text<1, 120>,
    /// 1 to 100 categories, each once.
    #[schema(min_items = 1, max_items = 100)]
    pub(crate) categories: Vec<BudgetLineRequest>,
    /// The version that was read: the change is refused with 409 when it is no longer the newest.
    #[schema(minimum = 1)]
    pub(crate) version: Option<u64>,
}

/// What may be spent on a category each month.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct BudgetLineResponse {
    /// The category in lower case without accents.
    pub(crate) category: String,
    /// How much.
    #[schema(value_type = f64)]
    pub(crate) amount: Amount,
    /// Whether what is left is carried over.
    pub(crate) rollover: bool,
}

/// A budget.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct BudgetResponse {
    /// The id.
    pub(crate) id: Uuid,
    /// Whose.
    pub(crate) user_id: UserId,
    /// Through which advisory relationship the owner is advised, if at all.
    pub(crate) client_id: Option<ClientId>,
    /// In whose book the owner is, if in one.
    pub(crate) advisor_id: Option<AdvisorId>,
    /// What the owner calls it.
    pub(crate) name: String,
    /// The currency of every amount.
    pub(crate) currency: Currency,
    /// The first day of its first month.
    pub(crate) starts_on: NaiveDate,
    /// What may be spent each month.
    pub(crate) categories: Vec<BudgetLineResponse>,
    /// Counts changes from 1; the `ETag`.
    pub(crate) version: u64,
    /// Since when, UTC.
    pub(crate) created_at: DateTime<Utc>,
    /// Last changed, UTC.
    pub(crate) updated_at: DateTime<Utc>,
}

impl From<Stored<BudgetRecord>> for BudgetResponse {
    fn from(stored: Stored<BudgetRecord>) -> Self {
        let lines = stored.data.lines.into_iter();
        Self {
            id: stored.id,
            user_id: stored.data.user_id,
            client_id: stored.data.client_id,
            advisor_id: stored.data.advisor_id,
            name: stored.data.name,
            currency: stored.data.currency,
            starts_on: stored.data.starts_on,
            categories: lines
                .map(|line| BudgetLineResponse {
                    category: line.category,
                    amount: Amount(line.amount),
                    rollover: line.rollover,
                })
                .collect(),
            version: stored.version,
            created_at: stored.created_at,
            updated_at: stored.updated_at,
        }
    }
}

/// Whose budgets.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct BudgetFilter {
    /// Whose; everybody's whom the caller may see when it is left out.
    pub(crate) user_id: Option<UserId>,
}

/// Which month.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ActualFilter {
    /// The month, `YYYY-MM`; the current one in the installation's timezone when it is left out.
    #[param(inline)]
    pub(crate) month: Option<Month>,
}

/// A budget beside what was spent.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct BudgetActualResponse {
    /// The budget.
    pub(crate) budget_id: Uuid,
    /// The first day of the month.
    pub(crate) month: NaiveDate,
    /// The currency of every amount.
    pub(crate) currency: Currency,
    /// Every category of the budget.
    pub(crate) categories: Vec<CategoryActual>,
    /// What was spent on categories that are not in the budget.
    pub(crate) unbudgeted: Vec<UnbudgetedCategory>,
    /// The sum of what was planned.
    #[schema(value_type = f64)]
    pub(crate) planned: Amount,
    /// The sum of what was spent, in the budget and beside it.
    #[schema(value_type = f64)]
    pub(crate) actual: Amount,
    /// The income of the month.
    #[schema(value_type = f64)]
    pub(crate) income: Amount,
}

/// A category of a budget beside what was spent on it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct CategoryActual {
    /// The category.
    pub(crate) category: String,
    /// What was planned for the month.
    #[schema(value_type = f64)]
    pub(crate) planned: Amount,
    /// What earlier months left, below 0 when they took it in advance; 0 without roll-over.
    #[schema(value_type = f64)]
    pub(crate) carried: Amount,
    /// Planned and carried.
    #[schema(value_type = f64)]
    pub(crate) available: Amount,
    /// What was spent.
    #[schema(value_type = f64)]
    pub(crate) actual: Amount,
    /// What is left; below 0 when more was spent.
    #[schema(value_type = f64)]
    pub(crate) remaining: Amount,
    /// Whether more was spent than there was.
    pub(crate) exceeded: bool,
}

/// What was spent on a category without a budget.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct UnbudgetedCategory {
    /// The category.
    pub(crate) category: String,
    /// What was spent.
    #[schema(value_type = f64)]
    pub(crate) actual: Amount,
}
