//! Values of attributes: how they are shown, and how they are given.

use async_graphql::{ComplexObject, Context, ID, InputObject, OneofObject, SimpleObject};
use jornada_domain::attributes::{self, Attribute, Typed};
use jornada_domain::id::OptionId;

use super::AttributeDefinition;
use crate::graphql::loader::one;
use crate::graphql::option::Choice;
use crate::graphql::reading::Reading;
use crate::graphql::request::Answer;
use crate::graphql::scalar::{Date, Money};

/// The value of an attribute, in the field of its type; all others are null.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(in crate::graphql) struct AttributeValue {
    /// The attribute.
    definition: AttributeDefinition,
    /// The key of the attribute.
    key: String,
    /// A text.
    text: Option<String>,
    /// A number.
    number: Option<f64>,
    /// Yes or no.
    boolean: Option<bool>,
    /// A day.
    date: Option<Date>,
    #[graphql(skip)]
    option_id: Option<OptionId>,
    /// An amount.
    money: Option<Money>,
}

#[ComplexObject]
impl AttributeValue {
    /// An option.
    async fn option(&self, ctx: &Context<'_>) -> Answer<Choice> {
        one(ctx, self.option_id).await
    }
}

impl From<Attribute> for AttributeValue {
    fn from(Attribute { definition, value }: Attribute) -> Self {
        let mut shown = Self {
            key: definition.key.clone(),
            definition: definition.into(),
            text: None,
            number: None,
            boolean: None,
            date: None,
            option_id: None,
            money: None,
        };
        match value {
            Typed::Text(text) => shown.text = Some(text),
            Typed::Number(number) => shown.number = Some(number),
            Typed::Boolean(flag) => shown.boolean = Some(flag),
            Typed::Date(date) => shown.date = Some(Date(date)),
            Typed::Option(id) => shown.option_id = Some(id),
            Typed::Money { amount_minor, currency } => {
                shown.money = Some(Money::new(amount_minor, currency));
            }
        }
        shown
    }
}

/// The value of an attribute to be given.
#[derive(InputObject)]
pub(in crate::graphql) struct AttributeInput {
    /// The key of the attribute.
    key: String,
    /// The value, in the field of its type; null or nothing empties the attribute.
    value: Option<AttributeValueInput>,
}

/// A value of one type.
#[derive(OneofObject)]
pub(in crate::graphql) enum AttributeValueInput {
    /// One line of at most 500 characters.
    Text(String),
    /// A number within the limits of the attribute.
    Number(f64),
    /// Yes or no.
    Boolean(bool),
    /// A day.
    Date(Date),
    /// An option of the set of the attribute.
    OptionId(ID),
    /// An amount; not less than nothing.
    Money(Money),
}

/// The values in the field `attributes` of an input.
pub(in crate::graphql) fn read(
    inputs: Option<Vec<AttributeInput>>,
    reading: &mut Reading,
) -> Vec<attributes::AttributeInput> {
    let inputs = inputs.unwrap_or_default().into_iter().enumerate();
    let one = |(place, AttributeInput { key, value })| {
        let value = value.map(|value| match value {
            AttributeValueInput::Text(text) => Typed::Text(text),
            AttributeValueInput::Number(number) => Typed::Number(number),
            AttributeValueInput::Boolean(flag) => Typed::Boolean(flag),
            AttributeValueInput::Date(date) => Typed::Date(date.0),
            AttributeValueInput::OptionId(id) => {
                Typed::Option(reading.id(&format!("attributes.{place}.value.optionId"), &id))
            }
            AttributeValueInput::Money(Money { amount_minor, currency }) => {
                Typed::Money { amount_minor: amount_minor.0, currency }
            }
        });
        attributes::AttributeInput { key, value }
    };
    inputs.map(one).collect()
}
