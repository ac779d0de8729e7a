use crate::{KeyError, LEEWAY, ServiceSecret, service::Purpose};
use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use kernel::{Clock, RequestId};
use parking_lot::RwLock;
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, fmt, net::IpAddr, sync::Arc};

/// How long a seal is believed: a request is forwarded at once.
const LIFE: TimeDelta = TimeDelta::seconds(30);
/// The longest text that is looked at.
const MAX_BYTES: usize = 2048;

/// What the process at the edge knows of a request that it forwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hop {
    /// The address of the client.
    pub client: IpAddr,
    /// How the client came: `http` or `https`.
    pub scheme: String,
    /// The `Host` that the client asked for.
    pub host: String,
    /// Whether the request was counted against a rate limit at the edge.
    pub limited: bool,
    /// The id that the edge gave the request.
    pub request_id: RequestId,
}

#[derive(Serialize, Deserialize)]
struct Sealed<'a> {
    at: i64,
    c: IpAddr,
    s: Cow<'a, str>,
    h: Cow<'a, str>,
    l: bool,
    r: RequestId,
}

/// Seals what a forwarder knows of a request for the group that it forwards to. Whoever opens it knows that a process
/// of this installation said so within the last 30 seconds; anything else is worth nothing.
pub struct HopSeal {
    keys: RwLock<Arc<Vec<hmac::Key>>>,
    clock: Arc<dyn Clock>,
}

impl HopSeal {
    /// The request header in which a sealed hop travels. One that does not open is dropped, never passed on.
    pub const HEADER: &'static str = "x-wealthos-hop";

    /// Seals with a key that is derived from what the processes share.
    pub fn new(secret: &ServiceSecret, clock: Arc<dyn Clock>) -> Result<Self, KeyError> {
        Ok(Self {
            keys: RwLock::new(Arc::new(keys_of(secret)?)),
            clock,
        })
    }

    /// From now on this secret and those with it are what the processes share.
    pub fn change_secret(&self, secret: &ServiceSecret) -> Result<(), KeyError> {
        *self.keys.write() = Arc::new(keys_of(secret)?);
        Ok(())
    }

    fn keys(&self) -> Arc<Vec<hmac::Key>> {
        self.keys.read().clone()
    }

    /// The text of the header for a request that is forwarded to `group`: visible ASCII.
    pub fn seal(&self, hop: &Hop, group: &str) -> String {
        let sealed = Sealed {
            at: self.clock.now().timestamp(),
            c: hop.client,
            s: Cow::Borrowed(&hop.scheme),
            h: Cow::Borrowed(&hop.host),
            l: hop.limited,
            r: hop.request_id,
        };
        // Plain texts and numbers: writing them cannot fail; and if it did, the seal would open nowhere.
        let said = serde_json::to_vec(&sealed).unwrap_or_default();
        let mut text = URL_SAFE_NO_PAD.encode(said);
        if let Some(key) = self.keys().first() {
            // Over what [`signed`] says, piece by piece.
            let mut context = hmac::Context::with_key(key);
            for piece in [group, "\n", &text] {
                context.update(piece.as_bytes());
            }
            text.push('.');
            URL_SAFE_NO_PAD.encode_string(context.sign(), &mut text);
        }
        text
    }

    /// What was sealed for `group` in the last 30 seconds.
    pub fn open(&self, text: &str, group: &str) -> Option<Hop> {
        if text.len() > MAX_BYTES {
            return None;
        }
        let (said, tag) = text.split_once('.')?;
        let tag = URL_SAFE_NO_PAD.decode(tag).ok()?;
        let signed = signed(said, group);
        self.keys()
            .iter()
            .find(|key| hmac::verify(key, signed.as_bytes(), &tag).is_ok())?;
        let said = URL_SAFE_NO_PAD.decode(said).ok()?;
        let sealed: Sealed<'_> = serde_json::from_slice(&said).ok()?;
        let age = self.clock.now().timestamp().saturating_sub(sealed.at);
        let leeway = LEEWAY.num_seconds();
        (-leeway..LIFE.num_seconds() + leeway)
            .contains(&age)
            .then_some(Hop {
                client: sealed.c,
                scheme: sealed.s.into_owned(),
                host: sealed.h.into_owned(),
                limited: sealed.l,
                request_id: sealed.r,
            })
    }
}

fn keys_of(secret: &ServiceSecret) -> Result<Vec<hmac::Key>, KeyError> {
    let keys = secret.keys(Purpose::Hop)?;
    if keys.is_empty() {
        return Err(KeyError::Empty);
    }
    let keys = keys.iter().map(|key| hmac::Key::new(hmac::HMAC_SHA256, key));
    Ok(keys.collect())
}

/// What the signature is over. The group is not sent: the one that opens knows which it is.
fn signed(said: &str, group: &str) -> String {
    format!("{group}\n{said}")
}

impl fmt::Debug for HopSeal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HopSeal({} keys)", self.keys().len())
    }
}
