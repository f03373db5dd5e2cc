//! The input queries of plugins, held against the API before they are ever run.

use std::sync::OnceLock;

use anyhow::{Result, anyhow, bail, ensure};
use apollo_compiler::executable::{Selection, SelectionSet};
use apollo_compiler::validation::Valid;
use apollo_compiler::{ExecutableDocument, Schema};

use crate::graphql::{self, MAX_ALIASES, MAX_DEPTH, MAX_FIELDS};

/// Bytes of a query.
const MOST_BYTES: usize = 16 << 10;

/// What a query may ask for by variables; the platform knows them.
pub const VARIABLES: [&str; 2] = ["accountId", "taskId"];

/// Checks that a query is one operation that reads, fits the API and takes no variables but
/// [`VARIABLES`].
pub fn check(query: &str) -> Result<()> {
    ensure!(query.len() <= MOST_BYTES, "the query has more than {MOST_BYTES} bytes");
    let schema = schema()?;
    let document = ExecutableDocument::parse_and_validate(schema, query, "input.graphql");
    let document = document.map_err(|told| anyhow!("{}", told.errors))?;
    let operations: Vec<_> = document.operations.iter().collect();
    let [operation] = operations.as_slice() else {
        bail!("it has {} operations, and not one", operations.len());
    };
    ensure!(operation.is_query(), "it changes something, and may only read");
    measure(&document, &operation.selection_set, 1, &mut Size::default())?;
    for variable in &operation.variables {
        let (name, of) = (variable.name.as_str(), variable.ty.to_string());
        ensure!(
            VARIABLES.contains(&name) && of.trim_end_matches('!') == "ID",
            "${name}: {of} is unknown; there are {} of the type ID",
            VARIABLES.map(|name| format!("${name}")).join(" and ")
        );
    }
    Ok(())
}

/// What a query asks for.
#[derive(Clone, Copy, Default)]
struct Size {
    fields: usize,
    aliases: usize,
}

/// Counts fields as the API does, which answers nothing that is too deep or too wide.
fn measure(
    document: &ExecutableDocument,
    of: &SelectionSet,
    depth: usize,
    size: &mut Size,
) -> Result<()> {
    for selection in &of.selections {
        match selection {
            Selection::Field(field) => {
                size.fields += 1;
                size.aliases += usize::from(field.alias.is_some());
                let Size { fields, aliases } = *size;
                ensure!(depth <= MAX_DEPTH, "it is more than {MAX_DEPTH} fields deep");
                ensure!(fields <= MAX_FIELDS, "it asks for more than {MAX_FIELDS} fields");
                ensure!(aliases <= MAX_ALIASES, "it has more than {MAX_ALIASES} aliases");
                measure(document, &field.selection_set, depth + 1, size)?;
            }
            Selection::InlineFragment(inline) => {
                measure(document, &inline.selection_set, depth, size)?;
            }
            Selection::FragmentSpread(spread) => {
                if let Some(fragment) = spread.fragment_def(document) {
                    measure(document, &fragment.selection_set, depth, size)?;
                }
            }
        }
    }
    Ok(())
}

/// The API, read once.
fn schema() -> Result<&'static Valid<Schema>> {
    static SCHEMA: OnceLock<Result<Valid<Schema>, String>> = OnceLock::new();
    let read = || {
        let schema = Schema::parse_and_validate(graphql::sdl(), "schema.graphql");
        schema.map_err(|told| told.errors.to_string())
    };
    SCHEMA.get_or_init(read).as_ref().map_err(|told| anyhow!("the schema of the API: {told}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_reads_what_there_is_of_the_account_or_of_the_task() {
        let told = |query| check(query).map_err(|error| error.to_string());
        assert_eq!(told("query A($accountId: ID!) { account(id: $accountId) { name } }"), Ok(()));
        let within = |inner: &str| format!("parent {{ {inner} }}");
        let deep = (0..MAX_DEPTH).fold("name".to_owned(), |inner, _| within(&inner));
        let deep = format!("query A($accountId: ID!) {{ account(id: $accountId) {{ {deep} }} }}");
        let wide: String = (0..=MAX_ALIASES).map(|n| format!("a{n}: name ")).collect();
        let wide = format!("query A($accountId: ID!) {{ account(id: $accountId) {{ {wide} }} }}");
        let refused = [
            ("query A($accountId: ID!) { account(id: $accountId) { horoscope } }", "horoscope"),
            ("query A($day: Date!) { teams { totalCount } }", "$day"),
            ("mutation { accountPause(input: {}) { account { id } } }", "accountPause"),
            ("query A { teams { totalCount } } query B { teams { totalCount } }", "2 operations"),
            ("{ teams {", "input.graphql"),
            (&deep, "fields deep"),
            (&wide, "aliases"),
        ];
        for (query, because) in refused {
            let error = check(query).expect_err(query).to_string();
            assert!(error.contains(because), "{query}: {error}");
        }
    }
}
