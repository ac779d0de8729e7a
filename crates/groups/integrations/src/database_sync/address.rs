use percent_encoding::percent_decode_str;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, Serialize};
use std::{borrow::Cow, fmt};
use url::Url;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{KnownFormat, ObjectBuilder, RefOr, SchemaFormat, Type, schema::Schema},
};

const LONGEST: usize = 2_000;

/// How a connection is to be encrypted, by the names of libpq.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum SslMode {
    /// Never.
    Disable,
    /// When the server offers it; the certificate is not checked.
    Prefer,
    /// Always; the certificate is not checked.
    Require,
    /// Always; certificate and name of the host are checked with the authorities that the system trusts.
    VerifyFull,
}

/// The address of a database with the credentials for it, as in `postgresql://user:pass@host:5432/db?sslmode=require`.
/// It is never printed.
#[derive(Clone)]
pub(crate) struct DatabaseAddress {
    text: SecretString,
    password: SecretString,
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) database: String,
    pub(crate) user: String,
    pub(crate) ssl_mode: SslMode,
}

impl DatabaseAddress {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        const FORM: &str = "must be an address such as postgresql://user:pass@db.example.com:5432/database";
        if text.len() > LONGEST {
            return Err(format!("must have at most {LONGEST} bytes"));
        }
        // Nothing of the text may stand in the message: it holds a password.
        let url = Url::parse(text).map_err(|_| FORM.to_owned())?;
        if !matches!(url.scheme(), "postgresql" | "postgres") || url.fragment().is_some() {
            return Err(FORM.to_owned());
        }
        let host = url.host_str().unwrap_or_default().to_ascii_lowercase();
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_' | ':');
        if host.is_empty() || host.len() > 253 || !host.chars().all(plain) {
            return Err("must name one host, by its name or address".to_owned());
        }
        let database = decoded(url.path().trim_start_matches('/'))?;
        let user = decoded(url.username())?;
        if database.is_empty() || user.is_empty() {
            return Err("must name a user and a database".to_owned());
        }
        Ok(Self {
            ssl_mode: ssl_mode(&url)?,
            password: decoded(url.password().unwrap_or_default())?.into(),
            port: url.port().unwrap_or(5432),
            text: text.into(),
            host,
            database,
            user,
        })
    }

    /// With its credentials, to be encrypted and kept.
    pub(crate) fn expose(&self) -> &str {
        self.text.expose_secret()
    }

    pub(crate) fn password(&self) -> &str {
        self.password.expose_secret()
    }
}

fn decoded(part: &str) -> Result<String, String> {
    let text = percent_decode_str(part).decode_utf8();
    let text = text.map_err(|_| "must be UTF-8 where it is percent-encoded".to_owned())?;
    match text.contains('\0') {
        true => Err("must not contain NUL".to_owned()),
        false => Ok(text.into_owned()),
    }
}

fn ssl_mode(url: &Url) -> Result<SslMode, String> {
    let mut mode = SslMode::Prefer;
    for (name, value) in url.query_pairs() {
        mode = match (&*name, &*value) {
            ("sslmode", "disable") => SslMode::Disable,
            ("sslmode", "prefer") => SslMode::Prefer,
            ("sslmode", "require") => SslMode::Require,
            ("sslmode", "verify-full") => SslMode::VerifyFull,
            ("sslmode", _) => {
                return Err("sslmode must be disable, prefer, require or verify-full".to_owned());
            }
            _ => return Err("may have no parameter but sslmode".to_owned()),
        };
    }
    Ok(mode)
}

impl fmt::Debug for DatabaseAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseAddress({}:{})", self.host, self.port)
    }
}

impl<'de> Deserialize<'de> for DatabaseAddress {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

impl PartialSchema for DatabaseAddress {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Password)))
            .max_length(Some(LONGEST))
            .pattern(Some("^postgres(ql)?://[^/@]+@[^/]+/.+$"))
            .write_only(true)
            .into()
    }
}

impl ToSchema for DatabaseAddress {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("DatabaseAddress")
    }
}

/// The hosts with databases that users may have contacted: `host` with any port, or `host:port`. Only the operator says which.
#[derive(Debug, Clone, Default)]
pub struct DatabaseHosts(Vec<String>);

impl DatabaseHosts {
    /// These hosts and no others.
    pub fn new(hosts: &[String]) -> Self {
        Self(hosts.iter().map(|host| host.to_ascii_lowercase()).collect())
    }

    pub(crate) fn allow(&self, address: &DatabaseAddress) -> bool {
        let DatabaseAddress { host, port, .. } = address;
        let with_port = match host.contains(':') {
            true => format!("[{host}]:{port}"),
            false => format!("{host}:{port}"),
        };
        self.0.iter().any(|allowed| {
            let bare = allowed.trim_start_matches('[').trim_end_matches(']');
            *allowed == with_port || bare == host
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_taken_apart_and_never_printed() {
        let address =
            DatabaseAddress::parse("postgresql://us%40er:p%2Fss@DB.example.com/books?sslmode=verify-full")
                .unwrap();
        assert_eq!((address.host.as_str(), address.port), ("db.example.com", 5432));
        assert_eq!(
            (address.user.as_str(), address.database.as_str()),
            ("us@er", "books")
        );
        assert_eq!(
            (address.password(), address.ssl_mode),
            ("p/ss", SslMode::VerifyFull)
        );
        assert_eq!(format!("{address:?}"), "DatabaseAddress(db.example.com:5432)");
        assert_eq!(
            DatabaseAddress::parse("postgres://u@[::1]:5433/d").unwrap().host,
            "::1"
        );
    }

    #[test]
    fn what_leads_elsewhere_is_refused_and_the_reason_tells_no_secret() {
        for text in [
            "",
            "postgresql://",
            "postgresql:///db",
            "mysql://u:secret@h/db",
            "postgresql://u:secret@a,b/db",
            "postgresql://u:secret@h/db?host=/var/run",
            "postgresql://u:secret@h/db?hostaddr=10.0.0.1",
            "postgresql://u:secret@h/db?options=-c%20x=1",
            "postgresql://u:secret@h/db?sslmode=allow",
            "postgresql://u:secret@%2Fvar%2Frun/db",
            "postgresql://h/db",
            "postgresql://u:secret@h",
            "postgresql://u:secret@h/d%00b",
            "host=h user=u password=secret",
        ] {
            let refused = DatabaseAddress::parse(text).unwrap_err();
            assert!(!refused.contains("secret"), "{text}: {refused}");
        }
    }

    #[test]
    fn only_hosts_that_are_named_may_be_reached() {
        let hosts = DatabaseHosts::new(&["localhost".into(), "DB.example.com:5432".into(), "::1".into()]);
        let allowed = |text: &str| hosts.allow(&DatabaseAddress::parse(text).unwrap());
        assert!(allowed("postgresql://u@localhost:9/d"));
        assert!(allowed("postgresql://u@db.example.com/d"));
        assert!(allowed("postgresql://u@[::1]:7/d"));
        assert!(!allowed("postgresql://u@db.example.com:5433/d"));
        assert!(!allowed("postgresql://u@127.0.0.1/d"));
        assert!(!allowed("postgresql://u@localhost.example.com/d"));
        assert!(
            !DatabaseHosts::default().allow(&DatabaseAddress::parse("postgresql://u@localhost/d").unwrap())
        );
    }
}
