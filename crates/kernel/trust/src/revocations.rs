use crate::{LEEWAY, MAX_LIFE};
use chrono::{DateTime, Utc};
use kernel::{SessionId, UserId, UserPrincipal};
use parking_lot::RwLock;
use serde::{Deserialize, Serialize};
use std::{
    collections::HashMap,
    hash::Hash,
    sync::atomic::{AtomicBool, Ordering},
};

/// What happens to unexpired tokens while the news of revocations is cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnStale {
    /// They are accepted, and the process says that it is degraded.
    #[default]
    Accept,
    /// They are refused until the news arrives again.
    Refuse,
}

/// Where a log-in stands.
pub(crate) enum Standing {
    /// Nothing is known against it.
    Good,
    /// It has been ended.
    Ended,
    /// It cannot be known, and is not to be accepted then.
    Unknown,
}

/// Something was taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum RevocationEvent {
    /// A log-in was ended.
    SessionRevoked {
        /// Which.
        session: SessionId,
        /// When, UTC.
        at: DateTime<Utc>,
    },
    /// A user's role changed: tokens of older versions are no good.
    RoleChanged {
        /// Whose.
        user: UserId,
        /// The least version that still counts.
        role_version: u32,
        /// When, UTC.
        at: DateTime<Utc>,
    },
    /// A user was suspended or deleted.
    UserBlocked {
        /// Who.
        user: UserId,
        /// When, UTC.
        at: DateTime<Utc>,
    },
    /// A suspended user may log in again.
    UserRestored {
        /// Who.
        user: UserId,
    },
}

/// What has been taken back within the life of a token: where a watch begins.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevocationSnapshot {
    /// All that still matters, oldest first.
    pub events: Vec<RevocationEvent>,
}

#[derive(Debug, Default)]
struct View {
    sessions: HashMap<SessionId, DateTime<Utc>>,
    roles: HashMap<UserId, (u32, DateTime<Utc>)>,
    blocked: HashMap<UserId, DateTime<Utc>>,
    pruned: DateTime<Utc>,
}

/// This process's view of what has been taken back. Held in memory, fed by a watch (snapshot, then live), and asked on
/// every call. An entry is dropped once every token that it concerns has expired.
#[derive(Debug, Default)]
pub struct Revocations {
    view: RwLock<View>,
    fresh: AtomicBool,
}

impl Revocations {
    /// An empty view that is not fresh yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Replaces the view by a snapshot; from now on it is fresh.
    pub fn load(&self, snapshot: RevocationSnapshot) {
        let mut view = View::default();
        for event in snapshot.events {
            view.apply(event);
        }
        *self.view.write() = view;
        self.set_fresh(true);
    }

    /// Takes one live event in. The same event twice changes nothing.
    pub fn apply(&self, event: RevocationEvent) {
        self.view.write().apply(event);
    }

    /// Whether a snapshot was loaded and the watch is alive.
    pub fn is_fresh(&self) -> bool {
        self.fresh.load(Ordering::Acquire)
    }

    /// The watch says whether it is alive.
    pub fn set_fresh(&self, fresh: bool) {
        self.fresh.store(fresh, Ordering::Release);
    }

    /// Whether this user's log-in still counts, and what is to be thought while the news is cut off.
    pub(crate) fn standing(&self, user: &UserPrincipal, on_stale: OnStale) -> Standing {
        if !self.is_fresh() && on_stale == OnStale::Refuse {
            return Standing::Unknown;
        }
        match self.is_revoked(user) {
            true => Standing::Ended,
            false => Standing::Good,
        }
    }

    /// Whether this user's log-in has been taken back, or that of an administrator who acts as the user.
    pub fn is_revoked(&self, user: &UserPrincipal) -> bool {
        let view = self.view.read();
        view.has_ended(user.user, user.session, user.role_version)
            || user
                .impersonator
                .is_some_and(|by| view.has_ended(by.user, by.session, by.role_version))
    }

    /// How many entries are held.
    pub fn len(&self) -> usize {
        let view = self.view.read();
        view.sessions.len() + view.roles.len() + view.blocked.len()
    }

    /// Whether none are held.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl View {
    fn has_ended(&self, user: UserId, session: SessionId, role_version: u32) -> bool {
        self.sessions.contains_key(&session)
            || self.blocked.contains_key(&user)
            || self
                .roles
                .get(&user)
                .is_some_and(|(least, _)| role_version < *least)
    }

    fn apply(&mut self, event: RevocationEvent) {
        match event {
            RevocationEvent::SessionRevoked { session, at } => {
                latest(&mut self.sessions, session, at);
                self.prune(at);
            }
            RevocationEvent::RoleChanged {
                user,
                role_version,
                at,
            } => {
                let entry = self.roles.entry(user).or_insert((role_version, at));
                entry.0 = entry.0.max(role_version);
                entry.1 = entry.1.max(at);
                self.prune(at);
            }
            RevocationEvent::UserBlocked { user, at } => {
                latest(&mut self.blocked, user, at);
                self.prune(at);
            }
            RevocationEvent::UserRestored { user } => {
                self.blocked.remove(&user);
            }
        }
    }

    /// Drops what no token outlives: at most once in the life of a token, so that a burst stays cheap.
    fn prune(&mut self, now: DateTime<Utc>) {
        let kept = MAX_LIFE + LEEWAY * 2;
        if now - self.pruned < kept {
            return;
        }
        self.pruned = now;
        self.sessions.retain(|_, at| now - *at <= kept);
        self.roles.retain(|_, (_, at)| now - *at <= kept);
        self.blocked.retain(|_, at| now - *at <= kept);
    }
}

fn latest<K: Eq + Hash>(entries: &mut HashMap<K, DateTime<Utc>>, key: K, at: DateTime<Utc>) {
    let entry = entries.entry(key).or_insert(at);
    *entry = (*entry).max(at);
}
