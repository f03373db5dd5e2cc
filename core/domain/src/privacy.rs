//! Personal data: what is kept of a person can be given out, can be erased, and is kept for as long
//! as the workspace says.
//!
//! Personal are the columns of a contact and whatever names it: roles, attributes, external
//! references, interactions, responses to surveys, tasks that it holds, points of metrics, and
//! audit entries. Blanking takes the texts away and leaves what is counted (scores, sentiments,
//! points, dates), so that no figure changes. A text that names no contact, like the note of a
//! pulse or the reason of a risk, is about an account: an erasure cannot know whom it mentions.

mod by_plugin;
pub mod erasure;
pub mod export;
pub mod retention;

use sea_orm::sea_query::{Expr, ExprTrait, SelectStatement};

use crate::prelude::*;

/// Texts of a kind of record that can be blanked while the rest of it stays.
struct Texts {
    kind: Kind,
    /// When what the record tells happened.
    dated: &'static str,
    /// Which records have any, in the words of the indexes of migration 10.
    filled: &'static str,
    /// The columns, and what is left in them.
    emptied: &'static [(&'static str, &'static str)],
}

/// What was said to whom. Whoever was met, when, by which channel and how it felt stays.
const INTERACTION: Texts = Texts {
    kind: Kind::Interaction,
    dated: "happened_at",
    filled: "(subject <> '' OR notes IS NOT NULL)",
    emptied: &[("subject", "''"), ("notes", "NULL")],
};

/// What somebody wrote beside a score.
const COMMENT: Texts = Texts {
    kind: Kind::SurveyResponse,
    dated: "responded_at",
    filled: "comment IS NOT NULL",
    emptied: &[("comment", "NULL")],
};

/// What stands behind a pulse.
const NOTE: Texts = Texts {
    kind: Kind::Pulse,
    dated: "felt_at",
    filled: "note IS NOT NULL",
    emptied: &[("note", "NULL")],
};

/// What was written about a task while it was done. Title and description are those of a template.
const TASK: Texts = Texts {
    kind: Kind::Task,
    dated: "finished_at",
    filled: "(reason IS NOT NULL OR waiting_reason IS NOT NULL OR outcome IS NOT NULL)",
    emptied: &[("reason", "NULL"), ("waiting_reason", "NULL"), ("outcome", "NULL")],
};

impl Texts {
    /// The ids of the records that have texts, as a subquery to be narrowed.
    fn filled(&self, cx: &Cx<'_>) -> SelectStatement {
        let mut query = in_workspace(cx, self.kind);
        query.and_where(Expr::cust(self.filled));
        query
    }

    /// Blanks the texts of some records, in one statement; says how many. No event tells of each.
    async fn blank(&self, tx: &Tx<'_>, which: SelectStatement) -> Result<u64> {
        let mut update = Query::update();
        update.table(Alias::new(self.kind.as_str()));
        for (column, left) in self.emptied {
            update.value(Alias::new(*column), Expr::cust(*left));
        }
        update
            .value(Alias::new("version"), column("version").add(1))
            .value(Alias::new("updated_at"), tx.now)
            .and_where(column("workspace_id").eq(tx.workspace_id()))
            .and_where(column("id").in_subquery(which));
        Ok(tx.db.execute(&update).await?.rows_affected())
    }
}

fn column(name: &str) -> Expr {
    Expr::col(Alias::new(name))
}

/// The ids of the records of a kind.
fn in_workspace(cx: &Cx<'_>, kind: Kind) -> SelectStatement {
    let mut query = Query::select();
    query
        .column(Alias::new("id"))
        .from(Alias::new(kind.as_str()))
        .and_where(column("workspace_id").eq(cx.workspace_id()));
    query
}
