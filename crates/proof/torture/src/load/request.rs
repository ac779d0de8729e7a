use kernel::Amount;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// One amount on one account, found again by its description.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Posting {
    /// Stands as description.
    pub(crate) key: String,
    pub(crate) account: String,
    /// Below zero goes out.
    pub(crate) amount: Decimal,
}

impl Posting {
    fn kind(&self) -> &'static str {
        match self.amount.is_sign_negative() {
            true => "expense",
            false => "income",
        }
    }
}

/// What a request is to bring about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum What {
    /// One posting, once for its key.
    Post(Posting),
    /// The same as a message: a command with the key as the name of the message.
    Message(Posting),
    /// A posting that must be refused and never be found.
    Refuse(Posting),
    /// The rows of a bank's statement, each once.
    Import(Vec<Posting>),
    /// Something that is done to an order or a funding, once for its key. It may be refused where another step was first.
    Step(Step),
    /// Anything else.
    Other {
        method: String,
        path: String,
        body: String,
    },
    /// A new name for an account, on top of the version that was read.
    Rename {
        account: String,
        name: String,
        version: u64,
    },
}

/// A step of an order or of a funding.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Step {
    /// Where it is sent to.
    pub(crate) path: String,
    pub(crate) body: String,
    /// What what it makes is known by; none for what only goes on.
    pub(crate) mark: Option<Decimal>,
}

/// A request as it was written down, so that it can be sent again as it was.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Request {
    /// Unique in a run; the idempotency key where the route takes one.
    pub(crate) key: String,
    /// Whose accounts: the caller.
    pub(crate) user: String,
    pub(crate) what: What,
}

impl Request {
    pub(crate) fn method(&self) -> reqwest::Method {
        match &self.what {
            What::Rename { .. } => reqwest::Method::PUT,
            What::Other { method, .. } if method == "DELETE" => reqwest::Method::DELETE,
            _ => reqwest::Method::POST,
        }
    }

    pub(crate) fn path(&self) -> String {
        match &self.what {
            What::Post(_) | What::Refuse(_) => "/api/v1/transactions".to_owned(),
            What::Import(rows) => {
                let account = rows.first().map_or("", |row| row.account.as_str());
                format!("/api/v1/transactions/import?account_id={account}")
            }
            // For whoever asks over HTTP: a message carries the same body.
            What::Message(_) => "/api/finance/commands".to_owned(),
            What::Step(step) => step.path.clone(),
            What::Other { path, .. } => path.clone(),
            What::Rename { account, .. } => format!("/api/v1/accounts/{}/{account}", self.user),
        }
    }

    /// The media type and the body.
    pub(crate) fn body(&self) -> (&'static str, String) {
        match &self.what {
            What::Post(posting) | What::Refuse(posting) => {
                ("application/json", of_posting(posting).to_string())
            }
            What::Message(posting) => ("application/json", of_command(posting, &self.user).to_string()),
            What::Import(rows) => ("text/csv", of_statement(rows)),
            What::Step(Step { body, .. }) | What::Other { body, .. } => ("application/json", body.clone()),
            What::Rename { name, .. } => {
                let body = json!({ "name": name, "kind": "savings" });
                ("application/json", body.to_string())
            }
        }
    }

    /// Whether sending it again must bring the same bytes.
    pub(crate) fn repeats_bytes(&self) -> bool {
        matches!(self.what, What::Post(_) | What::Step(_))
    }

    /// The postings that it is to bring about.
    pub(crate) fn postings(&self) -> &[Posting] {
        match &self.what {
            What::Post(posting) | What::Message(posting) => std::slice::from_ref(posting),
            What::Import(rows) => rows,
            What::Refuse(_) | What::Rename { .. } | What::Step(_) | What::Other { .. } => &[],
        }
    }

    /// Whether it goes through the broker, and what it is to do is done later.
    pub(crate) fn is_message(&self) -> bool {
        matches!(self.what, What::Message(_))
    }

    /// Whether a refusal is a right answer.
    pub(crate) fn may_be_refused(&self) -> bool {
        matches!(self.what, What::Refuse(_) | What::Rename { .. } | What::Step(_))
    }

    /// Whether an answer says that an earlier sending has taken away what this one is to take away.
    pub(crate) fn is_gone_by(&self, answer: &str) -> bool {
        self.method() == reqwest::Method::DELETE && answer.starts_with("404")
    }
}

fn of_posting(posting: &Posting) -> Value {
    json!({
        "type": posting.kind(),
        "amount": Amount(posting.amount.abs()),
        "description": posting.key,
        "account_id": posting.account,
    })
}

fn of_command(posting: &Posting, user: &str) -> Value {
    let mut params = of_posting(posting);
    params["user_id"] = user.into();
    json!({ "command": "create_transaction", "params": params })
}

fn of_statement(rows: &[Posting]) -> String {
    let mut text = String::from("Date,Description,Amount\n");
    for row in rows {
        text.push_str(&format!("2026-03-02,{},{}\n", row.key, row.amount));
    }
    text
}
