use super::mask::{is_sensitive, masked};
use chrono::{DateTime, Utc};
use kernel::{Clock, SystemClock};
use std::{cell::RefCell, error::Error, fmt::Write as _};
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
    span,
};
use tracing_subscriber::{Layer, layer::Context, registry::LookupSpan};

/// Writes every event as one JSON object on one line: `timestamp` (RFC 3339, UTC), `level`, `logger`, `message`, the
/// event's fields, those of the spans around it, and for an error field its whole chain as `exception`.
///
/// Values that look like tokens, e-mail addresses or tax numbers are hidden, and so are fields whose name says that
/// they hold a secret. A line is built in a buffer of the thread and written with one call.
pub struct JsonLines<W> {
    write: W,
}

impl<W: Fn(&[u8]) + 'static> JsonLines<W> {
    /// Hands every line, with its line feed, to `write`.
    pub fn new(write: W) -> Self {
        Self { write }
    }
}

/// The fields of a span, already written.
struct SpanFields(String);

impl<S, W> Layer<S> for JsonLines<W>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: Fn(&[u8]) + 'static,
{
    fn on_new_span(&self, attributes: &span::Attributes<'_>, id: &span::Id, context: Context<'_, S>) {
        if let Some(span) = context.span(id) {
            let mut fields = String::new();
            attributes.record(&mut Fields(&mut fields));
            span.extensions_mut().insert(SpanFields(fields));
        }
    }

    fn on_record(&self, id: &span::Id, values: &span::Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(SpanFields(fields)) = span.extensions_mut().get_mut()
        {
            values.record(&mut Fields(fields));
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        thread_local! {
            static LINE: RefCell<String> = const { RefCell::new(String::new()) };
        }
        LINE.with_borrow_mut(|line| {
            line.clear();
            begin(line, event);
            event.record(&mut Fields(line));
            for span in context.event_scope(event).into_iter().flatten() {
                if let Some(SpanFields(fields)) = span.extensions().get() {
                    line.push_str(fields);
                }
            }
            line.push_str("}\n");
            (self.write)(line.as_bytes());
        });
    }
}

fn begin(line: &mut String, event: &Event<'_>) {
    line.push_str(r#"{"timestamp":""#);
    push_time(line, SystemClock.now());
    line.push_str(r#"","level":""#);
    line.push_str(event.metadata().level().as_str());
    line.push_str(r#"","logger":"#);
    push_text(line, event.metadata().target());
}

/// The line that tells of lines that were lost.
pub(super) fn lost_line(number: u64) -> String {
    let mut line = String::from(r#"{"timestamp":""#);
    push_time(&mut line, SystemClock.now());
    let _ = writeln!(
        line,
        r#"","level":"WARN","logger":"{}","message":"log lines were lost because nobody read them","lost":{number}}}"#,
        module_path!()
    );
    line
}

/// Appends a moment with milliseconds. Many lines fall into one second: its text is kept.
fn push_time(line: &mut String, now: DateTime<Utc>) {
    thread_local! {
        static SECOND: RefCell<(i64, String)> = const { RefCell::new((i64::MIN, String::new())) };
    }
    SECOND.with_borrow_mut(|(second, text)| {
        if *second != now.timestamp() {
            *second = now.timestamp();
            text.clear();
            let _ = write!(text, "{}", now.format("%Y-%m-%dT%H:%M:%S"));
        }
        line.push_str(text);
    });
    let _ = write!(line, ".{:03}Z", now.timestamp_subsec_millis());
}

/// Appends `,"name":value` for every field.
struct Fields<'a>(&'a mut String);

impl Fields<'_> {
    fn name(&mut self, name: &str) {
        self.0.push(',');
        push_text(self.0, name);
        self.0.push(':');
    }

    fn text(&mut self, field: &Field, text: &str) {
        self.name(field.name());
        if is_sensitive(field.name()) {
            self.0.push_str("\"[hidden]\"");
        } else {
            push_text(self.0, &masked(text));
        }
    }

    fn plain(&mut self, field: &Field, value: impl std::fmt::Display) {
        self.name(field.name());
        let _ = write!(self.0, "{value}");
    }
}

impl Visit for Fields<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.text(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.plain(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.plain(field, value);
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        self.plain(field, value);
    }

    fn record_i128(&mut self, field: &Field, value: i128) {
        self.plain(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.plain(field, value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        if value.is_finite() {
            self.plain(field, value);
        } else {
            self.name(field.name());
            self.0.push_str("null");
        }
    }

    fn record_error(&mut self, _field: &Field, value: &(dyn Error + 'static)) {
        let mut chain = value.to_string();
        let mut cause = value.source();
        while let Some(error) = cause {
            let _ = write!(chain, ": {error}");
            cause = error.source();
        }
        self.name("exception");
        push_text(self.0, &masked(&chain));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        thread_local! {
            static TEXT: RefCell<String> = const { RefCell::new(String::new()) };
        }
        // Taken and put back: a value may log while it is written.
        let mut text = TEXT.take();
        text.clear();
        let _ = write!(text, "{value:?}");
        self.text(field, &text);
        TEXT.set(text);
    }
}

/// Writes a JSON string.
fn push_text(line: &mut String, text: &str) {
    line.push('"');
    let mut clean_from = 0;
    for (at, byte) in text.bytes().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
            continue;
        }
        line.push_str(&text[clean_from..at]);
        match byte {
            b'"' => line.push_str("\\\""),
            b'\\' => line.push_str("\\\\"),
            b'\n' => line.push_str("\\n"),
            b'\t' => line.push_str("\\t"),
            b'\r' => line.push_str("\\r"),
            other => {
                let _ = write!(line, "\\u{other:04x}");
            }
        }
        clean_from = at + 1;
    }
    line.push_str(&text[clean_from..]);
    line.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};
    use tracing_subscriber::layer::SubscriberExt;

    fn lines(act: impl FnOnce()) -> Vec<serde_json::Value> {
        let written = Arc::new(Mutex::new(Vec::new()));
        let sink = written.clone();
        let layer = JsonLines::new(move |line: &[u8]| sink.lock().unwrap().extend_from_slice(line));
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), act);
        let text = String::from_utf8(written.lock().unwrap().clone()).unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    #[test]
    fn a_line_has_the_promised_keys() {
        let line =
            &lines(|| tracing::info!(target: "web", count = 3, ratio = f64::NAN, "said \"hi\"\n\u{1}"))[0];
        assert_eq!(line["level"], "INFO");
        assert_eq!(line["logger"], "web");
        assert_eq!(line["message"], "said \"hi\"\n\u{1}");
        assert_eq!(line["count"], 3);
        assert!(line["ratio"].is_null());
        assert!(chrono::DateTime::parse_from_rfc3339(line["timestamp"].as_str().unwrap()).is_ok());
    }

    #[test]
    fn a_moment_is_written_with_its_milliseconds() {
        for text in [
            "2026-11-21T17:55:41.007Z",
            "2026-11-21T17:55:41.999Z",
            "2026-11-21T17:55:42.000Z",
            "1999-12-31T23:59:59.120Z",
        ] {
            let mut line = String::new();
            push_time(&mut line, text.parse().unwrap());
            assert_eq!(line, text);
        }
    }

    #[test]
    fn an_error_is_written_with_its_causes() {
        #[derive(Debug, thiserror::Error)]
        #[error("cannot save")]
        struct Outer(#[source] std::io::Error);
        let error = Outer(std::io::Error::other("disk full"));
        let line = &lines(|| tracing::error!(error = &error as &dyn Error, "Transaction failed"))[0];
        assert_eq!(line["exception"], "cannot save: disk full");
    }

    #[test]
    fn fields_of_the_spans_around_it_stand_in_a_line() {
        let line =
            &lines(|| tracing::info_span!("request", request_id = "r1").in_scope(|| tracing::info!("done")))
                [0];
        assert_eq!(line["request_id"], "r1");
    }

    #[test]
    fn secrets_are_never_written() {
        let line = &lines(|| {
            tracing::info!(
                refresh_token = "opaque",
                note = "from a@b.co",
                "password {}",
                "eyJhbGc.abc.def"
            )
        })[0]
            .to_string();
        for secret in ["opaque", "a@b.co", "eyJ"] {
            assert!(!line.contains(secret), "{line}");
        }
    }
}
