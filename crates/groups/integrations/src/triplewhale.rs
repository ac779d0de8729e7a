//! The API of Triple Whale (version 2), as far as it is needed: every request carries the key as `x-api-key`.

use crate::{IntegrationsFailure, catalogue::Platform, credentials::ApiKey};
use kernel::Deadline;
use reqwest::{
    Client, Response, StatusCode,
    header::{HeaderValue, RETRY_AFTER},
};
use std::{cell::OnceCell, time::Duration};
use url::Url;

/// Where the API stands unless the settings say otherwise.
pub const TRIPLEWHALE_URL: &str = "https://api.triplewhale.com/api/v2/";

/// The most bytes of an answer that are read.
const LONGEST_ANSWER: usize = 64 << 10;

/// The longest that a client is told to wait before it tries again, in seconds.
const LONGEST_WAIT: u64 = 3600;

/// Asks Triple Whale, at the one address that the operator set.
#[derive(Debug, Clone)]
pub(crate) struct TripleWhale {
    me: Url,
    timeout: Duration,
}

impl TripleWhale {
    /// Refuses an address that is not http or https.
    pub(crate) fn new(base: &Url, timeout: Duration) -> Result<Self, IntegrationsFailure> {
        let mut base = base.clone();
        if !matches!(base.scheme(), "http" | "https") {
            return Err(IntegrationsFailure::internal(
                "the address of Triple Whale must be http or https",
            ));
        }
        if !base.path().ends_with('/') {
            base.set_path(&format!("{}/", base.path()));
        }
        let me = base
            .join("users/api-keys/me")
            .map_err(IntegrationsFailure::internal)?;
        Ok(Self { me, timeout })
    }

    /// Whether Triple Whale knows the key. Waits no longer than the caller does.
    pub(crate) async fn verify(&self, key: &ApiKey, deadline: Deadline) -> Result<(), IntegrationsFailure> {
        let mut header = HeaderValue::from_str(key.expose()).map_err(IntegrationsFailure::internal)?;
        header.set_sensitive(true);
        let limit = self.timeout.min(deadline.for_next_hop().remaining());
        let request = client()?.get(self.me.clone()).header("x-api-key", header);
        let asked = tokio::time::timeout(limit, async {
            judge(request.send().await.map_err(unreachable)?).await
        });
        asked.await.unwrap_or(Err(IntegrationsFailure::PlatformSlow {
            platform: Platform::TripleWhale.title(),
        }))
    }
}

async fn judge(answer: Response) -> Result<(), IntegrationsFailure> {
    match answer.status() {
        StatusCode::OK => require_object(answer).await,
        // The key is all that was sent, so that a bad request is a bad key.
        StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            Err(IntegrationsFailure::KeyRejected {
                platform: Platform::TripleWhale.title(),
            })
        }
        status => Err(unavailable(wait_of(&answer), format!("answered {status}"))),
    }
}

/// An answer that is no JSON object comes from something else that stands in between.
async fn require_object(mut answer: Response) -> Result<(), IntegrationsFailure> {
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(unreachable)? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > LONGEST_ANSWER {
            return Err(unavailable(5, "answered more than is expected".to_owned()));
        }
    }
    match serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(&bytes) {
        Ok(_) => Ok(()),
        Err(_) => Err(unavailable(
            5,
            "answered something that is no JSON object".to_owned(),
        )),
    }
}

fn wait_of(answer: &Response) -> u64 {
    let sent = answer
        .headers()
        .get(RETRY_AFTER)
        .and_then(|value| value.to_str().ok());
    sent.and_then(|text| text.parse().ok())
        .map_or(5, |seconds: u64| seconds.min(LONGEST_WAIT))
}

fn unreachable(error: reqwest::Error) -> IntegrationsFailure {
    if error.is_timeout() {
        return IntegrationsFailure::PlatformSlow {
            platform: Platform::TripleWhale.title(),
        };
    }
    unavailable(5, error.without_url().to_string())
}

fn unavailable(retry_after: u64, cause: String) -> IntegrationsFailure {
    IntegrationsFailure::PlatformUnavailable {
        platform: Platform::TripleWhale.title(),
        retry_after,
        cause,
    }
}

/// The client of this thread: one that is shared between threads stalls behind a busy one.
fn client() -> Result<Client, IntegrationsFailure> {
    thread_local! {
        static CLIENT: OnceCell<Client> = const { OnceCell::new() };
    }
    CLIENT.with(|known| match known.get() {
        Some(client) => Ok(client.clone()),
        None => {
            let made = runtime::http::client().map_err(IntegrationsFailure::internal)?;
            Ok(known.get_or_init(|| made).clone())
        }
    })
}
