//! Proving an access token: the first time, and when it is remembered.
#![expect(clippy::expect_used, reason = "a benchmark")]

use divan::{Bencher, black_box};
use kernel::{Role, SessionId, Sources, TenantId, UserId, UserPrincipal};
use secrecy::ExposeSecret;
use std::sync::Arc;
use trust::{MAX_LIFE, OnStale, Revocations, TokenIssuer, TokenKeys, TokenVerifier};

struct Firm {
    issuer: TokenIssuer,
    verifier: TokenVerifier,
    sources: Sources,
}

fn firm() -> Firm {
    let keys = TokenKeys::new(&"0123456789abcdef0123456789abcdef".into(), &[]);
    let (keys, sources) = (Arc::new(keys.expect("keys")), Sources::system());
    Firm {
        issuer: TokenIssuer::new(keys.clone(), "wealthos", "api", sources.clone()),
        verifier: TokenVerifier::new(
            keys,
            "wealthos",
            "api",
            sources.clock().clone(),
            Arc::new(Revocations::new()),
            OnStale::Accept,
        ),
        sources,
    }
}

impl Firm {
    fn token(&self) -> String {
        let user = UserPrincipal {
            user: self.sources.ids().next::<UserId>(),
            role: Role::Advisor,
            tenant: TenantId::DEFAULT,
            session: self.sources.ids().next::<SessionId>(),
            role_version: 3,
            impersonator: None,
            scopes: None,
        };
        let token = self.issuer.issue(&user, self.sources.now(), MAX_LIFE);
        token.expect("a token").token.expose_secret().to_owned()
    }
}

#[divan::bench]
fn remembered(bencher: Bencher<'_, '_>) {
    let firm = firm();
    let token = firm.token();
    firm.verifier.verify(&token).expect("a good token");
    bencher.bench(|| firm.verifier.verify(black_box(&token)));
}

#[divan::bench]
fn first_seen(bencher: Bencher<'_, '_>) {
    let firm = firm();
    bencher
        .with_inputs(|| firm.token())
        .bench_values(|token| firm.verifier.verify(black_box(&token)));
}

fn main() {
    divan::main();
}
