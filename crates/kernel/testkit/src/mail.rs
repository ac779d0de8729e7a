use base64::{Engine, engine::general_purpose::STANDARD};
use kernel::Tasks;
use parking_lot::Mutex;
use runtime::settings::{MailSecurity, MailSettings, MailTransport};
use std::{sync::Arc, time::Duration};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

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
}

/// A small SMTP server (RFC 5321 without extensions) on a free port, which keeps what it is given.
pub struct MailServer {
    port: u16,
    inbox: Arc<Inbox>,
    tasks: Tasks,
}

impl MailServer {
    /// Starts one; it ends with the value.
    pub async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (inbox, tasks) = (Arc::new(Inbox::default()), Tasks::new());
        let (kept, spawner) = (inbox.clone(), tasks.clone());
        let accept = async move {
            while let Ok((stream, _)) = listener.accept().await {
                let kept = kept.clone();
                let stop = spawner.token();
                drop(spawner.spawn(async move {
                    stop.run_until_cancelled(serve(stream, &kept)).await;
                }));
            }
        };
        let stop = tasks.token();
        drop(tasks.spawn(async move {
            stop.run_until_cancelled(accept).await;
        }));
        Self { port, inbox, tasks }
    }

    /// Settings that send to it.
    pub fn settings(&self) -> MailSettings {
        MailSettings {
            transport: MailTransport::Smtp,
            host: "127.0.0.1".to_owned(),
            port: self.port,
            security: MailSecurity::None,
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

/// One connection, until `QUIT` or its end.
async fn serve(stream: TcpStream, inbox: &Inbox) -> Option<()> {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    let mut recipients: Vec<String> = Vec::new();
    write.write_all(b"220 tests ready\r\n").await.ok()?;
    while let Ok(Some(line)) = lines.next_line().await {
        let verb = line.to_ascii_uppercase();
        let answer = if verb.starts_with("EHLO") {
            "250-tests\r\n250 8BITMIME".to_owned()
        } else if verb.starts_with("RCPT TO:") {
            recipients.push(address_of(&line));
            "250 ok".to_owned()
        } else if verb.starts_with("MAIL FROM:") || verb.starts_with("RSET") {
            recipients.clear();
            "250 ok".to_owned()
        } else if verb == "DATA" {
            write.write_all(b"354 go on\r\n").await.ok()?;
            let raw = data(&mut lines).await?;
            take(inbox, std::mem::take(&mut recipients), &raw)
        } else if verb == "QUIT" {
            write.write_all(b"221 bye\r\n").await.ok()?;
            return Some(());
        } else if verb == "NOOP" || verb.starts_with("HELO") {
            "250 ok".to_owned()
        } else {
            "502 not known here".to_owned()
        };
        write.write_all(format!("{answer}\r\n").as_bytes()).await.ok()?;
    }
    Some(())
}

type Lines = tokio::io::Lines<BufReader<tokio::net::tcp::OwnedReadHalf>>;

/// The lines of a mail until the lonely dot, with stuffed dots taken out.
async fn data(lines: &mut Lines) -> Option<Vec<String>> {
    let mut raw = Vec::new();
    loop {
        let line = tokio::time::timeout(Duration::from_secs(30), lines.next_line())
            .await
            .ok()?
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
