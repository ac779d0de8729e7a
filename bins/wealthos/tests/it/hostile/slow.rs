use super::{
    crowd::crowd,
    prey::{Prey, dribble, finish, send},
};
use std::time::{Duration, Instant};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const MIB: u64 = 1024 * 1024;

#[tokio::test]
async fn heads_that_never_end_are_given_up() {
    let prey = Prey::start().await;
    let address = prey.address();
    let ends = crowd(200, |number| async move {
        let head = match number % 3 {
            0 => "GET /health HTTP/1.1\r\nHost: x\r\nX-Slow: ",
            1 => "GET /",
            _ => "POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nX: ",
        };
        dribble(address, head.as_bytes(), b'a').await
    })
    .await;
    for end in &ends {
        end.is_refusal("a head that never ends");
    }
    prey.went_on("200 slow heads").await;
}

#[tokio::test]
async fn bodies_that_never_end_are_given_up() {
    let prey = Prey::start().await;
    let (address, token) = (prey.address(), prey.token.clone());
    let ends = crowd(200, |number| {
        let token = token.clone();
        async move {
            let (method, path, kind) = match number % 6 {
                0 => ("POST", "/api/auth/login", "application/json"),
                1 => ("POST", "/api/v1/transactions", "application/json"),
                2 => (
                    "POST",
                    "/api/v1/transactions/import?account_id=01900000-0000-7000-8000-000000000000",
                    "text/csv",
                ),
                // Where nobody reads a body.
                3 => ("GET", "/health", "application/json"),
                4 => ("POST", "/nowhere", "application/json"),
                _ => ("POST", "/rpc/auth/users.user", "application/json"),
            };
            let framing = match number % 2 {
                0 => "Content-Length: 100000\r\n\r\n{",
                _ => "Transfer-Encoding: chunked\r\n\r\n186a0\r\n{",
            };
            let head = format!(
                "{method} {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Type: {kind}\r\n{framing}"
            );
            let end = dribble(address, head.as_bytes(), b' ').await;
            end.is_in_time(path);
            if path != "/health" {
                end.is_refusal(path);
            }
            end
        }
    })
    .await;
    assert!(
        ends.iter().any(|end| end.status() == 408),
        "nobody was told that the body was late"
    );
    prey.went_on("200 slow bodies").await;
}

#[tokio::test]
async fn half_a_body_changes_nothing() {
    let prey = Prey::start().await;
    let (address, token) = (prey.address(), prey.token.clone());
    let whole = r#"{"type":"income","amount":5,"description":"half"}"#;
    let ends = crowd(50, |number| {
        let head = format!(
            "POST /api/v1/transactions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Type: \
             application/json\r\nContent-Length: {}\r\n\r\n",
            whole.len() + 1
        );
        async move {
            let started = Instant::now();
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(head.as_bytes()).await.unwrap();
            stream.write_all(whole.as_bytes()).await.unwrap();
            if number % 2 == 0 {
                stream.shutdown().await.unwrap();
            }
            finish(stream, started).await
        }
    })
    .await;
    for end in &ends {
        end.is_refusal("half a body");
    }
    let posted = prey.remote().get("/api/v1/transactions", &prey.token).await;
    assert_eq!(posted.body, serde_json::json!([]));
    prey.went_on("50 half bodies").await;
}

#[tokio::test]
async fn clients_that_read_nothing_are_cut_off() {
    const CLIENTS: usize = 100;
    let _ = rlimit::increase_nofile_limit(u64::MAX);
    let prey = Prey::start().await;
    let before = (prey.memory(), prey.sockets());
    let request = "GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n".repeat(200);
    let mut open = Vec::new();
    for _ in 0..CLIENTS {
        let mut stream = TcpStream::connect(prey.address()).await.unwrap();
        let _ = tokio::time::timeout(Duration::from_millis(50), stream.write_all(request.as_bytes())).await;
        open.push(stream);
    }
    let end = Instant::now() + Duration::from_secs(30);
    let mut most = 0;
    while most < before.1 + CLIENTS - 5 {
        assert!(Instant::now() < end, "only {most} sockets were accepted");
        tokio::time::sleep(Duration::from_millis(5)).await;
        most = most.max(prey.sockets());
    }
    let grown = prey.memory().saturating_sub(before.0);
    assert!(
        grown < 128 * MIB,
        "{CLIENTS} clients that read nothing took {} MiB",
        grown / MIB
    );
    let end = Instant::now() + Duration::from_secs(60);
    while prey.sockets() > before.1 + 5 {
        assert!(
            Instant::now() < end,
            "{} connections are still open to clients that read nothing",
            prey.sockets() - before.1
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    drop(open);
    prey.went_on("100 clients that read nothing").await;
}

#[tokio::test]
async fn bodies_that_arrive_slowly_do_not_fill_the_memory() {
    const CLIENTS: usize = 300;
    let prey = Prey::start_with(&[
        ("WEALTHOS__HTTP__BODY_MEMORY", "16777216"),
        ("WEALTHOS__HTTP__BODY_TIMEOUT_SECONDS", "10"),
    ])
    .await;
    let before = prey.memory();
    // All but the last byte of a body of the largest size: together 300 MB, if all were kept.
    let head = format!(
        "POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {MIB}\r\n\r\n"
    );
    let body = vec![b' '; usize::try_from(MIB - 1).unwrap()];
    let address = prey.address();
    let watching = async {
        let mut most = 0;
        for _ in 0..40 {
            most = most.max(prey.memory());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        most
    };
    let sending = crowd(CLIENTS, |_| {
        let bytes = [head.as_bytes(), &body].concat();
        async move {
            let started = Instant::now();
            let mut stream = TcpStream::connect(address).await.unwrap();
            let _ = stream.write_all(&bytes).await;
            let mut answer = Vec::new();
            let _ = tokio::time::timeout(Duration::from_secs(30), stream.read_buf(&mut answer)).await;
            super::prey::End {
                answer: String::from_utf8_lossy(&answer).into_owned(),
                after: started.elapsed(),
            }
        }
    });
    let (ends, most) = tokio::join!(sending, watching);
    let grown = most.saturating_sub(before);
    println!("300 bodies of 1 MiB: {} MiB more", grown / MIB);
    assert!(
        grown < 120 * MIB,
        "slow bodies took {} MiB, and may have 16",
        grown / MIB
    );
    let refused = ends.iter().filter(|end| end.status() == 503).count();
    assert!(refused > 0, "nobody was told to come back");
    let sound = send(
        address,
        b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    )
    .await;
    assert_eq!(sound.status(), 200, "{sound:?}");
    prey.went_on("300 large slow bodies").await;
}
