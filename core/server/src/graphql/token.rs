//! Tokens: the credentials of users. The secret shows once, when a token is given out.

use async_graphql::{ComplexObject, Context, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use jornada_domain::auth::token::{self, NewToken};
use jornada_domain::error::{Error, Result};
use jornada_domain::id::{ApiTokenId, Kind, UserId};
use jornada_domain::{Cx, Tx};
use sea_orm::DbErr;

use super::connection::{Connection, Paging};
use super::id::{self, GlobalId};
use super::loader::{load_by_id, one};
use super::request::{Answer, list, payload, read, write};
use super::user::User;
use crate::secret::Secret;

/// A credential of a user. Its times are of the real clock, also in a sandbox.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct ApiToken {
    pub id: GlobalId<ApiTokenId>,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    /// What it is for.
    name: String,
    /// The rights that it is restricted to, as `accounts:read`; none for all those of its user.
    scopes: Vec<String>,
    /// When it ends to be valid; null for never.
    expires_at: Option<DateTime<Utc>>,
    /// When it was last used, to the hour.
    last_used_at: Option<DateTime<Utc>>,
    /// When it was revoked; null while it has not been.
    revoked_at: Option<DateTime<Utc>>,
    #[graphql(skip)]
    user_id: UserId,
}

#[ComplexObject]
impl ApiToken {
    /// Whose it is.
    async fn user(&self, ctx: &Context<'_>) -> Answer<User> {
        one(ctx, Some(self.user_id)).await
    }
}

impl From<token::Model> for ApiToken {
    fn from(row: token::Model) -> Self {
        let token::Model {
            workspace_id: _,
            id,
            version,
            created_at,
            updated_at,
            user_id,
            name,
            digest: _,
            scopes,
            expires_at,
            last_used_at,
            revoked_at,
        } = row;
        let scopes = scopes.as_array().map_or(&[][..], Vec::as_slice).iter();
        Self {
            id: GlobalId(id),
            version,
            created_at,
            updated_at,
            name,
            scopes: scopes.filter_map(|scope| scope.as_str()).map(str::to_owned).collect(),
            expires_at,
            last_used_at,
            revoked_at,
            user_id,
        }
    }
}

load_by_id!(ApiTokenId => token::Model, token::many);

#[derive(Default)]
pub(super) struct TokenQuery;

#[Object]
impl TokenQuery {
    /// One token.
    async fn api_token(&self, ctx: &Context<'_>, id: ID) -> Answer<ApiToken> {
        read(ctx, async |cx| token::find(cx, id::parse("id", &id)?).await).await
    }

    /// The tokens of a user, newest first, revoked and expired ones too.
    async fn api_tokens(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose tokens; your own unless said.")] user_id: Option<ID>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Answer<Connection<ApiToken>> {
        let paging = Paging { first, after, last, before };
        list(ctx, paging, async |cx, page| {
            token::list(cx, whose(cx, user_id.as_ref())?, page).await
        })
        .await
    }
}

/// The user that is named, or else the one who asks.
fn whose(cx: &Cx<'_>, user_id: Option<&ID>) -> Result<UserId> {
    let named = id::parse_some("userId", user_id)?;
    named.or(cx.actor.user_id).ok_or_else(|| Error::not_found("userId", Kind::User))
}

#[derive(Default)]
pub(super) struct TokenMutation;

#[Object]
impl TokenMutation {
    /// Gives out a token. Nobody can give out more than they may do themselves.
    async fn api_token_create(
        &self,
        ctx: &Context<'_>,
        input: ApiTokenCreateInput,
    ) -> Result<ApiTokenCreatePayload> {
        write(ctx, async move |tx| give_out(tx, input).await).await
    }

    /// Revokes a token; one that is revoked already stays so.
    async fn api_token_revoke(
        &self,
        ctx: &Context<'_>,
        input: ApiTokenRevokeInput,
    ) -> Result<ApiTokenRevokePayload> {
        write(ctx, async |tx| token::revoke(tx, id::parse("id", &input.id)?).await).await
    }
}

async fn give_out(tx: &Tx<'_>, input: ApiTokenCreateInput) -> Result<(ApiToken, String)> {
    let ApiTokenCreateInput { user_id, name, scopes, expires_at } = input;
    let user_id = whose(tx, user_id.as_ref())?;
    let secret = Secret::random().map_err(|error| DbErr::Custom(error.to_string()))?;
    let digest = secret.digest();
    let row = token::create(tx, NewToken { user_id, name, scopes, expires_at, digest }).await?;
    let token = secret.token(tx.workspace_id(), row.id);
    Ok((row.into(), token))
}

/// A token to be given out.
#[derive(InputObject)]
pub(super) struct ApiTokenCreateInput {
    /// Whose it is to be; your own unless said.
    user_id: Option<ID>,
    /// What it is for: 1 to 200 characters.
    name: String,
    /// The rights to restrict it to, as `accounts:read`; none for all those of its user.
    #[graphql(default)]
    scopes: Vec<String>,
    /// When it ends to be valid, by the real clock; never unless said.
    expires_at: Option<DateTime<Utc>>,
}

/// A token to be revoked.
#[derive(InputObject)]
pub(super) struct ApiTokenRevokeInput {
    id: ID,
}

payload! {
    /// What came of giving out a token.
    ApiTokenCreatePayload {
        /// The token.
        api_token: ApiToken,
        /// What to send as `Authorization: Bearer …`. It can never be seen again.
        secret: String,
    }
}

payload! {
    /// What came of revoking a token.
    ApiTokenRevokePayload {
        /// The token as it is now.
        api_token: ApiToken,
    }
}
