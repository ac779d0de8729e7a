use crate::{
    modules::Modules,
    routes::{Route, RouteTable, is_below},
};
use actix_web::{dev::ServiceRequest, http::Uri};
use kernel::{GroupInfo, ModuleInfo};
use std::sync::Arc;

/// The services behind the gateway: below `/api/<service>/` stands what the service answers at its root, with the prefix
/// stripped. `POST /api/accounting/create_transaction` is `POST /create_transaction` of accounting.
#[derive(Debug, Default)]
pub(crate) struct Services(Vec<(&'static str, &'static ModuleInfo)>);

impl Services {
    /// The services of these groups, as far as this process serves their modules.
    pub(crate) fn of<'a>(
        groups: impl IntoIterator<Item = &'a &'static GroupInfo>,
        modules: &Modules,
    ) -> Self {
        let services = groups.into_iter().flat_map(|info| info.services());
        Self(services.filter(|(prefix, _)| modules.serve(prefix)).collect())
    }

    /// What a path below the prefix of a service is at the service's root: only what the service itself answers.
    fn stripped<'p>(&self, path: &'p str) -> Option<&'p str> {
        let (prefix, module) = self.0.iter().find(|(prefix, _)| is_below(path, prefix))?;
        let rest = path.strip_prefix(prefix)?;
        let own = module.prefixes.iter().any(|prefix| is_below(rest, prefix));
        own.then_some(rest)
    }

    /// Strips the prefix from a request that no route answers as it stands. Answers the route that does then.
    pub(super) fn strip<'t>(
        &self,
        routes: &'t RouteTable,
        request: &mut ServiceRequest,
    ) -> Option<&'t Arc<Route>> {
        let rest = self.stripped(request.match_info().as_str())?.to_owned();
        let route = routes.find(&rest)?;
        // Byte for byte as it was sent, so that what is forwarded is what was routed.
        let sent = request.uri().path();
        let (prefix, _) = self.0.iter().find(|(prefix, _)| is_below(sent, prefix))?;
        let mut target = sent.strip_prefix(prefix)?.to_owned();
        if let Some(query) = request.uri().query() {
            target.push('?');
            target.push_str(query);
        }
        let uri: Uri = target.parse().ok()?;
        request.match_info_mut().get_mut().update(&uri);
        request.head_mut().uri = uri;
        Some(route)
    }
}

#[cfg(test)]
mod tests {
    use super::Services;
    use crate::modules::Modules;
    use kernel::{GroupInfo, ModuleInfo};

    static BOOKS: GroupInfo = GroupInfo {
        name: "books",
        summary: "",
        default_port: 1,
        prefixes: &["/api/v1/loans", "/lend", "/api/lending", "/api/v1/shelves"],
        modules: &[
            ModuleInfo {
                name: "lending",
                prefixes: &["/api/v1/loans", "/lend", "/api/lending"],
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
    fn only_what_the_service_answers_stands_below_its_prefix() {
        let services = Services::of(&[&BOOKS], &Modules::default());
        for (path, stripped) in [
            ("/api/lending/lend", Some("/lend")),
            ("/api/lending/lend/7", Some("/lend/7")),
            ("/api/lending/api/v1/loans/7", Some("/api/v1/loans/7")),
            ("/api/lending/api/lending/lend", Some("/api/lending/lend")),
            ("/api/lending/api/v1/shelves", None),
            ("/api/lending/rpc/books/contract", None),
            ("/api/lending/metrics", None),
            ("/api/lending//lend", None),
            ("/api/lending", None),
            ("/api/lendings/lend", None),
            ("/api/shelves/api/v1/shelves", None),
        ] {
            assert_eq!(services.stripped(path), stripped, "{path}");
        }
        let shelves = Modules::only(&["shelves".to_owned()], &[&BOOKS]);
        let services = Services::of(&[&BOOKS], &shelves);
        assert_eq!(services.stripped("/api/lending/lend"), None, "is another's");
    }
}
