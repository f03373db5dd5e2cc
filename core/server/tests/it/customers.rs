//! Customers for tests of what happens with them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use jornada_domain::accounts::account::{self, NewAccount};
use jornada_domain::accounts::contact::{self, NewContact};
use jornada_domain::id::{AccountId, TypedId, UserId};
use jornada_domain::journeys::start::{JourneyStart, open_account};
use serde_json::Value;
use uuid::Uuid;

use crate::harness::TestApp;

/// The id of a record as the API shows it.
pub(crate) fn global<I: TypedId>(id: I) -> String {
    let uuid: Uuid = id.into();
    BASE64.encode(format!("{}:{uuid}", I::KIND.type_name()))
}

/// A new active account of the home workspace, without a journey.
pub(crate) async fn account(app: &TestApp, name: &str, csm: Option<UserId>) -> account::Model {
    let owner = app.home().await.actor();
    let new = NewAccount { name: name.to_owned(), ..Default::default() };
    app.write(&owner, async |tx| open_account(tx, new, csm, JourneyStart::None).await).await
}

/// A new contact of an account of the home workspace.
pub(crate) async fn contact(app: &TestApp, account_id: AccountId, name: &str) -> contact::Model {
    let owner = app.home().await.actor();
    let new = NewContact {
        account_id,
        name: name.to_owned(),
        email: None,
        phone: None,
        title: None,
        channel: None,
        time_zone: None,
        is_primary: false,
        has_opted_out: false,
        role_ids: Vec::new(),
    };
    app.write(&owner, async |tx| contact::create(tx, new).await).await
}

/// The fields and codes of the user errors of a mutation, in one line each.
pub(crate) fn refusals(payload: &Value) -> Vec<String> {
    let errors = payload["userErrors"].as_array().expect("a mutation was asked");
    let field = |error: &Value| {
        let path = error["field"].as_array().expect("a path").iter();
        path.filter_map(Value::as_str).collect::<Vec<_>>().join(".")
    };
    let line =
        |error: &Value| format!("{} {}", field(error), error["code"].as_str().expect("a code"));
    errors.iter().map(line).collect()
}
