//! The harness as a program: what it cannot do must not look like a pass.

#![cfg(test)]

use std::process::Command;

fn run(arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_torture"))
        .args(arguments)
        .output()
        .unwrap();
    (
        output.status.code(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    )
}

#[test]
fn without_programs_it_says_so_and_is_no_pass() {
    let place = tempfile::tempdir().unwrap();
    let (code, said) = run(&["--quick", "--programs", place.path().to_str().unwrap()]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("find the programs"), "{said}");
}

#[test]
fn programs_without_fail_points_are_refused_with_advice() {
    let place = tempfile::tempdir().unwrap();
    std::fs::write(place.path().join("monolith"), "as it is shipped").unwrap();
    let (code, said) = run(&["--planted", "--programs", place.path().to_str().unwrap()]);
    assert_eq!(code, Some(2), "{said}");
    assert!(
        said.contains("cargo build --package wealthos --package torture"),
        "{said}"
    );
}
