//! Mutations as tests send them: by name, with one input.

use serde_json::{Value, json};

use super::TestApp;

impl TestApp {
    /// The payload of the mutation `name` with this input: the fields in `selection`, which the
    /// API must not refuse.
    pub(crate) async fn mutate(
        &self,
        token: &str,
        name: &str,
        selection: &str,
        input: Value,
    ) -> Value {
        let payload = self.try_mutate(token, name, selection, input).await;
        assert_eq!(payload["userErrors"], json!([]), "{name} is refused");
        payload
    }

    /// What the API refuses about an input, each as `field: CODE`, in one line.
    pub(crate) async fn refused(&self, token: &str, name: &str, input: Value) -> String {
        let mut payload = self.try_mutate(token, name, "", input).await;
        let problems = payload["userErrors"].as_array_mut().map(std::mem::take);
        let tell = |problem: &Value| {
            let path = problem["field"].as_array().map(Vec::as_slice).unwrap_or_default();
            let path: Vec<_> = path.iter().filter_map(Value::as_str).collect();
            let code = problem["code"].as_str().unwrap_or_default();
            format!("{}: {code}", path.join("."))
        };
        let told: Vec<_> = problems.iter().flatten().map(tell).collect();
        told.join("; ")
    }

    async fn try_mutate(&self, token: &str, name: &str, selection: &str, input: Value) -> Value {
        let (first, rest) = name.split_at(1);
        let of = format!("{}{rest}Input", first.to_uppercase());
        let query = format!(
            "mutation($input: {of}!) {{ {name}(input: $input) \
             {{ {selection} userErrors {{ field code }} }} }}"
        );
        self.data(token, &query, json!({ "input": input })).await[name].take()
    }
}
