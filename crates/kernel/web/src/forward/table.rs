use crate::routes::is_below;
use arc_swap::{ArcSwap, ArcSwapOption};
use kernel::GroupInfo;
use rpc::Endpoints;
use std::{fmt, sync::Arc};

/// What a process answers for itself and never for another.
const OWN: [&str; 6] = ["/rpc", "/metrics", "/health", "/ready", "/openapi.json", "/docs"];

/// Where the public routes of a group are answered.
#[derive(Debug, Clone)]
pub enum Where {
    /// In this process.
    Here,
    /// In another process; without an address nowhere.
    At(Arc<Endpoints>),
    /// In another process for some callers, in this one for all others.
    Split {
        /// For some.
        endpoints: Arc<Endpoints>,
        /// How many of a hundred callers those are.
        percent: u8,
    },
}

/// Which group is answered where, for every worker of a process; can be changed while requests are served. Requests
/// that have begun end where they began.
#[derive(Default)]
pub struct ForwardTable {
    groups: Box<[Group]>,
    /// The longest first, each with the place of its group.
    prefixes: Box<[(&'static str, usize)]>,
}

struct Group {
    info: &'static GroupInfo,
    place: ArcSwap<Where>,
    /// Where each of its modules is answered, where that is another place.
    modules: Box<[ArcSwapOption<Where>]>,
    /// The prefixes of its modules, the longest first, each with the place of its module.
    prefixes: Box<[(&'static str, usize)]>,
}

impl Group {
    fn new(info: &'static GroupInfo) -> Self {
        let prefixes = info.modules.iter().enumerate();
        let prefixes =
            prefixes.flat_map(|(at, module)| module.prefixes.iter().map(move |prefix| (*prefix, at)));
        let mut prefixes: Vec<_> = prefixes.collect();
        prefixes.sort_by_key(|(prefix, _)| std::cmp::Reverse(prefix.len()));
        Self {
            info,
            place: ArcSwap::from_pointee(Where::Here),
            modules: info.modules.iter().map(|_| ArcSwapOption::empty()).collect(),
            prefixes: prefixes.into(),
        }
    }

    /// Where a path is answered: where its module is, if that has a place of its own, else where the group is. Modules may
    /// share a prefix; the first of them that has a place is taken.
    fn place_of(&self, path: &str) -> Arc<Where> {
        let mut longest = 0;
        for (prefix, at) in self.prefixes.iter().filter(|(prefix, _)| is_below(path, prefix)) {
            if prefix.len() < longest {
                break;
            }
            longest = prefix.len();
            if let Some(place) = self.modules.get(*at).and_then(ArcSwapOption::load_full) {
                return place;
            }
        }
        self.place.load_full()
    }
}

impl ForwardTable {
    /// A table of these groups, all of them here. Paths that belong to none of them are never forwarded.
    pub fn new(groups: &[&'static GroupInfo]) -> Self {
        let prefixes = groups
            .iter()
            .enumerate()
            .flat_map(|(place, info)| info.prefixes.iter().map(move |prefix| (*prefix, place)));
        let mut prefixes: Vec<_> = prefixes.collect();
        prefixes.sort_by_key(|(prefix, _)| std::cmp::Reverse(prefix.len()));
        Self {
            groups: groups.iter().map(|info| Group::new(info)).collect(),
            prefixes: prefixes.into(),
        }
    }

    /// From now on the group is answered there. Answers whether the group is known.
    pub fn set(&self, group: &str, place: Where) -> bool {
        let known = self.group(group);
        if let Some(known) = known {
            known.place.store(Arc::new(place));
        }
        known.is_some()
    }

    /// From now on a module of a group is answered at these addresses; where there are none, where its group is. Answers
    /// whether both are known.
    pub fn set_module(&self, group: &str, module: &str, endpoints: Option<Arc<Endpoints>>) -> bool {
        let Some(known) = self.group(group) else {
            return false;
        };
        let place = known.info.modules.iter().position(|info| info.name == module);
        let Some(place) = place.and_then(|at| known.modules.get(at)) else {
            return false;
        };
        place.store(endpoints.map(|endpoints| Arc::new(Where::At(endpoints))));
        true
    }

    /// Where the group is answered.
    pub fn get(&self, group: &str) -> Option<Where> {
        self.group(group).map(|group| Where::clone(&group.place.load()))
    }

    fn group(&self, name: &str) -> Option<&Group> {
        self.groups.iter().find(|group| group.info.name == name)
    }

    /// The group that owns a path, and where the path is answered: the longest prefix of whole segments wins.
    pub(crate) fn find(&self, path: &str) -> Option<(&'static GroupInfo, Arc<Where>)> {
        if self.prefixes.is_empty() || OWN.iter().any(|own| is_below(path, own)) {
            return None;
        }
        let (_, place) = self.prefixes.iter().find(|(prefix, _)| is_below(path, prefix))?;
        let group = self.groups.get(*place)?;
        Some((group.info, group.place_of(path)))
    }
}

impl fmt::Debug for ForwardTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let places = self
            .groups
            .iter()
            .map(|group| (group.info.name, group.place.load()));
        f.debug_map().entries(places).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rpc::EndpointMetrics;

    const fn info(name: &'static str, prefixes: &'static [&'static str]) -> GroupInfo {
        GroupInfo {
            name,
            summary: "",
            default_port: 0,
            prefixes,
            modules: &[],
            calls: &[],
            asks: &[],
            hears: &[],
            rates: &[],
            openapi: "",
        }
    }

    static SHORT: GroupInfo = info("short", &["/api/v1/event", "/api", "/rpc", "/health"]);
    static LONG: GroupInfo = info("long", &["/api/v1/events", "/api/v1/event/s"]);

    fn owner(path: &str) -> Option<&'static str> {
        ForwardTable::new(&[&SHORT, &LONG])
            .find(path)
            .map(|(info, _)| info.name)
    }

    #[test]
    fn the_longest_prefix_of_whole_segments_wins() {
        for (path, expected) in [
            ("/api/v1/event", Some("short")),
            ("/api/v1/event/7", Some("short")),
            ("/api/v1/event/s/7", Some("long")),
            ("/api/v1/event/stream", Some("short")),
            ("/api/v1/events", Some("long")),
            ("/api/v1/events/", Some("long")),
            ("/api/v1/eventsx", Some("short")),
            ("/apiv1", None),
            ("/ap", None),
            ("/", None),
            ("/other/api/v1/events", None),
        ] {
            assert_eq!(owner(path), expected, "{path}");
        }
    }

    #[test]
    fn what_a_process_answers_for_itself_is_never_found() {
        for path in [
            "/rpc",
            "/rpc/finance/feed.read",
            "/health",
            "/ready",
            "/metrics",
            "/docs/a",
        ] {
            assert_eq!(owner(path), None, "{path}");
        }
    }

    #[test]
    fn a_module_has_a_place_of_its_own() {
        const MODULES: &[kernel::ModuleInfo] = &[
            kernel::ModuleInfo {
                name: "books",
                prefixes: &["/api/books", "/shared"],
            },
            kernel::ModuleInfo {
                name: "reviews",
                prefixes: &["/api/books/reviews", "/shared"],
            },
        ];
        static LIBRARY: GroupInfo = GroupInfo {
            modules: MODULES,
            ..info("library", &["/api/books", "/api/loans", "/shared"])
        };
        let table = ForwardTable::new(&[&LIBRARY]);
        let at = |name: &str| {
            let there = Endpoints::new(name, ["http://there:1"], &EndpointMetrics::default()).unwrap();
            Some(Arc::new(there))
        };
        let place = |path: &str| match &*table.find(path).unwrap().1 {
            Where::At(endpoints) => endpoints.group().to_owned(),
            _ => "here".to_owned(),
        };
        assert!(table.set_module("library", "books", at("library.books")));
        assert_eq!(place("/api/books/7"), "library.books");
        assert_eq!(place("/shared"), "library.books");
        assert_eq!(place("/api/books/reviews/7"), "here", "another module's own");
        assert_eq!(place("/api/loans"), "here");
        assert!(table.set_module("library", "reviews", at("library.reviews")));
        assert_eq!(place("/api/books/reviews/7"), "library.reviews");
        assert!(table.set_module("library", "books", None));
        assert_eq!(place("/api/books/7"), "here");
        assert_eq!(place("/shared"), "library.reviews");
        assert!(!table.set_module("library", "garden", None));
        assert!(!table.set_module("garden", "books", None));
    }

    #[test]
    fn a_group_moves_and_comes_back() {
        let table = ForwardTable::new(&[&SHORT, &LONG]);
        let there = Endpoints::new("long", ["http://there:1"], &EndpointMetrics::default()).unwrap();
        assert!(table.set("long", Where::At(Arc::new(there))));
        assert!(matches!(table.get("long"), Some(Where::At(_))));
        assert!(matches!(*table.find("/api/v1/events").unwrap().1, Where::At(_)));
        assert!(matches!(*table.find("/api/v1/event").unwrap().1, Where::Here));
        assert!(table.set("long", Where::Here));
        assert!(matches!(*table.find("/api/v1/events").unwrap().1, Where::Here));
        assert!(!table.set("nobody", Where::Here));
    }
}
