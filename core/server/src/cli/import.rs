//! `jornada import`: what other systems have, as often as one likes.

mod file;
mod metrics;

use std::convert::identity;

use anyhow::bail;
use clap::{Subcommand, ValueEnum};
use jornada_domain::journeys::start;

use self::file::FileArgs;
use super::{open, print};
use crate::app::App;
use crate::config::Config;
use crate::import::accounts::{self, Accounts};
use crate::import::assignments::{self, Assignments};
use crate::import::contacts::{self, Contacts};
use crate::import::field::{Field, table};
use crate::import::interactions::{self, Interactions};
use crate::import::points::{self, Points};
use crate::import::responses::{self, Responses};
use crate::import::subscriptions::{self, Subscriptions};
use crate::import::words;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Create and update accounts from a CSV file, with segment, package, CSM, parent, attributes,
    /// subscription and place in a journey
    Accounts(AccountArgs),
    /// Create and update contacts from a CSV file, with roles and attributes
    Contacts(FileArgs),
    /// Say from a CSV file who looks after which account, and who did
    Assignments(FileArgs),
    /// Create and update subscriptions from a CSV file, with attributes
    Subscriptions(FileArgs),
    /// Create and update interactions of the past from a CSV file
    Interactions(FileArgs),
    /// Add survey responses of the past from a CSV file
    Responses(FileArgs),
    /// Record points of metrics, from a CSV file or by the million from a file of lines of JSON
    ///
    /// A file whose name ends in .csv, .tsv or .txt is a table like those of the other kinds. Any
    /// other has one JSON object a line, plain or as gzip: {"metric": "logins", "account":
    /// {"system": "crm", "externalId": "42"}, "period": "2026-01-31", "value": 12}
    Metrics(metrics::Metrics),
    /// Show the columns and the words that files can have, in English and Portuguese
    Columns,
}

#[derive(Debug, clap::Args)]
pub(super) struct AccountArgs {
    #[command(flatten)]
    file: FileArgs,
    /// Whether new accounts of which no journey is said get the one that the selection rules say
    #[arg(long, value_enum, default_value_t = JourneyStart::None)]
    journey_start: JourneyStart,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum JourneyStart {
    Auto,
    None,
}

impl Command {
    pub(super) async fn run(self, config: &Config) -> anyhow::Result<()> {
        if matches!(self, Self::Columns) {
            return print(&columns());
        }
        self.check()?;
        let app = open(config).await?;
        self.import(&app).await?;
        Ok(app.db.close().await?)
    }

    /// What is wrong before anything is opened.
    fn check(&self) -> anyhow::Result<()> {
        match self {
            Self::Accounts(args) => args.file.check(),
            Self::Metrics(args) => args.check(),
            Self::Contacts(args)
            | Self::Assignments(args)
            | Self::Subscriptions(args)
            | Self::Interactions(args)
            | Self::Responses(args) => args.check(),
            Self::Columns => Ok(()),
        }
    }

    async fn import(self, app: &App) -> anyhow::Result<()> {
        match self {
            Self::Accounts(args) => {
                let start = match args.journey_start {
                    JourneyStart::Auto => start::JourneyStart::Auto,
                    JourneyStart::None => start::JourneyStart::None,
                };
                let how = format!("{:?}", args.journey_start);
                args.file.run(app, &how, |accounts: Accounts| accounts.starting(start)).await
            }
            Self::Contacts(args) => args.run::<Contacts>(app, "", identity).await,
            Self::Assignments(args) => args.run::<Assignments>(app, "", identity).await,
            Self::Subscriptions(args) => args.run::<Subscriptions>(app, "", identity).await,
            Self::Interactions(args) => args.run::<Interactions>(app, "", identity).await,
            Self::Responses(args) => args.run::<Responses>(app, "", identity).await,
            Self::Metrics(args) if args.is_table() => {
                args.into_file().run::<Points>(app, "", identity).await
            }
            Self::Metrics(args) => args.run(app).await,
            Self::Columns => Ok(()),
        }
    }
}

/// Fails where some of the rows or lines of a file were rejected, and says what became of the rest.
fn require_all(
    file: &str,
    of: &str,
    (landed, rejected): (i64, i64),
    is_dry_run: bool,
) -> anyhow::Result<()> {
    let all = landed + rejected;
    let done = if is_dry_run { "can be imported" } else { "are imported" };
    match rejected {
        0 => Ok(()),
        _ => bail!("{file}: {rejected} of {all} {of} rejected; the other {landed} {done}"),
    }
}

/// The columns of each kind of file, and the words that cells can hold, in Markdown.
fn columns() -> String {
    let kinds: [(&str, &[Field], &str); 7] = [
        ("Accounts", accounts::fields::ALL, ATTRIBUTES),
        ("Contacts", contacts::fields::ALL, ATTRIBUTES),
        ("Assignments", assignments::fields::ALL, ""),
        ("Subscriptions", subscriptions::fields::ALL, ATTRIBUTES),
        ("Interactions", interactions::fields::ALL, ""),
        ("Responses", responses::fields::ALL, ""),
        ("Metrics", points::fields::ALL, METRICS),
    ];
    let mut text = String::new();
    for (name, fields, open) in kinds {
        text.push_str(&format!("## {name}\n\n{}{open}\n", table(fields)));
    }
    text.push_str("## Words\n\n");
    text.push_str(&words::line("status", &words::STATUSES));
    text.push_str(&words::line("channel, preferred_channel", &words::CHANNELS));
    text.push_str(&words::line("interval, subscription_interval", &words::INTERVALS));
    text.push_str(&words::line("sentiment", &words::SENTIMENTS));
    text.push_str(&words::line("is_primary, has_opted_out", &words::YES_OR_NO));
    text.push_str(&words::line("journey_next_task", &words::ALL_DONE));
    text
}

const ATTRIBUTES: &str =
    "| `attribute.KEY` | `attribute:KEY` | The value of the attribute with this key. |\n";
const METRICS: &str =
    "| `metric.KEY` | `metric:KEY` | The value of the metric with this key, a number. |\n";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::field::normal;

    #[test]
    fn the_columns_are_documented_as_they_are() {
        let documented = include_str!("../../../../examples/data/columns.md");
        let columns = columns();
        assert!(documented.ends_with(&columns), "put into examples/data/columns.md:\n{columns}");
    }

    #[test]
    fn no_two_fields_of_a_kind_share_a_header() {
        let kinds = [
            accounts::fields::ALL,
            contacts::fields::ALL,
            assignments::fields::ALL,
            subscriptions::fields::ALL,
            interactions::fields::ALL,
            responses::fields::ALL,
            points::fields::ALL,
        ];
        for fields in kinds {
            let mut all: Vec<_> = fields.iter().map(|field| field.name).collect();
            all.extend(fields.iter().flat_map(|field| field.synonyms));
            assert!(all.iter().all(|header| normal(header) == *header));
            let count = all.len();
            all.sort_unstable();
            all.dedup();
            assert_eq!(all.len(), count);
        }
    }
}
