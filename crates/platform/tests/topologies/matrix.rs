//! Every scenario on every topology that it touches.

use crate::{
    comparison::differences,
    deployment::{Conditions, Topology},
    scenarios,
    transcript::Transcript,
    world::World,
};

/// Tells a story on a deployment of its own.
async fn told(topology: Topology, conditions: &Conditions, story: &impl AsyncFn(&mut World)) -> Transcript {
    let mut world = World::start(topology, conditions).await;
    story(&mut world).await;
    world.stop().await
}

/// Tells the story on a monolith and on a deployment of this topology: both must answer the same. A second monolith is
/// compared like any other topology, which shows that the story itself leaves nothing to chance.
async fn prove(topology: Topology, scenario: &str, conditions: Conditions, story: impl AsyncFn(&mut World)) {
    let (reference, other) = tokio::join!(
        told(Topology::Monolith, &conditions, &story),
        told(topology, &conditions, &story)
    );
    if let Some(report) = differences(&reference, &other) {
        panic!(
            "{scenario} on {topology:?} is not what the monolith answers (-: monolith, +: {topology:?})\n\n{report}"
        );
    }
}

/// Makes the test of one scenario: for `every` always, for a group when the scenario touches it.
macro_rules! test_of {
    (every, $topology:expr, $scenario:ident: [$($touched:ident)*] $conditions:expr) => {
        #[tokio::test(flavor = "multi_thread")]
        async fn $scenario() {
            super::prove(
                $topology,
                stringify!($scenario),
                $conditions,
                scenarios::$scenario,
            )
            .await;
        }
    };
    (advisory, $topology:expr, $scenario:ident: [advisory $($rest:ident)*] $conditions:expr) => {
        test_of! { every, $topology, $scenario: [] $conditions }
    };
    (auth, $topology:expr, $scenario:ident: [auth $($rest:ident)*] $conditions:expr) => {
        test_of! { every, $topology, $scenario: [] $conditions }
    };
    (finance, $topology:expr, $scenario:ident: [finance $($rest:ident)*] $conditions:expr) => {
        test_of! { every, $topology, $scenario: [] $conditions }
    };
    (infrastructure, $topology:expr, $scenario:ident: [infrastructure $($rest:ident)*] $conditions:expr) => {
        test_of! { every, $topology, $scenario: [] $conditions }
    };
    (integrations, $topology:expr, $scenario:ident: [integrations $($rest:ident)*] $conditions:expr) => {
        test_of! { every, $topology, $scenario: [] $conditions }
    };
    (wealth, $topology:expr, $scenario:ident: [wealth $($rest:ident)*] $conditions:expr) => {
        test_of! { every, $topology, $scenario: [] $conditions }
    };
    ($group:ident, $topology:expr, $scenario:ident: [$other:ident $($rest:ident)*] $conditions:expr) => {
        test_of! { $group, $topology, $scenario: [$($rest)*] $conditions }
    };
    ($group:ident, $topology:expr, $scenario:ident: [] $conditions:expr) => {};
}

/// The scenarios, the groups that each touches, and what it asks of the deployment.
macro_rules! tests_on {
    ($group:ident, $topology:expr) => {
        test_of! { $group, $topology, accounts: [advisory auth finance infrastructure integrations] Conditions::default() }
        test_of! { $group, $topology, administration: [advisory auth finance infrastructure integrations] Conditions::default() }
        test_of! { $group, $topology, audit_log: [advisory auth finance] Conditions::default() }
        test_of! { $group, $topology, advisors_day: [advisory auth finance] Conditions::default() }
        test_of! { $group, $topology, books: [advisory auth finance] Conditions::default() }
        test_of! { $group, $topology, browsers: [advisory auth finance infrastructure integrations] Conditions::default() }
        test_of! { $group, $topology, client_lists: [advisory auth] Conditions::default() }
        test_of! { $group, $topology, clients: [advisory auth] Conditions::default() }
        test_of! { $group, $topology, connections: [auth integrations] Conditions::default() }
        test_of! { $group, $topology, contact: [advisory auth] Conditions::default() }
        test_of! { $group, $topology, corporate_actions: [advisory auth wealth] Conditions::default() }
        test_of! { $group, $topology, errors: [advisory auth finance infrastructure integrations] Conditions::default() }
        test_of! { $group, $topology, event_feeds: [advisory auth finance infrastructure integrations] Conditions::default() }
        test_of! { $group, $topology, funding: [advisory auth finance wealth] Conditions::default() }
        test_of! { $group, $topology, hostile_input: [advisory auth finance infrastructure integrations wealth] Conditions::default() }
        test_of! { $group, $topology, idempotency: [advisory auth finance integrations] Conditions::default() }
        test_of! { $group, $topology, key_pairs: [advisory auth finance infrastructure integrations] Conditions::key_pairs() }
        test_of! { $group, $topology, large_bodies: [advisory auth finance] Conditions::default() }
        test_of! { $group, $topology, ledger: [advisory auth finance] Conditions::default() }
        test_of! { $group, $topology, pages: [advisory auth finance infrastructure integrations] Conditions::default() }
        test_of! { $group, $topology, personal_data: [advisory auth finance infrastructure integrations] Conditions::default() }
        test_of! { $group, $topology, rate_limits: [advisory auth finance] Conditions::limited() }
        test_of! { $group, $topology, bookkeeping: [advisory auth finance] Conditions::default() }
        test_of! { $group, $topology, portfolios: [advisory auth wealth] Conditions::default() }
        test_of! { $group, $topology, revocation: [advisory auth finance infrastructure integrations] Conditions::default() }
        test_of! { $group, $topology, roles: [auth] Conditions::default() }
        test_of! { $group, $topology, schedules: [advisory auth wealth] Conditions::default() }
        test_of! { $group, $topology, second_factor: [advisory auth finance infrastructure integrations] Conditions::default() }
        test_of! { $group, $topology, signing_in: [auth] Conditions::default() }
        test_of! { $group, $topology, statements: [advisory auth finance] Conditions::default() }
        test_of! { $group, $topology, ways_in: [auth finance] Conditions::default() }
        test_of! { $group, $topology, system: [auth infrastructure] Conditions::default() }
    };
}

/// Every scenario on one topology, in a module named after it.
macro_rules! topology {
    ($module:ident, $group:ident, $topology:expr) => {
        mod $module {
            use super::{Conditions, Topology, scenarios};
            tests_on! { $group, $topology }
        }
    };
}

topology! { monolith, every, Topology::Monolith }
topology! { loopback, every, Topology::Loopback }
topology! { split, every, Topology::Split }
topology! { hybrid_without_advisory, advisory, Topology::HybridWithout("advisory") }
topology! { hybrid_without_auth, auth, Topology::HybridWithout("auth") }
topology! { hybrid_without_finance, finance, Topology::HybridWithout("finance") }
topology! { hybrid_without_infrastructure, infrastructure, Topology::HybridWithout("infrastructure") }
topology! { hybrid_without_integrations, integrations, Topology::HybridWithout("integrations") }
topology! { hybrid_without_wealth, wealth, Topology::HybridWithout("wealth") }
