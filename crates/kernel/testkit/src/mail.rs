use crate::Authority;
use base64::{Engine, engine::general_purpose::STANDARD};
use kernel::Tasks;
use parking_lot::Mutex;
use runtime::settings::{MailSecurity, MailSettings, MailTransport};
use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncBufRead, AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::TlsAcceptor;

/// A mail as a server received it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedMail {
    /// The addresses of the envelope.
    pub to: Vec<String>,
    /// `Subject`, decoded as far as it is ASCII.
    pub subject: String,
    /// `Message-ID`.
    pub id: String,
    /// The text, decoded.
    pub text: String,
}

impl ReceivedMail {
    /// The code that stands on a line of its own.
    pub fn code(&self) -> String {
        let is_code = |line: &&str| line.len() >= 40 && !line.contains(char::is_whitespace);
        let line = self.text.lines().map(str::trim).find(is_code);
        line.unwrap_or_else(|| panic!("no code in: {}", self.text))
            .to_owned()
    }
}

#[derive(Default)]
struct Inbox {
    mails: Mutex<Vec<ReceivedMail>>,
    /// Answers to the next mails instead of taking them.
    refusals: Mutex<Vec<String>>,
    /// What a connection is secured with, where one is.
    tls: Mutex<Option<TlsAcceptor>>,
    /// Connections that did not come to TLS.
    broken_off: AtomicUsize,
}

/// A small SMTP server (RFC 5321 without extensions but STARTTLS) on a free port, which keeps what it is given.
pub struct MailServer {
    port: u16,
    security: MailSecurity,
    ca_file: Option<PathBuf>,
    inbox: Arc<Inbox>,
    tasks: Tasks,
}

impl MailServer {
    /// Starts one without TLS; it ends with the value.
    pub async fn start() -> Self {
        Self::listen(MailSecurity::None, None).await
    }

    /// Starts one that takes mail over TLS only, with a certificate of this authority for its address.
    pub async fn secured(security: MailSecurity, authority: &Authority) -> Self {
        let mut server = Self::listen(security, Some(authority.acceptor(&["127.0.0.1"]))).await;
        server.ca_file = Some(authority.file().to_owned());
        server
    }

    /// From now on connections are secured with this.
    pub fn present(&self, tls: TlsAcceptor) {
        *self.inbox.tls.lock() = Some(tls);
    }

    /// How many connections were broken off before they were secured.
    pub fn broken_off(&self) -> usize {
        self.inbox.broken_off.load(Ordering::SeqCst)
    }

    async fn listen(security: MailSecurity, tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let inbox = Inbox {
            tls: Mutex::new(tls),
            ..Inbox::default()
        };
        let (inbox, tasks) = (Arc::new(inbox), Tasks::new());
        let (kept, spawner) = (inbox.clone(), tasks.clone());
        let accept = async move {
            while let Ok((stream, _)) = listener.accept().await {
                let kept = kept.clone();
                let stop = spawner.token();
                drop(spawner.spawn(async move {
                    stop.run_until_cancelled(serve(stream, security, &kept)).await;
                }));
            }
        };
        let stop = tasks.token();
        drop(tasks.spawn(async move {
            stop.run_until_cancelled(accept).await;
        }));
        Self {
            port,
            security,
            ca_file: None,
            inbox,
            tasks,
        }
    }

    /// Settings that send to it.
    pub fn settings(&self) -> MailSettings {
        MailSettings {
            transport: MailTransport::Smtp,
            host: "127.0.0.1".to_owned(),
            port: self.port,
            security: self.security,
            ca_file: self.ca_file.clone(),
            from: "WealthOS <no-reply@wealthos.example>".to_owned(),
            ..MailSettings::default()
        }
    }

    /// Answers the next mail with this line, as in `451 try later`.
    pub fn refuse_next(&self, answer: &str) {
        self.inbox.refusals.lock().push(answer.to_owned());
    }

    /// Everything received so far.
    pub fn mails(&self) -> Vec<ReceivedMail> {
        self.inbox.mails.lock().clone()
    }

    /// The `nth` mail (from 1) to this address, once it has come.
    pub async fn nth_to(&self, nth: usize, address: &str) -> ReceivedMail {
        crate::eventually("a mail comes", || async {
            let mails = self.mails().into_iter();
            mails
                .filter(|mail| mail.to.iter().any(|to| to == address))
                .nth(nth - 1)
        })
        .await
    }

    /// A mail to an address with this subject; waits for it.
    pub async fn titled(&self, subject: &str, address: &str) -> ReceivedMail {
        let is_it = |mail: &ReceivedMail| mail.subject == subject && mail.to.iter().any(|to| to == address);
        crate::eventually("the mail comes", || async {
            self.mails().into_iter().find(is_it)
        })
        .await
    }

    /// The first mail to this address, once it has come.
    pub async fn first_to(&self, address: &str) -> ReceivedMail {
        self.nth_to(1, address).await
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        self.tasks.token().cancel();
    }
}

impl std::fmt::Debug for MailServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MailServer(port {})", self.port)
    }
}

/// How a conversation ends.
enum Ending {
    Over,
    /// The client goes on over TLS.
    StartTls,
}

/// One connection, secured as it is told.
async fn serve(stream: TcpStream, security: MailSecurity, inbox: &Inbox) -> Option<()> {
    let tls = inbox.tls.lock().clone();
    match (security, tls) {
        (MailSecurity::Tls, Some(tls)) => {
            let mut secured = BufReader::new(secure(&tls, stream, inbox).await?);
            converse(&mut secured, inbox, true, false).await?;
        }
        (MailSecurity::Starttls, Some(tls)) => {
            let mut open = BufReader::new(stream);
            if let Ending::StartTls = converse(&mut open, inbox, true, true).await? {
                let mut secured = BufReader::new(secure(&tls, open.into_inner(), inbox).await?);
                converse(&mut secured, inbox, false, false).await?;
            }
        }
        _ => {
            converse(&mut BufReader::new(stream), inbox, true, false).await?;
        }
    }
    Some(())
}

async fn secure<S: AsyncRead + AsyncWrite + Unpin>(
    tls: &TlsAcceptor,
    stream: S,
    inbox: &Inbox,
) -> Option<impl AsyncRead + AsyncWrite + Unpin> {
    match tls.accept(stream).await {
        Ok(secured) => Some(secured),
        Err(_) => {
            inbox.broken_off.fetch_add(1, Ordering::SeqCst);
            None
        }
    }
}

/// Until `QUIT`, the end, or `STARTTLS`. Where that is wanted, no mail is taken before it.
async fn converse<S: AsyncBufRead + AsyncWrite + Unpin>(
    stream: &mut S,
    inbox: &Inbox,
    greets: bool,
    wants_tls: bool,
) -> Option<Ending> {
    let mut recipients: Vec<String> = Vec::new();
    if greets {
        say(stream, "220 tests ready").await?;
    }
    while let Some(line) = heard(stream).await {
        let verb = line.to_ascii_uppercase();
        let answer = if verb.starts_with("EHLO") && wants_tls {
            "250-tests\r\n250 STARTTLS".to_owned()
        } else if verb.starts_with("EHLO") {
            "250-tests\r\n250 8BITMIME".to_owned()
        } else if verb == "STARTTLS" && wants_tls {
            say(stream, "220 go on").await?;
            return Some(Ending::StartTls);
        } else if verb == "QUIT" {
            say(stream, "221 bye").await?;
            return Some(Ending::Over);
        } else if wants_tls {
            "530 must issue a STARTTLS command first".to_owned()
        } else if verb.starts_with("RCPT TO:") {
            recipients.push(address_of(&line));
            "250 ok".to_owned()
        } else if verb.starts_with("MAIL FROM:") || verb.starts_with("RSET") {
            recipients.clear();
            "250 ok".to_owned()
        } else if verb == "DATA" {
            say(stream, "354 go on").await?;
            let raw = data(stream).await?;
            take(inbox, std::mem::take(&mut recipients), &raw)
        } else if verb == "NOOP" || verb.starts_with("HELO") {
            "250 ok".to_owned()
        } else {
            "502 not known here".to_owned()
        };
        say(stream, &answer).await?;
    }
    Some(Ending::Over)
}

async fn say(stream: &mut (impl AsyncWrite + Unpin), answer: &str) -> Option<()> {
    stream.write_all(format!("{answer}\r\n").as_bytes()).await.ok()?;
    stream.flush().await.ok()
}

async fn heard(stream: &mut (impl AsyncBufRead + Unpin)) -> Option<String> {
    let mut line = String::new();
    let read = stream.read_line(&mut line).await.ok()?;
    (read > 0).then(|| line.trim_end_matches(['\r', '\n']).to_owned())
}

/// The lines of a mail until the lonely dot, with stuffed dots taken out.
async fn data(stream: &mut (impl AsyncBufRead + Unpin)) -> Option<Vec<String>> {
    let mut raw = Vec::new();
    loop {
        let line = tokio::time::timeout(Duration::from_secs(30), heard(stream))
            .await
            .ok()??;
        if line == "." {
            return Some(raw);
        }
        raw.push(line.strip_prefix('.').map_or(line.clone(), str::to_owned));
    }
}

fn address_of(line: &str) -> String {
    let inside = line.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    inside.map_or_else(String::new, |(address, _)| address.to_owned())
}

fn take(inbox: &Inbox, to: Vec<String>, raw: &[String]) -> String {
    if let Some(refusal) = inbox.refusals.lock().pop() {
        return refusal;
    }
    let end = raw.iter().position(String::is_empty).unwrap_or(raw.len());
    let (head, body) = raw.split_at(end);
    let header = |name: &str| -> String {
        let found = head.iter().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        });
        found.unwrap_or_default()
    };
    let body = body.get(1..).unwrap_or_default();
    let text = match header("Content-Transfer-Encoding").as_str() {
        "quoted-printable" => quoted_printable(body),
        "base64" => String::from_utf8(STANDARD.decode(body.concat()).unwrap()).unwrap(),
        _ => body.join("\n"),
    };
    inbox.mails.lock().push(ReceivedMail {
        to,
        subject: header("Subject"),
        id: header("Message-ID"),
        text,
    });
    "250 taken".to_owned()
}

/// RFC 2045, section 6.7.
fn quoted_printable(lines: &[String]) -> String {
    let mut bytes = Vec::new();
    for line in lines {
        let (line, goes_on) = match line.strip_suffix('=') {
            Some(line) => (line, true),
            None => (line.as_str(), false),
        };
        let mut rest = line.as_bytes();
        while let Some((&first, after)) = rest.split_first() {
            rest = after;
            match (first, after) {
                (b'=', [high, low, after @ ..]) => {
                    let code = [*high, *low];
                    let code = std::str::from_utf8(&code).unwrap();
                    bytes.push(u8::from_str_radix(code, 16).unwrap());
                    rest = after;
                }
                _ => bytes.push(first),
            }
        }
        if !goes_on {
            bytes.push(b'\n');
        }
    }
    String::from_utf8(bytes).unwrap()
}
