use crate::{Failure, state::RequestState};
use actix_web::{
    guard::{Guard, fn_guard},
    http::{Method, Uri},
};
use kernel::{ErrorKind, RateClass};
use std::{collections::HashMap, sync::Arc};
use utoipa::openapi::{OpenApi, path::PathItem};

/// What the shell knows of one path pattern.
#[derive(Debug)]
pub(crate) struct Route {
    /// As in `/api/v1/clients/{id}`.
    pub(crate) pattern: Arc<str>,
    /// The group whose it is; none for the shell's own routes.
    pub(crate) group: Option<&'static str>,
    /// The methods that it answers, and how strictly each is limited; none for the shell's own routes.
    pub(crate) methods: Vec<(Method, Option<RateClass>)>,
    /// For a pattern with parameters.
    pub(crate) stand_in: Option<StandIn>,
}

/// Whether a request is for this path pattern, as the route table knows. A scope with this guard is where the routes of a
/// path that is asked for all the time are found at once: the patterns of a group's other routes, which are tried one
/// after the other, are left out. All methods of the path belong in it.
pub fn only(pattern: &'static str) -> impl Guard {
    fn_guard(move |context| RequestState::route_of(context).is_some_and(|route| *route.pattern == *pattern))
}

/// What stands for the path of a request while its handler is looked for. The route is known by then, but actix-web tries
/// its own patterns one after the other, each with a regular expression that walks over every letter: with one letter
/// for a parameter there are few to walk over.
#[derive(Debug)]
pub(crate) struct StandIn {
    /// The path with [`StandIn::VALUE`] for every parameter.
    pub(crate) uri: Uri,
    /// Which segments are parameters.
    places: Vec<usize>,
}

impl StandIn {
    /// What stands for the value of a parameter. No pattern has it as a segment of its own.
    pub(crate) const VALUE: &str = "-";

    fn of(pattern: &str) -> Option<Self> {
        let is_parameter = |segment: &str| segment.starts_with('{') && segment.ends_with('}');
        let is_usual = |segment: &str| {
            !segment.contains(['{', '}', '*', ':']) && segment != Self::VALUE
                || is_parameter(segment) && !segment.contains(['*', ':'])
        };
        if !segments(pattern).all(is_usual) {
            return None;
        }
        let places: Vec<_> = segments(pattern)
            .enumerate()
            .filter_map(|(place, segment)| is_parameter(segment).then_some(place))
            .collect();
        let short: String = segments(pattern)
            .flat_map(|segment| {
                let shown = if is_parameter(segment) {
                    Self::VALUE
                } else {
                    segment
                };
                ["/", shown]
            })
            .collect();
        let uri = Uri::try_from(short).ok()?;
        (!places.is_empty()).then_some(Self { uri, places })
    }

    /// The values of the parameters in a path of this route, as they were sent.
    pub(crate) fn values(&self, path: &str) -> Vec<String> {
        let mut places = self.places.iter().peekable();
        let values = segments(path)
            .enumerate()
            .filter(|(place, _)| places.next_if(|next| *next == place).is_some());
        values.map(|(_, value)| value.to_owned()).collect()
    }
}

impl Route {
    pub(crate) fn class(&self, method: &Method) -> Option<RateClass> {
        self.methods
            .iter()
            .find(|(known, _)| known == method)
            .and_then(|(_, class)| *class)
    }

    /// Whether it answers this method; whoever answers `GET` answers `HEAD`.
    pub(crate) fn answers(&self, method: &Method) -> bool {
        let method = if method == Method::HEAD {
            &Method::GET
        } else {
            method
        };
        self.methods.iter().any(|(known, _)| known == method)
    }

    /// What a method gets that it does not answer.
    pub(crate) fn not_allowed(&self) -> Failure {
        let message = format!("this path knows {} only", self.allow());
        Failure::new(ErrorKind::MethodNotAllowed, message).allow(self.allow())
    }

    /// The value of `Allow`.
    pub(crate) fn allow(&self) -> String {
        let mut names: Vec<_> = self.methods.iter().map(|(method, _)| method.as_str()).collect();
        if names.contains(&"GET") && !names.contains(&"HEAD") {
            names.push("HEAD");
        }
        names.join(", ")
    }
}

#[derive(Debug, Default)]
struct Node {
    fixed: HashMap<String, Node>,
    parameter: Option<Box<Node>>,
    /// Answers everything below.
    rest: Option<Arc<Route>>,
    route: Option<Arc<Route>>,
}

/// Which pattern a path belongs to: decided in one walk over its segments, without regular expressions.
#[derive(Debug, Default)]
pub struct RouteTable {
    root: Node,
}

impl RouteTable {
    /// A table of patterns such as `/api/v1/clients/{id}` that answer `GET`.
    pub fn of_patterns<'a>(patterns: impl IntoIterator<Item = &'a str>) -> Self {
        let mut table = Self::default();
        for pattern in patterns {
            table.add(pattern, vec![(Method::GET, None)]);
        }
        table
    }

    /// The pattern of a path; none for a path that nobody has.
    pub fn pattern(&self, path: &str) -> Option<&str> {
        self.find(path).map(|route| &*route.pattern)
    }

    /// Adds every operation of a group's description; `class` says how strictly each is limited.
    pub(crate) fn add_all(
        &mut self,
        group: Option<&'static str>,
        api: &OpenApi,
        class: impl Fn(&Method, Option<&str>) -> Option<RateClass>,
    ) {
        for (pattern, item) in &api.paths.paths {
            let methods = operations(item)
                .map(|(method, operation)| {
                    let class = class(&method, operation.operation_id.as_deref());
                    (method, class)
                })
                .collect();
            self.add_of(group, pattern, methods);
        }
    }

    /// Adds one pattern; a last segment `{*}` stands for everything below.
    pub(crate) fn add(&mut self, pattern: &str, methods: Vec<(Method, Option<RateClass>)>) {
        self.add_of(None, pattern, methods);
    }

    fn add_of(
        &mut self,
        group: Option<&'static str>,
        pattern: &str,
        methods: Vec<(Method, Option<RateClass>)>,
    ) {
        let mut node = &mut self.root;
        let route = Arc::new(Route {
            pattern: pattern.into(),
            group,
            methods,
            stand_in: StandIn::of(pattern),
        });
        for segment in segments(pattern) {
            if segment == "{*}" {
                node.rest = Some(route);
                return;
            }
            node = if segment.starts_with('{') {
                node.parameter.get_or_insert_default()
            } else {
                node.fixed.entry(segment.to_owned()).or_default()
            };
        }
        node.route = Some(route);
    }

    /// The route of a path.
    pub(crate) fn find(&self, path: &str) -> Option<&Arc<Route>> {
        walk(&self.root, path.strip_prefix('/')?)
    }
}

/// Whether a path is this prefix, or stands below it by whole segments.
pub(crate) fn is_below(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn segments(pattern: &str) -> impl Iterator<Item = &str> {
    pattern.strip_prefix('/').unwrap_or(pattern).split('/')
}

fn walk<'a>(node: &'a Node, path: &str) -> Option<&'a Arc<Route>> {
    let (segment, below) = match path.split_once('/') {
        Some((segment, below)) => (segment, Some(below)),
        None => (path, None),
    };
    let enter = |next: &'a Node| match below {
        Some(below) => walk(next, below),
        None => next.route.as_ref(),
    };
    node.fixed
        .get(segment)
        .and_then(enter)
        .or_else(|| {
            node.parameter
                .as_deref()
                .filter(|_| !segment.is_empty())
                .and_then(enter)
        })
        .or(node.rest.as_ref())
}

/// The operations of a path with their methods.
pub(crate) fn operations(
    item: &PathItem,
) -> impl Iterator<Item = (Method, &utoipa::openapi::path::Operation)> {
    [
        (Method::GET, &item.get),
        (Method::PUT, &item.put),
        (Method::POST, &item.post),
        (Method::DELETE, &item.delete),
        (Method::OPTIONS, &item.options),
        (Method::HEAD, &item.head),
        (Method::PATCH, &item.patch),
        (Method::TRACE, &item.trace),
    ]
    .into_iter()
    .filter_map(|(method, operation)| operation.as_ref().map(|operation| (method, operation)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> RouteTable {
        let mut table = RouteTable::default();
        for pattern in [
            "/",
            "/health",
            "/api/clients",
            "/api/clients/{id}",
            "/api/clients/import",
            "/api/clients/{id}/goals",
            "/docs/{*}",
        ] {
            table.add(pattern, vec![(Method::GET, None), (Method::POST, None)]);
        }
        table
    }

    fn pattern(path: &str) -> Option<String> {
        table().find(path).map(|route| route.pattern.to_string())
    }

    #[test]
    fn a_path_finds_its_pattern() {
        for (path, expected) in [
            ("/", Some("/")),
            ("/health", Some("/health")),
            ("/api/clients/7", Some("/api/clients/{id}")),
            ("/api/clients/import", Some("/api/clients/import")),
            ("/api/clients/import/goals", Some("/api/clients/{id}/goals")),
            ("/docs/swagger-ui.css", Some("/docs/{*}")),
            ("/docs/", Some("/docs/{*}")),
            ("/docs", None),
            ("/api/clients/", None),
            ("/api", None),
            ("/health/", None),
            ("", None),
        ] {
            assert_eq!(pattern(path).as_deref(), expected, "{path}");
        }
    }

    #[test]
    fn a_short_path_stands_for_one_with_parameters() {
        for (pattern, path, short, values) in [
            ("/clients/{id}", "/clients/7", "/clients/-", vec!["7"]),
            (
                "/clients/{id}/goals/{goal}",
                "/clients/a%20b/goals/-",
                "/clients/-/goals/-",
                vec!["a%20b", "-"],
            ),
        ] {
            let stand_in = StandIn::of(pattern).unwrap();
            assert_eq!(stand_in.uri.path(), short);
            assert_eq!(stand_in.values(path), values);
        }
        for pattern in ["/clients", "/docs/{*}", "/{id:[0-9]+}", "/{name}.json", "/-/{id}"] {
            assert!(StandIn::of(pattern).is_none(), "{pattern}");
        }
    }

    #[test]
    fn allow_names_the_methods() {
        assert_eq!(table().find("/health").unwrap().allow(), "GET, POST, HEAD");
    }
}
