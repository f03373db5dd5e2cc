//! What a file can hold: a kind of records, each of which is read from a row and put through the
//! verbs that everybody uses.

use jornada_domain::{Cx, Result, Tx};

use super::cells::Cells;
use super::field::Field;

/// A kind of records. What it found out about the workspace on the way, it keeps; a clone of it
/// from before a transaction stands in when the transaction is not kept.
pub trait Kind: Clone {
    /// What the records are called.
    const NAME: &'static str;
    /// What its columns can hold.
    const FIELDS: &'static [Field];
    /// The columns without which no row can be read.
    const NEEDED: &'static [Field];
    /// What stands before the dot of columns that the workspace names.
    const OPEN: Option<&'static str>;
    /// What a row says, before anybody asked whether it can be so.
    type Record;

    /// The records of a system, with its key, and with the currency of amounts beside which none
    /// stands (ISO 4217).
    fn load(cx: &Cx<'_>, system: String, currency: String) -> impl Future<Output = Result<Self>>;

    /// The record of a row, without what cannot be read, which the cells tell.
    fn read(&self, cells: &mut Cells<'_>) -> Self::Record;

    /// What makes the record one of its own: a file names it once.
    fn key(record: &Self::Record) -> String;

    /// What only one record of a file can say, and the column that says it, where there is such a
    /// thing.
    fn alone(_record: &Self::Record) -> Option<(Field, String)> {
        None
    }

    /// The key of the record of the same kind that must be there before, where there is one.
    fn parent(_record: &Self::Record) -> Option<&str> {
        None
    }

    /// The same record, as one whose parent is not asked for: in a dry run it may be a row of the
    /// same file.
    fn without_parent(record: Self::Record) -> Self::Record {
        record
    }

    /// Creates what the record says, or brings it up to date. Nothing is written when a record says
    /// what is already so.
    fn put(&mut self, tx: &Tx<'_>, record: &Self::Record) -> impl Future<Output = Result<Outcome>>;
}

/// What a record did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// There is something new.
    Created,
    /// Something is different now.
    Updated,
    /// Everything was already so.
    Unchanged,
}

impl Outcome {
    /// The outcome of a record that was there.
    pub fn of_change(is_changed: bool) -> Self {
        if is_changed { Self::Updated } else { Self::Unchanged }
    }
}
