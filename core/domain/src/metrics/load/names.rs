//! What the lines of a load name: subjects, by our ids or by those of other systems, and whose
//! they are. Asked once for each name, as long as the memory for them lasts.

use std::collections::{HashMap, HashSet};

use super::chunk::{Named, NewLine};
use crate::accounts::external_ref::{self, RefKind};
use crate::metrics::point::{Subject, SubjectKind};
use crate::prelude::*;
use crate::refs;

/// The names of a load that are known already. A name that nothing has is asked again in the next
/// chunk, so that only what there is takes memory.
#[derive(Default)]
pub struct Names(HashMap<Named, (Subject, AccountId)>);

/// Names that are kept: some tens of megabytes at most. When there are more, all are forgotten and
/// those that come again are asked again.
const MAX_NAMES: usize = 200_000;

/// Names of one statement: far below the 32,766 values that SQLite binds.
const STATEMENT_NAMES: usize = 5000;

impl Names {
    /// Who is meant, and whose it is.
    pub(super) fn get(&self, named: &Named) -> Option<(Subject, AccountId)> {
        self.0.get(named).copied()
    }

    /// Learns the names of some lines.
    pub(super) async fn learn(&mut self, tx: &Tx<'_>, lines: &[NewLine]) -> Result<()> {
        let is_new = |named: &&Named| !self.0.contains_key(*named);
        let new: HashSet<&Named> = lines.iter().map(|line| &line.subject).filter(is_new).collect();
        if self.0.len() + new.len() > MAX_NAMES {
            self.0.clear();
            return Box::pin(self.learn(tx, lines)).await;
        }
        let (mut ids, mut names) = (Groups::default(), HashMap::<_, Vec<&str>>::new());
        for named in new {
            match named {
                Named::Id(subject) => ids.entry(subject.kind()).or_default().push(subject.id()),
                Named::External { kind, system, external_id } => {
                    names.entry((*kind, system.as_str())).or_default().push(external_id);
                }
            }
        }
        for ((kind, system), external_ids) in names {
            self.learn_external(tx, kind, system, &external_ids).await?;
        }
        self.learn_ids(tx, ids).await
    }

    async fn learn_ids(&mut self, tx: &Tx<'_>, ids: Groups) -> Result<()> {
        for (kind, ids) in ids {
            for ids in ids.chunks(STATEMENT_NAMES) {
                let owners = refs::accounts_of(tx, kind.into(), ids.iter().copied()).await?;
                self.0.extend(owners.into_iter().map(|(id, account)| {
                    let subject = kind.of(id);
                    (Named::Id(subject), (subject, account))
                }));
            }
        }
        Ok(())
    }

    async fn learn_external(
        &mut self,
        tx: &Tx<'_>,
        kind: SubjectKind,
        system: &str,
        external_ids: &[&str],
    ) -> Result<()> {
        let Some(ref_kind) = RefKind::of(kind.into()) else { return Ok(()) };
        for external_ids in external_ids.chunks(STATEMENT_NAMES) {
            let found = external_ref::subjects(tx, system, ref_kind, external_ids).await?;
            let ids = found.iter().map(|(_, id)| *id);
            let owners = refs::accounts_of(tx, kind.into(), ids).await?;
            for (external_id, id) in found {
                let Some(account) = owners.get(&id) else { continue };
                let system = system.to_owned();
                let named = Named::External { kind, system, external_id };
                self.0.insert(named, (kind.of(id), *account));
            }
        }
        Ok(())
    }
}

type Groups = HashMap<SubjectKind, Vec<Uuid>>;
