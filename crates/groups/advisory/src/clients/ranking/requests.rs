use super::rules::Reason;
use kernel::{Amount, ClientId, Currency};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// How many.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct RankParameters {
    /// How many clients at most: 1 to 200, 50 without it.
    #[param(minimum = 1, maximum = 200)]
    pub(crate) limit: Option<u32>,
}

/// What to do next.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct NextAction {
    /// As in `renew_kyc`.
    pub(crate) action: String,
    /// For people.
    pub(crate) message: String,
}

/// A client and why to look after them now.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct PrioritizedClient {
    /// Who.
    pub(crate) client_id: ClientId,
    /// The name.
    pub(crate) client_name: String,
    /// The sum of the points of the reasons.
    pub(crate) score: u32,
    /// Why.
    pub(crate) reasons: Vec<Reason>,
    /// What the heaviest reason asks for.
    pub(crate) next_best_action: NextAction,
    /// What the client owns.
    #[schema(value_type = f64)]
    pub(crate) total_assets: Amount,
    /// The currency of `total_assets`.
    pub(crate) currency: Currency,
}

/// A client who may leave.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct ClientAtRisk {
    /// Who.
    pub(crate) client_id: ClientId,
    /// The name.
    pub(crate) client_name: String,
    /// The sum of the points of the drivers: 0 to 100.
    pub(crate) score: u32,
    /// What drives them away.
    pub(crate) drivers: Vec<Reason>,
    /// What the client owns.
    #[schema(value_type = f64)]
    pub(crate) total_assets: Amount,
    /// The currency of `total_assets`.
    pub(crate) currency: Currency,
}
