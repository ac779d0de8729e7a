/// One request and what came of it, as it was on the wire.
#[derive(Debug, Clone)]
pub(crate) struct Exchange {
    /// Method and target.
    pub(crate) request: String,
    /// The status.
    pub(crate) status: u16,
    /// The headers in the order of their names; several of one name in the order in which they came.
    pub(crate) headers: Vec<(String, String)>,
    /// The body; bytes that are no UTF-8 are written as `\x..`.
    pub(crate) body: String,
}

impl Exchange {
    /// An answer as it came.
    pub(crate) fn new(request: String, status: u16, mut headers: Vec<(String, String)>, body: &[u8]) -> Self {
        headers.sort_by(|(one, _), (other, _)| one.cmp(other));
        Self {
            request,
            status,
            headers,
            body: text(body),
        }
    }
}

/// Everything that a user saw of a deployment in one scenario.
#[derive(Debug, Clone, Default)]
pub(crate) struct Transcript(pub(crate) Vec<Exchange>);

/// Bytes as text without loss.
pub(crate) fn text(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            text.push_str(&format!("\\x{byte:02x}"));
        }
    }
    text
}
