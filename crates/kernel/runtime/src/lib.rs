//! What every process needs beside its rooms: [`Settings`] in layers, [`telemetry`], outgoing [`http`] clients,
//! [`lifecycle`], [`mail`], [`metrics`] and the common flags of the command line ([`ServerArgs`]).
//!
//! ```
//! use runtime::{Layers, Settings};
//! use std::collections::BTreeMap;
//!
//! let environment = BTreeMap::from([("WEALTHOS__SERVER__PORT".to_owned(), "8001".to_owned())]);
//! let settings: Settings = Layers::new(environment).load().unwrap();
//! assert_eq!(settings.server.port, 8001);
//! ```

mod args;
pub mod http;
pub mod lifecycle;
pub mod mail;
pub mod metrics;
pub mod open_files;
pub mod settings;
pub mod telemetry;

pub use args::{Remote, ServerArgs};
pub use settings::{DeploymentMode, Environment, Layers, Settings, SettingsError};
