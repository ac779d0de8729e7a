use std::net::SocketAddr;

const SEAM: &str = "/rpc";

/// Through which door a request wants in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Door {
    /// To the routes that are for everybody.
    Public,
    /// To the seam.
    Seam,
    /// There is none on this listener: calls have one of their own, and nothing else is answered there.
    Shut,
}

impl Door {
    /// The door for a path on the listener at `here`, where `internal` is the one for calls alone, if there is one.
    pub(crate) fn of(path: &str, here: SocketAddr, internal: Option<SocketAddr>) -> Self {
        let is_call = below_seam(path).is_some();
        match internal {
            Some(internal) if (internal == here) != is_call => Door::Shut,
            _ if is_call => Door::Seam,
            _ => Door::Public,
        }
    }
}

/// The group that a path below `/rpc` names; empty when it names none.
pub(crate) fn called_group(path: &str) -> &str {
    let below = below_seam(path).unwrap_or_default();
    below
        .strip_prefix('/')
        .and_then(|rest| rest.split('/').next())
        .unwrap_or_default()
}

fn below_seam(path: &str) -> Option<&str> {
    path.strip_prefix(SEAM)
        .filter(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_have_a_door_of_their_own() {
        let main = SocketAddr::from(([127, 0, 0, 1], 8000));
        let inside = SocketAddr::from(([127, 0, 0, 1], 9001));
        for (path, beside, on_main, on_inside) in [
            ("/rpc/auth/users.read", Door::Seam, Door::Shut, Door::Seam),
            ("/rpc", Door::Seam, Door::Shut, Door::Seam),
            ("/rpc/", Door::Seam, Door::Shut, Door::Seam),
            ("/rpcs", Door::Public, Door::Public, Door::Shut),
            ("/api/v1/clients", Door::Public, Door::Public, Door::Shut),
            ("/", Door::Public, Door::Public, Door::Shut),
        ] {
            assert_eq!(Door::of(path, main, None), beside, "{path}");
            assert_eq!(Door::of(path, main, Some(inside)), on_main, "{path}");
            assert_eq!(Door::of(path, inside, Some(inside)), on_inside, "{path}");
        }
    }

    #[test]
    fn a_path_names_a_group() {
        for (path, group) in [
            ("/rpc/auth/users.read", "auth"),
            ("/rpc/auth", "auth"),
            ("/rpc//users.read", ""),
            ("/rpc/", ""),
            ("/rpc", ""),
            ("/api/auth", ""),
        ] {
            assert_eq!(called_group(path), group, "{path}");
        }
    }
}
