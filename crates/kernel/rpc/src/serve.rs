//! What the `Dispatch` that `#[rpc::service]` makes is built of.

use crate::{ContractError, IncomingCall, ItemStream, Reply, Wire, causes::Causes, lines};
use bytes::Bytes;
use kernel::{CallError, ErrorKind, FieldError, IdempotencyKey, Tasks};
use serde::de::DeserializeOwned;

/// The arguments of a call. What is wrong names the argument; members that the method does not know are ignored.
pub fn arguments<A: DeserializeOwned>(json: &[u8]) -> Result<A, CallError> {
    let no_object = || CallError::invalid("body", "must be a JSON object with the arguments by name");
    if json.trim_ascii_start().first() != Some(&b'{') {
        return Err(no_object());
    }
    serde_json::from_slice(json).map_err(|error| match error.classify() {
        serde_json::error::Category::Data => CallError::Invalid {
            details: vec![wrong_argument::<A>(json)],
        },
        _ => no_object(),
    })
}

/// Reads again, slower, to find out which argument it was.
fn wrong_argument<A: DeserializeOwned>(json: &[u8]) -> FieldError {
    let mut reader = serde_json::Deserializer::from_slice(json);
    let Err(error) = serde_path_to_error::deserialize::<_, A>(&mut reader) else {
        return FieldError::new("body", "cannot be read");
    };
    let path = error.path().to_string();
    let message = error.into_inner().to_string();
    let missing = message
        .strip_prefix("missing field `")
        .and_then(|rest| rest.split_once('`'))
        .map(|(field, _)| field);
    match (missing, path.as_str()) {
        (Some(field), ".") => FieldError::new(field, "is missing"),
        (Some(field), path) => FieldError::new(format!("{path}.{field}"), "is missing"),
        (None, ".") => FieldError::new("body", message),
        (None, _) => FieldError::new(path, message),
    }
}

/// The key of an effect.
pub fn key(call: &IncomingCall) -> Result<IdempotencyKey, CallError> {
    call.key
        .clone()
        .ok_or_else(|| CallError::invalid("idempotency-key", "must be sent: this call has an effect"))
}

/// The reply for an answer or the contract's error.
pub fn reply<T: Wire, E: ContractError>(answer: Result<T, E>) -> Reply {
    match answer {
        Ok(answer) => match serde_json::to_vec(&answer) {
            Ok(json) => Reply::Answer(Bytes::from(json)),
            Err(cause) => refusal(&E::from(CallError::internal(cause))),
        },
        Err(error) => refusal(&error),
    }
}

/// The reply for a stream or the contract's error. The stream is cut when `tasks` are told to stop.
pub fn stream_reply<T: Wire, E: ContractError>(tasks: &Tasks, answer: Result<ItemStream<T, E>, E>) -> Reply {
    match answer {
        Ok(items) => Reply::Stream(lines::lines(items, tasks.clone(), lines::BEAT)),
        Err(error) => refusal(&error),
    }
}

/// The reply when the contract has no such method.
pub fn not_offered<E: ContractError>(contract: &str, method: &str) -> Reply {
    refusal(&E::from(CallError::NotOffered {
        method: format!("{contract}.{method}"),
    }))
}

/// The error as it is sent. Its cause stays here, so here it is logged.
fn refusal<E: ContractError>(error: &E) -> Reply {
    let kind = error.kind();
    if matches!(kind, ErrorKind::Internal | ErrorKind::Unavailable) {
        tracing::warn!(
            code = %error.code(),
            cause = %Causes(error),
            "a call from another process failed"
        );
    }
    match serde_json::to_vec(error) {
        Ok(json) => Reply::Error {
            kind,
            error: Bytes::from(json),
        },
        Err(cause) => {
            tracing::error!(%cause, "an error of the contract cannot be sent");
            Reply::Error {
                kind: ErrorKind::Internal,
                error: Bytes::from_static(b"null"),
            }
        }
    }
}
