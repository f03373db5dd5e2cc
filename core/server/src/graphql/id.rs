//! Global ids: opaque to callers, typed to us. `Kind:uuid`, in URL-safe base64.

use std::borrow::Cow;

use async_graphql::parser::types::Field;
use async_graphql::registry::Registry;
use async_graphql::{ContextSelectionSet, ID, OutputType, Positioned, ServerResult, Value};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use jornada_domain::error::{Code, Problem};
use jornada_domain::id::{Kind, TypedId};
use uuid::Uuid;

/// A typed id that shows itself as an `ID`: the type of `id` in every object.
#[derive(Clone, Copy, Debug)]
pub(super) struct GlobalId<I>(pub I);

impl<I: TypedId> From<&GlobalId<I>> for ID {
    fn from(id: &GlobalId<I>) -> Self {
        encode(I::KIND.type_name(), id.0.into())
    }
}

impl<I: TypedId> OutputType for GlobalId<I> {
    fn type_name() -> Cow<'static, str> {
        <ID as OutputType>::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <ID as OutputType>::create_type_info(registry)
    }

    async fn resolve(
        &self,
        _: &ContextSelectionSet<'_>,
        _: &Positioned<Field>,
    ) -> ServerResult<Value> {
        Ok(Value::String(ID::from(self).0))
    }
}

/// The global id of a record of a type.
pub(super) fn encode(type_name: &str, id: Uuid) -> ID {
    ID(BASE64.encode(format!("{type_name}:{id}")))
}

/// The record that a global id names.
pub(super) fn split(id: &str) -> Option<(Kind, Uuid)> {
    let text = String::from_utf8(BASE64.decode(id).ok()?).ok()?;
    let (kind, id) = text.split_once(':')?;
    let kind = Kind::ALL.iter().find(|known| known.type_name() == kind)?;
    Some((*kind, id.parse().ok()?))
}

/// The id in an input field; `BAD_ID` with the field's name unless it is one of this noun.
pub(super) fn parse<I: TypedId>(field: &str, id: &ID) -> Result<I, Problem> {
    match split(id) {
        Some((kind, id)) if kind == I::KIND => Ok(I::from(id)),
        _ => Err(bad_id(field, I::KIND.type_name())),
    }
}

/// The id in an input field that may be left out.
pub(super) fn parse_some<I: TypedId>(field: &str, id: Option<&ID>) -> Result<Option<I>, Problem> {
    id.map(|id| parse(field, id)).transpose()
}

/// The ids in a list; problems name their place: `ids.2`.
pub(super) fn parse_each<I: TypedId>(field: &str, ids: &[ID]) -> Result<Vec<I>, Problem> {
    let one = |(place, id)| parse(&format!("{field}.{place}"), id);
    ids.iter().enumerate().map(one).collect()
}

/// The id of any record in an input field.
pub(super) fn any(field: &str, id: &ID) -> Result<(Kind, Uuid), Problem> {
    split(id).ok_or_else(|| bad_id(field, "Node"))
}

/// An id that names nothing of the right kind.
pub(super) fn bad_id(field: &str, expected: &str) -> Problem {
    Problem::new(field, Code::BadId).with("kind", expected)
}

#[cfg(test)]
mod tests {
    use jornada_domain::id::{HolidayId, UserId};

    use super::*;

    #[test]
    fn an_id_comes_back_as_it_went_out_and_only_as_its_own_kind() {
        let id = HolidayId(Uuid::from_u128(7));
        let shown = ID::from(&GlobalId(id));
        assert_eq!(parse::<HolidayId>("id", &shown).unwrap(), id);
        let error = parse::<UserId>("userId", &shown).unwrap_err();
        insta::assert_snapshot!(error, @"userId: BAD_ID kind=User");
    }

    #[test]
    fn whatever_is_no_id_is_refused() {
        for text in ["", "7", "SG9saWRheQ", "SG9saWRheTo3", "né", "SG9saWRheTo3==="] {
            assert_eq!(split(text), None, "{text}");
        }
    }
}
