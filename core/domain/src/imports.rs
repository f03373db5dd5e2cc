//! Import runs: how far the import of a file came.
//!
//! A run is known by its content: whoever imports the same file in the same way after a crash goes
//! on behind the last row that landed. The place is written with the rows, in their transaction.

use crate::prelude::*;

/// One import of one file.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "import_run")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ImportRunId,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// What the rows are: `accounts`, `contacts` and so on.
    pub records: String,
    /// The key of the system that the external ids are from.
    pub system: String,
    /// The name of the file, without its folder.
    pub file: String,
    /// The SHA-256 of the content and of everything that says how it is read.
    pub digest: String,
    pub state: RunState,
    /// Rows whose parents are in the file come in later rounds; from 0.
    pub round: i32,
    /// The rows of the round that were looked at.
    pub position: i64,
    /// How long the file of rejected rows was then, in bytes.
    pub rejects_bytes: i64,
    /// New records.
    pub created: i64,
    /// Records that are different now.
    pub updated: i64,
    /// Records that were already so.
    pub unchanged: i64,
    /// Rows that were refused.
    pub rejected: i64,
    pub finished_at: Option<DateTime<Utc>>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

noun!(Model, ImportRunId);

/// How far an import came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RunState {
    /// It runs, or was cut off.
    Running,
    /// All rows were looked at.
    Done,
}

/// An import to be begun or to be gone on with.
#[derive(Clone, Debug)]
pub struct NewRun {
    pub records: String,
    pub system: String,
    pub file: String,
    pub digest: String,
    /// Begins with the first row, whatever was imported before.
    pub is_anew: bool,
}

/// The place that a run has come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    pub round: i32,
    pub position: i64,
    pub rejects_bytes: i64,
    pub created: i64,
    pub updated: i64,
    pub unchanged: i64,
    pub rejected: i64,
}

impl Model {
    /// The place that the run has come to.
    pub fn place(&self) -> Place {
        Place {
            round: self.round,
            position: self.position,
            rejects_bytes: self.rejects_bytes,
            created: self.created,
            updated: self.updated,
            unchanged: self.unchanged,
            rejected: self.rejected,
        }
    }
}

impl Place {
    fn columns(self) -> ActiveModel {
        ActiveModel {
            round: Set(self.round),
            position: Set(self.position),
            rejects_bytes: Set(self.rejects_bytes),
            created: Set(self.created),
            updated: Set(self.updated),
            unchanged: Set(self.unchanged),
            rejected: Set(self.rejected),
            ..Default::default()
        }
    }
}

fn visible(cx: &Cx<'_>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(cx.workspace_id()))
}

/// The imports of the workspace, newest first.
pub async fn list(cx: &Cx<'_>, args: &PageArgs) -> Result<Page<Model>> {
    cx.require(Area::Accounts, Access::Read)?;
    page(cx, visible(cx), &[Order::desc(Column::Id)], args).await
}

/// One import.
pub async fn find(cx: &Cx<'_>, id: ImportRunId) -> Result<Model> {
    let row = many(cx, &[id]).await?.pop();
    row.ok_or_else(|| Error::not_found("id", Kind::ImportRun))
}

/// The imports of these ids that exist.
pub async fn many(cx: &Cx<'_>, ids: &[ImportRunId]) -> Result<Vec<Model>> {
    cx.require(Area::Accounts, Access::Read)?;
    Ok(visible(cx).filter(Column::Id.is_in(ids.iter().copied())).all(&cx.db).await?)
}

/// Begins an import, or goes on with one of the same content that was cut off.
pub async fn begin(tx: &Tx<'_>, new: NewRun) -> Result<Model> {
    tx.require(Area::Accounts, Access::Write)?;
    let of_content = visible(tx)
        .filter(Column::Records.eq(new.records.as_str()))
        .filter(Column::System.eq(new.system.as_str()))
        .filter(Column::Digest.eq(new.digest.as_str()))
        .filter(Column::State.eq(RunState::Running));
    match store::locked(of_content).one(&tx.db).await? {
        // A new version: an import that still runs elsewhere stops at its next rows.
        Some(row) if new.is_anew => {
            let row = store::update(tx, &row, Place::default().columns(), Fact::Started).await?;
            take_over(tx, row).await
        }
        Some(row) => take_over(tx, row).await,
        None => {
            let row = ActiveModel {
                records: Set(new.records),
                system: Set(new.system),
                file: Set(new.file.chars().take(255).collect()),
                digest: Set(new.digest),
                state: Set(RunState::Running),
                finished_at: Set(None),
                ..Place::default().columns()
            };
            store::insert(tx, row, Fact::Started).await
        }
    }
}

/// Gives the run a new version, so that whoever else works on it notices.
async fn take_over(tx: &Tx<'_>, row: Model) -> Result<Model> {
    let place = row.place();
    advance(tx, &row, place).await
}

/// Notes the place that a run has come to, in the transaction of its rows; tells nothing. A run
/// that somebody else has gone on with is a `CONFLICT`.
pub async fn advance(tx: &Tx<'_>, run: &Model, place: Place) -> Result<Model> {
    tx.require(Area::Accounts, Access::Write)?;
    let row =
        ActiveModel { version: Set(run.version + 1), updated_at: Set(tx.now), ..place.columns() };
    let done = Entity::update_many()
        .set(row)
        .filter(Column::WorkspaceId.eq(tx.workspace_id()))
        .filter(Column::Id.eq(run.id))
        .filter(Column::Version.eq(run.version))
        .exec(&tx.db)
        .await?;
    if done.rows_affected != 1 {
        let current = find(tx, run.id).await?.version;
        return Err(Problem::new("expectedVersion", Code::Conflict)
            .with("current", current)
            .into());
    }
    find(tx, run.id).await
}

/// Ends a run whose rows were all looked at.
pub async fn finish(tx: &Tx<'_>, run: &Model, place: Place) -> Result<Model> {
    tx.require(Area::Accounts, Access::Write)?;
    let row = ActiveModel {
        state: Set(RunState::Done),
        finished_at: Set(Some(tx.now)),
        ..place.columns()
    };
    store::update(tx, run, row, Fact::Completed).await
}
