use crate::{SecretText, users::UserView};
use chrono::{DateTime, Utc};
use kernel::{SessionId, UserId};
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use store::{Collection, Document, FieldKind, Scoping, Stored};
use utoipa::ToSchema;

/// Why a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum EndReason {
    /// The user logged out.
    LoggedOut,
    /// The user ended it from the list of sessions.
    Revoked,
    /// A refresh token of it was used a second time: somebody may have stolen it.
    Reused,
    /// The user's password was changed.
    PasswordChanged,
    /// The user's account was deleted.
    AccountDeleted,
    /// An administrator logged the user out, or suspended them.
    ForcedOut,
}

impl EndReason {
    /// The act in the audit record.
    pub(crate) fn act(self) -> &'static str {
        match self {
            EndReason::LoggedOut => "session.logged_out",
            EndReason::Revoked => "session.revoked",
            EndReason::Reused => "session.refresh_token_reused",
            EndReason::PasswordChanged => "session.ended_by_password_change",
            EndReason::AccountDeleted => "session.ended_by_deletion",
            EndReason::ForcedOut => "session.forced_out",
        }
    }
}

/// One log-in of one user on one device: all refresh tokens that follow from it are its family.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Session {
    pub(crate) user_id: UserId,
    /// What the browser or program calls itself, cut to 200 characters.
    pub(crate) device: Option<String>,
    /// The address that the log-in came from.
    #[serde(default)]
    pub(crate) address: Option<String>,
    /// Which password of the user it goes with.
    #[serde(default)]
    pub(crate) generation: u32,
    /// The log-in itself or the last exchange of a refresh token, UTC.
    pub(crate) last_used_at: DateTime<Utc>,
    /// When the newest refresh token expires, UTC.
    pub(crate) expires_at: DateTime<Utc>,
    pub(crate) ended: bool,
    pub(crate) ended_at: Option<DateTime<Utc>>,
    pub(crate) end_reason: Option<EndReason>,
}

impl Session {
    /// Whether it can still be continued.
    pub(crate) fn is_alive(&self, now: DateTime<Utc>) -> bool {
        !self.ended && now < self.expires_at
    }
}

impl Document for Session {
    fn collection() -> &'static Collection {
        static SESSIONS: LazyLock<Collection> = LazyLock::new(|| {
            Collection::new("sessions", Scoping::Owner)
                .removed_with_user()
                .field("ended", FieldKind::Bool)
                .field("ended_at", FieldKind::Time)
                .field("expires_at", FieldKind::Time)
                .serves(&["ended"], &["expires_at", "ended_at"])
                .encrypted("address")
        });
        &SESSIONS
    }
}

/// A refresh token as it is stored: its SHA-256, under an id that is derived from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RefreshToken {
    pub(crate) user_id: UserId,
    pub(crate) session_id: SessionId,
    /// SHA-256, lower-case hex.
    pub(crate) token_hash: String,
    pub(crate) expires_at: DateTime<Utc>,
    /// When it was exchanged; a token is exchanged once.
    pub(crate) used_at: Option<DateTime<Utc>>,
}

impl Document for RefreshToken {
    fn collection() -> &'static Collection {
        static REFRESH_TOKENS: LazyLock<Collection> = LazyLock::new(|| {
            Collection::new("refresh_tokens", Scoping::Owner)
                .removed_with_user()
                .holds_proofs()
                .field("expires_at", FieldKind::Time)
                .serves(&[], &["expires_at"])
        });
        &REFRESH_TOKENS
    }
}

/// What a log-in or an exchange of a refresh token answers.
#[derive(Serialize, ToSchema)]
#[schema(as = TokenGrant)]
pub(crate) struct TokenGrant {
    /// A signed token (JWT) for `Authorization: Bearer …`.
    pub(crate) access_token: String,
    /// Exchanged once for the next pair of tokens, at `refresh`; null where it was put into a cookie.
    pub(crate) refresh_token: Option<String>,
    /// How the access token is sent: always `bearer`.
    pub(crate) token_type: TokenType,
    /// Seconds that the access token lives.
    #[schema(minimum = 1)]
    pub(crate) expires_in: u64,
    /// Whether the user must enroll a second factor before the tokens reach more than their own account: then
    /// `mfa/enroll`, `mfa/confirm` and an exchange of the refresh token come next.
    pub(crate) mfa_enrolment_required: bool,
    /// Who has logged in.
    pub(crate) user: UserView,
}

/// What a log-in answers whose user has a second factor.
#[derive(Serialize, ToSchema)]
#[schema(as = MfaChallenge)]
pub(crate) struct Challenge {
    /// Always true.
    pub(crate) mfa_required: bool,
    /// Sent with a code to `mfa/challenge`, once.
    pub(crate) mfa_token: String,
    /// Seconds that it is good.
    #[schema(minimum = 1)]
    pub(crate) expires_in: u64,
}

/// What came of a log-in.
pub(crate) enum LoggedIn {
    /// The user is in.
    Granted(TokenGrant),
    /// The password was right, and a second factor is needed.
    Challenged(Challenge),
}

/// Where a log-in comes from, as far as it is known.
#[derive(Debug, Clone, Default)]
pub(crate) struct Place {
    /// What the browser or program calls itself.
    pub(crate) device: Option<String>,
    /// The address.
    pub(crate) address: Option<String>,
}

/// How an access token is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum TokenType {
    /// In the header `Authorization`, after `Bearer`.
    Bearer,
}

/// A session as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = Session)]
pub(crate) struct SessionView {
    /// Which.
    pub(crate) id: SessionId,
    /// What the browser or program calls itself.
    pub(crate) device: Option<String>,
    /// The address that the log-in came from.
    pub(crate) address: Option<String>,
    /// When it began, UTC.
    pub(crate) created_at: DateTime<Utc>,
    /// The log-in itself or the last exchange of a refresh token, UTC.
    pub(crate) last_used_at: DateTime<Utc>,
    /// When it ends by itself unless it is used, UTC.
    pub(crate) expires_at: DateTime<Utc>,
    /// Whether it is the one that asks.
    pub(crate) current: bool,
}

impl SessionView {
    /// The session as it looks from the session `asking`.
    pub(crate) fn of(session: &Stored<Session>, asking: SessionId) -> Self {
        Self {
            id: SessionId(session.id),
            device: session.device.clone(),
            address: session.address.clone(),
            created_at: session.created_at,
            last_used_at: session.last_used_at,
            expires_at: session.expires_at,
            current: session.id == asking.0,
        }
    }
}

/// A password as it is given at log-in: whatever was once allowed.
pub(crate) type GivenPassword = SecretText<1, 128>;

/// A refresh token as it is given for exchange.
pub(crate) type GivenRefreshToken = SecretText<1, 200>;
