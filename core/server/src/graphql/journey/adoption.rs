//! How a journey is taken over that ran before.

use async_graphql::OneofObject;
use jornada_domain::journeys::start::Adoption;

use crate::graphql::reading::Reading;

/// How much of its stage was done when a journey that ran before is taken over. Tasks that were
/// done are skipped, with the reason `ADOPTED`, and nothing is due before today.
#[derive(OneofObject)]
pub(in crate::graphql) enum JourneyAdoptionInput {
    /// `true`: nothing, the first task is the next one.
    NothingDone(bool),
    /// What stands before the task of the stage with this key, which is the next one. Where no
    /// required task follows, the stage is as good as done.
    NextTaskKey(String),
    /// `true`: all tasks. The stage lasts until its time has passed or its indicators are decided;
    /// where that is so already, the journey goes on to the next one today.
    AllDone(bool),
    /// `true`: what is told next, each completion with the time at which it was done. The journey
    /// is not taken over, but counts as one that began here: its tasks count from the entry, and
    /// what is not told is overdue.
    ToBeTold(bool),
}

impl JourneyAdoptionInput {
    /// The adoption, of which `field` is the path.
    pub(in crate::graphql) fn read(self, reading: &mut Reading, field: &str) -> Adoption {
        match self {
            Self::NothingDone(is_said) => {
                reading.only_true(&format!("{field}.nothingDone"), is_said);
                Adoption::NothingDone
            }
            Self::NextTaskKey(key) => Adoption::NextTask(key),
            Self::AllDone(is_said) => {
                reading.only_true(&format!("{field}.allDone"), is_said);
                Adoption::AllDone
            }
            Self::ToBeTold(is_said) => {
                reading.only_true(&format!("{field}.toBeTold"), is_said);
                Adoption::ToBeTold
            }
        }
    }
}
