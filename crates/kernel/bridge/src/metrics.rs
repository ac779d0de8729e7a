use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::Registry,
};

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Taken {
    broker: &'static str,
    place: String,
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Place {
    broker: &'static str,
    place: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Broker {
    broker: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Way {
    broker: &'static str,
    way: &'static str,
}

/// The metrics of the bridges of a process.
#[derive(Debug, Clone)]
pub struct BridgeMetrics {
    taken: Family<Taken, Counter>,
    without_id: Family<Place, Counter>,
    published: Family<Broker, Counter>,
    connected: Family<Way, Gauge>,
}

impl BridgeMetrics {
    /// Metrics in `registry`: `bridge_messages_total`, `bridge_messages_without_id_total`,
    /// `bridge_events_published_total`, `bridge_connected`.
    pub fn register(registry: &mut Registry) -> Self {
        let metrics = Self {
            taken: Family::default(),
            without_id: Family::default(),
            published: Family::default(),
            connected: Family::default(),
        };
        registry.register(
            "bridge_messages",
            "Messages of brokers by what became of them",
            metrics.taken.clone(),
        );
        registry.register(
            "bridge_messages_without_id",
            "Messages that nothing names: carried out at least once",
            metrics.without_id.clone(),
        );
        registry.register(
            "bridge_events_published",
            "Events that brokers confirmed",
            metrics.published.clone(),
        );
        registry.register(
            "bridge_connected",
            "1 while the connection to the broker holds, 0 while it does not",
            metrics.connected.clone(),
        );
        metrics
    }

    pub(crate) fn taken(&self, broker: &'static str, place: &str, outcome: &'static str) {
        let labels = Taken {
            broker,
            place: place.to_owned(),
            outcome,
        };
        self.taken.get_or_create_owned(&labels).inc();
    }

    pub(crate) fn without_id(&self, broker: &'static str, place: &str) {
        let labels = Place {
            broker,
            place: place.to_owned(),
        };
        self.without_id.get_or_create_owned(&labels).inc();
    }

    pub(crate) fn published(&self, broker: &'static str, events: usize) {
        self.published
            .get_or_create_owned(&Broker { broker })
            .inc_by(events as u64);
    }

    pub(crate) fn connected(&self, broker: &'static str, way: &'static str, connected: bool) {
        self.connected
            .get_or_create_owned(&Way { broker, way })
            .set(i64::from(connected));
    }
}
