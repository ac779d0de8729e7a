use kernel::TraceContext;
use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState};
use std::sync::atomic::{AtomicBool, Ordering};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

static TRACING: AtomicBool = AtomicBool::new(false);

pub(super) fn set_tracing(on: bool) {
    TRACING.store(on, Ordering::Relaxed);
}

/// Whether traces are being sent. Spans are made only then: they cost more than the calls that they measure.
pub fn is_tracing() -> bool {
    TRACING.load(Ordering::Relaxed)
}

/// The span of one request, a child of the caller's when it sent a trace context; none while no traces are sent.
pub fn request_span(method: &str, route: &str, parent: Option<TraceContext>) -> Option<Span> {
    if !is_tracing() {
        return None;
    }
    let span =
        tracing::info_span!("request", otel.name = %format_args!("{method} {route}"), otel.kind = "server");
    if let Some(parent) = parent {
        let context = SpanContext::new(
            TraceId::from(parent.trace_id),
            SpanId::from(parent.span_id),
            if parent.sampled {
                TraceFlags::SAMPLED
            } else {
                TraceFlags::default()
            },
            true,
            TraceState::default(),
        );
        let _ = span.set_parent(opentelemetry::Context::new().with_remote_span_context(context));
    }
    Some(span)
}
