use super::models::User;
use kernel::Email;
use store::{Query, Store, StoreError, Stored};

/// The user who logs in with this e-mail, of whatever firm: log-in e-mails are unique in the installation.
pub(crate) async fn by_email(store: &Store, email: &Email) -> Result<Option<Stored<User>>, StoreError> {
    let query = Query::all().equals("email", email.folded()).limit(1);
    Ok(store
        .find_everywhere::<User>(query)
        .await?
        .items
        .into_iter()
        .next())
}

/// Whether a commit was refused because somebody has the e-mail.
pub(crate) fn is_email_taken(error: &StoreError) -> bool {
    matches!(error, StoreError::Duplicate { fields, .. } if fields.iter().any(|field| field == "email"))
}
