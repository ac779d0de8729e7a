use crate::{
    error::Error,
    sealed::{Seal, binding},
};
use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The document as it is stored: e-mail, phone and tax number are sealed.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Body {
    pub(crate) user_id: Uuid,
    pub(crate) advisor_id: Uuid,
    pub(crate) client_name: String,
    pub(crate) email: Option<String>,
    pub(crate) phone: Option<String>,
    pub(crate) tax_id: Option<String>,
    pub(crate) risk_profile: String,
    pub(crate) kyc_expiry_date: Option<NaiveDate>,
    #[serde(with = "rust_decimal::serde::arbitrary_precision")]
    pub(crate) total_assets: Decimal,
    pub(crate) currency: String,
    pub(crate) address: Option<String>,
    pub(crate) date_of_birth: Option<NaiveDate>,
    pub(crate) occupation: Option<String>,
    #[serde(with = "rust_decimal::serde::arbitrary_precision_option")]
    pub(crate) annual_income: Option<Decimal>,
    pub(crate) jurisdiction: String,
    pub(crate) tags: Vec<String>,
    pub(crate) household_id: Option<Uuid>,
    pub(crate) last_contact_at: Option<DateTime<Utc>>,
}

/// A document with what stands beside it.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) id: Uuid,
    pub(crate) version: u64,
    pub(crate) tenant_id: Uuid,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
    pub(crate) body: Body,
}

/// The client as it is answered, as our API does.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Answered {
    pub(crate) id: Uuid,
    pub(crate) client_name: String,
    pub(crate) email: Option<String>,
    #[serde(with = "rust_decimal::serde::arbitrary_precision")]
    pub(crate) total_assets: Decimal,
    pub(crate) risk_profile: String,
    pub(crate) kyc_expiry_date: Option<NaiveDate>,
    pub(crate) currency: String,
    pub(crate) phone: Option<String>,
    pub(crate) tax_id: Option<String>,
    pub(crate) address: Option<String>,
    pub(crate) date_of_birth: Option<NaiveDate>,
    pub(crate) occupation: Option<String>,
    #[serde(with = "rust_decimal::serde::arbitrary_precision_option")]
    pub(crate) annual_income: Option<Decimal>,
    pub(crate) jurisdiction: String,
    pub(crate) tags: Vec<String>,
    pub(crate) household_id: Option<Uuid>,
    pub(crate) last_contact_at: Option<DateTime<Utc>>,
    pub(crate) user_id: Uuid,
    pub(crate) advisor_id: Uuid,
    pub(crate) version: u64,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
}

impl Found {
    /// Opens what is sealed.
    pub(crate) fn answered(self, seal: &Seal) -> Result<Answered, Error> {
        let id = self.id;
        let open = |field, sealed: Option<String>| {
            sealed
                .map(|sealed| seal.open(&binding(id, field), &sealed))
                .transpose()
        };
        Ok(Answered {
            id,
            client_name: self.body.client_name,
            email: open("email", self.body.email)?,
            total_assets: self.body.total_assets,
            risk_profile: self.body.risk_profile,
            kyc_expiry_date: self.body.kyc_expiry_date,
            currency: self.body.currency,
            phone: open("phone", self.body.phone)?,
            tax_id: open("tax_id", self.body.tax_id)?,
            address: self.body.address,
            date_of_birth: self.body.date_of_birth,
            occupation: self.body.occupation,
            annual_income: self.body.annual_income,
            jurisdiction: self.body.jurisdiction,
            tags: self.body.tags,
            household_id: self.body.household_id,
            last_contact_at: self.body.last_contact_at,
            user_id: self.body.user_id,
            advisor_id: self.body.advisor_id,
            version: self.version,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}
