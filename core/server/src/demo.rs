//! The demo: a workspace with real customers, two journeys as companies describe theirs, and a
//! portfolio in which there is something to do today.
//!
//! Everything comes in through the verbs that everybody uses. The data are in the binary, so that
//! it works from anywhere. What is there already stays: an interrupted load goes on where it
//! stopped, and a second start loads nothing.

mod ground;
mod health;
mod history;
mod plans;
mod portfolio;
mod story;
mod telco;
mod template;

use anyhow::Context;
use jornada_domain::accounts::external_ref::{self, RefKind};
use jornada_domain::auth::user::{self, NewUser};
use jornada_domain::auth::{Actor, ActorKind, Origin, Role};
use jornada_domain::calendar::WorkingWeek;
use jornada_domain::error::Code;
use jornada_domain::id::UserId;
use jornada_domain::workspace::{self, Locale, NewWorkspace, WorkspaceKind};

use crate::app::App;
use crate::secret::Secret;
use crate::setup;
use ground::Ground;
use story::Story;

/// The name of the demo's workspace on the command line.
pub const SLUG: &str = "demo";

/// The customers of a telephone company; see `examples/data/README.md`.
pub const TELCO_CSV: &[u8] = include_bytes!("../../../examples/data/telco_customers.csv");

const PORTFOLIO: &str = include_str!("../../../examples/data/portfolio.json");

/// The portfolio's accounts are of this system, the telephone company's of the other.
const PORTFOLIO_SYSTEM: &str = "portfolio";
const TELCO_SYSTEM: &str = "telco";

/// A loaded demo.
#[derive(Debug)]
pub struct Demo {
    /// The workspace.
    pub workspace: workspace::Model,
    /// A user with a portfolio.
    pub csm: user::Model,
    /// Who may do everything.
    pub owner: user::Model,
}

/// Loads what is not there yet, telling what it does.
pub async fn load(app: &App, telco_csv: &[u8], mut tell: impl FnMut(&str)) -> anyhow::Result<Demo> {
    let story: Story = serde_json::from_str(PORTFOLIO).context("portfolio.json")?;
    let workspace = open_workspace(app, &story).await?;
    let loader = Loader { app, actor: Actor::setup(workspace.id, workspace.clock_offset()) };
    if loader.is_complete(&story).await? {
        return loader.demo(workspace, &story).await;
    }
    tell("plugins");
    health::install(&loader).await?;
    tell("people, surveys, metrics and journeys");
    let ground = loader.lay_ground(&story).await?;
    telco::load(&loader, &story, &ground, telco_csv, &mut tell).await?;
    tell("scores by a plugin");
    health::score(&loader).await?;
    telco::lose(&loader, &story, telco_csv, &mut tell).await?;
    tell("a portfolio with a past");
    portfolio::load(&loader, &story, &ground).await?;
    loader.demo(workspace, &story).await
}

/// The workspace, set up if it is not there.
async fn open_workspace(app: &App, story: &Story) -> anyhow::Result<workspace::Model> {
    match workspace::by_slug(app.db.read(), SLUG).await {
        Err(error) if error.has(Code::NotFound) => {}
        other => return Ok(other?),
    }
    let new = NewWorkspace {
        slug: SLUG.to_owned(),
        name: "Jornada Demo".to_owned(),
        kind: WorkspaceKind::Sandbox,
        time_zone: "America/Sao_Paulo".to_owned(),
        locale: Locale::PtBr,
        working_week: WorkingWeek::MONDAY_TO_FRIDAY,
    };
    let owner = NewUser {
        email: story.owner.email.clone(),
        name: story.owner.name.clone(),
        role: Role::Owner,
        locale: None,
    };
    Ok(setup::create_workspace(app, new, owner, &Secret::random()?).await?.workspace)
}

/// Who loads, and where.
struct Loader<'l> {
    app: &'l App,
    actor: Actor,
}

impl Loader<'_> {
    /// The portfolio is loaded last, account by account: the last one is there when all are.
    async fn is_complete(&self, story: &Story) -> anyhow::Result<bool> {
        let cx = self.app.read(&self.actor);
        let Some(last) = story.accounts.last() else { return Ok(true) };
        let kind = RefKind::Account;
        let found = external_ref::find_subject(&cx, PORTFOLIO_SYSTEM, kind, &last.external_id);
        Ok(found.await?.is_some())
    }

    async fn demo(&self, workspace: workspace::Model, story: &Story) -> anyhow::Result<Demo> {
        let cx = self.app.read(&self.actor);
        let first = story.accounts.first().context("the portfolio is empty")?;
        let csm = user::by_email(&cx, &first.csm).await?;
        let owner = user::by_email(&cx, &story.owner.email).await?;
        Ok(Demo { workspace, csm, owner })
    }

    /// What everything else stands on, in one transaction.
    async fn lay_ground(&self, story: &Story) -> anyhow::Result<Ground> {
        if !ground::is_laid(&self.app.read(&self.actor)).await? {
            let tx = self.app.begin(&self.actor).await?;
            ground::lay(&tx, story).await?;
            self.app.commit(tx).await?;
        }
        Ground::read(&self.app.read(&self.actor), story).await
    }

    /// Facts of the past, as a user would have told them.
    fn as_user(&self, user_id: UserId) -> Actor {
        let actor = self.actor.clone().by_way_of(Origin::Backfill);
        Actor { kind: ActorKind::User, user_id: Some(user_id), ..actor }
    }
}
