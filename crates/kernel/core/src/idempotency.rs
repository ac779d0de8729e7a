use crate::{CallError, IdSource};
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, fmt};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Type, schema::Schema},
};
use uuid::Uuid;

/// Names one intention: sending it twice makes one effect. Printable ASCII, 1 to 200 characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// A key that a caller sent.
    pub fn parse(text: &str) -> Result<Self, CallError> {
        let length = text.chars().count();
        if length == 0 || length > 200 || !text.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
            return Err(CallError::invalid(
                "Idempotency-Key",
                "must be 1 to 200 printable ASCII characters",
            ));
        }
        Ok(Self(text.to_owned()))
    }

    /// A fresh key, for a request that came without one.
    pub fn fresh(ids: &IdSource) -> Self {
        Self(format!("auto-{}", ids.next::<Uuid>()))
    }

    /// The key of a nested effect: derived from this one and the name of the step, so that a retry derives the same.
    pub fn step(&self, name: &str) -> Self {
        let derived = Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("{}\u{0}{name}", self.0).as_bytes());
        Self(format!("step-{derived}"))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for IdempotencyKey {
    type Error = CallError;
    fn try_from(text: String) -> Result<Self, CallError> {
        Self::parse(&text)
    }
}

impl From<IdempotencyKey> for String {
    fn from(key: IdempotencyKey) -> Self {
        key.0
    }
}

impl PartialSchema for IdempotencyKey {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some("^[ -~]{1,200}$"))
            .into()
    }
}

impl ToSchema for IdempotencyKey {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("IdempotencyKey")
    }
}

/// The fingerprint of a request (SHA-256): the same key with another request is refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestHash(String);

impl RequestHash {
    /// The fingerprint of what the request means: a value that serialises the same way each time.
    pub fn of(request: &impl Serialize) -> Result<Self, CallError> {
        let bytes = serde_json::to_vec(request).map_err(CallError::internal)?;
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &bytes);
        Ok(Self(
            digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect(),
        ))
    }

    /// The fingerprint as lower-case hex.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for RequestHash {
    fn from(hex: String) -> Self {
        Self(hex)
    }
}
