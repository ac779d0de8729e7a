use super::MailError;
use crate::settings::{MailSecurity, MailSettings};
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    transport::smtp::{
        authentication::Credentials,
        client::{Certificate, CertificateStore, Tls, TlsParameters},
    },
};
use secrecy::ExposeSecret;
use std::{fs, path::Path, time::Duration};

/// How a certificate in PEM begins.
const BEGIN: &[u8] = b"-----BEGIN CERTIFICATE-----";

/// Hands mail to an SMTP server, over TLS by rustls.
pub(super) struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    place: String,
}

impl Smtp {
    pub(super) fn new(settings: &MailSettings) -> Result<Self, MailError> {
        crate::http::install_crypto();
        let host = settings.host.trim();
        let builder = match settings.security {
            MailSecurity::Starttls => AsyncSmtpTransport::<Tokio1Executor>::starttls_relay(host),
            MailSecurity::Tls => AsyncSmtpTransport::<Tokio1Executor>::relay(host),
            MailSecurity::None => Ok(AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host)),
        };
        let builder = builder.map_err(|error| MailError::Settings(error.into()))?;
        let builder = match (&settings.ca_file, settings.security) {
            (Some(file), MailSecurity::Starttls) => builder.tls(Tls::Required(trusting(host, file)?)),
            (Some(file), MailSecurity::Tls) => builder.tls(Tls::Wrapper(trusting(host, file)?)),
            _ => builder,
        };
        let mut builder = builder
            .port(settings.port)
            .timeout(Some(Duration::from_secs(settings.timeout_seconds)));
        if let (Some(name), Some(password)) = (&settings.username, &settings.password) {
            let password = password.expose_secret().to_owned();
            builder = builder.credentials(Credentials::new(name.clone(), password));
        }
        Ok(Self {
            transport: builder.build(),
            place: format!("smtp://{host}:{}", settings.port),
        })
    }

    /// Looks first whether the server is there: what fails then was not sent, and what breaks afterwards may have been.
    pub(super) async fn send(&self, message: Message) -> Result<(), MailError> {
        let is_there = self.transport.test_connection().await;
        if let Err(error) = is_there {
            return Err(match error.is_permanent() {
                true => MailError::Refused(error.into()),
                false => MailError::Later(error.into()),
            });
        }
        match self.transport.send(message).await {
            Ok(_) => Ok(()),
            Err(error) if error.is_permanent() => Err(MailError::Refused(error.into())),
            Err(error) if was_answered(&error) => Err(MailError::Later(error.into())),
            Err(error) => Err(MailError::Unsure(error.into())),
        }
    }

    pub(super) fn describe(&self) -> String {
        self.place.clone()
    }
}

/// Whether it is known that the server did not take the mail: it said so, or nothing was sent.
fn was_answered(error: &lettre::transport::smtp::Error) -> bool {
    error.is_transient() || error.is_client() || error.is_tls() || error.is_transport_shutdown()
}

/// TLS with a server whose certificate one of the authorities in the file has issued, and no other.
fn trusting(host: &str, file: &Path) -> Result<TlsParameters, MailError> {
    let unusable = |cause: Box<dyn std::error::Error + Send + Sync>| MailError::Authorities {
        file: file.to_owned(),
        cause,
    };
    let pem = fs::read(file).map_err(|error| unusable(error.into()))?;
    // What holds none would be read as an empty list of authorities.
    if !pem.windows(BEGIN.len()).any(|place| place == BEGIN) {
        return Err(unusable("it holds no certificate".into()));
    }
    let known = Certificate::from_pem(&pem).map_err(|error| unusable(error.into()))?;
    TlsParameters::builder(host.to_owned())
        .certificate_store(CertificateStore::None)
        .add_root_certificate(known)
        .build()
        .map_err(|error| unusable(error.into()))
}
