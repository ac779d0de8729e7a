use std::{
    fs::{File, OpenOptions},
    io,
    net::{SocketAddr, TcpListener},
    os::fd::OwnedFd,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
};
use tokio::process::{Child, Command};

/// Takes the socket, which comes as standard input, over as the first one that is passed on. A file that may not grow
/// further is an error for whoever writes, not the end of the process; nobody reads core files.
const PASS_ON: &str =
    r#"trap '' XFSZ; ulimit -c 0; exec 3<&0 </dev/null; export LISTEN_PID=$$ LISTEN_FDS=1; exec "$@""#;

/// A server program as a process on a socket that its starter holds, as a supervisor does: the process can end and
/// start again, and no connection is refused in between.
#[derive(Debug)]
pub struct ServedProgram {
    program: PathBuf,
    address: SocketAddr,
    /// None while the socket is the process's alone and goes away with it.
    socket: Option<TcpListener>,
    log: PathBuf,
    child: Option<Child>,
}

impl ServedProgram {
    /// A program that will listen on a free port and append what it complains of to a file. It does not run yet.
    pub fn new(program: impl Into<PathBuf>, log: impl Into<PathBuf>) -> io::Result<Self> {
        let socket = TcpListener::bind("127.0.0.1:0")?;
        Ok(Self {
            program: program.into(),
            address: socket.local_addr()?,
            socket: Some(socket),
            log: log.into(),
            child: None,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Starts the process with an empty environment; `fill` adds arguments, variables and the working directory. It is
    /// killed when this is dropped.
    pub fn spawn(&mut self, fill: impl FnOnce(&mut Command)) -> io::Result<()> {
        let socket = match &self.socket {
            Some(socket) => socket.try_clone()?,
            // Nobody held the socket: the port is taken again.
            None => TcpListener::bind(self.address)?,
        };
        let mut command = Command::new("sh");
        command
            .env_clear()
            .kill_on_drop(true)
            .stdin(Stdio::from(OwnedFd::from(socket)))
            .stdout(Stdio::null())
            .stderr(Stdio::from(self.open_log()?))
            .args(["-c", PASS_ON, "sh"])
            .arg(&self.program);
        fill(&mut command);
        self.child = Some(command.spawn()?);
        Ok(())
    }

    fn open_log(&self) -> io::Result<File> {
        OpenOptions::new().create(true).append(true).open(&self.log)
    }

    /// The number of the process, while it runs.
    pub fn id(&self) -> Option<u32> {
        self.child.as_ref().and_then(Child::id)
    }

    /// Lets the socket go with the process: connections are refused until the next start.
    pub fn let_socket_go(&mut self) {
        self.socket = None;
    }

    /// Ends the process at once, as `kill -9` does, and waits until it is gone.
    pub async fn kill(&mut self) -> io::Result<()> {
        match self.child.take() {
            Some(mut child) => child.kill().await,
            None => Ok(()),
        }
    }

    /// How it ended, if it ended by itself.
    pub fn ended(&mut self) -> io::Result<Option<ExitStatus>> {
        let Some(child) = &mut self.child else {
            return Ok(None);
        };
        let ended = child.try_wait()?;
        if ended.is_some() {
            self.child = None;
        }
        Ok(ended)
    }

    /// Waits until it has ended.
    pub async fn wait(&mut self) -> io::Result<ExitStatus> {
        match self.child.take() {
            Some(mut child) => child.wait().await,
            None => Err(io::Error::other("the process does not run")),
        }
    }

    /// Sends a signal, as in `TERM`; after `STOP` it waits until the process stands still.
    pub async fn signal(&self, signal: &str) -> io::Result<()> {
        let id = self
            .id()
            .ok_or_else(|| io::Error::other("the process does not run"))?;
        let sent = Command::new("kill")
            .args([format!("-{signal}"), id.to_string()])
            .status()
            .await?;
        if !sent.success() {
            return Err(io::Error::other(format!("signal {signal} was not sent to {id}")));
        }
        if signal == "STOP" {
            // A process that is asleep notices only when one of its threads is woken, which may be by a request.
            let state = PathBuf::from(format!("/proc/{id}/stat"));
            // One that has died meanwhile will not stand still any more.
            let still = |stat: String| [") T ", ") Z ", ") X "].iter().any(|state| stat.contains(state));
            while !still(std::fs::read_to_string(&state)?) {
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
        }
        Ok(())
    }

    /// The file with what it complained of.
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// What it complained of.
    pub fn log_text(&self) -> String {
        let bytes = std::fs::read(&self.log).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }
}
