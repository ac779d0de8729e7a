/// Declares a typed id: a UUID that cannot be confused with another kind of id.
///
/// On the wire and in documents it is the hyphenated lower-case text.
#[macro_export]
macro_rules! define_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash,
            $crate::macro_support::serde::Serialize, $crate::macro_support::serde::Deserialize)]
        #[serde(crate = "kernel::macro_support::serde", transparent)]
        pub struct $name(pub $crate::macro_support::uuid::Uuid);

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = $crate::macro_support::uuid::Error;
            fn from_str(text: &str) -> ::std::result::Result<Self, Self::Err> {
                ::std::result::Result::Ok(Self($crate::macro_support::uuid::Uuid::parse_str(text)?))
            }
        }

        impl ::std::convert::From<$crate::macro_support::uuid::Uuid> for $name {
            fn from(id: $crate::macro_support::uuid::Uuid) -> Self {
                Self(id)
            }
        }

        impl ::std::convert::From<$name> for $crate::macro_support::uuid::Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl $crate::macro_support::utoipa::PartialSchema for $name {
            fn schema() -> $crate::macro_support::utoipa::openapi::RefOr<$crate::macro_support::utoipa::openapi::schema::Schema> {
                $crate::macro_support::uuid_schema()
            }
        }

        impl $crate::macro_support::utoipa::ToSchema for $name {
            fn name() -> ::std::borrow::Cow<'static, str> {
                ::std::borrow::Cow::Borrowed(stringify!($name))
            }
        }
    };
}

extern crate self as kernel;

define_id!(
    /// A user: somebody who can log in. Owned by the auth group.
    UserId
);
define_id!(
    /// A user in the role of an advisor: the same number as that user's [`UserId`].
    AdvisorId
);
define_id!(
    /// A client: an advisory relationship. Owned by the advisory group.
    ClientId
);
define_id!(
    /// A firm: the wall that no query crosses.
    TenantId
);
define_id!(
    /// One log-in of one user on one device.
    SessionId
);
define_id!(
    /// One request at the edge; travels with every call that it causes.
    RequestId
);
define_id!(
    /// One event; consumers are idempotent by it.
    EventId
);

impl TenantId {
    /// The firm that exists from the first start; open registration joins it.
    pub const DEFAULT: TenantId = TenantId(uuid::Uuid::from_u128(0x0000_0000_0000_7000_8000_0000_0000_0001));
}
