//! What a call of another process costs its caller beside a bare HTTP request.
//!
//! `cargo run --release -p rpc --example hop_cost` prints one JSON object: microseconds per call, and the CPU time of the
//! calling thread in them, each the median of rounds in alternation. The answering side is a thread of its own, the same
//! for both. Linux only: CPU times come from `/proc/thread-self/schedstat`.
#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    clippy::float_arithmetic,
    reason = "a program that prints figures"
)]

use kernel::{CallContext, CallError, Deadline, Principal, Sources, Tasks};
use prometheus_client::registry::Registry;
use rpc::{EndpointMetrics, Endpoints, Remote, RemoteParts, RemotePolicy, Seam, TokenSource};
use std::{
    hint::black_box,
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    sync::Arc,
    time::{Duration, Instant},
};

/// A contract that does next to nothing.
#[rpc::service(name = "cost.adding")]
pub trait Adding {
    /// One more.
    #[rpc(read)]
    async fn read(&self, cx: &CallContext, number: u64) -> Result<u64, CallError>;
}

struct Token;

impl TokenSource for Token {
    fn token(&self, _group: &str, _principal: &Principal) -> Result<String, CallError> {
        Ok("x".repeat(400))
    }
}

/// Answers every request on every connection with the same number.
fn answer(listener: &TcpListener) {
    for socket in listener.incoming() {
        let mut socket = socket.expect("a connection");
        socket.set_nodelay(true).expect("a socket");
        std::thread::spawn(move || {
            let mut reader = BufReader::new(socket.try_clone().expect("a socket"));
            let mut line = String::new();
            let mut length = 0;
            while reader.read_line(&mut line).is_ok_and(|read| read > 0) {
                if let Some(value) = line.strip_prefix("content-length: ") {
                    length = value.trim_end().parse().expect("a length");
                }
                if line == "\r\n" {
                    let mut body = vec![0; std::mem::take(&mut length)];
                    reader.read_exact(&mut body).expect("a body");
                    let said = b"HTTP/1.1 200 OK\r\nx-rpc: answer\r\ncontent-type: application/json\r\n\
                                 content-length: 2\r\n\r\n43";
                    socket.write_all(said).expect("a caller");
                }
                line.clear();
            }
        });
    }
}

fn cpu_micros() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux");
    let first = text.split(' ').next().expect("a figure");
    first.parse::<f64>().expect("a number") / 1000.0
}

const CALLS: u32 = 500;
const ROUNDS: usize = 41;

/// What one call took in a round.
struct Cost {
    time: f64,
    cpu: f64,
}

async fn round<F: Future<Output = u64>>(call: impl Fn() -> F) -> Cost {
    let (started, before) = (Instant::now(), cpu_micros());
    for _ in 0..CALLS {
        black_box(call().await);
    }
    Cost {
        cpu: (cpu_micros() - before) / f64::from(CALLS),
        time: started.elapsed().as_secs_f64() * 1e6 / f64::from(CALLS),
    }
}

fn median(figures: impl Iterator<Item = f64>) -> f64 {
    let mut figures: Vec<_> = figures.collect();
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}

fn print(bare: &[Cost], seam: &[Cost]) {
    let one = |costs: &[Cost]| {
        let (time, cpu) = (|cost: &Cost| cost.time, |cost: &Cost| cost.cpu);
        serde_json::json!({
            "time_us": median(costs.iter().map(time)),
            "cpu_us": median(costs.iter().map(cpu)),
        })
    };
    let ratio = |of: fn(&Cost) -> f64| median(seam.iter().zip(bare).map(|(seam, bare)| of(seam) / of(bare)));
    println!(
        "{:#}",
        serde_json::json!({
            "bare": one(bare),
            "seam": one(seam),
            "time_ratio": ratio(|cost| cost.time),
            "cpu_ratio": ratio(|cost| cost.cpu),
        })
    );
}

async fn measure(url: &str) {
    let sources = Sources::system();
    let cx = CallContext::at_edge(Principal::Anonymous, sources.ids().next(), None)
        .with_deadline(Deadline::within(Duration::from_secs(3600)));
    let seam = Seam::new(Tasks::new(), &mut Registry::default());
    let endpoints = Endpoints::new("cost", [url], &EndpointMetrics::default());
    let remote = Remote::new(RemoteParts {
        group: "cost",
        endpoints: Arc::new(endpoints.expect("an address")),
        tokens: Arc::new(Token),
        client: || Ok(runtime::http::client()?),
        policy: RemotePolicy::default(),
        sources,
        seam: &seam,
    });
    let client = AddingClient::unbound(&seam);
    client.bind_remote(Arc::new(remote));
    let http = runtime::http::client().expect("a client");
    let whole = format!("{url}/rpc/cost/adding.read");
    let bearer = format!("Bearer {}", "x".repeat(400));
    let (http, whole, bearer, cx, client) = (&http, &whole, &bearer, &cx, &client);
    let (mut bare, mut seam) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let one = round(|| async move {
            let request = http.post(whole).header("authorization", bearer);
            let request = request.json(&serde_json::json!({ "number": 42 }));
            let response = request.send().await.expect("an answer");
            response.json::<u64>().await.expect("a number")
        });
        bare.push(one.await);
        seam.push(round(|| async move { client.read(cx, 42).await.expect("an answer") }).await);
    }
    print(&bare, &seam);
}

fn main() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    std::thread::spawn(move || answer(&listener));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(measure(&url));
}
