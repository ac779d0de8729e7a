use super::prey::{Prey, send};

const MIB: usize = 1024 * 1024;

/// What 100 MiB of spaces look like in gzip: blocks that repeat one byte 258 times for each few bits.
fn bomb() -> Vec<u8> {
    let mut bytes = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    // Deflate with fixed codes: a literal space, then "258 bytes back by 1" again and again.
    let mut bits = Bits::default();
    bits.put(0b1, 1);
    bits.put(0b01, 2);
    bits.code(0x30 + u32::from(b' '), 8);
    for _ in 0..100 * MIB / 258 {
        bits.code(0b1100_0101, 8);
        bits.code(0, 5);
    }
    bits.code(0, 7);
    bytes.extend(bits.finish());
    bytes.extend([0; 8]);
    bytes
}

#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    used: u32,
}

impl Bits {
    fn put(&mut self, value: u32, count: u32) {
        for bit in 0..count {
            if self.used.is_multiple_of(8) {
                self.bytes.push(0);
            }
            let last = self.bytes.last_mut().unwrap();
            *last |= u8::from((value >> bit) & 1 == 1) << (self.used % 8);
            self.used += 1;
        }
    }

    /// Codes stand with their highest bit first.
    fn code(&mut self, value: u32, count: u32) {
        for bit in (0..count).rev() {
            self.put((value >> bit) & 1, 1);
        }
    }

    fn finish(self) -> Vec<u8> {
        self.bytes
    }
}

#[tokio::test]
async fn bodies_that_are_too_much_are_refused_and_take_no_memory() {
    let prey = Prey::start().await;
    let before = prey.memory();
    let post = |path: &str, more: &str, body: &[u8]| {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nConnection: close\r\n{more}\r\n",
            prey.token
        );
        [head.as_bytes(), body].concat()
    };
    let json = "Content-Type: application/json\r\n";
    let sized = |body: &[u8], more: &str| format!("{json}{more}Content-Length: {}\r\n", body.len());
    let deep = "[".repeat(MIB - 10);
    let deep_objects = r#"{"a":"#.repeat(150_000);
    let digits = format!(r#"{{"type":"income","amount":{}}}"#, "9".repeat(MIB - 100));
    let exponent = br#"{"type":"income","amount":1e999999999,"description":"x"}"#;
    let bomb = bomb();
    let login = "/api/auth/login";
    let pay = "/api/v1/transactions";
    let requests = [
        (
            "a gzip bomb",
            post(login, &sized(&bomb, "Content-Encoding: gzip\r\n"), &bomb),
        ),
        (
            "a gzip bomb as transfer coding",
            post(
                login,
                &format!("{json}Transfer-Encoding: gzip, chunked\r\n"),
                b"0\r\n\r\n",
            ),
        ),
        (
            "deep JSON",
            post(login, &sized(deep.as_bytes(), ""), deep.as_bytes()),
        ),
        (
            "deep objects",
            post(pay, &sized(deep_objects.as_bytes(), ""), deep_objects.as_bytes()),
        ),
        (
            "a number of a million digits",
            post(pay, &sized(digits.as_bytes(), ""), digits.as_bytes()),
        ),
        ("a huge exponent", post(pay, &sized(exponent, ""), exponent)),
        (
            "a terabyte announced",
            post(login, &format!("{json}Content-Length: 1099511627776\r\n"), b"{"),
        ),
        (
            "2 MiB",
            post(login, &sized(&vec![b' '; 2 * MIB], ""), &vec![b' '; 2 * MIB]),
        ),
        (
            "chunks without end",
            post(
                login,
                &format!("{json}Transfer-Encoding: chunked\r\n"),
                format!("10000\r\n{}\r\n", " ".repeat(0x10000))
                    .repeat(64)
                    .as_bytes(),
            ),
        ),
        (
            "a chunk of an absurd size",
            post(
                login,
                &format!("{json}Transfer-Encoding: chunked\r\n"),
                b"fffffffffffffffff\r\n{",
            ),
        ),
    ];
    for (what, request) in &requests {
        for _ in 0..3 {
            send(prey.address(), request).await.is_refusal(what);
        }
    }
    let grown = prey.memory().saturating_sub(before) / MIB as u64;
    println!("bodies that are too much: {grown} MiB more");
    assert!(grown < 64, "bodies that were refused took {grown} MiB");
    let posted = prey.remote().get(pay, &prey.token).await;
    assert_eq!(posted.body, serde_json::json!([]));
    prey.went_on("bodies that are too much").await;
}

#[test]
fn the_bomb_is_small() {
    assert!(bomb().len() < MIB, "{}", bomb().len());
}
