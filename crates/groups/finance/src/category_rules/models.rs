use kernel::{Amount, Text, UserId, fold};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use store::{Collection, Document, Scoping};
use utoipa::ToSchema;
use uuid::Uuid;

/// Which way a rule looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Direction {
    /// What came in.
    Income,
    /// What went out.
    Expense,
}

/// A rule: it fits what fulfils everything that it says, and says at least one thing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct CategoryRule {
    /// The category that it gives, whatever its case and accents.
    pub(crate) category: Text<1, 64>,
    /// The description contains this, whatever its case and accents.
    #[serde(default)]
    pub(crate) contains: Option<Text<1, 200>>,
    /// The description is this, whatever its case and accents.
    #[serde(default)]
    pub(crate) equals: Option<Text<1, 500>>,
    /// The amount without its sign is at least this.
    #[serde(default)]
    pub(crate) amount_from: Option<Amount>,
    /// The amount without its sign is at most this.
    #[serde(default)]
    pub(crate) amount_to: Option<Amount>,
    /// Only what came in, or only what went out.
    #[serde(rename = "type", default)]
    pub(crate) direction: Option<Direction>,
    /// Only on this account.
    #[serde(default)]
    pub(crate) account_id: Option<Uuid>,
}

impl CategoryRule {
    /// Checks what a single field cannot say.
    pub(crate) fn check(&self) -> Result<(), (&'static str, &'static str)> {
        let says = self.contains.is_some()
            || self.equals.is_some()
            || self.amount_from.is_some()
            || self.amount_to.is_some()
            || self.direction.is_some()
            || self.account_id.is_some();
        if !says {
            return Err((
                "contains",
                "must say something: without a condition everything would fit",
            ));
        }
        if fold(&self.category).is_empty() {
            return Err(("category", "must contain letters or digits"));
        }
        let folded = |text: &Option<Text<1, 200>>| text.as_ref().is_some_and(|text| fold(text).is_empty());
        if folded(&self.contains) {
            return Err(("contains", "must contain letters or digits"));
        }
        let negative = |amount: &Option<Amount>| amount.is_some_and(|amount| amount.0.is_sign_negative());
        if negative(&self.amount_from) {
            return Err(("amount_from", "must not be below 0: the sign is said by 'type'"));
        }
        match (self.amount_from, self.amount_to) {
            (Some(from), Some(to)) if from > to => Err(("amount_to", "must not be below 'amount_from'")),
            (None, Some(to)) if negative(&Some(to)) => Err(("amount_to", "must not be below 0")),
            _ => Ok(()),
        }
    }
}

/// The rules of one user, in their order. The id is made of the user's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct CategoryRulesRecord {
    pub(crate) user_id: UserId,
    pub(crate) rules: Vec<CategoryRule>,
}

impl Document for CategoryRulesRecord {
    fn collection() -> &'static Collection {
        static RULES: LazyLock<Collection> =
            LazyLock::new(|| Collection::new("category_rules", Scoping::Owner).removed_with_user());
        &RULES
    }
}

/// The id of a user's rules.
pub(crate) fn rules_id(user: UserId) -> Uuid {
    Uuid::new_v5(&user.0, b"category-rules")
}

/// Rules ready to be asked.
#[derive(Debug, Default)]
pub(crate) struct Fitting {
    rules: Vec<Ready>,
}

#[derive(Debug)]
struct Ready {
    category: String,
    contains: Option<String>,
    equals: Option<String>,
    from: Option<Decimal>,
    to: Option<Decimal>,
    direction: Option<Direction>,
    account: Option<Uuid>,
}

impl Fitting {
    pub(crate) fn new(rules: &[CategoryRule]) -> Self {
        let ready = |rule: &CategoryRule| Ready {
            category: fold(&rule.category),
            contains: rule.contains.as_deref().map(fold),
            equals: rule.equals.as_deref().map(fold),
            from: rule.amount_from.map(|amount| amount.0),
            to: rule.amount_to.map(|amount| amount.0),
            direction: rule.direction,
            account: rule.account_id,
        };
        Self {
            rules: rules.iter().map(ready).collect(),
        }
    }

    /// How many rules there are.
    pub(crate) fn len(&self) -> usize {
        self.rules.len()
    }

    /// The number of the first rule that fits, from 0, and its category. `amount` is below zero for what went out.
    pub(crate) fn first(&self, account: Uuid, description: &str, amount: Decimal) -> Option<(usize, &str)> {
        if self.rules.is_empty() {
            return None;
        }
        let text = fold(description);
        let direction = match amount.is_sign_negative() {
            true => Direction::Expense,
            false => Direction::Income,
        };
        let fits = |rule: &Ready| {
            rule.account.is_none_or(|only| only == account)
                && rule.direction.is_none_or(|only| only == direction)
                && rule.from.is_none_or(|from| amount.abs() >= from)
                && rule.to.is_none_or(|to| amount.abs() <= to)
                && rule.equals.as_ref().is_none_or(|equals| *equals == text)
                && rule
                    .contains
                    .as_ref()
                    .is_none_or(|contains| text.contains(contains.as_str()))
        };
        let found = self.rules.iter().position(fits)?;
        Some((found, self.rules.get(found)?.category.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn rules(value: serde_json::Value) -> Vec<CategoryRule> {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn the_first_rule_that_fits_says_the_category() {
        let fitting = Fitting::new(&rules(json!([
            { "category": "Tips", "contains": "CAFÉ", "amount_to": 1, "type": "expense" },
            { "category": "Food", "contains": "cafe" },
            { "category": "Rent", "equals": "rent", "amount_from": 1000, "amount_to": 2400 },
            { "category": "Wages", "type": "income" }
        ])));
        let category = |text: &str, amount: &str| {
            let found = fitting.first(Uuid::nil(), text, amount.parse().unwrap());
            found.map(|(_, category)| category.to_owned())
        };
        assert_eq!(category("Café am Markt", "-0.50").as_deref(), Some("tips"));
        assert_eq!(category("Cafe am Markt", "-3.50").as_deref(), Some("food"));
        assert_eq!(category("RENT", "-2400.00").as_deref(), Some("rent"));
        assert_eq!(category("Rent May", "-2400.00"), None);
        assert_eq!(category("Rent", "-2400.01"), None);
        assert_eq!(category("Payroll", "1").as_deref(), Some("wages"));
    }

    #[test]
    fn a_rule_that_cannot_be_meant_is_named() {
        for (rule, field) in [
            (json!({ "category": "x" }), "contains"),
            (json!({ "category": "´", "contains": "x" }), "category"),
            (json!({ "category": "x", "amount_from": -1 }), "amount_from"),
            (
                json!({ "category": "x", "amount_from": 2, "amount_to": 1 }),
                "amount_to",
            ),
        ] {
            let rule: CategoryRule = serde_json::from_value(rule).unwrap();
            assert_eq!(rule.check().unwrap_err().0, field);
        }
    }
}
