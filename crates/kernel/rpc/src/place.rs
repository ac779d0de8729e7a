use kernel::Principal;

/// A number below a hundred that is always the same for a user of a firm, and for a firm that acts itself: callers
/// below a split's percentage go to the other process, at the public routes as at the seam.
pub fn place_of(principal: &Principal) -> u8 {
    let (tenant, user) = match principal {
        Principal::Anonymous => (None, None),
        Principal::User(user) => (Some(user.tenant), Some(user.user)),
        Principal::System { tenant, .. } => (Some(*tenant), None),
    };
    let tenant = tenant.map(|tenant| *tenant.0.as_bytes());
    let user = user.map(|user| *user.0.as_bytes());
    fold(tenant.into_iter().chain(user).flatten())
}

/// The same for whoever is told apart by these bytes alone.
pub fn place_of_bytes(bytes: &[u8]) -> u8 {
    fold(bytes.iter().copied())
}

/// FNV-1a with a last mix: the same in every build and process, so that all of them send a caller the same way.
fn fold(bytes: impl Iterator<Item = u8>) -> u8 {
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let mixed = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    u8::try_from((mixed ^ (mixed >> 33)) % 100).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn callers_spread_evenly_and_stay_where_they_are() {
        let mut below = 0;
        for number in 0..10_000_u32 {
            let place = place_of_bytes(&number.to_be_bytes());
            assert_eq!(place, place_of_bytes(&number.to_be_bytes()));
            below += u32::from(place < 25);
        }
        assert!((2_200..2_800).contains(&below), "{below}");
    }
}
