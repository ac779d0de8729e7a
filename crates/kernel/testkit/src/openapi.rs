use web::Mount;

/// Compares a group's OpenAPI fragment with the committed file; `UPDATE_CONTRACTS=1` writes the file instead.
pub fn assert_openapi_is_committed(mount: &Mount, path: &str) {
    let mut served = serde_json::to_string_pretty(&mount.openapi().unwrap()).unwrap();
    served.push('\n');
    if std::env::var_os("UPDATE_CONTRACTS").is_some() {
        std::fs::write(path, &served).unwrap();
        return;
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        committed == served,
        "{path} is not what the group serves: run the test once with UPDATE_CONTRACTS=1 and look at the difference"
    );
}
