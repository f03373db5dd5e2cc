//! Erasing again whom a restored backup brought back.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context;
use chrono::{DateTime, Utc};
use jornada_domain::auth::Actor;
use jornada_domain::cx::Erasure;
use jornada_domain::id::{ContactId, WorkspaceId};
use jornada_domain::privacy::erasure::{self, ContactErasure};
use jornada_domain::{Result, workspace};

use super::Lines;
use crate::app::App;

/// What became of the lines of a log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reapplied {
    /// People who were there and are erased now.
    pub erased: u64,
    /// Lines of people who were erased already.
    pub already: u64,
    /// Lines of people or workspaces that are not in the database.
    pub unknown: u64,
    /// Lines that cannot be read, like one that was torn by a crash.
    pub damaged: u64,
}

/// Lines that are looked up together.
const CHUNK: usize = 500;

/// Erases who is in the database and in the log, as the operator.
pub async fn reapply(app: &App, path: &Path) -> anyhow::Result<Reapplied> {
    let mut done = Reapplied::default();
    let read = || format!("cannot read {}", path.display());
    let mut lines = Lines::open(path).with_context(read)?;
    let mut chunk = Vec::new();
    loop {
        let line = lines.next().with_context(read)?;
        match line {
            Some(Some(erasure)) => chunk.push(erasure),
            Some(None) => done.damaged += 1,
            None => {}
        }
        if chunk.len() == CHUNK || line.is_none() {
            put(app, std::mem::take(&mut chunk), &mut done).await?;
        }
        if line.is_none() {
            return Ok(done);
        }
    }
}

async fn put(app: &App, chunk: Vec<Erasure>, done: &mut Reapplied) -> Result<()> {
    let mut workspaces = BTreeMap::<WorkspaceId, Vec<(ContactId, DateTime<Utc>)>>::new();
    for Erasure { workspace_id, contact_id, erased_at } in chunk {
        workspaces.entry(workspace_id).or_default().push((contact_id, erased_at));
    }
    for (workspace_id, erasures) in workspaces {
        let Some(workspace) = workspace::by_id(app.db.read(), workspace_id).await? else {
            done.unknown += erasures.len() as u64;
            continue;
        };
        let actor = Actor::setup(workspace.id, workspace.clock_offset());
        let ids: Vec<_> = erasures.iter().map(|(id, _)| *id).collect();
        let mut states = erasure::states(&app.read(&actor), &ids).await?;
        for (id, erased_at) in erasures {
            match states.insert(id, true) {
                Some(true) => done.already += 1,
                Some(false) => {
                    let erasure =
                        ContactErasure { erased_at: Some(erased_at), ..ContactErasure::of(id) };
                    let tx = app.begin(&actor).await?;
                    erasure::erase(&tx, erasure).await?;
                    app.commit(tx).await?;
                    done.erased += 1;
                }
                None => {
                    states.remove(&id);
                    done.unknown += 1;
                }
            }
        }
    }
    Ok(())
}

/// Erases again whom a backup brought back, before anybody is served.
pub async fn reapply_at_start(app: &App) -> anyhow::Result<()> {
    let Some(log) = &app.erasure_log else {
        tracing::warn!(
            "no erasure log is kept: a backup that is restored brings back who was erased"
        );
        return Ok(());
    };
    if !std::fs::exists(log.path())? {
        return Ok(());
    }
    let Reapplied { erased, already, unknown, damaged } = reapply(app, log.path()).await?;
    let path = log.path().display();
    if damaged > 0 {
        tracing::warn!(%path, damaged, "lines of the erasure log cannot be read");
    }
    if erased > 0 {
        tracing::warn!(%path, erased, "people whom a backup brought back were erased again");
    }
    tracing::debug!(already, unknown, "the erasure log was read");
    Ok(())
}
