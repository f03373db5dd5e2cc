//! What lives as long as the process.

use chrono::{DateTime, Utc};
use jornada_domain::auth::Actor;
use jornada_domain::error::Result;
use jornada_domain::id::Ids;
use jornada_domain::{Cx, Tx};
use sea_orm::{DatabaseConnection, TransactionTrait};

/// What lives as long as the process.
pub struct App {
    pub db: DatabaseConnection,
    pub ids: Box<dyn Ids>,
    pub clock: fn() -> DateTime<Utc>,
}

impl App {
    /// A context for reading.
    pub fn read<'a>(&'a self, actor: &'a Actor) -> Cx<'a> {
        Cx::new(&self.db, actor, (self.clock)() + actor.clock_offset, &*self.ids)
    }

    /// Begins a transaction.
    pub async fn begin<'a>(&'a self, actor: &'a Actor) -> Result<Tx<'a>> {
        let tx = self.db.begin().await?;
        Ok(Tx::new(tx, actor, (self.clock)() + actor.clock_offset, &*self.ids))
    }

    /// Commits.
    pub async fn commit(&self, tx: Tx<'_>) -> Result<()> {
        tx.commit().await?;
        Ok(())
    }
}
