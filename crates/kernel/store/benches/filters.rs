//! Turning a filter, an order and a scope into SQL.
#![expect(clippy::expect_used, reason = "a benchmark")]

use divan::{Bencher, black_box};
use kernel::{Scope, Sources, TenantId, UserId};
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use store::{Collection, Document, FieldKind, Key, Query, Scoping, Sort, page_statements};

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Posting {
    account: String,
    date: String,
}

impl Document for Posting {
    fn collection() -> &'static Collection {
        static POSTINGS: LazyLock<Collection> = LazyLock::new(|| {
            Collection::new("postings", Scoping::Client)
                .field("account", FieldKind::Text)
                .field("date", FieldKind::Time)
                .serves(&[], &["date"])
                .serves(&["account"], &["date", "created_at"])
        });
        &POSTINGS
    }
}

fn advisor() -> Scope {
    Scope::Advisor {
        tenant: TenantId::DEFAULT,
        user: Sources::system().ids().next::<UserId>(),
    }
}

#[divan::bench]
fn newest_of_an_advisor(bencher: Bencher<'_, '_>) {
    let (scope, query) = (advisor(), Query::sorted(Sort::descending("date")));
    bencher.bench(|| page_statements::<Posting>(&scope, black_box(&query)).expect("served"));
}

#[divan::bench]
fn one_account_in_a_range(bencher: Bencher<'_, '_>) {
    let range = (Key::Time(1_700_000_000_000), Key::Time(1_800_000_000_000));
    let query = Query::sorted(Sort::descending("date"))
        .equals("account", "savings")
        .between(Some(range.0), Some(range.1));
    let scope = advisor();
    bencher.bench(|| page_statements::<Posting>(&scope, black_box(&query)).expect("served"));
}

fn main() {
    divan::main();
}
