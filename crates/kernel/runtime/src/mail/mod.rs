//! Mail to users: one transport for every group, which sends its own mail from a job.
//!
//! A mail that cannot be delivered now is [`MailError::Later`]: the job tries again. What the server refuses for good is
//! [`MailError::Refused`]. Where the connection broke before the server had answered it is [`MailError::Unsure`]. The id of a mail makes its `Message-ID`, so that one that is sent twice is known to be one.

mod file;
mod smtp;

use crate::settings::{MailSettings, MailTransport};
use file::FileSink;
use kernel::{Email, Sources};
use lettre::{
    Message,
    message::{Mailbox, header::ContentType},
};
use smtp::Smtp;
use std::{
    error::Error,
    path::{Path, PathBuf},
    sync::Arc,
    time::SystemTime,
};

/// A mail that is to be sent: plain text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// Names it: the same in every attempt at sending it.
    pub id: String,
    /// To whom.
    pub to: Email,
    /// The subject, on one line.
    pub subject: String,
    /// The text.
    pub text: String,
}

/// Why a mail was not sent. `Display` names no address and no content: it stands in logs and job records.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// It may go through later.
    #[error(
        "the mail cannot be handed over at the moment: look at [mail] in the settings and at the mail server"
    )]
    Later(#[source] Box<dyn Error + Send + Sync>),
    /// Nobody knows whether the server took it: the connection broke before it had answered.
    #[error("the mail server did not say whether it took the mail: look at the mail server")]
    Unsure(#[source] Box<dyn Error + Send + Sync>),
    /// It will never go through.
    #[error("the mail was refused for good by the mail server")]
    Refused(#[source] Box<dyn Error + Send + Sync>),
    /// The file of authorities is none.
    #[error("mail.ca_file {} cannot be used: it must be a readable file with certificates in PEM", file.display())]
    Authorities {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        #[source]
        cause: Box<dyn Error + Send + Sync>,
    },
    /// The settings make no transport.
    #[error("the mail settings cannot be used: look at mail.from and mail.host")]
    Settings(#[source] Box<dyn Error + Send + Sync>),
}

enum Transport {
    File(FileSink),
    Smtp(Smtp),
}

/// Sends mail as the settings say. Cheap to clone; must be used on the kernel's runtime.
#[derive(Clone)]
pub struct Mailer {
    transport: Arc<Transport>,
    from: Mailbox,
    sources: Sources,
}

impl Mailer {
    /// A mailer as the settings say. Nothing is contacted yet.
    pub fn new(settings: &MailSettings, data_dir: &Path, sources: Sources) -> Result<Self, MailError> {
        let from = settings
            .from
            .parse()
            .map_err(|error: lettre::address::AddressError| MailError::Settings(error.into()))?;
        let transport = match settings.transport {
            MailTransport::File => {
                let directory = settings.directory.clone();
                Transport::File(FileSink::new(directory.unwrap_or_else(|| data_dir.join("mail"))))
            }
            MailTransport::Smtp => Transport::Smtp(Smtp::new(settings)?),
        };
        Ok(Self {
            transport: Arc::new(transport),
            from,
            sources,
        })
    }

    /// Hands a mail over: when it answers, the server has taken it or the file is written.
    pub async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        let message = self.message(mail)?;
        match &*self.transport {
            Transport::File(sink) => sink.write(&mail.id, &message.formatted()).await,
            Transport::Smtp(smtp) => smtp.send(message).await,
        }
    }

    /// Whether a mail that is sent again under the same id takes the place of the first, so that there is one: so it is
    /// with files. A mail server may deliver both.
    pub fn replaces(&self) -> bool {
        matches!(&*self.transport, Transport::File(_))
    }

    /// Where mail goes, in a word for the operator.
    pub fn describe(&self) -> String {
        match &*self.transport {
            Transport::File(sink) => format!("files in {}", sink.directory().display()),
            Transport::Smtp(smtp) => smtp.describe(),
        }
    }

    fn message(&self, mail: &Mail) -> Result<Message, MailError> {
        let refused = |error: Box<dyn Error + Send + Sync>| MailError::Refused(error);
        let to = mail
            .to
            .as_str()
            .parse()
            .map_err(|error| refused(Box::new(error)))?;
        let domain = self.from.email.domain();
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .date(SystemTime::from(self.sources.now()))
            .message_id(Some(format!("<{}@{domain}>", mail.id)))
            .subject(&mail.subject)
            .header(ContentType::TEXT_PLAIN)
            .body(mail.text.clone())
            .map_err(|error| refused(Box::new(error)))
    }
}

impl std::fmt::Debug for Mailer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Mailer({})", self.describe())
    }
}
