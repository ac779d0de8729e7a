use super::rules::{Book, Points};
use crate::clients::ClientRecord;
use rust_decimal::Decimal;
use store::Stored;

/// After how many days of silence there are how many points.
const SILENCE: [(i64, u32); 4] = [(365, 40), (180, 30), (90, 20), (45, 10)];
/// From which loss against the most that was ever there, in hundredths, there are how many points.
const OUTFLOW: [(i64, u32); 3] = [(50, 40), (25, 25), (10, 15)];

/// What drives a client away: 0 is nothing, 100 the most.
pub(super) fn drivers(client: &Stored<ClientRecord>, book: &Book) -> Points {
    let mut points = Points::default();
    let silent = book.silent_days(client);
    if let Some((_, worth)) = SILENCE.iter().find(|(after, _)| silent >= *after) {
        points.add(
            "no_contact",
            *worth,
            format!("nobody has been in touch for {silent} days"),
        );
    }
    let peak = client.peak_assets.max(client.total_assets);
    if peak > Decimal::ZERO {
        let lost = (peak - client.total_assets) / peak * Decimal::ONE_HUNDRED;
        if let Some((_, worth)) = OUTFLOW.iter().find(|(from, _)| lost >= Decimal::from(*from)) {
            let message = format!("owns {} in a hundred less than at the most", lost.round());
            points.add("assets_fell", *worth, message);
        }
    }
    if book.kyc_days(client).is_some_and(|days| days < 0) {
        points.add("kyc_expired", 10, "let the identity check end");
    }
    let goals = book.off_track.get(&client.id).copied().unwrap_or(0);
    if goals > 0 {
        points.add("goals_off_track", 10, format!("{goals} goals are off track"));
    }
    points
}
