use super::output::{self, Format};
use crate::{Platform, PlatformError, PlatformParts, linked_groups};
use runtime::Settings;
use serde::Serialize;
use std::net::TcpListener;

/// One thing that was looked at.
#[derive(Debug, Serialize)]
struct Finding {
    check: &'static str,
    ok: bool,
    detail: String,
}

impl Finding {
    fn of<T>(check: &'static str, outcome: Result<T, String>, detail: impl FnOnce(T) -> String) -> Self {
        match outcome {
            Ok(found) => Self {
                check,
                ok: true,
                detail: detail(found),
            },
            Err(why) => Self {
                check,
                ok: false,
                detail: why,
            },
        }
    }
}

/// Looks at everything that a start needs; fails when something is wrong.
pub(super) async fn run(settings: Settings, format: Format) -> Result<(), PlatformError> {
    let mut findings = vec![
        Finding::of(
            "settings",
            settings.validate().map_err(|error| error.to_string()),
            |()| "valid".to_owned(),
        ),
        Finding::of("groups", Ok(linked_groups()), |groups| {
            groups.iter().map(|info| info.name).collect::<Vec<_>>().join(", ")
        }),
        port(&settings),
    ];
    findings.extend(stores(settings).await);
    let healthy = findings.iter().all(|finding| finding.ok);
    output::print(format, &findings, &["CHECK", "STATE", "DETAIL"], |finding| {
        let state = if finding.ok { "ok" } else { "WRONG" };
        vec![finding.check.to_owned(), state.to_owned(), finding.detail.clone()]
    })?;
    if healthy {
        Ok(())
    } else {
        Err(PlatformError::Command("something is wrong: see above".to_owned()))
    }
}

/// A port that is taken is no mistake when the server is running already.
fn port(settings: &Settings) -> Finding {
    let address = (settings.server.host.as_str(), settings.server.port);
    let detail = match TcpListener::bind(address) {
        Ok(_) => format!("{} is free", settings.server.port),
        Err(error) => format!("{} cannot be listened on now: {error}", settings.server.port),
    };
    Finding {
        check: "port",
        ok: true,
        detail,
    }
}

async fn stores(settings: Settings) -> Vec<Finding> {
    let platform = match Platform::assemble(PlatformParts::of_process(settings)).await {
        Ok(platform) => platform,
        Err(error) => {
            return vec![Finding {
                check: "stores",
                ok: false,
                detail: error.to_string(),
            }];
        }
    };
    let states = platform.states().await;
    let places = platform.places();
    platform.stop().await;
    let describe = |name: &str| {
        places
            .iter()
            .find(|(group, _)| *group == name)
            .map(|(_, place)| place.clone())
    };
    states
        .into_iter()
        .map(|(name, ok)| Finding {
            check: name,
            ok,
            detail: describe(name).unwrap_or_default(),
        })
        .collect()
}
