use super::store::InventoryStore;
use kernel::{Fault, Tasks};
use prometheus_client::{metrics::gauge::Gauge, registry::Registry};
use std::{sync::Arc, time::Duration};
use tokio::sync::Notify;

/// How long changes gather before items are counted again.
const GATHER: Duration = Duration::from_millis(500);
/// How long other processes may change items before they are counted again here.
const PATIENCE: Duration = Duration::from_secs(30);

/// How many items there are, and how many of them are low, in the whole installation. Counted from the store at start, soon
/// after a change of this process, and now and then for the changes of others.
#[derive(Debug, Clone)]
pub struct InventoryMetrics {
    items: Gauge,
    low: Gauge,
    changes: Arc<Notify>,
}

impl InventoryMetrics {
    /// Registers `inventory_items_total` and `inventory_low_stock_items`.
    pub fn register(registry: &mut Registry) -> Self {
        let (items, low) = (Gauge::default(), Gauge::default());
        registry.register(
            "inventory_items_total",
            "Inventory items there are",
            items.clone(),
        );
        registry.register(
            "inventory_low_stock_items",
            "Inventory items at or below their reorder point",
            low.clone(),
        );
        Self {
            items,
            low,
            changes: Arc::default(),
        }
    }

    /// Says that items changed.
    pub(crate) fn changed(&self) {
        self.changes.notify_one();
    }

    /// Counts until the process stops.
    pub(crate) fn run(&self, store: InventoryStore, tasks: &Tasks) {
        let (metrics, stopping) = (self.clone(), tasks.clone());
        drop(tasks.spawn(async move {
            while !stopping.is_stopping() {
                match store.counts().await {
                    Ok((items, low)) => {
                        metrics.items.set(i64::try_from(items).unwrap_or(i64::MAX));
                        metrics.low.set(i64::try_from(low).unwrap_or(i64::MAX));
                    }
                    Err(error) => {
                        tracing::warn!(code = %error.code(), error = &error as &dyn std::error::Error, "inventory items cannot be counted for now");
                    }
                }
                tokio::select! {
                    () = stopping.stopping() => break,
                    () = metrics.changes.notified() => {
                        tokio::select! {
                            () = stopping.stopping() => break,
                            () = tokio::time::sleep(GATHER) => {}
                        }
                    }
                    () = tokio::time::sleep(PATIENCE) => {}
                }
            }
        }));
    }
}
