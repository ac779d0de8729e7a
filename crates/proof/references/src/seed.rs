use crate::{
    clients::{self, Answered, Body},
    error::Error,
    sealed::{Seal, binding},
};
use std::path::PathBuf;
use uuid::Uuid;

/// From what to what.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// A JSON array of clients, as `GET /api/v1/clients` answers them.
    #[arg(long)]
    clients: PathBuf,
    /// The firm that they belong to.
    #[arg(long)]
    tenant: Uuid,
    /// The file to make.
    #[arg(long)]
    database: PathBuf,
    /// The key of sealed fields, 32 bytes in hex.
    #[arg(long)]
    key: String,
}

/// Makes the database.
pub(crate) fn run(options: &Options) -> Result<(), Error> {
    let clients: Vec<Answered> = serde_json::from_slice(&std::fs::read(&options.clients)?)?;
    let seal = Seal::new(&options.key)?;
    let mut connection = clients::create(&options.database)?;
    let transaction = connection.transaction()?;
    for client in clients {
        clients::insert(&transaction, &sealed(client, options.tenant, &seal)?)?;
    }
    transaction.commit()?;
    // The peers open the file too: nothing is left in the log beside it.
    connection.pragma_update(None, "wal_checkpoint", "truncate")?;
    Ok(())
}

fn sealed(client: Answered, tenant_id: Uuid, seal: &Seal) -> Result<clients::Found, Error> {
    let close = |field, plain: Option<String>| {
        plain
            .map(|plain| seal.seal(&binding(client.id, field), &plain))
            .transpose()
    };
    Ok(clients::Found {
        id: client.id,
        version: client.version,
        tenant_id,
        created_at: client.created_at,
        updated_at: client.updated_at,
        body: Body {
            user_id: client.user_id,
            advisor_id: client.advisor_id,
            email: close("email", client.email.clone())?,
            phone: close("phone", client.phone.clone())?,
            tax_id: close("tax_id", client.tax_id.clone())?,
            client_name: client.client_name,
            risk_profile: client.risk_profile,
            kyc_expiry_date: client.kyc_expiry_date,
            total_assets: client.total_assets,
            currency: client.currency,
            address: client.address,
            date_of_birth: client.date_of_birth,
            occupation: client.occupation,
            annual_income: client.annual_income,
            jurisdiction: client.jurisdiction,
            tags: client.tags,
            household_id: client.household_id,
            last_contact_at: client.last_contact_at,
        },
    })
}
