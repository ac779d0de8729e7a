//! Secrets that are configured, and those that are made.

use kernel::SystemEntropy;
use secrecy::{ExposeSecret, SecretString};
use std::{fs, os::unix::fs::PermissionsExt, path::Path};
use trust::{SecretError, SecretFile};

fn resolve(configured: Option<&str>, dir: &Path, production: bool) -> Result<String, SecretError> {
    let configured = configured.map(SecretString::from);
    SecretFile::JWT
        .resolve(configured.as_ref(), dir, production, &SystemEntropy)
        .map(|secret| secret.expose_secret().to_owned())
}

#[test]
fn production_refuses_a_missing_or_weak_secret_and_says_how_to_make_one() {
    let dir = tempfile::tempdir().unwrap();
    for weak in [
        None,
        Some(""),
        Some("short"),
        Some("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
    ] {
        let message = resolve(weak, dir.path(), true).unwrap_err().to_string();
        assert!(
            message.contains("JWT_SECRET") && message.contains("openssl rand -hex 32"),
            "{message}"
        );
    }
    assert!(
        fs::read_dir(dir.path()).unwrap().next().is_none(),
        "nothing was made"
    );
}

#[test]
fn development_makes_one_once_and_keeps_it_to_itself() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let first = resolve(None, &data, false).unwrap();
    assert_eq!(resolve(None, &data, false).unwrap(), first);
    assert_eq!(first.len(), 64);
    let mode = fs::metadata(data.join("jwt.secret"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(
        fs::read_dir(&data).unwrap().count(),
        1,
        "nothing else is left behind"
    );
}

#[test]
fn processes_that_race_agree() {
    let dir = tempfile::tempdir().unwrap();
    let made: Vec<String> = std::thread::scope(|scope| {
        let racers: Vec<_> = (0..16)
            .map(|_| scope.spawn(|| resolve(None, dir.path(), false).unwrap()))
            .collect();
        racers.into_iter().map(|racer| racer.join().unwrap()).collect()
    });
    assert!(made.windows(2).all(|pair| pair[0] == pair[1]));
}

#[test]
fn a_file_that_others_may_read_is_closed_to_them() {
    let dir = tempfile::tempdir().unwrap();
    resolve(None, dir.path(), false).unwrap();
    let path = dir.path().join("jwt.secret");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    resolve(None, dir.path(), false).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_corrupt_file_is_named() {
    let dir = tempfile::tempdir().unwrap();
    for content in [&b""[..], b"abc", b"\xff\xfe\x00"] {
        fs::write(dir.path().join("jwt.secret"), content).unwrap();
        let message = resolve(None, dir.path(), false).unwrap_err().to_string();
        assert!(
            message.contains("jwt.secret") && message.contains("remove it"),
            "{message}"
        );
    }
}
