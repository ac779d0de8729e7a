use crate::{ShellError, mount::Described, routes::operations};
use kernel::{ErrorBody, FieldError};
use std::collections::HashSet;
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

/// One description of all mounts and of the shell's own routes.
pub(crate) fn merge(title: &str, own: OpenApi, mounts: &[Described]) -> Result<OpenApi, ShellError> {
    let info = InfoBuilder::new()
        .title(title)
        .version(env!("CARGO_PKG_VERSION"))
        .build();
    let mut api = OpenApiBuilder::new().info(info).build();
    let mut ids = HashSet::new();
    for (group, part) in mounts
        .iter()
        .map(|mount| (mount.info.name, &mount.openapi))
        .chain([("system", &own)])
    {
        check(group, part, &api, &mut ids)?;
        api.merge(part.clone());
    }
    let components = api.components.get_or_insert_default();
    let scheme = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("JWT")
        .build();
    components
        .security_schemes
        .insert("bearer".to_owned(), SecurityScheme::Http(scheme).into());
    for (_, name, meaning) in COMMON {
        components
            .responses
            .insert(name.to_owned(), response(meaning).into());
    }
    let mut schemas = vec![(FieldError::name().into_owned(), FieldError::schema())];
    schemas.push(("ErrorResponse".to_owned(), ErrorBody::schema()));
    components.schemas.extend(schemas);
    for item in api.paths.paths.values_mut() {
        operations_mut(item).for_each(document_common);
    }
    Ok(api)
}

/// Refuses what would silently be lost: a second path, a second operation id, an id of another group.
fn check(group: &str, part: &OpenApi, merged: &OpenApi, ids: &mut HashSet<String>) -> Result<(), ShellError> {
    for (path, item) in &part.paths.paths {
        if merged.paths.paths.contains_key(path) {
            return Err(ShellError::PathTaken {
                group: group.to_owned(),
                path: path.clone(),
            });
        }
        for (_, operation) in operations(item) {
            let id = operation.operation_id.clone().unwrap_or_default();
            let mine = id
                .strip_prefix(group)
                .is_some_and(|rest| rest.len() > 1 && rest.starts_with('_'));
            if !mine || !ids.insert(id.clone()) {
                return Err(ShellError::OperationId {
                    group: group.to_owned(),
                    path: path.clone(),
                    id,
                });
            }
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
