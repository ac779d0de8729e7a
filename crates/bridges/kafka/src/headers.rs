use rdkafka::{
    Message, Timestamp,
    message::{BorrowedMessage, Headers},
};

/// The headers that name a message, in the order in which they count.
const IDS: [&str; 3] = ["id", "message_id", "idempotency-key"];

/// What names a message: a header of the sender's, or else its place in the topic. The time is part of the place, because
/// a topic that is deleted and made again begins to count anew.
pub(crate) fn id_of(message: &BorrowedMessage<'_>) -> String {
    let named = IDS.iter().find_map(|name| header(message, name));
    named.unwrap_or_else(|| {
        let time = match message.timestamp() {
            Timestamp::NotAvailable => 0,
            Timestamp::CreateTime(time) | Timestamp::LogAppendTime(time) => time,
        };
        format!(
            "kafka/{}/{}/{}/{time}",
            message.topic(),
            message.partition(),
            message.offset()
        )
    })
}

fn header(message: &BorrowedMessage<'_>, name: &str) -> Option<String> {
    let headers = message.headers()?;
    let found = headers
        .iter()
        .find(|header| header.key.eq_ignore_ascii_case(name))?;
    let text = String::from_utf8_lossy(found.value?).into_owned();
    (!text.is_empty()).then_some(text)
}
