//! What crosses to a plugin of Extism and back, in three forms: customers as JSON, columns as JSON,
//! and columns as bytes.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{FACTORS, INPUTS, Row, Scores};

/// A customer, as one would write it down.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Customer {
    pub tenure: Option<f64>,
    pub monthly_charges: Option<f64>,
    pub contract: Option<Contract>,
    pub internet: Option<Internet>,
    pub payment: Option<Payment>,
    pub online_security: Option<bool>,
    pub tech_support: Option<bool>,
    pub paperless: Option<bool>,
    pub senior: Option<bool>,
    pub dependents: Option<bool>,
}

/// For how long a customer is bound.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub enum Contract {
    #[serde(rename = "Month-to-month")]
    Monthly,
    #[serde(rename = "One year")]
    OneYear,
    #[serde(rename = "Two year")]
    TwoYears,
}

/// How a customer gets to the internet.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub enum Internet {
    #[serde(rename = "No")]
    None,
    #[serde(rename = "DSL")]
    Dsl,
    #[serde(rename = "Fiber optic")]
    Fiber,
}

/// How a customer pays.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub enum Payment {
    #[serde(rename = "Electronic check")]
    ElectronicCheck,
    #[serde(rename = "Mailed check")]
    MailedCheck,
    #[serde(rename = "Bank transfer (automatic)")]
    BankTransfer,
    #[serde(rename = "Credit card (automatic)")]
    CreditCard,
}

impl From<&Row> for Customer {
    fn from(row: &Row) -> Self {
        let [tenure, monthly_charges, contract, internet, payment, flags @ ..] = *row;
        let known = |value: f64| Some(value).filter(|value| !value.is_nan());
        let [online_security, tech_support, paperless, senior, dependents] =
            flags.map(|flag| known(flag).map(|flag| flag != 0.0));
        Self {
            tenure: known(tenure),
            monthly_charges: known(monthly_charges),
            contract: known(contract).map(|place| match place as u8 {
                0 => Contract::Monthly,
                1 => Contract::OneYear,
                _ => Contract::TwoYears,
            }),
            internet: known(internet).map(|place| match place as u8 {
                0 => Internet::None,
                1 => Internet::Dsl,
                _ => Internet::Fiber,
            }),
            payment: known(payment).map(|place| match place as u8 {
                0 => Payment::ElectronicCheck,
                1 => Payment::MailedCheck,
                2 => Payment::BankTransfer,
                _ => Payment::CreditCard,
            }),
            online_security,
            tech_support,
            paperless,
            senior,
            dependents,
        }
    }
}

impl Customer {
    /// What is known of the customer.
    #[inline]
    pub fn row(&self) -> Row {
        let number = |value: Option<f64>| value.unwrap_or(f64::NAN);
        let place = |place: Option<u8>| place.map_or(f64::NAN, f64::from);
        let flag = |value: Option<bool>| place(value.map(u8::from));
        [
            number(self.tenure),
            number(self.monthly_charges),
            place(self.contract.map(|word| word as u8)),
            place(self.internet.map(|word| word as u8)),
            place(self.payment.map(|word| word as u8)),
            flag(self.online_security),
            flag(self.tech_support),
            flag(self.paperless),
            flag(self.senior),
            flag(self.dependents),
        ]
    }
}

/// The answer for customers.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Answer {
    pub base: f64,
    pub scores: Vec<Scored>,
}

/// What a customer scores.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Scored {
    pub value: Option<f64>,
    pub contributions: [f64; FACTORS],
    pub reasons: Vec<u32>,
}

impl From<Answer> for Scores {
    fn from(Answer { base, scores }: Answer) -> Self {
        let mut all = Self { base, ..Self::default() };
        for (row, one) in (0_u32..).zip(scores) {
            all.values.push(one.value.unwrap_or(f64::NAN));
            all.contributions.extend(one.contributions);
            all.reasons.extend(one.reasons.into_iter().map(|reason| [row, reason]));
        }
        all
    }
}

/// A number that may be missing: NaN here, null in JSON.
#[derive(Clone, Copy, Debug)]
pub struct Number(pub f64);

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Some(self.0).filter(|number| !number.is_nan()).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(Option::deserialize(deserializer)?.unwrap_or(f64::NAN)))
    }
}

/// Columns, in which words are codes: places in the dictionary of their column.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Columns {
    pub rows: usize,
    pub columns: Vec<Vec<Number>>,
    pub dictionaries: Vec<Vec<String>>,
}

/// The answer for columns.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Table {
    pub base: f64,
    pub values: Vec<Number>,
    pub contributions: Vec<f64>,
    pub reasons: Vec<[u32; 2]>,
}

impl From<Scores> for Table {
    fn from(Scores { base, values, contributions, reasons }: Scores) -> Self {
        Self { base, values: values.into_iter().map(Number).collect(), contributions, reasons }
    }
}

impl From<Table> for Scores {
    fn from(Table { base, values, contributions, reasons }: Table) -> Self {
        Self { base, values: values.into_iter().map(|one| one.0).collect(), contributions, reasons }
    }
}

/// Columns in which words are places already, as bytes: one column after the other.
pub fn bytes_of(columns: &[Vec<f64>]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(8 * columns.iter().map(Vec::len).sum::<usize>());
    columns.iter().for_each(|column| put(&mut bytes, column));
    bytes
}

/// The rows of [`bytes_of`]: how many there are, and each of them.
#[inline]
pub fn rows_of(bytes: &[u8]) -> (usize, impl Fn(usize) -> Row) {
    let numbers = bytes.as_chunks::<8>().0;
    let rows = numbers.len() / INPUTS;
    let at =
        move |place: usize| numbers.get(place).map_or(f64::NAN, |one| f64::from_le_bytes(*one));
    (rows, move |row| std::array::from_fn(|column| at(column * rows + row)))
}

/// Scores as bytes: the base, the values, the contributions, the pairs of the reasons.
pub fn bytes_of_scores(scores: &Scores) -> Vec<u8> {
    let Scores { base, values, contributions, reasons } = scores;
    let count = 1 + values.len() + contributions.len() + reasons.len();
    let mut bytes = Vec::with_capacity(8 * count);
    put(&mut bytes, &[*base]);
    put(&mut bytes, values);
    put(&mut bytes, contributions);
    reasons.as_flattened().iter().for_each(|one| bytes.extend_from_slice(&one.to_le_bytes()));
    bytes
}

/// Reads [`bytes_of_scores`] for so many rows; nothing where there are too few.
pub fn scores_of(bytes: &[u8], rows: usize) -> Option<Scores> {
    let (base, bytes) = bytes.split_at_checked(8)?;
    let (values, bytes) = bytes.split_at_checked(8 * rows)?;
    let (contributions, reasons) = bytes.split_at_checked(8 * rows * FACTORS)?;
    let numbers = |bytes: &[u8]| -> Vec<f64> {
        bytes.as_chunks::<8>().0.iter().map(|one| f64::from_le_bytes(*one)).collect()
    };
    let pair = |pair: &[[u8; 4]; 2]| (*pair).map(u32::from_le_bytes);
    Some(Scores {
        base: numbers(base).pop()?,
        values: numbers(values),
        contributions: numbers(contributions),
        reasons: reasons.as_chunks::<4>().0.as_chunks::<2>().0.iter().map(pair).collect(),
    })
}

fn put(bytes: &mut Vec<u8>, numbers: &[f64]) {
    numbers.iter().for_each(|number| bytes.extend_from_slice(&number.to_le_bytes()));
}
