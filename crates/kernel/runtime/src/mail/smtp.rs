use super::MailError;
use crate::settings::{MailSecurity, MailSettings};
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor, transport::smtp::authentication::Credentials,
};
use secrecy::ExposeSecret;
use std::time::Duration;

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
        let mut builder = builder
            .map_err(|error| MailError::Settings(error.into()))?
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

    pub(super) async fn send(&self, message: Message) -> Result<(), MailError> {
        match self.transport.send(message).await {
            Ok(_) => Ok(()),
            Err(error) if error.is_permanent() => Err(MailError::Refused(error.into())),
            Err(error) => Err(MailError::Later(error.into())),
        }
    }

    pub(super) fn describe(&self) -> String {
        self.place.clone()
    }
}
