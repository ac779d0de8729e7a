//! Access tokens as an attacker makes them, sent to a route of every group, at the public address and at the process
//! behind it.

use super::{
    smuggling::GUARDED,
    target::{Target, access, try_answer},
};
use crate::deployment::SECRET;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use reqwest::Method;
use serde_json::{Value, json};

/// A token's header and claims, opened.
struct Genuine {
    text: String,
    header: Value,
    claims: Value,
}

fn opened(part: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

fn closed(part: &Value) -> String {
    URL_SAFE_NO_PAD.encode(part.to_string())
}

impl Genuine {
    fn of(token: &str) -> Self {
        let parts: Vec<&str> = token.split('.').collect();
        Self {
            text: token.to_owned(),
            header: opened(parts[0]),
            claims: opened(parts[1]),
        }
    }

    fn signature(&self) -> &str {
        self.text.rsplit('.').next().unwrap()
    }

    /// Claims in which one is another.
    fn with(&self, name: &str, value: Value) -> Value {
        let mut claims = self.claims.clone();
        claims[name] = value;
        claims
    }

    /// A header in which one field is another.
    fn headed(&self, name: &str, value: Value) -> Value {
        let mut header = self.header.clone();
        header[name] = value;
        header
    }

    /// What whoever has the secret would sign.
    fn signed(&self, algorithm: Algorithm, kind: &str, claims: &Value, secret: &[u8]) -> String {
        let header = Header {
            typ: Some(kind.to_owned()),
            kid: self.header["kid"].as_str().map(str::to_owned),
            ..Header::new(algorithm)
        };
        encode(&header, claims, &EncodingKey::from_secret(secret)).unwrap()
    }

    /// The table: what is wrong, and the token.
    fn forged(&self) -> Vec<(String, String)> {
        let mut all = self.unsigned();
        all.extend(self.badly_signed());
        all.extend(self.wrongly_claimed());
        all.extend(self.cut());
        all
    }

    fn unsigned(&self) -> Vec<(String, String)> {
        let admin = closed(&self.with("role", json!("admin")));
        let mut all = Vec::new();
        for algorithm in ["none", "None", "nOnE", "", "HS256 "] {
            let header = closed(&self.headed("alg", json!(algorithm)));
            for signature in ["", ".", &format!(".{}", self.signature())] {
                all.push((
                    format!("alg {algorithm:?}{signature:.3}"),
                    format!("{header}.{admin}{signature}"),
                ));
            }
        }
        let header = self.text.split('.').next().unwrap();
        for (name, value) in [
            ("role", json!("admin")),
            ("tenant_id", json!("0190a5c0-0000-7000-8000-000000000000")),
            ("sub", json!("0190a5c0-0000-7000-8000-000000000000")),
            ("rv", json!(99)),
            ("scope", json!("auth.write")),
        ] {
            let claims = closed(&self.with(name, value));
            all.push((
                format!("another {name}"),
                format!("{header}.{claims}.{}", self.signature()),
            ));
        }
        all
    }

    fn badly_signed(&self) -> Vec<(String, String)> {
        let admin = self.with("role", json!("admin"));
        let secret = SECRET.as_bytes();
        let mut all = Vec::new();
        for guess in [&b""[..], b"secret", b"changeme", &secret[1..]] {
            all.push((
                "a guessed secret".to_owned(),
                self.signed(Algorithm::HS256, "JWT", &admin, guess),
            ));
        }
        for algorithm in [Algorithm::HS384, Algorithm::HS512] {
            all.push((
                format!("{algorithm:?}"),
                self.signed(algorithm, "JWT", &admin, secret),
            ));
        }
        let claims = closed(&admin);
        for (name, value) in [
            ("kid", json!("../../../../dev/null")),
            ("kid", json!("' UNION SELECT 'x' --")),
            ("kid", json!("")),
            ("kid", json!(["a"])),
            ("kid", json!("x".repeat(100_000))),
            (
                "jwk",
                json!({ "kty": "oct", "k": URL_SAFE_NO_PAD.encode("secret") }),
            ),
            ("jku", json!("http://127.0.0.1:1/keys")),
            ("crit", json!(["exp"])),
            ("alg", json!("EdDSA")),
            ("alg", json!("RS256")),
        ] {
            let header = closed(&self.headed(name, value));
            all.push((
                format!("another {name} in the header"),
                format!("{header}.{claims}.{}", self.signature()),
            ));
        }
        all
    }

    /// Even with the secret: what it says has to be right.
    fn wrongly_claimed(&self) -> Vec<(String, String)> {
        let now = self.claims["iat"].as_i64().unwrap();
        let mut wrong = vec![
            ("iss", json!("elsewhere")),
            ("iss", json!(null)),
            ("aud", json!("another")),
            ("aud", json!(["another", "api"])),
            ("exp", json!(now - 60)),
            ("exp", json!(now + 86_400)),
            ("exp", json!("never")),
            ("nbf", json!(now + 60)),
            ("iat", json!(now + 60)),
            ("role", json!("root")),
            ("sub", json!("everybody")),
            ("rv", json!(-1)),
        ];
        let claims = wrong
            .drain(..)
            .map(|(name, value)| (name, self.with(name, value)));
        let secret = SECRET.as_bytes();
        let mut all: Vec<(String, String)> = claims
            .map(|(name, claims)| {
                let token = self.signed(Algorithm::HS256, "JWT", &claims, secret);
                (format!("signed {name}: {}", claims[name]), token)
            })
            .collect();
        // Both times moved, so that it would outlive the memory of what is taken back.
        let mut late = self.with("iat", json!(now + 3_600));
        late["exp"] = json!(now + 3_900);
        all.push((
            "signed for later".to_owned(),
            self.signed(Algorithm::HS256, "JWT", &late, secret),
        ));
        for name in ["iss", "aud", "exp", "nbf", "sub", "role", "tenant_id", "sid"] {
            let mut claims = self.claims.clone();
            claims.as_object_mut().unwrap().remove(name);
            all.push((
                format!("signed without {name}"),
                self.signed(Algorithm::HS256, "JWT", &claims, secret),
            ));
        }
        all.push((
            "a token of another type".to_owned(),
            self.signed(Algorithm::HS256, "wealthos-service+jwt", &self.claims, secret),
        ));
        all
    }

    fn cut(&self) -> Vec<(String, String)> {
        let text = &self.text;
        [
            text[..text.len() - 1].to_owned(),
            text[..text.len() / 2].to_owned(),
            text[1..].to_owned(),
            format!("{text}A"),
            format!("{text}.{}", self.signature()),
            format!("{text}, {text}"),
            format!("{text} {text}"),
            text.to_uppercase(),
            text.replace('.', "%2E"),
            "x".repeat(16_000),
            "null".to_owned(),
            "undefined".to_owned(),
        ]
        .map(|token| ("cut or doubled".to_owned(), token))
        .into()
    }
}

pub(super) async fn attack(target: &Target) {
    let login = target.newcomer("mallory@example.com", "advisor").await;
    let genuine = Genuine::of(access(&login));
    let admin = target.admin().await;
    for (group, path) in GUARDED {
        let known = target.get(path, access(&admin)).await;
        assert_eq!(known.status, 200, "{group}: {}", known.text);
    }
    let behind = GUARDED.map(|(group, path)| {
        let address = target.deployment.process_of(group).address();
        (format!("http://{address}"), path)
    });
    let public = GUARDED.map(|(_, path)| (target.deployment.base_url().to_owned(), path));
    for (why, token) in genuine.forged() {
        for (base_url, path) in public.iter().chain(&behind) {
            let ask = || try_answer(target.at(base_url, Method::GET, path).bearer_auth(&token));
            let mut refused = ask().await;
            if refused.is_err() {
                // The connection may be one that was closed after a head that was too long.
                refused = ask().await;
            }
            let refused = match refused {
                Ok(refused) => refused,
                // A head that is longer than one may be is not read to its end.
                Err(_) if token.len() > 10_000 => continue,
                Err(error) => panic!("{why}: {path}: no answer: {error}"),
            };
            let too_long = token.len() > 10_000 && refused.status == 431;
            assert!(
                refused.status == 401 || too_long,
                "{why}: {path}: {} {}",
                refused.status,
                refused.text
            );
            if refused.status == 401 {
                assert_eq!(refused.body["error"], "unauthenticated", "{why}: {path}");
            }
        }
    }
    for (group, path) in GUARDED {
        let known = target.get(path, access(&admin)).await;
        assert_eq!(
            known.status, 200,
            "{group} still lets in who is proven: {}",
            known.text
        );
    }
}
