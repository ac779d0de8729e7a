//! The platform as several real processes.

mod harness;
mod log_lines;
mod main_job;
mod moving;
mod outage;
mod pause;
mod rolling;

use harness::Split;
