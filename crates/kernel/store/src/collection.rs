use crate::{Key, StoreError, backend::RawDocument, personal::Personal};
use serde_json::{Map, Value};

/// The type of a declared field: decides how it is compared, ordered and indexed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FieldKind {
    /// Text, compared in folded form.
    Text,
    /// A whole number that fits 64 bits.
    Int,
    /// True or false.
    Bool,
    /// A moment (RFC 3339) or a date.
    Time,
    /// An id.
    Uuid,
    /// An exact decimal.
    Decimal,
}

/// A declared field: one that can be filtered or sorted by. A path with dots reaches into nested objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// The name in the document, as in `advisor_id`.
    pub name: &'static str,
    /// Its type.
    pub kind: FieldKind,
    /// Whether several values stand in it, each of which matches.
    pub many: bool,
}

/// A combination of fields of which each value stands at most once among documents that are not deleted. A document
/// in which any of the fields is null or absent is not counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unique {
    /// The fields.
    pub fields: Vec<&'static str>,
    /// Whether it is unique in each firm (the rule) or in the whole installation (log-in e-mail).
    pub per_tenant: bool,
}

/// One (filter, sort) pair that a collection serves: equality on every filter field, order by the sort field, then id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryShape {
    /// The fields that are compared for equality.
    pub filters: Vec<&'static str>,
    /// The field that orders, and that a range or prefix may bound.
    pub sort: &'static str,
}

/// Whose documents a collection holds: how a caller's scope becomes a filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scoping {
    /// The firm's: every caller of the tenant sees them. For data without a person, and for what only services read.
    Tenant,
    /// A user's (`user_id`): the firm's overseers see all, everybody else their own.
    Owner,
    /// Linked to a client (`user_id`, `advisor_id`): overseers see all, an advisor the book, a user their own.
    Client,
}

/// What a collection is: name, declared fields, unique combinations and served queries.
#[derive(Debug, Clone)]
pub struct Collection {
    pub(crate) name: &'static str,
    pub(crate) scoping: Scoping,
    pub(crate) fields: Vec<Field>,
    pub(crate) uniques: Vec<Unique>,
    pub(crate) shapes: Vec<QueryShape>,
    pub(crate) encrypted: Vec<&'static str>,
    pub(crate) lookups: Vec<(&'static str, &'static str)>,
    pub(crate) belongs_to: Vec<&'static str>,
    pub(crate) within_firms: bool,
    pub(crate) in_every_group: bool,
    pub(crate) personal: Personal,
}

impl Collection {
    /// A collection without declared fields. `id`, `created_at` and `updated_at` can always be sorted by.
    pub fn new(name: &'static str, scoping: Scoping) -> Self {
        let mut fields = vec![
            Field {
                name: "created_at",
                kind: FieldKind::Time,
                many: false,
            },
            Field {
                name: "updated_at",
                kind: FieldKind::Time,
                many: false,
            },
        ];
        let owner = [
            ("user_id", scoping != Scoping::Tenant),
            ("advisor_id", scoping == Scoping::Client),
        ];
        for (name, wanted) in owner {
            if wanted {
                fields.push(Field {
                    name,
                    kind: FieldKind::Uuid,
                    many: false,
                });
            }
        }
        let mut shapes = Vec::new();
        for sort in ["id", "created_at"] {
            shapes.push(QueryShape {
                filters: Vec::new(),
                sort,
            });
        }
        Self {
            name,
            scoping,
            fields,
            uniques: Vec::new(),
            shapes,
            encrypted: Vec::new(),
            lookups: Vec::new(),
            belongs_to: Vec::new(),
            // Of what is linked to clients there is most, every write pays for every index, and nobody reads it across firms.
            within_firms: scoping == Scoping::Client,
            in_every_group: false,
            personal: Personal::default(),
        }
    }

    /// Declares a field.
    #[must_use]
    pub fn field(mut self, name: &'static str, kind: FieldKind) -> Self {
        if self.declared(name).is_none() {
            self.fields.push(Field {
                name,
                kind,
                many: false,
            });
        }
        self
    }

    /// Declares a field that is an array of texts; a filter on it matches any element. It cannot be sorted by.
    #[must_use]
    pub fn many(mut self, name: &'static str) -> Self {
        self.fields.push(Field {
            name,
            kind: FieldKind::Text,
            many: true,
        });
        self
    }

    /// Declares a field that stands at several places of the document, named by their paths with `|` between them, as in
    /// `from_id|to_id`: a filter on it matches what stands at any of them, and any element where an array does. It cannot
    /// be sorted by.
    #[must_use]
    pub fn any_of(mut self, paths: &'static str, kind: FieldKind) -> Self {
        self.fields.push(Field {
            name: paths,
            kind,
            many: true,
        });
        self
    }

    /// Declares that the combination is unique in each firm.
    #[must_use]
    pub fn unique(mut self, fields: &[&'static str]) -> Self {
        self.uniques.push(Unique {
            fields: fields.to_vec(),
            per_tenant: true,
        });
        self
    }

    /// Declares that the combination is unique in the whole installation.
    #[must_use]
    pub fn unique_in_installation(mut self, fields: &[&'static str]) -> Self {
        self.uniques.push(Unique {
            fields: fields.to_vec(),
            per_tenant: false,
        });
        self
    }

    /// Declares that lists filtered by exactly these fields can be had in each of these orders.
    #[must_use]
    pub fn serves(mut self, filters: &[&'static str], sorts: &[&'static str]) -> Self {
        for sort in sorts {
            let shape = QueryShape {
                filters: filters.to_vec(),
                sort,
            };
            if !self.shapes.contains(&shape) {
                self.shapes.push(shape);
            }
        }
        self
    }

    /// Declares a field that names what documents belong to, as postings to an account: those with the same value have
    /// the same owner. A list that is filtered by it needs one index, not one for each kind of caller; scope is checked
    /// on what it finds.
    #[must_use]
    pub fn belongs_to(mut self, name: &'static str) -> Self {
        self.belongs_to.push(name);
        self
    }

    /// Declares that nobody lists it by id or by creation, but only by the pairs that it serves.
    #[must_use]
    pub fn unlisted(mut self) -> Self {
        self.shapes.clear();
        self
    }

    /// Declares that lists of it never cross firms: no index is kept for such lists. So it is with what is linked to
    /// clients anyway.
    #[must_use]
    pub fn within_firms(mut self) -> Self {
        self.within_firms = true;
        self
    }

    /// Whether lists of it never cross firms.
    pub fn is_within_firms(&self) -> bool {
        self.within_firms
    }

    /// Declares a top-level field whose value is encrypted before a backend sees it.
    #[must_use]
    pub fn encrypted(mut self, name: &'static str) -> Self {
        self.encrypted.push(name);
        self
    }

    /// Declares an encrypted text that can be looked up by equality: the field `lookup` beside it holds a keyed hash,
    /// which the store fills and a query compares with [`crate::Keyring::lookup`].
    #[must_use]
    pub fn encrypted_lookup(mut self, name: &'static str, lookup: &'static str) -> Self {
        self.encrypted.push(name);
        self.lookups.push((name, lookup));
        self.field(lookup, FieldKind::Text)
    }

    /// Declares that every group has one of its own: where groups share a database it is named `<group>.<name>`.
    #[must_use]
    pub fn in_every_group(mut self) -> Self {
        self.in_every_group = true;
        self
    }

    /// Whether every group has one of its own.
    pub fn is_in_every_group(&self) -> bool {
        self.in_every_group
    }

    /// The name.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// How scope applies.
    pub fn scoping(&self) -> Scoping {
        self.scoping
    }

    /// The declared fields.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// The unique combinations.
    pub fn uniques(&self) -> &[Unique] {
        &self.uniques
    }

    /// The served (filter, sort) pairs.
    pub fn shapes(&self) -> &[QueryShape] {
        &self.shapes
    }

    /// A declared field by name.
    pub fn declared(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The keys of a declared field in a document: one, or one per element of a `many` field.
    pub fn keys_of(&self, field: &Field, document: &RawDocument) -> Result<Vec<Key>, StoreError> {
        match field.name {
            "created_at" => return Ok(vec![document.created_at.into()]),
            "updated_at" => return Ok(vec![document.updated_at.into()]),
            _ => {}
        }
        keys_at(field.name, field.kind, field.many, &document.body)
    }

    /// The names of the filters that restrict a scoped caller, in the order in which indexes begin: none for the
    /// firm's overseers, then one per other kind of caller.
    pub fn scope_fields(&self) -> Vec<Option<&'static str>> {
        match self.scoping {
            Scoping::Tenant => vec![None],
            Scoping::Owner => vec![None, Some("user_id")],
            Scoping::Client => vec![None, Some("advisor_id"), Some("user_id")],
        }
    }

    /// The scopes that the indexes of a served pair begin with.
    pub(crate) fn indexed_scopes(&self, shape: &QueryShape) -> Vec<Option<&'static str>> {
        if shape.filters.iter().any(|name| self.belongs_to.contains(name)) {
            return vec![None];
        }
        self.scope_fields()
    }
}

/// The keys of the value at a path with dots: one; of a `many` field one for each element, at any of its places.
pub(crate) fn keys_at(
    path: &str,
    kind: FieldKind,
    many: bool,
    body: &Map<String, Value>,
) -> Result<Vec<Key>, StoreError> {
    if !many {
        return Ok(vec![Key::from_json(kind, value_at(path, body))?]);
    }
    let single = path.contains(PLACES);
    let mut keys = Vec::new();
    for value in path.split(PLACES).filter_map(|path| value_at(path, body)) {
        let elements = match value {
            Value::Array(elements) => elements.as_slice(),
            Value::Null => &[],
            value if single => std::slice::from_ref(value),
            _ => &[],
        };
        for element in elements {
            keys.push(Key::from_json(kind, Some(element))?);
        }
    }
    Ok(keys)
}

/// Stands between the places of a field that has several.
const PLACES: char = '|';

fn value_at<'a>(path: &str, body: &'a Map<String, Value>) -> Option<&'a Value> {
    let mut parts = path.split('.');
    let mut value = parts.next().and_then(|part| body.get(part));
    for part in parts {
        value = value.and_then(|value| value.get(part));
    }
    value
}
