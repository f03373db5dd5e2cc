//! Personal data: erased contacts, and for how long each kind of record is kept.

use sea_orm_migration::prelude::*;

use crate::table::{NewTable, drop_all};

const KINDS: &[&str] = &[
    "INTERACTION",
    "SURVEY_COMMENT",
    "PULSE_NOTE",
    "CONTACT",
    "ALERT",
    "AUDIT_ENTRY",
    "EVENT",
    "JOB",
];

/// An index of some rows of a table that is there.
struct Partial {
    name: &'static str,
    /// The table, and its columns behind the workspace.
    on: (&'static str, &'static [&'static str]),
    condition: &'static str,
}

/// What finds the records of a person, and the old ones in which something is left to be blanked.
const INDEXES: &[Partial] = &[
    Partial {
        name: "ix_contact_not_erased",
        on: ("contact", &["account_id", "id"]),
        condition: "erased_at IS NULL",
    },
    Partial {
        name: "ix_interaction_contact",
        on: ("interaction", &["contact_id", "id"]),
        condition: "contact_id IS NOT NULL",
    },
    Partial {
        name: "ix_interaction_texts",
        on: ("interaction", &["happened_at", "id"]),
        condition: "subject <> '' OR notes IS NOT NULL",
    },
    Partial {
        name: "ix_survey_response_contact",
        on: ("survey_response", &["contact_id", "id"]),
        condition: "contact_id IS NOT NULL",
    },
    Partial {
        name: "ix_survey_response_comment",
        on: ("survey_response", &["responded_at", "id"]),
        condition: "comment IS NOT NULL",
    },
    Partial {
        name: "ix_pulse_note",
        on: ("pulse", &["felt_at", "id"]),
        condition: "note IS NOT NULL",
    },
    Partial {
        name: "ix_task_assignee_contact",
        on: ("task", &["assignee_contact_id", "id"]),
        condition: "assignee_contact_id IS NOT NULL",
    },
];

impl Partial {
    fn create(&self) -> String {
        let Self { name, on: (table, columns), condition } = self;
        let columns = columns.join("\", \"");
        format!(
            "CREATE INDEX \"{name}\" ON \"{table}\" (\"workspace_id\", \"{columns}\") \
             WHERE {condition}"
        )
    }

    fn drop(&self) -> String {
        format!("DROP INDEX \"{}\"", self.name)
    }
}

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut erased_at = ColumnDef::new(Alias::new("erased_at"));
        let change = contact().add_column(erased_at.timestamp_with_time_zone().null()).to_owned();
        manager.alter_table(change).await?;
        retention_policy().create(manager).await?;
        for index in INDEXES {
            manager.get_connection().execute_unprepared(&index.create()).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for index in INDEXES {
            manager.get_connection().execute_unprepared(&index.drop()).await?;
        }
        manager.alter_table(contact().drop_column(Alias::new("erased_at")).to_owned()).await?;
        drop_all(manager, &["retention_policy"]).await
    }
}

fn contact() -> TableAlterStatement {
    Table::alter().table(Alias::new("contact")).take()
}

/// The kind is the key. What has no row is kept for ever.
fn retention_policy() -> NewTable {
    NewTable::bare("retention_policy")
        .uuid("workspace_id")
        .one_of("kind", KINDS)
        .int("days")
        .timestamp("updated_at")
        .primary_key(&["kind"])
        .workspace_key()
}
