//! The direct integration of source 004: WealthOS inside another program, without a server.
//!
//! `cargo run -p platform --example embedded`

#![allow(clippy::print_stdout, reason = "an example shows what it got")]

use platform::System;
use runtime::Settings;
use serde_json::json;
use std::error::Error;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let directory = tempfile::tempdir()?;
    let mut settings = Settings::default();
    settings.server.data_dir = directory.path().to_owned();

    let system = System::start_system(settings).await?;
    let params = json!({ "type": "income", "amount": 1000, "description": "Test transaction" });
    let outcome = system.process_command("create_transaction", params).await;
    println!("{}", serde_json::to_string_pretty(&outcome)?);
    println!("{}", system.get_system_status().await);
    system.stop_system().await;
    Ok(())
}
