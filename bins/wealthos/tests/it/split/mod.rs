//! The platform as real processes, one for each group, behind a gateway.

mod harness;
mod outage;
mod pause;
mod rolling;

use harness::Split;
