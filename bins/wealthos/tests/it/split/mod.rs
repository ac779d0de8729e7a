//! The platform as several real processes.

mod harness;
mod log_lines;
mod main_job;
mod modules;
mod moving;
mod outage;
mod pause;
mod rolling;
mod sharing;

use harness::Split;
