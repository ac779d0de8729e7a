//! A wire between store and server that can be cut at the worst moment.

use crate::conformance::place::{kernel_runtime, mongodb_uri};
use std::sync::{Arc, Mutex};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// Passes bytes on; told to, it lets the next command of one kind reach the server and swallows the answer.
pub(crate) struct Proxy {
    pub(crate) port: u16,
    swallow: Arc<Mutex<Vec<&'static [u8]>>>,
}

impl Proxy {
    pub(crate) async fn start() -> Self {
        let uri = mongodb_uri();
        let (_, rest) = uri.split_once("://").unwrap();
        let hosts = rest.split(['/', '?']).next().unwrap();
        let upstream = hosts
            .rsplit('@')
            .next()
            .unwrap()
            .split(',')
            .next()
            .unwrap()
            .to_owned();
        let swallow: Arc<Mutex<Vec<&'static [u8]>>> = Arc::default();
        let kinds = swallow.clone();
        let listener = kernel_runtime()
            .spawn(TcpListener::bind(("127.0.0.1", 0)))
            .await
            .unwrap()
            .unwrap();
        let port = listener.local_addr().unwrap().port();
        kernel_runtime().spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (upstream, kinds) = (upstream.clone(), kinds.clone());
                kernel_runtime().spawn(async move {
                    if let Ok(server) = TcpStream::connect(upstream).await {
                        pass_on(client, server, &kinds).await;
                    }
                });
            }
        });
        Self { port, swallow }
    }

    /// The address of a database behind this wire.
    pub(crate) fn url(&self, database: &str) -> String {
        format!(
            "mongodb://127.0.0.1:{}/{database}?directConnection=true",
            self.port
        )
    }

    /// Lets the next `times` commands of this kind happen and loses their answers.
    pub(crate) fn swallow_answers_to(&self, command: &'static [u8], times: usize) {
        self.swallow.lock().unwrap().extend(vec![command; times]);
    }

    /// How many answers are still to be swallowed.
    pub(crate) fn left(&self) -> usize {
        self.swallow.lock().unwrap().len()
    }
}

async fn pass_on(mut client: TcpStream, mut server: TcpStream, kinds: &Mutex<Vec<&'static [u8]>>) {
    let (mut request, mut answer) = (vec![0; 65_536], vec![0; 65_536]);
    let mut swallowing = false;
    loop {
        tokio::select! {
            read = client.read(&mut request) => {
                let Ok(length @ 1..) = read else { return };
                swallowing |= take(kinds, &request[..length]);
                if server.write_all(&request[..length]).await.is_err() {
                    return;
                }
            }
            read = server.read(&mut answer) => {
                let Ok(length @ 1..) = read else { return };
                // The server has done it; the client will never know.
                if swallowing || client.write_all(&answer[..length]).await.is_err() {
                    return;
                }
            }
        }
    }
}

fn take(kinds: &Mutex<Vec<&'static [u8]>>, request: &[u8]) -> bool {
    let mut kinds = kinds.lock().unwrap();
    let place = kinds
        .iter()
        .position(|kind| request.windows(kind.len()).any(|window| window == *kind));
    place.map(|place| kinds.remove(place)).is_some()
}
