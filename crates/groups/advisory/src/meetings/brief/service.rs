use super::answers::{
    BriefClient, BriefGap, BriefGoal, BriefKyc, BriefMessage, BriefPortfolio, KycState, MeetingBrief,
};
use crate::{
    access::{client, may_read_papers, visible},
    clients::{ClientRecord, portfolios_of},
    communications::messages::MessageRecord,
    error::Error,
    goals::GoalRecord,
    meetings::{
        appointments::{MeetingRecord, MeetingResponse},
        tasks::{TaskRecord, TaskResponse},
    },
};
use chrono::NaiveDate;
use chrono_tz::Tz;
use kernel::{Amount, CallContext, ClientId, Scope};
use store::{Query, Sort, Store, Stored};
use uuid::Uuid;

/// From how many days before its end an identity check is said to end soon: the first of the alerts.
const SOON: i64 = 90;
const TASKS: u32 = 50;
const GOALS: u32 = 50;
const MESSAGES: u32 = 10;
const MEETINGS: u32 = 3;
const PORTFOLIOS: u32 = 20;

/// What this group cannot know, because no contract tells it.
const NO_ACCOUNTS: BriefGap = BriefGap {
    what: "accounts",
    reason: "the finance contract answers no balances: read /api/v1/accounts",
};

const NO_PORTFOLIOS: BriefGap = BriefGap {
    what: "portfolio",
    reason: "the wealth group has told of no portfolio of this client: total_assets is all that is known here",
};

/// Puts briefs together.
pub(crate) struct BriefService {
    store: Store,
    timezone: Tz,
}

impl BriefService {
    pub(crate) fn new(store: Store, timezone: Tz) -> Self {
        Self { store, timezone }
    }

    /// What to know before a meeting that the caller may see.
    pub(crate) async fn brief(&self, cx: &CallContext, id: Uuid) -> Result<MeetingBrief, Error> {
        may_read_papers(cx, "meetings.read")?;
        let meeting = visible::<MeetingRecord>(&self.store, cx, id, "meeting").await?;
        let client = client(&self.store, cx, meeting.client_id).await?;
        let scope = cx.scope()?;
        let as_of = self.store.sources().now();
        let today = as_of.with_timezone(&self.timezone).date_naive();
        let open_tasks = self.open_tasks(&scope, meeting.client_id, today).await?;
        let portfolios = portfolios_of(&self.store, cx, client.user_id, PORTFOLIOS).await?;
        let mut missing = vec![NO_ACCOUNTS];
        if portfolios.is_empty() {
            missing.insert(0, NO_PORTFOLIOS);
        }
        Ok(MeetingBrief {
            portfolios: portfolios.into_iter().map(BriefPortfolio::from).collect(),
            kyc: kyc(client.kyc_expiry_date, today),
            overdue_tasks: open_tasks.iter().filter(|task| task.overdue).count(),
            open_tasks,
            goals: self.goals(&scope, meeting.client_id).await?,
            recent_messages: self.messages(&scope, meeting.client_id).await?,
            earlier_meetings: self.earlier(&scope, &meeting).await?,
            missing,
            client: shown(client),
            meeting: meeting.into(),
            as_of,
        })
    }

    async fn open_tasks(
        &self,
        scope: &Scope,
        client: ClientId,
        today: NaiveDate,
    ) -> Result<Vec<TaskResponse>, Error> {
        let query = Query::sorted(Sort::ascending("due_date"))
            .equals("client_id", client.0)
            .equals("status", "open")
            .limit(TASKS);
        let found = self.store.find::<TaskRecord>(scope, query).await?;
        let tasks = found.items.into_iter();
        Ok(tasks.map(|task| TaskResponse::new(task, today)).collect())
    }

    async fn goals(&self, scope: &Scope, client: ClientId) -> Result<Vec<BriefGoal>, Error> {
        let query = Query::sorted(Sort::ascending("target_date"))
            .equals("client_id", client.0)
            .limit(GOALS);
        let found = self.store.find::<GoalRecord>(scope, query).await?;
        let goal = |goal: Stored<GoalRecord>| BriefGoal {
            id: goal.id,
            target_amount: Amount(goal.target_amount),
            currency: goal.currency,
            target_date: goal.target_date,
            success_probability: Amount(goal.probability),
            on_track: goal.on_track,
            name: goal.data.name,
        };
        Ok(found.items.into_iter().map(goal).collect())
    }

    async fn messages(&self, scope: &Scope, client: ClientId) -> Result<Vec<BriefMessage>, Error> {
        let query = Query::sorted(Sort::descending("created_at"))
            .equals("client_id", client.0)
            .limit(MESSAGES);
        let found = self.store.find::<MessageRecord>(scope, query).await?;
        let message = |message: Stored<MessageRecord>| BriefMessage {
            id: message.id,
            status: message.status,
            created_at: message.created_at,
            sent_at: message.sent_at,
            subject: message.data.subject,
        };
        Ok(found.items.into_iter().map(message).collect())
    }

    async fn earlier(
        &self,
        scope: &Scope,
        meeting: &Stored<MeetingRecord>,
    ) -> Result<Vec<MeetingResponse>, Error> {
        let query = Query::sorted(Sort::descending("starts_at"))
            .equals("client_id", meeting.client_id.0)
            .between(None, Some(meeting.starts_at.into()))
            .limit(MEETINGS);
        let found = self.store.find::<MeetingRecord>(scope, query).await?;
        Ok(found.items.into_iter().map(MeetingResponse::from).collect())
    }
}

fn shown(client: Stored<ClientRecord>) -> BriefClient {
    BriefClient {
        id: ClientId(client.id),
        risk_profile: client.risk_profile,
        total_assets: Amount(client.total_assets),
        currency: client.currency,
        client_name: client.data.client_name,
    }
}

fn kyc(expiry_date: Option<NaiveDate>, today: NaiveDate) -> BriefKyc {
    let days_left = expiry_date.map(|date| (date - today).num_days());
    let state = match days_left {
        None => KycState::Unknown,
        Some(days) if days < 0 => KycState::Expired,
        Some(days) if days <= SOON => KycState::Expiring,
        Some(_) => KycState::Valid,
    };
    BriefKyc {
        state,
        expiry_date,
        days_left,
    }
}
