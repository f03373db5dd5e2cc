//! The input of types of tasks: what their query reads, with no more rights than somebody has who
//! only looks. What it reads of people was seen by whoever agreed to install the plugin.

use std::sync::{Arc, OnceLock};

use async_graphql::{Request, Variables};
use futures_util::future::BoxFuture;
use jornada_domain::auth::{Actor, Role};
use jornada_domain::tasks::task;
use jornada_domain::workspace::Locale;
use serde_json::{Value as Json, json};

use crate::app::App;
use crate::graphql::{self, Caller, Schema};

/// What the query of a plugin answers about a task; parts that cannot be read are null, and where
/// there is no answer at all, it says why. Nothing is changed by it: the query was checked when the
/// plugin was installed, and there are no rights to.
///
/// The future is boxed because resolvers that ask plugins stand in the schema that answers.
pub fn read<'a>(
    app: &'a App,
    host: &'a Actor,
    query: &'a str,
    task: &'a task::Model,
) -> BoxFuture<'a, Result<Json, String>> {
    let actor = Actor { scopes: Role::Viewer.scopes(), ..host.clone() };
    let caller = Caller {
        actor: Arc::new(actor),
        locale: Locale::En,
        request_id: format!("task-{}", task.id),
    };
    let variables = json!({
        "accountId": graphql::global_id(task.account_id),
        "taskId": graphql::global_id(task.id),
    });
    let request = Request::new(query).variables(Variables::from_json(variables));
    Box::pin(async move {
        let app = Arc::new(app.to_read());
        let response = graphql::answer(schema(), &app, caller, request).await;
        let data = response.data.into_json().unwrap_or_default();
        match response.errors.first().filter(|_| data.is_null()) {
            Some(error) => Err(format!("its input cannot be read: {}", error.message)),
            None => Ok(data),
        }
    })
}

/// The API, made once.
fn schema() -> &'static Schema {
    static SCHEMA: OnceLock<Schema> = OnceLock::new();
    SCHEMA.get_or_init(graphql::schema)
}
