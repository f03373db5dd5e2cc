//! What `input.graphql` answers.

use jornada_plugin_sdk::prelude::*;

/// What is known of the customer. A part may be null where the plugin has no right to read it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Known {
    account: Option<Account>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Account {
    last_nps: Option<Nps>,
    success_plan: Option<SuccessPlan>,
}

#[derive(Clone, Debug, Deserialize)]
struct Nps {
    score: i64,
}

#[derive(Clone, Debug, Deserialize)]
struct SuccessPlan {
    goals: Option<Goals>,
}

#[derive(Clone, Debug, Deserialize)]
struct Goals {
    nodes: Vec<Goal>,
}

/// A goal of the customer.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Goal {
    /// Its id, as the API has it.
    pub(crate) id: String,
    /// What shall be reached, in the words of the customer.
    pub(crate) outcome: String,
    status: String,
}

impl Known {
    /// What the customer last answered, 0 to 10.
    pub(crate) fn nps(&self) -> Option<i64> {
        Some(self.account.as_ref()?.last_nps.as_ref()?.score)
    }

    /// The goals that are still worked on.
    pub(crate) fn open_goals(&self) -> impl Iterator<Item = &Goal> {
        let plan = self.account.as_ref().and_then(|account| account.success_plan.as_ref());
        let goals = plan.and_then(|plan| plan.goals.as_ref());
        goals.into_iter().flat_map(|goals| &goals.nodes).filter(|goal| goal.status == "OPEN")
    }
}
