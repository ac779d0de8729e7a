//! Clients for outgoing HTTP: time limits and the TLS provider are set here and nowhere else.

mod trusted;

use rustls::ClientConfig;
use std::{
    error::Error,
    sync::{Arc, Once},
    time::Duration,
};

pub use reqwest::{Client, RequestBuilder};

/// Why no client could be made.
#[derive(Debug, thiserror::Error)]
#[error("the HTTP client cannot be set up: check the system's certificates")]
pub struct ClientError(#[source] Box<dyn Error + Send + Sync>);

/// The time that a connection may take.
const CONNECT: Duration = Duration::from_secs(5);
/// The time that a connection to another process of the platform may take.
const CONNECT_NEAR: Duration = Duration::from_secs(1);
/// The time that a whole request may take, unless it says otherwise.
const TOTAL: Duration = Duration::from_secs(30);

/// Installs the one TLS provider of the process (rustls with aws-lc-rs). Calling it again changes nothing.
pub fn install_crypto() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Another provider may have been installed by a program that embeds the platform: that one stays.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    });
}

/// A client with time limits (5 s to connect, 30 s in all), TLS by rustls, and no redirects followed: an address that
/// an operator configured must not be able to send secrets elsewhere.
///
/// Make one per thread or per use and keep it: it holds a pool of connections.
pub fn client() -> Result<reqwest::Client, ClientError> {
    builder(CONNECT)?
        .timeout(TOTAL)
        .build()
        .map_err(|error| ClientError(error.into()))
}

/// A client for other processes of the same platform: 1 s to connect, for they are near, and no limit on the whole,
/// because every call brings its own and a stream may last. No proxy stands between them.
pub fn service_client() -> Result<reqwest::Client, ClientError> {
    builder(CONNECT_NEAR)?
        .no_proxy()
        .build()
        .map_err(|error| ClientError(error.into()))
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place that builds clients, so that all have limits"
)]
fn builder(connect: Duration) -> Result<reqwest::ClientBuilder, ClientError> {
    Ok(reqwest::Client::builder()
        .tls_backend_preconfigured(trusted::config()?)
        .connect_timeout(connect)
        .pool_idle_timeout(Duration::from_secs(60))
        .tcp_nodelay(true)
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("wealthos/", env!("CARGO_PKG_VERSION"))))
}

/// How to speak TLS to another process: the system's certificates, HTTP/1.1.
pub fn tls() -> Result<Arc<ClientConfig>, ClientError> {
    let mut config = trusted::config()?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// How to speak TLS to a database: with certificates that the system trusts, or with any, as its users ask for.
pub fn database_tls(certificates_are_checked: bool) -> Result<ClientConfig, ClientError> {
    let mut config = trusted::config()?;
    if !certificates_are_checked {
        trusted::take_any(&mut config)?;
    }
    config.alpn_protocols = vec![b"postgresql".to_vec()];
    Ok(config)
}
