//! From the bearer token of a request to an actor.

use std::sync::Arc;

use axum::http::{HeaderMap, header};
use chrono::{DateTime, Utc};
use jornada_domain::Result;
use jornada_domain::auth::token::{self, Credential};
use jornada_domain::auth::{Access, Actor, Area, Origin};
use jornada_domain::workspace::Locale;

use super::refusal::Refusal;
use crate::app::App;
use crate::secret::Presented;

/// Who a request comes from.
pub(super) struct Visitor {
    pub(super) actor: Arc<Actor>,
    pub(super) locale: Locale,
}

/// The visitor whom the token of a request names.
pub(super) async fn visitor(app: &App, headers: &HeaderMap) -> Result<Visitor, Refusal> {
    let bearer = bearer(headers);
    let refusal =
        Refusal::Unauthenticated { presented: bearer.is_some(), locale: language(headers) };
    let Some(presented) = bearer.and_then(Presented::parse) else {
        return Err(refusal);
    };
    let now = app.clock.now();
    match recognise(app, &presented, now).await {
        Ok(Some((actor, credential))) => {
            let locale = credential.user.locale.unwrap_or(credential.workspace.locale);
            Ok(Visitor { actor: Arc::new(by_origin(actor, headers)?), locale })
        }
        Ok(None) => Err(refusal),
        Err(error) => {
            tracing::error!(%error, "a token could not be checked");
            Err(Refusal::Internal)
        }
    }
}

async fn recognise(
    app: &App,
    presented: &Presented,
    now: DateTime<Utc>,
) -> Result<Option<(Actor, Credential)>> {
    let (workspace_id, token_id) = (presented.workspace_id, presented.token_id);
    let credential = token::by_id(app.db.read(), workspace_id, token_id).await?;
    let credential = credential.filter(|found| presented.secret.matches(&found.token.digest));
    let Some(credential) = credential else {
        return Ok(None);
    };
    let Some(actor) = credential.actor(now) else {
        return Ok(None);
    };
    if credential.is_use_unnoted(now) {
        token::note_use(app.db.write(), &credential.token, now).await?;
    }
    Ok(Some((actor, credential)))
}

/// The header by which a request says that what it writes are facts of the past (rule 9).
const ORIGIN: &str = "jornada-origin";

/// The actor, whose changes come in as the request says. To rewrite the past takes the right to
/// change the workspace.
fn by_origin(actor: Actor, headers: &HeaderMap) -> Result<Actor, Refusal> {
    let Some(origin) = headers.get(ORIGIN) else { return Ok(actor) };
    if !origin.as_bytes().eq_ignore_ascii_case(b"BACKFILL") {
        return Err(Refusal::Origin);
    }
    let may = actor.scopes.allows(Area::Workspace, Access::Write);
    if may { Ok(actor.by_way_of(Origin::Backfill)) } else { Err(Refusal::Forbidden) }
}

/// The name of the scheme is written in any case.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The language for somebody who is not known yet.
fn language(headers: &HeaderMap) -> Locale {
    let wanted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    match wanted {
        Some(tags) if tags.to_lowercase().starts_with("pt") => Locale::PtBr,
        _ => Locale::En,
    }
}
