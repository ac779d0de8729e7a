use crate::routes::is_below;
use kernel::GroupInfo;

/// Which route modules a process serves: all, or some by name. A module that is left out is as unknown as a path that
/// never was.
#[derive(Debug, Clone, Default)]
pub(crate) struct Modules {
    /// The prefixes of groups and of their modules, the longest first, with whether they are served; none when all are.
    prefixes: Vec<(&'static str, bool)>,
}

impl Modules {
    /// These modules of these groups and no others; every one when no name is given.
    pub(crate) fn only(names: &[String], groups: &[&'static GroupInfo]) -> Self {
        if names.is_empty() {
            return Self::default();
        }
        let chosen = |name: &str| names.iter().any(|wanted| wanted == name);
        // What belongs to a group and to no module is not chosen; a module comes before its group where both are as long.
        let modules = groups.iter().flat_map(|info| info.modules);
        let modules = modules.flat_map(|module| {
            let served = chosen(module.name);
            module.prefixes.iter().map(move |prefix| (*prefix, served))
        });
        let of_groups = groups
            .iter()
            .flat_map(|info| info.prefixes)
            .map(|prefix| (*prefix, false));
        let mut prefixes: Vec<_> = modules.chain(of_groups).collect();
        // Two modules may share a prefix: one of them is enough.
        prefixes.sort_by_key(|(prefix, served)| (std::cmp::Reverse(prefix.len()), !served));
        Self { prefixes }
    }

    /// Whether a path, or the pattern of one, is served: the longest prefix of whole segments decides. What belongs to no
    /// group is the process's own and always served.
    pub(crate) fn serve(&self, path: &str) -> bool {
        let decided = self.prefixes.iter().find(|(prefix, _)| is_below(path, prefix));
        decided.is_none_or(|(_, served)| *served)
    }
}

#[cfg(test)]
mod tests {
    use super::Modules;
    use kernel::{GroupInfo, ModuleInfo};

    const BOOKS: GroupInfo = GroupInfo {
        name: "books",
        summary: "",
        default_port: 1,
        prefixes: &["/api/v1/books", "/api/v1/shelves", "/api/v1/loans"],
        modules: &[
            ModuleInfo {
                name: "books",
                prefixes: &["/api/v1/books"],
            },
            ModuleInfo {
                name: "reviews",
                prefixes: &["/api/v1/books/reviews"],
            },
            ModuleInfo {
                name: "shelves",
                prefixes: &["/api/v1/shelves"],
            },
        ],
        calls: &[],
        asks: &[],
        hears: &[],
        rates: &[],
        openapi: "",
    };

    #[test]
    fn a_module_that_is_left_out_is_not_served() {
        let all = Modules::only(&[], &[&BOOKS]);
        let books = Modules::only(&["books".to_owned()], &[&BOOKS]);
        for (path, served) in [
            ("/api/v1/books", true),
            ("/api/v1/books/{id}", true),
            ("/api/v1/books/reviews", false),
            ("/api/v1/books/reviews/7", false),
            ("/api/v1/bookshelf", true),
            ("/api/v1/shelves", false),
            ("/api/v1/loans", false),
            ("/health", true),
            ("/rpc/books/contract", true),
        ] {
            assert_eq!(books.serve(path), served, "{path}");
            assert!(all.serve(path), "{path}");
        }
    }
}
