//! What every file of a noun uses.

pub(crate) use chrono::{DateTime, NaiveDate, Utc};
pub(crate) use sea_orm::ActiveValue::Set;
pub(crate) use sea_orm::entity::prelude::*;
pub(crate) use sea_orm::sea_query::{Alias, Condition, Query};
pub(crate) use sea_orm::{
    FromQueryResult, Order as Direction, QueryFilter, QueryOrder, QuerySelect, Select,
};

pub(crate) use crate::auth::{Access, Area};
pub(crate) use crate::cx::{Cx, Tx};
pub(crate) use crate::error::{Code, Error, Problem, Result};
pub(crate) use crate::event::Fact;
pub(crate) use crate::id::*;
pub(crate) use crate::input::Checks;
pub(crate) use crate::page::{Order, Page, PageArgs, page, page_each};
pub(crate) use crate::store::Told;
pub(crate) use crate::{noun, store};
