//! What a page of a filtered, sorted list costs at 10³ to 10⁶ documents: the first page, and one far behind.
//!
//! `cargo run --release -p store --example list_pages [directory] [largest size]` prints one JSON object, in microseconds.
//! Half of the documents match the filter; a page has 20. The far page is the thousandth, or the last full one where
//! there are fewer. The sizes take turns; figures are medians.

#![expect(
    clippy::print_stdout,
    clippy::float_arithmetic,
    reason = "a program that prints figures"
)]

mod measure;

use kernel::{CallContext, PageRequest, Scope, TenantId};
use measure::{Entry, entry, median, open_file};
use serde_json::{Value, json};
use std::{error::Error, path::Path, time::Instant};
use store::{Query, Sort, Store, StoreError};

const SIZES: [u32; 4] = [1_000, 10_000, 100_000, 1_000_000];
const PAGE: u32 = 20;
const FAR: u32 = 1_000;
const ROUNDS: usize = 15;
const READS: u32 = 20;

/// A list of one size, and where its far page begins.
struct List {
    store: Store,
    size: u32,
    far: u32,
    cursor: Option<String>,
    first: Vec<f64>,
    later: Vec<f64>,
}

fn scope() -> Scope {
    Scope::Tenant {
        tenant: TenantId::DEFAULT,
    }
}

fn query(cursor: Option<&str>, limit: u32) -> Query {
    Query::sorted(Sort::descending("place"))
        .equals("account", "savings")
        .page(PageRequest {
            limit,
            cursor: cursor.map(str::to_owned),
            count: false,
        })
}

/// The entries in an order that is not the list's, as they would come in life.
async fn fill(store: &Store, size: u32) -> Result<(), StoreError> {
    const STEP: u64 = 7_919;
    let cx = CallContext::system("bank", TenantId::DEFAULT, store.sources().ids());
    let mut left = (0..size)
        .map(|n| u64::from(n) * STEP % u64::from(size))
        .peekable();
    while left.peek().is_some() {
        let mut batch = store.batch(&cx);
        for n in left.by_ref().take(1_000) {
            let account = if n % 2 == 0 { "savings" } else { "current" };
            let place = i64::try_from(n).unwrap_or(i64::MAX);
            batch.insert(store.sources().ids().next::<uuid::Uuid>(), entry(account, place));
        }
        store.commit(batch).await?;
    }
    Ok(())
}

impl List {
    async fn make(directory: &Path, size: u32) -> Result<Self, StoreError> {
        let store = open_file(&directory.join(format!("{size}.sqlite3"))).await?;
        fill(&store, size).await?;
        let far = FAR.min(size / 2 / PAGE);
        let mut cursor = None;
        for _ in 1..far {
            let query = query(cursor.as_deref(), PAGE);
            cursor = store.find::<Entry>(&scope(), query).await?.next;
        }
        Ok(Self {
            store,
            size,
            far,
            cursor,
            first: Vec::new(),
            later: Vec::new(),
        })
    }

    /// Microseconds for one read of a page.
    async fn read(&self, cursor: Option<&str>) -> Result<f64, Box<dyn Error>> {
        let started = Instant::now();
        for _ in 0..READS {
            let page = self.store.find::<Entry>(&scope(), query(cursor, PAGE)).await?;
            if page.items.len() != PAGE as usize {
                return Err(format!("a page of {} of {}", page.items.len(), self.size).into());
            }
        }
        Ok(started.elapsed().as_secs_f64() * 1e6 / f64::from(READS))
    }

    async fn round(&mut self) -> Result<(), Box<dyn Error>> {
        self.first.push(self.read(None).await?);
        self.later.push(self.read(self.cursor.as_deref()).await?);
        Ok(())
    }

    fn figures(&self) -> (f64, f64) {
        (median(self.first.clone()), median(self.later.clone()))
    }
}

fn told(lists: &[List]) -> Value {
    let rows = lists.iter().map(|list| {
        let (first, later) = list.figures();
        json!({ "documents": list.size, "page_1_us": first, "far_page": list.far, "far_page_us": later })
    });
    let all: Vec<_> = lists
        .iter()
        .flat_map(|list| <[f64; 2]>::from(list.figures()))
        .collect();
    let least = all.iter().copied().fold(f64::INFINITY, f64::min);
    let most = all.iter().copied().fold(0.0, f64::max);
    json!({ "page_size": PAGE, "lists": rows.collect::<Vec<_>>(), "slowest_to_fastest": most / least })
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let place = arguments.next().map_or_else(std::env::temp_dir, Into::into);
    let largest: u32 = arguments.next().map_or(Ok(100_000), |text| text.parse())?;
    let directory = tempfile::tempdir_in(place)?;
    let mut lists = Vec::new();
    for size in SIZES.into_iter().filter(|size| *size <= largest) {
        lists.push(List::make(directory.path(), size).await?);
    }
    for _ in 0..ROUNDS {
        for list in &mut lists {
            list.round().await?;
        }
    }
    println!("{:#}", told(&lists));
    Ok(())
}
