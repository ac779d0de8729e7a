use super::{
    models::{
        AccountOutcome, ActionKind, ActionState, Choice, CorporateAction, Election, Participation,
        ParticipationState,
    },
    ratio::Ratio,
};
use crate::{jurisdiction::Jurisdiction, symbol::Symbol};
use chrono::{DateTime, NaiveDate, Utc};
use kernel::{AdvisorId, Amount, CalendarDate, ClientId, Currency, UserId};
use serde::{Deserialize, Serialize};
use store::Stored;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// A corporate action. `kind` says which of the fields belong to it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct CorporateActionRequest {
    /// What the company does.
    pub(crate) kind: ActionKind,
    /// Of which instrument.
    pub(crate) symbol: Symbol,
    /// Who held it at the end of the day before is entitled.
    pub(crate) ex_date: CalendarDate,
    /// When the company looks into its register, for information.
    pub(crate) record_date: Option<CalendarDate>,
    /// When a dividend is paid, or rights are paid for; the ex-date when it is left out.
    pub(crate) pay_date: Option<CalendarDate>,
    /// The last day on which owners may choose; until it is applied when it is left out.
    pub(crate) election_by: Option<CalendarDate>,
    /// So many new for so many old, as in `2:1`. Splits: in their place. Dividends in shares, bonus, spin-offs: beside them.
    /// Rights: how many are given. Mergers: in their place.
    pub(crate) ratio: Option<Ratio>,
    /// The cash for each share, of dividends and mergers: more than 0.
    pub(crate) amount: Option<Amount>,
    /// The currency of all amounts; the instrument's when it is left out. Another one is converted by the rate of the day.
    pub(crate) currency: Option<Currency>,
    /// The instrument that comes: of spin-offs, mergers and changes of symbol.
    pub(crate) new_symbol: Option<Symbol>,
    /// The part of the cost that a spin-off takes along, 0 to 1.
    pub(crate) cost_share: Option<Amount>,
    /// What is paid for one in the place of fractions; fractions are kept when it is left out.
    pub(crate) cash_in_lieu_price: Option<Amount>,
    /// What a right buys a share for.
    pub(crate) subscription_price: Option<Amount>,
    /// What a right can be sold for.
    pub(crate) rights_price: Option<Amount>,
    /// What a share is worth without the right: with `fair_value_right` the rights take a part of the shares' cost.
    pub(crate) fair_value_share: Option<Amount>,
    /// What a right is worth.
    pub(crate) fair_value_right: Option<Amount>,
    /// What a share of `new_symbol` is worth, of mergers that give shares and cash: the cost is divided by it.
    pub(crate) fair_value_new: Option<Amount>,
    /// By whose law bonus shares and dividends in shares cost something; that of the instrument's currency when it is left out:
    /// USD the USA, else India.
    pub(crate) jurisdiction: Option<Jurisdiction>,
}

/// A corporate action as it is recorded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct CorporateActionResponse {
    /// The id.
    pub(crate) id: Uuid,
    /// What the company does.
    pub(crate) kind: ActionKind,
    /// Of which instrument.
    pub(crate) symbol: String,
    /// Who held it at the end of the day before is entitled.
    pub(crate) ex_date: NaiveDate,
    /// When the company looks into its register.
    pub(crate) record_date: Option<NaiveDate>,
    /// When it is paid.
    pub(crate) pay_date: Option<NaiveDate>,
    /// The last day on which owners may choose.
    pub(crate) election_by: Option<NaiveDate>,
    /// On which day it enters portfolios.
    pub(crate) effective_date: NaiveDate,
    /// So many new for so many old.
    pub(crate) ratio: Option<Ratio>,
    /// The cash for each share.
    pub(crate) amount: Option<Amount>,
    /// The currency of all amounts.
    pub(crate) currency: Currency,
    /// The instrument that comes.
    pub(crate) new_symbol: Option<String>,
    /// The part of the cost that a spin-off takes along.
    pub(crate) cost_share: Option<Amount>,
    /// What is paid for one in the place of fractions.
    pub(crate) cash_in_lieu_price: Option<Amount>,
    /// What a right buys a share for.
    pub(crate) subscription_price: Option<Amount>,
    /// What a right can be sold for.
    pub(crate) rights_price: Option<Amount>,
    /// What a share is worth without the right.
    pub(crate) fair_value_share: Option<Amount>,
    /// What a right is worth.
    pub(crate) fair_value_right: Option<Amount>,
    /// What a share of `new_symbol` is worth.
    pub(crate) fair_value_new: Option<Amount>,
    /// By whose law shares that are given cost something.
    pub(crate) jurisdiction: Jurisdiction,
    /// Where it stands.
    pub(crate) state: ActionState,
    /// Counts changes from 1; the `ETag`.
    pub(crate) version: u64,
    /// Recorded when, UTC.
    pub(crate) created_at: DateTime<Utc>,
}

impl From<Stored<CorporateAction>> for CorporateActionResponse {
    fn from(stored: Stored<CorporateAction>) -> Self {
        let (id, version, created_at) = (stored.id, stored.version, stored.created_at);
        let effective_date = stored.effective();
        let action = stored.data;
        Self {
            id,
            kind: action.kind,
            symbol: action.symbol,
            ex_date: action.ex_date,
            record_date: action.record_date,
            pay_date: action.pay_date,
            election_by: action.election_by,
            effective_date,
            ratio: action.ratio,
            amount: action.amount.map(Amount),
            currency: action.currency,
            new_symbol: action.new_symbol,
            cost_share: action.cost_share.map(Amount),
            cash_in_lieu_price: action.cash_in_lieu_price.map(Amount),
            subscription_price: action.subscription_price.map(Amount),
            rights_price: action.rights_price.map(Amount),
            fair_value_share: action.fair_value_share.map(Amount),
            fair_value_right: action.fair_value_right.map(Amount),
            fair_value_new: action.fair_value_new.map(Amount),
            jurisdiction: action.jurisdiction,
            state: action.state,
            version,
            created_at,
        }
    }
}

/// Which actions, by their ex-dates, the earliest first.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ActionFilter {
    /// Only of this instrument.
    pub(crate) symbol: Option<Symbol>,
    /// Only of this kind.
    #[param(inline)]
    pub(crate) kind: Option<ActionKind>,
    /// Only in this state.
    #[param(inline)]
    pub(crate) state: Option<ActionState>,
    /// Not before this ex-date.
    pub(crate) from: Option<CalendarDate>,
    /// Not after this ex-date.
    pub(crate) to: Option<CalendarDate>,
    /// Only of what this portfolio holds: all of them, as one page.
    pub(crate) portfolio_id: Option<Uuid>,
    /// Only of what this user's portfolios hold: all of them, as one page.
    pub(crate) user_id: Option<UserId>,
}

/// What an owner chooses.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct ElectionRequest {
    /// For which portfolio.
    pub(crate) portfolio_id: Uuid,
    /// Dividends: `cash` or `stock`; rights: `subscribe`, `sell` or `lapse`.
    pub(crate) choice: Choice,
    /// For how many rights; for all when it is left out. The others lapse.
    pub(crate) quantity: Option<Amount>,
}

/// How a portfolio takes part in an action.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct ParticipationResponse {
    /// In which action.
    pub(crate) action_id: Uuid,
    /// Which portfolio.
    pub(crate) portfolio_id: Uuid,
    /// Whose.
    pub(crate) user_id: UserId,
    /// Through which advisory relationship, if one.
    pub(crate) client_id: Option<ClientId>,
    /// In whose book, if in one.
    pub(crate) advisor_id: Option<AdvisorId>,
    /// How it stands to it.
    pub(crate) state: ParticipationState,
    /// What its owner chose.
    pub(crate) choice: Option<Choice>,
    /// For how many rights.
    pub(crate) quantity: Option<Amount>,
    /// What was done, or would be, by account: lots before and after.
    pub(crate) accounts: Vec<AccountOutcome>,
    /// Why nothing was done, or would be.
    pub(crate) reason: Option<String>,
}

impl ParticipationResponse {
    pub(super) fn new(data: Participation) -> Self {
        let election = data.election;
        Self {
            action_id: data.action_id,
            portfolio_id: data.portfolio_id,
            user_id: data.user_id,
            client_id: data.client_id,
            advisor_id: data.advisor_id,
            state: data.state,
            choice: election.as_ref().map(|one| one.choice),
            quantity: election.and_then(|one: Election| one.quantity).map(Amount),
            accounts: data.accounts,
            reason: data.reason,
        }
    }
}

/// What an action would do to a portfolio.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct PreviewResponse {
    /// To which portfolio.
    pub(crate) portfolio_id: Uuid,
    /// Whose.
    pub(crate) user_id: UserId,
    /// What its owner chose so far.
    pub(crate) choice: Option<Choice>,
    /// What would be done by account: lots before and after.
    pub(crate) accounts: Vec<AccountOutcome>,
    /// Why nothing would be done.
    pub(crate) reason: Option<String>,
}

/// Whose preview.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PreviewFilter {
    /// Only of this portfolio.
    pub(crate) portfolio_id: Option<Uuid>,
}
