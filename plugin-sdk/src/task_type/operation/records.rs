//! What a plugin records of a customer: conversations, measurements and attributes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// How a conversation was held.
///
/// ```
/// use jornada_plugin_sdk::task_type::Channel;
///
/// assert_eq!(serde_json::to_value(Channel::InPerson)?, "IN_PERSON");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schemars(inline)]
#[non_exhaustive]
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

/// Records a conversation that was had today.
///
/// ```
/// use jornada_plugin_sdk::task_type::{Channel, CreateInteraction};
///
/// let told = CreateInteraction::new("Quarterly review")
///     .notes("The savings are what they hoped for.")
///     .channel(Channel::Video)
///     .sentiment(4);
/// assert_eq!(told.sentiment, Some(4));
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct CreateInteraction {
    /// What it was about, one line: 1 to 200 characters.
    #[schemars(length(min = 1, max = 200))]
    pub subject: String,
    /// What was said: up to 20,000 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 20_000))]
    pub notes: Option<String>,
    /// How it was held; `OTHER` unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<Channel>,
    /// The mood, from 1 (very negative) to 5 (very positive).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 5))]
    pub sentiment: Option<u8>,
    /// Who was spoken to: the id of a contact of the customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact_id: Option<String>,
}

impl CreateInteraction {
    /// A conversation about a subject.
    ///
    /// ```
    /// use jornada_plugin_sdk::task_type::CreateInteraction;
    ///
    /// let had = CreateInteraction::new("Kick-off");
    /// assert_eq!((had.subject.as_str(), had.channel), ("Kick-off", None));
    /// ```
    pub fn new(subject: impl Into<String>) -> Self {
        let subject = subject.into();
        Self { subject, notes: None, channel: None, sentiment: None, contact_id: None }
    }

    /// What was said.
    ///
    /// ```
    /// use jornada_plugin_sdk::task_type::CreateInteraction;
    ///
    /// let had = CreateInteraction::new("Kick-off").notes("Ana leads the project.");
    /// assert_eq!(had.notes.as_deref(), Some("Ana leads the project."));
    /// ```
    #[must_use]
    pub fn notes(mut self, notes: impl Into<String>) -> Self {
        self.notes = Some(notes.into());
        self
    }

    /// How it was held.
    ///
    /// ```
    /// use jornada_plugin_sdk::task_type::{Channel, CreateInteraction};
    ///
    /// let had = CreateInteraction::new("A question about prices").channel(Channel::Whatsapp);
    /// assert_eq!(had.channel, Some(Channel::Whatsapp));
    /// ```
    #[must_use]
    pub fn channel(mut self, channel: Channel) -> Self {
        self.channel = Some(channel);
        self
    }

    /// The mood, from 1 (very negative) to 5 (very positive).
    ///
    /// ```
    /// use jornada_plugin_sdk::task_type::CreateInteraction;
    ///
    /// let had = [2, 5].map(|mood| CreateInteraction::new("Review").sentiment(mood));
    /// assert!(had[0].sentiment < had[1].sentiment);
    /// ```
    #[must_use]
    pub fn sentiment(mut self, sentiment: u8) -> Self {
        self.sentiment = Some(sentiment);
        self
    }

    /// Who was spoken to: the id of a contact of the customer.
    ///
    /// ```
    /// use jornada_plugin_sdk::task_type::CreateInteraction;
    ///
    /// let who = String::from("the id of Ana");
    /// let had = CreateInteraction::new("Review").contact(who);
    /// assert_eq!(had.contact_id.as_deref(), Some("the id of Ana"));
    /// ```
    #[must_use]
    pub fn contact(mut self, id: impl Into<String>) -> Self {
        self.contact_id = Some(id.into());
        self
    }
}

/// Records what was measured today, in the period of the metric that today is in.
///
/// ```
/// use jornada_plugin_sdk::task_type::RecordMetric;
///
/// let measured = RecordMetric::new("qbr_satisfaction", 4.0);
/// assert_eq!(measured.metric, "qbr_satisfaction");
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct RecordMetric {
    /// The key of the metric.
    #[schemars(regex(pattern = "^[a-z0-9_-]{1,60}$"))]
    pub metric: String,
    /// The value, in the unit of the metric; a finite number.
    pub value: f64,
}

impl RecordMetric {
    /// A value of a metric, which is named by its key.
    ///
    /// ```
    /// use jornada_plugin_sdk::task_type::RecordMetric;
    ///
    /// let (attended, invited) = (7.0, 8.0);
    /// let share = RecordMetric::new("attendance", 100.0 * attended / invited);
    /// assert_eq!(share.value, 87.5);
    /// ```
    pub fn new(metric: impl Into<String>, value: f64) -> Self {
        Self { metric: metric.into(), value }
    }
}

/// Gives the customer a value of an attribute, or takes it.
///
/// ```
/// use jornada_plugin_sdk::task_type::SetAttribute;
///
/// let reason = SetAttribute::new("purchase_reason", "Fewer calls");
/// let none = SetAttribute::cleared("purchase_reason");
/// assert!(none.value.is_null() && reason.value.is_string());
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct SetAttribute {
    /// The key of the attribute of customers.
    #[schemars(regex(pattern = "^[a-z0-9_-]{1,60}$"))]
    pub key: String,
    /// A text, a number, a yes or no, a day, or the key of an option, as the attribute has it; null
    /// takes the value.
    #[serde(default)]
    pub value: Json,
}

impl SetAttribute {
    /// A value of an attribute, which is named by its key.
    ///
    /// ```
    /// use jornada_plugin_sdk::task_type::SetAttribute;
    ///
    /// let attributes = [SetAttribute::new("seats", 50), SetAttribute::new("has_sponsor", true)];
    /// assert_eq!(attributes[0].value, 50);
    /// assert_eq!(attributes[1].value, true);
    /// ```
    pub fn new(key: impl Into<String>, value: impl Into<Json>) -> Self {
        Self { key: key.into(), value: value.into() }
    }

    /// No value any more.
    ///
    /// ```
    /// use jornada_plugin_sdk::task_type::SetAttribute;
    ///
    /// let gone = SetAttribute::cleared("sponsor");
    /// assert_eq!(serde_json::to_value(&gone)?["value"], serde_json::json!(null));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn cleared(key: impl Into<String>) -> Self {
        Self { key: key.into(), value: Json::Null }
    }
}
