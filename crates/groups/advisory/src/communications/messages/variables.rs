use crate::{clients::ClientRecord, communications::templates::Pattern, error::Error};
use kernel::{CallError, FieldError, Text};
use std::collections::{BTreeMap, BTreeSet};

/// What is filled by itself.
pub(super) const CLIENT_NAME: &str = "client_name";
pub(super) const ADVISOR_NAME: &str = "advisor_name";
pub(super) const TODAY: &str = "today";

/// The longest subject and text after the variables were filled.
const LONGEST: [(&str, usize); 2] = [("subject", 200), ("body", 20_000)];

/// What is known of a client without being asked for.
pub(super) fn known_of(client: &ClientRecord) -> BTreeMap<&'static str, String> {
    let mut known = BTreeMap::from([
        (CLIENT_NAME, client.client_name.clone()),
        ("risk_profile", client.risk_profile.as_str().to_owned()),
        ("total_assets", client.total_assets.normalize().to_string()),
        ("currency", client.currency.to_string()),
    ]);
    if let Some(date) = client.kyc_expiry_date {
        known.insert("kyc_expiry_date", date.to_string());
    }
    known
}

/// A subject and a text with their variables.
pub(super) struct Draft {
    subject: Pattern,
    body: Pattern,
}

impl Draft {
    pub(super) fn parse(subject: &str, body: &str) -> Result<Self, Error> {
        let part = |field: &str, text: &str| Pattern::parse(text).map_err(|why| Error::invalid(field, why));
        Ok(Self {
            subject: part("subject", subject)?,
            body: part("body", body)?,
        })
    }

    pub(super) fn variables(&self) -> BTreeSet<&str> {
        let mut names = self.subject.variables();
        names.extend(self.body.variables());
        names
    }

    /// The subject and the text. Refused with the names of variables that have no value, and of values that have no
    /// variable.
    pub(super) fn filled(
        &self,
        known: &BTreeMap<&'static str, String>,
        given: &BTreeMap<String, Text<0, 1000>>,
    ) -> Result<(String, String), Error> {
        let names = self.variables();
        let mut wrong: Vec<FieldError> = names
            .iter()
            .filter(|name| value(name, known, given).is_none())
            .map(|name| FieldError::new(format!("variables.{name}"), "is missing: the text needs it"))
            .collect();
        let vain = given.keys().filter(|name| !names.contains(name.as_str()));
        wrong.extend(
            vain.map(|name| FieldError::new(format!("variables.{}", shown(name)), "is not in the text")),
        );
        if !wrong.is_empty() {
            return Err(CallError::Invalid { details: wrong }.into());
        }
        let texts =
            [&self.subject, &self.body].map(|pattern| pattern.filled(|name| value(name, known, given)));
        for ((part, most), text) in LONGEST.iter().zip(&texts) {
            let length = text.chars().count();
            if length > *most || text.trim().is_empty() {
                let why = format!("make a {part} of {length} characters: it must have 1 to {most}");
                return Err(Error::invalid("variables", why));
            }
        }
        let [subject, body] = texts;
        Ok((subject, body))
    }
}

/// What was given goes before what is known.
fn value<'a>(
    name: &str,
    known: &'a BTreeMap<&'static str, String>,
    given: &'a BTreeMap<String, Text<0, 1000>>,
) -> Option<&'a str> {
    let given = given.get(name).map(Text::as_str);
    given.or_else(|| known.get(name).map(String::as_str))
}

/// A name that somebody sent, so short that it can be answered.
fn shown(name: &str) -> String {
    name.chars()
        .filter(|letter| !letter.is_control())
        .take(40)
        .collect()
}
