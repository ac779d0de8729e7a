use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
    },
};
use runtime::metrics::Registry;
use std::{sync::Arc, time::Duration};

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    method: &'static str,
    route: Arc<str>,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteLabels {
    method: &'static str,
    route: Arc<str>,
}

/// The metrics of the HTTP edge. Labels are route patterns, never paths: their number is bounded.
#[derive(Clone)]
pub(crate) struct HttpMetrics {
    requests: Family<RequestLabels, Counter>,
    durations: Family<RouteLabels, Histogram, fn() -> Histogram>,
    pub(crate) in_flight: Gauge,
}

impl HttpMetrics {
    pub(crate) fn new(registry: &Registry) -> Self {
        let seconds: fn() -> Histogram = || Histogram::new(exponential_buckets(0.0005, 2.0, 15));
        Self {
            requests: registry.register("http_requests", "Requests answered.", Family::default()),
            durations: registry.register(
                "http_request_duration_seconds",
                "Time until the answer began.",
                Family::new_with_constructor(seconds),
            ),
            in_flight: registry.register(
                "http_requests_in_flight",
                "Requests being answered.",
                Gauge::default(),
            ),
        }
    }

    pub(crate) fn record(&self, method: &'static str, route: &Arc<str>, status: u16, took: Duration) {
        let labels = RequestLabels {
            method,
            route: route.clone(),
            status,
        };
        self.requests.get_or_create(&labels).inc();
        let labels = RouteLabels {
            method,
            route: route.clone(),
        };
        self.durations.get_or_create(&labels).observe(took.as_secs_f64());
    }
}
