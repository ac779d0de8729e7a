//! What a group promises, written down: a document that a machine compares and a person reads.
//!
//! [`GroupContract`] is made from the traits themselves ([`GroupContract::with`]), committed beside them
//! ([`committed::check`]), served by the group, and compared by every process that calls it ([`compatible`]). Schemas
//! are JSON Schema, as `utoipa::ToSchema` describes the types.

mod breach;
mod canonical;
pub mod committed;
mod compare;
mod cover;
mod describe;
mod number;
mod object;
mod shape;

pub use breach::Breach;
pub use compare::compatible;
pub use describe::{Described, Schemas};

use crate::{ContractError, MethodInfo, Mode, Wire};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Everything that one group answers over the seam.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GroupContract {
    /// The group, as in `advisory`.
    pub group: String,
    /// Raised by whoever breaks older clients on purpose.
    pub version: u32,
    /// Its contracts by name, as in `advisory.book`.
    pub contracts: BTreeMap<String, ContractSchema>,
    /// The types that several places share: `{"$ref": "#/schemas/Money"}` leads here.
    #[serde(default)]
    pub schemas: BTreeMap<String, Value>,
    #[serde(skip)]
    clashes: Vec<String>,
}

/// One trait.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ContractSchema {
    /// Its methods by name.
    pub methods: BTreeMap<String, MethodSchema>,
}

/// One method.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MethodSchema {
    /// What calling it means.
    pub mode: Mode,
    /// The first line of its documentation.
    #[serde(default)]
    pub summary: String,
    /// The JSON object that it takes: a property for each argument, without the context and the key. What is not
    /// among `required` may be left out.
    pub arguments: Value,
    /// What it answers; of a stream, each item.
    pub answer: Value,
    /// What it answers instead when it fails.
    pub error: Value,
    /// Whether it answers with many items, one after another.
    #[serde(default)]
    pub stream: bool,
}

impl GroupContract {
    /// A group that promises nothing yet.
    pub fn new(group: impl Into<String>, version: u32) -> Self {
        Self {
            group: group.into(),
            version,
            contracts: BTreeMap::new(),
            schemas: BTreeMap::new(),
            clashes: Vec::new(),
        }
    }

    /// The same, and the contract that this client calls.
    pub fn with<C: Described>(mut self) -> Self {
        let mut schemas = Schemas::default();
        let contract = C::describe(&mut schemas);
        let name = match C::SHARED {
            true => format!("{}.{}", self.group, C::NAME),
            false => C::NAME.to_owned(),
        };
        self.contracts.insert(name, contract);
        let (named, clashes) = schemas.into_parts();
        self.clashes.extend(clashes);
        self.adopt(named);
        self
    }

    /// The same, and all that `other` promises: the group and the version stay this one's. Made for the contracts that
    /// every group offers, which are written down once for all of them.
    pub fn and(mut self, other: GroupContract) -> Self {
        self.contracts.extend(other.contracts);
        self.clashes.extend(other.clashes);
        self.adopt(other.schemas);
        self
    }

    fn adopt(&mut self, schemas: BTreeMap<String, Value>) {
        for (name, schema) in schemas {
            match self.schemas.get(&name) {
                Some(known) if *known != schema => self.clashes.push(describe::clash(&name)),
                Some(_) => {}
                None => {
                    self.schemas.insert(name, schema);
                }
            }
        }
    }

    /// The document with sorted keys, indented, with a line feed at its end: the same bytes in every build.
    pub fn to_json(&self) -> String {
        let mut text = serde_json::to_string_pretty(&self.canonical()).unwrap_or_default();
        text.push('\n');
        text
    }

    /// The SHA-256 of the document, in hexadecimal digits. Equal means that nothing has to be compared.
    pub fn hash(&self) -> String {
        let bytes = serde_json::to_vec(&self.canonical()).unwrap_or_default();
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &bytes);
        digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Why the document cannot be relied on: two types of one name, a type that is missing, a contract of another
    /// group. Each line says what to do.
    pub fn problems(&self) -> Vec<String> {
        let mut found = self.clashes.clone();
        for name in self.contracts.keys() {
            if name.split('.').next() != Some(self.group.as_str()) {
                found.push(format!(
                    "the contract '{name}' is not the group's: its name begins with '{}.'",
                    self.group
                ));
            }
        }
        for name in canonical::dangling(&self.canonical(), &self.schemas) {
            found.push(format!(
                "the type '{name}' is referred to and not described: let it stand in an argument or answer of its own, \
                 or take `no_recursion` from the field that has it"
            ));
        }
        found.sort();
        found.dedup();
        found
    }

    // Texts, numbers and maps with texts as keys: turning them into JSON cannot fail.
    fn canonical(&self) -> Value {
        canonical::sorted(&serde_json::to_value(self).unwrap_or_default())
    }
}

impl ContractSchema {
    /// The same, and this method.
    pub fn method(mut self, name: &str, method: MethodSchema) -> Self {
        self.methods.insert(name.to_owned(), method);
        self
    }
}

impl MethodSchema {
    /// A method that takes nothing yet, answers with `A` and fails with `E`.
    pub fn new<A: Wire, E: ContractError>(info: &MethodInfo, schemas: &mut Schemas) -> Self {
        Self {
            mode: info.mode,
            summary: info.summary.to_owned(),
            arguments: json!({"properties": {}, "required": [], "type": "object"}),
            answer: schemas.of::<A>(),
            error: schemas.of::<E>(),
            stream: false,
        }
    }

    /// The same, and an argument; one that may be null may be left out.
    pub fn argument<T: Wire>(mut self, name: &str, schemas: &mut Schemas) -> Self {
        let schema = schemas.of::<T>();
        let optional = schemas.allows_null(&schema);
        self.arguments["properties"][name] = schema;
        if let (false, Some(required)) = (optional, self.arguments["required"].as_array_mut()) {
            required.push(Value::from(name));
            required.sort_by(|one, other| one.as_str().cmp(&other.as_str()));
        }
        self
    }

    /// The same, answering with many items.
    pub fn streamed(mut self) -> Self {
        self.stream = true;
        self
    }
}
