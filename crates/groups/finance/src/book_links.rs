use crate::access::Owner;
use kernel::{AdvisorId, ClientId, UserId};
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use store::{Collection, Document, Scoping};
use uuid::Uuid;

static BOOK_LINKS: LazyLock<Collection> = LazyLock::new(|| Collection::new("book_links", Scoping::Tenant));

/// What was heard of whose client a user is, so that this group decides without asking and while advisory is away.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct BookLink {
    user_id: UserId,
    /// None once the client left the book.
    client_id: Option<ClientId>,
    advisor_id: Option<AdvisorId>,
}

impl BookLink {
    pub(crate) fn new(owner: Owner) -> Self {
        Self {
            user_id: owner.user_id,
            client_id: owner.client_id,
            advisor_id: owner.advisor_id,
        }
    }

    pub(crate) fn owner(&self) -> Owner {
        Owner {
            user_id: self.user_id,
            client_id: self.client_id,
            advisor_id: self.advisor_id,
        }
    }
}

impl Document for BookLink {
    fn collection() -> &'static Collection {
        &BOOK_LINKS
    }
}

/// The id of what was heard of a user.
pub(crate) fn link_id(user: UserId) -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("book-link\u{0}{user}").as_bytes())
}
