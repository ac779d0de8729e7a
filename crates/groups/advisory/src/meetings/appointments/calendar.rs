//! iCalendar (RFC 5545). Written here: all of it is escaping and folding, and moments stand in UTC, which needs no
//! definition of a time zone.

use super::models::{MeetingRecord, MeetingStatus};
use chrono::{DateTime, Utc};
use store::Stored;

/// The longest line in octets, without its end (RFC 5545, section 3.1).
const LONGEST: usize = 75;

/// The meetings as one calendar. The id of an event stays the same, and its sequence rises with every change, so that a
/// calendar that reads it again changes what it has. Notes stay in the house.
pub(super) fn written(meetings: &[Stored<MeetingRecord>]) -> String {
    let mut text = String::new();
    for line in [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//WealthOS//Meetings//EN",
        "CALSCALE:GREGORIAN",
    ] {
        put(&mut text, line);
    }
    for meeting in meetings {
        event(&mut text, meeting);
    }
    put(&mut text, "END:VCALENDAR");
    text
}

fn event(text: &mut String, meeting: &Stored<MeetingRecord>) {
    let status = match meeting.status {
        MeetingStatus::Cancelled => "CANCELLED",
        MeetingStatus::Scheduled | MeetingStatus::Completed => "CONFIRMED",
    };
    put(text, "BEGIN:VEVENT");
    put(text, &format!("UID:{}@wealthos", meeting.id));
    put(text, &format!("DTSTAMP:{}", moment(meeting.updated_at)));
    put(text, &format!("CREATED:{}", moment(meeting.created_at)));
    put(text, &format!("LAST-MODIFIED:{}", moment(meeting.updated_at)));
    put(text, &format!("SEQUENCE:{}", meeting.sequence));
    put(text, &format!("STATUS:{status}"));
    put(text, &format!("DTSTART:{}", moment(meeting.starts_at)));
    put(text, &format!("DTEND:{}", moment(meeting.ends_at)));
    let title = meeting.title.as_deref().unwrap_or("Meeting");
    put(text, &format!("SUMMARY:{}", escaped(title)));
    if let Some(location) = &meeting.location {
        put(text, &format!("LOCATION:{}", escaped(location)));
    }
    let participants = meeting.participants.as_deref().unwrap_or_default();
    for participant in participants {
        if let Some(email) = &participant.email {
            let name = parameter(&participant.name);
            put(text, &format!("ATTENDEE;CN={name}:mailto:{email}"));
        }
    }
    let names: Vec<&str> = participants
        .iter()
        .filter(|participant| participant.email.is_none())
        .map(|participant| participant.name.as_str())
        .collect();
    if !names.is_empty() {
        let with = format!("With {}", names.join(", "));
        put(text, &format!("DESCRIPTION:{}", escaped(&with)));
    }
    put(text, "END:VEVENT");
}

/// In UTC (section 3.3.5, form 2).
fn moment(moment: DateTime<Utc>) -> String {
    moment.format("%Y%m%dT%H%M%SZ").to_string()
}

/// A text (section 3.3.11).
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\\' | ';' | ',' => escaped.extend(['\\', letter]),
            '\n' => escaped.push_str("\\n"),
            letter if letter.is_control() => {}
            letter => escaped.push(letter),
        }
    }
    escaped
}

/// The value of a parameter, in quotes, with what cannot stand in quotes written as RFC 6868 does.
fn parameter(value: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in value.chars() {
        match letter {
            '^' => quoted.push_str("^^"),
            '"' => quoted.push_str("^'"),
            '\n' => quoted.push_str("^n"),
            letter if letter.is_control() => {}
            letter => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}

/// Adds a line, folded so that no part is too long and no character is cut.
fn put(text: &mut String, line: &str) {
    let mut length = 0;
    for letter in line.chars() {
        if length + letter.len_utf8() > LONGEST {
            text.push_str("\r\n ");
            length = 1;
        }
        text.push(letter);
        length += letter.len_utf8();
    }
    text.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_folded_between_characters_and_unfold_to_what_they_were() {
        let line = format!("SUMMARY:{}", "नमस्ते ".repeat(20));
        let mut text = String::new();
        put(&mut text, &line);
        assert!(text.split("\r\n").all(|part| part.len() <= LONGEST), "{text}");
        assert_eq!(text.trim_end_matches("\r\n").replace("\r\n ", ""), line);
        let mut exact = String::new();
        put(&mut exact, &"x".repeat(LONGEST));
        assert_eq!(exact, format!("{}\r\n", "x".repeat(LONGEST)));
    }

    #[test]
    fn what_would_end_a_value_is_escaped() {
        assert_eq!(escaped("a;b,c\\d\ne\r"), r"a\;b\,c\\d\ne");
        assert_eq!(parameter("O\"Neil; ^: x"), "\"O^'Neil; ^^: x\"");
    }
}
