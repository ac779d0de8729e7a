//! Log lines and traces. Log lines go to standard error: standard output belongs to the commands. When nobody reads them they are
//! lost, and counted: a process does not stand still because of its log.

mod json;
mod lines;
mod mask;
mod otlp;
mod span;

pub use json::JsonLines;
pub use lines::lost_lines;
pub use mask::masked;
pub use span::{is_tracing, request_span};

use crate::settings::{LogFormat, Settings};
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing_subscriber::{EnvFilter, Layer, layer::SubscriberExt, util::SubscriberInitExt};

/// Why log lines or traces could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The filter cannot be read.
    #[error("log.level is not right: {0}")]
    Level(String),
    /// The collector cannot be used.
    #[error("traces cannot be sent: {0}")]
    Otlp(String),
}

/// Keeps telemetry running; dropping it sends what is still held.
#[derive(Debug, Default)]
#[must_use = "telemetry ends when the guard is dropped"]
pub struct TelemetryGuard {
    traces: Option<SdkTracerProvider>,
}

impl Drop for TelemetryGuard {
    fn drop(&mut self) {
        if let Some(traces) = self.traces.take() {
            span::set_tracing(false);
            if let Err(error) = traces.shutdown() {
                tracing::warn!(%error, "the last traces could not be sent");
            }
        }
    }
}

/// Starts log lines and, when a collector is configured, traces (within a Tokio runtime, on which they are sent).
///
/// A process has one: where a program that embeds the platform has set up its own, that one stays.
pub fn init(settings: &Settings) -> Result<TelemetryGuard, TelemetryError> {
    let filter =
        EnvFilter::try_new(&settings.log.level).map_err(|error| TelemetryError::Level(error.to_string()))?;
    let traces = match &settings.telemetry.otlp_endpoint {
        Some(endpoint) => Some(otlp::provider(endpoint)?),
        None => None,
    };
    let spans = traces
        .as_ref()
        .map(|provider| tracing_opentelemetry::layer().with_tracer(provider.tracer("wealthos")));
    let lines = match settings.log.format {
        LogFormat::Json => JsonLines::new(lines::to_stderr).boxed(),
        LogFormat::Pretty => tracing_subscriber::fmt::layer()
            .with_writer(|| mask::MaskedWriter::new(lines::ToStderr))
            .boxed(),
    };
    let started = tracing_subscriber::registry()
        .with(filter)
        .with(spans)
        .with(lines)
        .try_init()
        .is_ok();
    if started {
        log_panics();
    }
    span::set_tracing(started && traces.is_some());
    Ok(TelemetryGuard { traces })
}

/// A panic becomes one log line like any other, instead of free text between them.
fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        let message = panic
            .payload()
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned())
            .or_else(|| panic.payload().downcast_ref::<String>().cloned());
        tracing::error!(place, exception = message, "a task panicked");
    }));
}
