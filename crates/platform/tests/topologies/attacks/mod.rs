//! Attacks, on every kind of topology: what is refused by a monolith is refused by a gateway and by each service behind
//! it. The tables of attacks stand here once; a topology is a parameter.

mod advisors;
mod firms;
mod hostile_input;
mod seam;
mod smuggling;
mod storm;
mod target;
mod tokens;

use crate::deployment::{Conditions, Topology};
use hostile_input::Half;
use target::Target;

/// The attacks of the table on one topology, in a module named after it.
macro_rules! attacked {
    ($module:ident, $topology:expr) => {
        mod $module {
            use super::*;

            #[tokio::test(flavor = "multi_thread")]
            async fn no_route_tells_of_another_firm() {
                firms::swap_ids(&Target::start($topology, &Conditions::default()).await).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn no_route_tells_an_advisor_of_what_is_another_advisors() {
                advisors::swap_ids(&Target::start($topology, &Conditions::default()).await).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn no_operation_takes_hostile_input() {
                hostile_input::attack($topology, Half::One).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn nor_does_any_operation_of_the_other_half() {
                hostile_input::attack($topology, Half::Other).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn no_header_makes_anybody_somebody_else() {
                smuggling::attack(&Target::start($topology, &Conditions::default()).await).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn a_forged_hop_escapes_no_limit() {
                smuggling::escape_limits(&Target::start($topology, &Conditions::limited()).await).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn no_made_up_access_token_is_believed_by_any_group() {
                tokens::attack(&Target::start($topology, &Conditions::default()).await).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn a_storm_of_log_ins_stalls_nobody() {
                storm::attack(&Target::start($topology, &Conditions::default()).await).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn no_process_answers_rpc_to_a_stranger() {
                seam::attack(&Target::start($topology, &Conditions::default()).await).await;
            }
        }
    };
}

attacked! { monolith, Topology::Monolith }
attacked! { split, Topology::Split }
attacked! { hybrid_without_auth, Topology::HybridWithout("auth") }
attacked! { hybrid_without_finance, Topology::HybridWithout("finance") }
