use crate::{ShellError, mount::Mount, routes::operations, system};
use bytes::Bytes;
use kernel::{ErrorBody, FieldError};
use serde::Serialize;
use serde_json::{
    Map, Value,
    value::{RawValue, to_raw_value},
};
use std::{
    collections::{BTreeMap, HashSet, btree_map::Entry},
    sync::OnceLock,
};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        ContentBuilder, InfoBuilder, OpenApi, OpenApiBuilder, Ref, RefOr, ResponseBuilder,
        path::{Operation, PathItem},
        security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};

/// What any route may answer besides what it documents itself.
const COMMON: [(&str, &str, &str); 15] = [
    ("400", "Malformed", "The request cannot be read."),
    (
        "401",
        "Unauthenticated",
        "No access token, or one that is no good.",
    ),
    ("403", "Forbidden", "The role does not allow it."),
    ("404", "NotFound", "Unknown, or not yours to see."),
    (
        "405",
        "MethodNotAllowed",
        "The path knows other methods: see `Allow`.",
    ),
    ("408", "RequestTimeout", "The body did not arrive in time."),
    ("409", "Conflict", "It contradicts what is stored."),
    (
        "412",
        "PreconditionFailed",
        "`If-Match` names a version that is gone.",
    ),
    ("413", "TooLarge", "The body has too many bytes."),
    (
        "415",
        "UnsupportedMediaType",
        "The body has another type than is read here.",
    ),
    ("422", "Invalid", "Readable, but wrong: see `details`."),
    ("429", "TooManyRequests", "Too often: see `Retry-After`."),
    ("500", "Internal", "Our fault."),
    (
        "503",
        "Unavailable",
        "Something that is needed is away: see `Retry-After`.",
    ),
    ("504", "Timeout", "No answer in time; the outcome is unknown."),
];

/// Pieces of the description by name, each as its text: as what it is made of, it takes ten times the memory.
type Pieces = BTreeMap<String, Box<RawValue>>;

/// What must be different everywhere, so that nothing is silently lost when descriptions are put together.
#[derive(Default)]
pub(crate) struct Names {
    paths: HashSet<String>,
    ids: HashSet<String>,
}

impl Names {
    /// Takes the names of a group. Refuses a second path, a second operation id, an id of another group.
    pub(crate) fn take(&mut self, group: &str, part: &OpenApi) -> Result<(), ShellError> {
        let mut paths = part.paths.paths.iter();
        paths.try_for_each(|(path, item)| self.take_path(group, path, item))
    }

    fn take_path(&mut self, group: &str, path: &str, item: &PathItem) -> Result<(), ShellError> {
        if !self.paths.insert(path.to_owned()) {
            return Err(ShellError::PathTaken {
                group: group.to_owned(),
                path: path.to_owned(),
            });
        }
        for (_, operation) in operations(item) {
            let id = operation.operation_id.clone().unwrap_or_default();
            let mine = id
                .strip_prefix(group)
                .is_some_and(|rest| rest.len() > 1 && rest.starts_with('_'));
            if !mine || !self.ids.insert(id.clone()) {
                return Err(ShellError::OperationId {
                    group: group.to_owned(),
                    path: path.to_owned(),
                    id,
                });
            }
        }
        Ok(())
    }
}

/// The description of everything that is served, put together when somebody asks for it.
pub(crate) struct Document {
    title: String,
    mounts: Vec<Mount>,
    /// Held by who writes it: the others wait, and do not write it too.
    turn: tokio::sync::Mutex<()>,
    text: OnceLock<Bytes>,
}

impl Document {
    /// The description of these groups and of the shell's own routes.
    pub(crate) fn new(title: &str, mounts: Vec<Mount>) -> Self {
        Self {
            title: title.to_owned(),
            mounts,
            turn: tokio::sync::Mutex::default(),
            text: OnceLock::new(),
        }
    }

    /// Waits until nobody else is writing the description.
    pub(crate) async fn turn(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.turn.lock().await
    }

    /// The description as JSON, if somebody has asked for it before.
    pub(crate) fn known(&self) -> Option<Bytes> {
        self.text.get().cloned()
    }

    /// The description as JSON, with those paths only that are `shown`. The first time it fills a processor for tens of
    /// milliseconds.
    pub(crate) fn text(&self, shown: impl Fn(&str) -> bool) -> Result<Bytes, ShellError> {
        if let Some(known) = self.known() {
            return Ok(known);
        }
        let mut description = Description::new(&self.title)?;
        // One group after the other: what a description is made of is gone before the next one comes.
        for mount in &self.mounts {
            description.add(mount.openapi()?, &shown)?;
        }
        description.add(system::openapi(), &shown)?;
        let text = description.text()?;
        Ok(self.text.get_or_init(|| text).clone())
    }
}

/// One description of all groups and of the shell's own routes, put together from theirs one after the other.
struct Description {
    /// What is neither a path nor a component.
    frame: OpenApi,
    paths: Pieces,
    schemas: Pieces,
    responses: Pieces,
    security_schemes: Pieces,
}

impl Description {
    fn new(title: &str) -> Result<Self, ShellError> {
        let info = InfoBuilder::new()
            .title(title)
            .version(env!("CARGO_PKG_VERSION"))
            .build();
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("JWT")
            .build();
        let mut description = Self {
            frame: OpenApiBuilder::new().info(info).build(),
            paths: Pieces::new(),
            schemas: Pieces::new(),
            responses: Pieces::new(),
            security_schemes: Pieces::new(),
        };
        let bearer = [("bearer".to_owned(), SecurityScheme::Http(scheme))];
        collect(&mut description.security_schemes, bearer)?;
        let common = COMMON.map(|(_, name, meaning)| (name.to_owned(), response(meaning)));
        collect(&mut description.responses, common)?;
        let errors = [
            (FieldError::name().into_owned(), FieldError::schema()),
            ("ErrorResponse".to_owned(), ErrorBody::schema()),
        ];
        collect(&mut description.schemas, errors)?;
        Ok(description)
    }

    /// Adds what a group says of its routes, of which only those are `shown` that this process serves.
    fn add(&mut self, mut part: OpenApi, shown: impl Fn(&str) -> bool) -> Result<(), ShellError> {
        for (path, mut item) in std::mem::take(&mut part.paths.paths) {
            if shown(&path) {
                operations_mut(&mut item).for_each(document_common);
                collect(&mut self.paths, [(path, item)])?;
            }
        }
        let components = part.components.take().unwrap_or_default();
        collect(&mut self.schemas, components.schemas)?;
        collect(&mut self.responses, components.responses)?;
        collect(&mut self.security_schemes, components.security_schemes)?;
        self.frame.merge(part);
        Ok(())
    }

    /// The description as JSON, the members of each object in the order of their names.
    fn text(self) -> Result<Bytes, ShellError> {
        let components = BTreeMap::from([
            ("responses", self.responses),
            ("schemas", self.schemas),
            ("securitySchemes", self.security_schemes),
        ]);
        let frame: Map<String, Value> = serde_json::from_value(serde_json::to_value(&self.frame)?)?;
        let mut members = Pieces::new();
        collect(&mut members, frame)?;
        members.insert("paths".to_owned(), to_raw_value(&self.paths)?);
        members.insert("components".to_owned(), to_raw_value(&components)?);
        Ok(Bytes::from(serde_json::to_vec(&members)?))
    }
}

/// Adds pieces to those of the same kind; the first of a name stays. By way of a value: the same order of members whether a
/// group or its committed fragment described the routes.
fn collect<T: Serialize>(
    pieces: &mut Pieces,
    more: impl IntoIterator<Item = (String, T)>,
) -> Result<(), ShellError> {
    for (name, piece) in more {
        if let Entry::Vacant(place) = pieces.entry(name) {
            place.insert(to_raw_value(&serde_json::to_value(piece)?)?);
        }
    }
    Ok(())
}

fn response(meaning: &str) -> utoipa::openapi::Response {
    let content = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name("ErrorResponse")))
        .build();
    ResponseBuilder::new()
        .description(meaning)
        .content("application/json", content)
        .build()
}

fn document_common(operation: &mut Operation) {
    for (status, name, _) in COMMON {
        operation
            .responses
            .responses
            .entry(status.to_owned())
            .or_insert_with(|| RefOr::Ref(Ref::from_response_name(name)));
    }
}

fn operations_mut(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [
        &mut item.get,
        &mut item.put,
        &mut item.post,
        &mut item.delete,
        &mut item.options,
        &mut item.head,
        &mut item.patch,
        &mut item.trace,
    ]
    .into_iter()
    .filter_map(Option::as_mut)
}
