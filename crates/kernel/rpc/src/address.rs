use url::Url;

/// Why a text is no address of a process. `Display` says what to write instead, and repeats nothing that may be secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{shown}' {problem}: write it as http://host:port")]
pub struct AddressError {
    shown: String,
    problem: &'static str,
}

/// The address of a process as everything else writes it: scheme, host and port, nothing after them.
pub fn parse_address(text: &str) -> Result<String, AddressError> {
    let refuse = |shown: &str, problem| {
        Err(AddressError {
            shown: shown.to_owned(),
            problem,
        })
    };
    let Ok(url) = Url::parse(text.trim()) else {
        // What cannot be taken apart may still hold a password.
        let shown = if text.contains('@') { "…" } else { text.trim() };
        return refuse(shown, "is no URL");
    };
    if !url.username().is_empty() || url.password().is_some() {
        return refuse("…", "carries a user name or a password");
    }
    let shown = url.as_str();
    if !matches!(url.scheme(), "http" | "https") {
        return refuse(shown, "is neither http nor https");
    }
    if url.host_str().is_none_or(str::is_empty) {
        return refuse(shown, "names no host");
    }
    if url.port() == Some(0) {
        return refuse(shown, "has the port 0");
    }
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return refuse(shown, "has something after the port");
    }
    Ok(url.origin().ascii_serialization())
}

#[cfg(test)]
mod tests {
    use super::parse_address;

    #[test]
    fn an_address_is_scheme_host_and_port() {
        for (given, kept) in [
            ("http://127.0.0.1:8011", "http://127.0.0.1:8011"),
            (" http://127.0.0.1:8011/ ", "http://127.0.0.1:8011"),
            ("https://finance.example:443", "https://finance.example"),
            ("http://[::1]:8011", "http://[::1]:8011"),
            ("HTTP://Finance-Service:8011", "http://finance-service:8011"),
        ] {
            assert_eq!(parse_address(given).as_deref(), Ok(kept), "{given}");
        }
    }

    #[test]
    fn anything_else_is_refused_without_a_password_in_the_message() {
        for given in [
            "",
            "127.0.0.1:8011",
            "localhost",
            "ftp://127.0.0.1:8011",
            "unix:/run/finance.sock",
            "http://",
            "http://:8011",
            "http://127.0.0.1:0",
            "http://user:s3cret@127.0.0.1:8011",
            "http://s3cret@127.0.0.1:8011",
            "http://user:s3cret@one two:8011",
            "http://127.0.0.1:8011/finance",
            "http://127.0.0.1:8011/?a=b",
            "http://127.0.0.1:8011/#a",
            "http://127.0.0.1:80111",
        ] {
            let refused = parse_address(given).unwrap_err().to_string();
            assert!(refused.ends_with(": write it as http://host:port"), "{given}");
            assert!(!refused.contains("s3cret"), "{refused}");
        }
    }
}
