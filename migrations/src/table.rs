//! A table as the migrations write it: portable column types, and keys that start with the
//! workspace so that no row can point into another workspace.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_query::{
    ColumnDef, ForeignKey, ForeignKeyCreateStatement, Index, TableCreateStatement,
};

/// A table to be created, with its indexes.
pub(crate) struct NewTable {
    name: &'static str,
    table: TableCreateStatement,
    indexes: Vec<String>,
}

impl NewTable {
    /// A table without any column yet.
    pub(crate) fn bare(name: &'static str) -> Self {
        let table = Table::create().table(Alias::new(name)).to_owned();
        Self { name, table, indexes: Vec::new() }
    }

    /// The table of the workspaces themselves: the only one that is keyed by `id` alone.
    pub(crate) fn workspace_table() -> Self {
        let mut new = Self::bare("workspace").uuid("id");
        new.table.primary_key(Index::create().col(Alias::new("id")));
        new
    }

    /// A table of one workspace, keyed by `(workspace_id, keys…)`.
    pub(crate) fn scoped(name: &'static str, keys: &[&'static str]) -> Self {
        let mut new = Self::bare(name).uuid("workspace_id");
        for key in keys {
            new = new.uuid(key);
        }
        new.primary_key(keys).workspace_key()
    }

    /// A noun: `workspace_id, id, version, created_at, updated_at`.
    pub(crate) fn noun(name: &'static str) -> Self {
        Self::scoped(name, &["id"])
            .bigint("version")
            .timestamp("created_at")
            .timestamp("updated_at")
    }

    fn column(mut self, name: &str, typed: impl FnOnce(&mut ColumnDef)) -> Self {
        let mut column = ColumnDef::new(Alias::new(name));
        typed(&mut column);
        self.table.col(&mut column);
        self
    }

    pub(crate) fn primary_key(mut self, columns: &[&str]) -> Self {
        let mut key = Index::create();
        key.col(Alias::new("workspace_id"));
        for column in columns {
            key.col(Alias::new(*column));
        }
        self.table.primary_key(&mut key);
        self
    }

    /// The workspace exists. Tables that are [`Self::scoped`] have this key already.
    pub(crate) fn workspace_key(mut self) -> Self {
        let mut key = ForeignKeyCreateStatement::new();
        key.from(Alias::new(self.name), Alias::new("workspace_id"))
            .to(Alias::new("workspace"), Alias::new("id"));
        self.table.foreign_key(&mut key);
        self
    }

    pub(crate) fn uuid(self, name: &str) -> Self {
        self.column(name, |c| {
            c.uuid().not_null();
        })
    }

    pub(crate) fn uuid_null(self, name: &str) -> Self {
        self.column(name, |c| {
            c.uuid();
        })
    }

    /// Text of at most `max` characters.
    pub(crate) fn text(self, name: &str, max: u32) -> Self {
        self.column(name, |c| {
            c.string_len(max).not_null();
        })
    }

    pub(crate) fn text_null(self, name: &str, max: u32) -> Self {
        self.column(name, |c| {
            c.string_len(max);
        })
    }

    /// A word out of a closed list.
    pub(crate) fn one_of(self, name: &str, words: &[&'static str]) -> Self {
        let check = Expr::col(Alias::new(name)).is_in(words.iter().copied());
        self.column(name, |c| {
            c.string_len(40).not_null().check(check);
        })
    }

    pub(crate) fn one_of_null(self, name: &str, words: &[&'static str]) -> Self {
        let check = Expr::col(Alias::new(name)).is_in(words.iter().copied());
        self.column(name, |c| {
            c.string_len(40).check(check);
        })
    }

    pub(crate) fn int(self, name: &str) -> Self {
        self.column(name, |c| {
            c.integer().not_null();
        })
    }

    pub(crate) fn int_null(self, name: &str) -> Self {
        self.column(name, |c| {
            c.integer();
        })
    }

    pub(crate) fn bigint(self, name: &str) -> Self {
        self.column(name, |c| {
            c.big_integer().not_null();
        })
    }

    pub(crate) fn bigint_null(self, name: &str) -> Self {
        self.column(name, |c| {
            c.big_integer();
        })
    }

    pub(crate) fn double(self, name: &str) -> Self {
        self.column(name, |c| {
            c.double().not_null();
        })
    }

    pub(crate) fn double_null(self, name: &str) -> Self {
        self.column(name, |c| {
            c.double();
        })
    }

    pub(crate) fn flag(self, name: &str) -> Self {
        self.column(name, |c| {
            c.boolean().not_null();
        })
    }

    pub(crate) fn date(self, name: &str) -> Self {
        self.column(name, |c| {
            c.date().not_null();
        })
    }

    pub(crate) fn date_null(self, name: &str) -> Self {
        self.column(name, |c| {
            c.date();
        })
    }

    /// A UTC instant; never a default of the database, because time is an input.
    pub(crate) fn timestamp(self, name: &str) -> Self {
        self.column(name, |c| {
            c.timestamp_with_time_zone().not_null();
        })
    }

    pub(crate) fn timestamp_null(self, name: &str) -> Self {
        self.column(name, |c| {
            c.timestamp_with_time_zone();
        })
    }

    /// An opaque document; whatever is filtered has a column of its own.
    pub(crate) fn json(self, name: &str) -> Self {
        self.column(name, |c| {
            c.json_binary().not_null();
        })
    }

    pub(crate) fn json_null(self, name: &str) -> Self {
        self.column(name, |c| {
            c.json_binary();
        })
    }

    /// A file.
    pub(crate) fn bytes(self, name: &str) -> Self {
        self.column(name, |c| {
            c.blob().not_null();
        })
    }

    /// `(workspace_id, column)` points at `table (workspace_id, id)`; the column may be null.
    pub(crate) fn refers(mut self, column: &str, table: &str) -> Self {
        let mut key = ForeignKey::create();
        key.name(format!("fk_{}_{column}", self.name))
            .from(Alias::new(self.name), (Alias::new("workspace_id"), Alias::new(column)))
            .to(Alias::new(table), (Alias::new("workspace_id"), Alias::new("id")));
        self.table.foreign_key(&mut key);
        self
    }

    /// An index on `(workspace_id, columns…)`.
    pub(crate) fn index(self, columns: &[&str]) -> Self {
        self.any_index("INDEX", "ix", &with_workspace(columns), "")
    }

    /// An index on `(workspace_id, columns…)` of the rows that satisfy `condition`.
    pub(crate) fn index_where(self, columns: &[&str], condition: &str) -> Self {
        self.any_index("INDEX", "ix", &with_workspace(columns), condition)
    }

    /// An index over all workspaces, for the worker.
    pub(crate) fn global_index(self, columns: &[&str]) -> Self {
        self.any_index("INDEX", "ix", columns, "")
    }

    /// At most one row per `columns` over all workspaces.
    pub(crate) fn global_unique(self, columns: &[&str]) -> Self {
        self.any_index("UNIQUE INDEX", "ux", columns, "")
    }

    /// At most one row per `(workspace_id, columns…)`.
    pub(crate) fn unique(self, columns: &[&str]) -> Self {
        self.any_index("UNIQUE INDEX", "ux", &with_workspace(columns), "")
    }

    /// At most one row per `(workspace_id, columns…)` among the rows that satisfy `condition`.
    pub(crate) fn unique_where(self, columns: &[&str], condition: &str) -> Self {
        self.any_index("UNIQUE INDEX", "ux", &with_workspace(columns), condition)
    }

    /// Written as SQL, because the text is the same on both engines and partial indexes are not
    /// in the query builder for SQLite.
    fn any_index(mut self, kind: &str, prefix: &str, columns: &[&str], condition: &str) -> Self {
        let number = self.indexes.len() + 1;
        let name = format!("{prefix}_{}_{number}", self.name);
        let columns: Vec<_> = columns.iter().map(|c| format!("\"{c}\"")).collect();
        let columns = columns.join(", ");
        let mut sql = format!("CREATE {kind} \"{name}\" ON \"{}\" ({columns})", self.name);
        if !condition.is_empty() {
            sql = format!("{sql} WHERE {condition}");
        }
        self.indexes.push(sql);
        self
    }

    pub(crate) async fn create(self, manager: &SchemaManager<'_>) -> Result<(), DbErr> {
        manager.create_table(self.table).await?;
        for index in self.indexes {
            manager.get_connection().execute_unprepared(&index).await?;
        }
        Ok(())
    }
}

fn with_workspace<'a>(columns: &[&'a str]) -> Vec<&'a str> {
    [&["workspace_id"], columns].concat()
}

/// Drops `tables` in the order given, children first.
pub(crate) async fn drop_all(manager: &SchemaManager<'_>, tables: &[&str]) -> Result<(), DbErr> {
    for table in tables {
        manager.drop_table(Table::drop().table(Alias::new(*table)).to_owned()).await?;
    }
    Ok(())
}
