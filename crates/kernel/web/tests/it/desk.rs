//! A contract that is answered over the seam, and a process that calls it.

use crate::{fixture::Site, group::INFO};
use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use futures::{StreamExt, future::pending, stream};
use kernel::{CallContext, ErrorKind, GroupInfo, ManualClock, Principal, Sources, SystemEntropy, TenantId};
use reqwest::RequestBuilder;
use rpc::{Dispatch, IncomingCall, Reply};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use std::sync::Arc;
use tokio::sync::Notify;
use trust::{HopSeal, ServiceIdentity, ServiceKeys, ServiceSecret, ServiceTokens, Speakers};

pub const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// The groups that call each other in these tests.
pub static GROUPS: [GroupInfo; 2] = [
    INFO,
    GroupInfo {
        name: "notes",
        prefixes: &[],
        rates: &[],
        ..INFO
    },
];

/// What `notes` promises: the contract `notes.desk`.
#[derive(Default)]
pub struct Desk {
    /// Something was asked that has no end.
    pub entered: Notify,
    /// It was given up.
    pub left: Arc<Notify>,
}

/// Says that it was dropped.
struct Leaving(Arc<Notify>);

impl Drop for Leaving {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

pub const CONTRACT: &str = "notes.desk";
/// What the desk's document says.
pub const DOCUMENT: &str = r#"{"group":"notes","hash":"abc"}"#;

#[async_trait]
impl Dispatch for Desk {
    fn contract(&self) -> &str {
        CONTRACT
    }

    async fn dispatch(&self, cx: CallContext, call: IncomingCall) -> Reply {
        match call.method.as_str() {
            "echo" => Reply::Answer(
                json!({
                    "principal": cx.principal,
                    "request": cx.request_id,
                    "trace": cx.trace.map(|trace| trace.to_string()),
                    "remaining": u64::try_from(cx.deadline.remaining().as_millis()).unwrap(),
                    "depth": cx.depth,
                    "key": call.key.map(|key| key.to_string()),
                    "arguments": String::from_utf8_lossy(&call.arguments),
                })
                .to_string()
                .into(),
            ),
            "fail" => Reply::Error {
                kind: ErrorKind::NotFound,
                error: Bytes::from_static(br#"{"NoSuchNote":{"id":7}}"#),
            },
            "forever" => {
                let _leaving = Leaving(self.left.clone());
                self.entered.notify_one();
                pending().await
            }
            "panic" => panic!("the desk fell over"),
            _ => {
                let leaving = Leaving(self.left.clone());
                let first = Bytes::from_static(b"{\"item\":1}\n");
                let rest = stream::once(async move {
                    let _leaving = leaving;
                    pending::<Bytes>().await
                });
                Reply::Stream(stream::once(async { first }).chain(rest).boxed())
            }
        }
    }
}

pub fn secret(text: &str) -> ServiceSecret {
    ServiceSecret::new(&SecretString::from(text), &[]).unwrap()
}

pub fn keys(text: &str) -> Arc<ServiceKeys> {
    Arc::new(ServiceKeys::shared(&secret(text)).unwrap())
}

pub fn hops(text: &str) -> HopSeal {
    HopSeal::new(&secret(text), Sources::system().clock().clone()).unwrap()
}

fn tokens_of(name: &'static str, secret: &str, sources: Sources) -> ServiceTokens {
    ServiceTokens::new(
        keys(secret),
        ServiceIdentity::of_groups([name]),
        Speakers::of_groups(&GROUPS),
        sources,
    )
}

/// A token of the group `demo`, signed with what is derived from `secret`, as it was issued `age` ago.
pub fn service_token(secret: &str, group: &str, principal: &Principal, age: TimeDelta) -> String {
    let now: DateTime<Utc> = Sources::system().now() - age;
    let sources = Sources::new(Arc::new(ManualClock::at(now)), Arc::new(SystemEntropy));
    let token = tokens_of("demo", secret, sources)
        .token(group, principal)
        .unwrap();
    token.expose_secret().to_owned()
}

/// `demo` acting for itself.
pub fn system() -> Principal {
    Principal::System {
        group: "demo".to_owned(),
        tenant: TenantId::DEFAULT,
    }
}

impl Site {
    /// A token with which `demo` may call `notes` in the name of this site's user.
    pub fn for_user(&self) -> String {
        service_token(
            SECRET,
            "notes",
            &Principal::User(self.user.clone()),
            TimeDelta::zero(),
        )
    }

    /// A call of the desk, by `demo` for itself.
    pub fn call(&self, method: &str) -> RequestBuilder {
        self.call_at(&self.url(""), method)
    }

    /// The same, at another address of the process.
    pub fn call_at(&self, base: &str, method: &str) -> RequestBuilder {
        let token = service_token(SECRET, "notes", &system(), TimeDelta::zero());
        self.client
            .post(format!("{base}/rpc/notes/desk.{method}"))
            .bearer_auth(token)
            .header("content-type", "application/json")
            .body("{}")
    }
}
