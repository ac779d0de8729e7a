use super::{schemas::Schemas, stage::Stage};
use reqwest::Method;
use serde_json::Value;
use std::collections::BTreeSet;

/// The served description, as far as it says what may be sent and answered.
pub(super) struct Document {
    pub(super) schemas: Schemas,
    pub(super) operations: Vec<Operation>,
}

/// One method of one path.
pub(super) struct Operation {
    pub(super) id: String,
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) parameters: Vec<Parameter>,
    /// The schema of a JSON body.
    pub(super) json: Option<Value>,
    /// The content types of other bodies.
    pub(super) other_bodies: Vec<String>,
    pub(super) statuses: BTreeSet<u16>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Path,
    Query,
    Header,
}

pub(super) struct Parameter {
    pub(super) place: Place,
    pub(super) name: String,
    pub(super) required: bool,
    pub(super) schema: Value,
}

impl Document {
    pub(super) async fn served(stage: &Stage) -> Self {
        let document = stage.openapi().await;
        let mut operations: Vec<Operation> = document["paths"]
            .as_object()
            .unwrap()
            .iter()
            .flat_map(|(path, item)| {
                let methods = item.as_object().unwrap().iter();
                methods.map(move |(method, operation)| Operation::read(path, method, operation))
            })
            .collect();
        operations.sort_by(|a, b| a.id.cmp(&b.id));
        assert!(operations.len() > 10, "hardly anything is described");
        Self {
            schemas: Schemas(document["components"]["schemas"].clone()),
            operations,
        }
    }
}

impl Document {
    /// What a description refers to without having it.
    pub(super) fn dangling(document: &Value) -> BTreeSet<String> {
        let mut open = vec![document];
        let mut missing = BTreeSet::new();
        while let Some(value) = open.pop() {
            match value {
                Value::Object(fields) => {
                    let target = fields.get("$ref").and_then(Value::as_str);
                    let pointer = target.map(|target| target.trim_start_matches('#'));
                    if let Some(pointer) = pointer.filter(|pointer| document.pointer(pointer).is_none()) {
                        missing.insert(pointer.to_owned());
                    }
                    open.extend(fields.values());
                }
                Value::Array(items) => open.extend(items),
                _ => {}
            }
        }
        missing
    }
}

impl Operation {
    fn read(path: &str, method: &str, operation: &Value) -> Self {
        let id = operation["operationId"].as_str().unwrap().to_owned();
        let bodies = operation["requestBody"]["content"].as_object();
        let (json, other): (Vec<_>, Vec<_>) = bodies
            .into_iter()
            .flatten()
            .partition(|(kind, _)| *kind == "application/json");
        let parameters = operation["parameters"].as_array();
        Self {
            method: method.to_uppercase().parse().unwrap(),
            path: path.to_owned(),
            parameters: parameters
                .into_iter()
                .flatten()
                .map(|parameter| Parameter::read(&id, parameter))
                .collect(),
            json: json.first().map(|(_, body)| body["schema"].clone()),
            other_bodies: other.into_iter().map(|(kind, _)| kind.clone()).collect(),
            statuses: operation["responses"]
                .as_object()
                .unwrap()
                .keys()
                .map(|status| status.parse().unwrap())
                .collect(),
            id,
        }
    }

    pub(super) fn parameters_in(&self, place: Place) -> impl Iterator<Item = &Parameter> {
        self.parameters
            .iter()
            .filter(move |parameter| parameter.place == place)
    }
}

impl Parameter {
    fn read(operation: &str, parameter: &Value) -> Self {
        Self {
            place: match parameter["in"].as_str().unwrap() {
                "path" => Place::Path,
                "query" => Place::Query,
                "header" => Place::Header,
                other => panic!("{operation}: a parameter in '{other}' is not attacked yet"),
            },
            name: parameter["name"].as_str().unwrap().to_owned(),
            required: parameter["required"].as_bool().unwrap_or_default(),
            schema: parameter["schema"].clone(),
        }
    }
}
