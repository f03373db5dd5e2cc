//! The history of the database schema: one file per change, never edited after a release.
//!
//! Nothing here imports an entity, because history must not change when an entity does. Every
//! migration runs in a transaction of its own on both engines.

mod m0001_workspaces;
mod m0002_machinery;
mod m0003_accounts;
mod m0004_journeys;
mod m0005_signals;
mod m0006_attributes;
mod m0007_metric_loads;
mod m0008_plans;
mod m0009_money;
mod m0010_privacy;
mod m0011_sandbox;
mod m0012_import_runs;
mod m0013_health;
mod m0014_plugins;
mod table;

use sea_orm_migration::prelude::*;

/// All migrations in the order in which they run.
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_workspaces::Migration),
            Box::new(m0002_machinery::Migration),
            Box::new(m0003_accounts::Migration),
            Box::new(m0004_journeys::Migration),
            Box::new(m0005_signals::Migration),
            Box::new(m0006_attributes::Migration),
            Box::new(m0007_metric_loads::Migration),
            Box::new(m0008_plans::Migration),
            Box::new(m0009_money::Migration),
            Box::new(m0010_privacy::Migration),
            Box::new(m0011_sandbox::Migration),
            Box::new(m0012_import_runs::Migration),
            Box::new(m0013_health::Migration),
            Box::new(m0014_plugins::Migration),
        ]
    }
}
