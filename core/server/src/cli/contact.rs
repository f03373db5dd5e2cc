//! `jornada contact export`: all that is kept of a person, as JSON.

use clap::Subcommand;
use jornada_domain::auth::Actor;
use jornada_domain::id::{ContactId, Kind};
use jornada_domain::privacy::export::{self, Export};

use super::{Misuse, in_words, open, print, workspace};
use crate::app::App;
use crate::config::Config;
use crate::graphql;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Print all that is kept of a contact as one JSON document; that leaves an audit entry
    Export(Args),
}

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Id of the contact, as the API shows it or as a UUID
    id: String,
    /// Slug of the workspace
    #[arg(long, value_name = "SLUG")]
    workspace: String,
}

impl Command {
    pub(super) async fn run(self, config: &Config) -> anyhow::Result<()> {
        let Self::Export(args) = self;
        let id = args.contact_id()?;
        let app = open(config).await?;
        let document = args.export(&app, id).await?;
        print(&format!("{}\n", serde_json::to_string_pretty(&document)?))?;
        Ok(app.db.close().await?)
    }
}

impl Args {
    fn contact_id(&self) -> anyhow::Result<ContactId> {
        let of_api = graphql::record(&self.id).filter(|(kind, _)| *kind == Kind::Contact);
        let id = of_api.map(|(_, id)| id).or_else(|| self.id.parse().ok());
        let wrong = || Misuse(format!("id: `{}` is not the id of a contact", self.id));
        Ok(id.map(ContactId).ok_or_else(wrong)?)
    }

    async fn export(&self, app: &App, id: ContactId) -> anyhow::Result<Export> {
        let workspace = workspace::find(app, &self.workspace).await?;
        let actor = Actor::setup(workspace.id, workspace.clock_offset());
        let exported = async {
            let tx = app.begin(&actor).await?;
            let document = export::export(&tx, id).await?;
            app.commit(tx).await?;
            Ok(document)
        };
        exported.await.map_err(in_words)
    }
}
