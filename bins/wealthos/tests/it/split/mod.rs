//! The platform as several real processes.

mod harness;
mod moving;
mod outage;
mod pause;
mod rolling;

use harness::Split;
