//! What the demo's customers stand on: people and teams, contact roles, metrics, surveys and
//! journey templates.

use std::collections::HashMap;

use anyhow::{Context, Result};
use jornada_domain::auth::team::{self, NewTeam, member};
use jornada_domain::auth::user::{self, NewUser};
use jornada_domain::feedback::survey::{self, NewSurvey};
use jornada_domain::id::{JourneyTemplateId, MetricId, OptionId, SurveyId, UserId};
use jornada_domain::journeys::selection::{self, NewRule};
use jornada_domain::journeys::stage_template::StartAnchor;
use jornada_domain::journeys::template;
use jornada_domain::metrics::metric::{self, NewMetric};
use jornada_domain::options::option::{self, NewOption};
use jornada_domain::options::set;
use jornada_domain::{Code, Cx, Tx};

use super::story::Story;
use crate::import::options::Options;

/// The template that the ground is recognised by: it is laid in one transaction.
const LAST_TEMPLATE: &str = "renovacao";
const TEMPLATES: [&str; 4] = ["centrics", "1doc", "crescimento", LAST_TEMPLATE];

/// The ids of what stands there, by key or e-mail address.
#[derive(Debug, Default)]
pub(super) struct Ground {
    pub(super) users: HashMap<String, UserId>,
    pub(super) templates: HashMap<String, JourneyTemplateId>,
    pub(super) metrics: HashMap<String, MetricId>,
    pub(super) surveys: HashMap<String, SurveyId>,
    pub(super) contact_roles: HashMap<String, OptionId>,
    /// The account roles of the CSM and of who leads the onboarding, by key.
    pub(super) account_roles: HashMap<String, OptionId>,
}

/// Whether there is nothing left to lay.
pub(super) async fn is_laid(cx: &Cx<'_>) -> Result<bool> {
    match template::by_key(cx, LAST_TEMPLATE).await {
        Err(error) if error.has(Code::NotFound) => Ok(false),
        found => Ok(found.map(|_| true)?),
    }
}

/// Lays the ground in a workspace that has only its owner.
pub(super) async fn lay(tx: &Tx<'_>, story: &Story) -> Result<()> {
    lay_people(tx, story).await?;
    let roles = set::by_key(tx, set::CONTACT_ROLE).await?;
    for role in &story.contact_roles {
        let (key, label) = (role.key.clone(), role.label.clone());
        option::create(tx, NewOption { set_id: roles.id, key, label }).await?;
    }
    for metric in &story.metrics {
        let new = NewMetric {
            key: metric.key.clone(),
            name: metric.name.clone(),
            unit: metric.unit.clone(),
            grain: metric.grain,
            aggregation: metric.aggregation,
            direction: metric.direction,
            freshness_days: metric.freshness_days,
        };
        metric::create(tx, new).await?;
    }
    for survey in &story.surveys {
        let new = NewSurvey {
            key: survey.key.clone(),
            name: survey.name.clone(),
            question: survey.question.clone(),
            method: survey.method,
            purpose: survey.purpose,
        };
        survey::create(tx, new).await?;
    }
    super::health::lay_attributes(tx).await?;
    super::template::publish_all(tx).await?;
    lay_rules(tx, story).await
}

async fn lay_rules(tx: &Tx<'_>, story: &Story) -> Result<()> {
    let mut options = Options::load(tx).await?;
    for (rule, position) in story.selection_rules.iter().zip(0..) {
        let (mut market_segment_ids, mut package_ids) = (Vec::new(), Vec::new());
        for (set, labels, ids) in [
            (set::MARKET_SEGMENT, &rule.segments, &mut market_segment_ids),
            (set::PACKAGE, &rule.packages, &mut package_ids),
        ] {
            for label in labels {
                ids.push(options.find_or_create(tx, set, label).await?);
            }
        }
        let new = NewRule {
            template_id: template::by_key(tx, &rule.template).await?.id,
            name: rule.name.clone(),
            position,
            statuses: rule.statuses.clone(),
            market_segment_ids,
            package_ids,
            attributes: Vec::new(),
            anchor: rule.days_before_end.map(|_| StartAnchor::SubscriptionEnd),
            days_before: rule.days_before_end.unwrap_or_default(),
        };
        selection::create(tx, new).await?;
    }
    Ok(())
}

async fn lay_people(tx: &Tx<'_>, story: &Story) -> Result<()> {
    let mut ids = HashMap::new();
    for person in &story.users {
        let (email, name) = (person.email.clone(), person.name.clone());
        let new = NewUser { email, name, role: person.role, locale: None };
        ids.insert(person.email.as_str(), user::create(tx, new).await?.id);
    }
    for story in &story.teams {
        let (name, purpose) = (story.name.clone(), story.purpose);
        let team = team::create(tx, NewTeam { name, purpose }).await?;
        for email in &story.members {
            let id = ids.get(email.as_str()).with_context(|| format!("no user {email}"))?;
            member::add(tx, team.id, *id).await?;
        }
    }
    Ok(())
}

impl Ground {
    /// Finds what was laid.
    pub(super) async fn read(cx: &Cx<'_>, story: &Story) -> Result<Self> {
        let mut ground = Self::default();
        for person in &story.users {
            let id = user::by_email(cx, &person.email).await?.id;
            ground.users.insert(person.email.clone(), id);
        }
        for key in TEMPLATES {
            let row = template::by_key(cx, key).await?;
            ground.templates.insert(key.to_owned(), row.id);
        }
        for metric in &story.metrics {
            let row = metric::by_key(cx, &metric.key).await?;
            ground.metrics.insert(row.key, row.id);
        }
        for survey in &story.surveys {
            let row = survey::by_key(cx, &survey.key).await?;
            ground.surveys.insert(row.key, row.id);
        }
        let options = Options::load(cx).await?;
        for role in &story.contact_roles {
            let id = options.id_of(set::CONTACT_ROLE, &role.key).context("a role is missing")?;
            ground.contact_roles.insert(role.key.clone(), id);
        }
        for role in [option::CSM, option::ONBOARDING] {
            let id = options.id_of(set::ACCOUNT_ROLE, role).context("a role is missing")?;
            ground.account_roles.insert(role.to_owned(), id);
        }
        Ok(ground)
    }

    /// The id behind a key.
    pub(super) fn id<T: Copy>(ids: &HashMap<String, T>, key: &str) -> Result<T> {
        ids.get(key).copied().with_context(|| format!("the demo has no {key}"))
    }
}
