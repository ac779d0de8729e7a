use actix_web::{
    HttpResponse, ResponseError,
    http::{
        StatusCode,
        header::{self, HeaderValue},
    },
};
use kernel::{ErrorBody, ErrorKind, Fault, FieldError};
use std::{borrow::Cow, error::Error, fmt};

/// What a handler returns.
pub type Answer = Result<HttpResponse, Failure>;

/// An error on its way out: the error contract in HTTP. Any [`kernel::Fault`] turns into one with `?`.
///
/// What the client sees: `{"error": code, "message": text, "details": [{field, message}] | null}`. What it does not see is
/// the cause, which stands in the log with the request id.
pub struct Failure(Box<Parts>);

struct Parts {
    status: StatusCode,
    code: Cow<'static, str>,
    message: Cow<'static, str>,
    details: Vec<FieldError>,
    retry_after: Option<u64>,
    allow: Option<String>,
    close: bool,
    cause: Option<Box<dyn Error + Send + Sync>>,
}

/// The message of every 500: what went wrong stands in the log.
const INTERNAL: &str = "Internal server error";
/// The message of every 404 without details: unknown, foreign and malformed ids cannot be told apart.
const NOT_FOUND: &str = "there is nothing here, or nothing that you may see";

impl Failure {
    /// A failure of this kind with a message for the client.
    pub fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        let message = match kind {
            ErrorKind::NotFound => Cow::Borrowed(NOT_FOUND),
            ErrorKind::Internal => Cow::Borrowed(INTERNAL),
            _ => message.into(),
        };
        Self(Box::new(Parts {
            status: status_of(kind),
            code: Cow::Borrowed(kind.code()),
            message,
            details: Vec::new(),
            retry_after: None,
            allow: None,
            close: false,
            cause: None,
        }))
    }

    /// 404, with the same bytes as every other.
    pub fn not_found() -> Self {
        Self::new(ErrorKind::NotFound, "")
    }

    /// 422 that names the fields.
    pub fn invalid(details: Vec<FieldError>) -> Self {
        let mut failure = Self::new(ErrorKind::Invalid, "some fields are not right: see details");
        failure.0.details = details;
        failure
    }

    /// 422 that names one field.
    pub fn invalid_field(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::invalid(vec![FieldError::new(field, message)])
    }

    /// 500 with its cause for the log.
    pub fn internal(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        let mut failure = Self::new(ErrorKind::Internal, "");
        failure.0.cause = Some(cause.into());
        failure
    }

    /// The same with details.
    pub fn with_details(mut self, details: Vec<FieldError>) -> Self {
        self.0.details = details;
        self
    }

    /// The same with `Retry-After`, in seconds.
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.0.retry_after = Some(seconds);
        self
    }

    pub(crate) fn allow(mut self, methods: String) -> Self {
        self.0.allow = Some(methods);
        self
    }

    /// The connection is closed after the answer: the rest of the request is not worth reading.
    pub(crate) fn closing(mut self) -> Self {
        self.0.close = true;
        self
    }

    /// What stands for an answer of this status that came without the contract.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        let kind = KINDS.iter().find(|(_, known)| *known == status.as_u16());
        let (kind, message) = match kind {
            Some((kind, _)) => (*kind, status.canonical_reason().unwrap_or("the request failed")),
            None if status.is_server_error() => (ErrorKind::Internal, ""),
            None => (ErrorKind::Malformed, "the request cannot be answered"),
        };
        let mut failure = Self::new(kind, message);
        failure.0.status = status;
        failure
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// The machine-readable code.
    pub fn code(&self) -> &str {
        &self.0.code
    }

    /// The cause and its causes, for the log.
    pub(crate) fn cause_chain(&self) -> Option<String> {
        let mut chain = String::new();
        let mut next = self.0.cause.as_deref().map(|cause| cause as &dyn Error);
        while let Some(error) = next {
            if !chain.is_empty() {
                chain.push_str(": ");
            }
            chain.push_str(&error.to_string());
            next = error.source();
        }
        (!chain.is_empty()).then_some(chain)
    }

    /// The body of the answer as a value: for messages that are no answers.
    pub fn to_value(&self) -> serde_json::Value {
        serde_json::to_value(self.body()).unwrap_or_default()
    }

    pub(crate) fn to_json(&self) -> String {
        self.to_value().to_string()
    }

    /// The error contract.
    pub fn body(&self) -> ErrorBody {
        ErrorBody {
            error: self.0.code.clone().into_owned(),
            message: self.0.message.clone().into_owned(),
            details: (!self.0.details.is_empty()).then(|| self.0.details.clone()),
        }
    }
}

impl<F: Fault + Send + Sync + 'static> From<F> for Failure {
    fn from(fault: F) -> Self {
        let kind = fault.kind();
        let details = fault.details();
        let mut failure = Self::new(kind, fault.to_string());
        match kind {
            ErrorKind::Internal => failure.0.code = fault.code(),
            ErrorKind::NotFound if details.is_empty() => {}
            _ => {
                failure.0.code = fault.code();
                failure.0.message = Cow::Owned(fault.to_string());
                failure.0.details = details;
            }
        }
        failure.0.retry_after = fault.retry_after();
        failure.0.cause = Some(Box::new(fault));
        failure
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} {}: {}",
            self.0.status.as_u16(),
            self.0.code,
            self.0.message
        )
    }
}

impl ResponseError for Failure {
    fn status_code(&self) -> StatusCode {
        self.0.status
    }

    fn error_response(&self) -> HttpResponse {
        let mut answer = HttpResponse::build(self.0.status);
        if self.0.status == StatusCode::UNAUTHORIZED {
            answer.insert_header((header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer")));
        }
        if let Some(seconds) = self.0.retry_after {
            answer.insert_header((header::RETRY_AFTER, HeaderValue::from(seconds)));
        }
        if let Some(methods) = &self.0.allow {
            answer.insert_header((header::ALLOW, methods.as_str()));
        }
        if self.0.close {
            answer.force_close();
        }
        answer.json(self.body())
    }
}

const KINDS: [(ErrorKind, u16); 17] = [
    (ErrorKind::Malformed, 400),
    (ErrorKind::Unauthenticated, 401),
    (ErrorKind::Forbidden, 403),
    (ErrorKind::NotFound, 404),
    (ErrorKind::MethodNotAllowed, 405),
    (ErrorKind::NotAcceptable, 406),
    (ErrorKind::RequestTimeout, 408),
    (ErrorKind::Conflict, 409),
    (ErrorKind::PreconditionFailed, 412),
    (ErrorKind::TooLarge, 413),
    (ErrorKind::UnsupportedMediaType, 415),
    (ErrorKind::Invalid, 422),
    (ErrorKind::FailedDependency, 424),
    (ErrorKind::TooManyRequests, 429),
    (ErrorKind::Internal, 500),
    (ErrorKind::Unavailable, 503),
    (ErrorKind::Timeout, 504),
];

pub(crate) fn status_of(kind: ErrorKind) -> StatusCode {
    KINDS
        .iter()
        .find(|(known, _)| *known == kind)
        .and_then(|(_, status)| StatusCode::from_u16(*status).ok())
        .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
