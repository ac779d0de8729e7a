use crate::{
    clients::RiskProfile,
    communications::messages::MessageStatus,
    meetings::{appointments::MeetingResponse, tasks::TaskResponse},
};
use chrono::{DateTime, NaiveDate, Utc};
use kernel::{Amount, ClientId, Currency};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// What to know before a meeting.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct MeetingBrief {
    /// The meeting.
    pub(crate) meeting: MeetingResponse,
    /// With whom, as they are now.
    pub(crate) client: BriefClient,
    /// How the client's identity check stands.
    pub(crate) kyc: BriefKyc,
    /// What is to be done for the client, those that are due first before the others: at most 50.
    pub(crate) open_tasks: Vec<TaskResponse>,
    /// How many of them are overdue.
    pub(crate) overdue_tasks: usize,
    /// What the client wants to reach, those that are due first before the others: at most 50.
    pub(crate) goals: Vec<BriefGoal>,
    /// What the client's portfolios are worth and made of, as the wealth group told, the oldest first: at most 20. Where it told of
    /// none, `missing` says so.
    pub(crate) portfolios: Vec<BriefPortfolio>,
    /// What was written to the client lately, newest first: at most 10.
    pub(crate) recent_messages: Vec<BriefMessage>,
    /// The meetings with the client that began before this one, latest first: at most 3.
    pub(crate) earlier_meetings: Vec<MeetingResponse>,
    /// What a brief should hold and this one does not, and why.
    pub(crate) missing: Vec<BriefGap>,
    /// When it was put together, UTC.
    pub(crate) as_of: DateTime<Utc>,
}

/// A client, as far as a meeting needs it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct BriefClient {
    /// The id.
    pub(crate) id: ClientId,
    /// The name.
    pub(crate) client_name: String,
    /// How much risk the client wants to bear.
    pub(crate) risk_profile: RiskProfile,
    /// What the client owns, in `currency`.
    #[schema(value_type = f64)]
    pub(crate) total_assets: Amount,
    /// The currency of `total_assets`.
    pub(crate) currency: Currency,
}

/// How an identity check stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum KycState {
    /// Good for more than 90 days.
    Valid,
    /// Ends within 90 days.
    Expiring,
    /// Has ended: orders are held.
    Expired,
    /// Nobody has entered until when it is good.
    Unknown,
}

/// The client's identity check.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct BriefKyc {
    /// How it stands.
    pub(crate) state: KycState,
    /// Until when it is good.
    pub(crate) expiry_date: Option<NaiveDate>,
    /// How many days are left; less than 0 when it has ended.
    pub(crate) days_left: Option<i64>,
}

/// A goal of the client.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct BriefGoal {
    /// The id.
    pub(crate) id: Uuid,
    /// The name.
    pub(crate) name: String,
    /// How much is to be reached, in `currency`.
    #[schema(value_type = f64)]
    pub(crate) target_amount: Amount,
    /// The currency of `target_amount`.
    pub(crate) currency: Currency,
    /// Until when.
    pub(crate) target_date: NaiveDate,
    /// How likely it is reached, from 0 to 1, as it was last computed.
    #[schema(value_type = f64)]
    pub(crate) success_probability: Amount,
    /// Whether that is likely enough.
    pub(crate) on_track: bool,
}

/// A portfolio of the client, as the wealth group told of it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct BriefPortfolio {
    /// The id.
    pub(crate) id: Uuid,
    /// In which currency it is counted.
    pub(crate) currency: Currency,
    /// What it is worth.
    #[schema(value_type = f64)]
    pub(crate) value: Amount,
    /// On which day it was.
    pub(crate) as_of: NaiveDate,
    /// Whether everything that is held could be valued.
    pub(crate) complete: bool,
    /// What it is made of, by class, the largest first; `cash` is one of them.
    pub(crate) allocation: Vec<BriefPart>,
    /// How far it was from its targets on `composed_on`.
    pub(crate) drift: BriefDrift,
    /// What is outside its band, the farthest first.
    pub(crate) outside: Vec<BriefOutside>,
    /// Of which day `allocation`, `drift` and `outside` are; none when nothing was told of them.
    pub(crate) composed_on: Option<NaiveDate>,
}

/// How far a portfolio is from its targets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum BriefDrift {
    /// Nothing was told of it.
    Unknown,
    /// It has none.
    NoTargets,
    /// Everything is as near as it should be.
    WithinBands,
    /// Something is farther away.
    Drifted,
}

/// How much of a portfolio a class is.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct BriefPart {
    /// The class of assets, or `cash`.
    pub(crate) key: String,
    /// The worth.
    #[schema(value_type = f64)]
    pub(crate) value: Amount,
    /// The part of the portfolio, 0 to 1.
    pub(crate) weight: Option<Amount>,
}

/// What is farther from its target than it may be.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct BriefOutside {
    /// Of what.
    pub(crate) key: String,
    /// The part of the portfolio that it should be.
    #[schema(value_type = f64)]
    pub(crate) target: Amount,
    /// The part that it is.
    #[schema(value_type = f64)]
    pub(crate) actual: Amount,
}

/// A message that was written to the client.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct BriefMessage {
    /// The id.
    pub(crate) id: Uuid,
    /// The subject.
    pub(crate) subject: Option<String>,
    /// Where it stands.
    pub(crate) status: MessageStatus,
    /// When it was drafted, UTC.
    pub(crate) created_at: DateTime<Utc>,
    /// When the mail server took it, UTC.
    pub(crate) sent_at: Option<DateTime<Utc>>,
}

/// What is not in the brief.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct BriefGap {
    /// What.
    pub(crate) what: &'static str,
    /// Why not.
    pub(crate) reason: &'static str,
}
