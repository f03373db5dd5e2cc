//! Reading an input whole: an id that cannot be read does not hide what else is wrong.

use async_graphql::{ID, MaybeUndefined};
use jornada_domain::error::{Code, Error, Problem, Result};
use jornada_domain::id::TypedId;
use uuid::Uuid;

use super::id;

/// What could not be read of an input. The verb is asked all the same, with an id that nothing has
/// in place of one that cannot be read; whatever it did then is undone.
#[derive(Default)]
pub(super) struct Reading(Vec<Problem>);

impl Reading {
    /// Notes a problem of a field.
    pub(super) fn refuse(&mut self, problem: Problem) {
        self.0.push(problem);
    }

    /// The id in a field.
    pub(super) fn id<I: TypedId>(&mut self, field: &str, id: &ID) -> I {
        self.keep(id::parse(field, id)).unwrap_or_else(nothing)
    }

    /// The id in a field that may be left out.
    pub(super) fn some<I: TypedId>(&mut self, field: &str, id: Option<&ID>) -> Option<I> {
        id.and_then(|id| self.keep(id::parse(field, id)))
    }

    /// The id in a field that is left out to keep what is there, and null to empty it.
    pub(super) fn change<I: TypedId>(
        &mut self,
        field: &str,
        id: MaybeUndefined<ID>,
    ) -> Option<Option<I>> {
        let change: Option<Option<ID>> = id.into();
        change.map(|id| self.some(field, id.as_ref()))
    }

    /// The ids in a list, each in its place; problems name it: `ids.2`.
    pub(super) fn each<I: TypedId>(&mut self, field: &str, ids: &[ID]) -> Vec<I> {
        let one = |(place, id)| self.id(&format!("{field}.{place}"), id);
        ids.iter().enumerate().map(one).collect()
    }

    /// The value of a field that is left out to keep what is there, and that cannot be empty.
    pub(super) fn kept<T>(&mut self, field: &str, value: MaybeUndefined<T>) -> Option<T> {
        if value.is_null() {
            self.refuse(Problem::new(field, Code::Required));
        }
        value.take()
    }

    /// Notes a choice that is made by saying `true`, and that somebody made by saying `false`.
    pub(super) fn only_true(&mut self, field: &str, is_said: bool) {
        if !is_said {
            self.refuse(Problem::new(field, Code::BadFormat).with("form", "true"));
        }
    }

    /// A value whose reading may have found several problems.
    pub(super) fn keep_all<T>(&mut self, read: Result<T>) -> Option<T> {
        match read {
            Ok(value) => Some(value),
            Err(Error::Problems(problems)) => {
                self.0.extend(problems);
                None
            }
            // Reading asks no database and no right.
            Err(_) => None,
        }
    }

    /// What the verb gave, unless something could not be read. Else what could not be, with what
    /// the verb found wrong beside it.
    pub(super) fn then<T>(self, done: Result<T>) -> Result<T> {
        let Self(mut problems) = self;
        match done {
            done if problems.is_empty() => done,
            Ok(_) => Err(Error::Problems(problems)),
            Err(Error::Problems(found)) => {
                let is_new = |new: &Problem| problems.iter().all(|known| known.field != new.field);
                let new: Vec<_> = found.into_iter().filter(is_new).collect();
                problems.extend(new);
                Err(Error::Problems(problems))
            }
            Err(other) => Err(other),
        }
    }

    fn keep<T>(&mut self, read: Result<T, Problem>) -> Option<T> {
        read.map_err(|problem| self.0.push(problem)).ok()
    }
}

/// No record has this id.
fn nothing<I: TypedId>() -> I {
    I::from(Uuid::nil())
}

#[cfg(test)]
mod tests {
    use jornada_domain::id::UserId;

    use super::*;

    #[test]
    fn what_cannot_be_read_is_told_beside_what_the_verb_finds_but_not_twice() {
        let mut reading = Reading::default();
        let ids: Vec<UserId> = reading.each("ids", &[ID("7".to_owned())]);
        assert_eq!(ids, [UserId(Uuid::nil())]);
        let found = ["ids.0", "name"].map(|field| Problem::new(field, Code::Required));
        let told = reading.then::<()>(Err(Error::Problems(found.to_vec()))).unwrap_err();
        insta::assert_snapshot!(told, @"ids.0: BAD_ID kind=User; name: REQUIRED");
        let mut reading = Reading::default();
        reading.some::<UserId>("id", Some(&ID(String::new())));
        assert!(reading.then(Ok(())).is_err());
        assert!(Reading::default().then(Ok(())).is_ok());
    }
}
