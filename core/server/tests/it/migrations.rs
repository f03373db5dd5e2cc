//! Migrations: forth and back over data, and by several at the same time.

use jornada_migrations::Migrator;
use jornada_server::db::{self, Db, Missing, SchemaState, migrate, schema_state};
use jornada_server::demo::{self, TELCO_CSV};
use sea_orm_migration::MigratorTrait;

use crate::harness::{TestApp, both};
use crate::health::add_unknown_migration;

both!(
    migrations_go_back_and_forth_over_data,
    several_may_migrate_at_the_same_time,
    a_newer_database_is_left_alone,
);

async fn state(app: &TestApp) -> SchemaState {
    schema_state(&app.app.db).await.expect("the database answers")
}

async fn migrations_go_back_and_forth_over_data(app: TestApp) {
    // The demo has something in nearly every table.
    let customers: Vec<_> = TELCO_CSV.split_inclusive(|byte| *byte == b'\n').take(20).collect();
    demo::load(&app.app, &customers.concat(), |_| ()).await.expect("the demo is loaded");
    app.run_jobs().await;
    let all = Migrator::migrations().len();
    for done in 1..=all {
        Migrator::down(app.app.db.write(), Some(1)).await.expect("it goes back");
        assert_eq!(state(&app).await, SchemaState::Behind(done));
    }
    assert_eq!(migrate(&app.app.db).await.expect("it goes forth"), all);
    assert_eq!(state(&app).await, SchemaState::Current);
    assert_eq!(migrate(&app.app.db).await.expect("nothing is left"), 0);
    app.workspace().await;
}

async fn several_may_migrate_at_the_same_time(app: TestApp) {
    Migrator::down(app.app.db.write(), None).await.expect("all go back");
    let url: db::DatabaseUrl = app.database_url().parse().expect("it is a URL");
    let other = Db::open(&url, 2, Missing::Refuse).await.expect("it opens");
    let (one, two) = tokio::join!(migrate(&app.app.db), migrate(&other));
    let (one, two) = (one.expect("the first"), two.expect("the second"));
    assert_eq!(one.min(two), 0);
    assert_eq!(one.max(two), Migrator::migrations().len());
    other.close().await.expect("it closes");
}

async fn a_newer_database_is_left_alone(app: TestApp) {
    add_unknown_migration(&app).await;
    let names = vec!["m9999_later".to_owned()];
    assert_eq!(state(&app).await, SchemaState::Newer(names));
    let error = migrate(&app.app.db).await.expect_err("it must not be touched").to_string();
    assert!(error.contains("newer than this binary (it has m9999_later)"), "{error}");
}
