//! How much work a schema can make of a document: each part of it may look at each part of the
//! document once, so that there is an end to both. A part that is referred to counts where it is
//! used, and none refers to itself. Pure.

use std::collections::HashMap;

use serde_json::Value as Json;

/// Parts of a schema, with those that are referred to.
const MOST_PARTS: u64 = 2000;

/// How deep parts stand in one another.
const MOST_DEPTH: usize = 64;

/// Keywords by which a part is found in another way than by its place: nobody can say beforehand
/// what they come to.
const REFUSED: [&str; 4] = ["$dynamicRef", "$recursiveRef", "$anchor", "$dynamicAnchor"];

/// Why a schema is not taken.
pub(super) fn check(schema: &Json) -> Result<(), String> {
    let mut counted = Counted { schema, of_refs: HashMap::new() };
    match counted.parts(schema, 0)? {
        0..=MOST_PARTS => Ok(()),
        _ => Err(format!("it has more than {MOST_PARTS} parts, counted where they are used")),
    }
}

struct Counted<'s> {
    schema: &'s Json,
    /// What is referred to comes to; nothing while that is being counted.
    of_refs: HashMap<&'s str, Option<u64>>,
}

impl<'s> Counted<'s> {
    fn parts(&mut self, part: &'s Json, depth: usize) -> Result<u64, String> {
        if depth > MOST_DEPTH {
            return Err(format!("its parts stand more than {MOST_DEPTH} deep in one another"));
        }
        let mut sum: u64 = 1;
        match part {
            Json::Array(parts) => {
                for part in parts {
                    sum = sum.saturating_add(self.parts(part, depth + 1)?);
                }
            }
            Json::Object(members) => {
                for (name, member) in members {
                    let more = match (name.as_str(), member) {
                        ("$ref", Json::String(place)) => self.referred(place, depth)?,
                        ("$id", Json::String(_)) if depth > 0 => {
                            return Err("a part of it has an $id of its own".to_owned());
                        }
                        (name, Json::String(_)) if REFUSED.contains(&name) => {
                            return Err(format!("{name} is not taken; $ref to a place is"));
                        }
                        _ => self.parts(member, depth + 1)?,
                    };
                    sum = sum.saturating_add(more);
                }
            }
            _ => {}
        }
        Ok(sum)
    }

    fn referred(&mut self, place: &'s str, depth: usize) -> Result<u64, String> {
        match self.of_refs.get(place) {
            Some(Some(parts)) => return Ok(*parts),
            Some(None) => return Err(format!("{place} refers to itself, without an end")),
            None => {}
        }
        let found = place.strip_prefix('#').and_then(|pointer| self.schema.pointer(pointer));
        let found = found.ok_or_else(|| format!("$ref {place:?} is no place in it"))?;
        self.of_refs.insert(place, None);
        let parts = self.parts(found, depth + 1)?;
        self.of_refs.insert(place, Some(parts));
        Ok(parts)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, json};

    use super::*;

    /// Each definition asks for the next one, so many times.
    fn chain(length: usize, times: usize) -> Json {
        let name = |at: usize| json!({ "$ref": format!("#/$defs/a{at}") });
        let mut definitions = Map::new();
        for at in 0..length {
            let each: Vec<_> = (0..times).map(|_| name(at + 1)).collect();
            definitions.insert(format!("a{at}"), json!({ "allOf": each }));
        }
        definitions.insert(format!("a{length}"), json!({ "type": "object" }));
        json!({ "$defs": definitions, "$ref": "#/$defs/a0" })
    }

    #[test]
    fn a_part_counts_where_it_is_used() {
        assert_eq!(check(&chain(10, 1)), Ok(()));
        assert!(check(&chain(15, 2)).is_err_and(|told| told.contains("parts, counted")));
    }

    #[test]
    fn what_has_no_end_or_cannot_be_foreseen_is_refused() {
        let refused = [
            (json!({ "$ref": "#" }), "refers to itself"),
            (
                json!({ "$defs": { "n": { "properties": { "n": { "$ref": "#/$defs/n" } } } } }),
                "refers to itself",
            ),
            (json!({ "$ref": "#/$defs/missing" }), "no place"),
            (json!({ "$ref": "http://127.0.0.1:9/x" }), "no place"),
            (json!({ "items": { "$dynamicRef": "#x" } }), "$dynamicRef"),
            (json!({ "items": { "$id": "x", "type": "string" } }), "$id"),
            (chain(70, 1), "deep"),
        ];
        for (schema, because) in refused {
            let told = check(&schema).expect_err(because);
            assert!(told.contains(because), "{told}");
        }
        assert_eq!(check(&json!({ "properties": { "$ref": { "type": "string" } } })), Ok(()));
    }
}
