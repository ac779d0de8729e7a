use super::Split;
use crate::{main_job::the_main_job, process::Home};

#[tokio::test]
async fn the_main_job_works_in_six_processes_on_sqlite() {
    let split = Split::start_at(Home::sqlite()).await;
    the_main_job(&split.gateway()).await;
}

#[tokio::test]
async fn the_main_job_works_in_six_processes_on_mongodb() {
    let split = Split::start_at(Home::mongodb()).await;
    the_main_job(&split.gateway()).await;
}
