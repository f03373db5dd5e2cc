//! The channels on which customers are met.

use sea_orm::{DeriveActiveEnum, EnumIter};
use serde::{Deserialize, Serialize};

/// A way of meeting a customer.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Channel {
    /// E-mail.
    Email,
    /// A phone call.
    Phone,
    /// WhatsApp, groups included.
    Whatsapp,
    /// A video call.
    Video,
    /// A meeting in person.
    InPerson,
    /// Another chat.
    Chat,
    /// Inside the product.
    Product,
    /// Anything else.
    Other,
}
