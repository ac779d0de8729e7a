//! Requests as bytes, for what no well-behaved client sends.

use crate::transcript::Exchange;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// Sends bytes on a connection of its own, closes the sending side, and reads the answer to its end.
pub(crate) async fn exchange(base_url: &str, request: &[u8]) -> Exchange {
    let address = base_url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await.unwrap();
    let _ = stream.write_all(request).await;
    let mut answer = Vec::new();
    let mut part = [0; 8192];
    while let Ok(read) = stream.read(&mut part).await {
        answer.extend_from_slice(&part[..read]);
        if read == 0 || is_whole(&answer) {
            break;
        }
    }
    let line = crate::transcript::text(request.split(|byte| *byte == b'\r').next().unwrap());
    let Some(end) = end_of_head(&answer) else {
        return Exchange::new(line, 0, Vec::new(), &answer);
    };
    let (status, headers) = head(&answer[..end]);
    let body = &answer[end..];
    let chunked = headers
        .iter()
        .any(|(name, value)| name == "transfer-encoding" && value == "chunked");
    if chunked {
        Exchange::new(line, status, headers, &dechunked(body))
    } else {
        Exchange::new(line, status, headers, body)
    }
}

/// Whether an answer that tells its length is there, on a connection that may stay open.
fn is_whole(answer: &[u8]) -> bool {
    let Some(end) = end_of_head(answer) else {
        return false;
    };
    let (status, headers) = head(&answer[..end]);
    let length = headers.iter().find(|(name, _)| name == "content-length");
    match length {
        Some((_, length)) => answer.len() - end >= length.parse().unwrap_or(usize::MAX),
        None if matches!(status, 204 | 304) => true,
        None => answer[end..].ends_with(b"0\r\n\r\n"),
    }
}

fn end_of_head(answer: &[u8]) -> Option<usize> {
    answer
        .windows(4)
        .position(|end| end == b"\r\n\r\n")
        .map(|place| place + 4)
}

fn head(bytes: &[u8]) -> (u16, Vec<(String, String)>) {
    let text = crate::transcript::text(bytes);
    let mut lines = text.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok());
    let headers = lines.filter_map(|line| {
        let (name, value) = line.split_once(':')?;
        Some((name.to_ascii_lowercase(), value.trim().to_owned()))
    });
    (status.unwrap_or(0), headers.collect())
}

fn dechunked(mut body: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    while let Some(end) = body.windows(2).position(|end| end == b"\r\n") {
        let size = std::str::from_utf8(&body[..end]).ok();
        let size = size
            .and_then(|size| usize::from_str_radix(size.trim(), 16).ok())
            .unwrap_or(0);
        let begin = end + 2;
        if size == 0 || body.len() < begin + size {
            break;
        }
        whole.extend_from_slice(&body[begin..begin + size]);
        body = body.get(begin + size + 2..).unwrap_or_default();
    }
    whole
}
