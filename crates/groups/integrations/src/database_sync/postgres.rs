//! Connections to PostgreSQL, and what its errors mean for a run.

use super::{
    address::{DatabaseAddress, SslMode},
    row::Wrong,
};
use chrono_tz::Tz;
use kernel::Tasks;
use std::time::Duration;
use tokio_postgres::{
    Client, Config, Connection, Error, NoTls, Socket,
    tls::{MakeTlsConnect, TlsConnect},
};
use tokio_postgres_rustls::MakeRustlsConnect;

/// Why the other database did not do what it was asked to.
#[derive(Debug)]
pub(super) enum Trouble {
    /// It is away, or busy: the same may be tried again.
    Away(String),
    /// It refuses, and will again until somebody changes something.
    Refused(String),
    /// It does not take this row.
    Row(Wrong),
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        let Some(said) = error.as_db_error() else {
            return unreachable_by(&error);
        };
        let code = said.code().code();
        match code.get(..2).unwrap_or_default() {
            "22" | "23" => Trouble::Row(("row", said.message().to_owned())),
            "28" => Trouble::Refused("the database does not accept the user or the password".to_owned()),
            "3D" => Trouble::Refused("there is no such database".to_owned()),
            "42" | "25" | "0A" => Trouble::Refused(format!("the database refuses: {}", said.message())),
            _ => Trouble::Away(format!("the database says: {}", said.message())),
        }
    }
}

/// Why nothing was heard. A certificate that is not trusted gets no better by asking again.
fn unreachable_by(error: &Error) -> Trouble {
    let mut causes = std::iter::successors(std::error::Error::source(error), |cause| cause.source());
    let untrusted = causes.find_map(|cause| {
        let said = cause.to_string();
        let (_, reason) = said.split_once("invalid peer certificate: ")?;
        Some(reason.to_owned())
    });
    match untrusted {
        Some(reason) => Trouble::Refused(format!(
            "the certificate of the database is not trusted ({reason}): mend it, or take another sslmode"
        )),
        None => Trouble::Away(format!("the database cannot be reached: {error}")),
    }
}

/// How databases are connected to.
#[derive(Clone)]
pub(super) struct Connector {
    pub(super) tasks: Tasks,
    pub(super) timeout: Duration,
    pub(super) timezone: Tz,
}

impl Connector {
    /// A connection, which ends when it is dropped.
    pub(super) async fn connect(&self, address: &DatabaseAddress) -> Result<Client, Trouble> {
        let mut config = Config::new();
        // A day begins where the installation says; what hangs is ended by the server.
        let options = format!(
            "-c TimeZone={} -c DateStyle=ISO -c statement_timeout=60000 -c lock_timeout=10000",
            self.timezone.name()
        );
        config
            .host(&address.host)
            .port(address.port)
            .user(&address.user)
            .password(address.password())
            .dbname(&address.database)
            .application_name("wealthos")
            .connect_timeout(self.timeout)
            .tcp_user_timeout(Duration::from_secs(60))
            .options(options)
            .ssl_mode(match address.ssl_mode {
                SslMode::Disable => tokio_postgres::config::SslMode::Disable,
                SslMode::Prefer => tokio_postgres::config::SslMode::Prefer,
                SslMode::Require | SslMode::VerifyFull => tokio_postgres::config::SslMode::Require,
            });
        let tls = match address.ssl_mode {
            SslMode::Disable => return self.open(&config, NoTls).await,
            mode => runtime::http::database_tls(mode == SslMode::VerifyFull),
        };
        let tls = tls.map_err(|error| Trouble::Away(error.to_string()))?;
        self.open(&config, MakeRustlsConnect::new(tls)).await
    }

    async fn open<T>(&self, config: &Config, tls: T) -> Result<Client, Trouble>
    where
        T: MakeTlsConnect<Socket>,
        T::Stream: Send + 'static,
        <T::TlsConnect as TlsConnect<Socket>>::Future: Send,
    {
        // Each step of a connection has its limit; this one is for all of them together.
        let opened = tokio::time::timeout(self.timeout * 2, config.connect(tls)).await;
        let late = |_| Trouble::Away("the database did not answer in time".to_owned());
        let (client, connection): (Client, Connection<Socket, T::Stream>) = opened.map_err(late)??;
        drop(self.tasks.spawn(async move {
            // What goes wrong is told to whoever waits for an answer.
            let _ = connection.await;
        }));
        Ok(client)
    }
}
