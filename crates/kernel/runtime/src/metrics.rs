//! Prometheus metrics: one registry per process object, so that two platforms can live in one process.

use chrono::{DateTime, Utc};
use kernel::Sources;
use parking_lot::Mutex;
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::gauge::ConstGauge,
    registry::Metric,
};
use std::{fmt, sync::Arc};

pub use prometheus_client;

/// The content type of [`Registry::encode`].
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The metrics of one process object. Cheap to clone; all clones are the same registry.
#[derive(Clone, Default)]
pub struct Registry(Arc<Mutex<prometheus_client::registry::Registry>>);

impl Registry {
    /// An empty registry.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a metric and hands it back. The suffix `_total` of counters is added when it is shown.
    pub fn register<M: Metric + Clone>(&self, name: &str, help: &str, metric: M) -> M {
        self.0.lock().register(name, help, metric.clone());
        metric
    }

    /// Lets `register` add metrics of its own making.
    pub fn with<T>(&self, register: impl FnOnce(&mut prometheus_client::registry::Registry) -> T) -> T {
        register(&mut self.0.lock())
    }

    /// Adds a collector, which is asked at each scrape.
    pub fn collector(&self, collector: Box<dyn prometheus_client::collector::Collector>) {
        self.0.lock().register_collector(collector);
    }

    /// Adds `financial_system_uptime_seconds`: how long the process object has been there, by its clock.
    pub fn uptime(&self, sources: &Sources) {
        let started_at = sources.now();
        self.collector(Box::new(Uptime {
            sources: sources.clone(),
            started_at,
        }));
    }

    /// All metrics in the OpenMetrics text format.
    pub fn encode(&self) -> Result<String, fmt::Error> {
        let mut text = String::with_capacity(4096);
        prometheus_client::encoding::text::encode(&mut text, &self.0.lock())?;
        Ok(text)
    }
}

/// Asked at each scrape.
struct Uptime {
    sources: Sources,
    started_at: DateTime<Utc>,
}

impl Collector for Uptime {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let seconds = (self.sources.now() - self.started_at).num_seconds().max(0);
        let gauge = ConstGauge::new(seconds);
        let help = "How long the process has been running";
        let metric =
            encoder.encode_descriptor("financial_system_uptime_seconds", help, None, gauge.metric_type())?;
        gauge.encode(metric)
    }
}

impl fmt::Debug for Uptime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Uptime since {}", self.started_at)
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Registry")
    }
}
