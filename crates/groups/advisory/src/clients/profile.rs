//! What a person says of a client, checked.

use super::{
    models::{ClientRecord, RiskProfile},
    requests::{ClientCreateRequest, ClientUpdateRequest, DEFAULT_JURISDICTION},
};
use crate::error::Error;
use chrono::NaiveDate;
use kernel::{Amount, CallError, Currency, Money, Text};
use rust_decimal::Decimal;
use uuid::Uuid;

/// How many tags a client may have.
const MOST_TAGS: usize = 20;

/// What can be said of a client, each time anew.
pub(super) struct Profile {
    client_name: String,
    email: Option<String>,
    phone: Option<String>,
    tax_id: Option<String>,
    risk_profile: RiskProfile,
    kyc_expiry_date: Option<NaiveDate>,
    address: Option<String>,
    date_of_birth: Option<NaiveDate>,
    occupation: Option<String>,
    annual_income: Option<Decimal>,
    jurisdiction: String,
    tags: Vec<String>,
    pub(super) household_id: Option<Uuid>,
}

impl Profile {
    pub(super) fn of_new(request: ClientCreateRequest, currency: Currency) -> Result<Self, Error> {
        Self::of(
            ClientUpdateRequest {
                client_name: request.client_name,
                email: request.email,
                phone: request.phone,
                tax_id: request.tax_id,
                risk_profile: request.risk_profile.unwrap_or_default(),
                kyc_expiry_date: request.kyc_expiry_date,
                total_assets: None,
                address: request.address,
                date_of_birth: request.date_of_birth,
                occupation: request.occupation,
                annual_income: request.annual_income,
                jurisdiction: request.jurisdiction,
                tags: request.tags,
                household_id: request.household_id,
                version: None,
            },
            currency,
        )
    }

    pub(super) fn of(request: ClientUpdateRequest, currency: Currency) -> Result<Self, Error> {
        let income = request.annual_income;
        Ok(Self {
            client_name: request.client_name.into_string(),
            email: request.email.map(|email| email.to_string()),
            phone: request.phone.map(|phone| phone.into_string()),
            tax_id: request.tax_id.map(|tax_id| tax_id.into_string()),
            risk_profile: request.risk_profile,
            kyc_expiry_date: request.kyc_expiry_date.map(|date| date.date()),
            address: request.address.map(|address| address.into_string()),
            date_of_birth: request.date_of_birth.map(|date| date.date()),
            occupation: request.occupation.map(|occupation| occupation.into_string()),
            annual_income: match income {
                Some(income) => Some(figure("annual_income", income, currency)?),
                None => None,
            },
            jurisdiction: jurisdiction(request.jurisdiction)?,
            tags: tags(request.tags.unwrap_or_default())?,
            household_id: request.household_id,
        })
    }

    /// Puts it on a client.
    pub(super) fn put_on(self, record: &mut ClientRecord) {
        record.client_name = self.client_name;
        record.email = self.email;
        record.phone = self.phone;
        record.tax_id = self.tax_id;
        record.risk_profile = self.risk_profile;
        record.kyc_expiry_date = self.kyc_expiry_date;
        record.address = self.address;
        record.date_of_birth = self.date_of_birth;
        record.occupation = self.occupation;
        record.annual_income = self.annual_income;
        record.jurisdiction = Some(self.jurisdiction);
        record.tags = self.tags;
        record.household_id = self.household_id;
    }
}

/// An amount of a currency that is 0 or more.
pub(crate) fn figure(field: &str, amount: Amount, currency: Currency) -> Result<Decimal, CallError> {
    if amount.0.is_sign_negative() && !amount.0.is_zero() {
        return Err(CallError::invalid(field, "must be 0 or more"));
    }
    let money =
        Money::new(amount.0, currency).map_err(|error| CallError::invalid(field, error.to_string()))?;
    Ok(money.amount())
}

fn jurisdiction(text: Option<Text<2, 2>>) -> Result<String, Error> {
    let text = text.map_or_else(|| DEFAULT_JURISDICTION.to_owned(), |text| text.into_string());
    match text.bytes().all(|byte| byte.is_ascii_uppercase()) {
        true => Ok(text),
        false => Err(Error::invalid(
            "jurisdiction",
            "must be a country of two capital letters such as IN",
        )),
    }
}

/// Tags in the order in which they were sent, each once whatever its case.
fn tags(sent: Vec<Text<1, 50>>) -> Result<Vec<String>, Error> {
    if sent.len() > MOST_TAGS {
        return Err(Error::invalid("tags", format!("may be {MOST_TAGS} at most")));
    }
    let mut tags: Vec<String> = Vec::new();
    for tag in sent {
        if !tags.iter().any(|known| kernel::fold(known) == kernel::fold(&tag)) {
            tags.push(tag.into_string());
        }
    }
    Ok(tags)
}
