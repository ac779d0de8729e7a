use serde::Serialize;
use utoipa::ToSchema;

/// How to log in: for people and programs that ask before they try.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = LoginDescription)]
pub(crate) struct Description {
    /// The method that logs in, at this same path.
    method: &'static str,
    /// What to do.
    description: &'static str,
    /// The bodies that are accepted, one per content type.
    bodies: Vec<BodyDescription>,
    /// The fields of the answer.
    answer: Vec<&'static str>,
}

/// A body that is accepted.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = LoginBodyDescription)]
pub(crate) struct BodyDescription {
    /// The value of `Content-Type`.
    content_type: &'static str,
    /// Its fields.
    fields: Vec<FieldDescription>,
}

/// A field of a body.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = LoginFieldDescription)]
pub(crate) struct FieldDescription {
    /// The name.
    name: &'static str,
    /// Whether it must be there.
    required: bool,
    /// What stands in it.
    description: &'static str,
}

fn field(name: &'static str, required: bool, description: &'static str) -> FieldDescription {
    FieldDescription {
        name,
        required,
        description,
    }
}

/// How to log in.
pub(crate) fn of_log_in() -> Description {
    Description {
        method: "POST",
        description: "Send an e-mail and a password, as JSON or as an OAuth2 password form",
        bodies: vec![
            BodyDescription {
                content_type: "application/json",
                fields: vec![
                    field("email", true, "the log-in e-mail"),
                    field("password", true, "the password"),
                    field("cookie", false, "true puts the refresh token into a cookie"),
                ],
            },
            BodyDescription {
                content_type: "application/x-www-form-urlencoded",
                fields: vec![
                    field("username", true, "the log-in e-mail"),
                    field("password", true, "the password"),
                    field("grant_type", false, "password"),
                    field("scope", false, "not used"),
                    field("client_id", false, "not used"),
                    field("client_secret", false, "not used"),
                ],
            },
        ],
        answer: vec![
            "access_token",
            "refresh_token",
            "token_type",
            "expires_in",
            "user",
        ],
    }
}
