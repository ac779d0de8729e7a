use secrecy::SecretString;
use serde::Serializer;

/// What stands in place of a secret.
const MASK: &str = "********";

/// Writes that a secret is set, never which.
pub(crate) fn mask_secret<S: Serializer>(
    secret: &Option<SecretString>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match secret {
        Some(_) => serializer.serialize_some(MASK),
        None => serializer.serialize_none(),
    }
}

/// The URL with the password of its user part masked.
pub(crate) fn masked_url(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let (place, query) = rest.find('?').map_or((rest, ""), |at| rest.split_at(at));
    match place.rsplit_once('@') {
        Some((user, host)) => {
            let name = user.split(':').next().unwrap_or_default();
            format!("{scheme}://{name}:{MASK}@{host}{query}")
        }
        None => url.to_owned(),
    }
}

/// A list of secrets, of which only the length is shown.
pub(crate) fn mask_secrets<S: Serializer>(
    secrets: &[SecretString],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(secrets.iter().map(|_| "********"))
}

#[cfg(test)]
mod tests {
    use super::masked_url;

    #[test]
    fn only_the_password_of_a_url_is_hidden() {
        assert_eq!(
            masked_url("mongodb://app:s3c@ret@a:1,b:2/wealth?w=majority"),
            "mongodb://app:********@a:1,b:2/wealth?w=majority"
        );
        assert_eq!(masked_url("sqlite:./data"), "sqlite:./data");
        assert_eq!(masked_url("mongodb://localhost/x"), "mongodb://localhost/x");
    }
}
