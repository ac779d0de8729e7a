use super::{CALLED, FORWARDED, GROUPS, Member};
use crate::error::Error;
use std::net::SocketAddr;
use testkit::Wire;

/// What is asked of a process on somebody's behalf: its public routes, which are forwarded to it, and its calls. Probes are not.
const COUNTED: [&str; 2] = [FORWARDED, CALLED];

/// Lays a wire to each process that others call, and tells the others where its near end is.
pub(super) async fn connect(members: &mut [Member]) -> Result<(), Error> {
    if members.len() == 1 {
        return Ok(());
    }
    for member in members.iter_mut() {
        if member.name != "gateway" {
            member.wire = Some(wire_to(member).await?);
        }
    }
    let ends: Vec<(&'static str, SocketAddr)> = members
        .iter()
        .filter_map(|member| Some((member.name, member.wire.as_ref()?.address())))
        .collect();
    for member in members {
        member.remotes = GROUPS
            .into_iter()
            .filter_map(|group| {
                let (_, end) = ends
                    .iter()
                    .find(|(name, _)| *name == group)
                    .or_else(|| ends.iter().find(|(name, _)| *name == "monolith"))?;
                Some((group, *end))
            })
            .filter(|(group, end)| {
                *group != member.name && member.wire.as_ref().map(Wire::address) != Some(*end)
            })
            .collect();
    }
    Ok(())
}

pub(super) async fn wire_to(member: &Member) -> Result<Wire, Error> {
    Wire::counting(member.program.address().to_string(), &COUNTED)
        .await
        .map_err(|error| Error::at("lay a wire", error))
}
