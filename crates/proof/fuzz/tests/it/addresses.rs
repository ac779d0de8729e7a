//! Addresses of processes and databases.

use crate::INPUTS;
use fuzz::spell;
use std::path::Path;
use store::StoreUrl;

#[test]
fn database_addresses_never_show_their_secrets() {
    const PASSWORD: &str = "hunter2";
    let words = [
        "mongodb",
        "mongodb+srv",
        "sqlite",
        "postgres",
        ":",
        "//",
        "@",
        "user",
        "host",
        "/",
        "?",
        "=",
        "&",
        ".db",
        "%40",
        "..",
        ":memory:",
        " ",
        "27017",
        ",",
    ];
    bolero::check!().with_iterations(INPUTS).for_each(|bytes: &[u8]| {
        let (before, after) = bytes.split_at(bytes.len() / 2);
        let rest = spell(after, &words).replace(['/', '?'], "");
        let text = format!("mongodb://user:{PASSWORD}@{rest}/{}", spell(before, &words));
        match StoreUrl::parse(Some(&text), Path::new("data")) {
            Ok(url) if !rest.contains('@') => {
                assert!(!format!("{url} {url:?}").contains(PASSWORD), "{url}");
            }
            Ok(_) => {}
            Err(error) => assert!(!error.to_string().contains(PASSWORD), "{error}"),
        }
        let _ = StoreUrl::parse(Some(&spell(bytes, &words)), Path::new("data"));
    });
}

#[test]
fn addresses_of_processes_are_read_once() {
    let words = [
        "http",
        "https",
        "://",
        "127.0.0.1",
        "[::1]",
        ":",
        "8000",
        "/",
        "?",
        "#",
        "@",
        "host",
        "..",
        "%2f",
        "99999",
    ];
    bolero::check!().with_iterations(INPUTS).for_each(|bytes: &[u8]| {
        let text = spell(bytes, &words);
        if let Ok(address) = rpc::parse_address(&text) {
            assert_eq!(rpc::parse_address(&address).unwrap(), address, "{text}");
            assert!(
                address.starts_with("http://") || address.starts_with("https://"),
                "{address}"
            );
        }
        let _ = runtime::Remote::parse(&text);
        let _ = runtime::Remote::parse(&format!("finance={text}"));
    });
}
