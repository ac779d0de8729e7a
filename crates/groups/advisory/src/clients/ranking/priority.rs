use super::rules::{Book, Points};
use crate::clients::ClientRecord;
use chrono::Datelike;
use rust_decimal::Decimal;
use store::Stored;

/// Up to how many days before its end an identity check gives how many points.
const KYC: [(i64, u32); 4] = [(-1, 40), (30, 30), (60, 20), (90, 10)];
/// After how many days of silence there are how many points.
const SILENCE: [(i64, u32); 3] = [(180, 25), (90, 15), (45, 5)];
/// Among which part of the book, by assets, there are how many points: in hundredths.
const STANDING: [(i64, u32); 3] = [(10, 20), (25, 10), (50, 5)];

/// What calls for attention.
pub(super) fn points(client: &Stored<ClientRecord>, book: &Book) -> Points {
    let mut points = Points::default();
    if let Some(days) = book.kyc_days(client)
        && let Some((_, worth)) = KYC.iter().find(|(until, _)| days <= *until)
    {
        match days < 0 {
            true => points.add(
                "kyc_expired",
                *worth,
                format!("the identity check ended {} days ago", -days),
            ),
            false => points.add(
                "kyc_expiring",
                *worth,
                format!("the identity check ends in {days} days"),
            ),
        }
    }
    let silent = book.silent_days(client);
    if let Some((_, worth)) = SILENCE.iter().find(|(after, _)| silent >= *after) {
        points.add(
            "no_contact",
            *worth,
            format!("nobody has been in touch for {silent} days"),
        );
    }
    let goals = book.off_track.get(&client.id).copied().unwrap_or(0);
    points.add(
        "goals_off_track",
        (goals * 15).min(30),
        format!("{goals} goals are off track"),
    );
    if let Some(part) = book
        .standing(client)
        .filter(|_| client.total_assets > Decimal::ZERO)
        && let Some((top, worth)) = STANDING.iter().find(|(top, _)| part < Decimal::new(*top, 2))
    {
        points.add(
            "large_assets",
            *worth,
            format!("among the {top} in a hundred of the book who own most"),
        );
    }
    if let Some(days) = days_to_birthday(client, book).filter(|days| *days <= 7) {
        points.add("birthday", 5, format!("has a birthday in {days} days"));
    }
    if client.email.is_none() && client.phone.is_none() {
        points.add(
            "no_contact_data",
            5,
            "there is neither an e-mail address nor a phone number",
        );
    }
    points
}

/// What to do about a reason: its name and the sentence.
pub(super) fn action(code: &str) -> (&'static str, &'static str) {
    match code {
        "kyc_expired" | "kyc_expiring" => ("renew_kyc", "ask for the documents and renew the identity check"),
        "no_contact" => ("schedule_meeting", "call, or arrange a meeting"),
        "goals_off_track" => ("review_goals", "go through the goals that are off track"),
        "large_assets" => ("review_portfolio", "review the portfolio"),
        "birthday" => ("congratulate", "congratulate on the birthday"),
        "no_contact_data" => ("complete_profile", "ask for an e-mail address or a phone number"),
        _ => ("none", "nothing is pressing"),
    }
}

fn days_to_birthday(client: &ClientRecord, book: &Book) -> Option<i64> {
    let born = client.date_of_birth?;
    let in_year = |year: i32| {
        // Who was born on 29 February has a birthday on 1 March in other years.
        born.with_year(year)
            .or_else(|| chrono::NaiveDate::from_ymd_opt(year, 3, 1))
    };
    let this_year = in_year(book.today.year()).filter(|day| *day >= book.today);
    let next = this_year.or_else(|| in_year(book.today.year() + 1))?;
    Some((next - book.today).num_days())
}
