//! What every bridge to a message broker has in common. A bridge knows a broker and no domain: it brings messages to an
//! [`Inbox`], which carries out the commands in them, and takes events from an [`Outbox`].
//!
//! # What is promised
//!
//! - **In**: a message that carries an id has exactly one effect, however often it comes; one without an id at least one
//!   (counted as `bridge_messages_without_id_total`). A message is confirmed to the broker after its effect is
//!   committed. What cannot be carried out goes to the broker's place for dead letters, with the reason.
//! - **Out**: every event at least once and in the order of its feed, with the event's id as the message's id. The place
//!   in the feed moves after the broker has confirmed.
//! - **A broker that goes away** is connected to again, with growing waits; meanwhile nothing is given up.

mod handler;
mod inbox;
mod link;
mod message;
mod metrics;
mod outbox;

pub use handler::CommandHandler;
pub use inbox::{Inbox, Verdict, reason_of};
pub use link::{Link, Links, keep_connected};
pub use message::Message;
pub use metrics::BridgeMetrics;
pub use outbox::{Outbox, PublishError, Publisher, envelope};

/// What a broker, or the connection to it, reports.
pub type BrokerError = Box<dyn std::error::Error + Send + Sync>;
