use super::{
    crowd::crowd,
    prey::{Prey, send},
};

const MIB: usize = 1024 * 1024;

#[tokio::test]
async fn heads_that_are_too_large_are_refused() {
    let prey = Prey::start().await;
    let before = prey.memory();
    let heads = [
        (
            "a long URL",
            format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", "a".repeat(MIB)),
        ),
        (
            "a long query",
            format!(
                "GET /api/v1/transactions?limit={} HTTP/1.1\r\nHost: x\r\n\r\n",
                "9".repeat(MIB)
            ),
        ),
        (
            "a large header",
            format!(
                "GET /health HTTP/1.1\r\nHost: x\r\nX-Large: {}\r\n\r\n",
                "a".repeat(MIB)
            ),
        ),
        (
            "many headers",
            format!(
                "GET /health HTTP/1.1\r\nHost: x\r\n{}\r\n",
                "X-Many: 1\r\n".repeat(20_000)
            ),
        ),
        ("a head without end", "a".repeat(MIB)),
        ("no HTTP", "\u{16}\u{3}\u{1}\r\n\r\n".to_owned()),
        ("no version", "GET /health\r\n\r\n".to_owned()),
        (
            "a newer version",
            "GET /health HTTP/9.9\r\nHost: x\r\n\r\n".to_owned(),
        ),
        (
            "two lengths",
            "POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{"
                .to_owned(),
        ),
        (
            "a length and chunks",
            "POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: \
             3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /admin HTTP/1.1\r\nHost: x\r\n\r\n"
                .to_owned(),
        ),
        (
            "a negative length",
            "POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n".to_owned(),
        ),
    ];
    for (what, head) in &heads {
        let ends = crowd(5, |_| {
            let (address, head) = (prey.address(), head.clone());
            async move { send(address, head.as_bytes()).await }
        })
        .await;
        for end in ends {
            end.is_refusal(what);
            let answers = end.answer.matches("HTTP/1.1 ").count();
            assert!(
                answers <= 1,
                "{what}: one request had {answers} answers: {}",
                end.answer
            );
        }
    }
    let grown = prey.memory().saturating_sub(before) / MIB as u64;
    assert!(grown < 64, "large heads took {grown} MiB");
    prey.went_on("heads that are too large").await;
}
