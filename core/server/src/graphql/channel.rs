//! Channels: the ways of meeting a customer, which several nouns name.

use super::word::words;

words! {
    /// A way of meeting a customer.
    Channel = "jornada_domain::channel::Channel" {
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
}
