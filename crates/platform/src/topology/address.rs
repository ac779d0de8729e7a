use url::Url;

/// The address of a process as everything else writes it: scheme, host and port, nothing after them. The message never
/// repeats what was given: it may hold a password.
pub(crate) fn address(text: &str) -> Result<String, &'static str> {
    let url = Url::parse(text.trim()).map_err(|_| "must be an address such as http://127.0.0.1:8011")?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
        return Err("must be an address that begins with http:// or https://, as in http://127.0.0.1:8011");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must be without user and password: processes know each other by service tokens");
    }
    if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
        return Err("must end after the port: paths are kept as they were asked for");
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn an_address_is_scheme_host_and_port() {
        for (given, kept) in [
            ("http://127.0.0.1:8011", "http://127.0.0.1:8011"),
            (" http://127.0.0.1:8011/ ", "http://127.0.0.1:8011"),
            ("https://finance.example", "https://finance.example"),
            ("http://[::1]:8011", "http://[::1]:8011"),
            ("HTTP://Finance-Service:8011", "http://finance-service:8011"),
        ] {
            assert_eq!(address(given), Ok(kept.to_owned()), "{given}");
        }
    }

    #[test]
    fn anything_else_is_refused_without_repeating_it() {
        for given in [
            "",
            "127.0.0.1:8011",
            "localhost",
            "ftp://127.0.0.1:8011",
            "unix:/run/finance.sock",
            "http://",
            "http://:8011",
            "http://user:s3cret@127.0.0.1:8011",
            "http://s3cret@127.0.0.1:8011",
            "http://127.0.0.1:8011/finance",
            "http://127.0.0.1:8011/?a=b",
            "http://127.0.0.1:8011/#a",
            "http://127.0.0.1:80111",
            "http://one two:8011",
        ] {
            let refused = address(given).unwrap_err();
            assert!(refused.starts_with("must "), "{given}");
            assert!(!refused.contains("s3cret"), "{refused}");
        }
    }
}
