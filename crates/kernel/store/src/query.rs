use crate::{Collection, FieldKind, Key, StoreError};
use kernel::PageRequest;

/// The order of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sort {
    /// A declared field, or `id`.
    pub field: String,
    /// Largest first.
    pub descending: bool,
}

impl Sort {
    /// Smallest first.
    pub fn ascending(field: &str) -> Self {
        Self {
            field: field.to_owned(),
            descending: false,
        }
    }

    /// Largest first.
    pub fn descending(field: &str) -> Self {
        Self {
            field: field.to_owned(),
            descending: true,
        }
    }

    /// Reads `name` or `-name`, as in `?sort=-created_at`.
    pub fn parse(text: &str) -> Self {
        text.strip_prefix('-')
            .map_or_else(|| Self::ascending(text), Self::descending)
    }
}

/// What a list is narrowed to.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// The field equals the key; on a `many` field, any element does.
    Equals(Key),
    /// The field, which must be the sort field, lies in the half-open range. Null lies in no range.
    Range {
        /// Not before.
        from: Option<Key>,
        /// Before.
        until: Option<Key>,
    },
    /// The folded text of the field, which must be the sort field, begins with this.
    Prefix(String),
}

/// A list that is asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    pub(crate) filters: Vec<(String, Condition)>,
    pub(crate) sort: Sort,
    pub(crate) page: PageRequest,
}

impl Query {
    /// Everything, in this order, first page.
    pub fn sorted(sort: Sort) -> Self {
        Self {
            filters: Vec::new(),
            sort,
            page: PageRequest::default(),
        }
    }

    /// Everything, oldest first.
    pub fn all() -> Self {
        Self::sorted(Sort::ascending("created_at"))
    }

    /// Only documents whose field equals `key`.
    #[must_use]
    pub fn equals(mut self, field: &str, key: impl Into<Key>) -> Self {
        self.filters
            .push((field.to_owned(), Condition::Equals(key.into())));
        self
    }

    /// Only documents whose sort field lies in `[from, until)`.
    #[must_use]
    pub fn between(mut self, from: Option<Key>, until: Option<Key>) -> Self {
        if from.is_some() || until.is_some() {
            self.filters
                .push((self.sort.field.clone(), Condition::Range { from, until }));
        }
        self
    }

    /// Only documents whose sort field, a text, begins with `text` in folded form.
    #[must_use]
    pub fn prefix(mut self, text: &str) -> Self {
        self.filters
            .push((self.sort.field.clone(), Condition::Prefix(kernel::fold(text))));
        self
    }

    /// Which page.
    #[must_use]
    pub fn page(mut self, page: PageRequest) -> Self {
        self.page = page;
        self
    }

    /// At most this many (1 to [`kernel::MAX_PAGE`]).
    #[must_use]
    pub fn limit(mut self, limit: u32) -> Self {
        self.page.limit = limit;
        self
    }

    /// Refuses what the collection does not serve, and says what it does.
    pub(crate) fn check(&self, collection: &Collection) -> Result<(), StoreError> {
        let sort = self.sort.field.as_str();
        let mut wanted: Vec<&str> = Vec::new();
        for (name, condition) in &self.filters {
            let kind = kind_of(collection, name)?;
            match condition {
                Condition::Equals(key) => {
                    matches_kind(name, kind, key)?;
                    wanted.push(name);
                }
                Condition::Range { from, until } => {
                    for key in [from, until].into_iter().flatten() {
                        matches_kind(name, kind, key)?;
                    }
                    require_sort_field(name, sort)?;
                }
                Condition::Prefix(_) => {
                    require_sort_field(name, sort)?;
                    if kind != FieldKind::Text {
                        return Err(StoreError::unsupported(
                            name,
                            "only a text can be searched by its beginning",
                        ));
                    }
                }
            }
        }
        kind_of(collection, sort).map_err(|_| unknown_sort(collection, sort))?;
        wanted.sort_unstable();
        let served = collection.shapes().iter().any(|shape| {
            let mut filters = shape.filters.clone();
            filters.sort_unstable();
            shape.sort == sort && filters == wanted
        });
        if served {
            Ok(())
        } else {
            Err(unserved(collection, &wanted, sort))
        }
    }
}

fn kind_of(collection: &Collection, name: &str) -> Result<FieldKind, StoreError> {
    if name == "id" {
        return Ok(FieldKind::Uuid);
    }
    collection
        .declared(name)
        .map(|field| field.kind)
        .ok_or_else(|| StoreError::unsupported(name, "this list cannot be filtered by it"))
}

fn matches_kind(name: &str, kind: FieldKind, key: &Key) -> Result<(), StoreError> {
    let fits = matches!(
        (kind, key),
        (_, Key::Null)
            | (FieldKind::Text, Key::Text(_))
            | (FieldKind::Int, Key::Int(_))
            | (FieldKind::Bool, Key::Bool(_))
            | (FieldKind::Time, Key::Time(_))
            | (FieldKind::Uuid, Key::Uuid(_))
            | (FieldKind::Decimal, Key::Decimal(_))
    );
    if fits {
        Ok(())
    } else {
        Err(StoreError::unsupported(name, "is not of the type of this field"))
    }
}

fn require_sort_field(name: &str, sort: &str) -> Result<(), StoreError> {
    if name == sort {
        return Ok(());
    }
    Err(StoreError::unsupported(
        name,
        format!("a range or beginning of '{name}' needs sort={name}"),
    ))
}

fn unknown_sort(collection: &Collection, sort: &str) -> StoreError {
    let mut sorts: Vec<&str> = collection.shapes().iter().map(|shape| shape.sort).collect();
    sorts.sort_unstable();
    sorts.dedup();
    StoreError::unsupported(
        "sort",
        format!("cannot sort by '{sort}'; one of: {}", sorts.join(", ")),
    )
}

fn unserved(collection: &Collection, wanted: &[&str], sort: &str) -> StoreError {
    let served: Vec<String> = collection
        .shapes()
        .iter()
        .map(|shape| format!("[{}] sorted by {}", shape.filters.join(", "), shape.sort))
        .collect();
    let field = wanted.first().copied().unwrap_or("sort");
    StoreError::unsupported(
        field,
        format!(
            "[{}] sorted by {sort} is not served; served are: {}",
            wanted.join(", "),
            served.join("; ")
        ),
    )
}
