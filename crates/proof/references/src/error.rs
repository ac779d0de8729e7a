use actix_web::{HttpResponse, ResponseError, http::StatusCode};

/// What can go wrong in a reference.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("log in first")]
    Unauthenticated,
    #[error("there is no such client")]
    NotFound,
    #[error("the database failed")]
    Database(#[from] rusqlite::Error),
    #[error("the document cannot be read")]
    Document(#[from] serde_json::Error),
    #[error("a sealed field cannot be opened")]
    Sealed,
    #[error("this key was used for another request")]
    KeyInUse,
    #[error("the balance cannot be read or grows too large")]
    Balance,
    #[error("the other side gave no answer that can be passed on")]
    Forward,
    #[error("the server is stopping")]
    Stopping,
    #[error("the server cannot run")]
    Io(#[from] std::io::Error),
}

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        match self {
            Error::Unauthenticated => StatusCode::UNAUTHORIZED,
            Error::NotFound => StatusCode::NOT_FOUND,
            Error::KeyInUse => StatusCode::CONFLICT,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::build(self.status_code()).json(serde_json::json!({ "message": self.to_string() }))
    }
}
