use crate::catalogue::{Platform, RequiredCredential};
use chrono::{DateTime, Utc};
use kernel::UserId;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use store::{Collection, Document, FieldKind, Scoping, Stored};
use utoipa::ToSchema;

/// A user's connection to a platform: one for each, connected or not any more.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Connection {
    pub(crate) user_id: UserId,
    pub(crate) platform: Platform,
    pub(crate) connected: bool,
    pub(crate) shop_domain: Option<String>,
    /// Encrypted before a backend sees it; gone once it is disconnected.
    pub(crate) api_key: Option<String>,
    /// Of the latest connection, UTC.
    pub(crate) connected_at: DateTime<Utc>,
}

impl Document for Connection {
    fn collection() -> &'static Collection {
        static CONNECTIONS: LazyLock<Collection> = LazyLock::new(|| {
            Collection::new("connections", Scoping::Owner)
                .removed_with_user()
                .holds_proofs()
                .field("platform", FieldKind::Text)
                .encrypted("api_key")
                .unique(&["user_id", "platform"])
        });
        &CONNECTIONS
    }
}

/// Where a connection stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ConnectionState {
    /// The platform accepted the credentials.
    Connected,
    /// There are no credentials.
    Disconnected,
    /// Nobody is logged in, so that it is not known whose connection is meant.
    Unknown,
}

/// A user's connection as the API shows it: never a credential.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ConnectionStatus)]
pub(crate) struct Status {
    /// Which platform.
    pub(crate) platform: Platform,
    /// Where the connection stands.
    pub(crate) state: ConnectionState,
    /// The shop whose data is meant; null unless connected.
    pub(crate) shop_domain: Option<String>,
    /// Since when, UTC; null unless connected.
    pub(crate) connected_at: Option<DateTime<Utc>>,
}

impl Status {
    /// The state of somebody who has no connection, or of nobody.
    pub(crate) fn without(platform: Platform, state: ConnectionState) -> Self {
        Self {
            platform,
            state,
            shop_domain: None,
            connected_at: None,
        }
    }

    /// The state of a stored connection, if there is one.
    pub(crate) fn of(platform: Platform, connection: Option<&Stored<Connection>>) -> Self {
        match connection.filter(|connection| connection.connected) {
            Some(connection) => Self {
                platform,
                state: ConnectionState::Connected,
                shop_domain: connection.shop_domain.clone(),
                connected_at: Some(connection.connected_at),
            },
            None => Self::without(platform, ConnectionState::Disconnected),
        }
    }
}

/// A platform of the catalogue and how the caller stands with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Integration)]
pub(crate) struct Entry {
    /// Which.
    pub(crate) platform: Platform,
    /// The name for people.
    pub(crate) name: &'static str,
    /// What it is for.
    pub(crate) description: &'static str,
    /// Whether it can be connected in this version.
    pub(crate) available: bool,
    /// What is needed to connect it.
    pub(crate) required_credentials: Vec<RequiredCredential>,
    /// Where the caller's connection stands.
    pub(crate) state: ConnectionState,
}

impl Entry {
    pub(crate) fn of(status: &Status) -> Self {
        let platform = status.platform;
        Self {
            platform,
            name: platform.title(),
            description: platform.summary(),
            available: platform.is_available(),
            required_credentials: platform.credentials(),
            state: status.state,
        }
    }
}

/// How to connect a platform: for people and programs that ask before they try.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ConnectDescription)]
pub(crate) struct Description {
    /// Which.
    pub(crate) platform: Platform,
    /// The method that connects, at this same path.
    pub(crate) method: &'static str,
    /// The value of `Content-Type`.
    pub(crate) content_type: &'static str,
    /// The fields of the body.
    pub(crate) required_credentials: Vec<RequiredCredential>,
    /// Where the caller's connection stands; `unknown` without an access token.
    pub(crate) state: ConnectionState,
}

impl Description {
    pub(crate) fn of(status: &Status) -> Self {
        Self {
            platform: status.platform,
            method: "POST",
            content_type: "application/json",
            required_credentials: status.platform.credentials(),
            state: status.state,
        }
    }
}
