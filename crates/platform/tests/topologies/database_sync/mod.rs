//! A user keeps the ledger equal with a table of theirs, in every topology: in, out and both ways, each of them twice.

use crate::{
    deployment::{Conditions, Topology},
    world::{Reply, User, World},
};
use serde_json::{Value, json};
use testkit::Database;
use tokio_postgres::Client;

const SYNCS: &str = "/api/integrations/database-syncs";

/// A table as somebody might have it, with ids that the database makes, and what stands in it at the beginning.
fn books(table: &str) -> String {
    format!(
        "CREATE TABLE {table} (id bigserial PRIMARY KEY, date date, amount numeric(14,2), type text,
             description varchar(40), category text, wealthos_id uuid UNIQUE);
         INSERT INTO {table} (date, amount, type, description, category) VALUES
             ('2026-01-02', 1500.00, 'income', 'Salary', 'Work'),
             ('2026-01-03', 80, 'expense', 'Dinner', 'Food'),
             ('2026-01-03', 20.25, 'expense', 'Lunch', 'Food'),
             ('2026-01-03', 20.25, 'expense', 'Lunch', 'Food'),
             (NULL, 5, 'expense', 'no date', NULL),
             ('2026-01-04', -7, 'expense', 'below 0', NULL),
             ('2026-01-04', 7, 'gift', 'no type', NULL);"
    )
}

/// What the story leaves, on both sides, without ids.
#[derive(Debug, Clone, PartialEq)]
struct Outcome {
    ledger: Vec<String>,
    table: Vec<String>,
    report: Value,
    runs: Vec<String>,
}

async fn ran(world: &mut World, user: &User, sync: &str, request: Value) -> Reply {
    let begun = world
        .post(format!("{SYNCS}/{sync}/runs"), &request)
        .by(user)
        .expect(202)
        .await;
    let place = begun.header("location").unwrap().to_owned();
    let over = |reply: &Reply| !["waiting", "running"].contains(&reply["state"].as_str().unwrap());
    world.get(place).by(user).until(200, over).await
}

fn figures(run: &Reply) -> String {
    let of = |field: &str| run[field].to_string();
    let problems = run["problems"].as_array().unwrap().iter();
    let problems: Vec<_> = problems
        .map(|problem| {
            format!(
                "{}: {}",
                problem["field"].as_str().unwrap(),
                problem["reason"].as_str().unwrap()
            )
        })
        .collect();
    let conflicts = run["conflicts"].as_array().unwrap().iter();
    let conflicts: Vec<_> = conflicts.map(|conflict| conflict["code"].to_string()).collect();
    format!(
        "{} read {} posted {} corrected {} written {} {problems:?} {conflicts:?} {}",
        of("state"),
        of("rows_read"),
        of("posted"),
        of("corrected"),
        of("written"),
        of("failure"),
    )
}

async fn table_of(client: &Client, table: &str) -> Vec<String> {
    let statement = format!(
        "SELECT concat_ws('|', date, amount, type, description, category, wealthos_id IS NOT NULL) FROM {table} ORDER BY 1"
    );
    let rows = client.query(&statement, &[]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

async fn ledger_of(world: &World, user: &User) -> Vec<String> {
    let listed = world.unrecorded("/api/v1/transactions?limit=200", user).await;
    let listed = listed.as_array().unwrap().iter();
    let mut lines: Vec<_> = listed
        .map(|found| {
            let field = |name: &str| found[name].to_string();
            ["date", "type", "amount", "category", "description"]
                .map(field)
                .join("|")
        })
        .collect();
    lines.sort();
    lines
}

async fn told(topology: Topology, database: &Database, table: &str) -> Outcome {
    let owner = database.client().await;
    owner.batch_execute(&books(table)).await.unwrap();
    let mut world = World::start(topology, &Conditions::default()).await;
    let priya = world.newcomer("priya", "client").await;
    let other = world.newcomer("other", "client").await;
    let request = json!({ "type": "postgresql", "connection": database.address(), "table": table });
    world.post(SYNCS, &request).expect(401).await;
    let sync = world.post(SYNCS, &request).by(&priya).expect(201).await;
    assert!(!sync.exchange.body.contains("wealth:wealth"), "{:?}", sync.body);
    let id = sync.text("id");
    for path in [format!("{SYNCS}/{id}"), format!("{SYNCS}/{id}/runs")] {
        world.get(&path).by(&priya).expect(200).await;
        world.get(&path).by(&other).expect(404).await;
    }
    let foreign = world.post(format!("{SYNCS}/{id}/runs"), &json!({})).by(&other);
    foreign.expect(404).await;

    let mut runs = Vec::new();
    for _ in 0..2 {
        runs.push(figures(
            &ran(&mut world, &priya, &id, json!({ "direction": "in" })).await,
        ));
    }
    let spent = json!({ "type": "expense", "amount": 99.5, "description": "Shoes", "category": "clothes", "date": "2026-01-05" });
    let shoes = world
        .post("/api/v1/transactions", &spent)
        .by(&priya)
        .expect(200)
        .await;
    for _ in 0..2 {
        runs.push(figures(
            &ran(&mut world, &priya, &id, json!({ "direction": "out" })).await,
        ));
    }
    // One row is changed there; one transaction is taken back here; the row of a third is changed on both sides.
    owner
        .batch_execute(&format!(
            "UPDATE {table} SET amount = 1600 WHERE description = 'Salary';
             UPDATE {table} SET amount = 85 WHERE description = 'Dinner';
             INSERT INTO {table} (date, amount, type, description) VALUES ('2026-01-06', 3, 'income', 'Found');"
        ))
        .await
        .unwrap();
    let food = world
        .unrecorded("/api/v1/transactions?category=food", &priya)
        .await;
    let dinner = food
        .as_array()
        .unwrap()
        .iter()
        .find(|found| found["description"] == "Dinner");
    let dinner = dinner.unwrap()["id"].as_str().unwrap();
    for reversed in [shoes.text("transaction_id").as_str(), dinner] {
        let reason = json!({ "reason": "returned" });
        world
            .post(format!("/api/v1/ledger/entries/{reversed}/reverse"), &reason)
            .by(&priya)
            .expect(201)
            .await;
    }
    for _ in 0..2 {
        runs.push(figures(&ran(&mut world, &priya, &id, json!({})).await));
    }
    let mut report = world.unrecorded("/api/v1/financial-report", &priya).await;
    report["user_id"] = Value::Null;
    let outcome = Outcome {
        ledger: ledger_of(&world, &priya).await,
        table: table_of(&owner, table).await,
        report,
        runs,
    };
    world.delete(format!("{SYNCS}/{id}")).by(&priya).expect(204).await;
    world.get(format!("{SYNCS}/{id}")).by(&priya).expect(404).await;
    world.stop().await;
    outcome
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_and_the_ledger_are_kept_equal_in_every_topology() {
    let database = Database::start().await;
    let monolith = told(Topology::Monolith, &database, "books_monolith").await;
    for (run, wanted) in [
        (0, "posted 4 corrected 0 written 0"),
        (1, "posted 0 corrected 0 written 0"),
        (2, "posted 0 corrected 0 written 1"),
        (3, "posted 0 corrected 0 written 0"),
        (4, "posted 1 corrected 1 written 2"),
        (5, "posted 0 corrected 0 written 0"),
    ] {
        let figures = &monolith.runs[run];
        assert!(
            figures.starts_with("\"done\"") && figures.contains(wanted),
            "{run}: {figures}"
        );
    }
    assert!(
        monolith.runs[0].contains("date: must not be null"),
        "{monolith:#?}"
    );
    assert!(monolith.runs[5].contains("already_reversed"), "{monolith:#?}");
    assert_eq!(monolith.report["net"].to_string(), "1562.50");
    for (topology, table) in [
        (Topology::Split, "books_split"),
        (
            Topology::HybridWithout("integrations"),
            "books_hybrid_integrations",
        ),
        (Topology::HybridWithout("finance"), "books_hybrid_finance"),
    ] {
        assert_eq!(told(topology, &database, table).await, monolith, "{topology:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whose_word_counts_is_said_with_the_run() {
    let database = Database::start().await;
    let owner = database.client().await;
    owner.batch_execute(&books("books")).await.unwrap();
    let mut world = World::start(Topology::Monolith, &Conditions::default()).await;
    let priya = world.newcomer("priya", "client").await;
    let request = json!({ "type": "postgresql", "connection": database.address(), "table": "books" });
    let sync = world
        .post(SYNCS, &request)
        .by(&priya)
        .expect(201)
        .await
        .text("id");
    ran(&mut world, &priya, &sync, json!({ "direction": "in" })).await;
    // Two transactions are taken back here, and both rows are changed there.
    for description in ["Salary", "Dinner"] {
        let listed = world.unrecorded("/api/v1/transactions?limit=200", &priya).await;
        let listed = listed.as_array().unwrap();
        let found = listed.iter().find(|found| found["description"] == description);
        let id = found.unwrap()["id"].as_str().unwrap();
        let reason = json!({ "reason": "wrong" });
        let reverse = world.post(format!("/api/v1/ledger/entries/{id}/reverse"), &reason);
        reverse.by(&priya).expect(201).await;
    }
    let change = |description: &str| {
        format!("UPDATE books SET amount = amount + 1 WHERE description = '{description}'")
    };
    owner.batch_execute(&change("Salary")).await.unwrap();
    for (word, posted, conflicts) in [("report", 0, 1), ("ours", 0, 0), ("report", 0, 0)] {
        let request = json!({ "direction": "in", "on_conflict": word });
        let run = ran(&mut world, &priya, &sync, request).await;
        let corrected = &run["corrected"];
        assert_eq!(
            (corrected, &run["conflicts"].as_array().unwrap().len()),
            (&json!(posted), &conflicts),
            "{word}: {:?}",
            run.body
        );
    }
    owner.batch_execute(&change("Dinner")).await.unwrap();
    for corrected in [1, 0] {
        let request = json!({ "direction": "in", "on_conflict": "theirs" });
        let run = ran(&mut world, &priya, &sync, request).await;
        assert_eq!(
            (&run["corrected"], &run["conflicts"]),
            (&json!(corrected), &json!([])),
            "{:?}",
            run.body
        );
    }
    // The salary stays taken back; the dinner costs what its row says now.
    let report = world.unrecorded("/api/v1/financial-report", &priya).await;
    assert_eq!(
        (
            report["total_income"].to_string(),
            report["total_expenses"].to_string()
        ),
        ("0.00".to_owned(), "121.50".to_owned()),
        "{report}"
    );
    world.stop().await;
}
