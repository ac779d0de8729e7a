//! What handlers take: each says in its type what it refuses.

mod body;
mod budget;
pub(crate) mod bytes;
mod context;
mod fields;
mod form;
#[cfg(test)]
mod fuzz_tests;
mod if_match;
mod key;
mod list;
mod objects;
mod path;
mod query;
mod raw;

pub use body::Body;
pub(crate) use budget::Budget;
pub use context::{Caller, Context, Unproven};
pub use fields::{from_json as read_json, from_params};
pub use form::{Form, JsonOrForm};
pub use if_match::{IfMatch, IfMatchParam};
pub use key::{Key, KeyParam};
pub use list::{List, PageParams};
pub use path::Path;
pub use query::Query;
pub use raw::{CsvBody, RawBody};

/// Gives an extractor tuple struct `Deref` to its content and `into_inner`.
macro_rules! transparent {
    ($name:ident) => {
        impl<T> std::ops::Deref for $name<T> {
            type Target = T;
            fn deref(&self) -> &T {
                &self.0
            }
        }

        impl<T> $name<T> {
            /// The content.
            pub fn into_inner(self) -> T {
                self.0
            }
        }
    };
}
pub(crate) use transparent;
