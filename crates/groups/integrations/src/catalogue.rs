use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A platform of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Platform {
    /// Analytics of online shops.
    TripleWhale,
    /// Customer relations.
    HubSpot,
    /// E-mail marketing.
    Klaviyo,
}

impl Platform {
    pub(crate) const ALL: [Platform; 3] = [Platform::TripleWhale, Platform::HubSpot, Platform::Klaviyo];

    /// The name on the wire and in events.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Platform::TripleWhale => "triplewhale",
            Platform::HubSpot => "hubspot",
            Platform::Klaviyo => "klaviyo",
        }
    }

    /// The name for people.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Platform::TripleWhale => "Triple Whale",
            Platform::HubSpot => "HubSpot",
            Platform::Klaviyo => "Klaviyo",
        }
    }

    /// What it is for.
    pub(crate) fn summary(self) -> &'static str {
        match self {
            Platform::TripleWhale => "Sales, advertising and attribution of online shops",
            Platform::HubSpot => "Contacts, companies and deals",
            Platform::Klaviyo => "E-mail and SMS campaigns and their audiences",
        }
    }

    /// Whether it can be connected in this version.
    pub(crate) fn is_available(self) -> bool {
        self == Platform::TripleWhale
    }

    /// What is needed to connect it.
    pub(crate) fn credentials(self) -> Vec<RequiredCredential> {
        match self {
            Platform::TripleWhale => vec![
                RequiredCredential {
                    name: "api_key",
                    secret: true,
                    description: "An API key, made in Triple Whale under Settings, API Keys",
                },
                RequiredCredential {
                    name: "shop_domain",
                    secret: false,
                    description: "The domain of the shop, as in my-shop.myshopify.com",
                },
            ],
            Platform::HubSpot => vec![RequiredCredential {
                name: "access_token",
                secret: true,
                description: "The access token of a private app",
            }],
            Platform::Klaviyo => vec![RequiredCredential {
                name: "api_key",
                secret: true,
                description: "A private API key",
            }],
        }
    }
}

/// Something that is needed to connect a platform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct RequiredCredential {
    /// The name of the field.
    pub(crate) name: &'static str,
    /// Whether it is kept encrypted and never shown again.
    pub(crate) secret: bool,
    /// What it is and where it comes from.
    pub(crate) description: &'static str,
}
