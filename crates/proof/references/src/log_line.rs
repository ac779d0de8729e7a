use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;
use std::{
    cell::RefCell,
    io::Write,
    time::{Duration, Instant, SystemTime},
};
use uuid::Uuid;

/// The line of a request, with the fields that the platform's line has.
#[derive(Serialize)]
struct Line<'a> {
    timestamp: &'a str,
    level: &'a str,
    logger: &'a str,
    message: &'a str,
    method: &'a str,
    route: &'a str,
    path: &'a str,
    status: u16,
    duration_ms: f64,
    bytes: usize,
    request_id: Uuid,
    user_id: Uuid,
}

/// What a line says of a request that was answered.
pub(crate) struct Request<'a> {
    pub(crate) method: &'a str,
    pub(crate) route: &'a str,
    pub(crate) path: &'a str,
    pub(crate) status: u16,
    pub(crate) bytes: usize,
    pub(crate) id: Uuid,
    pub(crate) user: Uuid,
    pub(crate) began: Instant,
}

/// Writes the line with one call.
pub(crate) fn write(request: &Request<'_>) {
    thread_local! {
        static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    }
    let timestamp = now().to_rfc3339_opts(SecondsFormat::Millis, true);
    let line = Line {
        timestamp: &timestamp,
        level: "INFO",
        logger: "bare",
        message: "request",
        method: request.method,
        route: request.route,
        path: request.path,
        status: request.status,
        duration_ms: milliseconds(request.began.elapsed()),
        bytes: request.bytes,
        request_id: request.id,
        user_id: request.user,
    };
    BUFFER.with_borrow_mut(|buffer| {
        buffer.clear();
        if serde_json::to_writer(&mut *buffer, &line).is_ok() {
            buffer.push(b'\n');
            // A line that cannot be written must not fail the request.
            let _ = std::io::stderr().lock().write_all(buffer);
        }
    });
}

/// Says why the program ends.
pub(crate) fn complain(error: &crate::error::Error) {
    let cause = std::error::Error::source(error).map(|cause| format!(": {cause}"));
    let text = format!("references: {error}{}\n", cause.unwrap_or_default());
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}

#[expect(
    clippy::disallowed_methods,
    reason = "a server without the kernel has no clock but the system's"
)]
pub(crate) fn now() -> DateTime<Utc> {
    SystemTime::now().into()
}

#[expect(
    clippy::disallowed_methods,
    reason = "a server without the kernel makes its own ids"
)]
pub(crate) fn new_id() -> Uuid {
    Uuid::now_v7()
}

#[expect(clippy::float_arithmetic, reason = "a duration for people to read, not money")]
fn milliseconds(took: Duration) -> f64 {
    (took.as_secs_f64() * 1_000_000.0).round() / 1000.0
}
