//! A plugin with two versions, a plan that waits, and a call. Nobody looks into the files: that is
//! done before.

use std::time::Duration;

use jornada_domain::plugins::invocation::{self, NewInvocation};
use jornada_domain::plugins::{Inspected, PluginKind, plan};
use jornada_domain::{Result, Tx};
use serde_json::{Value, json};

pub(super) async fn installed(tx: &Tx<'_>) -> Result<()> {
    let first = plan::propose(tx, file("1.0.0")).await?;
    plan::approve(tx, first.id).await?;
    plan::apply(tx, first.id).await?;
    let second = plan::propose(tx, file("1.1.0")).await?;
    let plugin = plan::apply(tx, second.id).await?;
    plan::propose(tx, file("1.2.0")).await?;
    let call = NewInvocation {
        plugin_id: plugin.id,
        plugin_version_id: plugin.active_version_id,
        function: "on-open",
        rows: 0,
        duration: Duration::from_millis(2),
        fuel: 1000,
        peak_memory: 1 << 20,
        error: Some(("TRAP", "it broke off".to_owned(), Some("0: chore::open".to_owned()))),
        log: json!([{ "level": "warn", "message": "Something is odd" }]),
    };
    invocation::record(tx, vec![call]).await
}

fn file(number: &str) -> Inspected {
    Inspected {
        key: "example.chore".to_owned(),
        kind: PluginKind::TaskType,
        number: number.to_owned(),
        digest: number.repeat(8),
        manifest: manifest(number),
        content: number.as_bytes().to_vec(),
    }
}

fn manifest(number: &str) -> Value {
    json!({
        "schema": 1,
        "plugin": {
            "id": "example.chore",
            "version": number,
            "kind": "task-type",
            "title": { "en": "A chore", "pt-BR": "Uma tarefa" },
        },
        "capabilities": [{ "operation": "notify", "reason": { "en": "To tell" } }],
    })
}
