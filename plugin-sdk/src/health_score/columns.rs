//! The row view: what is known of one customer, read from the columns of a batch.

use super::input::{Input, InputKind};
use crate::bindings::score::exports::jornada::score::health_score as wit;
use crate::text::{Failure, Problem};

/// What a score knows of a customer; made by [`inputs!`](crate::inputs).
///
/// ```
/// use jornada_plugin_sdk::prelude::*;
///
/// inputs! {
///     struct Customer {
///         seats: f64 = Input::number("Seats"),
///         has_sponsor: Option<bool> = Input::flag("Has a sponsor"),
///     }
/// }
///
/// fn how_many<Known: jornada_plugin_sdk::health_score::Inputs>() -> usize {
///     Known::inputs().len()
/// }
///
/// assert_eq!(how_many::<Customer>(), 2);
/// ```
pub trait Inputs: Sized {
    /// What it wants to know, in the order of its fields.
    ///
    /// ```
    /// use jornada_plugin_sdk::health_score::Inputs;
    /// use jornada_plugin_sdk::prelude::*;
    ///
    /// inputs! {
    ///     struct Customer { active_days: f64 = Input::number("Active days").unit("days") }
    /// }
    ///
    /// assert_eq!(Customer::inputs().len(), 1);
    /// ```
    fn inputs() -> Vec<Input>;

    /// What is known of the customer in this row; nothing if something is missing that it cannot
    /// do without.
    ///
    /// ```
    /// # use jornada_plugin_sdk::prelude::*;
    /// # use jornada_plugin_sdk::testing::TestScore;
    /// # use serde_json::json;
    /// use jornada_plugin_sdk::health_score::{Columns, Inputs};
    /// # inputs! {
    /// #     struct Seats {
    /// #         bought: f64 = Input::number("Seats"),
    /// #         used: f64 = Input::number("Seats in use"),
    /// #     }
    /// # }
    ///
    /// /// The share of the seats that is in use; nothing where there are none.
    /// struct Share(f64);
    ///
    /// impl Inputs for Share {
    ///     fn inputs() -> Vec<Input> {
    ///         Seats::inputs()
    ///     }
    ///
    ///     fn read(columns: &Columns, row: usize) -> Option<Self> {
    ///         let seats = Seats::read(columns, row)?;
    ///         (seats.bought > 0.0).then(|| Self(seats.used / seats.bought))
    ///     }
    /// }
    /// # struct Adoption;
    /// # impl HealthScore for Adoption {
    /// #     type Config = ();
    /// #     type Inputs = Share;
    /// #     fn new((): ()) -> Result<Self, Vec<Problem>> { Ok(Self) }
    /// #     fn factors(&self) -> Vec<Factor> { vec![Factor::new("seats", "Seats in use")] }
    /// #     fn score(&self, share: &Share, _: &Moment, points: &mut Points<'_>) -> Verdict {
    /// #         points.add(0, share.0 * 100.0);
    /// #         Verdict::Scored
    /// #     }
    /// # }
    ///
    /// let adoption = TestScore::<Adoption>::new(json!(null));
    /// assert_eq!(adoption.score(json!({"bought": 50, "used": 40})).value, Some(80.0));
    /// assert_eq!(adoption.score(json!({"bought": 0, "used": 0})).value, None);
    /// ```
    fn read(columns: &Columns, row: usize) -> Option<Self>;
}

/// The columns of a batch. Authors see them one row at a time, as their [`Inputs`].
///
/// ```
/// use jornada_plugin_sdk::health_score::{Columns, Inputs};
///
/// /// How many of so many customers have all that the score cannot do without.
/// fn how_many<Known: Inputs>(columns: &Columns, rows: usize) -> usize {
///     (0..rows).filter(|row| Known::read(columns, *row).is_some()).count()
/// }
/// ```
#[derive(Debug)]
pub struct Columns {
    columns: Vec<Vec<f64>>,
    /// For each column of words, what is declared of the words that came.
    words: Vec<Vec<Option<u32>>>,
}

impl Columns {
    /// Takes the columns of a batch, once for all of its rows.
    pub(super) fn take(batch: &mut wit::Batch, declared: &[Input]) -> Result<Self, Failure> {
        let rows = batch.rows as usize;
        let fits = batch.columns.len() == declared.len()
            && batch.columns.iter().all(|column| column.len() == rows);
        if !fits {
            let told = format!("{} columns of {rows} numbers are needed", declared.len());
            return Err(Failure::InvalidInput(vec![Problem::new("columns", told)]));
        }
        let words = batch.dictionaries.iter().zip(declared).map(|(came, input)| {
            let place = |word| input.0.words.iter().position(|one| one == word);
            let place = |word| place(word).and_then(|place| u32::try_from(place).ok());
            came.iter().map(place).collect()
        });
        Ok(Self { words: words.collect(), columns: std::mem::take(&mut batch.columns) })
    }

    #[inline]
    fn number(&self, column: usize, row: usize) -> Option<f64> {
        let number = *self.columns.get(column)?.get(row)?;
        if number.is_nan() { None } else { Some(number) }
    }
}

/// The type of a field of [`inputs!`](crate::inputs): `f64`, `bool`, what
/// [`words!`](crate::words) makes, and `Option`s of these.
///
/// ```
/// use jornada_plugin_sdk::prelude::*;
/// use jornada_plugin_sdk::health_score::Field;
///
/// words! {
///     /// What a customer pays for.
///     enum Package { Basic = "Basic", Complete = "Complete" }
/// }
///
/// fn can_be_read<F: Field>() {}
///
/// can_be_read::<f64>();
/// can_be_read::<Option<bool>>();
/// can_be_read::<Option<Package>>();
/// ```
pub trait Field: Sized {
    /// Says of the input what the type says of it. Panics where the kind of the input is another.
    #[doc(hidden)]
    fn declare(input: Input) -> Input;

    /// The value of a customer; nothing if it is missing.
    #[doc(hidden)]
    fn read(columns: &Columns, column: usize, row: usize) -> Option<Self>;
}

impl Field for f64 {
    fn declare(input: Input) -> Input {
        input.expect_kind(&[InputKind::Number, InputKind::Days], "a number");
        input
    }

    #[inline]
    fn read(columns: &Columns, column: usize, row: usize) -> Option<Self> {
        columns.number(column, row)
    }
}

impl Field for bool {
    fn declare(input: Input) -> Input {
        input.expect_kind(&[InputKind::Flag], "a flag");
        input
    }

    #[inline]
    fn read(columns: &Columns, column: usize, row: usize) -> Option<Self> {
        columns.number(column, row).map(|number| number != 0.0)
    }
}

impl<F: Field> Field for Option<F> {
    fn declare(input: Input) -> Input {
        let mut input = F::declare(input);
        input.0.required = false;
        input
    }

    #[inline]
    fn read(columns: &Columns, column: usize, row: usize) -> Option<Self> {
        Some(F::read(columns, column, row))
    }
}

/// Words of which one stands in a column; made by [`words!`](crate::words).
///
/// ```
/// use jornada_plugin_sdk::health_score::Words;
/// use jornada_plugin_sdk::words;
///
/// words! {
///     /// How a customer pays.
///     enum Payment { Card = "credit card", Slip = "boleto" }
/// }
///
/// fn joined<W: Words>() -> String {
///     W::ALL.join(", ")
/// }
///
/// assert_eq!(joined::<Payment>(), "credit card, boleto");
/// ```
pub trait Words: Sized + Copy {
    /// The words, as they come.
    ///
    /// ```
    /// use jornada_plugin_sdk::health_score::Words;
    /// use jornada_plugin_sdk::words;
    ///
    /// words! {
    ///     /// How large a customer is.
    ///     enum Size { Small = "up to 50", Large = "more than 50" }
    /// }
    ///
    /// assert_eq!(Size::ALL, ["up to 50", "more than 50"]);
    /// ```
    const ALL: &'static [&'static str];

    /// The one at a place of [`Self::ALL`].
    ///
    /// ```
    /// use jornada_plugin_sdk::health_score::Words;
    /// use jornada_plugin_sdk::words;
    ///
    /// words! {
    ///     /// How large a customer is.
    ///     enum Size { Small = "up to 50", Large = "more than 50" }
    /// }
    ///
    /// assert_eq!(Size::at(1), Some(Size::Large));
    /// assert_eq!(Size::at(2), None);
    /// ```
    fn at(place: u32) -> Option<Self>;
}

#[doc(hidden)]
pub fn declare_words<W: Words>(mut input: Input) -> Input {
    input.expect_kind(&[InputKind::Category], "words");
    input.0.words = W::ALL.iter().map(|word| (*word).to_owned()).collect();
    input
}

#[doc(hidden)]
#[inline]
pub fn read_word<W: Words>(columns: &Columns, column: usize, row: usize) -> Option<W> {
    let code = columns.number(column, row)?;
    // The host checks that codes are places of the dictionary.
    let place = columns.words.get(column)?.get(code as usize)?;
    W::at((*place)?)
}

#[doc(hidden)]
pub fn keyed(key: &str, mut input: Input) -> Input {
    key.clone_into(&mut input.0.key);
    input
}

/// Declares what a score knows of a customer: a struct whose fields are inputs, at most 64. A field
/// is an `f64`, a `bool`, what [`words!`](crate::words) declares, or an `Option` of these. One that
/// is no `Option` is required: there is no score where it is missing.
///
/// ```
/// use jornada_plugin_sdk::prelude::*;
///
/// words! {
///     /// How long a customer is bound.
///     pub enum Contract {
///         Monthly = "Month-to-month",
///         Yearly = "One year",
///     }
/// }
///
/// inputs! {
///     /// What is known of a customer.
///     pub struct Customer {
///         /// Months since the first contract.
///         pub tenure: f64 = Input::number("Tenure").portuguese("Tempo de casa").unit("months"),
///         /// How long it is bound; missing where there is no contract.
///         pub contract: Option<Contract> = Input::category("Contract"),
///         /// Whether somebody answers for it.
///         pub has_sponsor: bool = Input::flag("Has a sponsor"),
///     }
/// }
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! inputs {
    (
        $(#[$outer:meta])*
        $sight:vis struct $name:ident {
            $( $(#[$inner:meta])* $field_sight:vis $field:ident : $type:ty = $input:expr ),+ $(,)?
        }
    ) => {
        $(#[$outer])*
        $sight struct $name {
            $( $(#[$inner])* $field_sight $field: $type, )+
        }

        impl $crate::health_score::Inputs for $name {
            fn inputs() -> ::std::vec::Vec<$crate::health_score::Input> {
                ::std::vec![
                    $( $crate::health_score::keyed(
                        ::core::stringify!($field),
                        <$type as $crate::health_score::Field>::declare($input),
                    ), )+
                ]
            }

            #[inline]
            fn read(
                columns: &$crate::health_score::Columns,
                row: usize,
            ) -> ::core::option::Option<Self> {
                let mut column = 0_usize..;
                ::core::option::Option::Some(Self {
                    $( $field: <$type as $crate::health_score::Field>::read(
                        columns,
                        column.next()?,
                        row,
                    )?, )+
                })
            }
        }
    };
}

/// Declares words of which one stands in a column, as an enum. A word that is none of them counts
/// as missing. See [`inputs!`](crate::inputs).
///
/// ```
/// use jornada_plugin_sdk::health_score::Words;
/// use jornada_plugin_sdk::words;
///
/// words! {
///     /// What a customer pays for.
///     pub enum Package {
///         Basic = "Basic",
///         Complete = "Complete",
///     }
/// }
///
/// # fn main() {
/// assert_eq!(Package::ALL, ["Basic", "Complete"]);
/// # }
/// ```
#[macro_export]
macro_rules! words {
    (
        $(#[$outer:meta])*
        $sight:vis enum $name:ident {
            $( $(#[$inner:meta])* $variant:ident = $word:literal ),+ $(,)?
        }
    ) => {
        $(#[$outer])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        $sight enum $name {
            $( $(#[$inner])* #[doc = $word] $variant, )+
        }

        impl $crate::health_score::Words for $name {
            const ALL: &'static [&'static str] = &[$($word),+];

            #[inline]
            fn at(place: u32) -> ::core::option::Option<Self> {
                [$(Self::$variant),+].get(place as usize).copied()
            }
        }

        impl $crate::health_score::Field for $name {
            fn declare(input: $crate::health_score::Input) -> $crate::health_score::Input {
                $crate::health_score::declare_words::<Self>(input)
            }

            #[inline]
            fn read(
                columns: &$crate::health_score::Columns,
                column: usize,
                row: usize,
            ) -> ::core::option::Option<Self> {
                $crate::health_score::read_word(columns, column, row)
            }
        }
    };
}
