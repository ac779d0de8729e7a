use super::{
    Split,
    harness::GATEWAY,
    rolling::{finished, under_load},
};
use crate::process::run;
use serde_json::Value;
use std::time::Duration;

/// How far the load goes on after each move: long enough that every kind of request is sent several times.
const REQUESTS: usize = 10;

/// A group moves out of the monolith, half of the way back, and home, while it is used: no request fails, nothing is lost
/// or done twice, and a placement that is older than the one in force is refused.
#[tokio::test]
async fn a_group_moves_out_and_home_again_and_no_request_fails() {
    let split = Split::beside("finance").await;
    let load = under_load(&split.gateway()).await;
    let away = format!("addresses = [\"{}\"]", split.address("finance"));
    for (version, place) in [
        (2, format!("place = \"remote\"\n{away}")),
        (3, format!("place = \"split\"\npercent = 50\n{away}")),
        (4, "place = \"local\"".to_owned()),
        (5, format!("place = \"remote\"\n{away}")),
        (6, "place = \"local\"".to_owned()),
    ] {
        let before = asked_elsewhere(&split);
        let (code, told) = apply(&split, version, &place).await;
        assert_eq!(code, Some(0), "{place}: {told}");
        load.more(REQUESTS).await;
        let elsewhere = asked_elsewhere(&split) - before;
        if version == 2 || version == 5 {
            assert!(elsewhere > 0, "{place}: the other process was not asked\n{told}");
        }
    }
    let (code, told) = apply(&split, 6, "place = \"local\"\nport = 8111").await;
    assert_eq!(code, Some(1), "the version is not newer: {told}");
    finished(&split.gateway(), load).await;
    split.assert_calm();
}

/// Tells both processes; answers the exit code and what the tool said.
async fn apply(split: &Split, version: u64, place: &str) -> (Option<i32>, String) {
    let file = split.place().join(format!("topology-{version}.toml"));
    let gateway = split.address(GATEWAY);
    let text =
        format!("version = {version}\n[gateway]\naddresses = [\"{gateway}\"]\n[groups.finance]\n{place}\n");
    std::fs::write(&file, text).unwrap();
    let mut command = split.operator();
    command.args(["topology", "apply"]).arg(file);
    command.args(["--to", &gateway, "--to", &split.address("finance")]);
    let done = tokio::time::timeout(Duration::from_secs(60), run(command)).await;
    let (code, stdout, stderr) = done.unwrap();
    (code, format!("{stdout}{stderr}"))
}

/// How many requests of users the process beside the monolith has answered.
fn asked_elsewhere(split: &Split) -> usize {
    let log = split.log_of("finance");
    let lines = log
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    lines
        .filter(|line| line["path"] == "/api/v1/transactions")
        .count()
}
