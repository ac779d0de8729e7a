use async_trait::async_trait;
use kernel::FieldError;
use serde_json::Value;

/// How the process is.
#[derive(Debug, Clone, PartialEq)]
pub struct Health {
    /// Whether it does its work.
    pub operational: bool,
    /// What it is made of and how each part is: shown to anybody, so no addresses and no secrets.
    pub details: Value,
}

/// Whether the process wants requests.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Readiness {
    /// Whether it does. Latches: later losses leave it ready but degraded.
    pub ready: bool,
    /// The parts that are away, as in `finance`, `revocations`.
    pub degraded: Vec<String>,
    /// Why it is not ready, part by part.
    pub reasons: Vec<FieldError>,
}

/// Knows how the process is. The platform implements it.
#[async_trait]
pub trait HealthSource: Send + Sync + 'static {
    /// How the process is; must answer within a second.
    async fn health(&self) -> Health;

    /// Whether it wants requests; must answer within a second.
    async fn ready(&self) -> Readiness;
}
