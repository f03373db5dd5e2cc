//! A workspace with a record of every kind.

mod fill;
mod plans;
mod plugins;

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use jornada_domain::id::{Kind, WorkspaceId};
use sea_orm::{ConnectionTrait, Statement};
use uuid::Uuid;

use crate::harness::{Tenant, TestApp};

/// The records of a workspace.
pub(crate) struct Records {
    workspace_id: WorkspaceId,
    by_kind: HashMap<Kind, String>,
    all: Vec<String>,
}

impl Records {
    /// The id of the newest record of a kind.
    pub(crate) fn id(&self, kind: Kind) -> &str {
        &self.by_kind[&kind]
    }

    /// A document with ids in place of kinds: `<Task>` becomes that of the newest task.
    pub(crate) fn fill(&self, document: &str) -> String {
        self.by_kind.iter().fold(document.to_owned(), |document, (kind, id)| {
            document.replace(&format!("<{}>", kind.type_name()), id)
        })
    }

    /// The ids of all records.
    pub(crate) fn all_ids(&self) -> &[String] {
        &self.all
    }

    /// How many events the workspace has: every write leaves one.
    pub(crate) async fn events(&self, app: &TestApp) -> usize {
        ids_of(app, Kind::Event, self.workspace_id).await.len()
    }
}

/// Fills a workspace.
pub(crate) async fn records(app: &TestApp, tenant: &Tenant) -> Records {
    app.write(&tenant.actor(), async |tx| fill::workspace(tx).await).await;
    newest(app, tenant.workspace.id).await
}

/// The records that a filled workspace has now.
pub(crate) async fn newest(app: &TestApp, workspace_id: WorkspaceId) -> Records {
    let (mut by_kind, mut all) = (HashMap::new(), Vec::new());
    for kind in Kind::ALL.iter().copied() {
        let ids = ids_of(app, kind, workspace_id).await;
        let ids: Vec<_> = ids.into_iter().map(|id| global(kind, id)).collect();
        let newest = ids.last().unwrap_or_else(|| panic!("`fill` makes no {}", kind.type_name()));
        by_kind.insert(kind, newest.clone());
        all.extend(ids);
    }
    Records { workspace_id, by_kind, all }
}

async fn ids_of(app: &TestApp, kind: Kind, workspace_id: WorkspaceId) -> Vec<Uuid> {
    let db = app.app.db.read();
    let owner = if kind == Kind::Workspace { "id" } else { "workspace_id" };
    let table = kind.as_str();
    let sql = format!(r#"SELECT id FROM "{table}" WHERE {owner} = $1 ORDER BY id"#);
    let backend = db.get_database_backend();
    let statement = Statement::from_sql_and_values(backend, sql, [workspace_id.into()]);
    let rows = db.query_all_raw(statement).await.expect("the table can be read");
    rows.iter().map(|row| row.try_get("", "id").expect("it is an id")).collect()
}

fn global(kind: Kind, id: Uuid) -> String {
    BASE64.encode(format!("{}:{id}", kind.type_name()))
}
