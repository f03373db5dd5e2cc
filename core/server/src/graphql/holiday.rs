//! Holidays.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use jornada_domain::error::Result;
use jornada_domain::id::HolidayId;
use jornada_domain::workspace::holiday;

use super::connection::{Connection, Paging};
use super::id::{self, GlobalId};
use super::loader::load_by_id;
use super::request::{Answer, list, payload, write};
use super::scalar::Date;

/// A day on which nobody works: business days pass over it.
#[derive(SimpleObject)]
pub(super) struct Holiday {
    pub id: GlobalId<HolidayId>,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    /// The day.
    on_date: Date,
    /// What it is called.
    name: String,
}

impl From<holiday::Model> for Holiday {
    fn from(row: holiday::Model) -> Self {
        let holiday::Model { workspace_id: _, id, version, created_at, updated_at, on_date, name } =
            row;
        Self { id: GlobalId(id), version, created_at, updated_at, on_date: on_date.into(), name }
    }
}

load_by_id!(HolidayId => holiday::Model, holiday::many);

#[derive(Default)]
pub(super) struct HolidayQuery;

#[Object]
impl HolidayQuery {
    /// The holidays of the workspace, earliest first.
    async fn holidays(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Answer<Connection<Holiday>> {
        let paging = Paging { first, after, last, before };
        list(ctx, paging, async |cx, page| holiday::list(cx, page).await).await
    }
}

#[derive(Default)]
pub(super) struct HolidayMutation;

#[Object]
impl HolidayMutation {
    /// Adds a holiday. Due dates that were given out stay as they are.
    async fn holiday_create(
        &self,
        ctx: &Context<'_>,
        input: HolidayCreateInput,
    ) -> Result<HolidayCreatePayload> {
        write(ctx, async |tx| holiday::create(tx, input.on_date.0, &input.name).await).await
    }

    /// Removes a holiday. Due dates that were given out stay as they are.
    async fn holiday_delete(
        &self,
        ctx: &Context<'_>,
        input: HolidayDeleteInput,
    ) -> Result<HolidayDeletePayload> {
        write(ctx, async |tx| {
            holiday::delete(tx, id::parse("id", &input.id)?).await?;
            Ok(input.id.clone())
        })
        .await
    }
}

/// A holiday to be added.
#[derive(InputObject)]
pub(super) struct HolidayCreateInput {
    /// The day; a workspace has one holiday on a day.
    on_date: Date,
    /// What it is called: 1 to 200 characters.
    name: String,
}

/// A holiday to be removed.
#[derive(InputObject)]
pub(super) struct HolidayDeleteInput {
    id: ID,
}

payload! {
    /// What came of adding a holiday.
    HolidayCreatePayload {
        /// The holiday.
        holiday: Holiday,
    }
}

payload! {
    /// What came of removing a holiday.
    HolidayDeletePayload {
        /// The id of what is gone.
        deleted_id: ID,
    }
}
