//! What two runs of one story may differ in, and nothing else. The clock of a deployment stands still between steps, so
//! that times are compared as they are. Each rule says what it hides and why that is no difference to a user.
//!
//! 1. **Headers of the connection** (`date`, `connection`, `keep-alive`, `transfer-encoding`) are left out: they belong to
//!    one hop and to the machine's clock.
//! 2. **Access tokens** are opened: `jwt(header.claims)`. The claims are compared like everything else; only the signature
//!    is hidden, because it depends on ids.
//! 3. **Refresh tokens** and **cursors** are numbered in the order in which they appear: they are random, or encrypt
//!    something random. The same one again has the same number.
//! 4. **Ids** are numbered likewise, and keep what is not random: a UUID of version 7 the 48 bits that say when it was
//!    made. Whoever answers with the id of something else gets another number.
//! 5. **`Retry-After` of a 429** is a number of seconds by the machine's clock: that it is there is compared.

use crate::transcript::{Exchange, Transcript};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use regex::{Captures, Regex};
use std::{collections::HashMap, sync::LazyLock};
use uuid::Uuid;

const OF_THE_CONNECTION: [&str; 4] = ["date", "connection", "keep-alive", "transfer-encoding"];

static ACCESS_TOKEN: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\b(eyJ[\w-]+)\.(eyJ[\w-]+)\.[\w-]+").unwrap());
static REFRESH_TOKEN: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#""refresh_token":"([\w-]{43})""#).unwrap());
static API_KEY: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\bwealthos_[0-9a-f]{10}(?:\.[\w-]{43})?").unwrap());
static CURSOR: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\bcursor=([\w-]{20,}(?:\.[\w-]+)*)").unwrap());
static ID: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b").unwrap()
});

/// A transcript in which only what matters is left.
pub(crate) fn normalised(transcript: &Transcript) -> Transcript {
    let mut normaliser = Normaliser::default();
    Transcript(
        transcript
            .0
            .iter()
            .map(|exchange| normaliser.exchange(exchange))
            .collect(),
    )
}

/// What has been numbered so far.
#[derive(Default)]
struct Normaliser {
    ids: Numbers,
    cursors: Numbers,
    refresh_tokens: Numbers,
    api_keys: Numbers,
}

/// Numbers things in the order in which they appear.
#[derive(Default)]
struct Numbers(HashMap<String, usize>);

impl Numbers {
    fn of(&mut self, thing: &str) -> usize {
        let next = self.0.len() + 1;
        *self.0.entry(thing.to_owned()).or_insert(next)
    }
}

impl Normaliser {
    fn exchange(&mut self, exchange: &Exchange) -> Exchange {
        let request = self.text(&exchange.request);
        let mut headers = Vec::with_capacity(exchange.headers.len());
        for (name, value) in &exchange.headers {
            if OF_THE_CONNECTION.contains(&name.as_str()) {
                continue;
            }
            let value = match name.as_str() {
                "retry-after" if exchange.status == 429 && value.parse::<u32>().is_ok() => {
                    "<seconds>".to_owned()
                }
                _ => self.text(value),
            };
            headers.push((name.clone(), value));
        }
        Exchange {
            request,
            status: exchange.status,
            headers,
            body: self.text(&exchange.body),
        }
    }

    fn text(&mut self, text: &str) -> String {
        let text = ACCESS_TOKEN.replace_all(text, |token: &Captures<'_>| {
            format!("jwt({}.{})", opened(&token[1]), opened(&token[2]))
        });
        let text = REFRESH_TOKEN.replace_all(&text, |token: &Captures<'_>| {
            format!(
                r#""refresh_token":"<refresh-token-{}>""#,
                self.refresh_tokens.of(&token[1])
            )
        });
        let text = API_KEY.replace_all(&text, |key: &Captures<'_>| {
            format!("<api-key-{}>", self.api_keys.of(&key[0]))
        });
        let text = CURSOR.replace_all(&text, |cursor: &Captures<'_>| {
            format!("cursor=<cursor-{}>", self.cursors.of(&cursor[1]))
        });
        let text = ID.replace_all(&text, |id: &Captures<'_>| self.id(&id[0]));
        text.into_owned()
    }

    fn id(&mut self, text: &str) -> String {
        let number = self.ids.of(&text.to_ascii_lowercase());
        match Uuid::parse_str(text) {
            Ok(id) if id.get_version_num() == 7 => format!("<id-{number} made {}>", &text[..13]),
            _ => format!("<id-{number}>"),
        }
    }
}

/// A part of a token, readable.
fn opened(part: &str) -> String {
    match URL_SAFE_NO_PAD.decode(part) {
        Ok(bytes) => crate::transcript::text(&bytes),
        Err(_) => part.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, header: (&str, &str), body: &str) -> Transcript {
        let headers = vec![(header.0.to_owned(), header.1.to_owned())];
        Transcript(vec![Exchange::new(
            "GET /x".to_owned(),
            status,
            headers,
            body.as_bytes(),
        )])
    }

    fn same(one: &Transcript, other: &Transcript) -> bool {
        crate::comparison::differences(one, other).is_none()
    }

    fn body(text: &str) -> Transcript {
        answer(200, ("server", "x"), text)
    }

    fn token(claims: &str, signature: &str) -> String {
        let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
        format!("{}.{}.{signature}", part(r#"{"alg":"HS256"}"#), part(claims))
    }

    const A: &str = "019bbf4b-1c40-7aaa-8aaa-aaaaaaaaaaaa";
    const B: &str = "019bbf4b-1c40-7bbb-8bbb-bbbbbbbbbbbb";
    const LATER: &str = "019bbf4b-1c41-7ccc-8ccc-cccccccccccc";

    #[test]
    fn ids_are_compared_by_what_they_name() {
        assert!(same(
            &body(&format!("{A} {B} {A}")),
            &body(&format!("{B} {A} {B}"))
        ));
        assert!(!same(
            &body(&format!("{A} {B} {A}")),
            &body(&format!("{A} {B} {B}"))
        ));
        assert!(!same(&body(A), &body("019bbf4b")));
        assert!(
            !same(&body(A), &body(&A.to_uppercase())),
            "the form of an id is part of the answer"
        );
    }

    #[test]
    fn an_id_that_was_made_at_another_time_is_a_difference() {
        assert!(!same(&body(A), &body(LATER)));
    }

    #[test]
    fn the_claims_of_a_token_are_compared_and_its_signature_is_not() {
        let one = |user: &str, role: &str, signature: &str| {
            body(&token(
                &format!(r#"{{"sub":"{user}","role":"{role}"}}"#),
                signature,
            ))
        };
        assert!(same(&one(A, "client", "x"), &one(B, "client", "y")));
        assert!(!same(&one(A, "client", "x"), &one(A, "admin", "x")));
        assert!(!same(&one(A, "client", "x"), &one(LATER, "client", "x")));
        assert!(!same(&one(A, "client", "x"), &body("eyJhbGciOiJIUzI1NiJ9")));
    }

    #[test]
    fn a_refresh_token_that_comes_again_is_a_difference() {
        let grant = |letter: &str| format!(r#"{{"refresh_token":"{}"}}"#, letter.repeat(43));
        let pair = |one: &str, two: &str| body(&format!("{}{}", grant(one), grant(two)));
        assert!(same(&pair("a", "b"), &pair("c", "d")));
        assert!(!same(&pair("a", "b"), &pair("c", "c")));
        assert!(!same(&body(&grant("a")), &body(r#"{"refresh_token":""}"#)));
    }

    #[test]
    fn a_link_is_compared_but_for_its_cursor() {
        let link = |path: &str, letter: &str| {
            let link = format!("<{path}?limit=2&cursor={}>; rel=\"next\"", letter.repeat(40));
            answer(200, ("link", &link), "[]")
        };
        assert!(same(&link("/a", "x"), &link("/a", "y")));
        assert!(!same(&link("/a", "x"), &link("/b", "x")));
        assert!(!same(
            &link("/a", "x"),
            &answer(200, ("link", "</a?limit=2>; rel=\"next\""), "[]")
        ));
    }

    #[test]
    fn times_and_numbers_are_compared_as_they_are() {
        assert!(!same(
            &body(r#""2026-01-15T06:30:01Z""#),
            &body(r#""2026-01-15T06:30:02Z""#)
        ));
        assert!(!same(&body(r#"{"seq":4}"#), &body(r#"{"seq":5}"#)));
        assert!(!same(
            &answer(200, ("etag", "\"1\""), ""),
            &answer(200, ("etag", "\"2\""), "")
        ));
    }

    #[test]
    fn when_to_come_back_is_hidden_only_where_the_machines_clock_says_it() {
        let wait = |status, seconds| answer(status, ("retry-after", seconds), "");
        assert!(same(&wait(429, "29"), &wait(429, "30")));
        assert!(!same(&wait(429, "29"), &wait(429, "soon")));
        assert!(!same(&wait(503, "1"), &wait(503, "5")));
        assert!(!same(&wait(429, "29"), &answer(429, ("x", "29"), "")));
    }
}
